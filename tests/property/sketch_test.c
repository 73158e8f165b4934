/* Sketches against sorted lists of exact values; latencies of a series against collecting them anew. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "domain/sketch.h"
#include "evaluate/latency.h"
#include "support/random.h"

#define VALUES_MAX 3000

static int compare_values(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static void add_one(struct sketch *sketch, uint64_t value, uint64_t count)
{
    struct sketch_entry entry = {sketch_bucket(value), count};
    sketch_add_run(sketch, &entry, 1);
}

/* Latencies as they come: some milliseconds with a tail, or anything. */
static uint64_t some_latency(struct random *random)
{
    if (random_once_in(random, 4)) {
        return random_magnitude(random);
    }
    uint64_t tail = random_below(random, 7) * random_below(random, 7);
    return (1 + tail) * (1000 + random_below(random, 1000000));
}

/* At most 0.5 % off, in integers: |shown - exact| * 200 <= exact. */
static void expect_near(uint64_t shown, uint64_t exact)
{
    uint64_t off = shown > exact ? shown - exact : exact - shown;
    cr_assert_leq((uint128)off * 200, exact, "%llu for %llu", (unsigned long long)shown,
                  (unsigned long long)exact);
}

static void expect_percentiles(const struct sketch *sketch, const uint64_t *sorted, uint32_t count)
{
    static const uint32_t permilles[] = {1, 10, 250, 500, 900, 990, 999, 1000};
    cr_assert_eq(sketch_count(sketch), count);
    for (uint32_t i = 0; i < sizeof(permilles) / sizeof(permilles[0]) && count != 0; i++) {
        uint32_t rank = (count * permilles[i] + 999) / 1000;
        uint64_t shown = sketch_percentile(sketch, permilles[i]);
        expect_near(shown, sorted[rank - 1]);
        cr_assert_eq(shown, sketch_value(sketch_bucket(sorted[rank - 1])));
    }
}

Test(sketch, percentiles_are_off_by_half_a_percent_at_most)
{
    struct random random = random_seeded("sketch percentiles");
    static uint64_t values[VALUES_MAX];
    for (uint32_t round = 0; round < 60; round++) {
        struct sketch sketch = {0};
        uint32_t count = 1 + (uint32_t)random_below(&random, VALUES_MAX);
        for (uint32_t i = 0; i < count; i++) {
            values[i] = some_latency(&random);
            add_one(&sketch, values[i], 1);
        }
        qsort(values, count, sizeof(values[0]), compare_values);
        expect_percentiles(&sketch, values, count);
        sketch_fini(&sketch);
    }
}

static bool same(const struct sketch *a, const struct sketch *b)
{
    return a->length == b->length && (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static void fill(struct sketch *sketch, struct random *random)
{
    for (uint64_t i = random_below(random, 200); i > 0; i--) {
        add_one(sketch, some_latency(random), 1 + random_magnitude(random) % 1000000);
    }
}

Test(sketch, merging_has_no_order_and_can_be_undone)
{
    struct random random = random_seeded("sketch merging");
    for (uint32_t round = 0; round < 200; round++) {
        struct sketch parts[3] = {{0}};
        for (uint32_t i = 0; i < 3; i++) {
            fill(&parts[i], &random);
        }
        struct sketch left = {0}; /* (0 + 1) + 2 */
        sketch_add(&left, &parts[0]);
        sketch_add(&left, &parts[1]);
        sketch_add(&left, &parts[2]);
        struct sketch tail = {0}; /* (2 + 1) + 0 */
        sketch_add(&tail, &parts[2]);
        sketch_add(&tail, &parts[1]);
        struct sketch right = {0};
        sketch_add(&right, &tail);
        sketch_add(&right, &parts[0]);
        cr_assert(same(&left, &right));
        sketch_subtract(&left, &parts[0]);
        cr_assert(same(&left, &tail));
        sketch_subtract(&left, &parts[1]);
        cr_assert(same(&left, &parts[2]));
        for (uint32_t i = 0; i < 3; i++) {
            sketch_fini(&parts[i]);
        }
        sketch_fini(&left);
        sketch_fini(&tail);
        sketch_fini(&right);
    }
}

struct seen {
    struct event event;
    struct class_counts counts;
};

static struct seen seen[VALUES_MAX];

static const struct window windows[] = {
    {.kind = WINDOW_ROLLING, .length_ns = NS_PER_HOUR},
    {.kind = WINDOW_ROLLING, .length_ns = NS_PER_DAY},
    {.kind = WINDOW_ROLLING, .length_ns = 30 * NS_PER_DAY},
    {.kind = WINDOW_ROLLING, .length_ns = 500 * NS_PER_DAY},
    {.kind = WINDOW_CALENDAR, .unit = CALENDAR_DAY},
    {.kind = WINDOW_TERM},
};
static const int64_t rows_ns[] = {
    NS_PER_SECOND, 60 * NS_PER_SECOND, NS_PER_HOUR, NS_PER_DAY, 1, 1,
};

/* Collects what the window holds from the list of all that happened. */
static void expect_window(struct series *series, uint32_t count, int64_t row_ns)
{
    static uint64_t values[VALUES_MAX * 8];
    struct span window = series_window(series);
    int64_t start_ns = window.start_ns == INT64_MIN ? INT64_MIN : floor_to(window.start_ns, row_ns);
    uint32_t held = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool valid = seen[i].counts.first == COUNTER_GOOD;
        for (uint32_t j = 0; valid && j < seen[i].event.total; j++) {
            if (seen[i].event.occurred_ns >= start_ns && seen[i].event.latency_ns != LATENCY_NONE) {
                values[held++] = seen[i].event.latency_ns;
            }
        }
    }
    qsort(values, held, sizeof(values[0]), compare_values);
    struct latency_figures figures;
    struct latency_sum sum = {0};
    latency_add(series, &sum);
    latency_take_sum(&sum, &figures);
    cr_assert_eq(figures.count, held);
    static const uint32_t permilles[LATENCY_PERCENTILES] = {500, 900, 990, 999};
    for (uint32_t i = 0; i < LATENCY_PERCENTILES && held != 0; i++) {
        uint64_t exact = values[((uint64_t)held * permilles[i] + 999) / 1000 - 1];
        cr_assert_eq(figures.percentile_ns[i], sketch_value(sketch_bucket(exact)));
    }
}

static struct class_counts as(enum counter counter, uint64_t count)
{
    return (struct class_counts){counter, counter == COUNTER_GOOD ? COUNTER_BAD : counter, count,
                                 0};
}

static void happen(struct series *series, struct random *random, struct seen *one)
{
    uint64_t far = random_once_in(random, 5) ? (uint64_t)(40 * NS_PER_DAY) : (uint64_t)NS_PER_HOUR;
    one->event = (struct event){
        .occurred_ns = series->now_ns - 1 - (int64_t)random_below(random, far),
        .latency_ns = random_once_in(random, 9) ? LATENCY_NONE : some_latency(random),
        .total = 1 + (uint32_t)random_below(random, 3),
    };
    one->counts = as(random_once_in(random, 6) ? COUNTER_SENDER : COUNTER_GOOD, one->event.total);
    latency_count(series, &one->event, one->counts);
}

/* It was excluded and is not any more, or the other way round. */
static void reclassify(struct series *series, struct seen *one)
{
    struct class_counts after =
        as(one->counts.first == COUNTER_GOOD ? COUNTER_EXCLUSION : COUNTER_GOOD, one->event.total);
    latency_move(series, &one->event, one->counts, after);
    one->counts = after;
}

Test(latency, windows_hold_what_a_recount_finds)
{
    struct random random = random_seeded("latency");
    for (uint32_t round = 0; round < 30; round++) {
        struct agreement agreement = {.term = {INT64_MIN, INT64_MAX},
                                      .window_term = {INT64_MIN, INT64_MAX}};
        struct objective objective = {.in_force = {INT64_MIN, INT64_MAX},
                                      .method = METHOD_OCCURRENCES,
                                      .target_ppb = 990000000,
                                      .window = windows[round % 6]};
        struct series series;
        int64_t now_ns = 20000 * NS_PER_DAY;
        series_init(&series, &agreement, &objective, NULL, now_ns);
        series.keeps_latency = true;
        uint32_t count = 0;
        while (count < 2500) {
            if (random_once_in(&random, 50)) {
                uint64_t far = random_once_in(&random, 10) ? (uint64_t)(3 * NS_PER_DAY)
                                                           : (uint64_t)(20 * 60 * NS_PER_SECOND);
                now_ns += (int64_t)random_below(&random, far);
                series_advance(&series, now_ns);
            }
            happen(&series, &random, &seen[count++]);
            if (random_once_in(&random, 7)) {
                reclassify(&series, &seen[random_below(&random, count)]);
            }
            if (random_once_in(&random, 100)) {
                expect_window(&series, count, rows_ns[round % 6]);
            }
        }
        expect_window(&series, count, rows_ns[round % 6]);
        series_fini(&series);
    }
}
