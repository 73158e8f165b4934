#include <criterion/criterion.h>

#include "domain/promise.h"

#define HOUR NS_PER_HOUR
/* 2026-06-05, a Friday. */
#define FRIDAY (INT64_C(20609) * NS_PER_DAY)

static const struct hours office = {
    .entries = {{.weekdays = 0x1f, .from_ns = 8 * NS_PER_HOUR, .to_ns = 20 * NS_PER_HOUR}},
    .entry_count = 1,
};

static int64_t limit(const struct hours *hours, int64_t within_ns, struct span stretch)
{
    const struct promise promise = {.within_ns = within_ns, .hours = hours};
    return promise_limit(&promise, &stretch, 1);
}

Test(promise, the_limit_is_reached_when_the_clock_has_run_for_within)
{
    cr_expect_eq(limit(NULL, HOUR, (struct span){FRIDAY, INT64_MAX}), FRIDAY + HOUR);
    cr_expect_eq(limit(NULL, HOUR, (struct span){FRIDAY, FRIDAY + HOUR}), FRIDAY + HOUR);
    cr_expect_eq(limit(NULL, HOUR, (struct span){FRIDAY, FRIDAY + HOUR - 1}), INT64_MAX);
}

Test(promise, the_clock_stands_between_its_stretches)
{
    const struct promise promise = {.within_ns = 3 * HOUR};
    const struct span stretches[] = {
        {FRIDAY, FRIDAY + HOUR},
        {FRIDAY + 5 * HOUR, FRIDAY + 6 * HOUR},
        {FRIDAY + 9 * HOUR, INT64_MAX},
    };
    cr_expect_eq(promise_limit(&promise, stretches, 3), FRIDAY + 10 * HOUR);
    cr_expect_eq(promise_limit(&promise, stretches, 2), INT64_MAX);
    cr_expect_eq(promise_limit(&promise, stretches, 0), INT64_MAX);
}

Test(promise, the_clock_runs_in_service_hours_only)
{
    int64_t open = FRIDAY + 8 * HOUR;
    int64_t monday = open + 3 * NS_PER_DAY;
    cr_expect_eq(limit(&office, HOUR, (struct span){FRIDAY, INT64_MAX}), open + HOUR);
    cr_expect_eq(limit(&office, 12 * HOUR, (struct span){open, INT64_MAX}), open + 12 * HOUR);
    cr_expect_eq(limit(&office, 12 * HOUR + 1, (struct span){open, INT64_MAX}), monday + 1);
    cr_expect_eq(limit(&office, 60 * HOUR, (struct span){monday, INT64_MAX}),
                 monday + 4 * NS_PER_DAY + 12 * HOUR);
}

Test(promise, times_at_the_ends_of_what_can_be_told_overflow_nothing)
{
    cr_expect_eq(limit(&office, HOUR, (struct span){INT64_MIN, 0}), INT64_MAX);
    cr_expect_eq(limit(NULL, HOUR, (struct span){INT64_MIN, INT64_MAX}), HOUR);
    cr_expect_eq(limit(&office, HOUR, (struct span){INT64_MAX - 5, INT64_MAX}), INT64_MAX);
    cr_expect_eq(limit(NULL, HOUR, (struct span){INT64_MAX - 5, INT64_MAX}), INT64_MAX);
}

Test(promise, an_answer_at_the_limit_keeps_it)
{
    struct decision at = promise_decide(100, 100);
    struct decision past = promise_decide(100, 101);
    struct decision none = promise_decide(100, INT64_MAX);
    struct decision open = promise_decide(INT64_MAX, INT64_MAX);
    cr_expect(at.kept && at.at_ns == 100);
    cr_expect(!past.kept && past.at_ns == 99);
    cr_expect(!none.kept && none.at_ns == 99);
    cr_expect_eq(open.at_ns, INT64_MAX);
}
