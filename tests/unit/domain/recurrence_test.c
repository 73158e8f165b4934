#include "domain/recurrence.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "domain/civil.h"
#include "domain/window.h"

TestSuite(recurrence);

static struct recurrence parse(const char *rule)
{
    struct recurrence recurrence;
    const char *reason;
    cr_assert(recurrence_parse(text_from(rule), &recurrence, &reason), "%s: %s", rule, reason);
    return recurrence;
}

Test(recurrence, is_written_in_one_order_whatever_was_read)
{
    static const char *const rows[][2] = {
        {"FREQ=DAILY", "FREQ=DAILY"},
        {"RRULE:INTERVAL=1;FREQ=WEEKLY;WKST=MO", "FREQ=WEEKLY"},
        {"BYDAY=WE,MO;COUNT=4;FREQ=WEEKLY;INTERVAL=2",
         "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=MO,WE"},
        {"FREQ=MONTHLY;BYDAY=-1FR,FR,1MO,+2MO;WKST=SU",
         "FREQ=MONTHLY;BYDAY=1MO,2MO,FR,-1FR;WKST=SU"},
        {"FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231"},
        {"FREQ=DAILY;UNTIL=20261231T235959Z", "FREQ=DAILY;UNTIL=20261231T235959Z"},
        {"FREQ=DAILY;UNTIL=20260101T000000Z", "FREQ=DAILY;UNTIL=20260101T000000Z"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[RECURRENCE_TEXT_SIZE];
        struct recurrence recurrence = parse(rows[i][0]);
        recurrence_format(&recurrence, text);
        cr_assert_str_eq(text, rows[i][1]);
        recurrence = parse(text);
        recurrence_format(&recurrence, text);
        cr_assert_str_eq(text, rows[i][1], "read again");
    }
}

Test(recurrence, the_longest_rule_has_room)
{
    static const char *const days[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    char rule[2048] = "FREQ=MONTHLY;INTERVAL=10000;UNTIL=20261231T235958Z;WKST=SU;BYDAY=";
    for (size_t day = 0; day < 7; day++) {
        for (int ordinal = -5; ordinal <= 5; ordinal++) {
            char one[16];
            if (ordinal == 0) {
                snprintf(one, sizeof(one), "%s,", days[day]);
            } else {
                snprintf(one, sizeof(one), "%d%s,", ordinal, days[day]);
            }
            strcat(rule, one);
        }
    }
    rule[strlen(rule) - 1] = '\0';
    char text[RECURRENCE_TEXT_SIZE];
    struct recurrence recurrence = parse(rule);
    recurrence_format(&recurrence, text);
    struct recurrence again = parse(text);
    cr_assert_eq(memcmp(recurrence.days, again.days, sizeof(again.days)), 0);
}

#define ROOM 8

/* An hour later from 2026-03-29T01:00Z on, and back at 2026-10-25T01:00Z. */
static const int64_t berlin_changes_s[] = {1774746000, 1792890000};
static const int32_t berlin_offsets_s[] = {7200, 3600};
static const struct zone berlin = {.name = "Europe/Berlin",
                                   .first_offset_s = 3600,
                                   .changes_s = berlin_changes_s,
                                   .offsets_s = berlin_offsets_s,
                                   .change_count = 2};

static uint32_t starts_of(const char *rule, const char *start, int64_t *starts)
{
    struct recurrence recurrence = parse(rule);
    int64_t start_ns;
    cr_assert(civil_parse_rfc3339(text_from(start), &start_ns));
    return recurrence_starts(&recurrence, &berlin, start_ns, starts, ROOM);
}

static void expect_start(const char *expected, int64_t ns)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(ns, text);
    cr_expect_str_eq(text, expected);
}

Test(recurrence, times_that_clocks_skip_are_left_out_and_not_counted)
{
    int64_t starts[ROOM];
    cr_assert_eq(starts_of("FREQ=DAILY;COUNT=3", "2026-03-28T02:30:00+01:00", starts), 3);
    expect_start("2026-03-28T01:30:00Z", starts[0]);
    expect_start("2026-03-30T00:30:00Z", starts[1]);
    expect_start("2026-03-31T00:30:00Z", starts[2]);
}

Test(recurrence, of_a_time_that_comes_twice_it_is_the_first_but_for_the_start_itself)
{
    int64_t starts[ROOM];
    cr_assert_eq(starts_of("FREQ=DAILY;COUNT=2", "2026-10-24T02:30:00+02:00", starts), 2);
    expect_start("2026-10-25T00:30:00Z", starts[1]);
    cr_assert_eq(starts_of("FREQ=DAILY;COUNT=2", "2026-10-25T01:30:00Z", starts), 2);
    expect_start("2026-10-25T01:30:00Z", starts[0]);
    expect_start("2026-10-26T01:30:00Z", starts[1]);
}

Test(recurrence, until_is_an_instant_or_a_day_of_the_zone)
{
    int64_t starts[ROOM];
    static const char first[] = "2026-06-01T23:30:00+02:00";
    cr_expect_eq(starts_of("FREQ=DAILY;UNTIL=20260602T213000Z", first, starts), 2);
    cr_expect_eq(starts_of("FREQ=DAILY;UNTIL=20260602T212959Z", first, starts), 1);
    cr_expect_eq(starts_of("FREQ=DAILY;UNTIL=20260602", first, starts), 2);
    cr_expect_eq(starts_of("FREQ=DAILY;UNTIL=20260602", "2026-06-01T00:30:00+02:00", starts), 2);
}
