/* Sketches: what the header says, byte for byte. */
#include <criterion/criterion.h>
#include <string.h>

#include "domain/decimal.h"
#include "domain/sketch.h"

Test(sketch, values_are_rounded_to_three_digits)
{
    static const struct {
        uint64_t value;
        uint64_t rounded;
    } rows[] = {
        {0, 0},
        {1, 1},
        {999, 999},
        {1000, 1000},
        {1004, 1000},
        {1005, 1000}, /* half to even */
        {1006, 1010},
        {1015, 1020},
        {9994, 9990},
        {9995, 10000},
        {10049, 10000},
        {10050, 10000},
        {10051, 10100},
        {999499, 999000},
        {999500, 1000000},
        {123456789, 123000000},
        {UINT64_MAX, 18400000000000000000u},
        {UINT64_MAX - 1, 18400000000000000000u},
        {9999999999999999999u, 10000000000000000000u},
    };
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t bucket = sketch_bucket(rows[i].value);
        cr_assert_lt(bucket, SKETCH_BUCKETS);
        cr_expect_eq(sketch_value(bucket), rows[i].rounded, "%llu",
                     (unsigned long long)rows[i].value);
    }
}

Test(sketch, every_bucket_stands_for_itself_and_they_rise)
{
    uint64_t before = 0;
    uint32_t last = sketch_bucket(UINT64_MAX);
    for (uint32_t bucket = 0; bucket <= last; bucket++) {
        uint64_t value = sketch_value(bucket);
        cr_assert_eq(sketch_bucket(value), bucket);
        cr_assert(bucket == 0 || value > before);
        before = value;
    }
}

Test(sketch, the_bytes_of_the_header)
{
    static const uint8_t bytes[] = {0x02, 0x01, 0xfa, 0x07, 0xac, 0x02};
    struct sketch sketch = {0};
    sketch_add_run(&sketch, (struct sketch_entry[]){{sketch_bucket(2), 1}}, 1);
    sketch_add_run(&sketch, (struct sketch_entry[]){{sketch_bucket(1200), 300}}, 1);
    cr_assert_eq(sketch.length, sizeof(bytes));
    cr_assert_arr_eq(sketch.bytes, bytes, sizeof(bytes));
    cr_assert_eq(sketch_count(&sketch), 301);
    sketch_fini(&sketch);
}

Test(sketch, ranks_are_nearest_ranks)
{
    struct sketch sketch = {0};
    struct sketch_entry entries[100];
    for (uint32_t i = 0; i < 100; i++) {
        entries[i] = (struct sketch_entry){i + 1, 1};
    }
    sketch_add_run(&sketch, entries, 100);
    cr_assert_eq(sketch_percentile(&sketch, 1), 1);
    cr_assert_eq(sketch_percentile(&sketch, 10), 1);
    cr_assert_eq(sketch_percentile(&sketch, 11), 2);
    cr_assert_eq(sketch_percentile(&sketch, 500), 50);
    cr_assert_eq(sketch_percentile(&sketch, 501), 51);
    cr_assert_eq(sketch_percentile(&sketch, 990), 99);
    cr_assert_eq(sketch_percentile(&sketch, 999), 100);
    cr_assert_eq(sketch_percentile(&sketch, 1000), 100);
    sketch_fini(&sketch);
}

Test(sketch, counts_are_64_bits)
{
    struct sketch sketch = {0};
    sketch_add_run(&sketch, (struct sketch_entry[]){{1, UINT64_MAX / 4}, {2, UINT64_MAX / 4}}, 2);
    sketch_add_run(&sketch, (struct sketch_entry[]){{1, 2}}, 1);
    cr_assert_eq(sketch_count(&sketch), UINT64_MAX / 4 * 2 + 2);
    cr_assert_eq(sketch_percentile(&sketch, 500), 1);
    cr_assert_eq(sketch_percentile(&sketch, 501), 2);
    sketch_fini(&sketch);
}

Test(sketch, what_is_taken_out_leaves_nothing)
{
    struct sketch sketch = {0};
    sketch_add_run(&sketch, (struct sketch_entry[]){{5, 3}, {SKETCH_BUCKETS - 1, 1}}, 2);
    sketch_add_run(&sketch, (struct sketch_entry[]){{5, (uint64_t)-3}}, 1);
    cr_assert_eq(sketch_count(&sketch), 1);
    struct sketch same = {0};
    sketch_add(&same, &sketch);
    sketch_subtract(&sketch, &same);
    cr_assert_eq(sketch.length, 0);
    cr_assert_eq(sketch_count(&sketch), 0);
    sketch_fini(&sketch);
    sketch_fini(&same);
}

Test(decimal, milliseconds_have_a_decimal)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } rows[] = {
        {0, "0.0"},
        {1, "0.000001"},
        {500, "0.0005"},
        {1200000, "1.2"},
        {1230000, "1.23"},
        {40000000, "40.0"},
        {250000000, "250.0"},
        {123000000000, "123000.0"},
        {18400000000000000000u, "18400000000000.0"},
    };
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_ms(rows[i].ns, text);
        cr_expect_str_eq(text, rows[i].text);
    }
}
