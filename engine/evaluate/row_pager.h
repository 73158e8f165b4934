/* Keeps the cold rows of one evaluator within their memory: pages beyond it go to a row store and come
 * back when they are read.
 *
 *                     ring of all cold rows of one life, a hand goes round
 *                      ┌─► [pages] ─► [pages] ─► [pages] ─┐
 *   row_pager_settle: ─┤      ▲ hand                      │   read since the last round: spared once
 *                      └──────────────────────────────────┘   else written, and out of memory
 *
 * What will be asked for the latest goes first: pages without end, then those of windows, then those
 * of hours. The newest page of each list, which is still growing, always stays. A page that comes back
 * is not written again unless a late row changed it.
 *
 * Happy path: row_pager_open, settle now and then, row_pager_close after the last cold rows.
 * Failures: what cannot be written (a full disk) stays in memory, more than was allowed; what cannot be
 * read back makes all figures worthless, so `failed` is set for good and the evaluator says so.
 *
 * Readers hold bytes of pages; so pages leave in settle only, which is called when nobody reads. One
 * owner thread.
 */
#ifndef EVALUATE_ROW_PAGER_H
#define EVALUATE_ROW_PAGER_H

#include <stdbool.h>

#include "domain/row_store.h"

struct cold_rows;

struct row_pager {
    struct row_store store;
    bool has_store;
    bool failed;
    uint64_t memory_max;
    uint64_t memory;                         /* bytes of pages in memory */
    uint64_t stored;                         /* bytes of pages that are in the store */
    uint64_t settle_above;                   /* bytes in memory */
    struct cold_rows *hands[ROW_LIFE_COUNT]; /* in their rings; NULL: empty */
};

/* Without a store (source without `open`, or it cannot be opened) everything stays in memory. */
void row_pager_open(struct row_pager *pager, const struct row_store_source *source);
void row_pager_close(struct row_pager *pager);
/* Lets pages go that memory has no room for; STATUS_IO when one could not be read since. */
must_check enum status row_pager_settle(struct row_pager *pager);

/* cold_rows.c: enters and leaves the rings. */
void row_pager_enter(struct row_pager *pager, struct cold_rows *cold);
void row_pager_leave(struct row_pager *pager, struct cold_rows *cold);

#endif
