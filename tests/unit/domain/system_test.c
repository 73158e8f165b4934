/* Sets of which some must hold, and requirements over time. */
#include <criterion/criterion.h>

#include "domain/service_system.h"

static struct span_set set_of(int64_t start_ns, int64_t end_ns)
{
    struct span_set set = {0};
    span_set_add(&set, (struct span){start_ns, end_ns});
    return set;
}

Test(service_system, at_least_some_of_many)
{
    struct span_set sets[3] = {set_of(0, 10), set_of(5, 15), set_of(8, 20)};
    struct span_set found = {0};
    static const struct span expected[] = {{0, 20}, {5, 15}, {8, 10}};
    for (uint32_t least = 1; least <= 3; least++) {
        span_set_at_least(&found, sets, 3, least);
        cr_assert_eq(found.count, 1);
        cr_expect_eq(found.spans[0].start_ns, expected[least - 1].start_ns);
        cr_expect_eq(found.spans[0].end_ns, expected[least - 1].end_ns);
    }
    span_set_at_least(&found, sets, 0, 1);
    cr_expect_eq(found.count, 0);
    span_set_fini(&found);
    for (uint32_t i = 0; i < 3; i++) {
        span_set_fini(&sets[i]);
    }
}

/* A chain of diamonds: every path from the top to the bottom is walked once. */
Test(service_system, many_paths_are_one_walk)
{
    enum { LAYERS = 40 };
    static struct requirement leaves[2 * LAYERS];
    static struct requirement groups[LAYERS];
    static struct component_document components[2 * LAYERS];
    static struct span_set sets[2 * LAYERS];
    static struct span_set blame[2 * LAYERS];
    static bool needed[2 * LAYERS];
    for (uint32_t i = 0; i < 2 * LAYERS; i++) {
        leaves[i] = (struct requirement){.kind = REQUIRE_COMPONENT, .component = i};
        components[i].validity = (struct span){INT64_MIN, INT64_MAX};
        if (i >= 2) {
            components[i].requires = &groups[i / 2 - 1];
        }
    }
    for (uint32_t i = 0; i < LAYERS; i++) {
        groups[i] =
            (struct requirement){.kind = REQUIRE_ALL, .parts = &leaves[2 * i], .part_count = 2};
    }
    span_set_add(&sets[0], (struct span){10, 20});
    service_system_spread(components, 2 * LAYERS, sets);
    requirement_blame(&groups[LAYERS - 1], components, 2 * LAYERS, sets, blame);
    requirement_needs(&groups[LAYERS - 1], components, 2 * LAYERS, needed);
    cr_expect_eq(span_set_measure(&sets[2 * LAYERS - 1], (struct span){0, 100}), 10);
    cr_expect_eq(span_set_measure(&blame[0], (struct span){0, 100}), 10);
    cr_expect_eq(blame[1].count, 0);
    cr_expect(needed[1]);
    for (uint32_t i = 0; i < 2 * LAYERS; i++) {
        span_set_fini(&sets[i]);
        span_set_fini(&blame[i]);
    }
}
