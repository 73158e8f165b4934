/* The names table of a segment: number (4 bytes, the key) to text.
 *
 * A value is XXH3 (seed 0) of key and text, 8 bytes, then the text, 1 to NAME_BYTES_MAX bytes.
 * Names are 1 .. name_count of the commit record, without a gap.
 */
#ifndef STORE_NAME_RECORD_H
#define STORE_NAME_RECORD_H

#include "store/segment.h"

/* Names first .. last of the table, all above those that the segment holds. 0 or MDB_*. */
must_check int name_records_put(const struct segment *segment, MDB_txn *txn,
                                const struct name_table *names, uint32_t first, uint32_t last);

/* Adds names 1 .. name_count to the table. */
must_check enum status name_records_load(const struct segment *segment, uint32_t name_count,
                                         struct name_table *names,
                                         char message_out[STORE_MESSAGE_SIZE]);

/* STATUS_DAMAGED. The text is borrowed from the value. */
must_check enum status name_record_decode(const MDB_val *key, const MDB_val *value,
                                          uint32_t *name_out, struct text *text_out);

#endif
