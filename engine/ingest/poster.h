/* Whole bodies of records, from threads other than the ring's (HTTP): decode, batch, commit, and
 * one answer when everything is durable.
 *
 *   poster_post ─► decode into batches of a shared pool ─► committer ─► done(result)
 *
 * A body may need several batches; a bad record never fails its neighbours. Overload: when no batch
 * is free for its first record the body is refused whole (STATUS_FULL: 503); for later ones the
 * caller's thread waits for the workers. Any thread; decoding runs on the caller's.
 */
#ifndef INGEST_POSTER_H
#define INGEST_POSTER_H

#include "decode/decode.h"
#include "ingest/receiver.h"

#define POST_ERRORS_MAX 10

struct post_error {
    uint64_t index; /* of the record in the body, from 0 */
    enum reject reject;
    char detail[192];
};

struct post_result {
    uint64_t records;
    uint64_t accepted;
    uint64_t rejected;
    uint64_t duplicates;
    uint64_t not_json; /* of the rejected: bytes that are no JSON at all */
    struct post_error errors[POST_ERRORS_MAX];
    uint32_t error_count;
    enum status status; /* OK: durable; NO_SPACE: shed; STOPPED: outcome unknown */
    uint64_t position;  /* one past its last event in the log; 0 when it has none */
};

struct poster;

struct poster_settings {
    struct receiver_settings shared; /* batch_count: of the pool of all posts */
};

must_check enum status poster_open(struct poster **poster_out,
                                   const struct poster_settings *settings);
void poster_close(struct poster *poster);
/* Records taken in by this process, whatever became of them. Any thread. */
uint64_t poster_records(const struct poster *poster);

/* Decodes the body now and returns; `done` is called once, on the commit thread (or on this one
 * when there was nothing to commit). map: as decode_settings. STATUS_FULL, STATUS_STOPPED: refused
 * whole, `done` is not called. The body may be freed after the call. */
typedef void post_done(void *context, const struct post_result *result);
must_check enum status poster_post(struct poster *poster, struct text body, enum field_map map,
                                   post_done *done, void *context);

#endif
