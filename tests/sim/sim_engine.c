#include "sim/sim_engine.h"

#include <stdatomic.h>

#include "base/panic.h"
#include "domain/civil.h"
#include "report/report_json.h"

#define NAMES_MAX    8192
#define DEDUPE_BYTES (128 * 1024)
#define SERVED_MAX   200 /* items that may wait before the committer waits for the workers */

static uint64_t workers_done(void *context)
{
    struct sim_engine *engine = context;
    return worker_pool_done(engine->workers);
}

static void workers_progressed(void *context)
{
    struct sim_engine *engine = context;
    if (engine->wired && receiver_is_starved(engine->receiver)) {
        engine->ring_woken = true;
    }
}

static void ring_batches_committed(void *context)
{
    struct sim_engine *engine = context;
    engine->ring_woken = true;
}

static uint64_t sink_batch(void *context, const struct batch *batch, int64_t now_ns)
{
    struct sim_engine *engine = context;
    return worker_pool_push_batch(engine->workers, batch, now_ns);
}

static void sink_query(void *context, void *query, int64_t now_ns)
{
    struct sim_engine *engine = context;
    worker_pool_push_query(engine->workers, query, now_ns);
}

static void sink_tick(void *context, int64_t now_ns)
{
    struct sim_engine *engine = context;
    engine->tick_sequence = worker_pool_push_tick(engine->workers, now_ns);
}

static int64_t sink_next_due(void *context)
{
    struct sim_engine *engine = context;
    if (worker_pool_done(engine->workers) < engine->tick_sequence) {
        return INT64_MAX;
    }
    return worker_pool_next_due(engine->workers);
}

/* Starting */

static void open_workers(struct sim_engine *engine, uint32_t workers)
{
    struct worker_pool_settings settings = {
        .evaluator =
            {
                .set = catalog_set(engine->catalog),
                .names = engine->names,
                .history = sim_log_history(engine->log),
                .max_future_ns = SIM_MAX_FUTURE_NS,
                .retention_ns = INT64_MAX,
            },
        .worker_count = workers,
        .without_threads = true,
        .progressed = workers_progressed,
        .progressed_context = engine,
    };
    enum status status = worker_pool_open(&engine->workers, &settings);
    assert(status == STATUS_OK);
}

static void work_all(struct sim_engine *engine)
{
    for (uint32_t i = 0; i < worker_pool_size(engine->workers); i++) {
        while (worker_pool_step(engine->workers, i)) {
        }
    }
    assert(!worker_pool_failed(engine->workers));
}

static void replay_batch(void *context, const struct batch *batch)
{
    struct sim_engine *engine = context;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        if (batch->events[i].fingerprint != 0) {
            (void)dedupe_seen(&engine->dedupe, batch->events[i].fingerprint, batch->received_ns);
        }
    }
    worker_pool_push_batch(engine->workers, batch, batch->received_ns);
    work_all(engine);
}

static void open_committer(struct sim_engine *engine)
{
    struct committer_settings settings = {
        .log = sim_log_port(engine->log),
        .names = engine->names,
        .sink = {sink_batch, sink_query, sink_tick, sink_next_due, engine},
        .clock = &engine->clock->clock,
        .position_next = engine->log->position_next,
        .counters = engine->log->counters,
        .dedupe = &engine->dedupe,
        .committed = ring_batches_committed,
        .committed_context = engine,
    };
    enum status status = committer_open(&engine->committer, &settings);
    assert(status == STATUS_OK);
}

static void open_ingest(struct sim_engine *engine)
{
    struct shared_value *agreements;
    enum status status = shared_make(&agreements, catalog_set(engine->catalog), NULL, NULL);
    assert(status == STATUS_OK);
    shared_init(&engine->agreements);
    shared_replace(&engine->agreements, agreements);
    struct receiver_settings receiver = {
        .committer = engine->committer,
        .names = engine->names,
        .agreements = &engine->agreements,
        .hash_key = engine->hash_key,
        .clock = &engine->clock->clock,
        .dead_letters = &engine->dead_letters,
        .batch_count = engine->ring_batches,
        .abort_after_ns = 5 * NS_PER_SECOND,
        .done = workers_done,
        .done_context = engine,
    };
    status = receiver_open(&engine->receiver, &receiver);
    assert(status == STATUS_OK);
    struct poster_settings poster = {.shared = receiver};
    poster.shared.batch_count = engine->post_batches;
    status = poster_open(&engine->poster, &poster);
    assert(status == STATUS_OK);
    status = receiver_add_listener(engine->receiver, 0, MAP_AUTO);
    assert(status == STATUS_OK);
    struct net_handler handler = receiver_handler(engine->receiver);
    fake_net_init(&engine->net, &handler);
    struct net_port port = fake_net_port(&engine->net);
    receiver_attach(engine->receiver, &port);
}

void sim_engine_start(struct sim_engine *engine, uint32_t workers)
{
    assert(!engine->runs);
    enum status status = name_table_open(&engine->names, NAMES_MAX, engine->hash_key);
    assert(status == STATUS_OK);
    sim_log_restore_names(engine->log, engine->names);
    status = dedupe_init(&engine->dedupe, DEDUPE_BYTES, DEDUPE_HORIZON_NS);
    assert(status == STATUS_OK);
    dead_letters_init(&engine->dead_letters);
    open_workers(engine, workers);
    sim_log_replay(engine->log, replay_batch, engine);
    worker_pool_push_tick(engine->workers, clock_realtime_ns(&engine->clock->clock));
    work_all(engine);
    engine->tick_sequence = 0;
    open_committer(engine);
    open_ingest(engine);
    engine->ring_woken = false;
    engine->ring_busy = false;
    engine->refused = 0;
    engine->received_before = engine->log->counters.received;
    engine->wired = true;
    engine->runs = true;
}

void sim_engine_end(struct sim_engine *engine)
{
    assert(engine->runs);
    engine->wired = false;
    engine->runs = false;
    committer_stop(engine->committer);
    /* The log refuses by now: this only tells those who wait. After the retry of a full disk,
     * because nobody else moves the clock. */
    fake_clock_advance(engine->clock, NS_PER_SECOND);
    committer_run(engine->committer);
    worker_pool_close(engine->workers);
    poster_close(engine->poster);
    receiver_close(engine->receiver);
    shared_fini(&engine->agreements);
    fake_net_fini(&engine->net);
    committer_close(engine->committer);
    dedupe_fini(&engine->dedupe);
    dead_letters_fini(&engine->dead_letters);
    name_table_close(engine->names);
}

/* Steps */

void sim_engine_touched(struct sim_engine *engine)
{
    engine->ring_busy = true;
}

bool sim_engine_ring_step(struct sim_engine *engine)
{
    if (!engine->ring_woken && !engine->ring_busy) {
        return false;
    }
    engine->ring_busy = false;
    if (engine->ring_woken) {
        engine->ring_woken = false;
        fake_net_wake(&engine->net);
    }
    fake_net_settle(&engine->net);
    return true;
}

static bool pass_time(struct sim_engine *engine)
{
    int64_t now_ns = clock_realtime_ns(&engine->clock->clock);
    int64_t due_ns = sink_next_due(engine);
    if (due_ns == INT64_MAX || now_ns < due_ns) {
        return false;
    }
    sink_tick(engine, now_ns);
    return true;
}

bool sim_engine_commit_step(struct sim_engine *engine)
{
    if (worker_pool_position(engine->workers) + SERVED_MAX <
        committer_position(engine->committer)) {
        work_all(engine);
    }
    bool any = committer_step(engine->committer);
    if (committer_failed(engine->committer)) {
        return false;
    }
    return pass_time(engine) || any;
}

bool sim_engine_work_step(struct sim_engine *engine, uint32_t worker)
{
    bool any = worker_pool_step(engine->workers, worker % worker_pool_size(engine->workers));
    assert(!worker_pool_failed(engine->workers));
    return any;
}

/* Questions */

static void answer(struct work_query *work, struct evaluator *evaluator, uint32_t shard_index)
{
    struct sim_query *query = (struct sim_query *)work;
    uint32_t series_count = evaluator_series_count(evaluator);
    assert(series_count <= SIM_SERIES_MAX);
    for (uint32_t i = 0; i < series_count; i++) {
        if (evaluator_report(evaluator, i, &query->reports[i])) {
            assert(!query->has_report[i]); /* a series lives in one shard */
            query->has_report[i] = true;
        }
    }
    query->positions[shard_index] = evaluator_position(evaluator);
    query->answers++;
}

void sim_engine_ask(struct sim_engine *engine, struct sim_query *query)
{
    *query = (struct sim_query){.query.run = answer, .asked = true};
    work_query_prepare(&query->query);
    enum status status = committer_query(engine->committer, &query->query);
    assert(status == STATUS_OK);
}

bool sim_query_answered(const struct sim_query *query)
{
    return query->asked && query->answers > 0 &&
           atomic_load_explicit(&query->query.remaining, memory_order_relaxed) == 0;
}

void sim_query_write(const struct sim_query *query, const struct catalog *catalog,
                     struct text_buffer *out)
{
    const struct agreement_set *set = catalog_set(catalog);
    uint32_t series_count = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        series_count += set->agreements[i].objective_count;
    }
    for (uint32_t i = 0; i < series_count; i++) {
        assert(query->has_report[i]);
        assert(query->reports[i].position == query->positions[0]);
    }
    for (uint32_t i = 0; i < query->answers; i++) {
        assert(query->positions[i] == query->positions[0]); /* all at one position */
    }
    text_buffer_format(out, "{\"at_ns\":%lld,\"answer\":", (long long)query->query.at_ns);
    reports_json(query->reports, series_count, query->positions[0], NULL, out);
    text_buffer_char(out, '}');
}

/* Counting */

uint64_t sim_engine_received(const struct sim_engine *engine)
{
    struct receiver_counters counters;
    receiver_counters(engine->receiver, &counters);
    return engine->received_before + counters.lines + poster_records(engine->poster) +
           engine->refused;
}

uint64_t sim_engine_in_flight(struct sim_engine *engine)
{
    struct store_counters totals;
    committer_counters(engine->committer, &totals);
    uint64_t settled = totals.stored + totals.duplicate;
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        settled += totals.rejected[i];
    }
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        settled += totals.shed[i];
    }
    assert(settled == totals.received);
    uint64_t received = sim_engine_received(engine);
    assert(settled <= received);
    assert(totals.stored == committer_position(engine->committer));
    return received - settled;
}
