#include "domain/incident.h"

#include <stdlib.h>

#include "base/panic.h"

/* Room for one more element of an array that doubles. */
static void *grown(void *array, uint32_t count, uint32_t *size, size_t element)
{
    if (count < *size) {
        return array;
    }
    *size = *size == 0 ? 4 : *size * 2;
    char *bigger = realloc(array, *size * element);
    assert(bigger != NULL);
    memset(bigger + count * element, 0, (*size - count) * element);
    return bigger;
}

static void incident_fini(struct incident *incident)
{
    for (uint32_t i = 0; i < incident->event_count; i++) {
        free(incident->events[i].services);
        free(incident->events[i].components);
        free(incident->events[i].title);
    }
    free(incident->events);
    free(incident->intervals);
}

void incident_ledger_fini(struct incident_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->count; i++) {
        incident_fini(&ledger->incidents[i]);
    }
    free(ledger->incidents);
    free(ledger->slots);
    *ledger = (struct incident_ledger){0};
}

/* Names are small consecutive numbers: a multiplication spreads them well enough. */
static uint32_t *slot_of(const struct incident_ledger *ledger, uint32_t id)
{
    assert(ledger->slots != NULL);
    uint32_t mask = ledger->slot_count - 1;
    uint32_t slot = (id * 2654435761u) & mask;
    while (ledger->slots[slot] != 0 && ledger->incidents[ledger->slots[slot] - 1].id != id) {
        slot = (slot + 1) & mask;
    }
    return &ledger->slots[slot];
}

struct incident *incident_find(const struct incident_ledger *ledger, uint32_t id)
{
    if (ledger->slot_count == 0) {
        return NULL;
    }
    uint32_t slot = *slot_of(ledger, id);
    return slot == 0 ? NULL : &ledger->incidents[slot - 1];
}

static void rebuild_slots(struct incident_ledger *ledger)
{
    ledger->slot_count = ledger->slot_count == 0 ? 16 : ledger->slot_count * 2;
    free(ledger->slots);
    ledger->slots = calloc(ledger->slot_count, sizeof(*ledger->slots));
    assert(ledger->slots != NULL);
    for (uint32_t i = 0; i < ledger->count; i++) {
        *slot_of(ledger, ledger->incidents[i].id) = i + 1;
    }
}

static enum status find_or_add(struct incident_ledger *ledger, uint32_t id,
                               struct incident **incident_out)
{
    struct incident *incident = incident_find(ledger, id);
    if (incident == NULL) {
        if (ledger->count == INCIDENTS_MAX) {
            return STATUS_FULL;
        }
        if (ledger->slot_count < (ledger->count + 1) * 2) {
            rebuild_slots(ledger);
        }
        ledger->incidents =
            grown(ledger->incidents, ledger->count, &ledger->size, sizeof(*incident));
        incident = &ledger->incidents[ledger->count];
        *incident = (struct incident){.id = id};
        *slot_of(ledger, id) = ++ledger->count;
    }
    *incident_out = incident;
    return STATUS_OK;
}

static bool holds_name(const uint32_t *names, uint32_t count, uint32_t name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (names[i] == name) {
            return true;
        }
    }
    return false;
}

bool incident_names_service(const struct incident *incident, uint32_t service)
{
    return holds_name(incident->services, incident->service_count, service);
}

bool incident_names_component(const struct incident *incident, uint32_t component)
{
    return holds_name(incident->components, incident->component_count, component);
}

static void add_name(uint32_t **names, uint32_t *count, uint32_t name)
{
    if (name == NAME_NONE) {
        return;
    }
    uint32_t *grown_names = realloc(*names, (*count + 1) * sizeof(**names));
    assert(grown_names != NULL);
    *names = grown_names;
    grown_names[(*count)++] = name;
}

static void take_places(struct incident_event *incident_event, const struct event *event,
                        struct text extra)
{
    add_name(&incident_event->services, &incident_event->service_count, event->service);
    uint32_t name;
    uint32_t at = 0;
    while (event_extra_name(extra, &at, EXTRA_SERVICE, &name)) {
        add_name(&incident_event->services, &incident_event->service_count, name);
    }
    at = 0;
    while (event_extra_name(extra, &at, EXTRA_COMPONENT, &name)) {
        add_name(&incident_event->components, &incident_event->component_count, name);
    }
}

static char *title_of(struct text extra)
{
    struct text title;
    if (!event_extra_find(extra, EXTRA_TITLE, &title)) {
        return NULL;
    }
    char *copy = strndup(title.bytes, title.length);
    assert(copy != NULL);
    return copy;
}

static bool comes_before(const struct incident_event *a, const struct incident_event *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->position < b->position;
}

static void insert_event(struct incident *incident, const struct incident_event *event)
{
    incident->events = grown(incident->events, incident->event_count, &incident->event_size,
                             sizeof(*incident->events));
    uint32_t i = incident->event_count++;
    for (; i > 0 && comes_before(event, &incident->events[i - 1]); i--) {
        incident->events[i] = incident->events[i - 1];
    }
    incident->events[i] = *event;
}

static void add_interval(struct incident *incident, struct span span)
{
    incident->intervals = grown(incident->intervals, incident->interval_count,
                                &incident->interval_size, sizeof(*incident->intervals));
    incident->intervals[incident->interval_count++] = (struct incident_interval){.span = span};
}

/* What was said of the nature holds until an event says otherwise; a complaint is a suspicion until somebody
 * confirms it. */
static void take_nature(struct incident *incident, const struct incident_event *event)
{
    enum nature before = incident->nature;
    if (event->nature != NATURE_NONE) {
        incident->nature = event->nature;
    } else if (before == NATURE_NONE) {
        incident->nature = event->complaint ? NATURE_POTENTIAL : NATURE_ACTUAL;
    }
    bool was_potential = before == NATURE_POTENTIAL || incident->promoted;
    incident->promoted = was_potential && incident->nature == NATURE_ACTUAL;
}

/* Opens the first or another interval, or moves the start of the one at hand to where it truly was.
 */
static void fold_interval(struct incident *incident, const struct incident_event *event)
{
    struct incident_interval *last =
        incident->interval_count == 0 ? NULL : &incident->intervals[incident->interval_count - 1];
    bool is_open = last != NULL && last->span.end_ns == INT64_MAX;
    bool gives_start = event->started_at_ns != TIME_NONE;
    bool opens = event->state == INCIDENT_STATE_OPEN || event->state == INCIDENT_STATE_NONE;
    if (last == NULL || (opens && !is_open)) {
        int64_t start_ns = gives_start ? event->started_at_ns : event->time_ns;
        add_interval(incident, (struct span){start_ns, INT64_MAX});
        last = &incident->intervals[incident->interval_count - 1];
        is_open = true;
    } else if (gives_start) {
        /* Never behind its end: a closed stretch stays a stretch, if an empty one. */
        last->span.start_ns =
            event->started_at_ns < last->span.end_ns ? event->started_at_ns : last->span.end_ns;
    }
    if (event->state == INCIDENT_STATE_RESOLVED && is_open) {
        last->span.end_ns =
            event->time_ns > last->span.start_ns ? event->time_ns : last->span.start_ns;
    }
}

static void forget(struct incident *incident)
{
    incident->interval_count = 0;
    incident->nature = NATURE_NONE;
    incident->promoted = false;
    incident->severity = SEVERITY_NONE;
    incident->acknowledged_ns = INT64_MAX;
    incident->complaint = false;
    incident->cancelled = false;
    incident->customer = NAME_NONE;
    incident->services = NULL;
    incident->service_count = 0;
    incident->components = NULL;
    incident->component_count = 0;
    incident->title = NULL;
}

static void fold_event(struct incident *incident, const struct incident_event *event)
{
    if (event->state == INCIDENT_STATE_CANCELLED) {
        forget(incident);
        incident->cancelled = true;
        return;
    }
    incident->cancelled = false;
    incident->complaint |= event->complaint;
    if (event->customer != NAME_NONE) {
        incident->customer = event->customer;
    }
    if (event->service_count != 0) {
        incident->services = event->services;
        incident->service_count = event->service_count;
    }
    if (event->component_count != 0) {
        incident->components = event->components;
        incident->component_count = event->component_count;
    }
    if (event->title != NULL) {
        incident->title = event->title;
    }
    if (event->severity != SEVERITY_NONE) {
        incident->severity = event->severity;
    }
    take_nature(incident, event);
    fold_interval(incident, event);
    if (event->state == INCIDENT_STATE_ACKNOWLEDGED && incident->acknowledged_ns == INT64_MAX) {
        incident->acknowledged_ns = event->time_ns;
    }
}

static void fold(struct incident *incident)
{
    forget(incident);
    for (uint32_t i = 0; i < incident->event_count; i++) {
        fold_event(incident, &incident->events[i]);
    }
    if (incident->severity == SEVERITY_NONE) {
        incident->severity = SEVERITY_MAJOR; /* SEMANTICS section 4: absent severity is major */
    }
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        struct incident_interval *interval = &incident->intervals[i];
        bool actual = incident->nature == NATURE_ACTUAL;
        interval->actual_from_ns = actual ? interval->span.start_ns : INT64_MAX;
    }
}

enum status incident_ledger_apply(struct incident_ledger *ledger, const struct event *event,
                                  struct text extra, uint64_t position,
                                  struct incident **incident_out)
{
    assert(event->kind == EVENT_INCIDENT);
    struct incident *incident;
    enum status status = find_or_add(ledger, event->subject, &incident);
    if (status != STATUS_OK) {
        return status;
    }
    struct incident_event folded = {
        .time_ns = event->occurred_ns,
        .position = position,
        .started_at_ns = event_extra_time(extra, EXTRA_STARTED_AT),
        .state = (enum incident_state)event->state,
        .nature = (enum nature)event->nature,
        .severity = (enum severity)event->severity,
        .complaint = (event->flags & EVENT_COMPLAINT) != 0,
        .customer = event->customer,
        .title = title_of(extra),
    };
    take_places(&folded, event, extra);
    insert_event(incident, &folded);
    incident->position = position;
    fold(incident);
    *incident_out = incident;
    return STATUS_OK;
}

bool incident_is_open(const struct incident *incident, int64_t at_ns)
{
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        struct span span = incident->intervals[i].span;
        if (span.start_ns <= at_ns && span.end_ns > at_ns) {
            return true;
        }
    }
    return false;
}

void state_line_fini(struct state_line *line)
{
    free(line->points);
    *line = (struct state_line){0};
}

void state_line_apply(struct state_line *line, const struct event *event, uint64_t position)
{
    line->points = grown(line->points, line->count, &line->size, sizeof(*line->points));
    uint32_t i = line->count++;
    for (; i > 0 && line->points[i - 1].time_ns > event->occurred_ns; i--) {
        line->points[i] = line->points[i - 1];
    }
    line->points[i] = (struct state_point){
        .time_ns = event->occurred_ns,
        .position = position,
        .state = (enum service_state)event->state,
        .previous = (enum service_state)event->previous,
    };
}

/* The last state known at the instant, or the first one known at all. */
static enum service_state current_state(const struct state_line *line, int64_t at_ns)
{
    uint32_t i = 0;
    while (i + 1 < line->count && line->points[i + 1].time_ns <= at_ns) {
        i++;
    }
    return line->points[i].state;
}

void state_line_walk(const struct state_line *line, int64_t current_at_ns, state_visit *visit,
                     void *context)
{
    if (line->count == 0) {
        return;
    }
    const struct state_point *points = line->points;
    struct state_stretch stretch = {
        .span = {INT64_MIN, points[0].time_ns},
        .state = points[0].previous,
        .reason = STRETCH_BEFORE,
        .position = points[0].position,
    };
    if (stretch.state == SERVICE_STATE_NONE && current_at_ns != TIME_NONE) {
        stretch.state = current_state(line, current_at_ns);
    }
    visit(context, &stretch);
    for (uint32_t i = 0; i < line->count; i++) {
        bool is_last = i + 1 == line->count;
        struct span span = {points[i].time_ns, is_last ? INT64_MAX : points[i + 1].time_ns};
        struct span fresh = span;
        if (line->stale_after_ns != 0 && span.start_ns + line->stale_after_ns < span.end_ns) {
            fresh.end_ns = span.start_ns + line->stale_after_ns;
        }
        /* The next reporter says that it does not know what was before: then nobody does. */
        bool lost = !is_last && points[i + 1].previous == SERVICE_STATE_UNKNOWN;
        stretch = (struct state_stretch){fresh, points[i].state, STRETCH_SAID, points[i].position};
        if (lost) {
            stretch.state = SERVICE_STATE_UNKNOWN;
            stretch.reason = STRETCH_LOST;
            stretch.position = points[i + 1].position;
        }
        visit(context, &stretch);
        if (fresh.end_ns < span.end_ns) {
            stretch = (struct state_stretch){{fresh.end_ns, span.end_ns},
                                             SERVICE_STATE_UNKNOWN,
                                             STRETCH_STALE,
                                             points[i].position};
            visit(context, &stretch);
        }
    }
}

struct state_sets {
    struct span_set *down;
    struct span_set *unknown;
    struct span_set *declared;
};

static void add_stretch(void *context, const struct state_stretch *stretch)
{
    const struct state_sets *sets = context;
    if (stretch->state == SERVICE_STATE_DOWN) {
        span_set_add(sets->down, stretch->span);
    } else if (stretch->state != SERVICE_STATE_UP) {
        span_set_add(sets->unknown, stretch->span);
    }
    if (stretch->state == SERVICE_STATE_UNKNOWN) {
        span_set_add(sets->declared, stretch->span);
    }
}

void state_line_spans(const struct state_line *line, int64_t current_at_ns, struct span_set *down,
                      struct span_set *unknown, struct span_set *declared)
{
    struct state_sets sets = {down, unknown, declared};
    state_line_walk(line, current_at_ns, add_stretch, &sets);
}
