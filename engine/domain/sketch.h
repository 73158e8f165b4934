/* How values (latencies in ns) are distributed: a sparse histogram whose buckets are the numbers of
 * three significant decimal digits. Percentiles of it are off by at most 0.5 % (SEMANTICS section 4
 * allows 1 %), whatever was added, merged or taken out before.
 *
 * A value is rounded half-even to three digits and the results are counted:
 *
 *   bucket       0 .. 999          1000 .. 1899            1900 .. 2799             ...
 *   stands for   0 .. 999 ns       1.00 .. 9.99 us         10.0 .. 99.9 us          ...
 *   relative error     0           at most 0.5 % (at 1.005; 0.05 % at 9.99)
 *
 * Rounding keeps the order, so the nearest-rank percentile of the rounded values is the rounded
 * nearest-rank percentile: the figure is the exact one with three digits, and independent of the
 * order in which anything came. Nearest rank: the smallest value that at least the share p of all
 * values does not exceed, the one of rank ceil(p n).
 *
 * Counts are integers, so sketches add and subtract exactly; what was added can be taken out again.
 *
 * Bytes: occupied buckets in rising order, each as two varints of 7 bits a byte, low ones first:
 * the distance to the bucket before, and the count. A bucket with fewer than 128 values takes two
 * or three bytes; the latencies of a busy service, spread over two decades, have at most 1,800.
 *
 *   1 x 2 ns, 300 x 1.2 us    ─►    02 01 fa 07 ac 02        (bucket 2; bucket 1020 = 2 + 0x3fa)
 *
 * One owner. Holds exactly the bytes that it needs; each change makes them anew, so add in runs.
 */
#ifndef DOMAIN_SKETCH_H
#define DOMAIN_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

struct sketch {
    uint8_t *bytes;
    uint32_t length;
};

struct sketch_entry {
    uint32_t bucket;
    uint64_t count; /* two's complement: what is taken out */
};

/* 64 bits have 20 digits: 1000 exact ones, and 900 for each of 17 further lengths. */
#define SKETCH_BUCKETS (1000 + 17 * 900)

/* Rounds to the bucket, and back to what it stands for. */
uint32_t sketch_bucket(uint64_t value);
uint64_t sketch_value(uint32_t bucket);

void sketch_fini(struct sketch *sketch);
/* Adds a run: buckets rise strictly. What is taken out must be there. */
void sketch_add_run(struct sketch *sketch, const struct sketch_entry *entries, uint32_t count);
void sketch_add(struct sketch *sketch, const struct sketch *other);
void sketch_subtract(struct sketch *sketch, const struct sketch *other);

/* How many values. */
uint64_t sketch_count(const struct sketch *sketch);
/* The percentile by nearest rank, 0 < permille <= 1000, of a sketch that holds something. */
uint64_t sketch_percentile(const struct sketch *sketch, uint32_t permille);

#endif
