/* Batches of a segment, one at a time, each in a read transaction that ends before the batch is
 * used.
 *
 * Why: a held transaction keeps LMDB from using pages again, and the file grows. Between two
 * batches the transaction is reset: it keeps its slot in the reader table and holds no page. One
 * thread per reader; any number of readers.
 */
#ifndef STORE_SEGMENT_READER_H
#define STORE_SEGMENT_READER_H

#include "domain/span_set.h"
#include "store/segment.h"

struct segment_reader {
    const struct segment *segment;
    MDB_txn *txn;
};

void segment_reader_init(struct segment_reader *reader);
void segment_reader_fini(struct segment_reader *reader);

/* The first batch, from the one that holds `position` on, with an event that may have occurred in
 * `times`: others are passed by without reading more than their headers. Where the segment has none
 * left, the batch is empty. *next_out: the position to go on from.
 * STATUS_NOT_FOUND: the segment ends before `position`. STATUS_DAMAGED. */
must_check enum status segment_reader_batch(struct segment_reader *reader,
                                            const struct segment *segment, uint64_t position,
                                            struct span times, struct batch *batch,
                                            uint64_t *next_out,
                                            char message_out[STORE_MESSAGE_SIZE]);

#endif
