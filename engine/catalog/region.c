#include "catalog/region.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/panic.h"

/* Most documents are a few KiB: one chunk holds what several of them become. */
#define CHUNK_SIZE  ((size_t)64 * 1024)
#define TAKE_ALIGN  16
#define ITEMS_FIRST 8

struct region_chunk {
    struct region_chunk *next;
    size_t used;
    size_t size;
    alignas(TAKE_ALIGN) char bytes[];
};

void region_init(struct region *region)
{
    *region = (struct region){0};
}

void region_fini(struct region *region)
{
    struct region_chunk *chunk = region->chunks;
    while (chunk != NULL) {
        struct region_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    region_init(region);
}

static struct region_chunk *chunk_add(struct region *region, size_t size)
{
    size_t chunk_size = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    struct region_chunk *chunk = calloc(1, sizeof(*chunk) + chunk_size);
    assert(chunk != NULL);
    chunk->size = chunk_size;
    chunk->next = region->chunks;
    region->chunks = chunk;
    return chunk;
}

void *region_take(struct region *region, size_t size)
{
    size_t rounded = (size + TAKE_ALIGN - 1) & ~(size_t)(TAKE_ALIGN - 1);
    assert(rounded >= size);
    struct region_chunk *chunk = region->chunks;
    if (chunk == NULL || chunk->size - chunk->used < rounded) {
        chunk = chunk_add(region, rounded);
    }
    void *taken = chunk->bytes + chunk->used;
    chunk->used += rounded;
    return taken;
}

const char *region_string(struct region *region, struct text text)
{
    char *copy = region_take(region, (size_t)text.length + 1);
    if (text.length != 0) {
        memcpy(copy, text.bytes, text.length);
    }
    return copy;
}

void *region_grow(struct region *region, void *items, uint32_t count, uint32_t *capacity,
                  size_t item_size)
{
    assert(count <= *capacity);
    if (count < *capacity) {
        return items;
    }
    uint32_t larger = *capacity == 0 ? ITEMS_FIRST : *capacity * 2;
    assert(larger > count);
    void *grown = region_take(region, (size_t)larger * item_size);
    if (count != 0) {
        memcpy(grown, items, (size_t)count * item_size);
    }
    *capacity = larger;
    return grown;
}
