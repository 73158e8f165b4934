/* Sets of spans against bitmaps of 64 instants. */
#include <criterion/criterion.h>

#include "domain/span_set.h"
#include "support/random.h"

#define INSTANTS 64

static uint64_t bits_of(struct span span)
{
    uint64_t bits = 0;
    for (int64_t i = 0; i < INSTANTS; i++) {
        bits |= span_holds(span, i) ? UINT64_C(1) << i : 0;
    }
    return bits;
}

static struct span any_span(struct random *random)
{
    int64_t start_ns = random_between(random, -5, INSTANTS);
    int64_t end_ns = start_ns + random_between(random, -2, 12);
    return random_once_in(random, 20)   ? (struct span){INT64_MIN, end_ns}
           : random_once_in(random, 20) ? (struct span){start_ns, INT64_MAX}
                                        : (struct span){start_ns, end_ns};
}

static uint64_t fill(struct random *random, struct span_set *set)
{
    uint64_t bits = 0;
    span_set_clear(set);
    for (uint64_t i = random_below(random, 8); i > 0; i--) {
        struct span span = any_span(random);
        span_set_add(set, span);
        bits |= bits_of(span);
    }
    span_set_normalize(set);
    return bits;
}

static void expect_is(const struct span_set *set, uint64_t bits)
{
    for (int64_t i = 0; i < INSTANTS; i++) {
        cr_assert_eq(span_set_holds(set, i), (bits >> i & 1) != 0, "instant %lld", (long long)i);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        cr_assert_lt(set->spans[i].start_ns, set->spans[i].end_ns);
        cr_assert(i == 0 || set->spans[i - 1].end_ns < set->spans[i].start_ns);
    }
}

static void expect_measures(struct random *random, const struct span_set *set, uint64_t bits)
{
    int64_t from = random_between(random, 0, INSTANTS);
    int64_t to = random_between(random, from, INSTANTS + 1);
    cr_assert_eq(span_set_measure(set, (struct span){from, to}),
                 __builtin_popcountll(bits & bits_of((struct span){from, to})));
    int64_t edge = from + 1;
    while (edge < INSTANTS && (bits >> edge & 1) == (bits >> (edge - 1) & 1)) {
        edge++;
    }
    int64_t found = span_set_next_edge(set, from);
    cr_assert(edge == INSTANTS ? found >= INSTANTS : found == edge,
              "edge after %lld: %lld, not %lld", (long long)from, (long long)found,
              (long long)edge);
}

Test(span_set, behaves_as_a_bitmap)
{
    struct random random = random_seeded("span_set");
    struct span_set a = {0};
    struct span_set b = {0};
    struct span_set result = {0};
    for (uint32_t round = 0; round < 20000; round++) {
        uint64_t bits_a = fill(&random, &a);
        uint64_t bits_b = fill(&random, &b);
        expect_is(&a, bits_a);
        expect_measures(&random, &a, bits_a);
        span_set_subtract(&result, &a, &b);
        expect_is(&result, bits_a & ~bits_b);
        span_set_intersect(&result, &a, &b);
        expect_is(&result, bits_a & bits_b);
        span_set_copy(&result, &a);
        cr_assert(span_set_equal(&result, &a));
    }
    span_set_fini(&a);
    span_set_fini(&b);
    span_set_fini(&result);
}
