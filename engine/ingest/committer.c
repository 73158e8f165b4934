#include "ingest/committer.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/event_count.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/ring_spsc.h"
#include "domain/intake.h"

#include <pthread.h>

/* Batches of one transaction: as many as may queue while a flush runs, within the bounds of a
 * segment. */
#define COMMIT_GROUP_MAX 32
/* How long to wait before a full disk is tried again. */
#define STORAGE_RETRY_NS (200 * INT64_C(1000000))

const int64_t commit_histogram_bounds_ns[COMMIT_HISTOGRAM_BUCKETS] = {
    250000,   500000,   1000000,   2500000,   5000000,    10000000,
    25000000, 50000000, 100000000, 250000000, 1000000000, INT64_MAX,
};

/* A question that waits its turn. */
struct queued_query {
    void *query;
    struct queued_query *next;
};

/* field              written by        read by           order
 * from_ring          ring thread       commit thread     its own
 * to_ring            commit thread     ring thread       its own
 * in_flight          both              ring thread       relaxed: a hint for idle
 * stopping, failed   any / commit      any               relaxed: read again at every round
 * durable            commit thread     any               under the lock (cold readers)
 */
struct committer {
    struct committer_settings settings;
    struct ring_spsc from_ring;
    struct ring_spsc to_ring;
    struct event_count work;
    alignas(64) _Atomic uint32_t in_flight;
    _Atomic bool stopping;
    _Atomic bool failed;
    _Atomic bool storage_full;
    _Atomic uint64_t position;
    _Atomic uint64_t shed[SHED_COUNT];
    _Atomic uint64_t histogram[COMMIT_HISTOGRAM_BUCKETS + 2]; /* buckets, count, sum */
    _Atomic uint64_t ids;
    _Atomic int64_t ids_horizon_ns;

    /* Under lock: what other threads hand in, and the totals that they read. */
    pthread_mutex_t lock;
    struct commit_post *posts_first;
    struct commit_post *posts_last;
    struct queued_query *queries_first;
    struct queued_query *queries_last;
    bool closed; /* nothing more is taken in */
    struct store_counters durable;
    char message[STORE_MESSAGE_SIZE];

    /* The commit thread's own. */
    struct store_counters counters;
    uint32_t names_durable;
    struct batch *ring_waiting[COMMIT_GROUP_MAX]; /* taken from the ring, not yet durable */
    uint32_t ring_waiting_count;
    int64_t retry_ns; /* monotonic; 0: no full disk to wait for */
};

static void publish_ids(struct committer *committer)
{
    const struct dedupe *dedupe = committer->settings.dedupe;
    atomic_store_explicit(&committer->ids, dedupe_count(dedupe), memory_order_relaxed);
    atomic_store_explicit(&committer->ids_horizon_ns, dedupe_present_horizon_ns(dedupe),
                          memory_order_relaxed);
}

enum status committer_open(struct committer **committer_out,
                           const struct committer_settings *settings)
{
    struct committer *committer = aligned_alloc(64, sizeof(*committer));
    if (committer == NULL) {
        return STATUS_NO_MEMORY;
    }
    memset((void *)committer, 0, sizeof(*committer));
    committer->settings = *settings;
    committer->counters = settings->counters;
    committer->durable = settings->counters;
    committer->names_durable = name_count(settings->names);
    atomic_store_explicit(&committer->position, settings->position_next, memory_order_relaxed);
    publish_ids(committer);
    pthread_mutex_init(&committer->lock, NULL);
    enum status status = ring_spsc_init(&committer->from_ring, COMMIT_QUEUE_MAX);
    if (status == STATUS_OK) {
        status = ring_spsc_init(&committer->to_ring, COMMIT_QUEUE_MAX);
    }
    if (status != STATUS_OK) {
        committer_close(committer);
        return status;
    }
    *committer_out = committer;
    return STATUS_OK;
}

void committer_close(struct committer *committer)
{
    if (committer == NULL) {
        return;
    }
    ring_spsc_fini(&committer->from_ring);
    ring_spsc_fini(&committer->to_ring);
    pthread_mutex_destroy(&committer->lock);
    free(committer);
}

/* Handing in */

enum status committer_submit(struct committer *committer, struct batch *batch)
{
    atomic_fetch_add_explicit(&committer->in_flight, 1, memory_order_relaxed);
    enum status status = ring_spsc_push(&committer->from_ring, batch);
    if (status != STATUS_OK) {
        atomic_fetch_sub_explicit(&committer->in_flight, 1, memory_order_relaxed);
        return status;
    }
    event_count_wake(&committer->work);
    return STATUS_OK;
}

struct batch *committer_fetch(struct committer *committer)
{
    return ring_spsc_pop(&committer->to_ring);
}

bool committer_idle(const struct committer *committer)
{
    return atomic_load_explicit(&committer->in_flight, memory_order_relaxed) == 0;
}

enum status committer_post(struct committer *committer, struct commit_post *post)
{
    post->next = NULL;
    pthread_mutex_lock(&committer->lock);
    bool closed = committer->closed;
    if (!closed) {
        if (committer->posts_last != NULL) {
            committer->posts_last->next = post;
        } else {
            committer->posts_first = post;
        }
        committer->posts_last = post;
    }
    pthread_mutex_unlock(&committer->lock);
    event_count_wake(&committer->work);
    return closed ? STATUS_STOPPED : STATUS_OK;
}

enum status committer_query(struct committer *committer, void *query)
{
    struct queued_query *queued = malloc(sizeof(*queued));
    if (queued == NULL) {
        return STATUS_NO_MEMORY;
    }
    *queued = (struct queued_query){.query = query};
    pthread_mutex_lock(&committer->lock);
    bool closed = committer->closed;
    if (!closed) {
        if (committer->queries_last != NULL) {
            committer->queries_last->next = queued;
        } else {
            committer->queries_first = queued;
        }
        committer->queries_last = queued;
    }
    pthread_mutex_unlock(&committer->lock);
    if (closed) {
        free(queued);
        return STATUS_STOPPED;
    }
    event_count_wake(&committer->work);
    return STATUS_OK;
}

void committer_count_shed(struct committer *committer, enum shed shed, uint64_t records)
{
    /* Relaxed: joins the durable totals with the next commit. */
    atomic_fetch_add_explicit(&committer->shed[shed], records, memory_order_relaxed);
    event_count_wake(&committer->work);
}

void committer_wake(struct committer *committer)
{
    event_count_wake(&committer->work);
}

void committer_stop(struct committer *committer)
{
    atomic_store_explicit(&committer->stopping, true, memory_order_relaxed);
    event_count_wake(&committer->work);
}

/* One round */

struct group {
    struct batch *batches[COMMIT_GROUP_MAX];
    struct commit_post *posts[COMMIT_GROUP_MAX]; /* NULL: the ring's */
    uint32_t count;
    struct store_counters counters; /* totals if it commits */
    uint64_t position;
};

static void take_ring_batches(struct committer *committer)
{
    while (committer->ring_waiting_count < COMMIT_GROUP_MAX / 2) {
        struct batch *batch = ring_spsc_pop(&committer->from_ring);
        if (batch == NULL) {
            return;
        }
        committer->ring_waiting[committer->ring_waiting_count++] = batch;
    }
}

static void take_posts(struct committer *committer, struct group *group)
{
    pthread_mutex_lock(&committer->lock);
    while (committer->posts_first != NULL && group->count < COMMIT_GROUP_MAX) {
        struct commit_post *post = committer->posts_first;
        committer->posts_first = post->next;
        if (committer->posts_first == NULL) {
            committer->posts_last = NULL;
        }
        group->posts[group->count] = post;
        group->batches[group->count++] = post->batch;
    }
    pthread_mutex_unlock(&committer->lock);
}

static void gather(struct committer *committer, struct group *group)
{
    *group = (struct group){
        .counters = committer->counters,
        .position = atomic_load_explicit(&committer->position, memory_order_relaxed),
    };
    take_ring_batches(committer);
    for (uint32_t i = 0; i < committer->ring_waiting_count; i++) {
        group->batches[group->count++] = committer->ring_waiting[i];
    }
    take_posts(committer, group);
}

/* Takes repeats out of the batch. */
static void drop_repeats(struct dedupe *dedupe, struct batch *batch)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        const struct event *event = &batch->events[i];
        uint32_t ahead = i + 8;
        if (ahead < batch->event_count && batch->events[ahead].fingerprint != 0) {
            dedupe_prefetch(dedupe, batch->events[ahead].fingerprint);
        }
        if (event->fingerprint != 0 &&
            dedupe_seen(dedupe, event->fingerprint, batch->received_ns)) {
            batch->duplicates++;
            continue;
        }
        if (kept != i) {
            batch->events[kept] = *event;
        }
        kept++;
    }
    batch->event_count = kept;
}

static void forget_ids(struct dedupe *dedupe, const struct batch *batch)
{
    for (uint32_t i = batch->event_count; i-- > 0;) {
        if (batch->events[i].fingerprint != 0) {
            dedupe_forget(dedupe, batch->events[i].fingerprint);
        }
    }
}

static void prepare(struct committer *committer, struct group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        struct batch *batch = group->batches[i];
        if (!batch->prepared) {
            /* Names first: an event that finds no room in the table must not leave its id behind.
             */
            intake_resolve_names(batch, committer->settings.names);
            drop_repeats(committer->settings.dedupe, batch);
            batch->prepared = true;
        }
        batch->position = group->position;
        group->position += batch->event_count;
        struct store_counters *counters = &group->counters;
        counters->received += batch->received;
        counters->stored += batch->event_count;
        counters->duplicate += batch->duplicates;
        counters->without_id += batch->without_id;
        counters->time_from_receipt += batch->time_from_receipt;
        for (uint32_t j = 0; j < REJECT_COUNT; j++) {
            counters->rejected[j] += batch->rejected[j];
        }
    }
}

static void take_shed(struct committer *committer, struct store_counters *counters)
{
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        uint64_t records = atomic_exchange_explicit(&committer->shed[i], 0, memory_order_relaxed);
        counters->shed[i] += records;
        counters->received += records;
    }
}

static void return_shed(struct committer *committer, const struct store_counters *counters)
{
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        atomic_fetch_add_explicit(&committer->shed[i],
                                  counters->shed[i] - committer->counters.shed[i],
                                  memory_order_relaxed);
    }
}

static bool has_shed(struct committer *committer)
{
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        if (atomic_load_explicit(&committer->shed[i], memory_order_relaxed) != 0) {
            return true;
        }
    }
    return false;
}

static void note_duration(struct committer *committer, int64_t ns)
{
    for (uint32_t i = 0; i < COMMIT_HISTOGRAM_BUCKETS; i++) {
        if (ns <= commit_histogram_bounds_ns[i]) {
            atomic_fetch_add_explicit(&committer->histogram[i], 1, memory_order_relaxed);
        }
    }
    atomic_fetch_add_explicit(&committer->histogram[COMMIT_HISTOGRAM_BUCKETS], 1,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&committer->histogram[COMMIT_HISTOGRAM_BUCKETS + 1], (uint64_t)ns,
                              memory_order_relaxed);
}

static void answer(struct committer *committer, struct batch *batch, struct commit_post *post,
                   enum status status)
{
    if (post != NULL) {
        post->done(post, status);
        return;
    }
    enum status pushed = ring_spsc_push(&committer->to_ring, batch);
    assert(pushed == STATUS_OK); /* as many places as batches on their way */
    atomic_fetch_sub_explicit(&committer->in_flight, 1, memory_order_relaxed);
}

static void hand_on(struct committer *committer, struct group *group)
{
    const struct commit_sink *sink = &committer->settings.sink;
    int64_t now_ns = clock_realtime_ns(committer->settings.clock);
    for (uint32_t i = 0; i < group->count; i++) {
        struct batch *batch = group->batches[i];
        batch->sequence = batch->event_count == 0 ? 0 : sink->batch(sink->context, batch, now_ns);
        answer(committer, batch, group->posts[i], STATUS_OK);
    }
    committer->ring_waiting_count = 0;
    if (group->count > 0 && committer->settings.committed != NULL) {
        committer->settings.committed(committer->settings.committed_context);
    }
}

static void make_durable(struct committer *committer, const struct group *group)
{
    committer->counters = group->counters;
    committer->names_durable = name_count(committer->settings.names);
    committer->retry_ns = 0;
    atomic_store_explicit(&committer->storage_full, false, memory_order_relaxed);
    atomic_store_explicit(&committer->position, group->position, memory_order_relaxed);
    publish_ids(committer);
    pthread_mutex_lock(&committer->lock);
    committer->durable = group->counters;
    pthread_mutex_unlock(&committer->lock);
}

/* Nothing was stored: what HTTP sent is refused, what the ring sent waits. */
static void hold_back(struct committer *committer, struct group *group, const char *message)
{
    if (!atomic_exchange_explicit(&committer->storage_full, true, memory_order_relaxed)) {
        log_error("the disk is full: %s; senders are held back until there is room", message);
    }
    committer->retry_ns = clock_monotonic_ns(committer->settings.clock) + STORAGE_RETRY_NS;
    return_shed(committer, &group->counters);
    for (uint32_t i = group->count; i-- > 0;) {
        struct batch *batch = group->batches[i];
        if (group->posts[i] != NULL) {
            forget_ids(committer->settings.dedupe, batch);
            committer_count_shed(committer, SHED_STORAGE_FULL, batch->received);
            group->posts[i]->done(group->posts[i], STATUS_NO_SPACE);
        }
    }
}

static void fail(struct committer *committer, struct group *group, const char *message)
{
    log_error("commit failed, nothing more is acknowledged: %s", message);
    pthread_mutex_lock(&committer->lock);
    memcpy(committer->message, message, STORE_MESSAGE_SIZE);
    pthread_mutex_unlock(&committer->lock);
    atomic_store_explicit(&committer->failed, true, memory_order_relaxed);
    for (uint32_t i = 0; i < group->count; i++) {
        if (group->posts[i] != NULL) {
            group->posts[i]->done(group->posts[i], STATUS_STOPPED);
        }
    }
}

static bool commit_group(struct committer *committer)
{
    if (committer->retry_ns != 0 &&
        clock_monotonic_ns(committer->settings.clock) < committer->retry_ns) {
        return false;
    }
    struct group group;
    gather(committer, &group);
    if (group.count == 0 && !has_shed(committer)) {
        return false;
    }
    prepare(committer, &group);
    take_shed(committer, &group.counters);
    char message[STORE_MESSAGE_SIZE] = "";
    int64_t began_ns = clock_monotonic_ns(committer->settings.clock);
    const struct log_port *log = &committer->settings.log;
    enum status status = log->commit(log->context, group.batches, group.count,
                                     committer->names_durable, &group.counters, message);
    note_duration(committer, clock_monotonic_ns(committer->settings.clock) - began_ns);
    if (status == STATUS_OK) {
        make_durable(committer, &group);
        hand_on(committer, &group);
    } else if (status == STATUS_NO_SPACE) {
        hold_back(committer, &group, message);
    } else {
        fail(committer, &group, message);
    }
    return true;
}

static bool pass_queries(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    struct queued_query *queries = committer->queries_first;
    committer->queries_first = NULL;
    committer->queries_last = NULL;
    pthread_mutex_unlock(&committer->lock);
    bool any = queries != NULL;
    const struct commit_sink *sink = &committer->settings.sink;
    while (queries != NULL) {
        struct queued_query *next = queries->next;
        sink->query(sink->context, queries->query, clock_realtime_ns(committer->settings.clock));
        free(queries);
        queries = next;
    }
    return any;
}

static bool pass_time(struct committer *committer)
{
    const struct commit_sink *sink = &committer->settings.sink;
    int64_t due_ns = sink->next_due(sink->context);
    if (due_ns == INT64_MAX) {
        return false;
    }
    int64_t now_ns = clock_realtime_ns(committer->settings.clock);
    if (now_ns < due_ns) {
        return false;
    }
    sink->tick(sink->context, now_ns);
    return true;
}

bool committer_step(struct committer *committer)
{
    bool any = commit_group(committer);
    if (committer_failed(committer)) {
        return false;
    }
    return pass_queries(committer) || any;
}

static bool has_work(struct committer *committer)
{
    bool ring = ring_spsc_count(&committer->from_ring) > 0 || committer->ring_waiting_count > 0;
    pthread_mutex_lock(&committer->lock);
    bool posts = committer->posts_first != NULL;
    bool queries = committer->queries_first != NULL;
    pthread_mutex_unlock(&committer->lock);
    bool may_commit = committer->retry_ns == 0; /* else a full disk waits for its next try */
    return queries || (may_commit && (ring || posts || has_shed(committer)));
}

/* How long to sleep at most: to the next tick, or to the next try of a full disk. */
static int64_t timeout_ns(const struct committer *committer)
{
    const struct commit_sink *sink = &committer->settings.sink;
    int64_t due_ns = sink->next_due(sink->context);
    int64_t timeout = -1;
    if (due_ns != INT64_MAX) {
        timeout = due_ns - clock_realtime_ns(committer->settings.clock);
        timeout = timeout < 0 ? 0 : timeout;
    }
    if (committer->retry_ns != 0 && (timeout < 0 || timeout > STORAGE_RETRY_NS)) {
        timeout = STORAGE_RETRY_NS;
    }
    return timeout;
}

static void wait_for_work(struct committer *committer)
{
    uint32_t key = event_count_prepare(&committer->work);
    int64_t timeout = timeout_ns(committer);
    bool stopping = atomic_load_explicit(&committer->stopping, memory_order_relaxed);
    if (has_work(committer) || stopping || timeout == 0) {
        event_count_cancel(&committer->work);
        return;
    }
    event_count_wait(&committer->work, key, timeout);
}

/* Nothing is taken in any more; what still comes late is told so. */
static void close_doors(struct committer *committer)
{
    pthread_mutex_lock(&committer->lock);
    committer->closed = true;
    struct commit_post *post = committer->posts_first;
    committer->posts_first = NULL;
    committer->posts_last = NULL;
    pthread_mutex_unlock(&committer->lock);
    while (post != NULL) {
        struct commit_post *next = post->next;
        post->done(post, STATUS_STOPPED);
        post = next;
    }
    /* The workers still run: their answers are as good as before. */
    (void)pass_queries(committer);
}

void committer_run(struct committer *committer)
{
    while (!committer_failed(committer)) {
        bool any = committer_step(committer);
        any = !committer_failed(committer) && (pass_time(committer) || any);
        if (any) {
            continue;
        }
        if (atomic_load_explicit(&committer->stopping, memory_order_relaxed) &&
            !has_work(committer)) {
            break;
        }
        wait_for_work(committer);
    }
    close_doors(committer);
    if (committer->settings.committed != NULL) {
        committer->settings.committed(committer->settings.committed_context);
    }
}

/* Reading */

bool committer_failed(const struct committer *committer)
{
    return atomic_load_explicit(&committer->failed, memory_order_relaxed);
}

bool committer_storage_full(const struct committer *committer)
{
    return atomic_load_explicit(&committer->storage_full, memory_order_relaxed);
}

void committer_counters(struct committer *committer, struct store_counters *counters_out)
{
    pthread_mutex_lock(&committer->lock);
    *counters_out = committer->durable;
    pthread_mutex_unlock(&committer->lock);
}

uint64_t committer_position(const struct committer *committer)
{
    return atomic_load_explicit(&committer->position, memory_order_relaxed);
}

uint64_t committer_ids_remembered(const struct committer *committer)
{
    return atomic_load_explicit(&committer->ids, memory_order_relaxed);
}

int64_t committer_ids_horizon_ns(const struct committer *committer)
{
    return atomic_load_explicit(&committer->ids_horizon_ns, memory_order_relaxed);
}

const char *committer_message(const struct committer *committer)
{
    return committer->message;
}

void committer_histogram(const struct committer *committer, struct commit_histogram *histogram_out)
{
    for (uint32_t i = 0; i < COMMIT_HISTOGRAM_BUCKETS; i++) {
        histogram_out->at_most[i] =
            atomic_load_explicit(&committer->histogram[i], memory_order_relaxed);
    }
    histogram_out->count =
        atomic_load_explicit(&committer->histogram[COMMIT_HISTOGRAM_BUCKETS], memory_order_relaxed);
    histogram_out->sum_ns = atomic_load_explicit(
        &committer->histogram[COMMIT_HISTOGRAM_BUCKETS + 1], memory_order_relaxed);
}
