/* One segment: one LMDB environment in one folder.
 *
 * Why segments: an environment that only grows is never emptied by deletes, whose free-list scans
 * have no bound; old ones are dropped whole. Each opens with a snapshot of what a reader needs from
 * before it (names, counters), so that no commit touches two environments.
 *
 *   made in NNN.new ─► blocks set aside ─► first commit ─► fsync file and folder ─► rename to NNN
 * ─► fsync
 *
 * LMDB's creation is not crash-safe by itself; the rename is. A crash leaves a `.new` or a whole
 * segment.
 *
 * Threads: create on the commit thread. Everything else reads, from any thread.
 * Not here: adding to it (segment_append.h), reading batches (segment_reader.h), the chain
 * (store.c).
 */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include <lmdb.h>

#include "domain/span_set.h"
#include "store/directory.h"
#include "store/state_record.h"
#include "store/store.h"

enum segment_mode {
    SEGMENT_WRITE,
    /* Beside a writer that may be another process: takes a slot in LMDB's reader table. */
    SEGMENT_READ_LIVE,
    /* Nobody writes it any more: no lock file, one descriptor instead of three. */
    SEGMENT_READ_SEALED,
};

/* Constant after create or open. */
struct segment {
    MDB_env *env;
    MDB_dbi log;
    MDB_dbi names;
    MDB_dbi state;
    struct segment_format format;
    uint64_t map_bytes;
    uint64_t page_size;
    /* Which file it was when it was opened: see segment_intact. */
    uint64_t device;
    uint64_t inode;
    struct path data_path;
};

/* What a segment opens with of all that was before it. */
struct segment_snapshot {
    const struct commit_record *commit;
    const struct name_table *names;  /* 1 .. commit->name_count; NULL where there are none */
    const struct span_set *absences; /* absence_record.h */
};

/* `segments`: the folder of all segments. STATUS_NO_SPACE leaves nothing behind. */
must_check enum status segment_create(struct segment **segment_out, const char *segments,
                                      const struct segment_format *format, uint64_t map_bytes,
                                      const struct segment_snapshot *snapshot,
                                      char message_out[STORE_MESSAGE_SIZE]);

/* STATUS_FOREIGN, STATUS_VERSION, STATUS_DAMAGED, STATUS_NOT_FOUND, STATUS_DENIED, STATUS_IO. */
must_check enum status segment_open(struct segment **segment_out, const char *segments,
                                    uint64_t number, enum segment_mode mode,
                                    char message_out[STORE_MESSAGE_SIZE]);
void segment_close(struct segment *segment);

must_check enum status segment_commit_record(const struct segment *segment,
                                             struct commit_record *commit_out,
                                             char message_out[STORE_MESSAGE_SIZE]);
/* The same, as a transaction of the caller sees it. */
must_check enum status segment_commit_record_in(const struct segment *segment, MDB_txn *txn,
                                                struct commit_record *commit_out,
                                                char message_out[STORE_MESSAGE_SIZE]);
/* Into a transaction of the caller. 0 or MDB_*. */
must_check int segment_commit_record_put(const struct segment *segment, MDB_txn *txn,
                                         const struct commit_record *commit);

/* As of the last commit; none where an earlier version wrote the segment. */
must_check enum status segment_absences(const struct segment *segment,
                                        struct span_set *absences_out,
                                        char message_out[STORE_MESSAGE_SIZE]);
/* Into a transaction of the caller. 0 or MDB_*. */
must_check int segment_absences_put(const struct segment *segment, MDB_txn *txn,
                                    const struct span_set *absences);

/* Is our file still the one at its path, and as long as it must be? A commit to an unlinked file
 * would succeed and be lost; a truncated one ends in SIGBUS. */
must_check enum status segment_intact(const struct segment *segment,
                                      char message_out[STORE_MESSAGE_SIZE]);

uint64_t segment_bytes(const struct segment *segment);

/* Message and status of a value that does not hold what it should. */
must_check enum status segment_damaged(const struct segment *segment, const char *what,
                                       uint64_t number, char message_out[STORE_MESSAGE_SIZE]);

#endif
