#include "domain/name.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/panic.h"

struct entry {
    const char *bytes;
    uint32_t length;
    uint32_t hash_high; /* spares most comparisons of bytes */
};

struct name_table {
    /* Constant after open. */
    uint32_t names_max;
    uint32_t slot_mask;
    uint64_t hash_key;
    _Atomic uint32_t *slots; /* name numbers; 0: empty */
    struct entry *entries;   /* [1 .. count] */
    size_t slots_size;
    size_t entries_size;
    /* The writer's. */
    struct arena texts;
    alignas(64) _Atomic uint32_t count;
};

static uint32_t slots_for(uint32_t names_max)
{
    uint32_t slots = 16;
    while (slots < names_max * UINT64_C(2)) {
        slots *= 2;
    }
    return slots;
}

enum status name_table_open(struct name_table **table_out, uint32_t names_max, uint64_t hash_key)
{
    assert(names_max > 0);
    assert(names_max < NAME_NEW_BIT / 2);
    struct name_table *table = aligned_alloc(64, sizeof(*table));
    if (table == NULL) {
        return STATUS_NO_MEMORY;
    }
    uint32_t slot_count = slots_for(names_max);
    *table = (struct name_table){
        .names_max = names_max,
        .slot_mask = slot_count - 1,
        .hash_key = hash_key,
        .slots_size = sizeof(uint32_t) * slot_count,
        .entries_size = sizeof(struct entry) * ((size_t)names_max + 1),
    };
    table->slots = pages_reserve(table->slots_size);
    table->entries = pages_reserve(table->entries_size);
    enum status status = arena_init(&table->texts, (size_t)names_max * (NAME_BYTES_MAX + 16));
    if (status != STATUS_OK || table->slots == NULL || table->entries == NULL) {
        name_table_close(table);
        return STATUS_NO_MEMORY;
    }
    *table_out = table;
    return STATUS_OK;
}

void name_table_close(struct name_table *table)
{
    if (table == NULL) {
        return;
    }
    pages_release(table->slots, table->slots_size);
    pages_release(table->entries, table->entries_size);
    arena_fini(&table->texts);
    free(table);
}

/* The name, or NAME_NONE and the empty slot where it would go. */
static uint32_t probe(const struct name_table *table, struct text text, uint64_t hash,
                      uint32_t *slot_out)
{
    uint32_t hash_high = (uint32_t)(hash >> 32);
    for (uint32_t slot = (uint32_t)hash & table->slot_mask;; slot = (slot + 1) & table->slot_mask) {
        uint32_t name = atomic_load_explicit(&table->slots[slot], memory_order_acquire); /* [N] */
        if (name == NAME_NONE) {
            *slot_out = slot;
            return NAME_NONE;
        }
        const struct entry *entry = &table->entries[name];
        if (entry->hash_high == hash_high && entry->length == text.length &&
            memcmp(entry->bytes, text.bytes, text.length) == 0) {
            return name;
        }
    }
}

uint32_t name_find(const struct name_table *table, struct text text)
{
    uint32_t slot;
    return probe(table, text, hash_keyed(text.bytes, text.length, table->hash_key), &slot);
}

enum status name_add(struct name_table *table, struct text text, uint32_t *name_out)
{
    assert(text.length > 0);
    assert(text.length <= NAME_BYTES_MAX);
    uint64_t hash = hash_keyed(text.bytes, text.length, table->hash_key);
    uint32_t slot;
    uint32_t name = probe(table, text, hash, &slot);
    if (name != NAME_NONE) {
        *name_out = name;
        return STATUS_OK;
    }
    uint32_t count = atomic_load_explicit(&table->count, memory_order_relaxed); /* our own */
    if (count == table->names_max) {
        return STATUS_FULL;
    }
    char *bytes = arena_take(&table->texts, text.length);
    assert(bytes != NULL); /* the arena holds names_max of the longest names */
    memcpy(bytes, text.bytes, text.length);
    name = count + 1;
    table->entries[name] = (struct entry){bytes, text.length, (uint32_t)(hash >> 32)};
    atomic_store_explicit(&table->slots[slot], name, memory_order_release); /* [N] */
    atomic_store_explicit(&table->count, name, memory_order_release);
    *name_out = name;
    return STATUS_OK;
}

struct text name_text(const struct name_table *table, uint32_t name)
{
    if (name == NAME_NONE || name > name_count(table)) {
        return TEXT_NONE;
    }
    return (struct text){table->entries[name].bytes, table->entries[name].length};
}

uint32_t name_count(const struct name_table *table)
{
    return atomic_load_explicit(&table->count, memory_order_acquire);
}

uint32_t name_count_max(const struct name_table *table)
{
    return table->names_max;
}

uint64_t name_table_hash_key(const struct name_table *table)
{
    return table->hash_key;
}
