/* One pass of the loop:
 *
 *   offer what is held (after net_resume) → idle → drain step → arm, send, cancel, close → wait →
 * complete
 *
 * All submissions happen in one place of the pass, so that what many completions asked for goes out
 * in one `enter`, and a full queue is no special case: what did not fit is asked for again in the
 * next pass.
 */
#include "net/loop.h"

#include <stdio.h>

#include "base/panic.h"

#define TICK_NS          100000000 /* accept after a shortage; deadlines of closing */
#define TICK_DRAINING_NS 20000000  /* between two looks at a source that was empty */

static bool is_resting(const struct net *net)
{
    for (uint32_t i = 0; i < net->listener_count; i++) {
        if (net->listeners[i].resting || net->datagrams[i].intake.resting) {
            return true;
        }
    }
    return false;
}

static bool arm_tick(struct net *net)
{
    bool wanted = net->phase != NET_RUNNING || !list_empty(&net->timed) || is_resting(net);
    if (net->tick_armed || !wanted) {
        return true;
    }
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    net->tick_interval.tv_sec = 0;
    net->tick_interval.tv_nsec = net->phase == NET_RUNNING ? TICK_NS : TICK_DRAINING_NS;
    io_uring_prep_timeout(sqe, &net->tick_interval, 0, 0);
    uring_tag_set(sqe, (struct uring_tag){.op = URING_TICK});
    net->tick_armed = true;
    return true;
}

static bool arm_wake(struct net *net)
{
    if (net->wake_armed) {
        return true;
    }
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    io_uring_prep_read(sqe, net->wake_fd, &net->wake_value, sizeof(net->wake_value), 0);
    uring_tag_set(sqe, (struct uring_tag){.op = URING_WAKE});
    net->wake_armed = true;
    return true;
}

static bool close_refused(struct net *net)
{
    while (net->refused_count > 0) {
        struct io_uring_sqe *sqe = uring_sqe(&net->uring);
        if (sqe == NULL) {
            return false;
        }
        io_uring_prep_close_direct(sqe, (unsigned)net->refused[--net->refused_count]);
        uring_tag_set(sqe, (struct uring_tag){.op = URING_REFUSE});
    }
    return true;
}

/* As many as there are buffers in the kernel's ring: more would end with ENOBUFS again. */
static void feed_starved(struct net *net)
{
    uint32_t budget = net->buffers.offered_count;
    for (uint32_t i = 0; i < net->listener_count && budget > 0; i++) {
        if (net->datagrams[i].intake.starved) {
            net->datagrams[i].intake.starved = false;
            budget--;
        }
    }
    for (; budget > 0 && !list_empty(&net->starved); budget--) {
        struct connection *connection =
            list_entry(list_take_first(&net->starved), struct connection, starved);
        connection->intake.starved = false;
        net->starved_count--;
        connection_touch(net, connection);
    }
}

static bool advance_listeners(struct net *net)
{
    bool all = true;
    for (uint32_t i = 0; i < net->listener_count; i++) {
        bool done =
            listener_is_stream(net, i) ? listener_advance(net, i) : datagram_advance(net, i);
        all = all && done;
    }
    return all;
}

static bool advance_connections(struct net *net)
{
    while (!list_empty(&net->dirty)) {
        struct connection *connection =
            list_entry(list_take_first(&net->dirty), struct connection, dirty);
        if (!connection_advance(net, connection)) {
            connection_touch(net, connection);
            return false;
        }
    }
    return true;
}

/* True: everything that is wanted is in the queue, the loop may sleep. */
static bool submit_wanted(struct net *net)
{
    buffers_offer(&net->buffers, net_has_paused(net) ? BUFFERS_OFFERED_PAUSED
                                                     : BUFFERS_OFFERED + net->starved_count);
    feed_starved(net);
    bool all = arm_wake(net) && close_refused(net) && advance_listeners(net) &&
               advance_connections(net) && arm_tick(net);
    return all && (list_empty(&net->starved) || net->buffers.offered_count == 0);
}

static void take_signals(struct net *net)
{
    /* [W]: whoever woke us published something before; from here on we may read it. */
    uint32_t signals = atomic_exchange_explicit(&net->signals, 0, memory_order_acquire);
    if (signals & NET_SIGNAL_STOP) {
        drain_begin(net);
    }
    net->woken = net->woken || (signals & NET_SIGNAL_WAKE) != 0;
}

static void expire(struct net *net)
{
    int64_t now_ns = net_now_ns();
    /* One time-out for all: the list is in the order of deadlines. */
    while (!list_empty(&net->timed)) {
        struct connection *first = list_entry(net->timed.next, struct connection, timed);
        if (first->deadline_ns > now_ns) {
            return;
        }
        connection_abandon(net, first);
    }
}

static void tick(struct net *net)
{
    net->tick_armed = false;
    for (uint32_t i = 0; i < net->listener_count; i++) {
        net->listeners[i].resting = false;
        net->datagrams[i].intake.resting = false;
    }
    if (net->phase != NET_RUNNING) {
        drain_tick(net);
    }
    expire(net);
}

/* A completion of a connection that is no more: the buffer it brings is all that it may touch. */
static void drop_stale(struct net *net, uint32_t flags)
{
    net_count(&net->counters.stale_completions, 1);
    if (flags & IORING_CQE_F_BUFFER) {
        uint16_t id = (uint16_t)(flags >> IORING_CQE_BUFFER_SHIFT);
        buffers_taken(&net->buffers, id);
        buffers_give(&net->buffers, id);
    }
}

static void complete_connection(struct net *net, struct uring_tag tag, int result, uint32_t flags)
{
    struct connection *connection = connection_find(net, tag.index, tag.generation);
    if (connection == NULL) {
        drop_stale(net, flags);
        return;
    }
    switch (tag.op) {
    case URING_RECEIVE:
        connection_receive_done(net, connection, result, flags);
        break;
    case URING_SEND:
        connection_send_done(net, connection, result);
        break;
    case URING_SHUTDOWN:
        connection_shutdown_done(net, connection);
        break;
    default:
        connection_close_done(net, connection);
        break;
    }
}

static void complete(struct net *net, struct uring_tag tag, int result, uint32_t flags)
{
    switch (tag.op) {
    case URING_WAKE:
        net->wake_armed = false;
        take_signals(net);
        break;
    case URING_TICK:
        tick(net);
        break;
    case URING_ACCEPT:
        listener_accept_done(net, tag.index, result, flags);
        break;
    case URING_DATAGRAM:
        datagram_done(net, tag.index, result, flags);
        break;
    case URING_RECEIVE:
    case URING_SEND:
    case URING_SHUTDOWN:
    case URING_CLOSE:
        complete_connection(net, tag, result, flags);
        break;
    case URING_REFUSE:
    case URING_CANCEL: /* what was cancelled tells itself */
        break;
    }
}

static void complete_all(struct net *net)
{
    struct io_uring_cqe *cqe;
    unsigned head;
    unsigned count = 0;
    io_uring_for_each_cqe(&net->uring.ring, head, cqe)
    {
        complete(net, uring_tag_unpack(cqe->user_data), cqe->res, cqe->flags);
        count++;
    }
    io_uring_cq_advance(&net->uring.ring, count);
    atomic_store_explicit(&net->counters.cq_overflows, net->uring.overflows, memory_order_relaxed);
}

static bool offer_connections(struct net *net)
{
    /* Those that are refused again go to the end of net->paused: moved aside, each is offered once.
     */
    struct link held;
    bool any = false;
    link_init(&held);
    while (!list_empty(&net->paused)) {
        list_append(&held, list_take_first(&net->paused));
    }
    while (!list_empty(&held)) {
        struct connection *connection =
            list_entry(list_take_first(&held), struct connection, paused);
        any = connection_offer(net, connection) || any;
    }
    return any;
}

/* After net_resume; true when the handler took some. */
static bool offer_held(struct net *net)
{
    bool any = false;
    if (!net->resume_wanted) {
        return false;
    }
    net->resume_wanted = false;
    for (uint32_t i = 0; i < net->listener_count; i++) {
        any = datagram_offer(net, i) || any;
    }
    return offer_connections(net) || any;
}

/* The handler's turn before the loop sleeps. What it takes from `idle` on may again leave a
 * half-filled batch, so it is asked until nothing moves. */
static void settle(struct net *net)
{
    if (net->phase == NET_FINISHING) {
        return;
    }
    if (net->woken) {
        net->woken = false;
        net->handler.woken(net->handler.context);
    }
    (void)offer_held(net);
    do {
        net->handler.idle(net->handler.context);
    } while (offer_held(net));
}

enum status loop_run(struct net *net, char message_out[NET_MESSAGE_SIZE])
{
    for (;;) {
        settle(net);
        if (drain_step(net, message_out)) {
            return STATUS_OK;
        }
        bool may_sleep = submit_wanted(net);
        enum status status = uring_wait(&net->uring, may_sleep, message_out);
        if (status != STATUS_OK) {
            return status;
        }
        complete_all(net);
    }
}
