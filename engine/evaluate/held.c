#include "evaluate/held.h"

#include <stdlib.h>

void held_fini(struct held *held)
{
    free(held->heap);
    *held = (struct held){0};
}

static bool earlier(const struct held_event *a, const struct held_event *b)
{
    return a->event.occurred_ns != b->event.occurred_ns
               ? a->event.occurred_ns < b->event.occurred_ns
               : a->position < b->position;
}

enum status held_add(struct held *held, const struct event *event, uint64_t position)
{
    if (held->count == held->count_max) {
        return STATUS_FULL;
    }
    if (held->count == held->size) {
        uint32_t size = held->size == 0 ? 64 : held->size * 2;
        struct held_event *heap = realloc(held->heap, size * sizeof(*heap));
        if (heap == NULL) {
            return STATUS_FULL;
        }
        held->heap = heap;
        held->size = size;
    }
    struct held_event entry = {*event, position};
    uint32_t at = held->count++;
    while (at > 0 && earlier(&entry, &held->heap[(at - 1) / 2])) {
        held->heap[at] = held->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    held->heap[at] = entry;
    return STATUS_OK;
}

bool held_take(struct held *held, int64_t now_ns, struct held_event *event_out)
{
    if (held->count == 0 || held->heap[0].event.occurred_ns >= now_ns) {
        return false;
    }
    *event_out = held->heap[0];
    struct held_event last = held->heap[--held->count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= held->count) {
            break;
        }
        if (child + 1 < held->count && earlier(&held->heap[child + 1], &held->heap[child])) {
            child++;
        }
        if (!earlier(&held->heap[child], &last)) {
            break;
        }
        held->heap[at] = held->heap[child];
        at = child;
    }
    if (held->count > 0) {
        held->heap[at] = last;
    }
    return true;
}

int64_t held_first(const struct held *held)
{
    return held->count == 0 ? INT64_MAX : held->heap[0].event.occurred_ns;
}
