#include "domain/dedupe.h"

#include "base/arena.h"
#include "base/panic.h"
#include "domain/decimal.h"

static size_t generation_bytes(const struct dedupe *dedupe)
{
    return dedupe->slot_count * sizeof(uint64_t);
}

enum status dedupe_init(struct dedupe *dedupe, uint64_t bytes, int64_t horizon_ns)
{
    assert(bytes >= 4096);
    uint64_t slots = 64;
    while (slots * 2 * sizeof(uint64_t) * DEDUPE_TABLES <= bytes) {
        slots *= 2;
    }
    *dedupe = (struct dedupe){.slot_count = slots, .horizon_ns = horizon_ns};
    for (uint32_t i = 0; i < DEDUPE_TABLES; i++) {
        dedupe->tables[i].slots = pages_reserve(generation_bytes(dedupe));
        if (dedupe->tables[i].slots == NULL) {
            dedupe_fini(dedupe);
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

void dedupe_fini(struct dedupe *dedupe)
{
    for (uint32_t i = 0; i < DEDUPE_TABLES; i++) {
        pages_release(dedupe->tables[i].slots, generation_bytes(dedupe));
        dedupe->tables[i].slots = NULL;
    }
}

static uint64_t generation_count_max(const struct dedupe *dedupe)
{
    return dedupe->slot_count * 6 / 10;
}

/* Generation 0 is the youngest, DEDUPE_GENERATIONS - 1 the oldest that is looked at. */
static uint32_t table_of(const struct dedupe *dedupe, uint32_t age)
{
    return (dedupe->youngest + DEDUPE_TABLES - age) % DEDUPE_TABLES;
}

/* The slot that holds the fingerprint, or the empty one where it would go. */
static uint64_t *find(const struct dedupe *dedupe, const struct dedupe_generation *generation,
                      uint64_t fingerprint)
{
    uint64_t mask = dedupe->slot_count - 1;
    uint64_t slot = fingerprint & mask;
    while (generation->slots[slot] != 0 && generation->slots[slot] != fingerprint) {
        slot = (slot + 1) & mask;
    }
    return &generation->slots[slot];
}

static void start_generation(struct dedupe *dedupe)
{
    dedupe->youngest = (dedupe->youngest + 1) % DEDUPE_TABLES;
    struct dedupe_generation *generation = &dedupe->tables[dedupe->youngest];
    if (generation->count != 0) {
        pages_clear(generation->slots, generation_bytes(dedupe));
    }
    generation->count = 0;
}

bool dedupe_seen(struct dedupe *dedupe, uint64_t fingerprint, int64_t received_ns)
{
    assert(fingerprint != 0);
    for (uint32_t i = 0; i < DEDUPE_GENERATIONS; i++) {
        const struct dedupe_generation *generation = &dedupe->tables[table_of(dedupe, i)];
        if (generation->count != 0 && *find(dedupe, generation, fingerprint) == fingerprint) {
            return true;
        }
    }
    struct dedupe_generation *youngest = &dedupe->tables[dedupe->youngest];
    if (youngest->count == generation_count_max(dedupe) ||
        (youngest->count != 0 &&
         received_ns - youngest->since_ns >= dedupe->horizon_ns / (DEDUPE_GENERATIONS - 1))) {
        start_generation(dedupe);
        youngest = &dedupe->tables[dedupe->youngest];
    }
    if (youngest->count == 0) {
        youngest->since_ns = received_ns;
    }
    *find(dedupe, youngest, fingerprint) = fingerprint;
    youngest->count++;
    dedupe->latest_ns = received_ns;
    return false;
}

/* Closes the gap that a removed slot leaves: later ones of the same run move up unless they stand
 * where they belong (Knuth, TAOCP 3, 6.4 algorithm R). */
static void close_gap(const struct dedupe *dedupe, struct dedupe_generation *generation,
                      uint64_t gap)
{
    uint64_t mask = dedupe->slot_count - 1;
    uint64_t slot = gap;
    for (;;) {
        slot = (slot + 1) & mask;
        uint64_t moved = generation->slots[slot];
        if (moved == 0) {
            break;
        }
        uint64_t home = moved & mask;
        bool stays = ((slot - home) & mask) < ((slot - gap) & mask);
        if (!stays) {
            generation->slots[gap] = moved;
            gap = slot;
        }
    }
    generation->slots[gap] = 0;
}

void dedupe_forget(struct dedupe *dedupe, uint64_t fingerprint)
{
    for (uint32_t i = 0; i < DEDUPE_GENERATIONS; i++) {
        struct dedupe_generation *generation = &dedupe->tables[table_of(dedupe, i)];
        uint64_t *slot = generation->count == 0 ? NULL : find(dedupe, generation, fingerprint);
        if (slot != NULL && *slot == fingerprint) {
            close_gap(dedupe, generation, (uint64_t)(slot - generation->slots));
            generation->count--;
            if (i == 0 && generation->count == 0 &&
                dedupe->tables[table_of(dedupe, 1)].count != 0) {
                dedupe->youngest = table_of(dedupe, 1); /* it was opened by this one */
            }
            return;
        }
    }
}

void dedupe_prefetch(const struct dedupe *dedupe, uint64_t fingerprint)
{
    uint64_t slot = fingerprint & (dedupe->slot_count - 1);
    for (uint32_t i = 0; i < DEDUPE_GENERATIONS; i++) {
        const struct dedupe_generation *generation = &dedupe->tables[table_of(dedupe, i)];
        if (generation->count != 0) {
            __builtin_prefetch(&generation->slots[slot]);
        }
    }
}

uint64_t dedupe_count(const struct dedupe *dedupe)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < DEDUPE_GENERATIONS; i++) {
        count += dedupe->tables[table_of(dedupe, i)].count;
    }
    return count;
}

int64_t dedupe_present_horizon_ns(const struct dedupe *dedupe)
{
    uint64_t count = 0;
    int64_t since_ns = dedupe->latest_ns;
    for (uint32_t i = 0; i < DEDUPE_GENERATIONS; i++) {
        const struct dedupe_generation *generation = &dedupe->tables[table_of(dedupe, i)];
        if (generation->count != 0) {
            count += generation->count;
            since_ns = generation->since_ns < since_ns ? generation->since_ns : since_ns;
        }
    }
    if (count < 2 || dedupe->latest_ns == since_ns) {
        return dedupe->horizon_ns; /* no rate to go by */
    }
    /* The youngest may have just begun: the full ones before it are what is sure. */
    uint64_t held = (DEDUPE_GENERATIONS - 1) * generation_count_max(dedupe);
    uint128 holds_ns = (uint128)held * (uint64_t)(dedupe->latest_ns - since_ns) / (count - 1);
    return holds_ns > (uint64_t)dedupe->horizon_ns ? dedupe->horizon_ns : (int64_t)holds_ns;
}
