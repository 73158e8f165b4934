/* Bound sockets: how they are made, and multishot accept on those that listen.
 *
 * Happy path: listener_open binds (before the ring exists); in the loop listener_advance arms the
 * accept, each completion is a connection in a direct descriptor.
 *
 * Failures: an accept that ends is armed again: at once after an error of one peer, after the next
 * tick (100 ms) when the machine is short of something, so that the loop does not spin.
 *
 * On close (net_stop), so that nobody who was connected before is turned away unread:
 *
 *   OPEN ──stop──► ENDING ──ended──► SWEEPING ──armed──► SWEPT ──ended──► CLOSED
 *                  cancel            take the backlog    cancel           close the socket
 *                                        ▲                 │
 *                                        └─── short of something: after a rest
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "net/address.h"
#include "net/net.h"

enum listener_state {
    LISTENER_OPEN,
    LISTENER_ENDING,
    LISTENER_SWEEPING,
    LISTENER_SWEPT,
    LISTENER_CLOSED,
};

struct listener {
    struct address address;
    int fd; /* also of a datagram socket, which closes it */
    enum listener_state state;
    bool armed;
    bool cancel_sent;
    bool resting; /* until the next tick */
    /* The socket file that we made, to be removed only if it is still ours. */
    dev_t path_device;
    ino_t path_inode;
};

must_check enum status listener_open(struct listener *listener, const char *url,
                                     char address_out[NET_ADDRESS_SIZE],
                                     char message_out[NET_MESSAGE_SIZE]);
/* Closes the socket; the file of a unix socket stays until listener_close. */
void listener_shut(struct listener *listener);
void listener_close(struct listener *listener);

/* Ring thread. False: the submission queue is full, call again. */
must_check bool listener_advance(struct net *net, uint32_t index);
void listener_accept_done(struct net *net, uint32_t index, int result, uint32_t flags);
void listener_stop(struct net *net, uint32_t index);
/* At once, without the sweep: the drain gave up. */
void listener_abandon(struct net *net, uint32_t index);

#endif
