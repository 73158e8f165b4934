#include "evaluate/causes.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/absences.h"
#include "evaluate/exclusion_reach.h"
#include "evaluate/interference.h"
#include "evaluate/maintenance_reach.h"
#include "evaluate/proposals.h"

/* Sets side by side that live as long as the list. */
struct cause_rooms {
    struct cause_rooms *next;
    uint32_t count;
    struct span_set sets[];
};

void cause_list_fini(struct cause_list *list)
{
    while (list->rooms != NULL) {
        struct cause_rooms *rooms = list->rooms;
        list->rooms = rooms->next;
        for (uint32_t i = 0; i < rooms->count; i++) {
            span_set_fini(&rooms->sets[i]);
        }
        free(rooms);
    }
    free(list->causes);
    *list = (struct cause_list){0};
}

static struct span_set *rooms_of(struct cause_list *list, uint32_t count)
{
    struct cause_rooms *rooms = calloc(1, sizeof(*rooms) + count * sizeof(struct span_set));
    assert(rooms != NULL);
    rooms->next = list->rooms;
    rooms->count = count;
    list->rooms = rooms;
    return rooms->sets;
}

static struct span_set *room_of(struct cause_list *list)
{
    return rooms_of(list, 1);
}

static struct cause *add(struct cause_list *list, const struct finding *finding,
                         const struct span_set *within)
{
    if (list->count == list->size) {
        list->size = list->size == 0 ? 64 : list->size * 2;
        list->causes = realloc(list->causes, list->size * sizeof(*list->causes));
        assert(list->causes != NULL);
    }
    struct cause *cause = &list->causes[list->count++];
    *cause = (struct cause){.finding = *finding, .within = within};
    return cause;
}

static int compare(const void *left, const void *right)
{
    const struct finding *a = &((const struct cause *)left)->finding;
    const struct finding *b = &((const struct cause *)right)->finding;
    if (a->span.start_ns != b->span.start_ns) {
        return a->span.start_ns < b->span.start_ns ? -1 : 1;
    }
    if (a->has_position && b->has_position && a->position != b->position) {
        return a->position < b->position ? -1 : 1;
    }
    int order = text_compare(a->id, b->id);
    return order != 0 ? order : text_compare(a->service, b->service);
}

static void sort_from(struct cause_list *list, uint32_t first)
{
    if (list->count - first > 1) {
        qsort(list->causes + first, list->count - first, sizeof(*list->causes), compare);
    }
}

/* What one building reads. */
struct building {
    struct cause_list *list;
    struct evaluator *evaluator;
    const struct timeline *timeline;
    struct timeline_sources sources;
    enum finding_sum sum;
    enum service_state state; /* of the states that are looked for */
    bool declared_only;
};

static struct building begin(struct cause_list *list, struct evaluator *evaluator, uint32_t index,
                             enum finding_sum sum)
{
    struct building building = {
        .list = list,
        .evaluator = evaluator,
        .timeline = &evaluator->timelines[index],
        .sum = sum,
    };
    resident_sources(evaluator, &evaluator->residents[evaluator->resident_of[index]],
                     &building.sources);
    return building;
}

static struct text name_of(const struct building *building, uint32_t name)
{
    return name == NAME_NONE ? TEXT_NONE : name_text(building->evaluator->settings.names, name);
}

static struct text text_or_none(const char *string)
{
    return string == NULL ? TEXT_NONE : text_from(string);
}

/* States */

struct state_walk {
    const struct building *building;
    const struct state_line *line;
    const struct span_set *within;
    struct cause *last; /* of this line; several events may say the same, one after the other */
};

static const char *state_reason(const struct state_stretch *stretch)
{
    if (stretch->state == SERVICE_STATE_DOWN) {
        return "state down";
    }
    switch (stretch->reason) {
    case STRETCH_SAID:
        return "state unknown";
    case STRETCH_BEFORE:
        return "no state known before";
    case STRETCH_LOST:
        return "the next event says that nobody knows";
    case STRETCH_STALE:
        return "the last state is stale";
    }
    unreachable("reason");
}

static bool is_wanted(const struct building *building, const struct state_stretch *stretch)
{
    bool down = stretch->state == SERVICE_STATE_DOWN;
    bool up = stretch->state == SERVICE_STATE_UP;
    bool declared = stretch->state == SERVICE_STATE_UNKNOWN;
    return building->state == SERVICE_STATE_DOWN
               ? down
               : !down && !up && (declared || !building->declared_only);
}

static void take_stretch(void *context, const struct state_stretch *stretch)
{
    struct state_walk *walk = context;
    const struct building *building = walk->building;
    if (!is_wanted(building, stretch) || span_length(stretch->span) == 0) {
        return;
    }
    struct text name = name_of(building, walk->line->service);
    const struct finding finding = {
        .type = FINDING_STATE,
        .sum = building->sum,
        .span = stretch->span,
        .has_position = true,
        .position = stretch->position,
        .severity = building->state == SERVICE_STATE_DOWN ? SEVERITY_CRITICAL : SEVERITY_NONE,
        .service = walk->line->of_component ? TEXT_NONE : name,
        .component = walk->line->of_component ? name : TEXT_NONE,
        .reason = text_from(state_reason(stretch)),
    };
    if (walk->last != NULL && walk->last->finding.span.end_ns == stretch->span.start_ns &&
        walk->last->finding.reason.bytes == finding.reason.bytes) {
        walk->last->finding.span.end_ns = stretch->span.end_ns;
    } else {
        walk->last = add(building->list, &finding, walk->within);
    }
}

static bool serves(const struct timeline_sources *sources, uint32_t service)
{
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (service != NAME_NONE && sources->services[i] == service) {
            return true;
        }
    }
    return false;
}

/* within: per component of the set; NULL: components are of no matter. */
static void add_states(const struct building *building, enum service_state state,
                       const struct span_set *within)
{
    struct building wanted = *building;
    const struct timeline_sources *sources = &building->sources;
    wanted.state = state;
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        struct state_walk walk = {.building = &wanted, .line = line};
        bool known = !line->of_component && serves(sources, line->service);
        for (uint32_t j = 0; line->of_component && within != NULL && j < sources->component_count;
             j++) {
            if (sources->needed[j] && sources->component_names[j] == line->service) {
                walk.within = &within[j];
                known = true;
            }
        }
        if (known && timeline_concerns(sources, line->customer)) {
            state_line_walk(line, sources->current_at_ns, take_stretch, &walk);
        }
    }
}

/* Incidents */

static const struct span_set *reach_of(const struct building *building,
                                       const struct incident *incident)
{
    for (uint32_t i = 0; i < building->sources.service_count; i++) {
        if (incident_names_service(incident, building->sources.services[i])) {
            return NULL;
        }
    }
    struct span_set *reach = room_of(building->list);
    interference_of_incident(building->timeline, &building->sources, incident, reach);
    return reach;
}

static bool names_any(const struct timeline_sources *sources, const struct incident *incident)
{
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (incident_names_service(incident, sources->services[i])) {
            return true;
        }
    }
    return interference_possible(sources, incident);
}

static void add_incident(const struct building *building, const struct incident *incident)
{
    const struct span_set *within = reach_of(building, incident);
    struct finding finding = {
        .type = FINDING_INCIDENT,
        .sum = building->sum,
        .has_position = true,
        .position = incident->position,
        .severity = incident->severity,
        .id = name_of(building, incident->id),
        .component = within != NULL && incident->component_count != 0
                         ? name_of(building, incident->components[0])
                         : TEXT_NONE,
        .reason = incident->title == NULL ? text_from("incident") : text_from(incident->title),
    };
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        finding.span = (struct span){interval->actual_from_ns, interval->span.end_ns};
        if (span_length(finding.span) != 0) {
            add(building->list, &finding, within);
        }
    }
}

static void add_incidents(const struct building *building, enum severity severity)
{
    const struct timeline_sources *sources = &building->sources;
    for (uint32_t i = 0; i < sources->incidents->count; i++) {
        const struct incident *incident = &sources->incidents->incidents[i];
        if (!incident->cancelled && incident->severity >= severity &&
            timeline_concerns(sources, incident->customer) && names_any(sources, incident)) {
            add_incident(building, incident);
        }
    }
}

static void add_missed(const struct building *building)
{
    for (uint32_t i = 0; i < building->sources.missed_count; i++) {
        const struct missed_delivery *missed = &building->sources.missed[i];
        const struct finding finding = {
            .type = FINDING_INCIDENT,
            .sum = building->sum,
            .span = missed->span,
            .severity = SEVERITY_MAJOR,
            .id = text_from(missed->request->name),
            .reason = text_from("a scheduled delivery did not come in time"),
        };
        if (span_length(missed->span) != 0) {
            add(building->list, &finding, NULL);
        }
    }
}

void causes_of_bad(struct cause_list *list, struct evaluator *evaluator, uint32_t index)
{
    uint32_t first = list->count;
    struct building building = begin(list, evaluator, index, FINDING_SUM_BAD);
    add_incidents(&building, evaluator->series[index].objective->severity);
    add_states(&building, SERVICE_STATE_DOWN, building.timeline->interference);
    if (evaluator->series[index].objective->severity <= SEVERITY_MAJOR) {
        add_missed(&building);
    }
    sort_from(list, first);
}

/* What is left out */

static void add_entry(const struct building *building, const struct maintenance_entry *entry,
                      const struct resident *resident, uint32_t service, struct span window,
                      const struct span_set *within, bool by_component)
{
    bool is_event = entry->document == NULL;
    struct text component = !by_component ? TEXT_NONE
                            : is_event    ? name_of(building, entry->components[0])
                                          : text_from(entry->document->components[0]);
    struct finding finding = {
        .type = FINDING_MAINTENANCE,
        .sum = building->sum,
        .has_position = is_event,
        .position = is_event ? entry->position : 0,
        .id = is_event ? name_of(building, entry->id) : text_from(entry->document->id),
        .service = text_from(resident->agreement->services[service]),
        .component = component,
        .reason = text_or_none(is_event ? entry->reason : entry->document->reason),
        .author = text_or_none(is_event ? entry->author : entry->document->author),
    };
    for (uint32_t i = 0; i < entry->start_count; i++) {
        finding.span = (struct span){entry->starts[i], entry->starts[i] + entry->length_ns};
        if (span_length(span_intersect(finding.span, window)) > 0) {
            add(building->list, &finding, within);
        }
    }
}

/* Only the time in which the work on components makes the requirement fail. */
static void add_reach(const struct building *building, const struct maintenance_entry *entry,
                      const struct resident *resident, uint32_t service, struct span window,
                      const struct span_set *within)
{
    struct span_set *reach = room_of(building->list);
    struct span_set *counted = room_of(building->list);
    maintenance_reach_of(&building->sources, &building->evaluator->maintenances, entry, service,
                         reach);
    span_set_intersect(counted, reach, within);
    if (reach->count != 0) {
        add_entry(building, entry, resident, service, window, counted, true);
    }
}

/* Where maintenance is not removed it leaves nothing out: then it is told with a share of 0. */
static void add_maintenance(const struct building *building, const struct resident *resident,
                            struct span window)
{
    const struct maintenance_register *list = &building->evaluator->maintenances;
    const struct timeline_sources *sources = &building->sources;
    bool removed = resident->agreement->maintenance == MAINTENANCE_REMOVED;
    const struct span_set *nothing = room_of(building->list);
    for (uint32_t i = 0; i < list->count; i++) {
        for (uint32_t j = 0; j < sources->service_count; j++) {
            const struct span_set *within = removed ? &resident->masks[j] : nothing;
            if (maintenance_concerns(&list->entries[i], sources->services[j],
                                     resident->agreement->services[j], sources->has_customer,
                                     sources->customer)) {
                add_entry(building, &list->entries[i], resident, j, window, within, false);
            } else {
                add_reach(building, &list->entries[i], resident, j, window, within);
            }
        }
    }
}

static void add_exclusion(const struct building *building, const struct exclusion *entry,
                          uint32_t service)
{
    const struct timeline_sources *sources = &building->sources;
    struct span_set spans = {0};
    exclusion_add(entry, sources->incidents, sources->services[service], sources->has_customer,
                  sources->customer, &spans);
    exclusion_reach_of(sources, entry, service, &spans);
    struct finding finding = {
        .type = FINDING_EXCLUSION,
        .sum = building->sum,
        .has_position = true,
        .position = entry->state_said.position,
        .id = name_of(building, entry->id),
        .service = name_of(building, sources->services[service]),
        .incident = name_of(building, exclusion_incident(entry)),
        .reason = text_or_none(entry->reason),
        .author = text_or_none(entry->author),
    };
    for (uint32_t i = 0; i < spans.count; i++) {
        finding.span = spans.spans[i];
        add(building->list, &finding, NULL);
    }
    span_set_fini(&spans);
}

static void add_exclusions(const struct building *building)
{
    const struct exclusion_register *list = building->sources.exclusions;
    for (uint32_t i = 0; i < list->count; i++) {
        for (uint32_t j = 0; j < building->sources.service_count; j++) {
            add_exclusion(building, &list->entries[i], j);
        }
    }
}

/* Told, and of no weight until somebody decides. */
static void add_proposed(const struct building *building, const struct span_set *spans,
                         struct finding finding)
{
    const struct span_set *nothing = room_of(building->list);
    finding.type = FINDING_EXCLUSION;
    finding.sum = building->sum;
    finding.is_proposed = true;
    finding.reason = text_from("proposed: the component is the customer's");
    for (uint32_t i = 0; i < spans->count; i++) {
        finding.span = spans->spans[i];
        add(building->list, &finding, nothing);
    }
}

static void add_proposal_of(const struct building *building, const struct incident *incident,
                            struct span_set *spans)
{
    if (incident->cancelled || !timeline_concerns(&building->sources, incident->customer) ||
        !proposals_are_open(&building->sources, incident)) {
        return;
    }
    proposals_of_incident(building->timeline, &building->sources, incident, spans);
    add_proposed(
        building, spans,
        (struct finding){
            .has_position = true,
            .position = incident->position,
            .id = name_of(building, incident->id),
            .incident = name_of(building, incident->id),
            .component = spans->count == 0 ? TEXT_NONE : name_of(building, incident->components[0]),
        });
}

static void add_proposals(const struct building *building)
{
    const struct timeline_sources *sources = &building->sources;
    struct span_set spans = {0};
    for (uint32_t i = 0; sources->needed != NULL && i < sources->incidents->count; i++) {
        add_proposal_of(building, &sources->incidents->incidents[i], &spans);
    }
    for (uint32_t i = 0; i < sources->component_count; i++) {
        if (proposals_own(sources, i)) {
            proposals_of_states(building->timeline, sources, i, &spans);
            add_proposed(building, &spans,
                         (struct finding){.component = text_from(sources->components[i].name)});
        }
    }
    span_set_fini(&spans);
}

void causes_of_proposals(struct cause_list *list, struct evaluator *evaluator, uint32_t index)
{
    struct building building = begin(list, evaluator, index, FINDING_SUM_EXCLUDED);
    uint32_t first = list->count;
    add_proposals(&building);
    sort_from(list, first);
}

static void add_hours(const struct building *building, const struct agreement *agreement,
                      struct span window)
{
    struct span_set off = {0};
    if (agreement->hours != NULL && window.start_ns < window.end_ns) {
        hours_add_off(agreement->hours, agreement->zone, window, &off);
    }
    for (uint32_t i = 0; i < off.count; i++) {
        const struct finding finding = {
            .type = FINDING_HOURS,
            .sum = building->sum,
            .span = off.spans[i],
            .reason = text_from("outside the service hours"),
        };
        add(building->list, &finding, NULL);
    }
    span_set_fini(&off);
}

void causes_of_left_out(struct cause_list *list, struct evaluator *evaluator, uint32_t index,
                        struct span window)
{
    struct building building = begin(list, evaluator, index, FINDING_SUM_EXCLUDED);
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t first = list->count;
    add_maintenance(&building, resident, window);
    sort_from(list, first);
    first = list->count;
    add_exclusions(&building);
    sort_from(list, first);
    first = list->count;
    add_hours(&building, resident->agreement, window);
    sort_from(list, first);
}

/* What is unknown */

static void add_silence(const struct building *building, uint32_t service)
{
    const struct timeline_sources *sources = &building->sources;
    struct span_set silent = {0};
    timeline_silence(sources, service, &silent);
    for (uint32_t i = 0; i < silent.count; i++) {
        const struct finding finding = {
            .type = FINDING_SILENCE,
            .sum = building->sum,
            .span = silent.spans[i],
            .service = name_of(building, sources->services[service]),
            .reason = text_from("no sign where some are expected"),
        };
        add(building->list, &finding, NULL);
    }
    span_set_fini(&silent);
}

static void add_absences(const struct building *building)
{
    struct span_set absent = {0};
    absences_unknown(&building->sources, !building->declared_only, &absent);
    for (uint32_t i = 0; i < absent.count; i++) {
        const struct finding finding = {
            .type = FINDING_ENGINE_DOWN,
            .sum = building->sum,
            .span = absent.spans[i],
            .reason = text_from("the engine was not running"),
        };
        add(building->list, &finding, NULL);
    }
    span_set_fini(&absent);
}

void causes_of_unknown(struct cause_list *list, struct evaluator *evaluator, uint32_t index,
                       bool declared_only)
{
    struct building building = begin(list, evaluator, index, FINDING_SUM_UNKNOWN);
    const struct timeline_sources *sources = &building.sources;
    uint32_t first = list->count;
    struct span_set *doubts = NULL;
    building.declared_only = declared_only;
    if (!declared_only && sources->needed != NULL) {
        doubts = rooms_of(list, sources->component_count);
        interference_doubts(sources, evaluator->series[index].objective->severity, doubts);
    }
    add_states(&building, SERVICE_STATE_UNKNOWN, doubts);
    for (uint32_t i = 0; i < sources->service_count; i++) {
        add_silence(&building, i);
    }
    add_absences(&building);
    sort_from(list, first);
}

void causes_keep_within(struct cause_list *list, uint32_t first, const struct span_set *set,
                        struct span span)
{
    const struct span_set whole = {.spans = &span, .count = 1};
    struct span_set *inside = room_of(list);
    span_set_intersect(inside, set, &whole);
    for (uint32_t i = first; i < list->count; i++) {
        struct cause *cause = &list->causes[i];
        if (cause->within == NULL) {
            cause->within = inside;
        } else {
            struct span_set *room = room_of(list);
            span_set_intersect(room, cause->within, inside);
            cause->within = room;
        }
    }
}
