#include <criterion/criterion.h>

#include "domain/composite.h"

#define NINE(tenths) ((tenths) * (RATIO_ONE / 1000))

static struct standing standing_at(uint64_t lacking)
{
    return (struct standing){
        .window = {true, lacking}, .whole = {true, lacking}, .best = {true, 0}, .known_ns = 1};
}

static struct composite composite_of(enum combine combine, enum missing_policy missing,
                                     const struct composite_member *members, uint32_t count)
{
    return (struct composite){combine, missing, members, count};
}

/* CASES C5: 99 %, 99.9 % and one without data. */
Test(composite, a_member_without_data_is_left_out_or_counts_as_bad_or_good)
{
    static const struct composite_member members[] = {
        {.weight = WEIGHT_ONE}, {.weight = 4 * WEIGHT_ONE}, {.weight = 3 * WEIGHT_ONE}};
    const struct standing standings[] = {
        standing_at(NINE(10)), standing_at(NINE(1)), {.known_ns = 0}};
    static const uint64_t lacking[MISSING_COUNT] = {
        UINT64_C(2800000000000000), UINT64_C(376750000000000000), UINT64_C(1750000000000000)};
    for (enum missing_policy missing = MISSING_IGNORE; missing < MISSING_COUNT; missing++) {
        struct composite composite = composite_of(COMBINE_WEIGHTED_MEAN, missing, members, 3);
        struct standing standing;
        standing_combine(&composite, standings, &standing);
        cr_expect(standing.window.known);
        cr_expect_eq(standing.window.parts, lacking[missing], "%s", missing_policy_word(missing));
    }
}

/* CASES C1 and C2. */
Test(composite, missing_parts_add_up_and_never_pass_the_whole)
{
    struct composite_member members[] = {{.weight = WEIGHT_ONE}, {.weight = WEIGHT_ONE}};
    struct standing standings[] = {standing_at(NINE(50)), standing_at(NINE(50))};
    struct composite composite =
        composite_of(COMBINE_WEIGHTED_ERROR_SUM, MISSING_IGNORE, members, 2);
    struct standing standing;
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.window.parts, NINE(100));
    members[1].weight = WEIGHT_ONE / 2;
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.window.parts, NINE(75));
    standings[0] = standing_at(NINE(900));
    standings[1] = standing_at(NINE(900));
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.window.parts, RATIO_ONE);
}

Test(composite, the_largest_weights_of_the_most_members_fit)
{
    struct composite_member members[MEMBERS_MAX];
    static struct standing standings[MEMBERS_MAX];
    for (uint32_t i = 0; i < MEMBERS_MAX; i++) {
        members[i] = (struct composite_member){.weight = WEIGHT_MAX};
        standings[i] = standing_at(RATIO_ONE);
    }
    struct composite composite =
        composite_of(COMBINE_WEIGHTED_MEAN, MISSING_IGNORE, members, MEMBERS_MAX);
    struct standing standing;
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.window.parts, RATIO_ONE);
    standings[0] = standing_at(RATIO_ONE - 32);
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.window.parts, RATIO_ONE, "half of a part is rounded to the even one");
    standings[0] = standing_at(RATIO_ONE - 33);
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.window.parts, RATIO_ONE - 1);
}

Test(composite, coverage_is_that_of_the_least_covered_of_which_anything_is_known)
{
    static const struct composite_member members[] = {
        {.weight = WEIGHT_ONE}, {.weight = WEIGHT_ONE}, {.weight = WEIGHT_ONE}};
    struct composite composite = composite_of(COMBINE_WEIGHTED_MEAN, MISSING_IGNORE, members, 3);
    struct standing standings[3] = {{.known_ns = 0, .unknown_ns = 100},
                                    {.known_ns = 90, .unknown_ns = 10},
                                    {.known_ns = 8, .unknown_ns = 2}};
    struct standing standing;
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.known_ns, 8);
    cr_expect_eq(standing.unknown_ns, 2);
    standings[1].known_ns = 0;
    standings[2].known_ns = 0;
    standing_combine(&composite, standings, &standing);
    cr_expect_eq(standing.known_ns, 0);
    cr_expect_eq(standing.unknown_ns, 112);
}

/* A member's ratio is rounded half-even to 18 digits; its budget in the lookback is a share of what
 * the window holds. */
Test(composite, a_standing_says_what_a_member_lacks)
{
    const struct objective objective = {.alert_count = 1, .target_ppb = 990000000};
    const struct evidence evidence = {
        .objective = &objective,
        .window = {2, 1},
        .lookbacks_long = {{1, 1}},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = 5,
        .known_ns = 7,
    };
    const struct measure by_policy[3] = {{2, 1}, {3, 0}, {0, 0}};
    struct judgement judgement;
    struct standing standing;
    judge(&evidence, &judgement);
    standing_of(&evidence, &judgement, by_policy, &standing);
    cr_expect_eq(standing.window.parts, UINT64_C(333333333333333333));
    cr_expect_eq(standing.whole.parts, UINT64_C(333333333333333333));
    cr_expect_eq(standing.best.parts, 0, "any number of good requests may come");
    cr_expect_eq(standing.by_policy[1].parts, 0);
    cr_expect_not(standing.by_policy[2].known);
    cr_expect_eq(standing.longs[0].parts, RATIO_ONE / 2);
    cr_expect_eq(standing.spent[0].parts, UINT64_C(333333333333333333));
    cr_expect_eq(standing.events[0], 1);
    cr_expect_not(standing.shorts[0].known);
    cr_expect_eq(standing.known_ns, 7);
}
