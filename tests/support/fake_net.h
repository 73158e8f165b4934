/* The network in memory: implements net_port of ingest/receiver.h, and plays the peers.
 *
 *   test ─► fake_net_send ─► handler->received ─► what was not taken waits here, as in the net
 * layer handler's acknowledgements ─► answers of the connection, to be read by the test
 *
 * As net/net.h promises: bytes in order, `ended` after all were taken, one `closed` for each
 * connection, never from within a call. One thread.
 */
#ifndef SUPPORT_FAKE_NET_H
#define SUPPORT_FAKE_NET_H

#include "base/text_buffer.h"
#include "net/net.h"

struct net_port;

#define FAKE_NET_CONNECTIONS 1100
#define FAKE_NET_DATAGRAMS   64

struct fake_connection {
    struct connection_id id;
    bool open;
    bool half_closed; /* the peer sends no more */
    bool ended_told;
    bool close_asked;           /* by the handler; told by fake_net_settle */
    uint32_t closed_told;       /* how often: must become 1 */
    struct text_buffer waiting; /* bytes that were not taken */
    struct text_buffer answers;
};

struct fake_net {
    struct net_handler handler;
    struct fake_connection connections[FAKE_NET_CONNECTIONS];
    uint32_t connection_count; /* ever opened; each has its own entry */
    struct {
        uint32_t listener;
        bool truncated;
        struct text_buffer bytes;
    } datagrams[FAKE_NET_DATAGRAMS]; /* that were not taken, oldest first */
    uint32_t datagram_count;
    bool resume_asked;
    bool refuses_sends; /* a peer that does not read: STATUS_FULL */
};

void fake_net_init(struct fake_net *net, const struct net_handler *handler);
void fake_net_fini(struct fake_net *net);
struct net_port fake_net_port(struct fake_net *net);

/* Index of the new connection. Slots are reused with another generation, as in the net layer:
 * connection n has slot n % slot_count. */
uint32_t fake_net_connect(struct fake_net *net, uint32_t listener, uint32_t slot_count);
void fake_net_send(struct fake_net *net, uint32_t connection, const char *bytes, size_t length);
void fake_net_send_string(struct fake_net *net, uint32_t connection, const char *string);
void fake_net_half_close(struct fake_net *net, uint32_t connection);
/* The peer vanished: what waits is offered once more, then `closed`. */
void fake_net_reset(struct fake_net *net, uint32_t connection);
void fake_net_datagram(struct fake_net *net, uint32_t listener, const char *bytes, size_t length,
                       bool truncated);
void fake_net_wake(struct fake_net *net);
/* The loop is about to wait: idle is told, then closes that were asked for. */
void fake_net_settle(struct fake_net *net);
const char *fake_net_answers(const struct fake_net *net, uint32_t connection);

#endif
