/* Counts over time for one series at one resolution: the part of the road from "all events" to "a
 * sum over a window" that remembers what will leave the window.
 *
 *   rows, sorted by index = floor((t - origin) / resolution), only where something happened:
 *   [ index | counter 0 | counter 1 | ... ]  [ index | ... ]  ...
 *
 * Adding to the newest row is an increment; a late event finds its row by binary search. Rows that
 * no window needs any more are dropped from the front. This is the RAM form of the architecture's
 * `bucket_source`: exact at its resolution, bounded by the window and the traffic.
 *
 * One owner thread. Grows by doubling.
 */
#ifndef EVALUATE_BUCKETS_H
#define EVALUATE_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

struct buckets {
    int64_t resolution_ns;
    int64_t origin_ns;
    uint32_t width;     /* counters a row */
    uint32_t row_first; /* rows before it are dropped */
    uint32_t row_count; /* one past the last row */
    uint32_t row_size;
    uint64_t *rows;        /* (1 + width) words each */
    int64_t dropped_below; /* index; what comes below it is forgotten at once */
};

void buckets_init(struct buckets *buckets, uint32_t width, int64_t resolution_ns,
                  int64_t origin_ns);
void buckets_fini(struct buckets *buckets);
/* delta may be "negative" (two's complement): a count that moves elsewhere. */
void buckets_add(struct buckets *buckets, int64_t ns, uint32_t counter, uint64_t delta);
/* Adds the sums over [start, end) to sums[width]; start and end must be edges of buckets (or beyond
 * all rows). */
void buckets_sum(const struct buckets *buckets, int64_t start_ns, int64_t end_ns, uint64_t *sums);
/* Forgets all counts; what was dropped stays dropped. */
void buckets_clear(struct buckets *buckets);
/* Forgets all buckets before the one that holds ns. */
void buckets_drop_before(struct buckets *buckets, int64_t ns);
/* Walking: the first row at or after ns, as a row number; row_count at the end. */
uint32_t buckets_row_at(const struct buckets *buckets, int64_t ns);
int64_t buckets_row_start_ns(const struct buckets *buckets, uint32_t row);
const uint64_t *buckets_row_counters(const struct buckets *buckets, uint32_t row);

#endif
