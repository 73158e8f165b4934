#include "evaluate/series.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/latency.h"

/* Slices start at multiples of their length from the calendar window's start, which all windows have
 * in common: a slice divides each of them. */
static int64_t slice_origin_ns(const struct series *series)
{
    if (series->is_fixed) {
        return series->fixed.start_ns;
    }
    if (series->window.kind != WINDOW_CALENDAR) {
        return 0;
    }
    return window_at(&series->window, series->agreement->window_term, series->now_ns).start_ns;
}

static uint32_t add_tier(struct series *series, int64_t resolution_ns, int64_t keep_ns)
{
    for (uint32_t i = 0; i < series->tier_count; i++) {
        if (series->tiers[i].main.resolution_ns == resolution_ns) {
            if (keep_ns > series->tiers[i].keep_ns) {
                series->tiers[i].keep_ns = keep_ns;
            }
            return i;
        }
    }
    assert(series->tier_count < SERIES_TIERS_MAX);
    struct tier *tier = &series->tiers[series->tier_count];
    int64_t origin_ns = method_has_slices(series->objective->method) ? slice_origin_ns(series) : 0;
    buckets_init(&tier->main, 2, resolution_ns, origin_ns);
    buckets_init(&tier->aside, COUNTER_ASIDE_COUNT, resolution_ns, origin_ns);
    tier->keep_ns = keep_ns;
    return series->tier_count++;
}

static int64_t rolling_start(int64_t length_ns, int64_t now_ns)
{
    return floor_to(now_ns - length_ns, window_resolution_s(length_ns) * NS_PER_SECOND);
}

static struct rolling_span rolling_span(struct series *series, int64_t length_ns)
{
    int64_t resolution_ns = window_resolution_s(length_ns) * NS_PER_SECOND;
    return (struct rolling_span){
        .length_ns = length_ns,
        .start_ns = rolling_start(length_ns, series->now_ns),
        .first_ns = INT64_MAX,
        .tier = add_tier(series, resolution_ns, length_ns),
    };
}

static void add_lookback(struct series *series, int64_t length_ns)
{
    for (uint32_t i = 0; i < series->lookback_count; i++) {
        if (series->lookbacks[i].span.length_ns == length_ns) {
            return;
        }
    }
    series->lookbacks[series->lookback_count++] =
        (struct lookback){.span = rolling_span(series, length_ns)};
}

static bool window_rolls(const struct series *series)
{
    return !series->is_fixed && series->window.kind == WINDOW_ROLLING;
}

static void init_occurrences(struct series *series)
{
    uint32_t alert_count = series->objective->alert_count;
    if (alert_count != 0) {
        series->lookbacks = calloc(2 * (size_t)alert_count, sizeof(*series->lookbacks));
        assert(series->lookbacks != NULL);
    }
    for (uint32_t i = 0; i < alert_count; i++) {
        add_lookback(series, series->objective->alerts[i].long_ns);
        add_lookback(series, series->objective->alerts[i].short_ns);
    }
    if (window_rolls(series)) {
        series->rolling = rolling_span(series, series->window.length_ns);
    }
}

static void init_timeslices(struct series *series)
{
    /* Twice: while coverage is lost the windows of the instant before it are still asked for. */
    int64_t keep_ns = window_rolls(series) ? 2 * series->window.length_ns : INT64_MAX;
    for (uint32_t i = 0; i < series->objective->alert_count; i++) {
        if (series->objective->alerts[i].long_ns > keep_ns) {
            keep_ns = series->objective->alerts[i].long_ns;
        }
    }
    add_tier(series, series->objective->slice_ns, keep_ns);
}

static bool on_second(int64_t ns)
{
    return ns == INT64_MIN || ns == INT64_MAX || ns % NS_PER_SECOND == 0;
}

/* The running period has ended, or is the first: what it held is now the window's. */
static void enter_lagging_window(struct series *series)
{
    struct span running =
        window_at(&series->window, series->agreement->window_term, series->now_ns);
    struct span last =
        window_at(&series->window, series->agreement->window_term, running.start_ns - 1);
    bool follows = last.start_ns == series->running.start_ns;
    series->current = last;
    series->current_sum = follows ? series->running_sum : (struct tally){{0}};
    series->running = running;
    series->running_sum = (struct tally){{0}};
    series->edges_on_seconds = on_second(last.start_ns) && on_second(running.end_ns);
}

static void enter_standing_window(struct series *series)
{
    if (series->lags) {
        enter_lagging_window(series);
        return;
    }
    series->current = series->is_fixed ? series->fixed
                                       : window_at(&series->window, series->agreement->window_term,
                                                   series->now_ns);
    series->current_sum = (struct tally){{0}};
    series->edges_on_seconds =
        on_second(series->current.start_ns) && on_second(series->current.end_ns);
}

static void init_counts(struct series *series)
{
    const struct objective *objective = series->objective;
    if (method_counts(objective->method)) {
        init_occurrences(series);
    } else if (method_has_slices(objective->method)) {
        init_timeslices(series);
    }
    series->edges_on_seconds = true;
    if (!window_rolls(series)) {
        enter_standing_window(series);
    }
}

struct span asked_span(const struct asked_window *asked, const struct agreement *agreement)
{
    return asked->window.kind == WINDOW_CALENDAR ? calendar_in_zone(asked->span, agreement->zone)
                                                 : asked->span;
}

int64_t asked_end_ns(const struct asked_window *asked, const struct agreement *agreement,
                     int64_t latest_ns)
{
    return earlier(asked_span(asked, agreement).end_ns, latest_ns);
}

int64_t asked_next_end_ns(const struct asked_window *asked, const struct agreement_set *set,
                          int64_t after_ns, int64_t latest_ns)
{
    int64_t next_ns = INT64_MAX;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        int64_t end_ns = asked_end_ns(asked, &set->agreements[i], latest_ns);
        if (end_ns > after_ns) {
            next_ns = earlier(next_ns, end_ns);
        }
    }
    return next_ns;
}

void series_init(struct series *series, const struct agreement *agreement,
                 const struct objective *objective, const struct asked_window *asked,
                 int64_t now_ns)
{
    *series = (struct series){
        .agreement = agreement,
        .objective = objective,
        .window = asked != NULL ? asked->window : objective->window,
        .fixed = asked != NULL ? asked_span(asked, agreement) : (struct span){0, 0},
        .is_fixed = asked != NULL,
        .late_from_ns = INT64_MAX,
        .now_ns = now_ns,
        .frozen_at_ns = INT64_MIN,
        .covered_at_ns = INT64_MIN,
        .lost_until_ns = INT64_MIN,
        .changed_from_ns = INT64_MAX,
    };
    init_counts(series);
    /* A window that moves on is never behind what arrives: only one with an end of its own is. */
    if (series->is_fixed || series->window.kind == WINDOW_TERM) {
        series->late_from_ns = series->current.end_ns;
    }
}

void series_stand_still(struct series *series)
{
    series->late_from_ns = series_window(series).end_ns;
}

void series_init_lagging(struct series *series, const struct agreement *agreement,
                         const struct objective *objective, const struct window *period,
                         int64_t now_ns)
{
    assert(period->kind == WINDOW_CALENDAR);
    *series = (struct series){
        .agreement = agreement,
        .objective = objective,
        .window = *period,
        .lags = true,
        .late_from_ns = INT64_MAX,
        .running = {INT64_MAX, INT64_MAX},
        .now_ns = now_ns,
        .frozen_at_ns = INT64_MIN,
        .covered_at_ns = INT64_MIN,
        .lost_until_ns = INT64_MIN,
        .changed_from_ns = INT64_MAX,
    };
    init_counts(series);
}

void series_page_by(struct series *series, struct row_pager *pager)
{
    for (uint32_t i = 0; i < series->tier_count; i++) {
        struct tier *tier = &series->tiers[i];
        enum row_life life = tier->keep_ns == INT64_MAX   ? ROW_LIFE_EVER
                             : tier->keep_ns > NS_PER_DAY ? ROW_LIFE_WINDOW
                                                          : ROW_LIFE_HOURS;
        buckets_page_by(&tier->main, pager, life);
        buckets_page_by(&tier->aside, pager, life);
    }
}

void series_clear(struct series *series)
{
    const struct tally nothing = {{0}};
    for (uint32_t i = 0; i < series->tier_count; i++) {
        struct tier *tier = &series->tiers[i];
        buckets_clear(&tier->main);
        buckets_clear(&tier->aside);
    }
    for (uint32_t i = 0; i < series->lookback_count; i++) {
        memset(series->lookbacks[i].sum, 0, sizeof(series->lookbacks[i].sum));
        series->lookbacks[i].span.first_ns = INT64_MAX;
    }
    series->rolling.first_ns = INT64_MAX;
    memset(series->pending, 0, sizeof(series->pending));
    series->rolling_sum = nothing;
    series->current_sum = nothing;
    series->running_sum = nothing;
    series->total = nothing;
    series->frozen_at_ns = INT64_MIN;
    series->covered_at_ns = INT64_MIN;
    series->lost_until_ns = INT64_MIN;
}

void series_fini(struct series *series)
{
    free(series->lookbacks);
    latency_close(series->latency);
    for (uint32_t i = 0; i < series->tier_count; i++) {
        buckets_fini(&series->tiers[i].main);
        buckets_fini(&series->tiers[i].aside);
    }
}

/* Rows that stand aside are rare: their places are looked up. */
static void leave_aside(const struct buckets *aside, struct rolling_span *span, int64_t from_ns,
                        uint64_t *sums)
{
    struct row_place place = {0};
    int64_t first_ns = buckets_leave(aside, from_ns, span->start_ns, sums, &place);
    if (first_ns < span->first_ns) {
        span->first_ns = first_ns;
        span->first_place = (struct row_place){0};
    }
}

/* Moves the span's start up to now and takes what has left it out of the first `count` sums. */
static void move_rolling(struct series *series, struct rolling_span *span, uint64_t *sums,
                         uint32_t count)
{
    int64_t start_ns = rolling_start(span->length_ns, series->now_ns);
    if (start_ns <= span->start_ns) {
        return;
    }
    span->start_ns = start_ns;
    if (start_ns <= span->first_ns) {
        return; /* nothing happened in what has left */
    }
    struct tally left = {{0}};
    const struct tier *tier = &series->tiers[span->tier];
    int64_t from_ns = span->first_ns;
    span->first_ns = buckets_leave(&tier->main, from_ns, start_ns, left.of, &span->first_place);
    if (!buckets_is_empty(&tier->aside)) {
        leave_aside(&tier->aside, span, from_ns, left.of + COUNTER_ASIDE_FIRST);
    }
    for (uint32_t i = 0; i < count; i++) {
        sums[i] -= left.of[i];
    }
}

static int64_t running_slice_end(const struct series *series)
{
    const struct buckets *slices = &series->tiers[0].main;
    return floor_to(series->now_ns - slices->origin_ns, slices->resolution_ns) + slices->origin_ns +
           slices->resolution_ns;
}

static int64_t rolling_edge(const struct series *series, const struct rolling_span *span)
{
    return span->start_ns + series->tiers[span->tier].main.resolution_ns + span->length_ns;
}

/* When a window that stands still gives way to the next. */
static int64_t standing_end(const struct series *series)
{
    return series->lags ? series->running.end_ns : series->current.end_ns;
}

/* When the first of the windows' edges moves. */
static int64_t next_edge(const struct series *series)
{
    int64_t edge_ns = window_rolls(series) ? INT64_MAX : standing_end(series);
    for (uint32_t i = 0; i < series->lookback_count; i++) {
        edge_ns = earlier(edge_ns, rolling_edge(series, &series->lookbacks[i].span));
    }
    if (method_counts(series->objective->method) && window_rolls(series)) {
        edge_ns = earlier(edge_ns, rolling_edge(series, &series->rolling));
    }
    if (method_has_slices(series->objective->method)) {
        edge_ns = earlier(edge_ns, running_slice_end(series));
    }
    return edge_ns;
}

static void drop_old(struct series *series)
{
    for (uint32_t i = 0; i < series->tier_count; i++) {
        struct tier *tier = &series->tiers[i];
        if (tier->keep_ns != INT64_MAX) {
            int64_t needed_ns = floor_to(series->now_ns - tier->keep_ns, tier->main.resolution_ns) -
                                tier->main.resolution_ns;
            buckets_drop_before(&tier->main, needed_ns);
            buckets_drop_before(&tier->aside, needed_ns);
        }
    }
}

void series_advance(struct series *series, int64_t now_ns)
{
    if (now_ns <= series->now_ns) {
        return;
    }
    if (now_ns < series->edge_ns) {
        series->now_ns = now_ns; /* what is pending stays: most requests get no further */
        return;
    }
    series_flush(series);
    series->now_ns = now_ns;
    for (uint32_t i = 0; i < series->lookback_count; i++) {
        struct lookback *lookback = &series->lookbacks[i];
        move_rolling(series, &lookback->span, lookback->sum, COUNTER_JUDGED_COUNT);
    }
    if (window_rolls(series)) {
        if (method_counts(series->objective->method)) {
            move_rolling(series, &series->rolling, series->rolling_sum.of, COUNTER_COUNT);
        }
    } else if (now_ns >= standing_end(series) && !series->is_fixed &&
               series->window.kind == WINDOW_CALENDAR) {
        /* A new period: nothing of it has been counted, because nothing later than now was offered.
         */
        enter_standing_window(series);
    }
    drop_old(series);
    series->edge_ns = next_edge(series);
}

/* True when the span holds the instant; then it knows that something happened there. */
static bool take_in(const struct series *series, struct rolling_span *span, int64_t ns)
{
    if (ns < span->start_ns) {
        return false;
    }
    if (ns < span->first_ns) {
        span->first_ns = floor_to(ns, series->tiers[span->tier].main.resolution_ns);
        span->first_place = (struct row_place){0};
    }
    return true;
}

/* All additions to tiers and sums pass here. */
static void add(struct series *series, int64_t ns, enum counter counter, uint64_t delta)
{
    bool aside = counter >= COUNTER_ASIDE_FIRST;
    if (ns < series->frozen_at_ns || ns < series->covered_at_ns) {
        series->frozen_at_ns = INT64_MIN;
        series->covered_at_ns = INT64_MIN;
        series->lost_until_ns = INT64_MIN;
    }
    series->lost_until_ns = earlier(series->lost_until_ns, ns);
    series->changed_from_ns = earlier(series->changed_from_ns, ns);
    for (uint32_t i = 0; i < series->tier_count; i++) {
        struct tier *tier = &series->tiers[i];
        if (aside) {
            buckets_add(&tier->aside, ns, counter - COUNTER_ASIDE_FIRST, delta);
        } else {
            buckets_add(&tier->main, ns, counter, delta);
        }
    }
    for (uint32_t i = 0; i < series->lookback_count && counter < COUNTER_JUDGED_COUNT; i++) {
        if (take_in(series, &series->lookbacks[i].span, ns)) {
            series->lookbacks[i].sum[counter] += delta;
        }
    }
    if (window_rolls(series)) {
        if (take_in(series, &series->rolling, ns)) {
            series->rolling_sum.of[counter] += delta;
        }
    } else if (span_holds(series->current, ns)) {
        series->current_sum.of[counter] += delta;
    } else if (series->lags && span_holds(series->running, ns)) {
        series->running_sum.of[counter] += delta;
    }
    series->total.of[counter] += delta;
}

void series_flush(struct series *series)
{
    for (enum counter counter = COUNTER_GOOD; counter <= COUNTER_BAD; counter++) {
        if (series->pending[counter] != 0) {
            add(series, series->pending_second, counter, series->pending[counter]);
            series->pending[counter] = 0;
        }
    }
}

static void count_one(struct series *series, int64_t ns, enum counter counter, uint64_t count)
{
    if (count == 0) {
        return;
    }
    /* A term or a span that was asked for may begin within a second: there the second is too
     * coarse. What stands aside is rare and goes home at once. */
    if (counter > COUNTER_BAD || !series->edges_on_seconds) {
        add(series, ns, counter, count);
        return;
    }
    int64_t second = floor_to(ns, NS_PER_SECOND);
    if (second != series->pending_second) {
        series_flush(series);
        series->pending_second = second;
    }
    series->pending[counter] += count;
}

void series_count(struct series *series, int64_t ns, struct class_counts counts)
{
    assert_slow(ns < series->now_ns);
    count_one(series, ns, counts.first, counts.first_count);
    count_one(series, ns, counts.second, counts.second_count);
}

void series_recount(struct series *series, int64_t ns, struct class_counts before,
                    struct class_counts after)
{
    series_flush(series);
    add(series, ns, before.first, -before.first_count);
    add(series, ns, before.second, -before.second_count);
    add(series, ns, after.first, after.first_count);
    add(series, ns, after.second, after.second_count);
}

/* Of these requests, how many the agreement's policy calls good or bad. */
static uint64_t valid_of(const struct series *series, struct class_counts counts)
{
    bool removed = series->agreement->maintenance == MAINTENANCE_REMOVED;
    enum counter last = removed ? COUNTER_BAD : COUNTER_MAINTENANCE_BAD;
    return (counts.first <= last ? counts.first_count : 0) +
           (counts.second <= last ? counts.second_count : 0);
}

void series_count_late(struct series *series, int64_t received_ns, int64_t ns,
                       struct class_counts before, struct class_counts after)
{
    uint64_t delta = valid_of(series, after) - valid_of(series, before);
    if (received_ns >= series->late_from_ns && delta != 0) {
        add(series, ns, COUNTER_LATE, delta);
    }
}

struct span series_window(const struct series *series)
{
    if (!window_rolls(series)) {
        return series->current;
    }
    return window_at(&series->window, series->agreement->window_term, series->now_ns);
}

const struct tally *series_window_tally(const struct series *series)
{
    return window_rolls(series) ? &series->rolling_sum : &series->current_sum;
}

const uint64_t *series_lookback(const struct series *series, int64_t length_ns)
{
    for (uint32_t i = 0; i < series->lookback_count; i++) {
        if (series->lookbacks[i].span.length_ns == length_ns) {
            return series->lookbacks[i].sum;
        }
    }
    unreachable("every lookback of the alerts has a sum");
}

const struct tier *series_slices(const struct series *series)
{
    assert(method_has_slices(series->objective->method));
    return &series->tiers[0];
}

/* When the oldest occupied bucket of the sum leaves it: as soon as the window's start passes its
 * end. */
static int64_t rolling_due(const struct series *series, const struct rolling_span *span)
{
    return span->first_ns == INT64_MAX
               ? INT64_MAX
               : span->first_ns + span->length_ns + series->tiers[span->tier].main.resolution_ns;
}

/* The end of the running slice, if anything happened in it, or the next end at which an old one
 * leaves. */
static int64_t slices_due(const struct series *series)
{
    return buckets_is_empty(&series->tiers[0].main) ? INT64_MAX : running_slice_end(series);
}

int64_t series_next_due(const struct series *series)
{
    int64_t due = INT64_MAX;
    for (uint32_t i = 0; i < series->lookback_count; i++) {
        due = earlier(due, rolling_due(series, &series->lookbacks[i].span));
    }
    if (method_has_slices(series->objective->method)) {
        due = earlier(due, slices_due(series));
    } else if (method_counts(series->objective->method) && window_rolls(series)) {
        due = earlier(due, rolling_due(series, &series->rolling));
    }
    if (!window_rolls(series) && standing_end(series) > series->now_ns) {
        due = earlier(due, standing_end(series));
    }
    return due;
}
