/* Accepted streams: slots, receiving, sending, and the way out.
 *
 *            accepted          net_close_connection          all is sent: FIN
 *     FREE ───────────► OPEN ──────────────────────► FLUSHING ───────────────► LINGERING
 *      ▲                 │                              │                          │
 *      │                 │ reset,                       │ peer ended,              │ peer ended,
 *      │                 ▼ end of net_run               ▼ broken, deadline         ▼ deadline
 *      └─ CLOSING ◄─ CANCELLING ◄───────────────────────┴──────────────────────────┘
 *
 * CANCELLING: until no operation is in flight; `closed` is told on entry. CLOSING: the close op.
 *
 * Why LINGERING: closing a TCP socket with unread bytes resets the connection, and the reset can
 * destroy the last answer before the peer read it. So we send FIN, read and discard until the
 * peer's end or a deadline.
 *
 * Why CANCELLING: a slot is free again only when no operation can complete for it any more. The
 * generation in the user_data guards against what we did not think of.
 *
 * A failed send does not end the connection: what the peer sent before is still in our kernel's
 * buffer and is read to its end; then the connection counts as reset.
 */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "net/intake.h"
#include "net/list.h"
#include "net/outbox.h"

enum connection_state {
    CONNECTION_FREE,
    CONNECTION_OPEN,
    CONNECTION_FLUSHING,
    CONNECTION_LINGERING,
    CONNECTION_CANCELLING,
    CONNECTION_CLOSING,
};

struct connection {
    struct link dirty;   /* something may have to be submitted */
    struct link starved; /* in the order of ENOBUFS */
    struct link paused;  /* holds bytes that the handler had no room for */
    struct link timed;   /* has a deadline */
    int64_t deadline_ns;
    uint32_t index;
    uint32_t generation;
    uint32_t listener;
    int32_t descriptor;
    uint32_t next_free;
    enum connection_state state;
    struct intake intake;
    struct outbox outbox;
    bool ended; /* the peer's last byte was read */
    bool ended_told;
    bool failed; /* reset, or any other error of receiving */
    bool broken; /* a send failed */
    bool sending;
    bool send_cancel_sent;
    bool shutting; /* the shutdown op is in flight */
    bool shut;     /* ... was submitted */
    bool closing;  /* the close op was submitted */
};

struct net;

void connections_init(struct net *net);
void connection_accepted(struct net *net, uint32_t listener, int32_t descriptor);
/* The slot that the tag means; NULL when it was reused or is free. */
struct connection *connection_find(struct net *net, uint32_t index, uint32_t generation);

void connection_receive_done(struct net *net, struct connection *connection, int result,
                             uint32_t flags);
void connection_send_done(struct net *net, struct connection *connection, int result);
void connection_shutdown_done(struct net *net, struct connection *connection);
void connection_close_done(struct net *net, struct connection *connection);

/* Submits what the connection's state asks for. False: the queue is full, call again. */
must_check bool connection_advance(struct net *net, struct connection *connection);
void connection_touch(struct net *net, struct connection *connection);
/* Offers what is held; true when the handler took some. */
bool connection_offer(struct net *net, struct connection *connection);
/* Ends it without waiting for anything but the kernel. */
void connection_abandon(struct net *net, struct connection *connection);

#endif
