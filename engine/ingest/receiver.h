/* From bytes on sockets to batches on their way to the commit thread, and acknowledgements back.
 *
 *   bytes ─► framer ─► decoder ─► intake ─► the open batch ─► committer
 *              │ (carry: the part of a record that another buffer brings)
 *   durable ◄─ one line {"durable":N} per commit for streams that asked: N lines of this
 *              connection are judged and on disk (blank lines are none)
 *
 * One receiver per ring thread; everything here runs on it. Sessions of all connections fill one
 * open batch, which closes when it is full, or when the loop would wait and the committer has
 * nothing of ours. Back-pressure: no free batch means "not taken"; the net layer keeps the bytes
 * and offers them again after the workers gave a batch back.
 *
 * Happy path: opened, received ..., ended, (acknowledged), closed. Failures: bytes that nobody can
 * understand (TLS, compressed streams) get one counted rejection and the connection is closed. On
 * close: lines judged before a reset are kept, the rest of a half line is rejected as truncated.
 * The network is behind a small interface (struct net_port): net/ in the daemon, a fake in the
 * simulation.
 */
#ifndef INGEST_RECEIVER_H
#define INGEST_RECEIVER_H

#include "base/clock.h"
#include "base/shared.h"
#include "decode/decode.h"
#include "domain/agreement.h"
#include "domain/match.h"
#include "ingest/batch_pool.h"
#include "ingest/committer.h"
#include "ingest/dead_letters.h"
#include "net/net.h"

struct receiver;

/* What a receiver asks of the network; as net_* of net/net.h. */
struct net_port {
    enum status (*send)(void *context, struct connection_id id, const char *bytes, size_t length);
    void (*close_connection)(void *context, struct connection_id id);
    void (*resume)(void *context);
    void *context;
};

struct receiver_settings {
    struct committer *committer;
    const struct name_table *names;
    /* The agreements in force (struct agreement_set), whose match rules are read again for every
     * buffer and body, so that a reload can put others in their place; borrowed for life. */
    struct shared *agreements;
    uint64_t hash_key;
    const struct clock *clock;
    struct dead_letters *dead_letters;
    uint32_t batch_count;
    int64_t abort_after_ns;
    int64_t zone_offset_ns;
    zone_find *find_zone;
    /* How far the workers are: batches up to it come back (worker_pool_done). */
    uint64_t (*done)(void *context);
    void *done_context;
};

/* Totals of this process. Any thread (relaxed). */
struct receiver_counters {
    uint64_t lines; /* judged, whatever became of them */
    uint64_t bytes;
    uint64_t connections;
    uint64_t acks_sent;
};

must_check enum status receiver_open(struct receiver **receiver_out,
                                     const struct receiver_settings *settings);
void receiver_close(struct receiver *receiver);

/* Listener `listener` (a number below NET_LISTENERS_MAX) carries this field map. Before traffic. */
must_check enum status receiver_add_listener(struct receiver *receiver, uint32_t listener,
                                             enum field_map map);
/* What to give net_open; the port is where the receiver talks back. */
struct net_handler receiver_handler(struct receiver *receiver);
void receiver_attach(struct receiver *receiver, const struct net_port *port);
struct net_port net_port_of_net(struct net *net);

/* True while the receiver waits for batches: whoever finishes one should wake the ring thread. Any
 * thread. */
bool receiver_is_starved(const struct receiver *receiver);
/* Ring thread: nothing is open, on its way or owed (acknowledgements). */
bool receiver_is_drained(const struct receiver *receiver);
/* Ring thread, after the loop has ended: hands the open batch on, whatever is in flight. */
void receiver_flush(struct receiver *receiver);
void receiver_counters(const struct receiver *receiver, struct receiver_counters *counters_out);

#endif
