#include "evaluate/timeline.h"

void timeline_fini(struct timeline *timeline)
{
    span_set_fini(&timeline->bad);
    span_set_fini(&timeline->bad_raw);
    span_set_fini(&timeline->excluded);
    span_set_fini(&timeline->unknown);
    span_set_fini(&timeline->unknown_raw);
}

bool timeline_concerns(const struct timeline_sources *sources, uint32_t customer)
{
    return customer == NAME_NONE || !sources->has_customer || customer == sources->customer;
}

bool timeline_incident_concerns(const struct timeline_sources *sources,
                                const struct incident *incident)
{
    if (incident->cancelled || !timeline_concerns(sources, incident->customer)) {
        return false;
    }
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (incident_names_service(incident, sources->services[i])) {
            return true;
        }
    }
    return false;
}

static void add_incidents(const struct timeline_sources *sources, uint32_t service,
                          enum severity severity, struct span_set *bad)
{
    for (uint32_t i = 0; i < sources->incidents->count; i++) {
        const struct incident *incident = &sources->incidents->incidents[i];
        if (incident->cancelled || incident->severity < severity ||
            !timeline_concerns(sources, incident->customer) ||
            !incident_names_service(incident, service)) {
            continue;
        }
        for (uint32_t j = 0; j < incident->interval_count; j++) {
            const struct incident_interval *interval = &incident->intervals[j];
            span_set_add(bad, (struct span){interval->actual_from_ns, interval->span.end_ns});
        }
    }
}

/* What one service adds to the sets of the whole. */
static void add_service(struct timeline *timeline, const struct timeline_sources *sources,
                        uint32_t index, enum severity severity)
{
    uint32_t service = sources->services[index];
    struct span_set bad = {0};
    if (service != NAME_NONE) {
        add_incidents(sources, service, severity, &bad);
        for (uint32_t i = 0; i < sources->state_count; i++) {
            const struct state_line *line = &sources->states[i];
            if (line->service == service && timeline_concerns(sources, line->customer)) {
                state_line_spans(line, &bad, &timeline->unknown_raw);
            }
        }
        span_set_normalize(&bad);
    }
    struct span_set left = {0};
    span_set_subtract(&left, &bad, &sources->maintenance[index]);
    for (uint32_t i = 0; i < bad.count; i++) {
        span_set_add(&timeline->bad_raw, bad.spans[i]);
    }
    for (uint32_t i = 0; i < left.count; i++) {
        span_set_add(&timeline->bad, left.spans[i]);
    }
    if (index == 0) {
        span_set_copy(&timeline->excluded, &sources->maintenance[0]);
    } else {
        span_set_intersect(&left, &timeline->excluded, &sources->maintenance[index]);
        span_set_copy(&timeline->excluded, &left);
    }
    span_set_fini(&bad);
    span_set_fini(&left);
}

void timeline_build(struct timeline *timeline, const struct timeline_sources *sources,
                    enum severity severity)
{
    span_set_clear(&timeline->bad);
    span_set_clear(&timeline->bad_raw);
    span_set_clear(&timeline->excluded);
    span_set_clear(&timeline->unknown_raw);
    for (uint32_t i = 0; i < sources->service_count; i++) {
        add_service(timeline, sources, i, severity);
    }
    span_set_normalize(&timeline->bad);
    span_set_normalize(&timeline->bad_raw);
    span_set_normalize(&timeline->unknown_raw);
    struct span_set observed = {0};
    span_set_subtract(&observed, &timeline->unknown_raw, &timeline->bad_raw);
    span_set_copy(&timeline->unknown_raw, &observed);
    span_set_subtract(&timeline->unknown, &observed, &timeline->excluded);
    span_set_fini(&observed);
}
