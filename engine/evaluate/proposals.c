#include "evaluate/proposals.h"

#include <string.h>

#include "evaluate/evaluator_state.h"

bool proposals_own(const struct timeline_sources *sources, uint32_t component)
{
    const char *owner = sources->components[component].owner;
    const char *customer = sources->agreement->customer;
    return sources->needed != NULL && sources->needed[component] && owner != NULL &&
           (strcmp(owner, "customer") == 0 || (customer != NULL && strcmp(owner, customer) == 0));
}

bool proposals_are_open(const struct timeline_sources *sources, const struct incident *incident)
{
    for (uint32_t i = 0; i < sources->exclusions->count; i++) {
        const struct exclusion *entry = &sources->exclusions->entries[i];
        bool decided =
            entry->state != EXCLUSION_STATE_PROPOSED && entry->state != EXCLUSION_STATE_DISPUTED;
        if (decided && exclusion_incident(entry) == incident->id &&
            timeline_concerns(sources, entry->customer)) {
            return false;
        }
    }
    return true;
}

/* Adds what the set holds of the component's interference; the set is normalized. */
static void add_interference(const struct timeline *timeline, uint32_t component,
                             const struct span_set *set, struct span_set *spans)
{
    struct span_set common = {0};
    span_set_intersect(&common, &timeline->interference[component], set);
    for (uint32_t i = 0; i < common.count; i++) {
        span_set_add(spans, common.spans[i]);
    }
    span_set_fini(&common);
}

void proposals_of_incident(const struct timeline *timeline, const struct timeline_sources *sources,
                           const struct incident *incident, struct span_set *spans)
{
    struct span_set actual = {0};
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        span_set_add(&actual, (struct span){interval->actual_from_ns, interval->span.end_ns});
    }
    span_set_normalize(&actual);
    span_set_clear(spans);
    for (uint32_t i = 0; i < timeline->interference_count; i++) {
        if (proposals_own(sources, i) &&
            incident_names_component(incident, sources->component_names[i])) {
            add_interference(timeline, i, &actual, spans);
        }
    }
    span_set_normalize(spans);
    span_set_fini(&actual);
}

void proposals_of_states(const struct timeline *timeline, const struct timeline_sources *sources,
                         uint32_t component, struct span_set *spans)
{
    struct span_set down = {0};
    struct span_set unknown = {0};
    struct span_set declared = {0};
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        if (line->of_component && line->service == sources->component_names[component] &&
            timeline_concerns(sources, line->customer)) {
            state_line_spans(line, sources->current_at_ns, &down, &unknown, &declared);
        }
    }
    span_set_normalize(&down);
    span_set_clear(spans);
    if (component < timeline->interference_count) {
        add_interference(timeline, component, &down, spans);
    }
    span_set_normalize(spans);
    span_set_fini(&down);
    span_set_fini(&unknown);
    span_set_fini(&declared);
}

static bool is_spoken_of(const struct timeline_sources *sources, const struct incident *incident)
{
    for (uint32_t i = 0; i < sources->exclusions->count; i++) {
        const struct exclusion *entry = &sources->exclusions->entries[i];
        if (exclusion_incident(entry) == incident->id &&
            timeline_concerns(sources, entry->customer)) {
            return true;
        }
    }
    return false;
}

/* The objective that hears of most incidents; the agreement has one at least. */
static uint32_t lowest_severity(const struct agreement *agreement)
{
    uint32_t lowest = 0;
    for (uint32_t i = 1; i < agreement->objective_count; i++) {
        if (agreement->objectives[i].severity < agreement->objectives[lowest].severity) {
            lowest = i;
        }
    }
    return lowest;
}

static void walk_resident(struct evaluator *evaluator, struct resident *resident,
                          proposal_take *take, void *context)
{
    uint32_t series = resident->series_first + lowest_severity(resident->agreement);
    struct timeline_sources sources;
    struct span_set spans = {0};
    series_bring_up(evaluator, series);
    resident_sources(evaluator, resident, &sources);
    for (uint32_t i = 0; i < evaluator->incidents.count; i++) {
        const struct incident *incident = &evaluator->incidents.incidents[i];
        if (incident->cancelled || !timeline_concerns(&sources, incident->customer) ||
            is_spoken_of(&sources, incident)) {
            continue;
        }
        proposals_of_incident(&evaluator->timelines[series], &sources, incident, &spans);
        if (spans.count != 0) {
            take(context, resident->agreement, incident);
        }
    }
    span_set_fini(&spans);
}

void proposals_walk(struct evaluator *evaluator, proposal_take *take, void *context)
{
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        struct resident *resident = &evaluator->residents[i];
        if (resident->current == i && !resident->is_pattern && resident->needed != NULL) {
            walk_resident(evaluator, resident, take, context);
        }
    }
}
