#include "evaluate/interference.h"

#include <stdlib.h>

#include "base/panic.h"

/* Per component of the set. */
static struct span_set *sets_open(uint32_t count)
{
    struct span_set *sets = calloc((size_t)count + 1, sizeof(*sets));
    assert(sets != NULL);
    return sets;
}

static void sets_close(struct span_set *sets, uint32_t count)
{
    for (uint32_t i = 0; sets != NULL && i < count; i++) {
        span_set_fini(&sets[i]);
    }
    free(sets);
}

void interference_fini(struct timeline *timeline)
{
    sets_close(timeline->interference, timeline->interference_count);
    timeline->interference = NULL;
    timeline->interference_count = 0;
}

static void add_all(struct span_set *set, const struct span_set *more)
{
    for (uint32_t i = 0; i < more->count; i++) {
        span_set_add(set, more->spans[i]);
    }
}

static void add_incidents(const struct timeline_sources *sources, uint32_t component,
                          enum severity severity, struct span_set *down)
{
    for (uint32_t i = 0; i < sources->incidents->count; i++) {
        const struct incident *incident = &sources->incidents->incidents[i];
        if (incident->cancelled || incident->severity < severity ||
            !timeline_concerns(sources, incident->customer) ||
            !incident_names_component(incident, component)) {
            continue;
        }
        for (uint32_t j = 0; j < incident->interval_count; j++) {
            const struct incident_interval *interval = &incident->intervals[j];
            span_set_add(down, (struct span){interval->actual_from_ns, interval->span.end_ns});
        }
    }
}

/* What the component is by itself: certainly down, and down or unknown. */
static void stand_alone(const struct timeline_sources *sources, uint32_t component,
                        enum severity severity, struct span_set *down, struct span_set *doubtful)
{
    struct span_set unused = {0};
    add_incidents(sources, component, severity, down);
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        if (line->of_component && line->service == component &&
            timeline_concerns(sources, line->customer)) {
            state_line_spans(line, sources->current_at_ns, down, doubtful, &unused);
        }
    }
    add_all(doubtful, down);
    span_set_normalize(down);
    span_set_normalize(doubtful);
    span_set_fini(&unused);
}

/* What one service suffers. */
static void add_service(struct timeline *timeline, const struct timeline_sources *sources,
                        const struct requirement *requirement, const struct span_set *down,
                        const struct span_set *doubtful)
{
    uint32_t count = sources->component_count;
    struct span_set *blame = sets_open(count);
    struct span_set spans = {0};
    requirement_failed(requirement, sources->components, down, &spans);
    add_all(&timeline->bad_raw, &spans);
    requirement_failed(requirement, sources->components, doubtful, &spans);
    add_all(&timeline->unknown_raw, &spans); /* what is certainly bad is taken out of it later */
    requirement_blame(requirement, sources->components, count, down, blame);
    for (uint32_t i = 0; i < count; i++) {
        add_all(&timeline->interference[i], &blame[i]);
    }
    span_set_fini(&spans);
    sets_close(blame, count);
}

/* What each component of the set is by itself, and by what it requires. also: see interference_with. */
static void stand_all(const struct timeline_sources *sources, enum severity severity,
                      const struct span_set *also, struct span_set *down, struct span_set *doubtful)
{
    uint32_t count = sources->component_count;
    for (uint32_t i = 0; i < count; i++) {
        if (sources->needed[i] && sources->component_names[i] != NAME_NONE) {
            stand_alone(sources, sources->component_names[i], severity, &down[i], &doubtful[i]);
        }
        if (also != NULL) {
            add_all(&down[i], &also[i]);
            span_set_normalize(&down[i]);
        }
    }
    service_system_spread(sources->components, count, down);
    service_system_spread(sources->components, count, doubtful);
}

void interference_doubts(const struct timeline_sources *sources, enum severity severity,
                         struct span_set *doubts)
{
    uint32_t count = sources->component_count;
    struct span_set *down = sets_open(count);
    struct span_set *doubtful = sets_open(count);
    struct span_set *blame = sets_open(count);
    stand_all(sources, severity, NULL, down, doubtful);
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (sources->requires[i] != NULL) {
            requirement_blame(sources->requires[i], sources -> components, count, doubtful, blame);
            for (uint32_t j = 0; j < count; j++) {
                add_all(&doubts[j], &blame[j]);
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        span_set_normalize(&doubts[i]);
    }
    sets_close(down, count);
    sets_close(doubtful, count);
    sets_close(blame, count);
}

struct span_set *interference_with(const struct timeline_sources *sources, uint32_t service,
                                   enum severity severity, const struct span_set *also)
{
    uint32_t count = sources->component_count;
    struct span_set *down = sets_open(count);
    struct span_set *doubtful = sets_open(count);
    struct span_set *blame = sets_open(count);
    stand_all(sources, severity, also, down, doubtful);
    requirement_blame(sources->requires[service], sources -> components, count, down, blame);
    sets_close(down, count);
    sets_close(doubtful, count);
    return blame;
}

void interference_close(struct span_set *sets, uint32_t count)
{
    sets_close(sets, count);
}

void interference_build(struct timeline *timeline, const struct timeline_sources *sources,
                        enum severity severity)
{
    interference_fini(timeline);
    if (sources->needed == NULL) {
        return;
    }
    uint32_t count = sources->component_count;
    timeline->interference = sets_open(count);
    timeline->interference_count = count;
    struct span_set *down = sets_open(count);
    struct span_set *doubtful = sets_open(count);
    stand_all(sources, severity, NULL, down, doubtful);
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (sources->requires[i] != NULL) {
            add_service(timeline, sources, sources->requires[i], down, doubtful);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        span_set_normalize(&timeline->interference[i]);
    }
    sets_close(down, count);
    sets_close(doubtful, count);
}

void interference_of(const struct timeline *timeline, const struct timeline_sources *sources,
                     uint32_t component, struct span_set *spans)
{
    for (uint32_t i = 0; i < timeline->interference_count; i++) {
        if (sources->component_names[i] == component) {
            add_all(spans, &timeline->interference[i]);
        }
    }
}

bool interference_possible(const struct timeline_sources *sources, const struct incident *incident)
{
    for (uint32_t i = 0; sources->needed != NULL && i < sources->component_count; i++) {
        if (sources->needed[i] && sources->component_names[i] != NAME_NONE &&
            incident_names_component(incident, sources->component_names[i])) {
            return true;
        }
    }
    return false;
}

void interference_of_incident(const struct timeline *timeline,
                              const struct timeline_sources *sources,
                              const struct incident *incident, struct span_set *spans)
{
    span_set_clear(spans);
    for (uint32_t i = 0; i < incident->component_count; i++) {
        interference_of(timeline, sources, incident->components[i], spans);
    }
    span_set_normalize(spans);
}
