/* The two values of a segment's `state` table: what the segment is, and what the last commit left.
 *
 * Little-endian. "format", written once when the segment is made:
 *
 *   offset  size  field
 *        0     8  magic            "nineslog"
 *        8     4  version          1; every later version keeps offsets 0 to 11 and the checksum at
 * the end 12     4  zero 16     8  hash_key         random per data directory: also tells a segment
 * of another directory 24     8  created_ns       of the data directory 32     8  number of the
 * segment: its folder's name 40     8  position_first   position of the first event that it may
 * hold 48     8  previous         checksum of the last batch before it (batch_codec.h), 0: none 56
 * 8  checksum         XXH3 of bytes 0 to 55
 *
 * "counters", written by every commit: the commit record.
 *
 *        0     4  reject_count     words below; lists grow at their ends, missing words are 0
 *        4     4  shed_count
 *        8     8  commit_number    counts commits since the directory's first start
 *       16     8  position_next    one past the newest event
 *       24     8  last_checksum    of the newest batch, 0: none yet
 *       32     4  name_count       names 1 .. name_count are in the names table
 *       36     4  zero
 *       40    40  received, stored, duplicate, without_id, time_from_receipt
 *       80     -  rejected[reject_count], shed[shed_count], 8 bytes each
 *      end     8  checksum         XXH3 of all before it
 */
#ifndef STORE_STATE_RECORD_H
#define STORE_STATE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/store.h"

#define SEGMENT_FORMAT_VERSION 1
#define SEGMENT_FORMAT_SIZE    64
#define COMMIT_RECORD_SIZE     (80 + 8 * (REJECT_COUNT + SHED_COUNT) + 8)

struct segment_format {
    uint64_t hash_key;
    int64_t created_ns;
    uint64_t number;
    uint64_t position_first;
    uint64_t previous;
};

struct commit_record {
    uint64_t commit_number;
    uint64_t position_next;
    uint64_t last_checksum;
    uint32_t name_count;
    struct store_counters counters;
};

void segment_format_encode(const struct segment_format *format,
                           uint8_t value_out[SEGMENT_FORMAT_SIZE]);
/* STATUS_FOREIGN: not ours; STATUS_VERSION: newer; STATUS_DAMAGED. */
must_check enum status segment_format_decode(const uint8_t *value, size_t length,
                                             struct segment_format *format_out);

void commit_record_encode(const struct commit_record *commit,
                          uint8_t value_out[COMMIT_RECORD_SIZE]);
/* STATUS_DAMAGED; STATUS_VERSION: it counts reasons that this version does not know. */
must_check enum status commit_record_decode(const uint8_t *value, size_t length,
                                            struct commit_record *commit_out);

#endif
