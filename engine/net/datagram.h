/* Datagram sockets: multishot recvmsg into provided buffers.
 *
 *   buffer: io_uring_recvmsg_out (16) | control (24, UDP only) | payload, up to 64 KiB
 *
 * recvmsg, not recv: only it shows that a datagram was cut (MSG_TRUNC), and carries the kernel's
 * count of drops (SO_RXQ_OVFL).
 *
 * An empty datagram ends the multishot receive with a result that is not an error: it is delivered,
 * and the receive armed again; anything else would leave the socket deaf.
 *
 * unixgram gets no control buffer, so that descriptors that a peer passes along are closed by the
 * kernel and never reach us.
 */
#ifndef NET_DATAGRAM_H
#define NET_DATAGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/intake.h"

/* Indexed as the listener that owns the socket. */
struct datagram {
    struct intake intake;
    struct msghdr shape; /* how much of the buffer is name and control */
    uint32_t drops_last; /* the kernel's count, which wraps */
};

struct net;

void datagram_init(struct net *net, uint32_t index);
must_check bool datagram_advance(struct net *net, uint32_t index);
void datagram_done(struct net *net, uint32_t index, int result, uint32_t flags);
/* Offers what is held; true when the handler took some. */
bool datagram_offer(struct net *net, uint32_t index);
/* Nothing armed, nothing held, and nothing to come. */
bool datagram_is_dry(const struct net *net, uint32_t index);

#endif
