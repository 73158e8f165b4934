/* A value that is replaced while others read it: who reads holds it, and it lives until the last
 * one has let go. How a reload puts new agreements in the place of old ones under the readers' feet.
 *
 *   reader                               replacer
 *   value = shared_hold(shared)          shared_make(&fresh, object, release, context)
 *   ... shared_object(value) ...         shared_replace(shared, fresh)
 *   shared_let_go(value)                   └─ the old one is released by whoever lets go last
 *
 * Holding takes a mutex: once per body or question, never per event. A hot reader keeps what it
 * holds and compares shared_generation, which is one relaxed load; a stale answer costs it one more
 * round with the old value.
 */
#ifndef BASE_SLOT_H
#define BASE_SLOT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"

struct shared_value;

struct shared {
    pthread_mutex_t lock; /* of current */
    struct shared_value *current;
    _Atomic uint64_t generation; /* 1 with the first value */
};

/* An empty place. */
void shared_init(struct shared *shared);
/* Lets go of the current value. Nobody reads any more. */
void shared_fini(struct shared *shared);
/* A value that the caller holds. `release` (NULL: none) is called with `context` when nobody holds it
 * any more. */
must_check enum status shared_make(struct shared_value **value_out, const void *object,
                                   void (*release)(void *context), void *context);
/* Any thread. The caller's hold becomes that of the place; the place lets go of what was there. */
void shared_replace(struct shared *shared, struct shared_value *value);

/* Any thread; there must be a value. */
struct shared_value *shared_hold(struct shared *shared);
/* NULL: nothing. */
void shared_let_go(struct shared_value *value);
const void *shared_object(const struct shared_value *value);
uint64_t shared_generation(const struct shared *shared);

#endif
