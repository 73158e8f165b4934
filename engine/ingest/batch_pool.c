#include "ingest/batch_pool.h"

#include <stdlib.h>

#include "base/panic.h"

enum status batch_pool_init(struct batch_pool *pool, uint32_t count)
{
    assert(count <= BATCH_POOL_MAX);
    *pool = (struct batch_pool){.batches = calloc(count, sizeof(struct batch))};
    if (pool->batches == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (; pool->count < count; pool->count++) {
        struct batch *batch = &pool->batches[pool->count];
        if (batch_init(batch) != STATUS_OK) {
            batch_pool_fini(pool);
            return STATUS_NO_MEMORY;
        }
        pool->free[pool->free_count++] = batch;
    }
    return STATUS_OK;
}

void batch_pool_fini(struct batch_pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        batch_fini(&pool->batches[i]);
    }
    free(pool->batches);
    *pool = (struct batch_pool){0};
}

struct batch *batch_pool_take(struct batch_pool *pool)
{
    if (pool->free_count == 0) {
        return NULL;
    }
    struct batch *batch = pool->free[--pool->free_count];
    batch_reset(batch);
    return batch;
}

void batch_pool_give(struct batch_pool *pool, struct batch *batch)
{
    assert(pool->free_count < pool->count);
    pool->free[pool->free_count++] = batch;
}

void batch_pool_committed(struct batch_pool *pool, struct batch *batch)
{
    assert(pool->committed_count < pool->count);
    uint32_t place = (pool->committed_first + pool->committed_count++) % BATCH_POOL_MAX;
    pool->committed[place] = batch;
}

bool batch_pool_reclaim(struct batch_pool *pool, uint64_t done)
{
    bool any = false;
    while (pool->committed_count > 0 && pool->committed[pool->committed_first]->sequence <= done) {
        batch_pool_give(pool, pool->committed[pool->committed_first]);
        pool->committed_first = (pool->committed_first + 1) % BATCH_POOL_MAX;
        pool->committed_count--;
        any = true;
    }
    return any;
}
