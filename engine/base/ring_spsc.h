/* A bounded queue of pointers from one producer thread to one consumer thread, without locks.
 *
 *      producer ──push──►  [ . . x x x x . . ]  ──pop──►  consumer
 *                            head ▲       ▲ tail
 *
 * field       written by   read by     order
 * tail        producer     consumer    release [A] / acquire [A]: the slot may now be read
 * head        consumer     producer    release [B] / acquire [B]: the slot may now be reused
 * *_seen      its own side only; a stale value only makes the ring look fuller or emptier than it
 *             is, and the real one is read before FULL or empty is answered.
 *
 * Full is an ordinary answer: STATUS_FULL, and the caller has the policy. It does not wake anybody:
 * pair it with an event count.
 */
#ifndef BASE_RING_SPSC_H
#define BASE_RING_SPSC_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"

struct ring_spsc {
    /* The producer's line. */
    alignas(64) _Atomic uint64_t tail;
    uint64_t head_seen;
    /* The consumer's line. */
    alignas(64) _Atomic uint64_t head;
    uint64_t tail_seen;
    /* Constant after init. */
    alignas(64) void **slots;
    uint64_t slot_count;
};

/* slot_count: a power of two. */
must_check enum status ring_spsc_init(struct ring_spsc *ring, uint64_t slot_count);
void ring_spsc_fini(struct ring_spsc *ring);

/* Producer only. `entry` is not NULL. */
must_check enum status ring_spsc_push(struct ring_spsc *ring, void *entry);
/* Consumer only. NULL when empty. */
void *ring_spsc_pop(struct ring_spsc *ring);
/* Either side: how many entries, as it looked a moment ago. */
uint64_t ring_spsc_count(const struct ring_spsc *ring);

#endif
