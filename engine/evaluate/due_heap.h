/* Which series (or request with a life) has to be looked at next, although nothing arrives: a binary
 * heap of instants with a place for every series, so that a new instant moves it instead of adding
 * another. */
#ifndef EVALUATE_DUE_HEAP_H
#define EVALUATE_DUE_HEAP_H

#include <stdint.h>

#include "base/status.h"

struct due_heap {
    uint32_t count;
    uint32_t size;
    int64_t *due_ns; /* by series; INT64_MAX: never */
    uint32_t *heap;  /* series, earliest first */
    uint32_t *place; /* by series: where it stands in heap */
};

must_check enum status due_heap_init(struct due_heap *due_heap, uint32_t series_count);
/* Room for more of them, which are never due yet; it never shrinks. */
void due_heap_grow(struct due_heap *due_heap, uint32_t count);
void due_heap_fini(struct due_heap *due_heap);
void due_heap_set(struct due_heap *due_heap, uint32_t series, int64_t due_ns);
/* The earliest instant; INT64_MAX when there is none. */
int64_t due_heap_first(const struct due_heap *due_heap, uint32_t *series_out);

#endif
