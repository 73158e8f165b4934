/* Counts over time for one series at one resolution: the part of the road from "all events" to "a
 * sum over a window" that remembers what will leave the window.
 *
 *   rows, sorted by index = floor((t - origin) / resolution), only where something happened:
 *
 *   cold_rows.h: pages of bytes            the newest ones, as they are counted
 *   [ ..., index, counters, ... ] [ ... ]  [ index | counter 0 | counter 1 | ... ]  [ ... ]  ...
 *
 * Adding to the newest row is an increment. When there are too many of the newest ones, the older half
 * is written behind the pages. A late event finds its row wherever it is by now. Rows that no window
 * needs any more are dropped from the front. This is the architecture's `bucket_source`: exact at its
 * resolution, bounded by the window and the traffic.
 *
 * One owner thread. Allocates once in some hundred rows.
 */
#ifndef EVALUATE_BUCKETS_H
#define EVALUATE_BUCKETS_H

#include "evaluate/cold_rows.h"

struct buckets {
    int64_t resolution_ns;
    int64_t origin_ns;
    /* The newest rows: (1 + width) words each. */
    uint64_t *rows;
    struct cold_rows *cold;  /* all before them; NULL: there were never so many */
    struct row_pager *pager; /* of the cold rows; NULL: they stay in memory */
    int64_t dropped_below;   /* index; what comes below it is forgotten at once */
    uint8_t width;           /* counters a row */
    uint8_t row_first;       /* rows before it are dropped */
    uint8_t row_count;       /* one past the last row */
    uint8_t row_size;
    uint8_t life; /* enum row_life: of the cold rows */
};

void buckets_init(struct buckets *buckets, uint32_t width, int64_t resolution_ns,
                  int64_t origin_ns);
void buckets_fini(struct buckets *buckets);
/* Before anything is added: who keeps the cold rows within their memory. It outlives the buckets. */
void buckets_page_by(struct buckets *buckets, struct row_pager *pager, enum row_life life);
/* delta may be "negative" (two's complement): a count that moves elsewhere. */
void buckets_add(struct buckets *buckets, int64_t ns, uint32_t counter, uint64_t delta);
/* Adds the sums over [start, end) to sums[width]; start and end must be edges of buckets (or beyond
 * all rows). */
void buckets_sum(const struct buckets *buckets, int64_t start_ns, int64_t end_ns, uint64_t *sums);
/* The same, bucket by bucket as they leave a window. Returns where the first row at or after the end
 * starts; INT64_MAX: there is none. place: known if it was left here by the last call, which
 * returned start_ns. */
int64_t buckets_leave(const struct buckets *buckets, int64_t start_ns, int64_t end_ns,
                      uint64_t *sums, struct row_place *place);
/* Forgets all counts; what was dropped stays dropped. */
void buckets_clear(struct buckets *buckets);
/* Forgets all buckets before the one that holds ns. */
void buckets_drop_before(struct buckets *buckets, int64_t ns);

/* The newest rows are the last to be dropped. */
static inline bool buckets_is_empty(const struct buckets *buckets)
{
    return buckets->row_first == buckets->row_count;
}

/* Walking over rows, in order of time. */
struct bucket_walk {
    const struct buckets *buckets;
    uint32_t page; /* the one to read next */
    uint32_t row;  /* of the newest rows, the one to tell next */
    struct row_reader reader;
    /* The row that the walk is at. */
    uint32_t offset; /* in its page, where it is a cold one */
    bool is_cold;
    int64_t start_ns; /* INT64_MAX: past all of them */
    const uint64_t *counters;
    uint64_t read[ROW_WIDTH_MAX];
};

/* To the first row at or after ns (INT64_MIN: of all); then on to the next. Nothing may change
 * meanwhile. */
void bucket_walk_start(struct bucket_walk *walk, const struct buckets *buckets, int64_t ns);
void bucket_walk_next(struct bucket_walk *walk);

#endif
