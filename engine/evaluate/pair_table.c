#include "evaluate/pair_table.h"

#include <stdlib.h>

#include "base/panic.h"

#define ENTRIES_FIRST 64

void pair_table_fini(struct pair_table *table)
{
    free(table->entries);
    *table = (struct pair_table){0};
}

/* Where the pair is, or where it would be. */
static struct pair_entry *place_of(const struct pair_table *table, uint32_t left, uint32_t right)
{
    uint64_t hash = ((uint64_t)left << 32 | right) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t at = (uint32_t)(hash >> 32);
    for (;; at++) {
        struct pair_entry *entry = &table->entries[at & (table->size - 1)];
        if (entry->right == 0 || (entry->left == left && entry->right == right)) {
            return entry;
        }
    }
}

uint32_t pair_table_find(const struct pair_table *table, uint32_t left, uint32_t right)
{
    if (table->count == 0) {
        return PAIR_NONE;
    }
    const struct pair_entry *entry = place_of(table, left, right);
    return entry->right == 0 ? PAIR_NONE : entry->value;
}

/* At most half full, so that what is not there is found missing at once. */
static void grow(struct pair_table *table)
{
    struct pair_table old = *table;
    table->size = old.size == 0 ? ENTRIES_FIRST : old.size * 2;
    table->entries = calloc(table->size, sizeof(*table->entries));
    assert(table->entries != NULL);
    for (uint32_t i = 0; i < old.size; i++) {
        if (old.entries[i].right != 0) {
            *place_of(table, old.entries[i].left, old.entries[i].right) = old.entries[i];
        }
    }
    free(old.entries);
}

void pair_table_add(struct pair_table *table, uint32_t left, uint32_t right, uint32_t value)
{
    assert(right != 0);
    if (table->count >= table->size / 2) {
        grow(table);
    }
    struct pair_entry *entry = place_of(table, left, right);
    assert(entry->right == 0);
    *entry = (struct pair_entry){left, right, value};
    table->count++;
}
