#include "evaluate/slices.h"

void measure_counters(const uint64_t *of, struct measure by_policy[3])
{
    uint64_t masked_good = of[COUNTER_MAINTENANCE_GOOD];
    uint64_t masked_bad = of[COUNTER_MAINTENANCE_BAD];
    by_policy[MAINTENANCE_REMOVED] = (struct measure){of[COUNTER_GOOD], of[COUNTER_BAD]};
    by_policy[MAINTENANCE_COUNTS_AS_GOOD] =
        (struct measure){of[COUNTER_GOOD] + masked_good + masked_bad, of[COUNTER_BAD]};
    by_policy[MAINTENANCE_IGNORED] =
        (struct measure){of[COUNTER_GOOD] + masked_good, of[COUNTER_BAD] + masked_bad};
}

void tier_sum(const struct tier *tier, struct span span, struct tally *sums)
{
    buckets_sum(&tier->main, span.start_ns, span.end_ns, sums->of);
    buckets_sum(&tier->aside, span.start_ns, span.end_ns, sums->of + COUNTER_ASIDE_FIRST);
}

static int64_t slice_floor(const struct series *series, int64_t ns)
{
    const struct buckets *slices = &series_slices(series)->main;
    return floor_to(ns - slices->origin_ns, slices->resolution_ns) + slices->origin_ns;
}

static int64_t slice_ceiling(const struct series *series, int64_t ns)
{
    int64_t floor_ns = slice_floor(series, ns);
    return floor_ns == ns ? ns : floor_ns + series->objective->slice_ns;
}

struct span slice_span(const struct series *series, struct span span)
{
    int64_t start = slice_floor(series, span.start_ns);
    int64_t end = slice_floor(series, span.end_ns);
    return (struct span){start, end > start ? end : start};
}

static uint64_t slice_ratio(struct measure measure)
{
    return (uint64_t)divide_half_even((uint128)measure.good * RATIO_ONE, measure_valid(measure));
}

struct measure slices_measure(const struct objective *objective, const struct span_measure *measure,
                              enum maintenance_policy policy)
{
    struct measure slices = measure->by_policy[policy];
    uint64_t count = measure_valid(slices);
    if (objective->method != METHOD_RATIO_TIMESLICES || count == 0) {
        return slices;
    }
    uint128 sum = (uint128)count * RATIO_ONE - measure->lacking[policy];
    uint64_t mean = (uint64_t)divide_half_even(sum, count);
    return (struct measure){mean, RATIO_ONE - mean};
}

static struct measured_slice measured(const struct objective *objective, struct span span,
                                      struct measure requests)
{
    bool is_mean = objective->method == METHOD_RATIO_TIMESLICES;
    int64_t target_ppb = is_mean ? PPB : objective->slice_target_ppb;
    return (struct measured_slice){
        .span = span,
        .requests = requests,
        .lacking = is_mean ? RATIO_ONE - slice_ratio(requests) : 0,
        .is_bad = measure_below_target(requests, target_ppb),
    };
}

/* What a walk over rows is for. */
struct row_walk {
    void (*visit)(struct row_walk *walk, struct span slice, const struct tally *tally);
    const struct series *series;
    struct span_measure *sums;      /* judge_slice */
    enum maintenance_policy policy; /* tell_slice */
    slice_visit *take;
    void *context;
};

static void judge_slice(struct row_walk *walk, struct span slice, const struct tally *tally)
{
    struct measure by_policy[3];
    measure_counters(tally->of, by_policy);
    for (uint32_t policy = 0; policy < 3; policy++) {
        if (measure_valid(by_policy[policy]) == 0) {
            continue; /* no request to judge by */
        }
        struct measured_slice judged = measured(walk->series->objective, slice, by_policy[policy]);
        walk->sums->lacking[policy] += judged.lacking;
        if (judged.is_bad) {
            walk->sums->by_policy[policy].bad++;
        } else {
            walk->sums->by_policy[policy].good++;
        }
    }
}

/* Slices in which something happened, one after the other: both lists of rows are sorted. */
struct slice_rows {
    struct bucket_walk main;
    struct bucket_walk aside;
    int64_t start_ns; /* INT64_MAX: past all of them */
};

static void meet(struct slice_rows *rows)
{
    rows->start_ns =
        rows->main.start_ns < rows->aside.start_ns ? rows->main.start_ns : rows->aside.start_ns;
}

/* To the first slice at or after ns. */
static void slice_rows_start(struct slice_rows *rows, const struct tier *tier, int64_t ns)
{
    bucket_walk_start(&rows->main, &tier->main, ns);
    bucket_walk_start(&rows->aside, &tier->aside, ns);
    meet(rows);
}

/* What the slice holds that the walk is at; then on to the next. */
static void slice_rows_take(struct slice_rows *rows, struct tally *tally)
{
    *tally = (struct tally){{0}};
    if (rows->main.start_ns == rows->start_ns) {
        memcpy(tally->of, rows->main.counters, 2 * sizeof(uint64_t));
        bucket_walk_next(&rows->main);
    }
    if (rows->aside.start_ns == rows->start_ns) {
        memcpy(tally->of + COUNTER_ASIDE_FIRST, rows->aside.counters,
               COUNTER_ASIDE_COUNT * sizeof(uint64_t));
        bucket_walk_next(&rows->aside);
    }
    meet(rows);
}

static void walk_rows(struct row_walk *walk, struct span span)
{
    const struct tier *tier = series_slices(walk->series);
    struct slice_rows rows;
    struct tally tally;
    slice_rows_start(&rows, tier, span.start_ns);
    while (rows.start_ns < span.end_ns) {
        struct span slice = {rows.start_ns, rows.start_ns + tier->main.resolution_ns};
        slice_rows_take(&rows, &tally);
        walk->visit(walk, slice, &tally);
    }
}

static void tell_slice(struct row_walk *walk, struct span slice, const struct tally *tally)
{
    struct measure by_policy[3];
    measure_counters(tally->of, by_policy);
    if (measure_valid(by_policy[walk->policy]) != 0) {
        struct measured_slice judged =
            measured(walk->series->objective, slice, by_policy[walk->policy]);
        walk->take(walk->context, &judged);
    }
}

void slices_walk_measured(const struct series *series, struct span span, slice_visit *take,
                          void *context)
{
    struct row_walk walk = {.visit = tell_slice,
                            .series = series,
                            .policy = series->agreement->maintenance,
                            .take = take,
                            .context = context};
    walk_rows(&walk, span);
}

/* Asked of slices in order of time. */
static bool slice_is_measured(struct slice_rows *rows, const struct tier *tier, struct span slice,
                              enum maintenance_policy policy)
{
    struct tally tally = {{0}};
    struct measure by_policy[3];
    if (rows->start_ns < slice.start_ns) {
        slice_rows_start(rows, tier, slice.start_ns);
    }
    if (rows->start_ns == slice.start_ns) {
        slice_rows_take(rows, &tally);
    }
    measure_counters(tally.of, by_policy);
    return measure_valid(by_policy[policy]) != 0;
}

static bool holds_all(const struct span_set *set, struct span span)
{
    return span_set_measure(set, span) == span_length(span);
}

/* What a walk over empty slices is for: counting them, and telling where they are. */
struct empty_walk {
    uint64_t count;
    slice_visit *take; /* NULL: only counted */
    void *context;
};

static void take_empty(struct empty_walk *walk, struct span slice)
{
    walk->count++;
    if (walk->take != NULL) {
        walk->take(walk->context, &(struct measured_slice){.span = slice});
    }
}

/* Slices of the span without valid requests whose part inside the term lies wholly in the set, but
 * not wholly in `except` (NULL: none). */
static void empty_slices_inside(const struct series *series, const struct span_set *set,
                                const struct span_set *except, struct span span,
                                enum maintenance_policy policy, struct empty_walk *walk)
{
    const struct tier *tier = series_slices(series);
    struct span term = objective_judged(series->agreement, series->objective);
    int64_t seen_to_ns = INT64_MIN; /* a slice is looked at once, though two spans may touch it */
    struct slice_rows rows = {.start_ns = INT64_MIN};
    for (uint32_t i = 0; i < set->count; i++) {
        struct span part = span_intersect(span_intersect(set->spans[i], term), span);
        if (part.end_ns <= part.start_ns) {
            continue;
        }
        int64_t start_ns = slice_floor(series, part.start_ns);
        for (; start_ns < part.end_ns; start_ns += tier->main.resolution_ns) {
            struct span slice = {start_ns, start_ns + tier->main.resolution_ns};
            struct span inside = span_intersect(slice, term);
            if (start_ns >= seen_to_ns && holds_all(set, inside) &&
                (except == NULL || !holds_all(except, inside)) &&
                !slice_is_measured(&rows, tier, slice, policy)) {
                take_empty(walk, slice);
            }
            seen_to_ns = slice.end_ns > seen_to_ns ? slice.end_ns : seen_to_ns;
        }
    }
}

enum slice_state slice_state(const struct series *series, const struct timeline *timeline,
                             struct span slice, enum maintenance_policy policy)
{
    const struct objective *objective = series->objective;
    const struct span_set *gaps =
        policy == MAINTENANCE_COUNTS_AS_GOOD ? &timeline->gaps : &timeline->gaps_raw;
    struct span term = objective_judged(series->agreement, objective);
    struct span inside = span_intersect(slice, term);
    struct tally tally = {{0}};
    struct measure by_policy[3];
    tier_sum(series_slices(series), slice, &tally);
    measure_counters(tally.of, by_policy);
    if (measure_valid(by_policy[policy]) != 0) {
        return measured(objective, slice, by_policy[policy]).is_bad ? SLICE_BAD : SLICE_GOOD;
    }
    if (inside.end_ns <= inside.start_ns) {
        bool counts = objective->pre_term == PRE_TERM_GOOD && objective->is_first &&
                      slice.end_ns <= term.start_ns;
        return counts ? SLICE_GOOD : SLICE_OUTSIDE;
    }
    if (holds_all(timeline_left_out(timeline, policy), inside)) {
        return SLICE_EXCLUDED;
    }
    /* Gaps hold nothing of what is off. */
    if (span_set_measure(gaps, inside) + span_set_measure(&timeline->off, inside) ==
        span_length(inside)) {
        return SLICE_UNKNOWN;
    }
    return objective->no_data == NO_DATA_EMPTY_IS_GOOD ? SLICE_GOOD : SLICE_EMPTY;
}

uint64_t slices_touched(const struct series *series, struct span span)
{
    if (span.end_ns <= span.start_ns) {
        return 0;
    }
    int64_t length_ns = slice_ceiling(series, span.end_ns) - slice_floor(series, span.start_ns);
    return (uint64_t)(length_ns / series->objective->slice_ns);
}

uint64_t slices_in_term(const struct series *series, struct span span)
{
    struct span judged = objective_judged(series->agreement, series->objective);
    return slices_touched(series, span_intersect(span, judged));
}

uint64_t slices_before_term(const struct series *series, struct span span)
{
    int64_t term_ns = series->agreement->term.start_ns;
    span = span_intersect(span, series->objective->in_force);
    if (series->objective->pre_term != PRE_TERM_GOOD || term_ns <= span.start_ns) {
        return 0;
    }
    int64_t end_ns = slice_floor(series, term_ns < span.end_ns ? term_ns : span.end_ns);
    int64_t start_ns = slice_floor(series, span.start_ns);
    return end_ns > start_ns ? (uint64_t)((end_ns - start_ns) / series->objective->slice_ns) : 0;
}

/* Of a slice that is left out in part the rest must be unknown. */
static void unknown_slices(const struct series *series, const struct timeline *timeline,
                           struct span span, enum maintenance_policy policy,
                           struct empty_walk *walk)
{
    const struct span_set *gaps =
        policy == MAINTENANCE_COUNTS_AS_GOOD ? &timeline->gaps : &timeline->gaps_raw;
    const struct span_set *off = &timeline->off;
    const struct span_set *excluded = timeline_left_out(timeline, policy);
    if (off->count == 0 || gaps->count == 0) {
        empty_slices_inside(series, gaps, excluded, span, policy, walk);
        return;
    }
    struct span_set both = {0};
    span_set_copy(&both, gaps);
    for (uint32_t i = 0; i < off->count; i++) {
        span_set_add(&both, off->spans[i]);
    }
    span_set_normalize(&both);
    empty_slices_inside(series, &both, excluded, span, policy, walk);
    span_set_fini(&both);
}

void slices_walk_left_out(const struct series *series, const struct timeline *timeline,
                          struct span span, slice_visit *take, void *context)
{
    enum maintenance_policy policy = series->agreement->maintenance;
    struct empty_walk walk = {.take = take, .context = context};
    empty_slices_inside(series, timeline_left_out(timeline, policy), NULL, span, policy, &walk);
}

void slices_walk_unknown(const struct series *series, const struct timeline *timeline,
                         struct span span, slice_visit *take, void *context)
{
    struct empty_walk walk = {.take = take, .context = context};
    unknown_slices(series, timeline, span, series->agreement->maintenance, &walk);
}

static void judge_empty(const struct series *series, const struct timeline *timeline,
                        struct span span, struct span_measure *sums)
{
    uint64_t slice_count = slices_in_term(series, span);
    for (enum maintenance_policy policy = 0; policy < 3; policy++) {
        struct empty_walk excluded = {0};
        struct empty_walk unknown = {0};
        empty_slices_inside(series, timeline_left_out(timeline, policy), NULL, span, policy,
                            &excluded);
        unknown_slices(series, timeline, span, policy, &unknown);
        sums->excluded[policy] = excluded.count;
        sums->unknown[policy] = unknown.count;
        uint64_t others =
            measure_valid(sums->by_policy[policy]) + sums->excluded[policy] + sums->unknown[policy];
        uint64_t empty = slice_count > others ? slice_count - others : 0;
        if (series->objective->no_data == NO_DATA_EMPTY_IS_GOOD) {
            sums->by_policy[policy].good += empty;
        } else {
            sums->empty[policy] = empty;
        }
        sums->by_policy[policy].good += slices_before_term(series, span);
    }
}

void measure_slices(const struct series *series, const struct timeline *timeline, struct span span,
                    struct span_measure *measure_out)
{
    *measure_out = (struct span_measure){0};
    struct row_walk walk = {.visit = judge_slice, .series = series, .sums = measure_out};
    walk_rows(&walk, span);
    judge_empty(series, timeline, span, measure_out);
}

uint64_t slices_to_come(const struct series *series, const struct timeline *timeline,
                        struct span full)
{
    struct span rest = {slice_floor(series, series->now_ns), full.end_ns};
    if (rest.start_ns < full.start_ns) {
        rest.start_ns = full.start_ns;
    }
    if (rest.end_ns <= rest.start_ns) {
        return 0;
    }
    uint64_t count = slices_in_term(series, rest);
    const struct span_set *left_out = timeline_left_out(timeline, series->agreement->maintenance);
    for (uint32_t i = 0; i < left_out->count; i++) {
        struct span part = span_intersect(left_out->spans[i], rest);
        if (part.end_ns > part.start_ns) {
            int64_t first = slice_ceiling(series, part.start_ns);
            int64_t last = slice_floor(series, part.end_ns);
            count -= last > first ? (uint64_t)((last - first) / series->objective->slice_ns) : 0;
        }
    }
    return count;
}
