#include <criterion/criterion.h>

#include "domain/window.h"

static struct span period(const char *name)
{
    struct span span = {0, 0};
    enum calendar_unit unit;
    cr_assert(calendar_parse_period(text_from(name), &span, &unit), "%s", name);
    return span;
}

static void expect_span(struct span span, const char *start, const char *end)
{
    char text[2][CIVIL_TEXT_SIZE];
    civil_format(span.start_ns, text[0]);
    civil_format(span.end_ns, text[1]);
    cr_expect_eq(strncmp(text[0], start, 10), 0, "%s", text[0]);
    cr_expect_eq(strncmp(text[1], end, 10), 0, "%s", text[1]);
    cr_expect_eq(span.start_ns % NS_PER_DAY, 0);
    cr_expect_eq(span.end_ns % NS_PER_DAY, 0);
}

/* Case D1. */
Test(window, months_have_their_days)
{
    static const struct {
        const char *name;
        int64_t days;
    } cases[] = {
        {"2026-02", 28}, {"2028-02", 29}, {"2026-04", 30}, {"2026-07", 31}, {"2100-02", 28},
        {"2026", 365},   {"2028", 366},   {"2026-Q1", 90}, {"2026-W23", 7}, {"2026-06-15", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(span_length(period(cases[i].name)), cases[i].days * NS_PER_DAY, "%s",
                     cases[i].name);
    }
}

Test(window, named_periods)
{
    expect_span(period("2026"), "2026-01-01", "2027-01-01");
    expect_span(period("2026-Q1"), "2026-01-01", "2026-04-01");
    expect_span(period("2026-Q4"), "2026-10-01", "2027-01-01");
    expect_span(period("2026-12"), "2026-12-01", "2027-01-01");
    expect_span(period("2026-06-15"), "2026-06-15", "2026-06-16");
}

Test(window, iso_weeks_belong_to_the_year_of_their_thursday)
{
    expect_span(period("2026-W01"), "2025-12-29", "2026-01-05");
    expect_span(period("2026-W23"), "2026-06-01", "2026-06-08");
    expect_span(period("2026-W53"), "2026-12-28", "2027-01-04");
    expect_span(period("2027-W01"), "2027-01-04", "2027-01-11");
    expect_span(period("2020-W53"), "2020-12-28", "2021-01-04");
    expect_span(period("2021-W52"), "2021-12-27", "2022-01-03");
}

Test(window, periods_that_do_not_exist)
{
    static const char *const cases[] = {"",        "26",       "2026-",      "2026-13",  "2026-00",
                                        "2026-Q0", "2026-Q5",  "2026-W00",   "2027-W53", "2026-W54",
                                        "2026-6",  "2026-W1",  "2026-02-29", "2026-q1",  "1677",
                                        "2262",    "2026-06-", "2026-06-1",  "20260601", "next"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span span;
        enum calendar_unit unit;
        cr_expect_not(calendar_parse_period(text_from(cases[i]), &span, &unit), "%s", cases[i]);
    }
}

Test(window, the_resolution_follows_the_length)
{
    cr_expect_eq(window_resolution_s(NS_PER_HOUR), 1);
    cr_expect_eq(window_resolution_s(NS_PER_HOUR + 1), 10);
    cr_expect_eq(window_resolution_s(6 * NS_PER_HOUR), 10);
    cr_expect_eq(window_resolution_s(6 * NS_PER_HOUR + 1), 60);
    cr_expect_eq(window_resolution_s(400 * NS_PER_DAY), 60);
    cr_expect_eq(window_resolution_s(400 * NS_PER_DAY + 1), 3600);
}

Test(window, a_rolling_window_starts_on_its_resolution_and_ends_at_the_instant)
{
    struct window window = {.kind = WINDOW_ROLLING, .length_ns = 30 * NS_PER_DAY};
    struct span term = {INT64_MIN, INT64_MAX};
    int64_t at_ns = 20000 * NS_PER_DAY + 61 * NS_PER_SECOND + 5;
    struct span span = window_at(&window, term, at_ns);
    cr_expect_eq(span.end_ns, at_ns);
    cr_expect_eq(span.start_ns, 19970 * NS_PER_DAY + NS_PER_MINUTE);
}

/* Case D10: what happens exactly at the end belongs to the next window. */
Test(window, an_end_belongs_to_the_next_window)
{
    struct window window = {.kind = WINDOW_CALENDAR, .unit = CALENDAR_MONTH};
    struct span term = {INT64_MIN, INT64_MAX};
    struct span june = period("2026-06");
    expect_span(window_at(&window, term, june.end_ns - 1), "2026-06-01", "2026-07-01");
    expect_span(window_at(&window, term, june.end_ns), "2026-07-01", "2026-08-01");
}

Test(window, a_term_is_the_window_of_its_agreement)
{
    struct window window = {.kind = WINDOW_TERM};
    struct span term = {5, 10};
    struct span span = window_at(&window, term, 7);
    cr_expect(span.start_ns == 5 && span.end_ns == 10);
}

Test(window, alert_defaults_take_a_month_as_thirty_days)
{
    struct window window = {.kind = WINDOW_CALENDAR, .unit = CALENDAR_WEEK};
    cr_expect_eq(window_alert_length_ns(&window), 7 * NS_PER_DAY);
    window.unit = CALENDAR_DAY;
    cr_expect_eq(window_alert_length_ns(&window), NS_PER_DAY);
    for (window.unit = CALENDAR_MONTH; window.unit <= CALENDAR_YEAR; window.unit++) {
        cr_expect_eq(window_alert_length_ns(&window), 30 * NS_PER_DAY);
    }
    window.kind = WINDOW_TERM;
    cr_expect_eq(window_alert_length_ns(&window), 30 * NS_PER_DAY);
}

Test(duration, what_people_write)
{
    static const struct {
        const char *text;
        int64_t ns;
        const char *shown;
    } cases[] = {
        {"90s", 90 * NS_PER_SECOND, "90s"},
        {"1m", NS_PER_MINUTE, "1m"}, /* case D9: never a month */
        {"5m", 5 * NS_PER_MINUTE, "5m"},
        {"1h", NS_PER_HOUR, "1h"},
        {"30d", 30 * NS_PER_DAY, "30d"},
        {"4w", 28 * NS_PER_DAY, "28d"},
        {"300ms", 300 * NS_PER_MS, "300ms"},
        {"1.5h", 90 * NS_PER_MINUTE, "90m"},
        {"0.001s", NS_PER_MS, "1ms"},
        {"0.000001ms", 1, "1ns"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ns = 0;
        char shown[32];
        cr_expect(duration_parse(text_from(cases[i].text), &ns), "%s", cases[i].text);
        cr_expect_eq(ns, cases[i].ns, "%s", cases[i].text);
        duration_format(ns, shown, sizeof(shown));
        cr_expect_str_eq(shown, cases[i].shown);
    }
}

Test(duration, what_is_no_duration)
{
    static const char *const cases[] = {"",    "5",    "m",           "5 m",           "-5m",
                                        "5M",  "5Q",   "1y",          "1h5m",          "1.m",
                                        ".5m", "1e3s", "0.0000001ms", "9999999999999w"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ns;
        cr_expect_not(duration_parse(text_from(cases[i]), &ns), "%s", cases[i]);
    }
}
