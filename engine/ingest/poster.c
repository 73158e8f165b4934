#include "ingest/poster.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/panic.h"
#include "decode/frame.h"
#include "domain/civil.h"
#include "domain/intake.h"

/* One body on its way. Its batches may be several. */
struct post {
    struct poster *poster;
    post_done *done;
    void *context;
    struct post_result result;
    const struct match_rules *rules; /* held while decoding */
    uint32_t batches_out;            /* under the poster's lock */
    bool decoding;                   /* under the poster's lock: more batches may follow */
};

/* A batch of the pool and the body that it is part of now. */
struct slot {
    struct commit_post commit;
    struct post *post;
};

struct poster {
    struct poster_settings settings;
    _Atomic uint64_t records; /* relaxed: a gauge */
    pthread_mutex_t lock;
    pthread_cond_t returned;           /* a batch's commit is through */
    struct batch_pool pool;            /* under lock */
    struct slot slots[BATCH_POOL_MAX]; /* slot i goes with batch i of the pool */
    struct decoder *idle_decoder;      /* under lock: one kept from the last body, for MAP_AUTO */
};

enum status poster_open(struct poster **poster_out, const struct poster_settings *settings)
{
    struct poster *poster = calloc(1, sizeof(*poster));
    if (poster == NULL) {
        return STATUS_NO_MEMORY;
    }
    poster->settings = *settings;
    enum status status = batch_pool_init(&poster->pool, settings->shared.batch_count);
    if (status != STATUS_OK) {
        free(poster);
        return status;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&poster->returned, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&poster->lock, NULL);
    *poster_out = poster;
    return STATUS_OK;
}

void poster_close(struct poster *poster)
{
    if (poster == NULL) {
        return;
    }
    if (poster->idle_decoder != NULL) {
        decoder_close(poster->idle_decoder);
    }
    batch_pool_fini(&poster->pool);
    pthread_cond_destroy(&poster->returned);
    pthread_mutex_destroy(&poster->lock);
    free(poster);
}

/* Decoders */

static struct decoder *take_decoder(struct poster *poster, enum field_map map)
{
    struct decoder *decoder = NULL;
    if (map == MAP_AUTO) {
        pthread_mutex_lock(&poster->lock);
        decoder = poster->idle_decoder;
        poster->idle_decoder = NULL;
        pthread_mutex_unlock(&poster->lock);
    }
    if (decoder == NULL) {
        struct decode_settings settings = {
            .map = map,
            .abort_after_ns = poster->settings.shared.abort_after_ns,
            .zone_offset_ns = poster->settings.shared.zone_offset_ns,
            .find_zone = poster->settings.shared.find_zone,
        };
        if (decoder_open(&decoder, &settings) != STATUS_OK) {
            return NULL;
        }
    }
    return decoder;
}

static void give_decoder(struct poster *poster, struct decoder *decoder, enum field_map map)
{
    pthread_mutex_lock(&poster->lock);
    bool keep = map == MAP_AUTO && poster->idle_decoder == NULL;
    if (keep) {
        poster->idle_decoder = decoder;
    }
    pthread_mutex_unlock(&poster->lock);
    if (!keep) {
        decoder_close(decoder);
    }
}

/* Batches */

uint64_t poster_records(const struct poster *poster)
{
    return atomic_load_explicit(&poster->records, memory_order_relaxed);
}

static struct batch *try_take(struct poster *poster)
{
    const struct receiver_settings *shared = &poster->settings.shared;
    pthread_mutex_lock(&poster->lock);
    (void)batch_pool_reclaim(&poster->pool, shared->done(shared->done_context));
    struct batch *batch = batch_pool_take(&poster->pool);
    pthread_mutex_unlock(&poster->lock);
    return batch;
}

/* Waits for one. A commit signals; workers that finish do not, so look again every few
 * milliseconds: a body of more than one batch can afford that. */
static struct batch *take_later(struct poster *poster)
{
    const struct receiver_settings *shared = &poster->settings.shared;
    for (;;) {
        struct batch *batch = try_take(poster);
        if (batch != NULL || committer_failed(shared->committer) ||
            committer_storage_full(shared->committer)) {
            return batch;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 2 * NS_PER_MS;
        until.tv_sec += until.tv_nsec / NS_PER_SECOND;
        until.tv_nsec %= NS_PER_SECOND;
        pthread_mutex_lock(&poster->lock);
        pthread_cond_timedwait(&poster->returned, &poster->lock, &until);
        pthread_mutex_unlock(&poster->lock);
    }
}

static struct slot *slot_of(struct poster *poster, const struct batch *batch)
{
    return &poster->slots[batch - poster->pool.batches];
}

static void finish(struct post *post)
{
    post->done(post->context, &post->result);
    free(post);
}

static void add_batch(struct post_result *result, const struct batch *batch, enum status status)
{
    if (status != STATUS_OK) {
        result->status = status;
        return;
    }
    result->accepted += batch->event_count;
    result->duplicates += batch->duplicates;
    result->rejected += batch->rejected[REJECT_NAMES_FULL]; /* found out by the committer alone */
    if (batch->event_count > 0) {
        result->position = batch->position + batch->event_count;
    }
}

/* On the commit thread. */
static void batch_done(struct commit_post *commit, enum status status)
{
    struct slot *slot = (struct slot *)commit; /* its first member */
    struct post *post = slot->post;
    struct poster *poster = post->poster;
    struct batch *batch = commit->batch;
    pthread_mutex_lock(&poster->lock);
    add_batch(&post->result, batch, status);
    if (status == STATUS_OK && batch->sequence != 0) {
        batch_pool_committed(&poster->pool, batch);
    } else {
        batch_pool_give(&poster->pool, batch);
    }
    post->batches_out--;
    bool last = post->batches_out == 0 && !post->decoding;
    pthread_cond_broadcast(&poster->returned);
    pthread_mutex_unlock(&poster->lock);
    if (last) {
        finish(post);
    }
}

static void submit(struct post *post, struct batch *batch)
{
    struct poster *poster = post->poster;
    batch->received_ns = clock_realtime_ns(poster->settings.shared.clock);
    struct slot *slot = slot_of(poster, batch);
    *slot = (struct slot){.commit = {.batch = batch, .done = batch_done}, .post = post};
    pthread_mutex_lock(&poster->lock);
    post->batches_out++;
    pthread_mutex_unlock(&poster->lock);
    enum status status = committer_post(poster->settings.shared.committer, &slot->commit);
    if (status != STATUS_OK) {
        pthread_mutex_lock(&poster->lock);
        post->batches_out--;
        post->result.status = status;
        batch_pool_give(&poster->pool, batch);
        pthread_mutex_unlock(&poster->lock);
    }
}

/* Records */

/* Bytes that never were meant to be JSON, or nothing but broken JSON. */
static bool is_not_json(enum reject reason)
{
    return reason == REJECT_BAD_JSON || reason == REJECT_UNKNOWN_FORMAT ||
           reason == REJECT_BAD_SYSLOG || reason == REJECT_BAD_FRAME || reason == REJECT_COMPRESSED;
}

static void note_error(struct post *post, struct batch *batch, enum reject reason,
                       const char *detail, struct text record)
{
    struct post_result *result = &post->result;
    if (result->error_count < POST_ERRORS_MAX) {
        struct post_error *error = &result->errors[result->error_count++];
        error->index = result->records;
        error->reject = reason;
        snprintf(error->detail, sizeof(error->detail), "%s", detail);
    }
    result->rejected++;
    result->not_json += is_not_json(reason) ? 1 : 0;
    result->records++;
    batch->rejected[reason]++;
    batch->received++;
    atomic_fetch_add_explicit(&post->poster->records, 1, memory_order_relaxed);
    const struct receiver_settings *shared = &post->poster->settings.shared;
    dead_letters_add(shared->dead_letters, clock_realtime_ns(shared->clock), reason, detail,
                     record);
}

/* The batch to go on with: the same, the next one, or NULL when there is none to be had. */
static struct batch *take_record(struct post *post, struct batch *batch, struct decoder *decoder,
                                 struct text bytes)
{
    const struct receiver_settings *shared = &post->poster->settings.shared;
    int64_t now_ns = clock_realtime_ns(shared->clock);
    if (bytes.length > RECORD_BYTES_MAX) {
        note_error(post, batch, REJECT_TOO_LARGE, reject_text(REJECT_TOO_LARGE), bytes);
        return batch;
    }
    struct record record;
    enum reject reason;
    bool ack;
    enum decode_result result = decode_record(decoder, bytes, now_ns, &record, &reason, &ack);
    if (result == DECODE_REJECT) {
        note_error(post, batch, reason, decoder_detail(decoder), bytes);
    }
    if (result != DECODE_RECORD) {
        return batch;
    }
    enum status status =
        intake_record(batch, &record, shared->names, post->rules, shared->hash_key, now_ns);
    if (status == STATUS_FULL) {
        submit(post, batch);
        batch = take_later(post->poster);
        if (batch == NULL) {
            return NULL;
        }
        status =
            intake_record(batch, &record, shared->names, post->rules, shared->hash_key, now_ns);
        assert(status == STATUS_OK); /* an empty batch holds any record */
    }
    struct decode_notes notes = decoder_notes(decoder);
    batch->without_id += notes.without_id ? 1 : 0;
    batch->time_from_receipt += notes.time_from_receipt ? 1 : 0;
    batch->received++;
    atomic_fetch_add_explicit(&post->poster->records, 1, memory_order_relaxed);
    post->result.records++;
    return batch;
}

static void take_body(struct post *post, struct batch *batch, struct decoder *decoder,
                      struct text body)
{
    struct body_cursor cursor;
    struct text record;
    body_cursor_init(&cursor, body);
    while (batch != NULL && body_cursor_next(&cursor, &record)) {
        batch = take_record(post, batch, decoder, record);
    }
    if (batch == NULL) {
        pthread_mutex_lock(&post->poster->lock);
        post->result.status = committer_failed(post->poster->settings.shared.committer)
                                  ? STATUS_STOPPED
                                  : STATUS_NO_SPACE;
        pthread_mutex_unlock(&post->poster->lock);
        return;
    }
    if (batch->received > 0) {
        submit(post, batch);
        return;
    }
    pthread_mutex_lock(&post->poster->lock);
    batch_pool_give(&post->poster->pool, batch);
    pthread_mutex_unlock(&post->poster->lock);
}

enum status poster_post(struct poster *poster, struct text body, enum field_map map,
                        post_done *done, void *context)
{
    struct post *post = calloc(1, sizeof(*post));
    struct decoder *decoder = take_decoder(poster, map);
    struct batch *batch = post == NULL || decoder == NULL ? NULL : try_take(poster);
    if (batch == NULL) {
        bool memory = post == NULL || decoder == NULL;
        if (decoder != NULL) {
            give_decoder(poster, decoder, map);
        }
        free(post);
        return memory ? STATUS_NO_MEMORY : STATUS_FULL;
    }
    struct shared_value *agreements = shared_hold(poster->settings.shared.agreements);
    const struct agreement_set *set = shared_object(agreements);
    *post = (struct post){
        .poster = poster,
        .done = done,
        .context = context,
        .rules = &set->match,
        .decoding = true,
    };
    take_body(post, batch, decoder, body);
    shared_let_go(agreements);
    give_decoder(poster, decoder, map);
    pthread_mutex_lock(&poster->lock);
    post->decoding = false;
    bool last = post->batches_out == 0;
    pthread_mutex_unlock(&poster->lock);
    if (last) {
        finish(post); /* all committed while the rest was decoded, or nothing to commit */
    }
    return STATUS_OK;
}
