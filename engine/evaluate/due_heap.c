#include "evaluate/due_heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/panic.h"

enum status due_heap_init(struct due_heap *due_heap, uint32_t series_count)
{
    *due_heap = (struct due_heap){
        .count = series_count,
        .size = series_count + 1,
        .due_ns = calloc((size_t)series_count + 1, sizeof(int64_t)),
        .heap = calloc((size_t)series_count + 1, sizeof(uint32_t)),
        .place = calloc((size_t)series_count + 1, sizeof(uint32_t)),
    };
    if (due_heap->due_ns == NULL || due_heap->heap == NULL || due_heap->place == NULL) {
        due_heap_fini(due_heap);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < series_count; i++) {
        due_heap->due_ns[i] = INT64_MAX;
        due_heap->heap[i] = i;
        due_heap->place[i] = i;
    }
    return STATUS_OK;
}

void due_heap_grow(struct due_heap *due_heap, uint32_t count)
{
    if (count > due_heap->size) {
        due_heap->size = count * 2;
        due_heap->due_ns = realloc(due_heap->due_ns, due_heap->size * sizeof(*due_heap->due_ns));
        due_heap->heap = realloc(due_heap->heap, due_heap->size * sizeof(*due_heap->heap));
        due_heap->place = realloc(due_heap->place, due_heap->size * sizeof(*due_heap->place));
        assert(due_heap->due_ns != NULL && due_heap->heap != NULL && due_heap->place != NULL);
    }
    for (uint32_t i = due_heap->count; i < count; i++) {
        due_heap->due_ns[i] = INT64_MAX;
        due_heap->heap[i] = i;
        due_heap->place[i] = i;
    }
    due_heap->count = count > due_heap->count ? count : due_heap->count;
}

void due_heap_fini(struct due_heap *due_heap)
{
    free(due_heap->due_ns);
    free(due_heap->heap);
    free(due_heap->place);
    *due_heap = (struct due_heap){0};
}

static bool earlier(const struct due_heap *due_heap, uint32_t a, uint32_t b)
{
    return due_heap->due_ns[due_heap->heap[a]] < due_heap->due_ns[due_heap->heap[b]];
}

static void swap(struct due_heap *due_heap, uint32_t a, uint32_t b)
{
    uint32_t series = due_heap->heap[a];
    due_heap->heap[a] = due_heap->heap[b];
    due_heap->heap[b] = series;
    due_heap->place[due_heap->heap[a]] = a;
    due_heap->place[due_heap->heap[b]] = b;
}

static void sift_up(struct due_heap *due_heap, uint32_t at)
{
    while (at > 0 && earlier(due_heap, at, (at - 1) / 2)) {
        swap(due_heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct due_heap *due_heap, uint32_t at)
{
    for (;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < due_heap->count; child++) {
            least = earlier(due_heap, child, least) ? child : least;
        }
        if (least == at) {
            return;
        }
        swap(due_heap, at, least);
        at = least;
    }
}

void due_heap_set(struct due_heap *due_heap, uint32_t series, int64_t due_ns)
{
    int64_t before = due_heap->due_ns[series];
    due_heap->due_ns[series] = due_ns;
    if (due_ns < before) {
        sift_up(due_heap, due_heap->place[series]);
    } else if (due_ns > before) {
        sift_down(due_heap, due_heap->place[series]);
    }
}

int64_t due_heap_first(const struct due_heap *due_heap, uint32_t *series_out)
{
    if (due_heap->count == 0) {
        return INT64_MAX;
    }
    *series_out = due_heap->heap[0];
    return due_heap->due_ns[due_heap->heap[0]];
}
