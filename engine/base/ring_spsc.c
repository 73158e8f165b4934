#include "base/ring_spsc.h"

#include <stdlib.h>

#include "base/panic.h"

enum status ring_spsc_init(struct ring_spsc *ring, uint64_t slot_count)
{
    assert(slot_count != 0);
    assert((slot_count & (slot_count - 1)) == 0);
    void **slots = calloc(slot_count, sizeof(*slots));
    if (slots == NULL) {
        return STATUS_NO_MEMORY;
    }
    *ring = (struct ring_spsc){.slots = slots, .slot_count = slot_count};
    return STATUS_OK;
}

void ring_spsc_fini(struct ring_spsc *ring)
{
    free(ring->slots);
    ring->slots = NULL;
}

enum status ring_spsc_push(struct ring_spsc *ring, void *entry)
{
    assert(entry != NULL);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed); /* our own */
    if (tail - ring->head_seen == ring->slot_count) {
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire); /* [B] */
        if (tail - ring->head_seen == ring->slot_count) {
            return STATUS_FULL;
        }
    }
    ring->slots[tail & (ring->slot_count - 1)] = entry;
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release); /* [A] */
    return STATUS_OK;
}

void *ring_spsc_pop(struct ring_spsc *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed); /* our own */
    if (head == ring->tail_seen) {
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire); /* [A] */
        if (head == ring->tail_seen) {
            return NULL;
        }
    }
    void *entry = ring->slots[head & (ring->slot_count - 1)];
    atomic_store_explicit(&ring->head, head + 1, memory_order_release); /* [B] */
    return entry;
}

uint64_t ring_spsc_count(const struct ring_spsc *ring)
{
    /* Relaxed: a hint; whoever acts on it pushes or pops and finds out. */
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    return tail >= head ? tail - head : 0;
}
