#include <criterion/criterion.h>

#include "ingest/batch_pool.h"

Test(batch_pool, hands_out_as_many_as_it_has)
{
    struct batch_pool pool;
    cr_assert_eq(batch_pool_init(&pool, 3), STATUS_OK);
    struct batch *taken[3];
    for (uint32_t i = 0; i < 3; i++) {
        taken[i] = batch_pool_take(&pool);
        cr_assert_not_null(taken[i]);
    }
    cr_expect_null(batch_pool_take(&pool));
    batch_pool_give(&pool, taken[1]);
    cr_expect_eq(batch_pool_take(&pool), taken[1]);
    batch_pool_fini(&pool);
}

Test(batch_pool, what_workers_still_read_stays_out)
{
    struct batch_pool pool;
    cr_assert_eq(batch_pool_init(&pool, 3), STATUS_OK);
    for (uint32_t i = 0; i < 3; i++) {
        struct batch *batch = batch_pool_take(&pool);
        batch->sequence = 10 + i;
        batch_pool_committed(&pool, batch);
    }
    cr_expect_not(batch_pool_reclaim(&pool, 9));
    cr_expect_null(batch_pool_take(&pool));
    cr_expect(batch_pool_reclaim(&pool, 11));
    cr_expect_not_null(batch_pool_take(&pool));
    cr_expect_not_null(batch_pool_take(&pool));
    cr_expect_null(batch_pool_take(&pool));
    batch_pool_fini(&pool);
}

Test(batch_pool, the_queue_of_committed_ones_wraps)
{
    struct batch_pool pool;
    cr_assert_eq(batch_pool_init(&pool, 2), STATUS_OK);
    for (uint64_t round = 1; round <= 3 * BATCH_POOL_MAX; round++) {
        struct batch *batch = batch_pool_take(&pool);
        cr_assert_not_null(batch);
        cr_assert_eq(batch->sequence, 0, "it comes empty");
        batch->sequence = round;
        batch_pool_committed(&pool, batch);
        cr_assert_eq(batch_pool_reclaim(&pool, round), true);
    }
    batch_pool_fini(&pool);
}
