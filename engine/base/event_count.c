#include "base/event_count.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long futex(_Atomic uint32_t *word, int operation, uint32_t value,
                  const struct timespec *timeout)
{
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, NULL, 0);
}

uint32_t event_count_prepare(struct event_count *event_count)
{
    atomic_fetch_add_explicit(&event_count->waiters, 1, memory_order_seq_cst);
    return atomic_load_explicit(&event_count->epoch, memory_order_seq_cst);
}

void event_count_cancel(struct event_count *event_count)
{
    atomic_fetch_sub_explicit(&event_count->waiters, 1, memory_order_seq_cst);
}

void event_count_wait(struct event_count *event_count, uint32_t key, int64_t timeout_ns)
{
    struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    futex(&event_count->epoch, FUTEX_WAIT, key, timeout_ns < 0 ? NULL : &timeout);
    event_count_cancel(event_count);
}

void event_count_wake(struct event_count *event_count)
{
    atomic_fetch_add_explicit(&event_count->epoch, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&event_count->waiters, memory_order_seq_cst) != 0) {
        futex(&event_count->epoch, FUTEX_WAKE, INT_MAX, NULL);
    }
}
