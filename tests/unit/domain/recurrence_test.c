#include "domain/recurrence.h"

#include <criterion/criterion.h>
#include <stdio.h>

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
