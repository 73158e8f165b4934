/* Counts of durations, exact to 1.6 percent, so that percentiles of any number of samples take 30
 * KiB.
 *
 * Buckets are logarithmic with SUB_COUNT linear steps in every power of two (the scheme of
 * HdrHistogram):
 *
 *   ns        0 .. 63     64 .. 127     128 .. 255     256 .. 511   ...
 *   step         1            1              2              4       ...
 *
 * One owner; histogram_merge joins those of several threads.
 */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS  6
#define HISTOGRAM_SUB_COUNT (1u << HISTOGRAM_SUB_BITS)
/* One row for what is below SUB_COUNT, one for each power of two from there to 2^63. */
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB_COUNT)

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t count;
    uint64_t max_ns;
};

/* Negative durations (a clock that stepped) count as 0. */
void histogram_add(struct histogram *histogram, int64_t ns, uint64_t count);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The smallest duration that `share` (0 to 1) of all samples do not exceed, rounded up to its
 * bucket's upper edge; 0 when there are none. */
uint64_t histogram_percentile_ns(const struct histogram *histogram, double share);

#endif
