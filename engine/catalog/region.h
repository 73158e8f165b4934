/* Memory that grows while documents are read and goes away in one go.
 *
 * Why: a catalogue is thousands of small strings and arrays with one lifetime. Single frees would
 * be bookkeeping without use; base/arena.h wants its bound beforehand, and how much a folder of
 * documents needs is not known before they are read. Cold path. Memory that cannot be had is a
 * panic, as in text_buffer: files are at most 1 MiB each. One owner.
 */
#ifndef CATALOG_REGION_H
#define CATALOG_REGION_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct region_chunk;

struct region {
    struct region_chunk *chunks;
};

void region_init(struct region *region);
/* Frees all that was taken; the region may be used again. */
void region_fini(struct region *region);

/* Zeroed, aligned to 16. */
void *region_take(struct region *region, size_t size);
/* A terminated copy. */
const char *region_string(struct region *region, struct text text);
/* Room for one more item behind `count`: returns items, or a larger copy of them (the old one stays
 * until region_fini, at most as much again). */
void *region_grow(struct region *region, void *items, uint32_t count, uint32_t *capacity,
                  size_t item_size);

#endif
