#include <criterion/criterion.h>

#include "domain/civil.h"

Test(civil, known_days)
{
    cr_expect_eq(civil_days((struct civil_date){1970, 1, 1}), 0);
    cr_expect_eq(civil_days((struct civil_date){2000, 3, 1}), 11017);
    cr_expect_eq(civil_days((struct civil_date){1969, 12, 31}), -1);
    cr_expect_eq(civil_weekday(0), 3, "a Thursday");
    cr_expect_eq(civil_weekday(-4), 6, "a Sunday");
}

Test(civil, leap_years)
{
    cr_expect(civil_valid((struct civil_date){2028, 2, 29}));
    cr_expect(civil_valid((struct civil_date){2000, 2, 29}));
    cr_expect_not(civil_valid((struct civil_date){2026, 2, 29}));
    cr_expect_not(civil_valid((struct civil_date){2100, 2, 29}));
    cr_expect_not(civil_valid((struct civil_date){2026, 13, 1}));
    cr_expect_not(civil_valid((struct civil_date){2026, 4, 31}));
    cr_expect_not(civil_valid((struct civil_date){2026, 1, 0}));
}

Test(civil, floor_goes_down_below_zero_too)
{
    cr_expect_eq(floor_to(7, 5), 5);
    cr_expect_eq(floor_to(-7, 5), -10);
    cr_expect_eq(floor_to(-5, 5), -5);
    cr_expect_eq(floor_to(INT64_MAX, 10), INT64_MAX - 7);
}

#define JUNE INT64_C(1780272000000000000) /* 2026-06-01T00:00:00Z */

Test(civil, times_that_are_read)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {
        {"2026-06-01T00:00:00Z", JUNE},
        {"2026-06-01t00:00:00z", JUNE},
        {"2026-06-01 00:00:00Z", JUNE},
        {"2026-06-01T02:00:00+02:00", JUNE},
        {"2026-05-31T18:30:00-0530", JUNE},
        {"2026-06-01T00:00:00.5Z", JUNE + 500000000},
        {"2026-06-01T00:00:00.123456789Z", JUNE + 123456789},
        {"2026-05-31T23:59:60Z", JUNE},
        {"2026-05-31T23:59:60.9Z", JUNE},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"1678-01-01T00:00:00Z", INT64_C(-9214560000000000000)},
        {"2261-12-31T23:59:59Z", INT64_C(9214646399000000000)},
        /* Epoch numbers, by magnitude. */
        {"0", 0},
        {"1780272000", JUNE},
        {"1780272000.25", JUNE + 250000000},
        {"1780272000.1234567899", JUNE + 123456789},
        {"1780272000123", JUNE + 123000000},
        {"1780272000123.5", JUNE + 123500000},
        {"1780272000123456", JUNE + 123456000},
        {"1780272000123456.789", JUNE + 123456789},
        {"1780272000123456789", JUNE + 123456789},
        {"100000000000", INT64_C(100000000) * NS_PER_SECOND},
        {"100000000000000", INT64_C(100000000) * NS_PER_SECOND},
        {"100000000000000000", INT64_C(100000000) * NS_PER_SECOND},
        {"-1.5", -1500000000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ns = 0;
        cr_expect(civil_parse_time(text_from(cases[i].text), &ns), "%s", cases[i].text);
        cr_expect_eq(ns, cases[i].ns, "%s: %lld", cases[i].text, (long long)ns);
    }
}

Test(civil, times_that_are_refused)
{
    static const char *const cases[] = {
        "",
        "-",
        ".",
        "1.",
        ".5",
        "1e9",
        "0x10",
        "12 ",
        " 12",
        "1..2",
        "99999999999999999999",
        /* Seconds, ms and us beyond 2262. */
        "99999999999",
        "99999999999999",
        "99999999999999999",
        "2026",
        "noon",
        "2026-06-01",
        "2026-06-01T00:00:00",
        "2026-06-01T00:00Z",
        "2026-6-1T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-06-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-06-01T24:00:00Z",
        "2026-06-01T00:60:00Z",
        "2026-06-01T00:00:61Z",
        "2026-06-01T00:00:00.Z",
        "2026-06-01T00:00:00.1234567890Z",
        "2026-06-01T00:00:00,5Z",
        "2026-06-01T00:00:00+24:00",
        "2026-06-01T00:00:00+02:60",
        "2026-06-01T00:00:00+2",
        "2026-06-01T00:00:00ZZ",
        "2026-06-01T00:00:00Z ",
        "1677-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z",
        "2026-06-01X00:00:00Z",
        "2026/06/01T00:00:00Z",
        "+2026-06-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ns = 42;
        bool read = civil_parse_time(text_from(cases[i]), &ns);
        /* A year alone is a number of seconds. */
        cr_expect_eq(read, strcmp(cases[i], "2026") == 0, "%s read as %lld", cases[i],
                     (long long)ns);
        cr_expect(read || ns == 42, "the result is untouched on failure");
    }
}

Test(civil, a_date_is_midnight)
{
    int64_t ns;
    cr_expect(civil_parse_date(TEXT("2026-06-01"), &ns));
    cr_expect_eq(ns, JUNE);
    cr_expect_not(civil_parse_date(TEXT("2026-06-01T00:00:00Z"), &ns));
    cr_expect_not(civil_parse_date(TEXT("2026-06"), &ns));
}

Test(civil, as_many_digits_as_the_time_needs)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {JUNE, "2026-06-01T00:00:00Z"},
        {JUNE + 500000000, "2026-06-01T00:00:00.500Z"},
        {JUNE + 1000, "2026-06-01T00:00:00.000001Z"},
        {JUNE + 1, "2026-06-01T00:00:00.000000001Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CIVIL_TEXT_SIZE];
        civil_format(cases[i].ns, text);
        cr_expect_str_eq(text, cases[i].text);
    }
}

Test(civil, a_local_time_has_no_offset)
{
    int64_t ns;
    cr_assert(civil_parse_local(text_from("2026-06-01T02:30:00.5"), &ns));
    cr_expect_eq(ns, INT64_C(1780281000500000000));
    cr_assert(civil_parse_local(text_from("2026-06-01"), &ns));
    cr_expect_eq(ns, INT64_C(1780272000000000000));
    static const char *const others[] = {"2026-06-01T02:30:00Z",
                                         "2026-06-01T02:30:00+02:00",
                                         "2026-06-01T02:30",
                                         "2026-06-31",
                                         "",
                                         "now"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect_not(civil_parse_local(text_from(others[i]), &ns), "%s", others[i]);
    }
}
