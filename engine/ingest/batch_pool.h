/* The batches of one filling thread: free, being filled, on their way, and back.
 *
 *   free ─take─► filled ─submit (committer)─► committed ─► evaluated by all workers ─reclaim─► free
 *
 * Batches come back in the order in which they were committed, so a queue and one comparison with
 * what the workers have finished is enough. One owner thread.
 */
#ifndef INGEST_BATCH_POOL_H
#define INGEST_BATCH_POOL_H

#include "domain/batch.h"

#define BATCH_POOL_MAX 64

struct batch_pool {
    struct batch *batches;
    struct batch *free[BATCH_POOL_MAX];
    uint32_t free_count;
    /* Committed, perhaps still being read by workers; oldest first. */
    struct batch *committed[BATCH_POOL_MAX];
    uint32_t committed_first;
    uint32_t committed_count;
    uint32_t count;
};

must_check enum status batch_pool_init(struct batch_pool *pool, uint32_t count);
void batch_pool_fini(struct batch_pool *pool);
/* An empty batch; NULL when all are on their way. */
struct batch *batch_pool_take(struct batch_pool *pool);
/* Straight back, never submitted. */
void batch_pool_give(struct batch_pool *pool, struct batch *batch);
/* The commit is through; workers may still read it. */
void batch_pool_committed(struct batch_pool *pool, struct batch *batch);
/* Takes back what workers have finished up to `done` (worker_pool_done). True when something came
 * back. */
bool batch_pool_reclaim(struct batch_pool *pool, uint64_t done);

#endif
