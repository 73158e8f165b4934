#include "server/reload.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "server/documents.h"

/* What the commit thread may be given to judge when a panel goes into force: a few milliseconds. */
#define TAIL_EVENTS 32768
/* Rounds over what arrived while the log was being read; each is shorter than the one before,
 * unless events arrive faster than they can be judged: then their senders are made to wait. */
#define ROUNDS_MAX 16

struct reload {
    struct reload_settings settings;
    struct batch batch; /* for reading the log */
    bool has_batch;
    pthread_t thread;
    bool runs;
    _Atomic bool stopping;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t work;
    bool requested;
    int64_t entered_ns; /* the agreements are in the versions of this instant */
    struct reload_state state;
};

/* How it went */

static void note_state(struct reload *reload, bool successful, const char *detail)
{
    pthread_mutex_lock(&reload->lock);
    reload->state.successful = successful;
    snprintf(reload->state.detail, sizeof(reload->state.detail), "%s", detail);
    pthread_mutex_unlock(&reload->lock);
}

void reload_state(struct reload *reload, struct reload_state *state_out)
{
    pthread_mutex_lock(&reload->lock);
    *state_out = reload->state;
    pthread_mutex_unlock(&reload->lock);
}

/* `why`: lines; the first one is kept, all are logged. */
static void refuse(struct reload *reload, const char *why)
{
    char detail[RELOAD_DETAIL_SIZE];
    snprintf(detail, sizeof(detail), "reload refused, the agreements before it stay in force: %.*s",
             (int)strcspn(why, "\n"), why);
    note_state(reload, false, detail);
    log_error("reload refused, the agreements before it stay in force: %s", why);
}

/* The stored history */

struct reading {
    struct reload *reload;
    struct panel *panel;
    uint64_t total;
    bool may_stop;
    enum status status;
};

static bool judge_batch(void *context, const struct batch *batch)
{
    struct reading *reading = context;
    if (reading->may_stop &&
        atomic_load_explicit(&reading->reload->stopping, memory_order_relaxed)) {
        reading->status = STATUS_STOPPED;
        return false;
    }
    /* A scan begins with the batch that holds its first position; there is none that is half
     * judged. */
    if (batch->position < panel_position(reading->panel)) {
        return true;
    }
    reading->status = panel_apply(reading->panel, batch, batch->received_ns);
    return reading->status == STATUS_OK;
}

/* Everything durable that the panel has not judged yet. */
static enum status judge_log(struct reload *reload, struct panel *panel, uint64_t position_end,
                             bool may_stop)
{
    struct reading reading = {
        .reload = reload, .panel = panel, .may_stop = may_stop, .status = STATUS_OK};
    char message[STORE_MESSAGE_SIZE] = "";
    enum status status = store_scan(reload->settings.store, panel_position(panel), position_end,
                                    &reload->batch, judge_batch, &reading, message);
    if (message[0] != '\0') {
        log_error("%s", message);
    }
    return status != STATUS_OK ? status : reading.status;
}

void reload_catch_up(struct reload *reload, struct work_query *query)
{
    enum status status =
        judge_log(reload, query->panel, committer_position(reload->settings.committer), false);
    if (status != STATUS_OK) {
        query->panel = NULL;
    }
}

static enum status judge_history(struct reload *reload, struct panel *panel)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < ROUNDS_MAX && status == STATUS_OK; i++) {
        uint64_t durable = committer_position(reload->settings.committer);
        if (durable - panel_position(panel) <= TAIL_EVENTS && i > 0) {
            break;
        }
        status = judge_log(reload, panel, durable, true);
    }
    return status;
}

/* Going over */

static void answer_nothing(struct work_query *query, struct evaluator *evaluator,
                           uint32_t shard_index)
{
    (void)query;
    (void)evaluator;
    (void)shard_index;
}

static void release_catalog(void *context)
{
    catalog_free(context);
}

/* From the query on, the workers judge with the panel; the old one is freed, and then its
 * agreements, when nobody reads them any more. */
static enum status go_over(struct reload *reload, struct panel **panel, struct shared_value *fresh)
{
    struct worker_pool *workers = reload->settings.workers;
    struct work_query query = {.run = answer_nothing, .panel = *panel};
    work_query_prepare(&query);
    api_pause_questions(reload->settings.api);
    enum status status = committer_query(reload->settings.committer, &query);
    if (status == STATUS_OK) {
        work_query_wait(workers, &query);
        status = query.panel == NULL ? STATUS_DAMAGED : STATUS_OK;
    }
    if (status == STATUS_OK) {
        panel_close(worker_pool_seat(workers, *panel));
        *panel = NULL;
        shared_replace(reload->settings.agreements, fresh);
    }
    api_resume_questions(reload->settings.api);
    return status;
}

static enum status put_in_force(struct reload *reload, struct catalog *catalog)
{
    struct shared_value *fresh;
    if (shared_make(&fresh, catalog_set(catalog), release_catalog, catalog) != STATUS_OK) {
        catalog_free(catalog);
        return STATUS_NO_MEMORY;
    }
    struct evaluator_settings evaluator = reload->settings.evaluator;
    evaluator.set = catalog_set(catalog);
    struct panel *panel = NULL;
    enum status status = panel_open(&panel, &evaluator, worker_pool_size(reload->settings.workers),
                                    (uint32_t)reload->settings.running->each_max);
    if (status == STATUS_OK) {
        status = judge_history(reload, panel);
    }
    if (status == STATUS_OK) {
        status = go_over(reload, &panel, fresh);
    }
    if (status != STATUS_OK) {
        panel_close(panel);
        shared_let_go(fresh);
    }
    return status;
}

/* One reload */

static void warn_of_fixed_settings(const struct reload *reload, const struct settings *fresh)
{
    struct text_buffer names;
    text_buffer_init(&names);
    settings_fixed_changes(reload->settings.running, fresh, &names);
    if (names.length > 0) {
        log_warning("these settings have changed and take effect at the next start only: %s",
                    names.bytes);
    }
    text_buffer_fini(&names);
}

static bool read_documents(struct reload *reload, const struct settings *fresh,
                           struct documents *documents)
{
    struct text_buffer errors;
    text_buffer_init(&errors);
    bool well = documents_load(documents, fresh, reload->settings.running->data, &errors);
    if (!well) {
        refuse(reload, errors.bytes);
    } else if (!documents_record(documents)) {
        refuse(reload, "the versions of the agreements cannot be recorded");
        catalog_free(documents->catalog);
        documents_close(documents);
        well = false;
    }
    text_buffer_fini(&errors);
    return well;
}

static void reload_with(struct reload *reload, const struct settings *fresh)
{
    int64_t began_ns = clock_monotonic_ns(clock_system());
    struct documents documents;
    if (!read_documents(reload, fresh, &documents)) {
        return;
    }
    documents_close(&documents);
    struct catalog *catalog = documents.catalog;
    uint32_t count = agreement_count(catalog_set(catalog));
    note_state(reload, true, "reload: judging the stored events by the new agreements");
    enum status status = put_in_force(reload, catalog);
    if (atomic_load_explicit(&reload->stopping, memory_order_relaxed)) {
        return;
    }
    if (status != STATUS_OK) {
        refuse(reload, status_text(status));
        return;
    }
    reload->entered_ns = documents.entered_ns;
    note_state(reload, true, "");
    warn_of_fixed_settings(reload, fresh);
    log_info("reloaded in %" PRId64 " ms: %u agreements, judged from the whole log",
             (clock_monotonic_ns(clock_system()) - began_ns) / NS_PER_MS, count);
}

static void reload_once(struct reload *reload)
{
    struct settings *fresh = calloc(1, sizeof(*fresh));
    if (fresh == NULL) {
        refuse(reload, "out of memory");
    } else if (!reload->settings.read_settings(fresh)) {
        refuse(reload, "the configuration has errors; they are in the log");
    } else {
        reload_with(reload, fresh);
    }
    free(fresh);
}

/* The thread */

/* When a version of an agreement comes into force, by the clock that its time is written in. */
static int64_t next_version_ns(struct reload *reload, int64_t after_ns)
{
    struct shared_value *held = shared_hold(reload->settings.agreements);
    int64_t next_ns = documents_next_version_ns(shared_object(held), after_ns);
    shared_let_go(held);
    return next_ns;
}

/* False: nothing was asked for when it was time. */
static bool wait_until(struct reload *reload, int64_t ns)
{
    struct timespec time = {ns / NS_PER_SECOND, ns % NS_PER_SECOND};
    return ns == INT64_MAX ? pthread_cond_wait(&reload->work, &reload->lock) == 0
                           : pthread_cond_timedwait(&reload->work, &reload->lock, &time) == 0;
}

/* One that could not be read when it was time is tried again. */
#define RETRY_NS NS_PER_MINUTE

static bool wait_for_request(struct reload *reload)
{
    int64_t now_ns = clock_realtime_ns(clock_system());
    pthread_mutex_lock(&reload->lock);
    int64_t due_ns = next_version_ns(reload, reload->entered_ns);
    if (due_ns <= now_ns) {
        due_ns = now_ns + RETRY_NS;
    }
    while (!reload->requested && !atomic_load_explicit(&reload->stopping, memory_order_relaxed)) {
        if (!wait_until(reload, due_ns)) {
            log_info("a version of an agreement comes into force");
            break;
        }
    }
    reload->requested = false;
    pthread_mutex_unlock(&reload->lock);
    return !atomic_load_explicit(&reload->stopping, memory_order_relaxed);
}

static void *run_reload(void *argument)
{
    struct reload *reload = argument;
    while (wait_for_request(reload)) {
        reload_once(reload);
    }
    return NULL;
}

enum status reload_open(struct reload **reload_out, const struct reload_settings *settings)
{
    struct reload *reload = calloc(1, sizeof(*reload));
    if (reload == NULL) {
        return STATUS_NO_MEMORY;
    }
    reload->settings = *settings;
    reload->entered_ns = settings->entered_ns;
    reload->state.successful = true;
    pthread_mutex_init(&reload->lock, NULL);
    pthread_cond_init(&reload->work, NULL);
    enum status status = batch_init(&reload->batch);
    reload->has_batch = status == STATUS_OK;
    if (status == STATUS_OK) {
        status = thread_start(&reload->thread, "nines-reload", run_reload, reload);
        reload->runs = status == STATUS_OK;
    }
    if (status != STATUS_OK) {
        reload_close(reload);
        return status;
    }
    *reload_out = reload;
    return STATUS_OK;
}

void reload_stop(struct reload *reload)
{
    if (reload == NULL || !reload->runs) {
        return;
    }
    pthread_mutex_lock(&reload->lock);
    atomic_store_explicit(&reload->stopping, true, memory_order_relaxed);
    pthread_cond_signal(&reload->work);
    pthread_mutex_unlock(&reload->lock);
    thread_join(reload->thread);
    reload->runs = false;
}

void reload_close(struct reload *reload)
{
    if (reload == NULL) {
        return;
    }
    reload_stop(reload);
    if (reload->has_batch) {
        batch_fini(&reload->batch);
    }
    pthread_cond_destroy(&reload->work);
    pthread_mutex_destroy(&reload->lock);
    free(reload);
}

void reload_request(struct reload *reload)
{
    pthread_mutex_lock(&reload->lock);
    reload->requested = true;
    pthread_cond_signal(&reload->work);
    pthread_mutex_unlock(&reload->lock);
}
