/* Many events on their way: filled by one decoding thread, made durable by the commit thread, read
 * by the workers, and given back to whoever filled it.
 *
 *   open (filled) ─► queued ─► committed (positions known, names resolved) ─► evaluated ─► free
 *
 * One owner at a time; a hand-over is a ring push. After the commit it is read-only.
 * Also what the log stores: one batch, one value (store/segment.c).
 */
#ifndef DOMAIN_BATCH_H
#define DOMAIN_BATCH_H

#include "domain/event.h"
#include "domain/reject.h"

/* 8,192 events of 64 bytes: half a MiB, small against the second-level cache's churn and large
 * against the cost of a commit. */
#define BATCH_EVENTS_MAX 8192
/* Extra fields and new names. */
#define BATCH_TEXT_MAX      (512 * 1024)
#define BATCH_NEW_NAMES_MAX 4096
#define BATCH_SESSIONS_MAX  1024

/* What a producer of this batch hears when it is durable. */
struct batch_session {
    uint32_t connection; /* index ... */
    uint32_t generation; /* ... and generation, so that a late answer finds no stranger */
    uint64_t lines;      /* lines of this connection judged up to and with this batch */
};

struct batch {
    /* Set by the committer. */
    uint64_t position; /* of the first event; events are position .. position + event_count - 1 */
    uint64_t sequence; /* counts batches and queries handed to the workers */
    /* Set when it is closed: the time of receipt of all its events. */
    int64_t received_ns;
    uint32_t event_count;
    uint32_t text_length;
    uint32_t new_name_count;
    uint32_t session_count;
    /* What became of the lines that are not events: counted durably with the batch. */
    uint64_t received; /* lines judged: events + rejected */
    uint64_t rejected[REJECT_COUNT];
    uint64_t shed[SHED_COUNT];
    uint64_t without_id;
    uint64_t time_from_receipt;
    uint64_t duplicates; /* set by the committer */
    bool prepared;       /* by the committer: repeats are out, names are numbers */
    void *owner;         /* whose pool it returns to */
    struct {
        uint32_t offset;
        uint32_t length;
        uint32_t name; /* set by the committer; NAME_NONE: the table was full */
    } new_names[BATCH_NEW_NAMES_MAX];
    struct batch_session sessions[BATCH_SESSIONS_MAX];
    struct event *events; /* BATCH_EVENTS_MAX */
    char *text;           /* BATCH_TEXT_MAX */
};

must_check enum status batch_init(struct batch *batch);
void batch_fini(struct batch *batch);
/* Empty again. */
void batch_reset(struct batch *batch);

static inline struct text batch_extra(const struct batch *batch, const struct event *event)
{
    return (struct text){batch->text + event->extra_offset, event->extra_length};
}

#endif
