#include "evaluate/proposals.h"

#include <string.h>

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
