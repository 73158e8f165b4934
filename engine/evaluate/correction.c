#include "evaluate/correction.h"

#include <stdlib.h>

#include "base/panic.h"

void correction_table_fini(struct correction_table *table)
{
    free(table->slots);
    *table = (struct correction_table){0};
}

/* Fingerprints are hashes already. */
static struct correction *slot_of(const struct correction_table *table, uint64_t fingerprint)
{
    uint32_t mask = table->slot_count - 1;
    uint32_t slot = (uint32_t)fingerprint & mask;
    while (table->slots[slot].fingerprint != 0 && table->slots[slot].fingerprint != fingerprint) {
        slot = (slot + 1) & mask;
    }
    return &table->slots[slot];
}

const struct correction *correction_find(const struct correction_table *table, uint64_t fingerprint)
{
    if (table->count == 0 || fingerprint == 0) {
        return NULL;
    }
    const struct correction *slot = slot_of(table, fingerprint);
    return slot->fingerprint == 0 ? NULL : slot;
}

bool correction_is_last(const struct correction *known, const struct correction *word)
{
    return known == NULL || word->time_ns > known->time_ns ||
           (word->time_ns == known->time_ns && word->position >= known->position);
}

static void grow(struct correction_table *table)
{
    struct correction_table before = *table;
    table->slot_count = before.slot_count == 0 ? 64 : before.slot_count * 2;
    table->slots = calloc(table->slot_count, sizeof(*table->slots));
    assert(table->slots != NULL);
    for (uint32_t i = 0; i < before.slot_count; i++) {
        if (before.slots[i].fingerprint != 0) {
            *slot_of(table, before.slots[i].fingerprint) = before.slots[i];
        }
    }
    free(before.slots);
}

void correction_put(struct correction_table *table, const struct correction *word)
{
    const struct correction *known = correction_find(table, word->fingerprint);
    if (known == NULL && table->count == CORRECTIONS_MAX) {
        return;
    }
    if ((table->count + 1) * 2 > table->slot_count) {
        grow(table);
    }
    table->count += known == NULL ? 1 : 0;
    *slot_of(table, word->fingerprint) = *word;
}

const struct event *correction_apply(const struct correction *correction, const struct event *event,
                                     struct event *room)
{
    if (correction == NULL) {
        return event;
    }
    *room = *event;
    room->flags = (uint8_t)(room->flags & ~EVENT_COUNTED);
    room->outcome = (uint8_t)correction->outcome;
    room->aside = ASIDE_SENDER;
    return room;
}
