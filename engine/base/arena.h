/* Memory that is reserved once and handed out by bumping a pointer.
 *
 * Why: the hot path does not allocate, and idle memory should cost nothing. An arena reserves
 * address space for its bound at start; the kernel gives pages as they are first touched (zeroed).
 * Nothing is freed before the arena itself. One owner thread.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena {
    uint8_t *base;
    size_t size_max;
    size_t used;
};

/* size_max in bytes; reserved, not yet used. STATUS_NO_MEMORY when the address space is refused. */
must_check enum status arena_init(struct arena *arena, size_t size_max);
void arena_fini(struct arena *arena);

/* Zeroed memory, aligned to 16; NULL when the bound is reached. */
void *arena_take(struct arena *arena, size_t size);

/* Memory of a fixed size for one purpose, zeroed and lazily backed; NULL when refused. */
void *pages_reserve(size_t size);
void pages_release(void *pages, size_t size);
/* Reads as zero again, and the memory goes back to the kernel: cheaper than clearing. */
void pages_clear(void *pages, size_t size);

#endif
