/* Stopping: read what was sent before the stop, let the handler answer, then close everything.
 *
 *   RUNNING ──net_stop──► DRAINING ──────────────────────────────────────► FINISHING ──► end
 *                          all dry, taken, answered and sent; or out of time
 *
 * FINISHING closes whatever is left and waits for the kernel's last completions, so that no request
 * holds a socket (and its port) after net_run returned.
 */
#include <stdio.h>

#include "base/panic.h"
#include "net/loop.h"

#define FINISH_TIMEOUT_NS 2000000000

void drain_begin(struct net *net)
{
    int64_t deadline_ns =
        net_now_ns() + atomic_load_explicit(&net->stop_timeout_ns, memory_order_relaxed);
    if (net->phase == NET_FINISHING) {
        return;
    }
    if (net->phase == NET_DRAINING) {
        net->deadline_ns = deadline_ns < net->deadline_ns ? deadline_ns : net->deadline_ns;
        return;
    }
    net->phase = NET_DRAINING;
    net->deadline_ns = deadline_ns;
    for (uint32_t i = 0; i < net->listener_count; i++) {
        if (listener_is_stream(net, i)) {
            listener_stop(net, i);
        }
    }
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        if (net->connections[i].state == CONNECTION_OPEN) {
            connection_touch(net, &net->connections[i]);
        }
    }
}

void drain_tick(struct net *net)
{
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        struct connection *connection = &net->connections[i];
        if (connection->state != CONNECTION_FREE && connection->intake.resting) {
            connection->intake.resting = false;
            connection_touch(net, connection);
        }
    }
}

static bool listeners_are_done(const struct net *net)
{
    for (uint32_t i = 0; i < net->listener_count; i++) {
        bool done = listener_is_stream(net, i) ? net->listeners[i].state == LISTENER_CLOSED
                                               : datagram_is_dry(net, i);
        if (!done) {
            return false;
        }
    }
    return true;
}

/* Nothing more to read, nothing to send. */
static bool is_quiet(const struct connection *connection)
{
    bool read = connection->intake.dry || connection->ended || connection->failed;
    bool sent = connection->outbox.length == 0 && !connection->sending;
    switch (connection->state) {
    case CONNECTION_OPEN:
        return read && sent;
    case CONNECTION_FLUSHING:
        return false;
    default:
        return true;
    }
}

static bool connections_are_quiet(const struct net *net)
{
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        if (!is_quiet(&net->connections[i])) {
            return false;
        }
    }
    return true;
}

static bool is_drained(const struct net *net)
{
    if (!list_empty(&net->paused) || !list_empty(&net->starved) || !listeners_are_done(net) ||
        !connections_are_quiet(net)) {
        return false;
    }
    return net->handler.drained == NULL || net->handler.drained(net->handler.context);
}

static void finish_begin(struct net *net)
{
    net->phase = NET_FINISHING;
    net->deadline_ns = net_now_ns() + FINISH_TIMEOUT_NS;
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        connection_abandon(net, &net->connections[i]);
    }
    for (uint32_t i = 0; i < net->listener_count; i++) {
        if (listener_is_stream(net, i)) {
            listener_abandon(net, i);
        } else {
            intake_drop_all(&net->datagrams[i].intake, &net->buffers);
        }
    }
}

static bool is_finished(const struct net *net)
{
    for (uint32_t i = 0; i < net->listener_count; i++) {
        bool done = listener_is_stream(net, i) ? net->listeners[i].state == LISTENER_CLOSED
                                               : !net->datagrams[i].intake.armed;
        if (!done) {
            return false;
        }
    }
    return net->connection_count == 0 && net->refused_count == 0;
}

static void tell_given_up(const struct net *net, char message_out[NET_MESSAGE_SIZE])
{
    uint32_t unquiet = 0;
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        unquiet += is_quiet(&net->connections[i]) ? 0 : 1;
    }
    snprintf(message_out, NET_MESSAGE_SIZE,
             "stopped before all was drained: time ran out with %u of %u connections busy%s",
             unquiet, net->connection_count,
             list_empty(&net->paused) ? "" : " and received bytes not taken");
}

bool drain_step(struct net *net, char message_out[NET_MESSAGE_SIZE])
{
    if (net->phase == NET_DRAINING) {
        if (is_drained(net)) {
            finish_begin(net);
        } else if (net_now_ns() >= net->deadline_ns) {
            tell_given_up(net, message_out);
            finish_begin(net);
        }
    }
    if (net->phase != NET_FINISHING) {
        return false;
    }
    return is_finished(net) || net_now_ns() >= net->deadline_ns;
}
