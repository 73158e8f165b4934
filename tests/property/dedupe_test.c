/* The dedupe table against a plain list of (fingerprint, time of receipt). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "domain/dedupe.h"
#include "support/random.h"

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS   (3600 * SECOND_NS)

struct remembered {
    uint64_t fingerprint;
    int64_t received_ns;
};

/* When the fingerprint was remembered; INT64_MIN: never. */
static int64_t recall(const struct remembered *list, uint32_t count, uint64_t fingerprint)
{
    for (uint32_t i = count; i-- > 0;) {
        if (list[i].fingerprint == fingerprint) {
            return list[i].received_ns;
        }
    }
    return INT64_MIN;
}

/* Few homes, so that runs of the open addressing are long and wrap. */
static uint64_t crowded_fingerprint(struct random *random)
{
    uint64_t high = 1 + random_below(random, 40);
    uint64_t low =
        random_once_in(random, 2) ? 60 + random_below(random, 8) : random_below(random, 128);
    return high << 32 | low;
}

Test(dedupe, what_fits_is_remembered_for_the_whole_horizon)
{
    struct random random = random_seeded("dedupe horizon");
    enum { COUNT_MAX = 3000 };
    struct remembered *list = calloc(COUNT_MAX, sizeof(*list));
    for (uint32_t round = 0; round < 20; round++) {
        struct dedupe dedupe;
        cr_assert_eq(dedupe_init(&dedupe, 1 << 20, DEDUPE_HORIZON_NS), STATUS_OK);
        uint32_t count = 0;
        int64_t now_ns = 1000 * HOUR_NS;
        for (uint32_t i = 0; i < 5000 && count < COUNT_MAX; i++) {
            now_ns += (int64_t)random_below(&random, 60 * SECOND_NS);
            uint64_t fingerprint = 1 + random_below(&random, 2000);
            int64_t since_ns = recall(list, count, fingerprint);
            bool within = since_ns != INT64_MIN && now_ns - since_ns < DEDUPE_HORIZON_NS;
            bool seen = dedupe_seen(&dedupe, fingerprint, now_ns);
            cr_assert(seen || !within,
                      "an id of %lld s ago is forgotten within the horizon of 24 h",
                      (long long)((now_ns - since_ns) / SECOND_NS));
            if (!seen) {
                list[count++] = (struct remembered){fingerprint, now_ns};
            }
        }
        dedupe_fini(&dedupe);
    }
    free(list);
}

Test(dedupe, what_was_never_remembered_is_never_seen_and_a_forgotten_one_is_new_again)
{
    struct random random = random_seeded("dedupe set");
    enum { COUNT_MAX = 300 };
    struct remembered list[COUNT_MAX];
    for (uint32_t round = 0; round < 200; round++) {
        struct dedupe dedupe;
        /* 128 slots a table, of which 76 are used: no rotation below that. */
        cr_assert_eq(dedupe_init(&dedupe, 8192, DEDUPE_HORIZON_NS), STATUS_OK);
        uint32_t count = 0;
        for (uint32_t i = 0; i < 400; i++) {
            uint64_t fingerprint = crowded_fingerprint(&random);
            bool known = recall(list, count, fingerprint) != INT64_MIN;
            if (count > 0 && random_once_in(&random, 3)) {
                uint32_t victim = (uint32_t)random_below(&random, count);
                dedupe_forget(&dedupe, list[victim].fingerprint);
                list[victim] = list[--count];
            } else if (count < 70 || known) {
                cr_assert_eq(dedupe_seen(&dedupe, fingerprint, HOUR_NS), known);
                if (!known) {
                    list[count++] = (struct remembered){fingerprint, HOUR_NS};
                }
            }
            cr_assert_eq(dedupe_count(&dedupe), count);
        }
        for (uint32_t i = 0; i < count; i++) {
            cr_assert(dedupe_seen(&dedupe, list[i].fingerprint, HOUR_NS));
        }
        dedupe_fini(&dedupe);
    }
}

/* What a restart replays is what was stored; a commit that did not happen must leave no trace in
 * it. */
Test(dedupe, forgetting_what_was_not_stored_leaves_the_state_of_a_replay)
{
    struct random random = random_seeded("dedupe replay");
    for (uint32_t round = 0; round < 100; round++) {
        struct dedupe lived;
        struct dedupe replayed;
        cr_assert_eq(dedupe_init(&lived, 4096, 4 * HOUR_NS), STATUS_OK);
        cr_assert_eq(dedupe_init(&replayed, 4096, 4 * HOUR_NS), STATUS_OK);
        int64_t now_ns = 1000 * HOUR_NS;
        for (uint32_t group = 0; group < 30; group++) {
            now_ns += (int64_t)random_below(&random, HOUR_NS / 2);
            uint64_t fingerprints[20];
            uint32_t kept = 0;
            uint32_t size = 1 + (uint32_t)random_below(&random, 20);
            for (uint32_t i = 0; i < size; i++) {
                uint64_t fingerprint = 1 + random_below(&random, 600);
                if (!dedupe_seen(&lived, fingerprint, now_ns)) {
                    fingerprints[kept++] = fingerprint;
                }
            }
            bool stored = !random_once_in(&random, 4);
            for (uint32_t i = 0; i < kept; i++) {
                if (stored) {
                    (void)dedupe_seen(&replayed, fingerprints[i], now_ns);
                } else {
                    dedupe_forget(&lived, fingerprints[kept - 1 - i]);
                }
            }
        }
        for (uint64_t fingerprint = 1; fingerprint <= 600; fingerprint++) {
            /* Asking would remember: ask two copies of the question at one instant. */
            bool a = dedupe_seen(&lived, fingerprint, now_ns);
            bool b = dedupe_seen(&replayed, fingerprint, now_ns);
            cr_assert_eq(a, b, "id %llu: lived %d, replayed %d", (unsigned long long)fingerprint, a,
                         b);
            if (!a) {
                dedupe_forget(&lived, fingerprint);
                dedupe_forget(&replayed, fingerprint);
            }
        }
        dedupe_fini(&lived);
        dedupe_fini(&replayed);
    }
}

Test(dedupe, a_replay_of_the_same_log_answers_the_same)
{
    struct random random = random_seeded("dedupe same");
    struct dedupe first;
    struct dedupe second;
    cr_assert_eq(dedupe_init(&first, 8192, 2 * HOUR_NS), STATUS_OK);
    cr_assert_eq(dedupe_init(&second, 8192, 2 * HOUR_NS), STATUS_OK);
    int64_t now_ns = HOUR_NS;
    for (uint32_t i = 0; i < 20000; i++) {
        now_ns += (int64_t)random_below(&random, SECOND_NS);
        uint64_t fingerprint = 1 + random_below(&random, 3000);
        /* The log holds only what was new. */
        if (!dedupe_seen(&first, fingerprint, now_ns)) {
            cr_assert_not(dedupe_seen(&second, fingerprint, now_ns));
        }
    }
    cr_assert_eq(dedupe_count(&first), dedupe_count(&second));
    for (uint32_t i = 0; i < DEDUPE_TABLES; i++) {
        cr_assert_eq(memcmp(first.tables[i].slots, second.tables[i].slots,
                            first.slot_count * sizeof(uint64_t)),
                     0);
    }
    dedupe_fini(&first);
    dedupe_fini(&second);
}

/* 128 slots a table of which 76 are used, three full tables for sure: 228 ids. */
Test(dedupe, the_present_horizon_is_what_the_memory_holds_at_the_rate_of_new_ids)
{
    struct dedupe dedupe;
    cr_assert_eq(dedupe_init(&dedupe, 8192, DEDUPE_HORIZON_NS), STATUS_OK);
    cr_expect_eq(dedupe_present_horizon_ns(&dedupe), DEDUPE_HORIZON_NS, "none yet");
    for (uint64_t i = 0; i < 1000; i++) {
        (void)dedupe_seen(&dedupe, i + 1, HOUR_NS + (int64_t)i * SECOND_NS);
        (void)dedupe_seen(&dedupe, i + 1, HOUR_NS + (int64_t)i * SECOND_NS);
    }
    cr_expect_eq(dedupe_present_horizon_ns(&dedupe), 228 * SECOND_NS);
    dedupe_fini(&dedupe);
    cr_assert_eq(dedupe_init(&dedupe, 8192, DEDUPE_HORIZON_NS), STATUS_OK);
    for (uint64_t i = 0; i < 100; i++) {
        (void)dedupe_seen(&dedupe, i + 1, (int64_t)i * HOUR_NS / 2);
    }
    cr_expect_eq(dedupe_present_horizon_ns(&dedupe), DEDUPE_HORIZON_NS, "the memory holds more");
    dedupe_fini(&dedupe);
    cr_assert_eq(dedupe_init(&dedupe, 8192, DEDUPE_HORIZON_NS), STATUS_OK);
    for (uint64_t i = 0; i < 100; i++) {
        (void)dedupe_seen(&dedupe, i + 1, HOUR_NS);
    }
    cr_expect_eq(dedupe_present_horizon_ns(&dedupe), DEDUPE_HORIZON_NS, "at one instant: no rate");
    dedupe_fini(&dedupe);
}
