/* The cases E, O and B of shared/cases, as far as they are arithmetic on measures. */
#include <criterion/criterion.h>

#include "domain/decimal.h"
#include "domain/verdict.h"

static struct objective rolling(int64_t target_ppb, int64_t days)
{
    struct objective objective = {
        .name = "o",
        .method = METHOD_OCCURRENCES,
        .target_ppb = target_ppb,
        .window = {.kind = WINDOW_ROLLING, .length_ns = days * NS_PER_DAY},
        .alert_guard = true,
        .coverage_floor_ppb = 900000000,
    };
    objective_default_alerts(&objective);
    return objective;
}

static struct judgement judge_window(const struct objective *objective, uint64_t good, uint64_t bad)
{
    struct evidence evidence = {
        .objective = objective,
        .window = {good, bad},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = INT64_MAX,
        .nominal_ns = objective->window.length_ns,
        .known_ns = 1,
    };
    struct judgement judgement;
    judge(&evidence, &judgement);
    return judgement;
}

Test(verdict, o1_met_with_seventy_percent_used)
{
    struct objective objective = rolling(999000000, 30);
    struct judgement judgement = judge_window(&objective, 999300, 700);
    cr_expect_eq(judgement.verdict, VERDICT_MET);
    cr_expect_eq(judgement.reason, REASON_NONE);
    cr_expect(judgement.has_sli);
    cr_expect_eq(judgement.ratio_valid, 1000000);
}

Test(verdict, o2_breached_and_exactly_the_target_is_met)
{
    struct objective objective = rolling(999000000, 30);
    cr_expect_eq(judge_window(&objective, 998750, 1250).verdict, VERDICT_BREACHED);
    cr_expect_eq(judge_window(&objective, 998750, 1250).reason, REASON_BELOW_TARGET);
    cr_expect_eq(judge_window(&objective, 999000, 1000).verdict, VERDICT_AT_RISK, "nothing left");
    cr_expect_eq(judge_window(&objective, 998999, 1001).verdict, VERDICT_BREACHED);
}

Test(verdict, o4_nothing_valid_is_no_data)
{
    struct objective objective = rolling(999000000, 30);
    struct judgement judgement = judge_window(&objective, 0, 0);
    cr_expect_eq(judgement.verdict, VERDICT_NO_DATA);
    cr_expect_eq(judgement.reason, REASON_NO_VALID_EVENTS);
    cr_expect_not(judgement.has_sli);
    objective.no_data = NO_DATA_EMPTY_IS_GOOD;
    judgement = judge_window(&objective, 0, 0);
    cr_expect_eq(judgement.verdict, VERDICT_MET);
    cr_expect(judgement.has_sli);
}

Test(verdict, e4_a_target_of_100_allows_nothing)
{
    struct objective objective = rolling(1000000000, 30);
    cr_expect_eq(judge_window(&objective, 1000, 0).verdict, VERDICT_MET);
    struct judgement judgement = judge_window(&objective, UINT32_MAX, 1);
    cr_expect_eq(judgement.verdict, VERDICT_BREACHED);
    cr_expect_eq(judgement_budget_lasts_s(&objective, &judgement), -1);
    cr_expect_eq(judgement_whole_budget_lasts_s(&objective, &judgement), -1);
}

Test(verdict, too_few_events_are_no_data)
{
    struct objective objective = rolling(999000000, 30);
    objective.min_events = 100;
    struct judgement judgement = judge_window(&objective, 90, 9);
    cr_expect_eq(judgement.verdict, VERDICT_NO_DATA);
    cr_expect_eq(judgement.reason, REASON_TOO_FEW_EVENTS);
    cr_expect_eq(judge_window(&objective, 91, 9).verdict, VERDICT_BREACHED);
}

/* Case V1: coverage 0.85; at the floor itself it is judged. */
Test(verdict, below_the_coverage_floor_nothing_is_known)
{
    struct objective objective = rolling(999000000, 30);
    struct evidence evidence = {.objective = &objective,
                                .window = {10, 0},
                                .known_ns = 850,
                                .unknown_ns = 150,
                                .remaining_ns = INT64_MAX};
    struct judgement judgement;
    judge(&evidence, &judgement);
    cr_expect_eq(judgement.verdict, VERDICT_UNKNOWN);
    cr_expect_eq(judgement.reason, REASON_COVERAGE);
    evidence.known_ns = 900;
    evidence.unknown_ns = 100;
    judge(&evidence, &judgement);
    cr_expect_eq(judgement.verdict, VERDICT_MET);
}

Test(verdict, less_than_a_tenth_left_is_at_risk)
{
    struct objective objective = rolling(990000000, 30);
    cr_expect_eq(judge_window(&objective, 99100, 900).verdict, VERDICT_MET, "a tenth is left");
    struct judgement judgement = judge_window(&objective, 99099, 901);
    cr_expect_eq(judgement.verdict, VERDICT_AT_RISK);
    cr_expect_eq(judgement.reason, REASON_BUDGET_LOW);
}

static struct evidence june(const struct objective *objective, struct measure window)
{
    return (struct evidence){
        .objective = objective,
        .window = window,
        .unit = BUDGET_NS,
        .is_calendar = true,
        .remaining_ns = 20 * NS_PER_DAY,
        .nominal_ns = 30 * NS_PER_DAY,
        .full_valid = (uint64_t)(30 * NS_PER_DAY),
        .remaining_valid = (uint64_t)(20 * NS_PER_DAY),
        .known_ns = 1,
    };
}

static struct measure after_ten_days(int64_t bad_ns)
{
    return (struct measure){(uint64_t)(10 * NS_PER_DAY - bad_ns), (uint64_t)bad_ns};
}

static enum verdict verdict_of(const struct evidence *evidence, enum verdict_reason *reason_out)
{
    struct judgement judgement;
    judge(evidence, &judgement);
    *reason_out = judgement.reason;
    return judgement.verdict;
}

/* Case D7 and its neighbours. */
Test(verdict, an_unfinished_month_can_be_behind_and_still_be_kept)
{
    struct objective objective = rolling(999000000, 30);
    objective.window = (struct window){.kind = WINDOW_CALENDAR, .unit = CALENDAR_MONTH};
    objective.alert_count = 0;
    enum verdict_reason reason;
    struct evidence evidence = june(&objective, after_ten_days(20 * NS_PER_MINUTE));
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_BEHIND);
    cr_expect_eq(reason, REASON_BELOW_TARGET_SO_FAR);
    /* 2,592 s are the whole month's budget: that much can still be kept, a second more cannot. */
    evidence = june(&objective, after_ten_days(2592 * NS_PER_SECOND));
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_BEHIND);
    evidence = june(&objective, after_ten_days(2592 * NS_PER_SECOND + 1));
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_BREACHED);
    cr_expect_eq(reason, REASON_CANNOT_RECOVER);
    /* When the month is over, below is below. */
    evidence = june(&objective, after_ten_days(20 * NS_PER_MINUTE));
    evidence.is_over = true;
    evidence.remaining_ns = 0;
    evidence.remaining_valid = 0;
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_BREACHED);
    cr_expect_eq(reason, REASON_BELOW_TARGET);
}

Test(verdict, requests_can_always_recover_in_an_unfinished_month)
{
    struct objective objective = rolling(999000000, 30);
    objective.alert_count = 0;
    struct evidence evidence = june(&objective, (struct measure){1, 1000});
    evidence.unit = BUDGET_REQUESTS;
    evidence.remaining_valid = 0;
    evidence.full_valid = 0;
    enum verdict_reason reason;
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_BEHIND);
    objective.target_ppb = PPB;
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_BREACHED, "100 %% cannot be met any more");
}

Test(verdict, a_month_whose_budget_will_not_last_is_at_risk)
{
    struct objective objective = rolling(999000000, 30);
    objective.alert_guard = true;
    struct evidence evidence = june(&objective, after_ten_days(600 * NS_PER_SECOND));
    /* Burn 2: what is left (1,992 s of 2,592) lasts 30 d x 0.7685 / 2 = 11.5 d, less than the 20 d
     * to come. */
    evidence.lookbacks_long[0] = (struct measure){998, 2};
    evidence.lookbacks_short[0] = (struct measure){998, 2};
    enum verdict_reason reason;
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_AT_RISK);
    cr_expect_eq(reason, REASON_BUDGET_ENDS_EARLY);
    evidence.lookbacks_long[0] = (struct measure){999, 1};
    cr_expect_eq(verdict_of(&evidence, &reason), VERDICT_MET);
}

static void expect_threshold(const struct alert_pair *pair, const char *text)
{
    char threshold[DECIMAL_TEXT_SIZE];
    decimal_format_trimmed((int128)pair->threshold_numerator, (int128)pair->threshold_denominator,
                           9, threshold);
    cr_expect_str_eq(threshold, text);
}

Test(alerts, b1_default_thresholds)
{
    struct objective objective = rolling(999000000, 30);
    cr_assert_eq(objective.alert_count, 4);
    static const char *const thirty_days[] = {"14.4", "6", "3", "1"};
    for (uint32_t i = 0; i < 4; i++) {
        expect_threshold(&objective.alerts[i], thirty_days[i]);
        cr_expect_eq(objective.alerts[i].severity, i < 2 ? ALERT_PAGE : ALERT_TICKET);
    }
    objective = rolling(999000000, 28);
    static const char *const four_weeks[] = {"13.44", "5.6", "2.8", "0.933333333"};
    for (uint32_t i = 0; i < 4; i++) {
        expect_threshold(&objective.alerts[i], four_weeks[i]);
    }
}

Test(alerts, b1c_published_thresholds)
{
    static const struct {
        int64_t window_d;
        int64_t share_ppb;
        int64_t long_h;
        const char *threshold;
    } cases[] = {
        {7, 100000000, 1, "16.8"}, {7, 200000000, 6, "5.6"},  {7, 400000000, 24, "2.8"},
        {90, 10000000, 1, "21.6"}, {90, 30000000, 6, "10.8"}, {90, 50000000, 24, "4.5"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct alert_pair pair = {.long_ns = cases[i].long_h * NS_PER_HOUR};
        alert_threshold_from_share(&pair, cases[i].share_ppb, cases[i].window_d * NS_PER_DAY);
        expect_threshold(&pair, cases[i].threshold);
    }
}

/* Case B3: the highest burn there can be is 1 / B. */
Test(alerts, b3_a_threshold_above_what_can_burn_is_unreachable)
{
    struct alert_pair pair = {.threshold_numerator = 10, .threshold_denominator = 1};
    cr_expect_not(alert_threshold_unreachable(&pair, 900000000));
    pair.threshold_numerator = 11;
    cr_expect(alert_threshold_unreachable(&pair, 900000000));
    cr_expect_not(alert_threshold_unreachable(&pair, PPB));
    struct objective objective = rolling(900000000, 30);
    cr_expect_eq(objective.alert_count, 3, "14.4 is left out");
}

static struct judgement judge_alert(const struct objective *objective, struct measure long_measure,
                                    struct measure short_measure)
{
    struct evidence evidence = {
        .objective = objective,
        .window = {1000000, 0},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = INT64_MAX,
        .nominal_ns = objective->window.length_ns,
        .known_ns = 1,
    };
    evidence.lookbacks_long[0] = long_measure;
    evidence.lookbacks_short[0] = short_measure;
    struct judgement judgement;
    judge(&evidence, &judgement);
    return judgement;
}

Test(alerts, both_lookbacks_must_exceed)
{
    struct objective objective = rolling(999000000, 30);
    struct measure over = {98559, 1441};
    struct measure at = {98560, 1440}; /* burn 14.4 exactly */
    struct judgement judgement = judge_alert(&objective, over, over);
    cr_expect_eq(judgement.alert, ALERT_PAGE);
    cr_expect_eq(judgement.verdict, VERDICT_AT_RISK);
    cr_expect_eq(judgement.reason, REASON_BURN_ALERT);
    cr_expect_eq(judge_alert(&objective, at, over).alert, ALERT_NONE);
    cr_expect_eq(judge_alert(&objective, over, at).alert, ALERT_NONE);
    cr_expect_eq(judge_alert(&objective, over, (struct measure){0, 0}).alert, ALERT_NONE);
    objective.alert_or_equal = true;
    cr_expect_eq(judge_alert(&objective, at, at).alert, ALERT_PAGE);
}

/* Case B6: one failure of ten burns at 100, and wakes nobody. */
Test(alerts, b6_the_guard_wants_ten_bad_or_a_hundredth_of_the_budget)
{
    struct objective objective = rolling(999000000, 30);
    struct measure nine = {0, 9};
    struct measure ten = {0, 10};
    /* The window of judge_alert has a budget of 1,000: a hundredth is ten. */
    cr_expect_eq(judge_alert(&objective, nine, nine).alert, ALERT_NONE);
    cr_expect_eq(judge_alert(&objective, ten, ten).alert, ALERT_PAGE);
    objective.alert_guard = false;
    cr_expect_eq(judge_alert(&objective, nine, nine).alert, ALERT_PAGE);
    objective = rolling(999000000, 30);
    struct evidence evidence = {
        .objective = &objective,
        .window = {7199, 1},
        .lookbacks_long = {{9, 1}},
        .lookbacks_short = {{9, 1}},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = INT64_MAX,
        .nominal_ns = 30 * NS_PER_DAY,
        .known_ns = 1,
    };
    struct judgement judgement;
    judge(&evidence, &judgement);
    cr_expect_eq(judgement.alert, ALERT_PAGE,
                 "a failure of 7.2 allowed is a seventh of the budget");
}

Test(alerts, with_a_target_of_100_the_first_bad_unit_pages)
{
    struct objective objective = rolling(PPB, 30);
    cr_assert_gt(objective.alert_count, 0);
    cr_expect_eq(judge_alert(&objective, (struct measure){5, 1}, (struct measure){5, 1}).alert,
                 ALERT_PAGE);
    cr_expect_eq(judge_alert(&objective, (struct measure){5, 1}, (struct measure){5, 0}).alert,
                 ALERT_NONE);
}

/* Case B13. */
Test(alerts, b13_the_highest_severity_wins)
{
    struct objective objective = rolling(999000000, 30);
    struct evidence evidence = {
        .objective = &objective,
        .window = {1000000, 0},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = INT64_MAX,
        .known_ns = 1,
    };
    for (uint32_t i = 1; i < 4; i++) {
        evidence.lookbacks_long[i] = (struct measure){9900, 100};
        evidence.lookbacks_short[i] = (struct measure){9900, 100};
    }
    struct judgement judgement;
    judge(&evidence, &judgement);
    cr_expect_eq(judgement.alert, ALERT_PAGE);
    cr_expect(judgement.alerts[1].firing && judgement.alerts[2].firing &&
              judgement.alerts[3].firing);
    evidence.lookbacks_short[1] = (struct measure){100, 0};
    judge(&evidence, &judgement);
    cr_expect_eq(judgement.alert, ALERT_TICKET);
}

/* Cases B2 and B10: seconds that a budget lasts. */
Test(alerts, b2_b10_how_long_a_budget_lasts)
{
    struct objective objective = rolling(999000000, 30);
    static const struct {
        struct measure burn;
        int64_t whole_s;
    } cases[] = {
        {{98560, 1440}, 50 * 3600},
        {{994, 6}, 120 * 3600},
        {{990, 10}, 72 * 3600},
        {{0, 1}, 2592},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct judgement judgement = judge_alert(&objective, cases[i].burn, cases[i].burn);
        cr_expect_eq(judgement_whole_budget_lasts_s(&objective, &judgement), cases[i].whole_s);
    }
    struct evidence evidence = {
        .objective = &objective,
        .window = {999300, 700},
        .lookbacks_long = {{994, 6}},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = INT64_MAX,
        .nominal_ns = 30 * NS_PER_DAY,
        .known_ns = 1,
    };
    struct judgement judgement;
    judge(&evidence, &judgement);
    cr_expect_eq(judgement_budget_lasts_s(&objective, &judgement), 36 * 3600, "1.5 d");
    cr_expect_eq(judgement_whole_budget_lasts_s(&objective, &judgement), 120 * 3600, "5 d");
    evidence.window.bad = 5000;
    judge(&evidence, &judgement);
    cr_expect_eq(judgement_budget_lasts_s(&objective, &judgement), 0, "used up");
}

Test(alerts, pairs_that_do_not_fit_the_window_are_left_out)
{
    struct objective objective = rolling(990000000, 1);
    for (uint32_t i = 0; i < objective.alert_count; i++) {
        cr_expect_lt(objective.alerts[i].long_ns, NS_PER_DAY);
        cr_expect_gt(objective.alerts[i].short_ns, 0);
    }
    cr_expect_eq(objective.alert_count, 2);
}
