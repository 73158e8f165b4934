#include "evaluate/timeline.h"

#include "base/panic.h"
#include "evaluate/absences.h"
#include "evaluate/interference.h"

void timeline_fini(struct timeline *timeline)
{
    span_set_fini(&timeline->off);
    span_set_fini(&timeline->bad);
    span_set_fini(&timeline->bad_raw);
    span_set_fini(&timeline->excluded);
    span_set_fini(&timeline->unknown);
    span_set_fini(&timeline->unknown_raw);
    span_set_fini(&timeline->gaps);
    span_set_fini(&timeline->gaps_raw);
    interference_fini(timeline);
    span_set_fini(&timeline->counted);
    span_set_fini(&timeline->counted_raw);
    span_set_fini(&timeline->room);
}

bool timeline_concerns(const struct timeline_sources *sources, uint32_t customer)
{
    return customer == NAME_NONE || !sources->has_customer || customer == sources->customer;
}

static bool interferes(const struct timeline *timeline, const struct timeline_sources *sources,
                       const struct incident *incident)
{
    if (!interference_possible(sources, incident)) {
        return false;
    }
    if (incident->nature == NATURE_POTENTIAL) {
        return true;
    }
    struct span_set spans = {0};
    bool any = false;
    interference_of_incident(timeline, sources, incident, &spans);
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        struct span span = incident->intervals[i].span;
        for (uint32_t j = 0; j < spans.count; j++) {
            struct span both = span_intersect(span, spans.spans[j]);
            any |= both.start_ns < both.end_ns;
        }
    }
    span_set_fini(&spans);
    return any;
}

bool timeline_incident_concerns(const struct timeline *timeline,
                                const struct timeline_sources *sources,
                                const struct incident *incident)
{
    if (incident->cancelled || !timeline_concerns(sources, incident->customer) ||
        (sources->exclusions != NULL &&
         exclusion_of_incident(sources->exclusions, incident->id, sources->has_customer,
                               sources->customer))) {
        return false;
    }
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (incident_names_service(incident, sources->services[i])) {
            return true;
        }
    }
    return interferes(timeline, sources, incident);
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

static void add_states(struct timeline *timeline, const struct timeline_sources *sources,
                       uint32_t service)
{
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        if (!line->of_component && line->service == service &&
            timeline_concerns(sources, line->customer)) {
            state_line_spans(line, sources->current_at_ns, &timeline->bad_raw,
                             &timeline->unknown_raw, &timeline->gaps_raw);
        }
    }
}

static bool reports_states(const struct timeline_sources *sources, uint32_t service)
{
    for (uint32_t i = 0; i < sources->state_count; i++) {
        if (!sources->states[i].of_component && sources->states[i].service == service) {
            return true;
        }
    }
    return false;
}

void timeline_silence(const struct timeline_sources *sources, uint32_t index,
                      struct span_set *silence)
{
    if (sources->signs != NULL && !reports_states(sources, sources->services[index])) {
        signs_silence(&sources->signs[index], sources->now_ns, silence);
    }
}

static void clear(struct timeline *timeline)
{
    span_set_clear(&timeline->off);
    span_set_clear(&timeline->bad_raw);
    span_set_clear(&timeline->excluded);
    span_set_clear(&timeline->unknown_raw);
    span_set_clear(&timeline->gaps_raw);
}

/* set := set minus off; `room` is written over. */
static void leave_out(struct span_set *set, struct span_set *room, const struct span_set *off)
{
    if (off->count != 0) {
        span_set_subtract(room, set, off);
        span_set_copy(set, room);
    }
}

void timeline_build(struct timeline *timeline, const struct timeline_sources *sources,
                    enum severity severity)
{
    clear(timeline);
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (sources->services[i] != NAME_NONE) {
            add_incidents(sources, sources->services[i], severity, &timeline->bad_raw);
            add_states(timeline, sources, sources->services[i]);
            timeline_silence(sources, i, &timeline->unknown_raw);
            timeline_silence(sources, i, &timeline->gaps_raw);
        }
        for (uint32_t j = 0; j < sources->maintenance[i].count; j++) {
            span_set_add(&timeline->excluded, sources->maintenance[i].spans[j]);
        }
    }
    for (uint32_t i = 0; i < sources->missed_count && severity <= SEVERITY_MAJOR; i++) {
        span_set_add(&timeline->bad_raw, sources->missed[i].span);
    }
    absences_unknown(sources, sources->judges_time,
                     sources->judges_time ? &timeline->unknown_raw : &timeline->gaps_raw);
    interference_build(timeline, sources, severity);
    if (sources->off != NULL) {
        span_set_copy(&timeline->off, sources->off);
        for (uint32_t i = 0; i < sources->off->count; i++) {
            span_set_add(&timeline->excluded, sources->off->spans[i]);
        }
    }
    span_set_normalize(&timeline->bad_raw);
    span_set_normalize(&timeline->excluded);
    span_set_normalize(&timeline->unknown_raw);
    span_set_normalize(&timeline->gaps_raw);
    leave_out(&timeline->bad_raw, &timeline->bad, &timeline->off);
    leave_out(&timeline->unknown_raw, &timeline->unknown, &timeline->off);
    leave_out(&timeline->gaps_raw, &timeline->gaps, &timeline->off);
    /* An incident is knowledge: it is bad also where states say unknown. */
    span_set_subtract(&timeline->unknown, &timeline->unknown_raw, &timeline->bad_raw);
    span_set_copy(&timeline->unknown_raw, &timeline->unknown);
    span_set_subtract(&timeline->unknown, &timeline->unknown_raw, &timeline->excluded);
    span_set_subtract(&timeline->gaps, &timeline->gaps_raw, &timeline->excluded);
    span_set_subtract(&timeline->bad, &timeline->bad_raw, &timeline->excluded);
}

static int64_t minute_floor(int64_t ns)
{
    return floor_to(ns, NS_PER_MINUTE);
}

static int64_t minute_ceiling(int64_t ns)
{
    int64_t floor_ns = minute_floor(ns);
    return floor_ns == ns ? ns : floor_ns + NS_PER_MINUTE;
}

static struct span round_outage(struct span span, enum rounding rounding)
{
    switch (rounding) {
    case ROUNDING_EXACT:
        return span;
    case ROUNDING_FULL_MINUTES_ALIGNED:
        return (struct span){minute_ceiling(span.start_ns), minute_floor(span.end_ns)};
    case ROUNDING_FULL_MINUTES_ELAPSED:
        return (struct span){span.start_ns,
                             span.start_ns + floor_to(span_length(span), NS_PER_MINUTE)};
    case ROUNDING_MINUTES_TOUCHED:
        return (struct span){minute_floor(span.start_ns), minute_ceiling(span.end_ns)};
    }
    unreachable("rounding");
}

static void drop_short_runs(struct span_set *set, uint64_t min_run)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if ((uint64_t)(span_length(set->spans[i]) / NS_PER_MINUTE) >= min_run) {
            set->spans[kept++] = set->spans[i];
        }
    }
    set->count = kept;
}

static void round_set(struct span_set *counted, const struct span_set *bad,
                      const struct objective *objective, int64_t now_ns)
{
    span_set_clear(counted);
    for (uint32_t i = 0; i < bad->count; i++) {
        struct span span = span_intersect(bad->spans[i], (struct span){0, now_ns});
        if (span.end_ns > span.start_ns) {
            span_set_add(counted, round_outage(span, objective->rounding));
        }
    }
    span_set_normalize(counted);
    drop_short_runs(counted, objective->min_run);
}

void timeline_round(struct timeline *timeline, const struct objective *objective, int64_t now_ns)
{
    round_set(&timeline->counted, &timeline->bad, objective, now_ns);
    span_set_subtract(&timeline->room, &timeline->counted, &timeline->excluded);
    span_set_subtract(&timeline->counted, &timeline->room, &timeline->unknown);
    round_set(&timeline->counted_raw, &timeline->bad_raw, objective, now_ns);
    span_set_subtract(&timeline->room, &timeline->counted_raw, &timeline->off);
    span_set_subtract(&timeline->counted_raw, &timeline->room, &timeline->unknown_raw);
}
