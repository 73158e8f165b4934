#include "evaluate/measure.h"

#include "base/panic.h"
#include "evaluate/slices.h"

static bool window_rolls(const struct series *series)
{
    return !series->is_fixed && series->window.kind == WINDOW_ROLLING;
}

/* The part of the span that is judged: inside the term, and with `pre_term: good` before it too. */
static struct span clip_to_term(const struct series *series, struct span span)
{
    struct span judged = series->agreement->term;
    if (series->objective->pre_term == PRE_TERM_GOOD) {
        judged.start_ns = INT64_MIN;
    }
    return span_intersect(span, judged);
}

/* The part of the window that has passed, within the term; never negative, possibly empty. */
static struct span elapsed_window(const struct series *series)
{
    struct span window = series_window(series);
    if (series->objective->method == METHOD_UPTIME && window_rolls(series)) {
        window.start_ns =
            series->now_ns - series->window.length_ns; /* SEMANTICS section 5: exactly */
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

/* How much of the span the set holds; what happened outside the term is none of the agreement's
 * business. */
static uint64_t measure_in_term(const struct series *series, const struct span_set *set,
                                struct span span)
{
    span = span_intersect(span, series->agreement->term);
    return span.end_ns > span.start_ns ? (uint64_t)span_set_measure(set, span) : 0;
}

static void measure_time(const struct series *series, const struct timeline *timeline,
                         struct span span, struct span_measure *measure_out)
{
    uint64_t length = (uint64_t)span_length(span);
    uint64_t bad = measure_in_term(series, timeline_counted(timeline, series->objective), span);
    uint64_t bad_raw =
        measure_in_term(series, timeline_counted_raw(timeline, series->objective), span);
    uint64_t excluded = measure_in_term(series, &timeline->excluded, span);
    uint64_t off = measure_in_term(series, &timeline->off, span);
    uint64_t unknown = measure_in_term(series, &timeline->unknown, span);
    uint64_t unknown_raw = measure_in_term(series, &timeline->unknown_raw, span);
    *measure_out = (struct span_measure){
        .by_policy = {[MAINTENANCE_REMOVED] = {length - excluded - unknown - bad, bad},
                      [MAINTENANCE_COUNTS_AS_GOOD] = {length - off - unknown - bad, bad},
                      [MAINTENANCE_IGNORED] = {length - off - unknown_raw - bad_raw, bad_raw}},
        .excluded = {[MAINTENANCE_REMOVED] = excluded,
                     [MAINTENANCE_COUNTS_AS_GOOD] = off,
                     [MAINTENANCE_IGNORED] = off},
        .unknown = {[MAINTENANCE_REMOVED] = unknown,
                    [MAINTENANCE_COUNTS_AS_GOOD] = unknown,
                    [MAINTENANCE_IGNORED] = unknown_raw},
    };
}

/* weight_out: of a mean, of how many slices; may be NULL. */
static void measure_lookback(const struct series *series, const struct timeline *timeline,
                             int64_t length_ns, struct measure *measure_out, uint64_t *weight_out)
{
    struct span span = {series->now_ns - length_ns, series->now_ns};
    enum maintenance_policy policy = series->agreement->maintenance;
    struct span_measure measure;
    switch (series->objective->method) {
    case METHOD_OCCURRENCES:
    case METHOD_RESPONSE:
    case METHOD_RESOLUTION:
    case METHOD_FULFILMENT:
        measure_counters(series_lookback(series, length_ns), measure.by_policy);
        break;
    case METHOD_TIMESLICES:
    case METHOD_RATIO_TIMESLICES:
        measure_slices(series, timeline, slice_span(series, span), &measure);
        if (weight_out != NULL) {
            *weight_out = measure_valid(measure.by_policy[policy]);
        }
        *measure_out = slices_measure(series->objective, &measure, policy);
        return;
    case METHOD_UPTIME:
        span = clip_to_term(series, span);
        if (span.end_ns < span.start_ns) {
            span.end_ns = span.start_ns;
        }
        measure_time(series, timeline, span, &measure);
        break;
    }
    *measure_out = measure.by_policy[policy];
}

static void fill_counts(const struct series *series, const struct tally *tally,
                        struct request_counts *counts)
{
    struct measure by_policy[3];
    measure_counters(tally->of, by_policy);
    struct measure own = by_policy[series->agreement->maintenance];
    const uint64_t *of = tally->of;
    bool removed = series->agreement->maintenance == MAINTENANCE_REMOVED;
    *counts = (struct request_counts){
        .good = own.good, .bad = own.bad, .out_of_scope = of[COUNTER_OUT_OF_SCOPE]};
    for (enum aside aside = ASIDE_HOURS; aside < ASIDE_COUNT; aside++) {
        counts->excluded_by[aside] = of[counter_of_aside(aside)];
    }
    if (removed) {
        counts->excluded_by[ASIDE_MAINTENANCE] =
            of[COUNTER_MAINTENANCE_GOOD] + of[COUNTER_MAINTENANCE_BAD] +
            of[COUNTER_MAINTENANCE_EXCLUSION] + of[COUNTER_MAINTENANCE_HOURS] +
            of[COUNTER_MAINTENANCE_TERM];
    } else {
        counts->excluded_by[ASIDE_EXCLUSION] += of[COUNTER_MAINTENANCE_EXCLUSION];
        counts->excluded_by[ASIDE_HOURS] += of[COUNTER_MAINTENANCE_HOURS];
        counts->excluded_by[ASIDE_TERM] += of[COUNTER_MAINTENANCE_TERM];
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

/* The end of the window and what it means for the budget */

/* A term without an end: what has passed is all there is to go by. */
static void fill_endless(const struct series *series, struct evidence *evidence)
{
    struct span elapsed = elapsed_window(series);
    evidence->is_calendar = true;
    evidence->remaining_ns = INT64_MAX;
    evidence->elapsed_valid = method_counts(series->objective->method) ? 0
                              : method_has_slices(series->objective->method)
                                  ? slices_in_term(series, slice_span(series, elapsed)) +
                                        slices_before_term(series, slice_span(series, elapsed))
                                  : (uint64_t)span_length(elapsed);
}

static void fill_rolling(const struct series *series, struct evidence *evidence)
{
    const struct objective *objective = series->objective;
    uint64_t length_ns = (uint64_t)series->window.length_ns;
    evidence->nominal_ns = series->window.length_ns;
    evidence->remaining_ns = INT64_MAX;
    evidence->full_valid = method_counts(objective->method) ? 0
                           : method_has_slices(objective->method)
                               ? length_ns / (uint64_t)objective->slice_ns
                               : length_ns;
}

static void fill_standing(const struct series *series, const struct timeline *timeline,
                          struct evidence *evidence)
{
    struct span full = clip_to_term(series, series_window(series));
    if (full.end_ns < full.start_ns) {
        full.end_ns = full.start_ns;
    }
    struct span rest = {series->now_ns > full.start_ns ? series->now_ns : full.start_ns,
                        full.end_ns};
    evidence->is_calendar = true;
    evidence->is_over = series->now_ns >= full.end_ns;
    evidence->nominal_ns = span_length(full);
    evidence->remaining_ns = span_length(rest);
    if (method_has_slices(series->objective->method)) {
        evidence->full_valid = slices_in_term(series, full) + slices_before_term(series, full);
        evidence->remaining_valid = evidence->is_over ? 0 : slices_to_come(series, timeline, full);
    } else if (series->objective->method == METHOD_UPTIME) {
        const struct span_set *left_out =
            timeline_left_out(timeline, series->agreement->maintenance);
        evidence->full_valid =
            (uint64_t)span_length(full) - measure_in_term(series, left_out, full);
        evidence->remaining_valid =
            (uint64_t)span_length(rest) - measure_in_term(series, left_out, rest);
    }
}

static void fill_horizon(const struct series *series, const struct timeline *timeline,
                         struct evidence *evidence)
{
    if (window_rolls(series)) {
        fill_rolling(series, evidence);
    } else if (clip_to_term(series, series_window(series)).end_ns == INT64_MAX) {
        fill_endless(series, evidence);
    } else {
        fill_standing(series, timeline, evidence);
    }
}

/* What the window holds, by method */

static void fill_occurrences(const struct series *series, const struct timeline *timeline,
                             struct objective_report *report, struct evidence *evidence)
{
    const struct tally *tally = series_window_tally(series);
    struct span elapsed = elapsed_window(series);
    measure_counters(tally->of, report->by_policy);
    fill_counts(series, tally, &report->counts);
    report->has_counts = true;
    evidence->unit =
        method_counts_incidents(series->objective->method) ? BUDGET_INCIDENTS : BUDGET_REQUESTS;
    struct time_sets sets = measure_time_sets(series, timeline);
    uint64_t excluded = measure_in_term(series, sets.left_out, elapsed);
    evidence->unknown_ns = measure_in_term(series, sets.gaps, elapsed);
    evidence->known_ns = (uint64_t)span_length(elapsed) - excluded - evidence->unknown_ns;
}

/* The slices of the window that have ended; the term cuts nothing off, it only sets requests aside.
 */
static struct span ended_slices(const struct series *series)
{
    struct span window = series_window(series);
    if (window_rolls(series)) {
        window = (struct span){series->now_ns - series->window.length_ns, series->now_ns};
    }
    if (window.end_ns > series->now_ns) {
        window.end_ns = series->now_ns;
    }
    if (window.start_ns == INT64_MIN) {
        window.start_ns = 0;
    }
    return slice_span(series, window);
}

static void fill_timeslices(const struct series *series, const struct timeline *timeline,
                            struct objective_report *report, struct evidence *evidence)
{
    struct span ended = ended_slices(series);
    enum maintenance_policy policy = series->agreement->maintenance;
    struct span_measure measure;
    measure_slices(series, timeline, ended, &measure);
    for (enum maintenance_policy i = 0; i < 3; i++) {
        report->by_policy[i] = slices_measure(series->objective, &measure, i);
    }
    evidence->is_mean = series->objective->method == METHOD_RATIO_TIMESLICES;
    evidence->window_weight = measure_valid(measure.by_policy[policy]);
    report->slices = four_states(&measure, policy);
    report->has_slices = true;
    struct tally tally = {{0}};
    tier_sum(series_slices(series), ended, &tally);
    fill_counts(series, &tally, &report->counts);
    report->has_counts = true;
    evidence->unit = BUDGET_SLICES;
    evidence->unknown_ns = measure.unknown[policy];
    evidence->known_ns = measure_valid(measure.by_policy[policy]) + measure.empty[policy];
}

static void fill_uptime(const struct series *series, const struct timeline *timeline,
                        struct objective_report *report, struct evidence *evidence)
{
    struct span_measure measure;
    measure_time(series, timeline, elapsed_window(series), &measure);
    memcpy(report->by_policy, measure.by_policy, sizeof(measure.by_policy));
    report->time = four_states(&measure, series->agreement->maintenance);
    report->has_time = true;
    evidence->unit = BUDGET_NS;
    evidence->unknown_ns = report->time.unknown;
    evidence->known_ns = report->time.good + report->time.bad;
}

/* The window as the report names it. */
static struct span shown_window(const struct series *series)
{
    struct span window = series_window(series);
    if (window.end_ns == INT64_MAX) {
        /* A term runs to now, or to its end; never to before its start. */
        window.end_ns = series->now_ns > window.start_ns ? series->now_ns : window.start_ns;
    }
    if (window_rolls(series) && series->objective->method == METHOD_UPTIME) {
        window.start_ns = series->now_ns - series->window.length_ns;
    } else if (window_rolls(series) && method_has_slices(series->objective->method)) {
        window = ended_slices(series);
    }
    return window;
}

static int64_t resolution_s(const struct series *series, struct span window)
{
    if (method_has_slices(series->objective->method)) {
        return series->objective->slice_ns / NS_PER_SECOND;
    }
    if (window_rolls(series)) {
        return window_resolution_s(series->window.length_ns);
    }
    return window.start_ns != INT64_MIN ? window_resolution_s(span_length(window)) : 3600;
}

struct span measure_span(const struct series *series)
{
    if (method_has_slices(series->objective->method)) {
        return ended_slices(series);
    }
    if (series->objective->method == METHOD_UPTIME) {
        return elapsed_window(series);
    }
    struct span window = series_window(series);
    window.end_ns = window.end_ns < series->now_ns ? window.end_ns : series->now_ns;
    return window;
}

struct time_sets measure_time_sets(const struct series *series, const struct timeline *timeline)
{
    enum maintenance_policy policy = series->agreement->maintenance;
    bool raw = policy == MAINTENANCE_IGNORED;
    return (struct time_sets){
        .bad = raw ? timeline_counted_raw(timeline, series->objective)
                   : timeline_counted(timeline, series->objective),
        .left_out = timeline_left_out(timeline, policy),
        .unknown = raw ? &timeline->unknown_raw : &timeline->unknown,
        .gaps = raw ? &timeline->gaps_raw : &timeline->gaps,
    };
}

void measure_report(const struct series *series, const struct timeline *timeline,
                    struct objective_report *report_out)
{
    const struct objective *objective = series->objective;
    struct span window = shown_window(series);
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
    case METHOD_RESPONSE:
    case METHOD_RESOLUTION:
    case METHOD_FULFILMENT:
        fill_occurrences(series, timeline, report_out, &evidence);
        break;
    case METHOD_TIMESLICES:
    case METHOD_RATIO_TIMESLICES:
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
                         &evidence.lookbacks_long[i], &evidence.long_weights[i]);
        measure_lookback(series, timeline, objective->alerts[i].short_ns,
                         &evidence.lookbacks_short[i], NULL);
    }
    judge(&evidence, &report_out->judgement);
}
