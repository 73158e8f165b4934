/* Composites while time passes: what is published, and when they want to be looked at again. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "support/story.h"

#define MINUTE_NS     (60 * NS_PER_SECOND)
#define HOUR_NS       (60 * MINUTE_NS)
#define AT(offset_ns) (STORY_START_NS + (offset_ns))

static const char agreements[] =
    "agreement: a\nprovider: p\nservices: [a]\nobjectives:\n"
    "  o: {target: 99%, over: 1h}\n"
    "  t: {method: timeslices, slice: 1m, slice_target: 90%, target: 90%, over: 1h}\n"
    "  u: {method: uptime, target: 99%, over: 1h}\n"
    "---\n"
    "agreement: b\nprovider: p\nservices: [b]\nobjectives:\n"
    "  o: {target: 99%, over: 1h}\n"
    "  t: {method: timeslices, slice: 1m, slice_target: 90%, target: 90%, over: 1h}\n"
    "  u: {method: uptime, target: 99%, over: 1h}\n"
    "---\n"
    "project: p\nover: 1h\nobjectives:\n"
    "  mean: {combine: weighted_mean, members: [a/o, b/o], target: 90%}\n"
    "  slices: {combine: any_bad, members: [a/t, b/t], target: 90%}\n"
    "  strict: {combine: any_bad, members: [a/t, b/t], target: 90%, missing: bad}\n"
    "  time: {combine: any_bad, members: [a/u, b/u], target: 90%,\n"
    "    alerts: [{severity: page, long: 10m, short: 1m, burn: 2}]}\n";
enum { MEAN = 6, SLICES, STRICT, TIME };

struct told {
    struct story story;
    struct audience audience;
};

static void begin(struct told *told)
{
    story_init(&told->story, agreements);
    audience_init(&told->audience, &told->story, 1, INT64_MAX, INT64_MAX);
}

static void end(struct told *told)
{
    audience_fini(&told->audience);
    story_fini(&told->story);
}

static void hear(struct told *told, int64_t ns, const char *service, const char *more)
{
    char line[STORY_LINE_SIZE];
    char time[32];
    snprintf(line, sizeof(line), "{\"service\":\"%s\",\"ts\":%s%s}", service, story_time(ns, time),
             more);
    audience_hear(&told->audience, line);
}

static int64_t next_due(const struct told *told)
{
    return evaluator_next_due(told->audience.evaluators[0]);
}

static struct objective_report report_of(struct told *told, uint32_t series)
{
    struct objective_report report;
    audience_report(&told->audience, series, &report);
    return report;
}

Test(composition, without_events_nothing_is_due)
{
    struct told told;
    begin(&told);
    audience_advance(&told.audience, AT(HOUR_NS));
    cr_expect_gt(next_due(&told), AT(HOUR_NS));
    cr_expect_eq(report_of(&told, MEAN).judgement.verdict, VERDICT_NO_DATA);
    cr_expect_eq(report_of(&told, STRICT).slices.bad, 60, "a slice without data is bad");
    end(&told);
}

Test(composition, a_slice_counts_when_it_ends_and_again_when_something_late_changes_it)
{
    struct told told;
    begin(&told);
    hear(&told, AT(HOUR_NS), "a", "");
    audience_judge(&told.audience, AT(HOUR_NS + 30 * NS_PER_SECOND));
    audience_advance(&told.audience, AT(HOUR_NS + 30 * NS_PER_SECOND));
    cr_expect_eq(report_of(&told, SLICES).slices.good, 0);
    cr_expect_leq(next_due(&told), AT(HOUR_NS + MINUTE_NS));
    audience_advance(&told.audience, AT(HOUR_NS + MINUTE_NS));
    cr_expect_eq(report_of(&told, SLICES).slices.good, 1);
    audience_advance(&told.audience, AT(HOUR_NS + 5 * MINUTE_NS));
    hear(&told, AT(HOUR_NS + 1), "b", ",\"outcome\":\"bad\"");
    audience_judge(&told.audience, AT(HOUR_NS + 5 * MINUTE_NS));
    cr_expect_eq(report_of(&told, SLICES).slices.good, 0);
    cr_expect_eq(report_of(&told, SLICES).slices.bad, 1);
    audience_advance(&told.audience, AT(2 * HOUR_NS + 2 * MINUTE_NS));
    cr_expect_eq(report_of(&told, SLICES).judgement.verdict, VERDICT_NO_DATA, "it has left");
    end(&told);
}

Test(composition, counts_of_members_leave_the_composites_window_by_time_alone)
{
    struct told told;
    begin(&told);
    hear(&told, AT(HOUR_NS), "a", ",\"good\":9,\"total\":10");
    hear(&told, AT(HOUR_NS + MINUTE_NS), "b", "");
    audience_judge(&told.audience, AT(HOUR_NS + 2 * MINUTE_NS));
    audience_advance(&told.audience, AT(HOUR_NS + 2 * MINUTE_NS));
    cr_expect_eq(report_of(&told, MEAN).judgement.window.bad, RATIO_ONE / 20);
    cr_expect_leq(next_due(&told), AT(2 * HOUR_NS + NS_PER_SECOND));
    audience_advance(&told.audience, AT(2 * HOUR_NS + NS_PER_SECOND));
    cr_expect_eq(report_of(&told, MEAN).judgement.window.bad, 0, "a is without data now");
    end(&told);
}

/* 2 x 10 % of ten minutes is two minutes of outage. */
Test(composition, an_alert_on_an_open_outage_is_due_when_it_becomes_true)
{
    struct told told;
    begin(&told);
    char line[STORY_LINE_SIZE];
    char time[32];
    snprintf(line, sizeof(line),
             "{\"kind\":\"incident\",\"id\":\"i\",\"service\":\"b\",\"state\":\"open\",\"ts\":%s}",
             story_time(AT(HOUR_NS), time));
    audience_hear(&told.audience, line);
    audience_judge(&told.audience, AT(HOUR_NS + 1));
    int64_t now_ns = AT(HOUR_NS + 1);
    audience_advance(&told.audience, now_ns);
    while (report_of(&told, TIME).judgement.alert != ALERT_PAGE) {
        cr_assert_lt(now_ns, AT(HOUR_NS + 3 * MINUTE_NS));
        cr_assert_gt(next_due(&told), now_ns);
        now_ns = next_due(&told);
        audience_advance(&told.audience, now_ns);
    }
    cr_expect_gt(now_ns, AT(HOUR_NS + 2 * MINUTE_NS));
    cr_expect_leq(now_ns, AT(HOUR_NS + 2 * MINUTE_NS + NS_PER_SECOND));
    end(&told);
}
