#include <criterion/criterion.h>

#include "domain/decimal.h"

Test(decimal, is_read_exactly_or_not_at_all)
{
    static const struct {
        const char *text;
        bool read;
        int64_t value;
    } cases[] = {
        {"99.9", true, 999000000},
        {"100", true, 1000000000},
        {"99.9990000", true, 999990000},
        {"99.99999990", true, 999999999},
        {"99.99999991", false, 0},
        {"0", true, 0},
        {"00.5", true, 5000000},
        {"", false, 0},
        {".5", false, 0},
        {"5.", false, 0},
        {"1.2.3", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"1e2", false, 0},
        {" 1", false, 0},
        {"922337203685.4775807", true, INT64_MAX},
        {"922337203685.4775808", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 0;
        cr_expect_eq(decimal_parse(text_from(cases[i].text), 7, &value), cases[i].read, "%s",
                     cases[i].text);
        cr_expect_eq(value, cases[i].value, "%s", cases[i].text);
    }
}

Test(decimal, a_percentage_never_reaches_the_target_or_100_from_below)
{
    static const struct {
        uint64_t numerator;
        uint64_t denominator;
        int64_t target;
        const char *text;
    } cases[] = {
        {999300, 1000000, 999000000, "99.930000"},
        {715, 720, 990000000, "99.305556"}, /* case S2 */
        {1, 3, 999000000, "33.333333"},
        {2, 3, 999000000, "66.666667"},
        {998999999999, 1000000000000, 999000000, "99.899999"},
        {999000000000, 1000000000000, 999000000, "99.900000"},
        {999999999999, 1000000000000, 999000000, "99.999999"},
        {1, 1, 1000000000, "100.000000"},
        {0, 7, 999000000, "0.000000"},
        {UINT64_MAX - 1, UINT64_MAX, 1000000000, "99.999999"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_percent(cases[i].numerator, cases[i].denominator, cases[i].target, text);
        cr_expect_str_eq(text, cases[i].text);
    }
}

Test(decimal, half_goes_to_the_even_digit)
{
    static const struct {
        int64_t numerator;
        int64_t denominator;
        uint32_t digits;
        const char *text;
    } cases[] = {
        {1, 8, 2, "0.12"},   {3, 8, 2, "0.38"},     {-1, 8, 2, "-0.12"},
        {-3, 8, 2, "-0.38"}, {-1, 1000, 2, "0.00"}, {5, 2, 0, "2"},
        {7, 2, 0, "4"},      {-31, 10, 2, "-3.10"}, {0, 5, 3, "0.000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_fraction(cases[i].numerator, cases[i].denominator, cases[i].digits, text);
        cr_expect_str_eq(text, cases[i].text);
    }
}

Test(decimal, trailing_zeros_are_cut)
{
    char text[DECIMAL_TEXT_SIZE];
    decimal_format_trimmed(144, 10, 9, text);
    cr_expect_str_eq(text, "14.4");
    decimal_format_trimmed(100, 1, 9, text);
    cr_expect_str_eq(text, "100");
    decimal_format_trimmed(14, 15, 9, text);
    cr_expect_str_eq(text, "0.933333333");
    decimal_format_trimmed(-1, 10000000000, 9, text);
    cr_expect_str_eq(text, "0");
    decimal_format_target(999000000, text);
    cr_expect_str_eq(text, "99.9");
    decimal_format_target(1000000000, text);
    cr_expect_str_eq(text, "100");
    decimal_format_u128(~(uint128)0, text);
    cr_expect_str_eq(text, "340282366920938463463374607431768211455");
}

Test(wide, full_factors_fit)
{
    uint128 most = ~(uint128)0;
    struct wide_product all = {{most, most, most, most}, 4};
    struct wide_product less = {{most, most, most, most - 1}, 4};
    struct wide_product nothing = {{0}, 0};
    cr_expect_eq(wide_compare(&all, &all), 0);
    cr_expect_eq(wide_compare(&less, &all), -1);
    cr_expect_eq(wide_compare(&all, &nothing), 1);
    cr_expect_eq(wide_divide(&all, &all, UINT64_MAX), 1);
    cr_expect_eq(wide_divide(&less, &all, UINT64_MAX), 0);
    cr_expect_eq(wide_divide(&all, &nothing, INT64_MAX), INT64_MAX);
}
