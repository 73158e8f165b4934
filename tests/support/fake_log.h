/* The log in memory: what ingest/log_port.h asks for, and what a restart finds.
 *
 *   commit ─► [ batches | names | counters ]  durable        fake_log_restore ─► a new name table,
 * dedupe, totals
 *
 * A commit is all or nothing, as with the store. `outcomes` makes commits fail: a full disk stores
 * nothing; a broken disk answers STATUS_IO and either stored the transaction or did not, which the
 * caller cannot know. Crash semantics: whatever was in a commit that answered STATUS_OK is there
 * after a restart, nothing else is (except FAKE_LOG_BROKEN_STORED). One thread at a time.
 */
#ifndef SUPPORT_FAKE_LOG_H
#define SUPPORT_FAKE_LOG_H

#include "domain/dedupe.h"
#include "domain/history.h"
#include "ingest/log_port.h"

enum fake_log_outcome {
    FAKE_LOG_WORKS,
    FAKE_LOG_FULL,          /* STATUS_NO_SPACE, nothing stored */
    FAKE_LOG_BROKEN,        /* STATUS_IO, nothing stored */
    FAKE_LOG_BROKEN_STORED, /* STATUS_IO, and yet on disk */
};

struct fake_log {
    struct batch **batches; /* copies, in log order */
    uint32_t batch_count;
    uint32_t batch_size;
    char (*names)[NAME_BYTES_MAX + 1];
    uint32_t name_count;
    struct store_counters counters;
    uint64_t position_next;
    const struct name_table *live; /* where a commit reads the text of names from */
    enum fake_log_outcome outcome; /* of all commits to come */
    uint32_t commits;              /* that answered STATUS_OK */
    uint32_t attempts;
};

/* live: the table that the committer adds to. */
void fake_log_init(struct fake_log *log, const struct name_table *live);
void fake_log_fini(struct fake_log *log);
struct log_port fake_log_port(struct fake_log *log);

/* Adds a batch without a committer: at the log's end, its position is set. */
void fake_log_append(struct fake_log *log, struct batch *batch);
/* Reads it again, as the store's history does. */
struct history fake_log_history(struct fake_log *log);

/* What a start does: names in their order, ids of all events. The new table is `live` from now on.
 */
void fake_log_restore(struct fake_log *log, struct name_table *names, struct dedupe *dedupe);

/* A batch on the heap. */
struct batch *batch_new(void);
void batch_delete(struct batch *batch);
struct batch *batch_clone(const struct batch *batch);

#endif
