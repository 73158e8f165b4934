/* The engine of engine/server/engine.c without threads, sockets and disk: the same parts, wired in
 * the same way, each stepped by the simulation. A life begins with a replay of the log and ends
 * with a crash, with an orderly stop, or after a failed commit.
 *
 *   ring:      sim_engine_ring_step   woken (only when somebody woke it), then idle
 *   committer: sim_engine_commit_step one round, and the tick that may be due
 *   workers:   sim_engine_work_step   one item of one worker
 *
 * Wake-ups are told only where engine.c tells them, so that one that is missing shows as an engine
 * that stands still.
 */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include "catalog/catalog.h"
#include "evaluate/worker_pool.h"
#include "ingest/committer.h"
#include "ingest/dead_letters.h"
#include "ingest/poster.h"
#include "ingest/receiver.h"
#include "sim/sim_log.h"
#include "support/fake_clock.h"
#include "support/fake_net.h"

#define SIM_MAX_FUTURE_NS (5 * INT64_C(60) * 1000000000)
#define SIM_SERIES_MAX    64

struct sim_engine {
    /* Outlive it. */
    struct sim_log *log;
    struct fake_clock *clock;
    const struct catalog *catalog;
    uint64_t hash_key;
    uint32_t ring_batches;
    uint32_t post_batches;

    struct shared agreements; /* the catalog's set, while it runs */
    bool runs;
    bool wired;
    struct name_table *names;
    struct dedupe dedupe;
    struct dead_letters dead_letters;
    struct worker_pool *workers;
    struct committer *committer;
    struct receiver *receiver;
    struct poster *poster;
    struct fake_net net;
    uint64_t tick_sequence;
    bool ring_woken;
    bool ring_busy;   /* something happened since the ring was idle */
    uint64_t refused; /* bodies */
    uint64_t received_before;
};

/* A question to all workers. */
struct sim_query {
    struct work_query query; /* first: the workers hand it back */
    bool asked;
    struct objective_report reports[SIM_SERIES_MAX];
    bool has_report[SIM_SERIES_MAX];
    uint64_t positions[WORKERS_MAX];
    uint32_t answers;
};

/* Replays the log. */
void sim_engine_start(struct sim_engine *engine, uint32_t workers);
/* Memory is gone. Bodies that wait for their commit hear STATUS_STOPPED from here: a connection
 * that broke. */
void sim_engine_end(struct sim_engine *engine);

/* False: nothing to do. */
bool sim_engine_ring_step(struct sim_engine *engine);
bool sim_engine_commit_step(struct sim_engine *engine);
bool sim_engine_work_step(struct sim_engine *engine, uint32_t worker);

/* To be called after anything that a peer did. */
void sim_engine_touched(struct sim_engine *engine);

void sim_engine_ask(struct sim_engine *engine, struct sim_query *query);
bool sim_query_answered(const struct sim_query *query);
/* {"at_ns":...,"position":...,"reports":[...]} of an answered query. */
void sim_query_write(const struct sim_query *query, const struct catalog *catalog,
                     struct text_buffer *out);
/* Records taken in, whatever became of them; of the whole data directory. */
uint64_t sim_engine_received(const struct sim_engine *engine);
/* Of them, what stored, duplicate, rejected and shed have not settled yet. Panics where the durable
 * totals do not add up. */
uint64_t sim_engine_in_flight(struct sim_engine *engine);

#endif
