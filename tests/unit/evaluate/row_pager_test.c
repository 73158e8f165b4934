/* Rows beyond their memory: what leaves, what comes back, and what happens when it cannot. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "evaluate/cold_rows.h"
#include "support/fake_rows.h"
#include "support/story.h"

#define PAGE_BYTES 64

struct paged {
    struct fake_rows rows;
    struct row_pager pager;
    struct cold_rows *lists[2];
};

static void begin(struct paged *paged, uint64_t memory_max, enum row_life first,
                  enum row_life second)
{
    *paged = (struct paged){0};
    struct row_store_source source = fake_rows_source(&paged->rows, memory_max);
    row_pager_open(&paged->pager, &source);
    paged->lists[0] = cold_rows_open(2, PAGE_BYTES, &paged->pager, first);
    paged->lists[1] = cold_rows_open(2, PAGE_BYTES, &paged->pager, second);
}

static void end(struct paged *paged)
{
    cold_rows_close(paged->lists[0]);
    cold_rows_close(paged->lists[1]);
    cr_assert_eq(paged->pager.memory, 0);
    cr_assert_eq(paged->pager.stored, 0);
    row_pager_close(&paged->pager);
    fake_rows_fini(&paged->rows);
}

static void fill(struct cold_rows *cold, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++) {
        cold_rows_append(cold, i, (uint64_t[]){i + 1, 0});
    }
}

static uint64_t sum(struct cold_rows *cold)
{
    uint64_t counters[2];
    uint64_t total = 0;
    for (uint32_t i = cold->page_first; i < cold->page_count; i++) {
        struct row_reader reader = cold_rows_read(cold, i);
        while (row_next(&reader, counters)) {
            total += counters[0];
        }
    }
    return total;
}

static void settle(struct paged *paged)
{
    cr_assert_eq(row_pager_settle(&paged->pager), STATUS_OK);
}

Test(row_pager, pages_beyond_the_memory_leave_and_come_back)
{
    struct paged paged;
    begin(&paged, 500, ROW_LIFE_WINDOW, ROW_LIFE_WINDOW);
    fill(paged.lists[0], 500);
    fill(paged.lists[1], 500);
    settle(&paged);
    cr_assert_leq(paged.pager.memory, 500);
    cr_assert_eq(paged.pager.stored + paged.pager.memory >= 2000, true);
    cr_assert_eq(sum(paged.lists[0]), 500 * 501 / 2);
    cr_assert_eq(sum(paged.lists[1]), 500 * 501 / 2);
    end(&paged);
}

Test(row_pager, a_page_that_comes_back_is_not_written_again)
{
    struct paged paged;
    begin(&paged, 500, ROW_LIFE_WINDOW, ROW_LIFE_WINDOW);
    fill(paged.lists[0], 500);
    settle(&paged);
    (void)sum(paged.lists[0]);
    settle(&paged);
    uint32_t written = paged.rows.run_count;
    for (uint32_t i = 0; i < 5; i++) {
        (void)sum(paged.lists[0]);
        settle(&paged);
    }
    cr_assert_eq(paged.rows.run_count, written);
    end(&paged);
}

Test(row_pager, a_late_row_is_in_its_page_from_then_on)
{
    struct paged paged;
    begin(&paged, 0, ROW_LIFE_EVER, ROW_LIFE_WINDOW);
    fill(paged.lists[0], 500);
    settle(&paged);
    cold_rows_add(paged.lists[0], 7, 0, 1000000);
    settle(&paged);
    cold_rows_add(paged.lists[0], 7, 0, 1000000);
    settle(&paged);
    cr_assert_eq(sum(paged.lists[0]), 500 * 501 / 2 + 2000000);
    end(&paged);
}

Test(row_pager, what_is_asked_for_the_latest_goes_first)
{
    struct paged paged;
    begin(&paged, 1400, ROW_LIFE_HOURS, ROW_LIFE_EVER);
    fill(paged.lists[0], 300);
    fill(paged.lists[1], 300);
    settle(&paged);
    cr_assert_gt(paged.rows.run_count, 0);
    (void)sum(paged.lists[0]);
    cr_assert_eq(paged.rows.reads, 0, "rows of hours have stayed");
    end(&paged);
}

Test(row_pager, the_page_behind_the_one_that_is_read_is_expected)
{
    struct paged paged;
    begin(&paged, 0, ROW_LIFE_WINDOW, ROW_LIFE_WINDOW);
    fill(paged.lists[0], 500);
    settle(&paged);
    (void)cold_rows_read(paged.lists[0], 0);
    cr_assert_eq(paged.rows.expected, 1);
    end(&paged);
}

Test(row_pager, with_a_full_disk_rows_stay_in_memory)
{
    struct paged paged;
    begin(&paged, 0, ROW_LIFE_WINDOW, ROW_LIFE_WINDOW);
    paged.rows.is_full = true;
    fill(paged.lists[0], 500);
    settle(&paged);
    cr_assert_gt(paged.pager.memory, 1000);
    cr_assert_eq(sum(paged.lists[0]), 500 * 501 / 2);
    paged.rows.is_full = false;
    fill(paged.lists[1], 500);
    settle(&paged);
    settle(&paged);
    cr_assert_lt(paged.pager.memory, 500, "there is room again");
    cr_assert_eq(sum(paged.lists[0]), 500 * 501 / 2);
    end(&paged);
}

Test(row_pager, rows_that_cannot_be_read_are_a_failure_for_good)
{
    struct paged paged;
    begin(&paged, 0, ROW_LIFE_WINDOW, ROW_LIFE_WINDOW);
    fill(paged.lists[0], 500);
    settle(&paged);
    paged.rows.is_broken = true;
    (void)sum(paged.lists[0]);
    paged.rows.is_broken = false;
    cr_assert_eq(row_pager_settle(&paged.pager), STATUS_IO);
    cr_assert_eq(row_pager_settle(&paged.pager), STATUS_IO);
    end(&paged);
}

static void hear(struct audience *audience, int64_t second)
{
    char line[256];
    char time[32];
    int64_t ns = STORY_START_NS + second * NS_PER_SECOND;
    snprintf(line, sizeof(line), "{\"service\":\"web\",\"status\":200,\"ts\":%s}",
             story_time(ns, time));
    audience_hear(audience, line);
    audience_judge(audience, ns + 1);
}

Test(row_pager, an_evaluator_that_lost_rows_tells_no_figure)
{
    struct story story;
    struct audience audience;
    struct fake_rows rows = {0};
    struct row_store_source source = fake_rows_source(&rows, 0);
    story_init(&story, "agreement: a\nprovider: p\nservices: [web]\nobjectives:\n"
                       "  o: {target: 99%, over: 2h}\n");
    audience_init_paged(&audience, &story, 1, &source);
    for (int64_t second = 0; second < 3000; second += 2) {
        hear(&audience, second);
    }
    cr_assert_gt(rows.alive, 0);
    cr_assert_not(evaluator_failed(audience.evaluators[0]));
    rows.is_broken = true;
    audience_advance(&audience, STORY_START_NS + 4 * 3600 * NS_PER_SECOND);
    struct objective_report report;
    cr_assert(evaluator_failed(audience.evaluators[0]));
    cr_assert_not(evaluator_report(audience.evaluators[0], 0, &report));
    audience_fini(&audience);
    fake_rows_fini(&rows);
    story_fini(&story);
}
