/* Local clocks: changes, times that are skipped or come twice, and the rule of years to come. */
#include <criterion/criterion.h>

#include "domain/civil.h"
#include "domain/hours.h"
#include "domain/zone.h"

/* As the European Union has it since 1996: +1 h, in summer +2 h, changed at 01:00 UTC. */
static const struct zone berlin = {
    .name = "Berlin",
    .first_offset_s = 3600,
    .has_rule = true,
    .rule = {.standard_offset_s = 3600,
             .has_daylight = true,
             .daylight_offset_s = 7200,
             .daylight_begins = {ZONE_MONTH_WEEK_DAY, 3, 5, 0, 2 * 3600},
             .daylight_ends = {ZONE_MONTH_WEEK_DAY, 10, 5, 0, 3 * 3600}},
};

static int64_t utc(const char *text)
{
    int64_t ns;
    cr_assert(civil_parse_rfc3339(text_from(text), &ns), "%s", text);
    return ns;
}

Test(zone, offsets_change_at_the_second)
{
    cr_expect_eq(zone_offset_s(&berlin, utc("2026-03-29T00:59:59.999999999Z")), 3600);
    cr_expect_eq(zone_offset_s(&berlin, utc("2026-03-29T01:00:00Z")), 7200);
    cr_expect_eq(zone_offset_s(&berlin, utc("2026-10-25T00:59:59Z")), 7200);
    cr_expect_eq(zone_offset_s(&berlin, utc("2026-10-25T01:00:00Z")), 3600);
    cr_expect_eq(zone_offset_s(&berlin, utc("2100-03-28T01:00:00Z")), 7200);
    cr_expect_eq(zone_offset_s(NULL, utc("2026-06-01T00:00:00Z")), 0);
}

Test(zone, a_skipped_time_follows_the_change_and_a_repeated_one_is_its_first)
{
    cr_expect_eq(zone_utc_ns(&berlin, utc("2026-03-29T02:00:00Z")), utc("2026-03-29T01:00:00Z"));
    cr_expect_eq(zone_utc_ns(&berlin, utc("2026-03-29T02:30:00Z")), utc("2026-03-29T01:30:00Z"));
    cr_expect_eq(zone_utc_ns(&berlin, utc("2026-10-25T02:30:00Z")), utc("2026-10-25T00:30:00Z"));
    cr_expect_eq(zone_utc_ns(&berlin, utc("2026-10-25T03:00:00Z")), utc("2026-10-25T02:00:00Z"));
}

Test(zone, listed_changes_come_before_the_rule)
{
    static const int64_t changes[] = {1000000000, 2000000000};
    static const int32_t offsets[] = {1800, -1800};
    struct zone zone = {
        .first_offset_s = 60, .changes_s = changes, .offsets_s = offsets, .change_count = 2};
    cr_expect_eq(zone_offset_s(&zone, 999999999 * NS_PER_SECOND), 60);
    cr_expect_eq(zone_offset_s(&zone, 1000000000 * NS_PER_SECOND), 1800);
    cr_expect_eq(zone_offset_s(&zone, 2000000000 * NS_PER_SECOND), -1800);
    zone.has_rule = true;
    zone.rule = (struct zone_rule){.standard_offset_s = 7200};
    cr_expect_eq(zone_offset_s(&zone, 2000000000 * NS_PER_SECOND), 7200);
}

Test(zone, what_divides_every_day)
{
    cr_expect_eq(zone_day_divisor_ns(NULL), NS_PER_DAY);
    cr_expect_eq(zone_day_divisor_ns(&berlin), NS_PER_HOUR);
}

static const struct hours office = {
    .entries = {{.weekdays = 0x1F, .from_ns = 8 * NS_PER_HOUR, .to_ns = 20 * NS_PER_HOUR}},
    .entry_count = 1,
};

Test(hours, hold_half_open_by_local_clocks)
{
    static const struct {
        const char *at;
        bool holds;
        const char *from;
        const char *to;
    } cases[] = {
        {"2026-06-05T05:59:59.999999999Z", false, "2026-06-04T18:00:00Z", "2026-06-05T06:00:00Z"},
        {"2026-06-05T06:00:00Z", true, "2026-06-05T06:00:00Z", "2026-06-05T18:00:00Z"},
        {"2026-06-05T18:00:00Z", false, "2026-06-05T18:00:00Z", "2026-06-08T06:00:00Z"},
        {"2026-06-07T12:00:00Z", false, "2026-06-05T18:00:00Z", "2026-06-08T06:00:00Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span span;
        cr_expect_eq(hours_hold(&office, &berlin, utc(cases[i].at), &span), cases[i].holds, "%s",
                     cases[i].at);
        cr_expect_eq(span.start_ns, utc(cases[i].from), "%s", cases[i].at);
        cr_expect_eq(span.end_ns, utc(cases[i].to), "%s", cases[i].at);
    }
}

Test(hours, the_rest_of_a_week_is_off)
{
    struct span_set off = {0};
    struct span week = {utc("2026-06-01T00:00:00Z"), utc("2026-06-08T00:00:00Z")};
    hours_add_off(&office, NULL, week, &off);
    span_set_normalize(&off);
    cr_expect_eq(off.count, 6);
    cr_expect_eq(span_set_measure(&off, week), (168 - 60) * NS_PER_HOUR);
    span_set_fini(&off);
}
