/* The ring: one io_uring loop that owns all ingest sockets, and hands bytes upward through a
 * handler.
 *
 *   listeners (tcp, unix: multishot accept into direct descriptors)
 *   connections (multishot recv from one ring of provided buffers)      ──► handler->received
 *   datagram sockets (udp, unixgram: multishot recvmsg)                 ──► handler->datagram
 *   a wake-up eventfd (net_wake, any thread)                            ──► handler->woken
 *
 * Happy path: net_open, net_listen ..., net_run (the loop, on the thread that calls it:
 * SINGLE_ISSUER | DEFER_TASKRUN), net_stop from any thread or signal context, net_close.
 *
 * Back-pressure: `received` returns how many bytes it took. Fewer than offered means "no room": the
 * connection is paused, its buffers stay with it in order, and the same bytes are offered again
 * after net_resume. Buffers that paused connections hold are not given back to the kernel, so that
 * a sender's TCP window closes. A connection whose recv ended for want of buffers (ENOBUFS) waits
 * in a list and is re-armed when buffers return.
 *
 * Failures: EMFILE, ENFILE, ENOBUFS, ENOMEM on accept re-arm after a pause (100 ms), never at once;
 * EINTR, EAGAIN, EBUSY of enter are retried; a completion for a reused slot is recognised by its
 * generation and dropped (counted).
 *
 * On close: the peer's half-close is told as handler->ended after all bytes were taken; the handler
 * answers what it owes and calls net_close_connection (queued sends go out first, for 2 s at most;
 * `closed` follows later, never from within the call). A reset is handler->closed, at once unless
 * the connection is paused: what it holds is offered first. Every opened connection gets exactly
 * one `closed`.
 *
 * Not here: framing, decoding, time.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define NET_CONNECTIONS_MAX 4096
#define NET_LISTENERS_MAX   64
#define NET_BUFFER_BYTES    65536
#define NET_BUFFER_COUNT    256 /* 16 MiB of buffers, touched as needed */
#define NET_MESSAGE_SIZE    256
#define NET_ADDRESS_SIZE    128

struct net;

struct connection_id {
    uint32_t index;      /* < NET_CONNECTIONS_MAX */
    uint32_t generation; /* grows with each reuse of the slot */
};

struct net_handler {
    /* A stream was accepted on listener `listener` (the number net_listen gave). */
    void (*opened)(void *context, struct connection_id id, uint32_t listener);
    /* Bytes in order; returns how many were taken (see back-pressure). The pointer is good for the
     * call. */
    size_t (*received)(void *context, struct connection_id id, const char *bytes, size_t length);
    /* The peer sent its last byte, all were taken. */
    void (*ended)(void *context, struct connection_id id);
    /* The connection is gone. */
    void (*closed)(void *context, struct connection_id id);
    /* One datagram; length 0 is a datagram too; truncated: it was larger than the buffer. Returns
     * false for "no room": it is offered again after net_resume. */
    bool (*datagram)(void *context, uint32_t listener, const char *bytes, size_t length,
                     bool truncated);
    /* net_wake was called (once or more). */
    void (*woken)(void *context);
    /* All completions at hand were handled, the loop is about to wait: close half-filled batches.
     */
    void (*idle)(void *context);
    /* While net_stop drains: true when the handler owes nothing more (all it took is answered and
     * sent by net_send). Asked after each `woken` and `idle`; NULL: always true. */
    bool (*drained)(void *context);
    void *context;
};

struct net_counters {
    uint64_t accepted;
    uint64_t refused_full; /* accepted and closed at once: NET_CONNECTIONS_MAX */
    uint64_t bytes;
    uint64_t datagrams;
    uint64_t kernel_drops; /* datagrams that the kernel dropped (SO_RXQ_OVFL) */
    uint64_t rearmed;
    uint64_t stale_completions;
    uint64_t cq_overflows;
};

/* Checks that the kernel has what we need; message_out names what is missing (io_uring_disabled,
 * seccomp, RLIMIT_MEMLOCK ...). The handler is copied. */
must_check enum status net_open(struct net **net_out, const struct net_handler *handler,
                                char message_out[NET_MESSAGE_SIZE]);

/* url: tcp://HOST:PORT, udp://HOST:PORT (numeric v4, [v6] or localhost; port 0 picks one),
 * unix://PATH, unixgram://PATH. address_out: the url with the port chosen. A stale unix socket file
 * is replaced, a live one is STATUS_BUSY. Before net_run. */
must_check enum status net_listen(struct net *net, const char *url, uint32_t *listener_out,
                                  char address_out[NET_ADDRESS_SIZE],
                                  char message_out[NET_MESSAGE_SIZE]);

/* Runs until net_stop has drained. STATUS_OK with a message: time ran out before all was drained;
 * STATUS_OK without: everything was. */
must_check enum status net_run(struct net *net, char message_out[NET_MESSAGE_SIZE]);
void net_close(struct net *net);

/* Any thread, also from a signal handler. The handler's `woken` runs soon, once for many calls. */
void net_wake(struct net *net);
/* Any thread, signal-safe. Stop accepting, read every open stream and datagram socket until it has
 * nothing more, then (or after timeout_ns) return from net_run. */
void net_stop(struct net *net, int64_t timeout_ns);

/* The rest: only from handler calls, that is, on the ring thread. */

/* Copies, all or nothing; sent in order. STATUS_FULL when the peer does not read (64 KiB are
 * queued): close it. STATUS_NOT_FOUND: the connection is closed or closing. STATUS_IO: the peer
 * reads no more; its last bytes may still come, `closed` follows. */
must_check enum status net_send(struct net *net, struct connection_id id, const char *bytes,
                                size_t length);
void net_close_connection(struct net *net, struct connection_id id);
/* Offer again what paused connections and datagram sockets hold. */
void net_resume(struct net *net);
/* True while a paused connection or datagram waits for net_resume. */
bool net_has_paused(const struct net *net);

/* Any thread (relaxed reads). */
void net_counters(const struct net *net, struct net_counters *counters_out);

#endif
