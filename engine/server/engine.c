#include "server/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/thread.h"
#include "catalog/zone_register.h"
#include "ingest/committer.h"
#include "ingest/poster.h"
#include "ingest/receiver.h"
#include "server/notify.h"
#include "server/presence.h"
#include "server/reload.h"
#include "store/row_file.h"
#include "store/store_history.h"

/* The ring's batches: one being filled, some queued, some in the commit, some read by workers. 24 x
 * 1 MiB. */
#define RING_BATCHES 24
/* HTTP's, shared by all bodies in flight. */
#define POST_BATCHES 32
#define DRAIN_NS     (5 * NS_PER_SECOND)
#define VERIFY_S     120

struct engine {
    struct settings settings;
    struct shared agreements; /* in force: struct agreement_set, each the owner of its catalog */
    struct engine_hooks hooks;
    int64_t started_ns;
    uint64_t received_before; /* the data directory's total at start */

    struct store *store;
    struct row_folder rows;
    bool has_rows;
    struct dedupe dedupe;
    bool has_dedupe;
    struct dead_letters dead_letters;
    struct worker_pool *workers;
    struct committer *committer;
    struct receiver *receiver;
    struct poster *poster;
    struct net *net;
    struct api *api;
    struct reload *reload;
    struct presence presence; /* main's */
    bool is_present;

    pthread_t ring_thread;
    pthread_t commit_thread;
    bool ring_runs;
    bool commit_runs;
    /* Set when everything that workers may wake exists: release / acquire. */
    _Atomic bool wired;
    _Atomic bool reloads; /* `reload` is there: release / acquire */
    _Atomic bool draining;
    _Atomic bool ring_failed;

    /* The commit thread's: one tick at a time is on its way to the workers. */
    uint64_t tick_sequence;

    char addresses[SETTINGS_LIST_MAX][NET_ADDRESS_SIZE];
    char http_address[API_ADDRESS_SIZE];
};

/* What the parts want to know of each other */

static uint64_t workers_done(void *context)
{
    struct engine *engine = context;
    return worker_pool_done(engine->workers);
}

/* On a worker's thread, after each item. */
static void workers_progressed(void *context)
{
    struct engine *engine = context;
    if (!atomic_load_explicit(&engine->wired, memory_order_acquire)) {
        return; /* replaying */
    }
    committer_wake(engine->committer); /* the next tick may be due at another time now */
    if (receiver_is_starved(engine->receiver)) {
        net_wake(engine->net);
    }
    if (worker_pool_failed(engine->workers)) {
        engine->hooks.on_end();
    }
}

static void ring_batches_committed(void *context)
{
    struct engine *engine = context;
    net_wake(engine->net);
}

static uint64_t sink_batch(void *context, const struct batch *batch, int64_t now_ns)
{
    struct engine *engine = context;
    return worker_pool_push_batch(engine->workers, batch, now_ns);
}

static void sink_query(void *context, void *query, int64_t now_ns)
{
    struct engine *engine = context;
    struct work_query *work = query;
    if (work->panel != NULL) {
        reload_catch_up(engine->reload, work);
    }
    worker_pool_push_query(engine->workers, work, now_ns);
}

static void sink_tick(void *context, int64_t now_ns)
{
    struct engine *engine = context;
    engine->tick_sequence = worker_pool_push_tick(engine->workers, now_ns);
}

static int64_t sink_next_due(void *context)
{
    struct engine *engine = context;
    if (worker_pool_done(engine->workers) < engine->tick_sequence) {
        return INT64_MAX; /* one tick is on its way: its workers will say what comes next */
    }
    return worker_pool_next_due(engine->workers);
}

/* Starting */

static int exit_code(enum status status)
{
    switch (status) {
    case STATUS_BUSY:
        return EX_TEMPFAIL;
    case STATUS_DENIED:
        return EX_NOPERM;
    case STATUS_FOREIGN:
    case STATUS_VERSION:
    case STATUS_DAMAGED:
        return EX_DATAERR;
    case STATUS_IO:
    case STATUS_NO_SPACE:
        return EX_IOERR;
    default:
        return EX_OSERR;
    }
}

static int open_store(struct engine *engine)
{
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status = store_verify(engine->settings.data, false, VERIFY_S, message);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        struct store_settings settings = {
            .directory = engine->settings.data,
            .names_max = (uint32_t)engine->settings.names_max,
            .segment_bytes_first = engine->settings.segment_bytes,
            .segment_bytes_max = engine->settings.segment_bytes_max,
        };
        status = store_open(&engine->store, &settings, engine->started_ns, message);
    }
    if (status != STATUS_OK) {
        log_error("%s", message[0] != '\0' ? message : status_text(status));
        return exit_code(status);
    }
    engine->has_rows = row_folder_make(&engine->rows, engine->settings.data, message) == STATUS_OK;
    if (!engine->has_rows) {
        log_error("%s; old rows stay in memory", message);
    }
    return 0;
}

static uint32_t worker_count(const struct settings *settings)
{
    if (settings->workers != 0) {
        return (uint32_t)settings->workers;
    }
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus <= 2 ? 1 : cpus > WORKERS_MAX ? WORKERS_MAX : (uint32_t)cpus - 1;
}

/* For one worker, or whoever judges beside them. */
static struct row_store_source row_source(const struct engine *engine)
{
    uint64_t memory_max = engine->settings.rollup_bytes / worker_count(&engine->settings);
    return engine->has_rows ? row_file_source(&engine->rows, memory_max)
                            : (struct row_store_source){0};
}

static struct evaluator_settings evaluator_settings(const struct engine *engine)
{
    return (struct evaluator_settings){
        .rows = row_source(engine),
        .names = store_names(engine->store),
        .history = store_history(engine->store),
        .max_future_ns = engine->settings.max_future_ns,
        .retention_ns = engine->settings.retention_ns,
        .open_requests_max = (uint32_t)engine->settings.open_requests_max,
    };
}

static int open_workers(struct engine *engine, const struct agreement_set *set)
{
    struct worker_pool_settings settings = {
        .evaluator = evaluator_settings(engine),
        .worker_count = worker_count(&engine->settings),
        .each_max = (uint32_t)engine->settings.each_max,
        .progressed = workers_progressed,
        .progressed_context = engine,
    };
    settings.evaluator.set = set;
    enum status status = worker_pool_open(&engine->workers, &settings);
    return status == STATUS_OK ? 0 : exit_code(status);
}

/* The log again, from its first batch, through the same workers. */
struct replay {
    struct engine *engine;
    uint64_t events;
    uint64_t total;
    int64_t told_ns;
    int64_t received_ns; /* the latest receipt */
};

static bool replay_batch(void *context, const struct batch *batch)
{
    struct replay *replay = context;
    struct engine *engine = replay->engine;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        if (batch->events[i].fingerprint != 0) {
            (void)dedupe_seen(&engine->dedupe, batch->events[i].fingerprint, batch->received_ns);
        }
    }
    uint64_t sequence = worker_pool_push_batch(engine->workers, batch, batch->received_ns);
    worker_pool_wait(engine->workers, sequence - 1);
    replay->events += batch->event_count;
    if (batch->received_ns > replay->received_ns) {
        replay->received_ns = batch->received_ns;
    }
    int64_t now_ns = clock_monotonic_ns(clock_system());
    if (now_ns - replay->told_ns > 2 * NS_PER_SECOND) {
        replay->told_ns = now_ns;
        log_info("reading the log: %" PRIu64 " of %" PRIu64 " events", replay->events,
                 replay->total);
    }
    return !worker_pool_failed(engine->workers);
}

/* The last instant at which anything on disk shows an engine at work here. */
static int64_t last_sign_ns(const struct engine *engine, const struct store_info *info,
                            int64_t received_ns)
{
    const struct span_set *absences = store_absences(engine->store);
    int64_t alive_ns = presence_last(engine->settings.data);
    int64_t last_ns = received_ns > info->created_ns ? received_ns : info->created_ns;
    if (absences->count != 0 && absences->spans[absences->count - 1].end_ns > last_ns) {
        last_ns = absences->spans[absences->count - 1].end_ns;
    }
    return alive_ns > last_ns ? alive_ns : last_ns;
}

/* From then to now nobody listened. Where the clock has been put back nothing can be told. */
static int note_absence(struct engine *engine, const struct store_info *info, int64_t received_ns)
{
    if (info->created_ns == engine->started_ns) {
        return 0; /* the first start */
    }
    struct span absence = {last_sign_ns(engine, info, received_ns),
                           clock_realtime_ns(clock_system())};
    if (absence.end_ns <= absence.start_ns) {
        log_warning("the clock is behind the last sign of the engine before: how long it was not "
                    "running is not on record");
        return 0;
    }
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status = store_note_absence(engine->store, absence, message);
    if (status == STATUS_NO_SPACE) {
        log_warning("the engine's downtime goes on record with the next commit: %s", message);
    } else if (status != STATUS_OK) {
        log_error("%s", message);
        return exit_code(status);
    }
    log_info("not running for %" PRId64 " ms before this start: on record",
             span_length(absence) / NS_PER_MS);
    return 0;
}

static int replay_log(struct engine *engine)
{
    struct store_info info;
    store_info(engine->store, &info);
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL || batch_init(batch) != STATUS_OK) {
        free(batch);
        return EX_OSERR;
    }
    int64_t began_ns = clock_monotonic_ns(clock_system());
    struct replay replay = {
        .engine = engine,
        .total = info.position_next - info.position_first,
        .told_ns = began_ns,
        .received_ns = INT64_MIN,
    };
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status = store_scan(engine->store, info.position_first, info.position_next, batch,
                                    replay_batch, &replay, message);
    batch_fini(batch);
    free(batch);
    if (status != STATUS_OK || worker_pool_failed(engine->workers)) {
        log_error("cannot read the log: %s", message);
        return status == STATUS_OK ? EX_IOERR : exit_code(status);
    }
    int code = note_absence(engine, &info, replay.received_ns);
    if (code != 0) {
        return code;
    }
    uint64_t sequence = worker_pool_push_tick(engine->workers, clock_realtime_ns(clock_system()));
    worker_pool_wait(engine->workers, sequence - 1);
    log_info("%" PRIu64 " events read from the log in %" PRId64 " ms", replay.events,
             (clock_monotonic_ns(clock_system()) - began_ns) / NS_PER_MS);
    return 0;
}

static int open_committer(struct engine *engine)
{
    struct store_info info;
    store_info(engine->store, &info);
    struct committer_settings settings = {
        .log = log_port_of_store(engine->store),
        .names = store_names(engine->store),
        .sink = {sink_batch, sink_query, sink_tick, sink_next_due, engine},
        .clock = clock_system(),
        .position_next = info.position_next,
        .dedupe = &engine->dedupe,
        .committed = ring_batches_committed,
        .committed_context = engine,
    };
    store_counters(engine->store, &settings.counters);
    engine->received_before = settings.counters.received;
    enum status status = committer_open(&engine->committer, &settings);
    return status == STATUS_OK ? 0 : exit_code(status);
}

static int open_ingest(struct engine *engine)
{
    struct store_info info;
    store_info(engine->store, &info);
    struct receiver_settings receiver = {
        .committer = engine->committer,
        .names = store_names(engine->store),
        .agreements = &engine->agreements,
        .hash_key = info.hash_key,
        .clock = clock_system(),
        .dead_letters = &engine->dead_letters,
        .batch_count = RING_BATCHES,
        .abort_after_ns = engine->settings.abort_after_ns,
        .find_zone = zone_register_find,
        .done = workers_done,
        .done_context = engine,
    };
    enum status status = receiver_open(&engine->receiver, &receiver);
    if (status == STATUS_OK) {
        struct poster_settings poster = {.shared = receiver};
        poster.shared.batch_count = POST_BATCHES;
        status = poster_open(&engine->poster, &poster);
    }
    return status == STATUS_OK ? 0 : exit_code(status);
}

static int open_net(struct engine *engine)
{
    char message[NET_MESSAGE_SIZE] = "";
    struct net_handler handler = receiver_handler(engine->receiver);
    if (net_open(&engine->net, &handler, message) != STATUS_OK) {
        log_error("%s", message);
        return EX_CONFIG;
    }
    for (uint32_t i = 0; i < engine->settings.ingest_count; i++) {
        const struct ingest_setting *ingest = &engine->settings.ingest[i];
        uint32_t listener;
        if (net_listen(engine->net, ingest->url, &listener, engine->addresses[i], message) !=
            STATUS_OK) {
            log_error("cannot listen on %s: %s", ingest->url, message);
            return EX_CONFIG;
        }
        if (receiver_add_listener(engine->receiver, listener, ingest->map) != STATUS_OK) {
            return EX_OSERR;
        }
    }
    struct net_port port = net_port_of_net(engine->net);
    receiver_attach(engine->receiver, &port);
    return 0;
}

static uint64_t lines_received(void *context)
{
    struct engine *engine = context;
    struct receiver_counters counters;
    receiver_counters(engine->receiver, &counters);
    return counters.lines + poster_records(engine->poster);
}

static const char *not_ready(void *context)
{
    struct engine *engine = context;
    if (committer_failed(engine->committer)) {
        return "a commit failed; the engine is stopping";
    }
    if (atomic_load_explicit(&engine->draining, memory_order_relaxed)) {
        return "draining";
    }
    return committer_storage_full(engine->committer) ? "the disk is full" : "";
}

static void last_reload(void *context, struct reload_state *state_out)
{
    struct engine *engine = context;
    /* Acquire: the reload is there. */
    if (atomic_load_explicit(&engine->reloads, memory_order_acquire)) {
        reload_state(engine->reload, state_out);
    }
}

static int open_api(struct engine *engine)
{
    struct api_engine lent = {
        .committer = engine->committer,
        .poster = engine->poster,
        .workers = engine->workers,
        .store = engine->store,
        .names = store_names(engine->store),
        .agreements = &engine->agreements,
        .receiver = engine->receiver,
        .net = engine->net,
        .dead_letters = &engine->dead_letters,
        .clock = clock_system(),
        .started_ns = engine->started_ns,
        .retention_ns = engine->settings.retention_ns,
        .max_future_ns = engine->settings.max_future_ns,
        .open_requests_max = (uint32_t)engine->settings.open_requests_max,
        .rows = row_source(engine),
        .grace_ns = engine->settings.grace_ns,
        .each_max = (uint32_t)engine->settings.each_max,
        .version = NINES_VERSION,
        .lines_received = lines_received,
        .received_before = engine->received_before,
        .not_ready = not_ready,
        .reload_state = last_reload,
        .context = engine,
    };
    char message[API_MESSAGE_SIZE] = "";
    if (api_open(&engine->api, &lent, engine->settings.http, engine->http_address, message) !=
        STATUS_OK) {
        log_error("cannot serve HTTP on %s: %s", engine->settings.http, message);
        return EX_CONFIG;
    }
    return 0;
}

static int open_reload(struct engine *engine, int64_t entered_ns)
{
    struct reload_settings settings = {
        .running = &engine->settings,
        .read_settings = engine->hooks.read_settings,
        .evaluator = evaluator_settings(engine),
        .agreements = &engine->agreements,
        .entered_ns = entered_ns,
        .committer = engine->committer,
        .workers = engine->workers,
        .store = engine->store,
        .api = engine->api,
    };
    enum status status = reload_open(&engine->reload, &settings);
    if (status != STATUS_OK) {
        return exit_code(status);
    }
    atomic_store_explicit(&engine->reloads, true, memory_order_release);
    return 0;
}

static void *run_ring(void *argument)
{
    struct engine *engine = argument;
    char message[NET_MESSAGE_SIZE] = "";
    if (net_run(engine->net, message) != STATUS_OK) {
        log_error("the ring stopped: %s", message);
        atomic_store_explicit(&engine->ring_failed, true, memory_order_relaxed);
        engine->hooks.on_end();
    }
    receiver_flush(engine->receiver);
    return NULL;
}

static void *run_commit(void *argument)
{
    struct engine *engine = argument;
    committer_run(engine->committer);
    if (committer_failed(engine->committer)) {
        engine->hooks.on_end();
    }
    return NULL;
}

static int start_threads(struct engine *engine)
{
    atomic_store_explicit(&engine->wired, true, memory_order_release);
    if (thread_start(&engine->commit_thread, "nines-commit", run_commit, engine) != STATUS_OK) {
        return EX_OSERR;
    }
    engine->commit_runs = true;
    if (thread_start(&engine->ring_thread, "nines-ring", run_ring, engine) != STATUS_OK) {
        return EX_OSERR;
    }
    engine->ring_runs = true;
    return 0;
}

/* DATA/endpoints.json, whole or not at all. */
static int write_endpoints(struct engine *engine)
{
    struct text_buffer text;
    text_buffer_init(&text);
    text_buffer_format(&text, "{\"pid\":%d,\"ingest\":[", (int)getpid());
    for (uint32_t i = 0; i < engine->settings.ingest_count; i++) {
        text_buffer_string(&text, i == 0 ? "" : ",");
        text_buffer_json(&text, text_from(engine->addresses[i]));
    }
    text_buffer_string(&text, "],\"http\":");
    text_buffer_json(&text, text_from(engine->http_address));
    text_buffer_string(&text, "}\n");
    char path[SETTINGS_TEXT_MAX + 32];
    char temporary[SETTINGS_TEXT_MAX + 32];
    snprintf(path, sizeof(path), "%s/endpoints.json", engine->settings.data);
    snprintf(temporary, sizeof(temporary), "%s/endpoints.json.new", engine->settings.data);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write(fd, text.bytes, text.length) == (ssize_t)text.length;
    if (fd >= 0) {
        good = close(fd) == 0 && good;
    }
    good = good && rename(temporary, path) == 0;
    if (!good) {
        log_error("cannot write %s: %s", path, strerror(errno));
    }
    text_buffer_fini(&text);
    return good ? 0 : EX_IOERR;
}

static void announce(const struct engine *engine, uint32_t agreement_count)
{
    for (uint32_t i = 0; i < engine->settings.ingest_count; i++) {
        log_info("events on %s", engine->addresses[i]);
    }
    log_info("http on %s", engine->http_address);
    log_info(
        "ready: %u agreements, %u workers; memory for batches up to %u MiB, for ids up to %" PRIu64
        " MiB, for old rows up to %" PRIu64 " MiB, for names up to %" PRIu64 " names",
        agreement_count, worker_pool_size(engine->workers), RING_BATCHES + POST_BATCHES,
        engine->settings.dedupe_bytes >> 20, engine->settings.rollup_bytes >> 20,
        engine->settings.names_max);
    notify("READY=1\nSTATUS=judging");
}

static int start(struct engine *engine, const struct documents *documents)
{
    const struct agreement_set *set = catalog_set(documents->catalog);
    int code = open_store(engine);
    if (code == 0 && !documents_record(documents)) {
        code = EX_IOERR;
    }
    if (code == 0 && dedupe_init(&engine->dedupe, engine->settings.dedupe_bytes,
                                 DEDUPE_HORIZON_NS) != STATUS_OK) {
        code = EX_OSERR;
    }
    engine->has_dedupe = code == 0;
    code = code != 0 ? code : open_workers(engine, set);
    code = code != 0 ? code : replay_log(engine);
    code = code != 0 ? code : open_committer(engine);
    code = code != 0 ? code : open_ingest(engine);
    code = code != 0 ? code : open_net(engine);
    code = code != 0 ? code : start_threads(engine);
    code = code != 0 ? code : open_api(engine);
    code = code != 0 ? code : open_reload(engine, documents->entered_ns);
    code = code != 0 ? code : write_endpoints(engine);
    if (code == 0) {
        presence_open(&engine->presence, engine->settings.data);
        engine->is_present = true;
        engine_beat(engine);
    }
    return code;
}

static void release_catalog(void *context)
{
    catalog_free(context);
}

int engine_start(struct engine **engine_out, const struct settings *settings,
                 const struct documents *documents, const struct engine_hooks *hooks)
{
    struct catalog *catalog = documents->catalog;
    const struct agreement_set *set = catalog_set(catalog);
    struct shared_value *agreements;
    if (shared_make(&agreements, set, release_catalog, catalog) != STATUS_OK) {
        catalog_free(catalog);
        return EX_OSERR;
    }
    struct engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL) {
        shared_let_go(agreements);
        return EX_OSERR;
    }
    engine->settings = *settings;
    engine->hooks = *hooks;
    engine->started_ns = clock_realtime_ns(clock_system());
    shared_init(&engine->agreements);
    shared_replace(&engine->agreements, agreements);
    dead_letters_init(&engine->dead_letters);
    int code = start(engine, documents);
    if (code != 0) {
        (void)engine_stop(engine);
        return code;
    }
    announce(engine, agreement_count(set));
    *engine_out = engine;
    return 0;
}

void engine_beat(struct engine *engine)
{
    presence_beat(&engine->presence, clock_realtime_ns(clock_system()));
}

void engine_reload(struct engine *engine)
{
    reload_request(engine->reload);
}

int engine_stop(struct engine *engine)
{
    atomic_store_explicit(&engine->draining, true, memory_order_relaxed);
    notify("STOPPING=1\nSTATUS=committing what was received");
    reload_stop(engine->reload);
    if (engine->api != NULL) {
        api_drain(engine->api);
    }
    if (engine->ring_runs) {
        net_stop(engine->net, DRAIN_NS);
        thread_join(engine->ring_thread);
    }
    if (engine->commit_runs) {
        committer_stop(engine->committer);
        thread_join(engine->commit_thread);
    }
    if (engine->is_present) {
        presence_close(&engine->presence, clock_realtime_ns(clock_system()));
    }
    bool failed = (engine->committer != NULL && committer_failed(engine->committer)) ||
                  (engine->workers != NULL && worker_pool_failed(engine->workers)) ||
                  atomic_load_explicit(&engine->ring_failed, memory_order_relaxed);
    if (engine->api != NULL) {
        char path[SETTINGS_TEXT_MAX + 32];
        snprintf(path, sizeof(path), "%s/endpoints.json", engine->settings.data);
        unlink(path); /* nobody is there any more */
        api_close(engine->api);
    }
    worker_pool_close(engine->workers);
    if (engine->net != NULL) {
        net_close(engine->net);
    }
    poster_close(engine->poster);
    receiver_close(engine->receiver);
    committer_close(engine->committer);
    if (engine->has_dedupe) {
        dedupe_fini(&engine->dedupe);
    }
    if (engine->store != NULL) {
        store_close(engine->store);
    }
    dead_letters_fini(&engine->dead_letters);
    reload_close(engine->reload);
    shared_fini(&engine->agreements);
    free(engine);
    return failed ? EX_IOERR : 0;
}
