/* Rows of times gone by, beside the log: the row store (domain/row_store.h) of the daemon.
 *
 *   DATA/rollup/   a file without a name for each owner, cut into extents of 1 MiB:
 *
 *     [ run | run | ... ]  [ run | run | ... ]  ...      an extent has runs of one life only
 *       └ u32 checksum (low half of XXH3) | bytes
 *
 * A run is written behind the last one of its life, and never changed. An extent all of whose runs are
 * forgotten is written anew from its start; rows leave windows in the order in which they came, so
 * extents empty one after the other and the file stays as large as what is alive, and a little more.
 *
 * Why a file without a name: what is in it can be told from the log, and is told from it at every
 * start. So a crash leaves nothing behind that could be stale, half-written or of other agreements;
 * it needs no flush; and deleting DATA/rollup changes nothing. Each run is checked when it is read,
 * because a disk may lie: STATUS_DAMAGED then.
 *
 * Failures: a full disk is STATUS_NO_SPACE with nothing written; the owner keeps its rows in memory.
 * A place is extent << 20 | offset. Not here: what a run means (evaluate/row_page.h).
 */
#ifndef STORE_ROW_FILE_H
#define STORE_ROW_FILE_H

#include "domain/row_store.h"
#include "store/store.h"

/* The longest run. */
#define ROW_RUN_BYTES_MAX 8192

struct row_folder {
    char path[4096];
};

/* Makes DATA/rollup; false: it cannot be made (said in message_out), and then rows stay in memory. */
must_check enum status row_folder_make(struct row_folder *folder_out, const char *data,
                                       char message_out[STORE_MESSAGE_SIZE]);
/* A source of row stores in that folder, which is borrowed. */
struct row_store_source row_file_source(const struct row_folder *folder, uint64_t memory_max);

#endif
