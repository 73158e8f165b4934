/* Two million pointers from one thread to another through a small ring, with sleeping on an event
 * count on both sides: everything arrives once and in order, what they point to is visible, nobody
 * sleeps for ever. */
#include <stdio.h>
#include <stdlib.h>

#include "base/event_count.h"
#include "base/panic.h"
#include "base/ring_spsc.h"
#include "base/thread.h"

#define ITEMS 2000000
#define SLOTS 64

struct shared {
    struct ring_spsc ring;
    struct event_count filled;
    struct event_count emptied;
    uint64_t values[SLOTS + 2]; /* plain: handed over with the pointer */
};

static void push(struct shared *shared, uint64_t *value)
{
    while (ring_spsc_push(&shared->ring, value) != STATUS_OK) {
        uint32_t key = event_count_prepare(&shared->emptied);
        if (ring_spsc_push(&shared->ring, value) == STATUS_OK) {
            event_count_cancel(&shared->emptied);
            break;
        }
        event_count_wait(&shared->emptied, key, -1);
    }
    event_count_wake(&shared->filled);
}

static uint64_t *pop(struct shared *shared)
{
    for (;;) {
        uint64_t *value = ring_spsc_pop(&shared->ring);
        if (value == NULL) {
            uint32_t key = event_count_prepare(&shared->filled);
            value = ring_spsc_pop(&shared->ring);
            if (value == NULL) {
                event_count_wait(&shared->filled, key, -1);
                continue;
            }
            event_count_cancel(&shared->filled);
        }
        return value;
    }
}

static void *consume(void *argument)
{
    struct shared *shared = argument;
    for (uint64_t expected = 1; expected <= ITEMS; expected++) {
        const uint64_t *value = pop(shared);
        assert(*value == expected);
        event_count_wake(&shared->emptied);
    }
    return NULL;
}

int main(void)
{
    static struct shared shared;
    enum status status = ring_spsc_init(&shared.ring, SLOTS);
    assert(status == STATUS_OK);
    pthread_t consumer;
    status = thread_start(&consumer, "consumer", consume, &shared);
    assert(status == STATUS_OK);
    for (uint64_t i = 1; i <= ITEMS; i++) {
        /* The value written SLOTS + 2 pushes ago was read: its slot was reused since, and one more
         * popped. */
        uint64_t *value = &shared.values[i % (SLOTS + 2)];
        *value = i;
        push(&shared, value);
    }
    thread_join(consumer);
    assert(ring_spsc_count(&shared.ring) == 0);
    ring_spsc_fini(&shared.ring);
    printf("%d items in order\n", ITEMS);
    return EXIT_SUCCESS;
}
