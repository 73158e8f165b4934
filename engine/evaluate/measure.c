#include "evaluate/measure.h"

#include "base/panic.h"

/* What one span gives, by policy where that differs. */
struct span_measure {
    struct measure by_policy[3];
    uint64_t excluded[3];
    uint64_t unknown[3];
};

static struct span clip_to_term(const struct series *series, struct span span)
{
    return span_intersect(span, series->agreement->term);
}

/* The part of the window that has passed, within the term; never negative, possibly empty. */
static struct span elapsed_window(const struct series *series)
{
    struct span window = series_window(series);
    if (series->objective->method == METHOD_UPTIME && series->window.kind == WINDOW_ROLLING &&
        !series->is_fixed) {
        window.start_ns = series->now_ns - series->window.length_ns; /* SEMANTICS section 5: exactly */
    }
    window = clip_to_term(series, window);
    if (window.end_ns > series->now_ns) {
        window.end_ns = series->now_ns;
    }
    if (window.start_ns == INT64_MIN) {
        window.start_ns = 0; /* a term without a start: there is no service before the epoch */
    }
    if (window.end_ns < window.start_ns) {
        window.end_ns = window.start_ns;
    }
    return window;
}

static void measure_tally(const struct tally *tally, struct measure by_policy[3])
{
    const uint64_t *of = tally->of;
    uint64_t masked_good = of[COUNTER_MAINTENANCE_GOOD];
    uint64_t masked_bad = of[COUNTER_MAINTENANCE_BAD];
    by_policy[MAINTENANCE_REMOVED] = (struct measure){of[COUNTER_GOOD], of[COUNTER_BAD]};
    by_policy[MAINTENANCE_COUNTS_AS_GOOD] =
        (struct measure){of[COUNTER_GOOD] + masked_good + masked_bad, of[COUNTER_BAD]};
    by_policy[MAINTENANCE_IGNORED] =
        (struct measure){of[COUNTER_GOOD] + masked_good, of[COUNTER_BAD] + masked_bad};
}

static void measure_time(const struct timeline *timeline, struct span span,
                         struct span_measure *measure_out)
{
    uint64_t length = (uint64_t)span_length(span);
    uint64_t bad = (uint64_t)span_set_measure(&timeline->bad, span);
    uint64_t bad_raw = (uint64_t)span_set_measure(&timeline->bad_raw, span);
    uint64_t excluded = (uint64_t)span_set_measure(&timeline->excluded, span);
    uint64_t unknown = (uint64_t)span_set_measure(&timeline->unknown, span);
    uint64_t unknown_raw = (uint64_t)span_set_measure(&timeline->unknown_raw, span);
    *measure_out = (struct span_measure){
        .by_policy = {[MAINTENANCE_REMOVED] = {length - excluded - unknown - bad, bad},
                      [MAINTENANCE_COUNTS_AS_GOOD] = {length - unknown - bad, bad},
                      [MAINTENANCE_IGNORED] = {length - unknown_raw - bad_raw, bad_raw}},
        .excluded = {[MAINTENANCE_REMOVED] = excluded},
        .unknown = {[MAINTENANCE_REMOVED] = unknown,
                    [MAINTENANCE_COUNTS_AS_GOOD] = unknown,
                    [MAINTENANCE_IGNORED] = unknown_raw},
    };
}

static void measure_slice(const struct objective *objective, const struct tally *tally,
                          struct span_measure *sums)
{
    struct measure by_policy[3];
    measure_tally(tally, by_policy);
    bool masked = (tally->of[COUNTER_MAINTENANCE_GOOD] | tally->of[COUNTER_MAINTENANCE_BAD]) != 0;
    for (uint32_t policy = 0; policy < 3; policy++) {
        if (measure_valid(by_policy[policy]) == 0) {
            sums->excluded[policy] += masked ? 1 : 0;
        } else if (measure_below_target(by_policy[policy], objective->slice_target_ppb)) {
            sums->by_policy[policy].bad++;
        } else {
            sums->by_policy[policy].good++;
        }
    }
}

/* Slices that lie wholly inside a declared gap, without a row of their own. */
static uint64_t slices_in_gaps(const struct buckets *slices, const struct span_set *unknown,
                               struct span span)
{
    uint64_t count = 0;
    int64_t step = slices->resolution_ns;
    for (uint32_t i = 0; i < unknown->count; i++) {
        struct span gap = span_intersect(unknown->spans[i], span);
        int64_t first = -floor_to(-(gap.start_ns - slices->origin_ns), step) + slices->origin_ns;
        int64_t last = floor_to(gap.end_ns - slices->origin_ns, step) + slices->origin_ns;
        if (span_length(gap) == 0 || last <= first) {
            continue;
        }
        count += (uint64_t)((last - first) / step);
        for (uint32_t row = buckets_row_at(slices, first);
             row < slices->row_count && buckets_row_start_ns(slices, row) < last; row++) {
            const uint64_t *of = buckets_row_counters(slices, row);
            count -= of[COUNTER_GOOD] + of[COUNTER_BAD] != 0 ? 1 : 0;
        }
    }
    return count;
}

/* All slices that start in [span.start, span.end); both on slice edges. */
static void measure_slices(const struct series *series, const struct timeline *timeline,
                           struct span span, struct span_measure *sums)
{
    *sums = (struct span_measure){0};
    const struct tier *tier = series_slices(series);
    uint32_t main_row = buckets_row_at(&tier->main, span.start_ns);
    uint32_t aside_row = buckets_row_at(&tier->aside, span.start_ns);
    /* Both lists are sorted: walk them side by side. */
    for (;;) {
        int64_t main_ns = main_row < tier->main.row_count
                              ? buckets_row_start_ns(&tier->main, main_row)
                              : INT64_MAX;
        int64_t aside_ns = aside_row < tier->aside.row_count
                               ? buckets_row_start_ns(&tier->aside, aside_row)
                               : INT64_MAX;
        int64_t slice_ns = main_ns < aside_ns ? main_ns : aside_ns;
        if (slice_ns >= span.end_ns) {
            break;
        }
        struct tally tally = {{0}};
        if (main_ns == slice_ns) {
            memcpy(tally.of, buckets_row_counters(&tier->main, main_row++), 2 * sizeof(uint64_t));
        }
        if (aside_ns == slice_ns) {
            memcpy(tally.of + COUNTER_ASIDE_FIRST, buckets_row_counters(&tier->aside, aside_row++),
                   COUNTER_ASIDE_COUNT * sizeof(uint64_t));
        }
        measure_slice(series->objective, &tally, sums);
    }
    uint64_t slice_count = (uint64_t)(span_length(span) / tier->main.resolution_ns);
    uint64_t unknown = slices_in_gaps(&tier->main, &timeline->unknown, span);
    for (uint32_t policy = 0; policy < 3; policy++) {
        sums->unknown[policy] = unknown;
        if (series->objective->no_data == NO_DATA_EMPTY_IS_GOOD) {
            sums->by_policy[policy].good += slice_count - measure_valid(sums->by_policy[policy]) -
                                            sums->excluded[policy] - unknown;
        }
    }
}

static int64_t slice_floor(const struct series *series, int64_t ns)
{
    const struct buckets *slices = &series_slices(series)->main;
    return floor_to(ns - slices->origin_ns, slices->resolution_ns) + slices->origin_ns;
}

/* Outwards: a slice that the term cuts is measured by the part inside, where alone requests count. */
static struct span slice_span(const struct series *series, struct span span)
{
    int64_t start = slice_floor(series, span.start_ns);
    int64_t end = slice_floor(series, span.end_ns);
    return (struct span){start, end > start ? end : start};
}

static void measure_lookback(const struct series *series, const struct timeline *timeline,
                             int64_t length_ns, struct measure *measure_out)
{
    enum maintenance_policy policy = series->agreement->maintenance;
    struct span span = {series->now_ns - length_ns, series->now_ns};
    struct span_measure measure;
    switch (series->objective->method) {
    case METHOD_OCCURRENCES:
        measure_tally(series_lookback_tally(series, length_ns), measure.by_policy);
        break;
    case METHOD_TIMESLICES:
        measure_slices(series, timeline, slice_span(series, span), &measure);
        break;
    case METHOD_UPTIME:
        span = clip_to_term(series, span);
        if (span.end_ns < span.start_ns) {
            span.end_ns = span.start_ns;
        }
        measure_time(timeline, span, &measure);
        break;
    }
    *measure_out = measure.by_policy[policy];
}

static void fill_counts(const struct series *series, const struct tally *tally,
                        struct request_counts *counts)
{
    struct measure by_policy[3];
    measure_tally(tally, by_policy);
    struct measure own = by_policy[series->agreement->maintenance];
    const uint64_t *of = tally->of;
    bool removed = series->agreement->maintenance == MAINTENANCE_REMOVED;
    *counts = (struct request_counts){
        .good = own.good, .bad = own.bad, .out_of_scope = of[COUNTER_OUT_OF_SCOPE]};
    counts->excluded_by[ASIDE_MAINTENANCE] =
        removed ? of[COUNTER_MAINTENANCE_GOOD] + of[COUNTER_MAINTENANCE_BAD] : 0;
    for (enum aside aside = ASIDE_HOURS; aside < ASIDE_COUNT; aside++) {
        counts->excluded_by[aside] = of[counter_of_aside(aside)];
    }
}

static struct four_states four_states(const struct span_measure *measure,
                                      enum maintenance_policy policy)
{
    return (struct four_states){
        .good = measure->by_policy[policy].good,
        .bad = measure->by_policy[policy].bad,
        .excluded = measure->excluded[policy],
        .unknown = measure->unknown[policy],
    };
}

/* The window's span where it stands still and is bounded within the term; empty otherwise. */
static struct span full_window(const struct series *series)
{
    struct span full = clip_to_term(series, series_window(series));
    bool bounded = full.start_ns != INT64_MIN && full.end_ns != INT64_MAX;
    return bounded && full.end_ns > full.start_ns ? full : (struct span){0, 0};
}

static bool window_rolls(const struct series *series)
{
    return !series->is_fixed && series->window.kind == WINDOW_ROLLING;
}

/* What the end of a standing window means for the budget. */
static void fill_horizon(const struct series *series, const struct timeline *timeline,
                         struct evidence *evidence)
{
    const struct objective *objective = series->objective;
    bool slices = objective->method == METHOD_TIMESLICES;
    if (window_rolls(series)) {
        evidence->nominal_ns = series->window.length_ns;
        evidence->full_valid = objective->method == METHOD_OCCURRENCES ? 0
                               : slices ? (uint64_t)(series->window.length_ns / objective->slice_ns)
                                        : (uint64_t)series->window.length_ns;
        evidence->remaining_ns = INT64_MAX;
        return;
    }
    struct span full = full_window(series);
    if (span_length(full) == 0) {
        /* A term without an end: what has passed is all there is to go by. */
        struct span elapsed = elapsed_window(series);
        evidence->is_calendar = true;
        evidence->remaining_ns = INT64_MAX;
        evidence->elapsed_valid = objective->method == METHOD_OCCURRENCES ? 0
                                  : slices ? (uint64_t)(span_length(slice_span(series, elapsed)) / objective->slice_ns)
                                           : (uint64_t)span_length(elapsed);
        return;
    }
    struct span rest = {series->now_ns > full.start_ns ? series->now_ns : full.start_ns, full.end_ns};
    evidence->is_calendar = true;
    evidence->is_over = series->now_ns >= full.end_ns;
    evidence->nominal_ns = span_length(full);
    evidence->remaining_ns = span_length(rest);
    if (slices) {
        evidence->full_valid = (uint64_t)(span_length(full) / objective->slice_ns);
        struct span running = {slice_floor(series, rest.start_ns), rest.end_ns};
        evidence->remaining_valid =
            !evidence->is_over ? (uint64_t)(span_length(running) / objective->slice_ns) : 0;
    } else if (objective->method == METHOD_UPTIME) {
        bool removed = series->agreement->maintenance == MAINTENANCE_REMOVED;
        int64_t masked = removed ? span_set_measure(&timeline->excluded, full) : 0;
        int64_t masked_rest = removed ? span_set_measure(&timeline->excluded, rest) : 0;
        evidence->full_valid = (uint64_t)(span_length(full) - masked);
        evidence->remaining_valid = (uint64_t)(span_length(rest) - masked_rest);
    }
}

static void fill_occurrences(const struct series *series, const struct timeline *timeline,
                             struct objective_report *report, struct evidence *evidence)
{
    const struct tally *tally = series_window_tally(series);
    struct span elapsed = elapsed_window(series);
    measure_tally(tally, report->by_policy);
    fill_counts(series, tally, &report->counts);
    report->has_counts = true;
    evidence->unit = BUDGET_REQUESTS;
    evidence->unknown_ns = (uint64_t)span_set_measure(&timeline->unknown, elapsed);
    evidence->known_ns = (uint64_t)span_length(elapsed) - evidence->unknown_ns;
}

static void fill_timeslices(const struct series *series, const struct timeline *timeline,
                            struct objective_report *report, struct evidence *evidence)
{
    struct span elapsed = slice_span(series, elapsed_window(series));
    struct span_measure measure;
    measure_slices(series, timeline, elapsed, &measure);
    memcpy(report->by_policy, measure.by_policy, sizeof(measure.by_policy));
    report->slices = four_states(&measure, series->agreement->maintenance);
    report->has_slices = true;
    struct tally tally = {{0}};
    const struct tier *tier = series_slices(series);
    buckets_sum(&tier->main, elapsed.start_ns, elapsed.end_ns, tally.of);
    buckets_sum(&tier->aside, elapsed.start_ns, elapsed.end_ns, tally.of + COUNTER_ASIDE_FIRST);
    fill_counts(series, &tally, &report->counts);
    report->has_counts = true;
    evidence->unit = BUDGET_SLICES;
    evidence->unknown_ns = report->slices.unknown;
    evidence->known_ns = (uint64_t)(span_length(elapsed) / series->objective->slice_ns) -
                         report->slices.unknown;
}

static void fill_uptime(const struct series *series, const struct timeline *timeline,
                        struct objective_report *report, struct evidence *evidence)
{
    struct span_measure measure;
    measure_time(timeline, elapsed_window(series), &measure);
    memcpy(report->by_policy, measure.by_policy, sizeof(measure.by_policy));
    report->time = four_states(&measure, series->agreement->maintenance);
    report->has_time = true;
    evidence->unit = BUDGET_NS;
    evidence->unknown_ns = report->time.unknown;
    evidence->known_ns = report->time.good + report->time.bad + report->time.excluded;
}

static int64_t resolution_s(const struct series *series, struct span window)
{
    if (series->objective->method == METHOD_TIMESLICES) {
        return series->objective->slice_ns / NS_PER_SECOND;
    }
    if (window_rolls(series)) {
        return window_resolution_s(series->window.length_ns);
    }
    bool bounded = window.start_ns != INT64_MIN;
    return bounded ? window_resolution_s(span_length(window)) : 3600;
}

void measure_report(const struct series *series, const struct timeline *timeline,
                    struct objective_report *report_out)
{
    const struct objective *objective = series->objective;
    struct span window = series_window(series);
    if (window.end_ns == INT64_MAX) {
        window.end_ns = series->now_ns; /* SEMANTICS section 5: a term runs to now, or its end */
    }
    if (window_rolls(series) && objective->method == METHOD_UPTIME) {
        window.start_ns = series->now_ns - series->window.length_ns;
    } else if (window_rolls(series) && objective->method == METHOD_TIMESLICES) {
        window = slice_span(series, (struct span){series->now_ns - series->window.length_ns,
                                                  series->now_ns});
    }
    *report_out = (struct objective_report){
        .agreement = series->agreement,
        .objective = objective,
        .at_ns = series->now_ns,
        .over = series->window,
        .window = window,
        .resolution_s = resolution_s(series, window),
    };
    struct evidence evidence = {.objective = objective};
    switch (objective->method) {
    case METHOD_OCCURRENCES:
        fill_occurrences(series, timeline, report_out, &evidence);
        break;
    case METHOD_TIMESLICES:
        fill_timeslices(series, timeline, report_out, &evidence);
        break;
    case METHOD_UPTIME:
        fill_uptime(series, timeline, report_out, &evidence);
        break;
    }
    evidence.window = report_out->by_policy[series->agreement->maintenance];
    fill_horizon(series, timeline, &evidence);
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        measure_lookback(series, timeline, objective->alerts[i].long_ns,
                         &evidence.lookbacks_long[i]);
        measure_lookback(series, timeline, objective->alerts[i].short_ns,
                         &evidence.lookbacks_short[i]);
    }
    judge(&evidence, &report_out->judgement);
}
