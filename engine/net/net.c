#include "net/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/panic.h"
#include "net/loop.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2,
               "net_wake and net_stop run in signal handlers");

static void check_handler(const struct net_handler *handler)
{
    assert(handler->opened != NULL);
    assert(handler->received != NULL);
    assert(handler->ended != NULL);
    assert(handler->closed != NULL);
    assert(handler->datagram != NULL);
    assert(handler->woken != NULL);
    assert(handler->idle != NULL);
}

static void init_state(struct net *net, const struct net_handler *handler)
{
    net->handler = *handler;
    net->wake_fd = -1;
    link_init(&net->dirty);
    link_init(&net->starved);
    link_init(&net->paused);
    link_init(&net->timed);
}

static enum status take_memory(struct net *net)
{
    net->connections = calloc(NET_CONNECTIONS_MAX, sizeof(*net->connections));
    if (net->connections == NULL) {
        return STATUS_NO_MEMORY;
    }
    connections_init(net);
    enum status status = buffers_init(&net->buffers);
    return status == STATUS_OK ? outbox_pool_init(&net->outboxes) : status;
}

enum status net_open(struct net **net_out, const struct net_handler *handler,
                     char message_out[NET_MESSAGE_SIZE])
{
    check_handler(handler);
    enum status status = uring_probe(message_out);
    if (status != STATUS_OK) {
        return status;
    }
    struct net *net = aligned_alloc(_Alignof(struct net), sizeof(*net));
    if (net == NULL) {
        snprintf(message_out, NET_MESSAGE_SIZE, "no memory for the ring's tables");
        return STATUS_NO_MEMORY;
    }
    memset(net, 0, sizeof(*net));
    init_state(net, handler);
    status = take_memory(net);
    net->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (status != STATUS_OK || net->wake_fd < 0) {
        snprintf(message_out, NET_MESSAGE_SIZE, "no memory or no descriptor for the ring's tables");
        net_close(net);
        return STATUS_NO_MEMORY;
    }
    *net_out = net;
    return STATUS_OK;
}

enum status net_listen(struct net *net, const char *url, uint32_t *listener_out,
                       char address_out[NET_ADDRESS_SIZE], char message_out[NET_MESSAGE_SIZE])
{
    if (net->listener_count == NET_LISTENERS_MAX) {
        snprintf(message_out, NET_MESSAGE_SIZE, "%.100s: at most %d listeners", url,
                 NET_LISTENERS_MAX);
        return STATUS_FULL;
    }
    uint32_t index = net->listener_count;
    enum status status = listener_open(&net->listeners[index], url, address_out, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    net->listener_count++;
    datagram_init(net, index);
    *listener_out = index;
    return STATUS_OK;
}

enum status net_run(struct net *net, char message_out[NET_MESSAGE_SIZE])
{
    message_out[0] = '\0';
    enum status status = uring_open(&net->uring, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    status = buffers_register(&net->buffers, &net->uring, message_out);
    if (status == STATUS_OK) {
        status = loop_run(net, message_out);
    }
    uring_close(&net->uring);
    return status;
}

void net_close(struct net *net)
{
    for (uint32_t i = 0; i < net->listener_count; i++) {
        listener_close(&net->listeners[i]);
    }
    if (net->wake_fd >= 0) {
        close(net->wake_fd);
    }
    buffers_fini(&net->buffers);
    outbox_pool_fini(&net->outboxes);
    free(net->connections);
    free(net);
}

/* Runs in signal handlers: atomics and write(2) only, errno kept. */
static void signal_loop(struct net *net, uint32_t signal)
{
    int saved = errno;
    /* [W]: what the caller did before is visible to the loop when it takes the signals. */
    uint32_t before = atomic_fetch_or_explicit(&net->signals, signal, memory_order_release);
    if (before == 0) {
        /* Fails only when the count is at its maximum, and then the loop wakes anyway. */
        uint64_t one = 1;
        ssize_t written = write(net->wake_fd, &one, sizeof(one));
        (void)written;
    }
    errno = saved;
}

void net_wake(struct net *net)
{
    signal_loop(net, NET_SIGNAL_WAKE);
}

void net_stop(struct net *net, int64_t timeout_ns)
{
    atomic_store_explicit(&net->stop_timeout_ns, timeout_ns, memory_order_relaxed);
    signal_loop(net, NET_SIGNAL_STOP);
}

void net_resume(struct net *net)
{
    net->resume_wanted = true;
}

bool net_has_paused(const struct net *net)
{
    for (uint32_t i = 0; i < net->listener_count; i++) {
        if (intake_paused(&net->datagrams[i].intake)) {
            return true;
        }
    }
    return !list_empty(&net->paused);
}

void net_counters(const struct net *net, struct net_counters *counters_out)
{
    const struct net_counters_shared *shared = &net->counters;
#define COUNTER(name) .name = atomic_load_explicit(&shared->name, memory_order_relaxed)
    *counters_out =
        (struct net_counters){COUNTER(accepted),          COUNTER(refused_full), COUNTER(bytes),
                              COUNTER(datagrams),         COUNTER(kernel_drops), COUNTER(rearmed),
                              COUNTER(stale_completions), COUNTER(cq_overflows)};
#undef COUNTER
}
