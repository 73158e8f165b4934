/* The rows of one list of buckets that are not among its newest: pages of bytes (row_page.h), in
 * order of time.
 *
 *   pages:  [ first index, place in the store ]  [ first index ─► bytes ]  ...  [ the newest ─► bytes ]
 *
 * Why: a 30-day window of a busy series has 43,200 rows of a minute. As plain rows they take 1 MiB,
 * as bytes a tenth of it, and all that ever happens to them is that they leave, in order. With a pager
 * (row_pager.h) even those bytes are in memory only as far as there is room; of a page that is not,
 * 32 bytes remain.
 *
 * A row belongs to the last page whose first index is not above its own. A page that grows beyond
 * twice its size by rows that came late is split. One owner thread.
 */
#ifndef EVALUATE_COLD_ROWS_H
#define EVALUATE_COLD_ROWS_H

#include "evaluate/row_page.h"
#include "evaluate/row_pager.h"

struct cold_page {
    struct row_page page; /* without bytes: it is in the store only */
    uint64_t place : 62;  /* in the store */
    uint64_t is_stored : 1;
    uint64_t is_read : 1; /* since the pager's hand passed */
};

_Static_assert(sizeof(struct cold_page) == 32, "all that remains in memory of a page");

/* Where in its page a row begins, as long as nothing was put between the rows since. */
struct row_place {
    uint32_t epoch; /* of the cold rows; 0: not known, or not among them */
    uint32_t offset;
};

struct cold_rows {
    struct cold_page *pages;
    uint32_t page_first; /* those before it are dropped */
    uint32_t page_count; /* one past the newest */
    uint32_t page_size;
    uint32_t page_bytes; /* a page that has as many is full */
    uint32_t held_count; /* pages in memory */
    uint32_t epoch;      /* at least 1; the next one begins when rows move within their pages */
    int64_t last_index;  /* of the newest row */
    /* Where the last search ended: right behind the row of this index, in this page. The next one
     * is often a little later. */
    int64_t found_index;
    uint32_t found_page;
    uint32_t found_offset; /* 0: forgotten */
    uint32_t width;
    enum row_life life;
    struct row_pager *pager;  /* NULL: all pages stay */
    struct cold_rows *before; /* in the pager's ring */
    struct cold_rows *next;
};

struct cold_rows *cold_rows_open(uint32_t width, uint32_t page_bytes, struct row_pager *pager,
                                 enum row_life life);
void cold_rows_close(struct cold_rows *cold);
void cold_rows_clear(struct cold_rows *cold);
static inline bool cold_rows_is_empty(const struct cold_rows *cold)
{
    return cold->page_first == cold->page_count;
}

/* A row that is later than all others. */
void cold_rows_append(struct cold_rows *cold, int64_t index, const uint64_t *counters);
/* Not empty; index: not above last_index. */
void cold_rows_add(struct cold_rows *cold, int64_t index, uint32_t counter, uint64_t delta);
/* Forgets the pages all of whose rows are below the index. */
void cold_rows_drop_before(struct cold_rows *cold, int64_t index);

/* Readers hold the bytes of a page until the pager settles. Of a page that cannot be read they tell
 * no rows, and the pager has failed. */
struct row_reader cold_rows_read(struct cold_rows *cold, uint32_t page);
/* Not empty, index not above last_index: a reader that stands before the first row that is not below
 * the index, or at the end of the page before it. Reading goes on with the page of next_out. */
struct row_reader cold_rows_find(struct cold_rows *cold, int64_t index, uint32_t *next_out);
/* The same for a row that is there and whose place was remembered. */
static inline bool cold_rows_know(const struct cold_rows *cold, struct row_place place)
{
    return place.epoch == cold->epoch;
}
struct row_reader cold_rows_at(struct cold_rows *cold, int64_t index, struct row_place place,
                               uint32_t *next_out);

/* The pager: lets all pages go that are full and were not read of late. STATUS_NO_SPACE, STATUS_IO:
 * one could not be written, and stays. */
must_check enum status cold_rows_page_out(struct cold_rows *cold);

#endif
