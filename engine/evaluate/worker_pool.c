#include "evaluate/worker_pool.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/panic.h"
#include "base/ring_spsc.h"
#include "base/thread.h"

enum work_kind { WORK_BATCH, WORK_TICK, WORK_QUERY, WORK_STOP };

struct work_item {
    enum work_kind kind;
    int64_t now_ns;
    uint64_t sequence;
    const struct batch *batch;
    uint32_t agreement_count; /* WORK_BATCH: of the set, when the batch had been heard */
    struct work_query *query;
};

struct worker {
    struct ring_spsc ring;
    /* The worker's own line. */
    alignas(64) _Atomic uint64_t done;
    _Atomic uint64_t position;
    _Atomic int64_t next_due_ns;
    struct evaluator *evaluator;
    int64_t published_ns; /* the `now` of the last publishing */
    struct worker_pool *pool;
    uint32_t index;
    pthread_t thread;
    bool has_thread;
    /* The producer wakes it. */
    struct event_count work;
};

struct worker_pool {
    struct worker_pool_settings settings;
    struct panel *panel;
    struct worker *workers;
    uint32_t worker_count;
    /* The producer's. */
    struct each *each; /* of the panel that judges what is pushed from now on */
    struct work_item items[WORK_ITEMS_MAX];
    uint64_t pushed;
    /* Workers wake those who wait for progress. */
    struct event_count progress;
    _Atomic bool failed;
};

static void answer(struct worker *worker, struct work_query *query)
{
    query->run(query, worker->evaluator, worker->index);
    /* Release: the asker sees what all the others wrote before it reads the answer; acquire for the
     * last. */
    struct worker_pool *pool = worker->pool;
    if (atomic_fetch_sub_explicit(&query->remaining, 1, memory_order_acq_rel) == 1) {
        /* The asker may be gone with its query already; the pool is not. */
        event_count_wake(&pool->progress);
    }
}

static void note_progress(struct worker *worker, uint64_t sequence)
{
    atomic_store_explicit(&worker->next_due_ns, evaluator_next_due(worker->evaluator),
                          memory_order_relaxed);
    atomic_store_explicit(&worker->position, evaluator_position(worker->evaluator),
                          memory_order_relaxed);
    atomic_store_explicit(&worker->done, sequence, memory_order_release); /* [D] */
    struct worker_pool *pool = worker->pool;
    event_count_wake(&pool->progress);
    if (pool->settings.progressed != NULL) {
        pool->settings.progressed(pool->settings.progressed_context);
    }
}

/* Figures are shown when nothing more waits to be judged, and under load after a pause: with thousands
 * of busy series showing them after each batch would cost more than judging it. */
static void publish_in_time(struct worker *worker, int64_t now_ns)
{
    if (ring_spsc_count(&worker->ring) == 0 ||
        now_ns - worker->published_ns >= evaluator_publish_pause_ns(worker->evaluator)) {
        evaluator_publish(worker->evaluator);
        worker->published_ns = now_ns;
    }
}

/* False: the last item. */
static bool work_on(struct worker *worker, const struct work_item *item)
{
    enum status status = STATUS_OK;
    uint64_t sequence = item->sequence;
    switch (item->kind) {
    case WORK_BATCH:
        evaluator_admit(worker->evaluator, item->agreement_count);
        status = evaluator_apply(worker->evaluator, item->batch, item->now_ns);
        publish_in_time(worker, item->now_ns);
        break;
    case WORK_TICK:
        evaluator_advance(worker->evaluator, item->now_ns);
        break;
    case WORK_QUERY:
        if (item->query->panel != NULL) {
            worker->evaluator = item->query->panel->evaluators[worker->index];
        }
        evaluator_advance(worker->evaluator, item->now_ns);
        break;
    case WORK_STOP:
        return false;
    }
    if (status == STATUS_OK && evaluator_failed(worker->evaluator)) {
        status = STATUS_IO;
    }
    if (status != STATUS_OK) {
        log_error("worker %u cannot judge on: %s; run `nines store verify`", worker->index,
                  status_text(status));
        atomic_store_explicit(&worker->pool->failed, true, memory_order_relaxed);
    }
    struct work_query *query = item->kind == WORK_QUERY ? item->query : NULL;
    note_progress(worker, sequence);
    if (query != NULL) {
        answer(worker, query);
    }
    return true;
}

static void *worker_run(void *argument)
{
    struct worker *worker = argument;
    for (;;) {
        struct work_item *item = ring_spsc_pop(&worker->ring);
        if (item == NULL) {
            uint32_t key = event_count_prepare(&worker->work);
            item = ring_spsc_pop(&worker->ring);
            if (item == NULL) {
                event_count_wait(&worker->work, key, -1);
                continue;
            }
            event_count_cancel(&worker->work);
        }
        if (!work_on(worker, item)) {
            return NULL;
        }
    }
}

static enum status worker_open(struct worker_pool *pool, uint32_t index)
{
    struct worker *worker = &pool->workers[index];
    worker->pool = pool;
    worker->index = index;
    atomic_store_explicit(&worker->next_due_ns, INT64_MAX, memory_order_relaxed);
    worker->evaluator = pool->panel->evaluators[index];
    enum status status = ring_spsc_init(&worker->ring, WORK_ITEMS_MAX);
    if (status == STATUS_OK && !pool->settings.without_threads) {
        char name[16];
        snprintf(name, sizeof(name), "nines-worker%u", index % 100);
        status = thread_start(&worker->thread, name, worker_run, worker);
        worker->has_thread = status == STATUS_OK;
    }
    return status;
}

enum status worker_pool_open(struct worker_pool **pool_out,
                             const struct worker_pool_settings *settings)
{
    assert(settings->worker_count >= 1);
    assert(settings->worker_count <= WORKERS_MAX);
    struct worker_pool *pool = calloc(1, sizeof(*pool));
    struct worker *workers = aligned_alloc(64, sizeof(*workers) * settings->worker_count);
    if (pool == NULL || workers == NULL) {
        free(pool);
        free(workers);
        return STATUS_NO_MEMORY;
    }
    memset((void *)workers, 0, sizeof(*workers) * settings->worker_count);
    pool->settings = *settings;
    pool->workers = workers;
    pool->worker_count = settings->worker_count;
    enum status status = panel_open(&pool->panel, &settings->evaluator, settings->worker_count,
                                    settings->each_max == 0 ? EACH_SERIES_MAX : settings->each_max);
    pool->each = status == STATUS_OK ? pool->panel->each : NULL;
    for (uint32_t i = 0; i < pool->worker_count && status == STATUS_OK; i++) {
        status = worker_open(pool, i);
    }
    if (status != STATUS_OK) {
        worker_pool_close(pool);
        return status;
    }
    *pool_out = pool;
    return STATUS_OK;
}

static uint64_t push(struct worker_pool *pool, struct work_item item)
{
    /* The slot's last item must be done everywhere. */
    while (pool->pushed - worker_pool_done(pool) >= WORK_ITEMS_MAX) {
        worker_pool_wait(pool, worker_pool_done(pool));
    }
    item.sequence = ++pool->pushed;
    struct work_item *slot = &pool->items[item.sequence % WORK_ITEMS_MAX];
    *slot = item;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        struct worker *worker = &pool->workers[i];
        enum status status = ring_spsc_push(&worker->ring, slot);
        assert(status == STATUS_OK); /* as many slots as items */
        event_count_wake(&worker->work);
    }
    return item.sequence;
}

static void worker_close(struct worker *worker)
{
    if (worker->has_thread) {
        thread_join(worker->thread);
    }
    ring_spsc_fini(&worker->ring);
}

void worker_pool_close(struct worker_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    /* Only threads that run need to be told. When opening failed half-way, later rings do not
     * exist. */
    struct work_item *stop = &pool->items[0];
    if (pool->pushed > 0) {
        while (!pool->settings.without_threads && worker_pool_done(pool) < pool->pushed) {
            worker_pool_wait(pool, worker_pool_done(pool));
        }
    }
    *stop = (struct work_item){.kind = WORK_STOP};
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].has_thread) {
            enum status status = ring_spsc_push(&pool->workers[i].ring, stop);
            assert(status == STATUS_OK);
            event_count_wake(&pool->workers[i].work);
        }
    }
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        worker_close(&pool->workers[i]);
    }
    panel_close(pool->panel);
    free(pool->workers);
    free(pool);
}

uint64_t worker_pool_push_batch(struct worker_pool *pool, const struct batch *batch, int64_t now_ns)
{
    each_hear(pool->each, batch);
    return push(pool, (struct work_item){.kind = WORK_BATCH,
                                         .now_ns = now_ns,
                                         .batch = batch,
                                         .agreement_count = each_count(pool->each)});
}

uint64_t worker_pool_push_tick(struct worker_pool *pool, int64_t now_ns)
{
    return push(pool, (struct work_item){.kind = WORK_TICK, .now_ns = now_ns});
}

uint64_t worker_pool_push_query(struct worker_pool *pool, struct work_query *query, int64_t now_ns)
{
    query->at_ns = now_ns;
    if (query->panel != NULL) {
        pool->each = query->panel->each;
    }
    atomic_store_explicit(&query->remaining, pool->worker_count, memory_order_relaxed);
    return push(pool, (struct work_item){.kind = WORK_QUERY, .now_ns = now_ns, .query = query});
}

void work_query_prepare(struct work_query *query)
{
    /* Not yet asked counts as one answer that is missing. */
    atomic_store_explicit(&query->remaining, 1, memory_order_relaxed);
}

void work_query_wait(struct worker_pool *pool, struct work_query *query)
{
    while (atomic_load_explicit(&query->remaining, memory_order_acquire) != 0) {
        uint32_t key = event_count_prepare(&pool->progress);
        if (atomic_load_explicit(&query->remaining, memory_order_acquire) == 0) {
            event_count_cancel(&pool->progress);
            return;
        }
        event_count_wait(&pool->progress, key, -1);
    }
}

uint64_t worker_pool_done(const struct worker_pool *pool)
{
    uint64_t done = UINT64_MAX;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        uint64_t own = atomic_load_explicit(&pool->workers[i].done, memory_order_acquire); /* [D] */
        done = own < done ? own : done;
    }
    return done;
}

uint64_t worker_pool_position(const struct worker_pool *pool)
{
    uint64_t position = UINT64_MAX;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        uint64_t own = atomic_load_explicit(&pool->workers[i].position, memory_order_relaxed);
        position = own < position ? own : position;
    }
    return position;
}

int64_t worker_pool_next_due(const struct worker_pool *pool)
{
    int64_t due = INT64_MAX;
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        int64_t own = atomic_load_explicit(&pool->workers[i].next_due_ns, memory_order_relaxed);
        due = own < due ? own : due;
    }
    return due;
}

void worker_pool_wait(struct worker_pool *pool, uint64_t sequence)
{
    while (worker_pool_done(pool) <= sequence && !worker_pool_failed(pool)) {
        uint32_t key = event_count_prepare(&pool->progress);
        if (worker_pool_done(pool) > sequence || worker_pool_failed(pool)) {
            event_count_cancel(&pool->progress);
            return;
        }
        event_count_wait(&pool->progress, key, -1);
    }
}

bool worker_pool_failed(const struct worker_pool *pool)
{
    return atomic_load_explicit(&pool->failed, memory_order_relaxed);
}

uint32_t worker_pool_size(const struct worker_pool *pool)
{
    return pool->worker_count;
}

const struct scoreboard *worker_pool_scoreboard(const struct worker_pool *pool)
{
    return &pool->panel->scoreboard;
}

struct agreement_set worker_pool_agreements(const struct worker_pool *pool)
{
    return each_view(pool->panel->each, each_count(pool->panel->each));
}

uint64_t worker_pool_each_refused(const struct worker_pool *pool)
{
    return each_refused(pool->panel->each);
}

struct panel *worker_pool_seat(struct worker_pool *pool, struct panel *panel)
{
    struct panel *before = pool->panel;
    pool->panel = panel;
    return before;
}

bool worker_pool_step(struct worker_pool *pool, uint32_t worker)
{
    assert(pool->settings.without_threads);
    struct work_item *item = ring_spsc_pop(&pool->workers[worker].ring);
    return item != NULL && work_on(&pool->workers[worker], item);
}
