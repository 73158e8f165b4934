#include "support/fake_net.h"

#include <string.h>

#include "base/panic.h"
#include "ingest/receiver.h"

void fake_net_init(struct fake_net *net, const struct net_handler *handler)
{
    memset(net, 0, sizeof(*net));
    net->handler = *handler;
}

void fake_net_fini(struct fake_net *net)
{
    for (uint32_t i = 0; i < net->connection_count; i++) {
        text_buffer_fini(&net->connections[i].waiting);
        text_buffer_fini(&net->connections[i].answers);
    }
    for (uint32_t i = 0; i < net->datagram_count; i++) {
        text_buffer_fini(&net->datagrams[i].bytes);
    }
}

static struct fake_connection *find(struct fake_net *net, struct connection_id id)
{
    for (uint32_t i = 0; i < net->connection_count; i++) {
        struct fake_connection *connection = &net->connections[i];
        if (connection->id.index == id.index && connection->id.generation == id.generation) {
            return connection;
        }
    }
    unreachable("the handler names connections that exist");
}

static enum status port_send(void *context, struct connection_id id, const char *bytes,
                             size_t length)
{
    struct fake_net *net = context;
    struct fake_connection *connection = find(net, id);
    if (!connection->open || connection->close_asked) {
        return STATUS_NOT_FOUND;
    }
    if (net->refuses_sends) {
        return STATUS_FULL;
    }
    text_buffer_append(&connection->answers, bytes, length);
    return STATUS_OK;
}

static void port_close(void *context, struct connection_id id)
{
    find(context, id)->close_asked = true;
}

static void port_resume(void *context)
{
    struct fake_net *net = context;
    net->resume_asked = true;
}

struct net_port fake_net_port(struct fake_net *net)
{
    return (struct net_port){
        .send = port_send,
        .close_connection = port_close,
        .resume = port_resume,
        .context = net,
    };
}

/* Offers what waits; then the end, if the peer has ended. */
static void offer(struct fake_net *net, struct fake_connection *connection)
{
    while (connection->open && connection->waiting.length > 0) {
        struct text_buffer *waiting = &connection->waiting;
        size_t taken = net->handler.received(net->handler.context, connection->id, waiting->bytes,
                                             waiting->length);
        assert(taken <= waiting->length);
        memmove(waiting->bytes, waiting->bytes + taken, waiting->length - taken);
        waiting->length -= taken;
        if (taken == 0) {
            return;
        }
    }
    if (connection->open && connection->half_closed && !connection->ended_told) {
        connection->ended_told = true;
        net->handler.ended(net->handler.context, connection->id);
    }
}

uint32_t fake_net_connect(struct fake_net *net, uint32_t listener, uint32_t slot_count)
{
    assert(net->connection_count < FAKE_NET_CONNECTIONS);
    uint32_t number = net->connection_count++;
    struct fake_connection *connection = &net->connections[number];
    connection->id = (struct connection_id){number % slot_count, number / slot_count + 1};
    connection->open = true;
    net->handler.opened(net->handler.context, connection->id, listener);
    return number;
}

void fake_net_send(struct fake_net *net, uint32_t connection, const char *bytes, size_t length)
{
    struct fake_connection *to = &net->connections[connection];
    bool waits = to->waiting.length > 0;
    text_buffer_append(&to->waiting, bytes, length);
    if (!waits) {
        offer(net, to);
    }
}

void fake_net_send_string(struct fake_net *net, uint32_t connection, const char *string)
{
    fake_net_send(net, connection, string, strlen(string));
}

void fake_net_half_close(struct fake_net *net, uint32_t connection)
{
    net->connections[connection].half_closed = true;
    if (net->connections[connection].waiting.length == 0) {
        offer(net, &net->connections[connection]);
    }
}

static void tell_closed(struct fake_net *net, struct fake_connection *connection)
{
    connection->open = false;
    connection->closed_told++;
    net->handler.closed(net->handler.context, connection->id);
}

void fake_net_reset(struct fake_net *net, uint32_t connection)
{
    struct fake_connection *gone = &net->connections[connection];
    offer(net, gone);
    if (gone->open) {
        tell_closed(net, gone);
    }
}

/* The oldest that waits; false when there is no room for it. */
static bool offer_datagram(struct fake_net *net)
{
    struct text_buffer *bytes = &net->datagrams[0].bytes;
    if (!net->handler.datagram(net->handler.context, net->datagrams[0].listener, bytes->bytes,
                               bytes->length, net->datagrams[0].truncated)) {
        return false;
    }
    text_buffer_fini(bytes);
    net->datagram_count--;
    memmove(&net->datagrams[0], &net->datagrams[1],
            net->datagram_count * sizeof(net->datagrams[0]));
    return true;
}

void fake_net_datagram(struct fake_net *net, uint32_t listener, const char *bytes, size_t length,
                       bool truncated)
{
    assert(net->datagram_count < FAKE_NET_DATAGRAMS);
    uint32_t last = net->datagram_count++;
    net->datagrams[last].listener = listener;
    net->datagrams[last].truncated = truncated;
    text_buffer_init(&net->datagrams[last].bytes);
    text_buffer_append(&net->datagrams[last].bytes, bytes, length);
    if (last == 0) {
        (void)offer_datagram(net);
    }
}

static void resume(struct fake_net *net)
{
    while (net->resume_asked) {
        net->resume_asked = false;
        for (uint32_t i = 0; i < net->connection_count; i++) {
            if (net->connections[i].waiting.length > 0) {
                offer(net, &net->connections[i]);
            }
        }
        while (net->datagram_count > 0 && offer_datagram(net)) {
        }
    }
}

void fake_net_wake(struct fake_net *net)
{
    net->handler.woken(net->handler.context);
    resume(net);
}

void fake_net_settle(struct fake_net *net)
{
    net->handler.idle(net->handler.context);
    resume(net);
    for (uint32_t i = 0; i < net->connection_count; i++) {
        if (net->connections[i].close_asked && net->connections[i].open) {
            tell_closed(net, &net->connections[i]);
        }
    }
}

const char *fake_net_answers(const struct fake_net *net, uint32_t connection)
{
    const struct text_buffer *answers = &net->connections[connection].answers;
    return answers->bytes == NULL ? "" : answers->bytes;
}
