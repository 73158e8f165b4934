/* Four workers under batches, ticks and queries, with a reader of the scoreboard: every query is
 * answered by all workers at one position and one instant, and in the order of asking. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/thread.h"
#include "evaluate/worker_pool.h"
#include "support/story.h"

#define WORKERS 4
#define BATCHES 3000
#define EVENTS  20
#define RING    32 /* batches that are reused */

static const char agreements[] =
    "agreement: a\nprovider: p\nservices: [web]\nobjectives:\n"
    "  availability: {target: 99%, over: 1h}\n  up: {method: uptime, target: 99%, over: 1h}\n"
    "---\nagreement: b\nprovider: p\nservices: [web]\nobjectives:\n"
    "  minutes: {method: timeslices, slice: 1m, slice_target: 99%, target: 99%, over: 1h}\n"
    "---\nagreement: c\nprovider: p\nservices: [web]\nobjectives:\n  availability: 99.9%\n"
    "---\nagreement: d\nprovider: p\nservices: [web]\nobjectives:\n  availability: {over: day, "
    "target: 99%}\n"
    "---\nagreement: e\nprovider: p\nservices: [web]\nobjectives:\n  availability: {over: week, "
    "target: 99%}\n";

struct question {
    struct work_query query;
    uint64_t positions[WORKERS];
};

static struct worker_pool *pool;
static _Atomic bool finished;
static _Atomic uint64_t progress;

static void ask(struct work_query *query, struct evaluator *evaluator, uint32_t shard)
{
    struct question *question = (struct question *)query;
    question->positions[shard] = evaluator_position(evaluator);
    for (uint32_t series = 0; series < evaluator_series_count(evaluator); series++) {
        struct objective_report report;
        if (evaluator_report(evaluator, series, &report)) {
            assert(report.at_ns == query->at_ns);
            assert(report.position == question->positions[shard]);
        }
    }
}

static void expect_answer(struct question *question, uint64_t position)
{
    work_query_wait(pool, &question->query);
    for (uint32_t i = 0; i < WORKERS; i++) {
        assert(question->positions[i] == position);
    }
}

static void note_progress(void *unused)
{
    (void)unused;
    atomic_fetch_add_explicit(&progress, 1, memory_order_relaxed);
}

static void *watch(void *unused)
{
    uint64_t last = 0;
    while (!atomic_load_explicit(&finished, memory_order_relaxed)) {
        for (uint32_t series = 0; series < worker_pool_scoreboard(pool)->count; series++) {
            struct published published;
            scoreboard_read(worker_pool_scoreboard(pool), series, &published);
            assert(published.position <= (uint64_t)BATCHES * EVENTS);
            assert(published.totals[0] <= (uint64_t)BATCHES * EVENTS);
        }
        uint64_t done = worker_pool_done(pool);
        assert(done >= last);
        last = done;
        (void)worker_pool_position(pool);
        (void)worker_pool_next_due(pool);
    }
    return unused;
}

static void fill(struct batch *batch, uint32_t service, uint64_t position, int64_t now_ns)
{
    batch_reset(batch);
    batch->position = position;
    batch->received_ns = now_ns;
    batch->event_count = EVENTS;
    for (uint32_t i = 0; i < EVENTS; i++) {
        batch->events[i] = (struct event){
            .occurred_ns = now_ns - 1 - (int64_t)i * NS_PER_SECOND,
            .service = service,
            .total = 1,
            .latency_ns = LATENCY_NONE,
            .status = i == 3 ? 503 : 200,
        };
    }
}

static void open_pool(const struct story *story, struct name_table *names, struct fake_log *log)
{
    struct worker_pool_settings settings = {
        .evaluator =
            {
                .set = catalog_set(story->catalog),
                .names = names,
                .history = fake_log_history(log),
                .now_ns = STORY_START_NS,
                .max_future_ns = INT64_MAX,
                .retention_ns = INT64_MAX,
            },
        .worker_count = WORKERS,
        .progressed = note_progress,
    };
    enum status status = worker_pool_open(&pool, &settings);
    assert(status == STATUS_OK);
}

static uint64_t push_all(struct batch *const *batches, uint32_t service)
{
    static struct question question;
    uint64_t position = 0;
    int64_t now_ns = STORY_START_NS + NS_PER_HOUR;
    uint64_t sequences[RING] = {0};
    for (uint32_t i = 0; i < BATCHES; i++) {
        now_ns += NS_PER_SECOND / 3;
        struct batch *batch = batches[i % RING];
        /* A batch is ours again when all workers are done with it. */
        while (sequences[i % RING] != 0 && worker_pool_done(pool) < sequences[i % RING]) {
            worker_pool_wait(pool, worker_pool_done(pool));
        }
        fill(batch, service, position, now_ns);
        sequences[i % RING] = worker_pool_push_batch(pool, batch, now_ns);
        position += EVENTS;
        if (i % 7 == 0) {
            (void)worker_pool_push_tick(pool, now_ns);
        }
        if (i % 50 == 0) {
            work_query_prepare(&question.query);
            question.query.run = ask;
            (void)worker_pool_push_query(pool, &question.query, now_ns);
            expect_answer(&question, position);
        }
    }
    return position;
}

int main(void)
{
    struct story story;
    struct name_table *names;
    struct fake_log log;
    struct batch *batches[RING];
    uint32_t service;
    story_init(&story, agreements);
    enum status status = name_table_open(&names, 100, 1);
    assert(status == STATUS_OK);
    status = name_add(names, TEXT("web"), &service);
    assert(status == STATUS_OK);
    fake_log_init(&log, names);
    for (uint32_t i = 0; i < RING; i++) {
        batches[i] = batch_new();
    }
    open_pool(&story, names, &log);
    pthread_t watcher;
    status = thread_start(&watcher, "watcher", watch, NULL);
    assert(status == STATUS_OK);
    uint64_t position = push_all(batches, service);
    atomic_store_explicit(&finished, true, memory_order_relaxed);
    thread_join(watcher);
    worker_pool_close(pool);
    for (uint32_t i = 0; i < RING; i++) {
        batch_delete(batches[i]);
    }
    fake_log_fini(&log);
    name_table_close(names);
    story_fini(&story);
    printf("%llu events, %u workers\n", (unsigned long long)position, WORKERS);
    return EXIT_SUCCESS;
}
