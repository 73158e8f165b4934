#include "base/arena.h"

#include <sys/mman.h>

#include "base/panic.h"

void *pages_reserve(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void pages_release(void *pages, size_t size)
{
    if (pages != NULL) {
        munmap(pages, size);
    }
}

void pages_clear(void *pages, size_t size)
{
    int failed = madvise(pages, size, MADV_DONTNEED);
    assert(failed == 0);
}

enum status arena_init(struct arena *arena, size_t size_max)
{
    void *base = pages_reserve(size_max);
    if (base == NULL) {
        return STATUS_NO_MEMORY;
    }
    *arena = (struct arena){.base = base, .size_max = size_max};
    return STATUS_OK;
}

void arena_fini(struct arena *arena)
{
    pages_release(arena->base, arena->size_max);
    *arena = (struct arena){0};
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size || arena->size_max - arena->used < rounded) {
        return NULL;
    }
    void *taken = arena->base + arena->used;
    arena->used += rounded;
    return taken;
}
