#include "support/mini_engine.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/thread.h"
#include "domain/civil.h"
#include "evaluate/seal.h"
#include "store/store_history.h"

#define DEDUPE_BYTES (1u << 20)
#define POST_BATCHES 4

static void must(enum status status, const char *message)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "mini engine: %s: %s\n", status_text(status), message);
        panic_at(__FILE__, __LINE__, "the engine under test opens");
    }
}

/* Wiring, as in engine/server/engine.c */

static uint64_t workers_done(void *context)
{
    struct mini_engine *engine = context;
    return worker_pool_done(engine->workers);
}

static void workers_progressed(void *context)
{
    struct mini_engine *engine = context;
    if (atomic_load_explicit(&engine->wired, memory_order_acquire)) {
        committer_wake(engine->committer);
    }
}

static uint64_t sink_batch(void *context, const struct batch *batch, int64_t now_ns)
{
    struct mini_engine *engine = context;
    return worker_pool_push_batch(engine->workers, batch, now_ns);
}

static void sink_query(void *context, void *query, int64_t now_ns)
{
    struct mini_engine *engine = context;
    worker_pool_push_query(engine->workers, query, now_ns);
}

static void sink_tick(void *context, int64_t now_ns)
{
    struct mini_engine *engine = context;
    engine->tick_sequence = worker_pool_push_tick(engine->workers, now_ns);
}

static int64_t sink_next_due(void *context)
{
    struct mini_engine *engine = context;
    bool on_its_way = worker_pool_done(engine->workers) < engine->tick_sequence;
    return on_its_way ? INT64_MAX : worker_pool_next_due(engine->workers);
}

static uint64_t lines_received(void *context)
{
    struct mini_engine *engine = context;
    return poster_records(engine->poster);
}

static const char *not_ready(void *context)
{
    struct mini_engine *engine = context;
    return atomic_load(&engine->not_ready);
}

/* Starting and stopping */

static void open_store(struct mini_engine *engine)
{
    struct store_settings settings = {
        .directory = engine->directory,
        .names_max = 10000,
        .segment_bytes_first = 16 << 20,
        .segment_bytes_max = 64 << 20,
    };
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status =
        store_open(&engine->store, &settings, clock_realtime_ns(engine->settings.clock), message);
    must(status, message);
    must(dedupe_init(&engine->dedupe, DEDUPE_BYTES, DEDUPE_HORIZON_NS), "dedupe");
    dead_letters_init(&engine->dead_letters);
}

static void open_workers(struct mini_engine *engine)
{
    struct worker_pool_settings settings = {
        .evaluator =
            {
                .set = catalog_set(engine->catalog),
                .names = store_names(engine->store),
                .history = store_history(engine->store),
                .max_future_ns = engine->settings.max_future_ns,
                .retention_ns = engine->settings.retention_ns,
            },
        .worker_count = engine->settings.workers,
        .progressed = workers_progressed,
        .progressed_context = engine,
    };
    must(worker_pool_open(&engine->workers, &settings), "workers");
}

static bool replay_batch(void *context, const struct batch *batch)
{
    struct mini_engine *engine = context;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        if (batch->events[i].fingerprint != 0) {
            (void)dedupe_seen(&engine->dedupe, batch->events[i].fingerprint, batch->received_ns);
        }
    }
    uint64_t sequence = worker_pool_push_batch(engine->workers, batch, batch->received_ns);
    worker_pool_wait(engine->workers, sequence - 1);
    return true;
}

static void replay(struct mini_engine *engine)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    assert(batch != NULL);
    must(batch_init(batch), "batch");
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status =
        store_scan(engine->store, 0, UINT64_MAX, batch, replay_batch, engine, message);
    must(status, message);
    batch_fini(batch);
    free(batch);
}

static void open_committer(struct mini_engine *engine)
{
    struct store_info info;
    store_info(engine->store, &info);
    struct committer_settings settings = {
        .log = log_port_of_store(engine->store),
        .names = store_names(engine->store),
        .sink = {sink_batch, sink_query, sink_tick, sink_next_due, engine},
        .clock = engine->settings.clock,
        .position_next = info.position_next,
        .dedupe = &engine->dedupe,
    };
    store_counters(engine->store, &settings.counters);
    engine->received_before = settings.counters.received;
    must(committer_open(&engine->committer, &settings), "committer");
    struct poster_settings poster = {
        .shared =
            {
                .committer = engine->committer,
                .names = store_names(engine->store),
                .agreements = &engine->agreements,
                .hash_key = info.hash_key,
                .clock = engine->settings.clock,
                .dead_letters = &engine->dead_letters,
                .batch_count = POST_BATCHES,
                .abort_after_ns = 5 * NS_PER_SECOND,
                .done = workers_done,
                .done_context = engine,
            },
    };
    must(poster_open(&engine->poster, &poster), "poster");
}

static void *run_commit(void *argument)
{
    struct mini_engine *engine = argument;
    committer_run(engine->committer);
    return NULL;
}

static void open_api(struct mini_engine *engine)
{
    struct api_engine lent = {
        .committer = engine->committer,
        .poster = engine->poster,
        .workers = engine->workers,
        .store = engine->store,
        .names = store_names(engine->store),
        .agreements = &engine->agreements,
        .dead_letters = &engine->dead_letters,
        .clock = engine->settings.clock,
        .started_ns = clock_realtime_ns(engine->settings.clock),
        .retention_ns = engine->settings.retention_ns,
        .max_future_ns = engine->settings.max_future_ns,
        .grace_ns = engine->settings.grace_ns,
        .version = "0.0.0-test",
        .lines_received = lines_received,
        .received_before = engine->received_before,
        .not_ready = not_ready,
        .context = engine,
    };
    char message[API_MESSAGE_SIZE] = "";
    must(api_open(&engine->api, &lent, "127.0.0.1:0", engine->address, message), message);
    const char *colon = strrchr(engine->address, ':');
    assert(colon != NULL);
    engine->port = (uint16_t)strtoul(colon + 1, NULL, 10);
}

void mini_engine_start(struct mini_engine *engine)
{
    engine->tick_sequence = 0;
    atomic_store(&engine->not_ready, "");
    open_store(engine);
    open_workers(engine);
    replay(engine);
    open_committer(engine);
    atomic_store_explicit(&engine->wired, true, memory_order_release);
    must(thread_start(&engine->commit_thread, "mini-commit", run_commit, engine), "thread");
    if (!engine->settings.without_api) {
        open_api(engine);
    }
}

void mini_engine_stop(struct mini_engine *engine)
{
    if (engine->api != NULL) {
        api_drain(engine->api);
    }
    committer_stop(engine->committer);
    thread_join(engine->commit_thread);
    api_close(engine->api);
    engine->api = NULL;
    worker_pool_close(engine->workers);
    atomic_store_explicit(&engine->wired, false, memory_order_relaxed);
    poster_close(engine->poster);
    committer_close(engine->committer);
    dead_letters_fini(&engine->dead_letters);
    dedupe_fini(&engine->dedupe);
    store_close(engine->store);
}

void mini_engine_open(struct mini_engine *engine, const struct mini_settings *settings)
{
    memset((void *)engine, 0, sizeof(*engine));
    engine->settings = *settings;
    struct mini_settings *own = &engine->settings;
    own->clock = own->clock == NULL ? clock_system() : own->clock;
    own->workers = own->workers == 0 ? 2 : own->workers;
    own->retention_ns = own->retention_ns == 0 ? INT64_MAX : own->retention_ns;
    own->max_future_ns = own->max_future_ns == 0 ? 5 * NS_PER_MINUTE : own->max_future_ns;
    own->grace_ns = own->grace_ns == 0 ? SEAL_GRACE_DEFAULT_NS : own->grace_ns;
    const char *temporary = getenv("TMPDIR");
    snprintf(engine->root, sizeof(engine->root), "%s/nines-mini-XXXXXX",
             temporary != NULL && strlen(temporary) < 200 ? temporary : "/tmp");
    if (mkdtemp(engine->root) == NULL) {
        must(STATUS_IO, engine->root);
    }
    snprintf(engine->directory, sizeof(engine->directory), "%.400s/data", engine->root);
    struct text_buffer errors;
    text_buffer_init(&errors);
    const char *yaml = settings->agreements == NULL ? "" : settings->agreements;
    enum status status = yaml[0] == '\0' ? catalog_load(&engine->catalog, NULL, 0, &errors, &errors)
                                         : catalog_load_text(&engine->catalog, "agreements.yaml",
                                                             text_from(yaml), &errors, &errors);
    must(status, errors.bytes == NULL ? "" : errors.bytes);
    text_buffer_fini(&errors);
    struct shared_value *agreements;
    must(shared_make(&agreements, catalog_set(engine->catalog), NULL, NULL), "agreements");
    shared_init(&engine->agreements);
    shared_replace(&engine->agreements, agreements);
    mini_engine_start(engine);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

void mini_engine_close(struct mini_engine *engine)
{
    mini_engine_stop(engine);
    shared_fini(&engine->agreements);
    catalog_free(engine->catalog);
    nftw(engine->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Posting without HTTP */

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
    struct post_result result;
};

static void posted(void *context, const struct post_result *result)
{
    struct waiting *waiting = context;
    pthread_mutex_lock(&waiting->lock);
    waiting->result = *result;
    waiting->is_done = true;
    pthread_cond_signal(&waiting->done);
    pthread_mutex_unlock(&waiting->lock);
}

struct post_result mini_engine_post(struct mini_engine *engine, const char *records)
{
    struct waiting waiting = {.is_done = false};
    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.done, NULL);
    must(poster_post(engine->poster, text_from(records), MAP_AUTO, posted, &waiting), "post");
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.is_done) {
        pthread_cond_wait(&waiting.done, &waiting.lock);
    }
    pthread_mutex_unlock(&waiting.lock);
    pthread_cond_destroy(&waiting.done);
    pthread_mutex_destroy(&waiting.lock);
    return waiting.result;
}
