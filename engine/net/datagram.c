#include "net/datagram.h"

#include <string.h>

#include "base/panic.h"
#include "net/loop.h"

/* What a datagram costs beside its bytes, so that a flood of empty ones meets the bound of the
 * drain. */
#define DATAGRAM_OVERHEAD_BYTES 512

static bool is_udp(const struct net *net, uint32_t index)
{
    return net->listeners[index].address.kind == ADDRESS_UDP;
}

void datagram_init(struct net *net, uint32_t index)
{
    struct datagram *datagram = &net->datagrams[index];
    *datagram = (struct datagram){0};
    intake_init(&datagram->intake);
    datagram->shape.msg_controllen = is_udp(net, index) ? CMSG_SPACE(sizeof(uint32_t)) : 0;
    assert(sizeof(struct io_uring_recvmsg_out) + datagram->shape.msg_controllen <=
           BUFFERS_HEAD_BYTES);
}

static struct uring_tag datagram_tag(uint32_t index)
{
    return (struct uring_tag){URING_DATAGRAM, index, 0};
}

static bool arm(struct net *net, uint32_t index)
{
    struct datagram *datagram = &net->datagrams[index];
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    bool draining = net->phase != NET_RUNNING;
    io_uring_prep_recvmsg_multishot(sqe, net->listeners[index].fd, &datagram->shape,
                                    MSG_TRUNC | (draining ? MSG_DONTWAIT : 0));
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = BUFFERS_GROUP;
    uring_tag_set(sqe, datagram_tag(index));
    intake_armed(&datagram->intake, draining);
    return true;
}

bool datagram_advance(struct net *net, uint32_t index)
{
    struct datagram *datagram = &net->datagrams[index];
    bool wanted = net->phase != NET_FINISHING;
    switch (intake_step(&datagram->intake, &net->buffers, wanted, net->phase != NET_RUNNING)) {
    case INTAKE_ARM:
        return arm(net, index);
    case INTAKE_CANCEL:
        datagram->intake.cancel_sent = uring_cancel(&net->uring, datagram_tag(index));
        return datagram->intake.cancel_sent;
    case INTAKE_NOTHING:
        break;
    }
    return true;
}

/* The kernel tells the sum of drops since the socket was made, with the next datagram that got
 * through. */
static void count_drops(struct net *net, struct datagram *datagram,
                        struct io_uring_recvmsg_out *out)
{
    struct cmsghdr *control = io_uring_recvmsg_cmsg_firsthdr(out, &datagram->shape);
    if (control == NULL || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SO_RXQ_OVFL) {
        return;
    }
    uint32_t drops;
    memcpy(&drops, CMSG_DATA(control), sizeof(drops));
    net_count(&net->counters.kernel_drops, drops - datagram->drops_last);
    datagram->drops_last = drops;
}

static bool hand_over(struct net *net, uint32_t index, uint16_t id, struct buffer_rest rest)
{
    return net->handler.datagram(net->handler.context, index,
                                 buffers_at(&net->buffers, id) + rest.start, rest.length,
                                 rest.truncated);
}

static void receive(struct net *net, uint32_t index, uint16_t id, int result)
{
    struct datagram *datagram = &net->datagrams[index];
    char *buffer = buffers_at(&net->buffers, id);
    struct io_uring_recvmsg_out *out = io_uring_recvmsg_validate(buffer, result, &datagram->shape);
    assert(out != NULL); /* the kernel writes the header or fails */
    size_t head = sizeof(*out) + datagram->shape.msg_controllen;
    /* With MSG_TRUNC payloadlen is the datagram's own length, which may be more than what was kept.
     */
    size_t room = BUFFERS_SIZE - head;
    bool truncated = (out->flags & MSG_TRUNC) != 0 || out->payloadlen > room;
    struct buffer_rest rest = {.start = (uint32_t)head,
                               .length = out->payloadlen < room ? out->payloadlen : (uint32_t)room,
                               .truncated = truncated};
    count_drops(net, datagram, out);
    net_count(&net->counters.datagrams, 1);
    net_count(&net->counters.bytes, rest.length);
    if (net->phase != NET_RUNNING) {
        intake_drained(&datagram->intake, rest.length + DATAGRAM_OVERHEAD_BYTES);
    }
    if (!intake_paused(&datagram->intake) && hand_over(net, index, id, rest)) {
        buffers_give(&net->buffers, id);
        return;
    }
    intake_hold(&datagram->intake, &net->buffers, id, rest, false);
}

void datagram_done(struct net *net, uint32_t index, int result, uint32_t flags)
{
    struct intake *intake = &net->datagrams[index].intake;
    if (flags & IORING_CQE_F_BUFFER) {
        uint16_t id = (uint16_t)(flags >> IORING_CQE_BUFFER_SHIFT);
        buffers_taken(&net->buffers, id);
        if (result >= 0 && net->phase != NET_FINISHING) {
            receive(net, index, id, result);
        } else {
            buffers_give(&net->buffers, id);
        }
    }
    if (flags & IORING_CQE_F_MORE) {
        return;
    }
    if (!intake_ended(intake, result) && result < 0) {
        intake->resting = true; /* an error of the socket or of the machine: give it time */
    }
    net_count(&net->counters.rearmed, 1);
}

bool datagram_offer(struct net *net, uint32_t index)
{
    struct intake *intake = &net->datagrams[index].intake;
    bool taken = false;
    while (intake_paused(intake)) {
        uint16_t id = intake->held_first;
        if (!hand_over(net, index, id, net->buffers.rests[id])) {
            break;
        }
        taken = true;
        intake_drop_first(intake, &net->buffers);
    }
    return taken;
}

bool datagram_is_dry(const struct net *net, uint32_t index)
{
    const struct intake *intake = &net->datagrams[index].intake;
    return !intake->armed && intake->dry && !intake_paused(intake);
}
