#include "net/connection.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/panic.h"
#include "net/loop.h"

/* How long a connection that was closed by us may take to fetch what is queued and to end its side.
 */
#define CLOSE_TIMEOUT_NS 2000000000

static bool move_is_allowed(enum connection_state from, enum connection_state to)
{
    static const uint8_t moves[] = {
        [CONNECTION_FREE] = 1 << CONNECTION_OPEN,
        [CONNECTION_OPEN] = 1 << CONNECTION_FLUSHING | 1 << CONNECTION_CANCELLING,
        [CONNECTION_FLUSHING] = 1 << CONNECTION_LINGERING | 1 << CONNECTION_CANCELLING,
        [CONNECTION_LINGERING] = 1 << CONNECTION_CANCELLING,
        [CONNECTION_CANCELLING] = 1 << CONNECTION_CLOSING,
        [CONNECTION_CLOSING] = 1 << CONNECTION_FREE,
    };
    return (moves[from] >> to & 1) != 0;
}

static void move(struct connection *connection, enum connection_state to)
{
    assert(move_is_allowed(connection->state, to));
    connection->state = to;
}

static struct connection_id id_of(const struct connection *connection)
{
    return (struct connection_id){connection->index, connection->generation};
}

static struct uring_tag tag_of(const struct connection *connection, enum uring_op op)
{
    return (struct uring_tag){op, connection->index, connection->generation};
}

void connections_init(struct net *net)
{
    net->connection_free = UINT32_MAX;
    for (uint32_t i = NET_CONNECTIONS_MAX; i-- > 0;) {
        struct connection *connection = &net->connections[i];
        *connection = (struct connection){.index = i, .generation = 1, .descriptor = -1};
        link_init(&connection->dirty);
        link_init(&connection->starved);
        link_init(&connection->paused);
        link_init(&connection->timed);
        connection->next_free = net->connection_free;
        net->connection_free = i;
    }
}

struct connection *connection_find(struct net *net, uint32_t index, uint32_t generation)
{
    if (index >= NET_CONNECTIONS_MAX) {
        return NULL;
    }
    struct connection *connection = &net->connections[index];
    bool same = connection->generation == generation && connection->state != CONNECTION_FREE;
    return same ? connection : NULL;
}

void connection_touch(struct net *net, struct connection *connection)
{
    if (!link_in_list(&connection->dirty)) {
        list_append(&net->dirty, &connection->dirty);
    }
}

static struct connection *slot_take(struct net *net)
{
    if (net->connection_free == UINT32_MAX) {
        return NULL;
    }
    struct connection *connection = &net->connections[net->connection_free];
    net->connection_free = connection->next_free;
    net->connection_count++;
    return connection;
}

static void slot_give(struct net *net, struct connection *connection)
{
    connection->generation++;
    connection->next_free = net->connection_free;
    net->connection_free = connection->index;
    net->connection_count--;
}

static void slot_open(struct connection *connection, uint32_t listener, int32_t descriptor)
{
    move(connection, CONNECTION_OPEN);
    intake_init(&connection->intake);
    outbox_init(&connection->outbox);
    connection->listener = listener;
    connection->descriptor = descriptor;
    connection->ended = false;
    connection->ended_told = false;
    connection->failed = false;
    connection->broken = false;
    connection->sending = false;
    connection->send_cancel_sent = false;
    connection->shutting = false;
    connection->shut = false;
    connection->closing = false;
}

void connection_accepted(struct net *net, uint32_t listener, int32_t descriptor)
{
    struct connection *connection = net->phase == NET_FINISHING ? NULL : slot_take(net);
    if (connection == NULL) {
        assert(net->refused_count < URING_FILES_MAX);
        net->refused[net->refused_count++] = descriptor;
        net_count(&net->counters.refused_full, 1);
        return;
    }
    slot_open(connection, listener, descriptor);
    net_count(&net->counters.accepted, 1);
    connection_touch(net, connection);
    net->handler.opened(net->handler.context, id_of(connection), listener);
}

static void drop_held(struct net *net, struct connection *connection)
{
    intake_drop_all(&connection->intake, &net->buffers);
    link_remove(&connection->paused);
    net->starved_count -= link_in_list(&connection->starved) ? 1 : 0;
    connection->intake.starved = false;
    link_remove(&connection->starved);
}

/* From here on nothing but completions of what is in flight matters. */
static void cancel(struct net *net, struct connection *connection)
{
    move(connection, CONNECTION_CANCELLING);
    drop_held(net, connection);
    link_remove(&connection->timed);
    connection_touch(net, connection);
    net->handler.closed(net->handler.context, id_of(connection));
}

void connection_abandon(struct net *net, struct connection *connection)
{
    if (connection->state == CONNECTION_OPEN || connection->state == CONNECTION_FLUSHING ||
        connection->state == CONNECTION_LINGERING) {
        cancel(net, connection);
    }
}

/* The end of the stream is told after all of its bytes. */
static void tell_end(struct net *net, struct connection *connection)
{
    if (connection->state != CONNECTION_OPEN || intake_paused(&connection->intake)) {
        return;
    }
    if (connection->failed) {
        cancel(net, connection);
    } else if (connection->ended && !connection->ended_told) {
        connection->ended_told = true;
        net->handler.ended(net->handler.context, id_of(connection));
    }
}

static uint32_t hand_over(struct net *net, struct connection *connection, const char *bytes,
                          uint32_t length)
{
    size_t taken = net->handler.received(net->handler.context, id_of(connection), bytes, length);
    assert(taken <= length);
    return (uint32_t)taken;
}

static void hold(struct net *net, struct connection *connection, uint16_t id,
                 struct buffer_rest rest)
{
    if (!link_in_list(&connection->paused)) {
        list_append(&net->paused, &connection->paused);
    }
    intake_hold(&connection->intake, &net->buffers, id, rest, true);
}

static void receive(struct net *net, struct connection *connection, uint16_t id, uint32_t length)
{
    uint32_t taken = 0;
    net_count(&net->counters.bytes, length);
    if (net->phase != NET_RUNNING) {
        intake_drained(&connection->intake, length);
    }
    if (connection->state == CONNECTION_OPEN && !intake_paused(&connection->intake)) {
        taken = hand_over(net, connection, buffers_at(&net->buffers, id), length);
    }
    /* The handler may have closed it meanwhile. */
    if (connection->state == CONNECTION_OPEN && taken < length) {
        hold(net, connection, id, (struct buffer_rest){.start = taken, .length = length - taken});
    } else {
        buffers_give(&net->buffers, id);
    }
}

static void receive_ended(struct net *net, struct connection *connection, int result)
{
    if (intake_ended(&connection->intake, result)) {
        if (connection->intake.starved) {
            list_append(&net->starved, &connection->starved);
            net->starved_count++;
        }
    } else if (result == 0 && !connection->broken) {
        connection->ended = true;
    } else if (result <= 0) {
        connection->failed = true;
    }
    if (!connection->ended && !connection->failed) {
        net_count(&net->counters.rearmed, 1);
    }
}

void connection_receive_done(struct net *net, struct connection *connection, int result,
                             uint32_t flags)
{
    if (flags & IORING_CQE_F_BUFFER) {
        uint16_t id = (uint16_t)(flags >> IORING_CQE_BUFFER_SHIFT);
        buffers_taken(&net->buffers, id);
        if (result > 0) {
            receive(net, connection, id, (uint32_t)result);
        } else {
            buffers_give(&net->buffers, id);
        }
    }
    if (!(flags & IORING_CQE_F_MORE)) {
        receive_ended(net, connection, result);
    }
    tell_end(net, connection);
    connection_touch(net, connection);
}

void connection_send_done(struct net *net, struct connection *connection, int result)
{
    assert(connection->sending);
    connection->sending = false;
    connection->send_cancel_sent = false;
    if (result > 0) {
        outbox_sent(&connection->outbox, &net->outboxes, (uint32_t)result);
    } else if (result != -EINTR && result != -EAGAIN) {
        connection->broken = true;
        outbox_clear(&connection->outbox, &net->outboxes);
    }
    connection_touch(net, connection);
}

void connection_shutdown_done(struct net *net, struct connection *connection)
{
    assert(connection->shutting);
    connection->shutting = false; /* ENOTCONN: the peer was faster; the receive tells */
    connection_touch(net, connection);
}

void connection_close_done(struct net *net, struct connection *connection)
{
    move(connection, CONNECTION_FREE);
    link_remove(&connection->dirty);
    slot_give(net, connection);
}

bool connection_offer(struct net *net, struct connection *connection)
{
    struct intake *intake = &connection->intake;
    bool any = false;
    while (connection->state == CONNECTION_OPEN && intake_paused(intake)) {
        uint16_t id = intake->held_first;
        struct buffer_rest rest = net->buffers.rests[id];
        uint32_t taken =
            hand_over(net, connection, buffers_at(&net->buffers, id) + rest.start, rest.length);
        if (connection->state != CONNECTION_OPEN) {
            return true; /* closed from within: what it held is given back */
        }
        intake_advance(intake, &net->buffers, taken);
        any = any || taken > 0;
        if (taken < rest.length) {
            list_append(&net->paused, &connection->paused);
            return any;
        }
    }
    tell_end(net, connection);
    connection_touch(net, connection);
    return any;
}

/* Moves that need no submission. */
static void settle(struct net *net, struct connection *connection)
{
    bool over = connection->ended || connection->failed;
    if (connection->state == CONNECTION_FLUSHING) {
        bool flushed = connection->outbox.length == 0 && !connection->sending;
        if (connection->broken || connection->failed || (flushed && over)) {
            cancel(net, connection);
        } else if (flushed) {
            move(connection, CONNECTION_LINGERING);
        }
    }
    if (connection->state == CONNECTION_LINGERING && over) {
        cancel(net, connection);
    }
}

static bool reading(const struct connection *connection)
{
    return connection->state >= CONNECTION_OPEN && connection->state <= CONNECTION_LINGERING &&
           !connection->ended && !connection->failed;
}

static bool arm_receive(struct net *net, struct connection *connection, bool draining)
{
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    io_uring_prep_recv_multishot(sqe, connection->descriptor, NULL, 0, draining ? MSG_DONTWAIT : 0);
    sqe->flags |= IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE;
    sqe->buf_group = BUFFERS_GROUP;
    uring_tag_set(sqe, tag_of(connection, URING_RECEIVE));
    intake_armed(&connection->intake, draining);
    return true;
}

static bool advance_receive(struct net *net, struct connection *connection)
{
    /* One that lingers waits for the peer's end, drain or not. */
    bool draining = net->phase != NET_RUNNING && connection->state == CONNECTION_OPEN;
    struct intake *intake = &connection->intake;
    switch (intake_step(intake, &net->buffers, reading(connection), draining)) {
    case INTAKE_ARM:
        return arm_receive(net, connection, draining);
    case INTAKE_CANCEL:
        intake->cancel_sent = uring_cancel(&net->uring, tag_of(connection, URING_RECEIVE));
        return intake->cancel_sent;
    case INTAKE_NOTHING:
        break;
    }
    return true;
}

static bool start_send(struct net *net, struct connection *connection)
{
    const char *bytes;
    uint32_t length = outbox_peek(&connection->outbox, &net->outboxes, &bytes);
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    io_uring_prep_send(sqe, connection->descriptor, bytes, length, MSG_NOSIGNAL);
    sqe->flags |= IOSQE_FIXED_FILE;
    uring_tag_set(sqe, tag_of(connection, URING_SEND));
    connection->sending = true;
    return true;
}

static bool advance_send(struct net *net, struct connection *connection)
{
    bool may = connection->state == CONNECTION_OPEN || connection->state == CONNECTION_FLUSHING;
    if (may && !connection->sending && !connection->broken && connection->outbox.length > 0) {
        return start_send(net, connection);
    }
    if (!may && connection->sending && !connection->send_cancel_sent) {
        connection->send_cancel_sent = uring_cancel(&net->uring, tag_of(connection, URING_SEND));
        return connection->send_cancel_sent;
    }
    return true;
}

static bool advance_shutdown(struct net *net, struct connection *connection)
{
    if (connection->state != CONNECTION_LINGERING || connection->shut) {
        return true;
    }
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    io_uring_prep_shutdown(sqe, connection->descriptor, SHUT_WR);
    sqe->flags |= IOSQE_FIXED_FILE;
    uring_tag_set(sqe, tag_of(connection, URING_SHUTDOWN));
    connection->shut = true;
    connection->shutting = true;
    return true;
}

static bool advance_close(struct net *net, struct connection *connection)
{
    bool in_flight = connection->intake.armed || connection->sending || connection->shutting;
    if (connection->state == CONNECTION_CANCELLING && !in_flight) {
        outbox_clear(&connection->outbox, &net->outboxes);
        move(connection, CONNECTION_CLOSING);
    }
    if (connection->state != CONNECTION_CLOSING || connection->closing) {
        return true;
    }
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    io_uring_prep_close_direct(sqe, (unsigned)connection->descriptor);
    uring_tag_set(sqe, tag_of(connection, URING_CLOSE));
    connection->closing = true;
    return true;
}

bool connection_advance(struct net *net, struct connection *connection)
{
    settle(net, connection);
    return advance_receive(net, connection) && advance_send(net, connection) &&
           advance_shutdown(net, connection) && advance_close(net, connection);
}

static struct connection *find_open(struct net *net, struct connection_id id)
{
    struct connection *connection = connection_find(net, id.index, id.generation);
    return connection != NULL && connection->state == CONNECTION_OPEN ? connection : NULL;
}

enum status net_send(struct net *net, struct connection_id id, const char *bytes, size_t length)
{
    struct connection *connection = find_open(net, id);
    if (connection == NULL) {
        return STATUS_NOT_FOUND;
    }
    if (connection->broken) {
        return STATUS_IO;
    }
    connection_touch(net, connection);
    return outbox_push(&connection->outbox, &net->outboxes, bytes, length);
}

void net_close_connection(struct net *net, struct connection_id id)
{
    struct connection *connection = find_open(net, id);
    if (connection == NULL) {
        return;
    }
    move(connection, CONNECTION_FLUSHING);
    drop_held(net, connection);
    /* What a drain found out about the stream does not matter for discarding it. */
    connection->intake.dry = false;
    connection->intake.resting = false;
    connection->deadline_ns = net_now_ns() + CLOSE_TIMEOUT_NS;
    list_append(&net->timed, &connection->timed);
    connection_touch(net, connection);
}
