/* The workers: threads that judge, each for its share of the agreements.
 *
 *   one producer (commit thread;        ┌─► [SPSC ring] ─► worker 0 ─┐
 *   at start the replay)         ─ push ─┤                            ├─► scoreboard
 *                                        └─► [SPSC ring] ─► worker 1 ─┘
 *
 * Every item (a durable batch, a query, a tick of time) goes to every worker, in one order and with
 * one instant `now`, so that all workers see the same history: a query is answered by all at
 * exactly the same position and time. Workers read no clock, take no lock and allocate nothing for
 * a plain batch. An idle worker sleeps on an event count.
 *
 * field             written by     read by         order
 * worker.done       the worker     the producer    release / acquire [D]: items up to it, and what
 *                                                  they point to, may be reused
 * worker.next_due   the worker     the producer    relaxed: a stale value ticks early or a moment
 *                                                  late; it is stored before the wake-up that follows
 * worker.position   the worker     anybody         relaxed: a gauge
 *
 * Happy path: open (with threads), push ..., close. Failures: a worker that cannot read the past
 * (damaged log) stores it in `failed`; the daemon then stops. On close: items pushed before are
 * finished first. The simulation opens the pool without threads and steps the workers itself, in
 * any order it likes.
 */
#ifndef EVALUATE_WORKER_POOL_H
#define EVALUATE_WORKER_POOL_H

#include "base/event_count.h"
#include "evaluate/panel.h"

/* Items in flight: more than the batches that all producers own together, so that the producer
 * waits for batches before it waits here. */
#define WORK_ITEMS_MAX 1024

/* A question to every worker. `run` is called on each worker's thread with its evaluator, all at
 * the same position and time; when the last is done, `done` becomes true and the asker is woken. */
struct work_query {
    void (*run)(struct work_query *query, struct evaluator *evaluator, uint32_t shard_index);
    void *context;
    /* NULL, or who judges from this item on: each worker goes on with its evaluator of this panel
     * before it answers. It has judged all that was pushed before. */
    struct panel *panel;
    /* Set by the pool. */
    int64_t at_ns;
    _Atomic uint32_t remaining;
};

struct worker_pool;

struct worker_pool_settings {
    struct evaluator_settings evaluator; /* shard_* and publish are filled in by the pool */
    uint32_t worker_count;
    uint32_t each_max;    /* series that `customer: each` may make; 0: EACH_SERIES_MAX */
    bool without_threads; /* the caller steps (simulation) */
    /* Called by a worker after each item: somebody may wait for batches to come back. NULL: none.
     */
    void (*progressed)(void *context);
    void *progressed_context;
};

must_check enum status worker_pool_open(struct worker_pool **pool_out,
                                        const struct worker_pool_settings *settings);
void worker_pool_close(struct worker_pool *pool);

/* Producer only. Batches are borrowed until worker_pool_done() reaches the sequence given out.
 * Waits while WORK_ITEMS_MAX items are in flight (never with a batch pool smaller than that). */
uint64_t worker_pool_push_batch(struct worker_pool *pool, const struct batch *batch,
                                int64_t now_ns);
uint64_t worker_pool_push_tick(struct worker_pool *pool, int64_t now_ns);
uint64_t worker_pool_push_query(struct worker_pool *pool, struct work_query *query, int64_t now_ns);

/* Asker: waits until all workers have answered. The query lives until then. */
void work_query_prepare(struct work_query *query);
void work_query_wait(struct worker_pool *pool, struct work_query *query);

/* Any thread: the sequence that all workers have finished. */
uint64_t worker_pool_done(const struct worker_pool *pool);
/* Any thread: the position that all workers have judged up to. */
uint64_t worker_pool_position(const struct worker_pool *pool);
/* Any thread: when the next tick is wanted; INT64_MAX: never. */
int64_t worker_pool_next_due(const struct worker_pool *pool);
/* Any thread: sleeps until something was finished after `sequence`, or a worker failed. */
void worker_pool_wait(struct worker_pool *pool, uint64_t sequence);
bool worker_pool_failed(const struct worker_pool *pool);
uint32_t worker_pool_size(const struct worker_pool *pool);
const struct scoreboard *worker_pool_scoreboard(const struct worker_pool *pool);

/* The agreements that are judged now, those that `customer: each` made among them; series of the
 * board and of reports are numbered in their order. All of them are known to every worker when it
 * answers a query that is pushed after this call. Lives as long as the panel: the same caution as for
 * the board. */
struct agreement_set worker_pool_agreements(const struct worker_pool *pool);
/* Events whose customers got no series of their own (each.h). */
uint64_t worker_pool_each_refused(const struct worker_pool *pool);

/* After a query that brought a panel has been answered by all: its board is read from now on. The
 * panel is the pool's, the one before is the caller's. Nobody reads the board or the evaluators
 * meanwhile. */
struct panel *worker_pool_seat(struct worker_pool *pool, struct panel *panel);

/* Without threads: lets one worker take one item; false when it has none. */
bool worker_pool_step(struct worker_pool *pool, uint32_t worker);

#endif
