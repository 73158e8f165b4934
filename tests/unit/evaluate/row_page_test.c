/* Rows as bytes: the worked example of the header, and what late rows do to it. */
#include <criterion/criterion.h>
#include <string.h>

#include "evaluate/cold_rows.h"

static void expect_bytes(const struct row_page *page, const uint8_t *bytes, uint32_t length)
{
    cr_assert_eq(page->length, length, "%u bytes", page->length);
    cr_assert_arr_eq(page->bytes, bytes, length);
}

static void expect_row(struct row_reader *reader, int64_t index, uint64_t first, uint64_t second)
{
    uint64_t counters[2];
    cr_assert(row_next(reader, counters));
    cr_assert_eq(reader->index, index);
    cr_assert_eq(counters[0], first);
    cr_assert_eq(counters[1], second);
}

/* (100: 7, 0)  (101: 300, 2) */
static struct row_page worked_example(void)
{
    struct row_page page = {.first_index = 100};
    row_page_append(&page, 2, 0, (uint64_t[]){7, 0});
    row_page_append(&page, 2, 1, (uint64_t[]){300, 2});
    return page;
}

Test(row_page, bytes_are_those_of_the_worked_example)
{
    struct row_page page = worked_example();
    const uint8_t bytes[] = {0x01, 0x07, 0x07, 0xac, 0x02, 0x02};
    expect_bytes(&page, bytes, sizeof(bytes));
    struct row_reader reader = row_page_read(&page, 2);
    uint64_t counters[2];
    expect_row(&reader, 100, 7, 0);
    expect_row(&reader, 101, 300, 2);
    cr_assert_not(row_next(&reader, counters));
    row_page_fini(&page);
}

Test(row_page, a_late_row_is_spliced_in_before_the_first_one)
{
    struct row_page page = worked_example();
    row_page_add(&page, 2, 90, 1, 5);
    const uint8_t bytes[] = {0x02, 0x05, 0x29, 0x07, 0x07, 0xac, 0x02, 0x02};
    expect_bytes(&page, bytes, sizeof(bytes));
    cr_assert_eq(page.first_index, 90);
    row_page_fini(&page);
}

Test(row_page, a_count_that_moves_away_leaves_its_row)
{
    struct row_page page = worked_example();
    row_page_add(&page, 2, 101, 0, (uint64_t)-300);
    row_page_add(&page, 2, 100, 1, (uint64_t)-1);
    struct row_reader reader = row_page_read(&page, 2);
    expect_row(&reader, 100, 7, UINT64_MAX);
    expect_row(&reader, 101, 0, 2);
    row_page_fini(&page);
}

Test(row_page, both_halves_of_a_split_page_have_their_rows)
{
    struct row_page page = worked_example();
    row_page_add(&page, 2, 5000000000, 0, 1);
    struct row_page later;
    cr_assert(row_page_split(&page, 2, &later));
    struct row_reader reader = row_page_read(&page, 2);
    expect_row(&reader, 100, 7, 0);
    expect_row(&reader, 101, 300, 2);
    cr_assert_eq(later.first_index, 5000000000);
    reader = row_page_read(&later, 2);
    expect_row(&reader, 5000000000, 1, 0);
    row_page_fini(&page);
    row_page_fini(&later);
}

Test(row_page, a_page_of_one_row_is_not_split)
{
    struct row_page page = {.first_index = 7};
    struct row_page later;
    row_page_append(&page, 2, 0, (uint64_t[]){1, 1});
    cr_assert_not(row_page_split(&page, 2, &later));
    row_page_fini(&page);
}

static uint32_t row_count(struct cold_rows *cold)
{
    uint32_t count = 0;
    for (uint32_t i = cold->page_first; i < cold->page_count; i++) {
        struct row_reader reader = cold_rows_read(cold, i);
        uint64_t counters[2];
        while (row_next(&reader, counters)) {
            count++;
        }
    }
    return count;
}

Test(cold_rows, a_busy_month_of_minutes_takes_three_bytes_a_row)
{
    struct cold_rows *cold = cold_rows_open(2, 1024, NULL, ROW_LIFE_EVER);
    const uint32_t minutes = 30 * 24 * 60;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < minutes; i++) {
        cold_rows_append(cold, i, (uint64_t[]){60 + i % 50, i % 17 == 0 ? 1 : 0});
    }
    cr_assert_eq(row_count(cold), minutes);
    for (uint32_t i = cold->page_first; i < cold->page_count; i++) {
        bytes += sizeof(cold->pages[i]) + cold->pages[i].page.size;
    }
    cr_assert_lt(bytes, 3 * minutes);
    cold_rows_close(cold);
}

Test(cold_rows, pages_that_late_rows_made_long_are_split)
{
    struct cold_rows *cold = cold_rows_open(2, 64, NULL, ROW_LIFE_EVER);
    cold_rows_append(cold, 0, (uint64_t[]){1, 0});
    cold_rows_append(cold, 3000, (uint64_t[]){1, 0});
    for (int64_t i = 2999; i > 0; i--) {
        cold_rows_add(cold, i, 0, 1);
    }
    cr_assert_eq(row_count(cold), 3001);
    for (uint32_t i = cold->page_first; i < cold->page_count; i++) {
        cr_assert_leq(cold->pages[i].page.length, 128);
    }
    cold_rows_drop_before(cold, 1500);
    cr_assert_leq(row_count(cold), 1501 + 64);
    cr_assert_geq(row_count(cold), 1501);
    cold_rows_drop_before(cold, 3001);
    cr_assert(cold_rows_is_empty(cold));
    cold_rows_close(cold);
}
