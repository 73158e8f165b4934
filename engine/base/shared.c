#include "base/shared.h"

#include <stdlib.h>

#include "base/panic.h"

struct shared_value {
    _Atomic uint32_t holders;
    const void *object;
    void (*release)(void *context);
    void *context;
};

void shared_init(struct shared *shared)
{
    pthread_mutex_init(&shared->lock, NULL);
    shared->current = NULL;
    atomic_store_explicit(&shared->generation, 0, memory_order_relaxed);
}

void shared_fini(struct shared *shared)
{
    shared_let_go(shared->current);
    shared->current = NULL;
    pthread_mutex_destroy(&shared->lock);
}

enum status shared_make(struct shared_value **value_out, const void *object,
                        void (*release)(void *context), void *context)
{
    struct shared_value *value = malloc(sizeof(*value));
    if (value == NULL) {
        return STATUS_NO_MEMORY;
    }
    atomic_init(&value->holders, 1);
    value->object = object;
    value->release = release;
    value->context = context;
    *value_out = value;
    return STATUS_OK;
}

void shared_replace(struct shared *shared, struct shared_value *value)
{
    pthread_mutex_lock(&shared->lock);
    struct shared_value *old = shared->current;
    shared->current = value;
    atomic_fetch_add_explicit(&shared->generation, 1, memory_order_relaxed);
    pthread_mutex_unlock(&shared->lock);
    shared_let_go(old);
}

struct shared_value *shared_hold(struct shared *shared)
{
    pthread_mutex_lock(&shared->lock);
    struct shared_value *value = shared->current;
    assert(value != NULL);
    /* Relaxed: the place's own hold, which the lock protects, keeps it alive meanwhile. */
    atomic_fetch_add_explicit(&value->holders, 1, memory_order_relaxed);
    pthread_mutex_unlock(&shared->lock);
    return value;
}

void shared_let_go(struct shared_value *value)
{
    /* Release: my reads are over; acquire: whoever is last frees what all have read. */
    if (value == NULL || atomic_fetch_sub_explicit(&value->holders, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (value->release != NULL) {
        value->release(value->context);
    }
    free(value);
}

const void *shared_object(const struct shared_value *value)
{
    return value->object;
}

uint64_t shared_generation(const struct shared *shared)
{
    return atomic_load_explicit(&shared->generation, memory_order_relaxed);
}
