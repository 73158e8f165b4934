/* What the parts of the ring share: the loop's own data. Only engine/net/ includes it.
 *
 *   field            written by        read by     order
 *   signals          any thread, loop  loop        [W] release by net_wake and net_stop, acquire by
 *                                                  the loop: what was published before the call may
 *                                                  be read by `woken`
 *   stop_timeout_ns  net_stop          loop        relaxed, under [W]
 *   counters         loop              any thread  relaxed: single figures, no order among them
 *   the rest         loop              loop        before net_run: the thread that opened
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <linux/time_types.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "net/buffers.h"
#include "net/connection.h"
#include "net/datagram.h"
#include "net/list.h"
#include "net/listener.h"
#include "net/net.h"
#include "net/outbox.h"
#include "net/uring.h"

/* RUNNING → DRAINING (net_stop) → FINISHING (drained or out of time: everything is closed). */
enum net_phase { NET_RUNNING, NET_DRAINING, NET_FINISHING };

#define NET_SIGNAL_WAKE 1U
#define NET_SIGNAL_STOP 2U

struct net_counters_shared {
    _Atomic uint64_t accepted;
    _Atomic uint64_t refused_full;
    _Atomic uint64_t bytes;
    _Atomic uint64_t datagrams;
    _Atomic uint64_t kernel_drops;
    _Atomic uint64_t rearmed;
    _Atomic uint64_t stale_completions;
    _Atomic uint64_t cq_overflows;
};

struct net {
    struct net_handler handler;
    struct uring uring;
    struct buffers buffers;
    struct outbox_pool outboxes;

    struct listener listeners[NET_LISTENERS_MAX];
    struct datagram datagrams[NET_LISTENERS_MAX];
    uint32_t listener_count;

    struct connection *connections;
    uint32_t connection_free; /* first of the list of free slots; UINT32_MAX: none */
    uint32_t connection_count;
    struct link dirty;
    struct link starved;
    uint32_t starved_count; /* of the list */
    struct link paused;
    struct link timed;
    /* Descriptors of connections that found no slot, to be closed. */
    int32_t refused[URING_FILES_MAX];
    uint32_t refused_count;

    enum net_phase phase;
    int64_t deadline_ns; /* of the phase */
    bool woken;
    bool resume_wanted;
    bool tick_armed;
    bool wake_armed;
    struct __kernel_timespec tick_interval;
    uint64_t wake_value; /* the kernel writes the eventfd's count here */
    int wake_fd;

    _Alignas(64) _Atomic uint32_t signals;
    _Atomic int64_t stop_timeout_ns;
    _Alignas(64) struct net_counters_shared counters;
};

/* One writer: no need for an atomic addition. */
static inline void net_count(_Atomic uint64_t *counter, uint64_t count)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + count, memory_order_relaxed);
}

static inline int64_t net_now_ns(void)
{
    return clock_monotonic_ns(clock_system());
}

/* The loop, in loop.c: net_run's body. */
must_check enum status loop_run(struct net *net, char message_out[NET_MESSAGE_SIZE]);

/* The way to the end, in drain.c. */

/* A net_stop arrived; a second one can only shorten the time. */
void drain_begin(struct net *net);
/* Once per pass; true: net_run may return. */
must_check bool drain_step(struct net *net, char message_out[NET_MESSAGE_SIZE]);
/* So that sources that were found empty are asked once more. */
void drain_tick(struct net *net);

static inline bool listener_is_stream(const struct net *net, uint32_t index)
{
    return address_is_stream(&net->listeners[index].address);
}

#endif
