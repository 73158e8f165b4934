/* When the engine was not running: one value of a segment's `state` table, under "absences".
 *
 * Why beside the batches and not among them: an absence is no event that anybody sent. It takes no
 * position and is in no counter, so that `received` and `stored` stay what senders can add up. It is
 * part of the log all the same: committed like a batch before the engine listens, and carried into
 * each new segment, so that every replay knows the same absences. A log without the value, of an
 * earlier version, has none; a version that does not know it passes over it.
 *
 * Little-endian:
 *
 *   offset  size  field
 *        0     4  count            0 .. ABSENCES_MAX
 *        4     4  zero
 *        8    16  start_ns, end_ns of each: sorted, none empty, no two overlap
 *      end     8  checksum         XXH3 of all before it
 */
#ifndef STORE_ABSENCE_RECORD_H
#define STORE_ABSENCE_RECORD_H

#include <stddef.h>

#include "base/status.h"
#include "domain/span_set.h"

/* A start a day for nearly three years: 16 KiB. Beyond it the two with the shortest presence between
 * them become one: a daemon that cannot stay up fills neither disk nor memory. */
#define ABSENCES_MAX               1024
#define ABSENCE_RECORD_SIZE(count) (16 + 16 * (size_t)(count))

/* Adds one that begins at or after the end of the last, and keeps to the bound. Touching ones become
 * one. */
void absences_add(struct span_set *absences, struct span absence);

/* ABSENCE_RECORD_SIZE(absences->count) bytes. */
void absence_record_encode(const struct span_set *absences, uint8_t *value_out);
/* STATUS_DAMAGED; the set is untouched then. */
must_check enum status absence_record_decode(const uint8_t *value, size_t length,
                                             struct span_set *absences_out);

#endif
