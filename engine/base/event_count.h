/* Sleep until something may have changed, without losing a wake-up and without a lock.
 *
 *   waiter                                   waker
 *   key = event_count_prepare(ec)            make the condition true (push, store)
 *   if (condition) go on;                    event_count_wake(ec)
 *   event_count_wait(ec, key, timeout)
 *
 * The waker pays one uncontended atomic add, and a futex call only when somebody sleeps. The word
 * holds an epoch; `waiters` counts sleepers. Sequentially consistent order on both sides makes this
 * a store-then-load handshake: either the waker sees the waiter, or the waiter sees the new epoch
 * (and so, by the waker's program order, the condition). Spurious wake-ups happen; callers loop.
 */
#ifndef BASE_EVENT_COUNT_H
#define BASE_EVENT_COUNT_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

struct event_count {
    alignas(64) _Atomic uint32_t epoch;
    _Atomic uint32_t waiters;
};

uint32_t event_count_prepare(struct event_count *event_count);
/* timeout_ns < 0: no time-out. Must follow a prepare; ends it. */
void event_count_wait(struct event_count *event_count, uint32_t key, int64_t timeout_ns);
/* Ends a prepare without waiting: the condition turned out to be true. */
void event_count_cancel(struct event_count *event_count);
/* Any thread. */
void event_count_wake(struct event_count *event_count);

#endif
