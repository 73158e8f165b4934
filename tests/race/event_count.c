/* Ping-pong over two event counts: each wake-up must arrive, or this never ends. Plain data goes
 * along. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/event_count.h"
#include "base/panic.h"
#include "base/thread.h"

#define ROUNDS 100000

struct side {
    struct event_count event_count;
    _Atomic uint64_t turn; /* release / acquire: the other may read `ball` */
};

static struct side sides[2];
static uint64_t ball;

static void await(struct side *side, uint64_t turn)
{
    while (atomic_load_explicit(&side->turn, memory_order_acquire) < turn) {
        uint32_t key = event_count_prepare(&side->event_count);
        if (atomic_load_explicit(&side->turn, memory_order_acquire) >= turn) {
            event_count_cancel(&side->event_count);
            return;
        }
        event_count_wait(&side->event_count, key, -1);
    }
}

static void serve(struct side *side, uint64_t turn)
{
    atomic_store_explicit(&side->turn, turn, memory_order_release);
    event_count_wake(&side->event_count);
}

static void *answer(void *unused)
{
    for (uint64_t turn = 1; turn <= ROUNDS; turn++) {
        await(&sides[1], turn);
        assert(ball == 2 * turn - 1);
        ball++;
        serve(&sides[0], turn);
    }
    return unused;
}

int main(void)
{
    pthread_t other;
    enum status status = thread_start(&other, "answer", answer, NULL);
    assert(status == STATUS_OK);
    for (uint64_t turn = 1; turn <= ROUNDS; turn++) {
        ball++;
        serve(&sides[1], turn);
        await(&sides[0], turn);
        assert(ball == 2 * turn);
    }
    thread_join(other);
    assert(atomic_load(&sides[0].event_count.waiters) == 0);
    assert(atomic_load(&sides[1].event_count.waiters) == 0);
    printf("%d rounds\n", ROUNDS);
    return EXIT_SUCCESS;
}
