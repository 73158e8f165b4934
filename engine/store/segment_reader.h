/* Batches of a segment, one at a time, each in a read transaction that ends before the batch is
 * used.
 *
 * Why: a held transaction keeps LMDB from using pages again, and the file grows. Between two
 * batches the transaction is reset: it keeps its slot in the reader table and holds no page. One
 * thread per reader; any number of readers.
 */
#ifndef STORE_SEGMENT_READER_H
#define STORE_SEGMENT_READER_H

#include "store/segment.h"

struct segment_reader {
    const struct segment *segment;
    MDB_txn *txn;
};

void segment_reader_init(struct segment_reader *reader);
void segment_reader_fini(struct segment_reader *reader);

/* The batch that holds `position`. STATUS_NOT_FOUND: the segment ends before it. STATUS_DAMAGED. */
must_check enum status segment_reader_batch(struct segment_reader *reader,
                                            const struct segment *segment, uint64_t position,
                                            struct batch *batch,
                                            char message_out[STORE_MESSAGE_SIZE]);

#endif
