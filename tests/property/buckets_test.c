/* Buckets against an array of counters by instant; series against counting all events anew. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/buckets.h"
#include "evaluate/series.h"
#include "support/fake_rows.h"
#include "support/random.h"

#define INSTANTS 400

Test(buckets, sums_are_those_of_an_array)
{
    struct random random = random_seeded("buckets");
    for (uint32_t round = 0; round < 100; round++) {
        static uint64_t counters[INSTANTS][3];
        memset(counters, 0, sizeof(counters));
        struct buckets buckets;
        int64_t resolution = 1 + (int64_t)random_below(&random, 9);
        int64_t origin = random_between(&random, -20, 20);
        int64_t dropped = 0;
        buckets_init(&buckets, 3, resolution, origin);
        for (uint32_t step = 0; step < 600; step++) {
            int64_t at = random_between(&random, 0, INSTANTS);
            if (random_once_in(&random, 100)) {
                buckets_drop_before(&buckets, at);
                int64_t edge = floor_to(at - origin, resolution) + origin;
                dropped = edge > dropped ? edge : dropped;
                continue;
            }
            uint32_t counter = (uint32_t)random_below(&random, 3);
            uint64_t delta = random_once_in(&random, 5) ? (uint64_t)-1 : random_below(&random, 9);
            buckets_add(&buckets, at, counter, delta);
            counters[at][counter] += delta;
            int64_t from =
                floor_to(random_between(&random, 0, INSTANTS) - origin, resolution) + origin;
            int64_t to = from + resolution * (int64_t)random_below(&random, 50);
            uint64_t sums[3] = {0};
            uint64_t expected[3] = {0};
            buckets_sum(&buckets, from, to, sums);
            for (int64_t i = from < dropped ? dropped : from; i < to && i < INSTANTS; i++) {
                for (uint32_t j = 0; j < 3 && i >= 0; j++) {
                    expected[j] += counters[i][j];
                }
            }
            cr_assert_arr_eq(sums, expected, sizeof(sums));
        }
        buckets_fini(&buckets);
    }
}

#define LONG_INSTANTS 4000

/* Where the next thing happens: mostly soon after, sometimes long before. */
static int64_t some_instant(struct random *random, int64_t *newest)
{
    if (random_once_in(random, 4)) {
        return (int64_t)random_below(random, (uint64_t)*newest + 1);
    }
    int64_t step = (int64_t)random_below(random, random_once_in(random, 40) ? 300 : 3);
    *newest = *newest + step < LONG_INSTANTS ? *newest + step : LONG_INSTANTS - 1;
    return *newest;
}

static void expect_walk(const struct buckets *buckets, int64_t from,
                        uint64_t counters[LONG_INSTANTS][3], const bool *there)
{
    struct bucket_walk walk;
    bucket_walk_start(&walk, buckets, from);
    for (int64_t i = from < 0 ? 0 : from; i < LONG_INSTANTS; i++) {
        if (there[i]) {
            cr_assert_eq(walk.start_ns, i, "row at %ld, not %ld", (long)i, (long)walk.start_ns);
            cr_assert_arr_eq(walk.counters, counters[i], 3 * sizeof(uint64_t));
            bucket_walk_next(&walk);
        }
    }
    cr_assert_eq(walk.start_ns, INT64_MAX);
}

/* pager: NULL, or who lets rows go now and then. */
static void walk_again_and_again(struct random *random, struct row_pager *pager)
{
    static uint64_t counters[LONG_INSTANTS][3];
    static bool there[LONG_INSTANTS];
    for (uint32_t round = 0; round < 8; round++) {
        struct buckets buckets;
        int64_t newest = 0;
        int64_t dropped = 0;
        buckets_init(&buckets, 3, 1, 0);
        buckets_page_by(&buckets, pager, (enum row_life)(round % ROW_LIFE_COUNT));
        memset(counters, 0, sizeof(counters));
        memset(there, 0, sizeof(there));
        for (uint32_t step = 0; step < 12000; step++) {
            int64_t at = some_instant(random, &newest);
            uint32_t counter = (uint32_t)random_below(random, 3);
            uint64_t delta = random_once_in(random, 9) ? (uint64_t)-1 : random_below(random, 900);
            buckets_add(&buckets, at, counter, delta);
            counters[at][counter] += at < dropped ? 0 : delta;
            there[at] |= at >= dropped;
            if (random_once_in(random, 500)) {
                dropped = dropped > at / 2 ? dropped : at / 2;
                buckets_drop_before(&buckets, dropped);
                memset(there, 0, (size_t)dropped * sizeof(*there));
                memset(counters, 0, (size_t)dropped * sizeof(*counters));
            }
            if (pager != NULL && random_once_in(random, 30)) {
                cr_assert_eq(row_pager_settle(pager), STATUS_OK);
            }
            if (random_once_in(random, 200)) {
                expect_walk(&buckets, random_once_in(random, 3) ? INT64_MIN : at, counters, there);
            }
        }
        buckets_clear(&buckets);
        cr_assert(buckets_is_empty(&buckets));
        memset(there, 0, sizeof(there));
        expect_walk(&buckets, 0, counters, there);
        buckets_fini(&buckets);
    }
}

Test(buckets, a_walk_tells_every_row_that_is_kept)
{
    struct random random = random_seeded("bucket walk");
    walk_again_and_again(&random, NULL);
}

Test(buckets, a_walk_tells_every_row_wherever_it_is)
{
    struct random random = random_seeded("bucket paging");
    for (uint64_t memory_max = 0; memory_max <= 2000; memory_max += 2000) {
        struct fake_rows rows = {0};
        struct row_store_source source = fake_rows_source(&rows, memory_max);
        struct row_pager pager;
        row_pager_open(&pager, &source);
        walk_again_and_again(&random, &pager);
        cr_assert_gt(rows.run_count, 100);
        cr_assert_gt(rows.reads, 100);
        cr_assert_eq(pager.memory, 0);
        cr_assert_eq(pager.stored, 0);
        row_pager_close(&pager);
        fake_rows_fini(&rows);
    }
}

#define EVENTS_MAX 2000

struct counted {
    int64_t ns;
    enum counter counter;
    uint64_t count;
};

static uint64_t recount(const struct counted *events, uint32_t count, enum counter counter,
                        struct span span)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += events[i].counter == counter && span_holds(span, events[i].ns) ? events[i].count : 0;
    }
    return sum;
}

static void expect_sums(const struct counted *events, uint32_t count, const uint64_t *sums,
                        uint32_t sum_count, struct span span, const char *what)
{
    for (enum counter counter = 0; counter < sum_count; counter++) {
        cr_assert_eq(sums[counter], recount(events, count, counter, span), "%s, counter %d", what,
                     (int)counter);
    }
}

static void expect_all(struct series *series, const struct counted *events, uint32_t count)
{
    series_flush(series);
    struct span window = series_window(series);
    expect_sums(events, count, series_window_tally(series)->of, COUNTER_COUNT, window, "window");
    for (uint32_t i = 0; i < series->objective->alert_count; i++) {
        int64_t lengths[2] = {series->objective->alerts[i].long_ns,
                              series->objective->alerts[i].short_ns};
        for (uint32_t j = 0; j < 2; j++) {
            int64_t step = window_resolution_s(lengths[j]) * NS_PER_SECOND;
            struct span span = {floor_to(series->now_ns - lengths[j], step), series->now_ns};
            expect_sums(events, count, series_lookback(series, lengths[j]), COUNTER_JUDGED_COUNT,
                        span, "lookback");
        }
    }
    cr_assert_gt(series_next_due(series), series->now_ns);
}

static const struct window windows[] = {
    {.kind = WINDOW_ROLLING, .length_ns = NS_PER_HOUR},
    {.kind = WINDOW_ROLLING, .length_ns = 5 * NS_PER_HOUR},
    {.kind = WINDOW_ROLLING, .length_ns = 30 * NS_PER_DAY},
    {.kind = WINDOW_CALENDAR, .unit = CALENDAR_DAY},
    {.kind = WINDOW_CALENDAR, .unit = CALENDAR_WEEK},
    {.kind = WINDOW_CALENDAR, .unit = CALENDAR_MONTH},
    {.kind = WINDOW_TERM},
};

static int64_t some_time_ago(struct random *random, int64_t now_ns)
{
    uint64_t far = random_once_in(random, 10)  ? (uint64_t)(40 * NS_PER_DAY)
                   : random_once_in(random, 3) ? (uint64_t)(8 * NS_PER_HOUR)
                                               : (uint64_t)(2 * NS_PER_SECOND);
    return now_ns - 1 - (int64_t)random_below(random, far);
}

Test(series, rolling_sums_are_those_of_a_recount)
{
    struct random random = random_seeded("series");
    static struct counted events[EVENTS_MAX];
    for (uint32_t round = 0; round < 35; round++) {
        struct agreement agreement = {.term = {INT64_MIN, INT64_MAX},
                                      .window_term = {INT64_MIN, INT64_MAX}};
        struct objective objective = {
            .in_force = {INT64_MIN, INT64_MAX},
            .method = METHOD_OCCURRENCES,
            .target_ppb = 999000000,
            .window = windows[round % 7],
        };
        objective_default_alerts(&objective);
        struct series series;
        int64_t now_ns = 20000 * NS_PER_DAY + (int64_t)random_below(&random, NS_PER_DAY);
        series_init(&series, &agreement, &objective, NULL, now_ns);
        uint32_t count = 0;
        for (uint32_t step = 0; step < 1500; step++) {
            if (random_once_in(&random, 3)) {
                uint64_t far = random_once_in(&random, 30) ? (uint64_t)(3 * NS_PER_DAY)
                                                           : (uint64_t)(20 * NS_PER_SECOND);
                now_ns += (int64_t)random_below(&random, far);
                series_advance(&series, now_ns);
            }
            struct counted *event = &events[count++];
            *event = (struct counted){some_time_ago(&random, now_ns),
                                      random_once_in(&random, 4)
                                          ? (enum counter)random_below(&random, COUNTER_COUNT)
                                          : COUNTER_GOOD,
                                      1 + random_below(&random, 3)};
            series_count(&series, event->ns,
                         (struct class_counts){event->counter, event->counter, event->count, 0});
            if (random_once_in(&random, 20)) {
                expect_all(&series, events, count);
            }
        }
        expect_all(&series, events, count);
        series_fini(&series);
    }
}

Test(series, a_recount_moves_what_was_counted)
{
    struct random random = random_seeded("series recount");
    static struct counted events[EVENTS_MAX];
    struct agreement agreement = {.term = {INT64_MIN, INT64_MAX},
                                  .window_term = {INT64_MIN, INT64_MAX}};
    struct objective objective = {.in_force = {INT64_MIN, INT64_MAX},
                                  .method = METHOD_OCCURRENCES,
                                  .target_ppb = 990000000,
                                  .window = windows[0]};
    objective_default_alerts(&objective);
    struct series series;
    int64_t now_ns = 20000 * NS_PER_DAY;
    series_init(&series, &agreement, &objective, NULL, now_ns);
    uint32_t count = 0;
    for (uint32_t step = 0; step < 1500; step++) {
        now_ns += (int64_t)random_below(&random, 20 * NS_PER_SECOND);
        series_advance(&series, now_ns);
        struct counted *event = &events[count++];
        *event = (struct counted){some_time_ago(&random, now_ns), COUNTER_GOOD, 1};
        series_count(&series, event->ns, (struct class_counts){COUNTER_GOOD, COUNTER_BAD, 1, 0});
        struct counted *moved = &events[random_below(&random, count)];
        enum counter to = (enum counter)random_below(&random, COUNTER_COUNT);
        series_recount(&series, moved->ns, (struct class_counts){moved->counter, COUNTER_BAD, 1, 0},
                       (struct class_counts){to, COUNTER_BAD, 1, 0});
        moved->counter = to;
        if (step % 20 == 0) {
            expect_all(&series, events, count);
        }
    }
    series_fini(&series);
}
