/* The events of a log as NDJSON, and as one number.
 *
 *   {"position":0,"received":"...","kind":"request","ts":"...","service":"login","status":502,...}
 *
 * Keys are those of CONTRACT section 3, so that most lines could be sent again. Ids of requests are
 * kept as fingerprints only. */
#ifndef NINES_STORE_DUMP_H
#define NINES_STORE_DUMP_H

#include "base/text_buffer.h"
#include "domain/batch.h"
#include "domain/name.h"
#include "domain/span_set.h"

/* Appends a line for the event at this index. */
void store_dump_event(const struct batch *batch, uint32_t index, const struct name_table *names,
                      struct text_buffer *out);

/* Appends a line for each stretch in which the engine was not running: what `nines evaluate` needs
 * besides the events for the same figures. */
void store_dump_absences(const struct span_set *absences, struct text_buffer *out);

/* The hash so far with one more event. What differs between two data directories that were sent the
 * same is left out: batches, times of receipt, and fingerprints, which are keyed at random. */
uint64_t store_dump_hash_event(uint64_t hash, const struct batch *batch, uint32_t index);
uint64_t store_dump_hash_names(uint64_t hash, const struct name_table *names);

#endif
