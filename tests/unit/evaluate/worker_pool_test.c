/* The pool stepped by hand, and the board that its workers write. */
#include <criterion/criterion.h>

#include "evaluate/worker_pool.h"
#include "support/story.h"

static const char three[] =
    "agreement: a\nprovider: p\nservices: [web]\nobjectives:\n  o: 99%\n"
    "---\nagreement: b\nprovider: p\nservices: [web]\nobjectives:\n  o: 99%\n"
    "---\nagreement: c\nprovider: p\nservices: [web]\nobjectives:\n  o: 99%\n";

struct shop {
    struct story story;
    struct name_table *names;
    struct fake_log log;
    struct worker_pool *pool;
    struct batch *batch;
};

static void begin(struct shop *shop, uint32_t workers, bool without_threads)
{
    story_init(&shop->story, three);
    cr_assert_eq(name_table_open(&shop->names, 10, 1), STATUS_OK);
    fake_log_init(&shop->log, shop->names);
    uint32_t web;
    cr_assert_eq(name_add(shop->names, TEXT("web"), &web), STATUS_OK);
    struct worker_pool_settings settings = {
        .evaluator =
            {
                .set = catalog_set(shop->story.catalog),
                .names = shop->names,
                .history = fake_log_history(&shop->log),
                .now_ns = STORY_START_NS,
                .max_future_ns = INT64_MAX,
                .retention_ns = INT64_MAX,
            },
        .worker_count = workers,
        .without_threads = without_threads,
    };
    cr_assert_eq(worker_pool_open(&shop->pool, &settings), STATUS_OK);
    shop->batch = batch_new();
    shop->batch->event_count = 5;
    for (uint32_t i = 0; i < 5; i++) {
        shop->batch->events[i] = (struct event){.occurred_ns = STORY_START_NS + i,
                                                .service = web,
                                                .total = 1,
                                                .latency_ns = LATENCY_NONE};
    }
}

static void end(struct shop *shop)
{
    worker_pool_close(shop->pool);
    batch_delete(shop->batch);
    fake_log_fini(&shop->log);
    name_table_close(shop->names);
    story_fini(&shop->story);
}

struct question {
    struct work_query query; /* first */
    uint64_t position[4];
    int64_t at_ns;
    uint32_t asked;
};

static void answer(struct work_query *query, struct evaluator *evaluator, uint32_t shard)
{
    struct question *question = (struct question *)query;
    question->position[shard] = evaluator_position(evaluator);
    question->at_ns = query->at_ns;
    question->asked++;
}

Test(worker_pool, all_workers_answer_at_one_position_whatever_order_they_run_in)
{
    struct shop shop;
    struct question question = {.query.run = answer};
    begin(&shop, 3, true);
    int64_t now_ns = STORY_START_NS + NS_PER_SECOND;
    work_query_prepare(&question.query);
    cr_expect_eq(worker_pool_push_batch(shop.pool, shop.batch, now_ns), 1);
    cr_expect_eq(worker_pool_push_query(shop.pool, &question.query, now_ns), 2);
    struct batch *later = batch_clone(shop.batch);
    later->position = 5;
    cr_expect_eq(worker_pool_push_batch(shop.pool, later, now_ns), 3);
    /* Worker 2 runs to the end before the others begin. */
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect(worker_pool_step(shop.pool, 2));
    }
    cr_expect_not(worker_pool_step(shop.pool, 2));
    cr_expect_eq(worker_pool_done(shop.pool), 0);
    cr_expect_eq(question.query.remaining, 2);
    for (uint32_t worker = 0; worker < 2; worker++) {
        while (worker_pool_step(shop.pool, worker)) {
        }
    }
    cr_expect_eq(worker_pool_done(shop.pool), 3);
    cr_expect_eq(worker_pool_position(shop.pool), 10);
    work_query_wait(shop.pool, &question.query);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(question.position[i], 5);
    }
    cr_expect_eq(question.at_ns, now_ns);
    batch_delete(later);
    end(&shop);
}

Test(worker_pool, threads_answer_in_the_order_of_asking, .timeout = 30)
{
    struct shop shop;
    begin(&shop, 3, false);
    for (uint32_t round = 0; round < 50; round++) {
        int64_t now_ns = STORY_START_NS + (round + 1) * NS_PER_SECOND;
        shop.batch->position = round * 5;
        struct question question = {.query.run = answer};
        work_query_prepare(&question.query);
        uint64_t sequence = worker_pool_push_batch(shop.pool, shop.batch, now_ns);
        (void)worker_pool_push_tick(shop.pool, now_ns);
        (void)worker_pool_push_query(shop.pool, &question.query, now_ns);
        work_query_wait(shop.pool, &question.query);
        cr_assert_gt(worker_pool_done(shop.pool), sequence, "what was asked before is done");
        for (uint32_t i = 0; i < 3; i++) {
            cr_assert_eq(question.position[i], (round + 1) * 5);
        }
    }
    struct published published;
    for (uint32_t series = 0; series < 3; series++) {
        scoreboard_read(worker_pool_scoreboard(shop.pool), series, &published);
        cr_expect_eq(published.window.good, 250);
        cr_expect_eq(published.totals[0], 250);
        cr_expect_eq(published.verdict, VERDICT_MET);
    }
    cr_expect_not(worker_pool_failed(shop.pool));
    end(&shop);
}

/* What a reload does: a second panel judges the past beside the first, then takes over. */
Test(worker_pool, workers_go_over_to_the_panel_that_a_query_brings, .timeout = 30)
{
    struct shop shop;
    begin(&shop, 2, false);
    int64_t now_ns = STORY_START_NS + NS_PER_SECOND;
    shop.batch->position = 0;
    (void)worker_pool_push_batch(shop.pool, shop.batch, now_ns);
    struct evaluator_settings settings = {
        .set = catalog_set(shop.story.catalog),
        .names = shop.names,
        .history = fake_log_history(&shop.log),
        .now_ns = STORY_START_NS,
        .max_future_ns = INT64_MAX,
        .retention_ns = INT64_MAX,
    };
    struct panel *panel;
    cr_assert_eq(panel_open(&panel, &settings, 2, 16), STATUS_OK);
    cr_assert_eq(panel_apply(panel, shop.batch, now_ns), STATUS_OK);
    cr_expect_eq(panel_position(panel), 5);
    struct published published;
    scoreboard_read(&panel->scoreboard, 0, &published);
    cr_expect_eq(published.at_ns, 0, "nothing is shown before it is seated");
    struct question question = {.query = {.run = answer, .panel = panel}};
    work_query_prepare(&question.query);
    (void)worker_pool_push_query(shop.pool, &question.query, now_ns);
    work_query_wait(shop.pool, &question.query);
    panel_close(worker_pool_seat(shop.pool, panel));
    cr_expect_eq(question.position[0], 5, "the new one answers");
    shop.batch->position = 5;
    uint64_t sequence = worker_pool_push_batch(shop.pool, shop.batch, now_ns + NS_PER_SECOND);
    worker_pool_wait(shop.pool, sequence - 1);
    for (uint32_t series = 0; series < 3; series++) {
        scoreboard_read(worker_pool_scoreboard(shop.pool), series, &published);
        cr_expect_eq(published.window.good, 10);
    }
    end(&shop);
}

Test(worker_pool, more_items_than_the_rings_hold_wait_their_turn, .timeout = 30)
{
    struct shop shop;
    begin(&shop, 2, false);
    uint64_t last = 0;
    for (uint32_t i = 0; i < 3 * WORK_ITEMS_MAX; i++) {
        last = worker_pool_push_tick(shop.pool, STORY_START_NS + i);
    }
    while (worker_pool_done(shop.pool) < last) {
        worker_pool_wait(shop.pool, worker_pool_done(shop.pool));
    }
    cr_expect_eq(worker_pool_done(shop.pool), 3 * WORK_ITEMS_MAX);
    end(&shop);
}

Test(worker_pool, closing_finishes_what_was_pushed, .timeout = 30)
{
    struct shop shop;
    begin(&shop, 2, false);
    for (uint32_t i = 0; i < 100; i++) {
        shop.batch->position = 0;
        (void)worker_pool_push_tick(shop.pool, STORY_START_NS + i);
    }
    end(&shop);
}

Test(scoreboard, gives_back_what_was_published)
{
    struct scoreboard scoreboard;
    cr_assert_eq(scoreboard_init(&scoreboard, 2), STATUS_OK);
    struct published published;
    scoreboard_read(&scoreboard, 1, &published);
    cr_expect_eq(published.at_ns, 0, "nothing yet");
    struct objective objective = {.alert_count = 2};
    struct objective_report report = {.objective = &objective, .position = 77, .at_ns = 5};
    report.judgement = (struct judgement){
        .has_sli = true,
        .window = {90, 10},
        .ratio_valid = 123,
        .coverage_known_ns = 8,
        .coverage_all_ns = 9,
        .alert = ALERT_PAGE,
        .verdict = VERDICT_BREACHED,
    };
    report.judgement.alerts[1] = (struct alert_state){{5, 6}, {7, 8}, true};
    scoreboard_publish(&scoreboard, 1, &report, (uint64_t[]){1, 2, 3});
    scoreboard_read(&scoreboard, 1, &published);
    cr_expect_eq(published.position, 77);
    cr_expect_eq(published.at_ns, 5);
    cr_expect_eq(published.verdict, VERDICT_BREACHED);
    cr_expect_eq(published.alert, ALERT_PAGE);
    cr_expect(published.has_sli);
    cr_expect_eq(published.firing_pairs, 2);
    cr_expect(!published.expects_signs && !published.silent);
    report.expects_signs = true;
    report.silent = true;
    scoreboard_publish(&scoreboard, 1, &report, (uint64_t[]){1, 2, 3});
    scoreboard_read(&scoreboard, 1, &published);
    cr_expect(published.expects_signs && published.silent);
    cr_expect_eq(published.firing_pairs, 2);
    cr_expect(published.window.good == 90 && published.window.bad == 10);
    cr_expect_eq(published.ratio_valid, 123);
    cr_expect(published.coverage_known == 8 && published.coverage_all == 9);
    cr_expect(published.lookback_long[1].good == 5 && published.lookback_long[1].bad == 6);
    cr_expect(published.lookback_short[1].good == 7 && published.lookback_short[1].bad == 8);
    cr_expect_eq(published.totals[2], 3);
    scoreboard_read(&scoreboard, 0, &published);
    cr_expect_eq(published.at_ns, 0);
    scoreboard_fini(&scoreboard);
}
