/* The HTTP side: what monitoring tools, scripts and people read and write (CONTRACT sections 6, 7).
 *
 *   libmicrohttpd threads (a fixed pool of two)
 *     POST bodies ─► poster (decode, commit queue) ─ suspended ─► after the commit: answered
 *     GET /healthz and what needs no worker ─► answered at once
 *   lanes (one thread each, with a short queue), while the connection is suspended
 *     questions: a query through the commit thread to all workers, at one position and instant
 *     scans:     the log judged anew, or searched for evidence (short LMDB read transactions)
 *     bulk:      bodies that are too large for an HTTP thread to wait for batches
 *
 * Nothing here runs on the ring, commit or worker threads except short callbacks: those that answer
 * a request, and those that copy figures out of a worker. Hostile input: strict request parsing,
 * limits on headers, bodies (also unpacked) and connections, and a gate in the first handler call
 * that refuses what libmicrohttpd 0.9.75 lets through (Content-Length with Transfer-Encoding, two
 * Content-Lengths, two Hosts): 400 and close.
 */
#ifndef API_API_H
#define API_API_H

#include "base/clock.h"
#include "base/shared.h"
#include "catalog/catalog.h"
#include "evaluate/worker_pool.h"
#include "ingest/poster.h"

#define API_MESSAGE_SIZE 256
#define API_ADDRESS_SIZE 128

#define RELOAD_DETAIL_SIZE 512

struct reload_state {
    bool successful;
    char
        detail[RELOAD_DETAIL_SIZE]; /* why not, or how far it is; "" when there is nothing to say */
};

/* What the engine lends to the API; all of it outlives the API. */
struct api_engine {
    struct committer *committer;
    struct poster *poster;
    struct worker_pool *workers;
    struct store *store;
    const struct name_table *names;
    struct shared *agreements; /* in force: struct agreement_set */
    struct receiver *receiver; /* counters only */
    struct net *net;           /* counters only */
    struct dead_letters *dead_letters;
    const struct clock *clock;
    int64_t started_ns; /* realtime */
    int64_t retention_ns;
    int64_t max_future_ns;
    uint32_t open_requests_max;
    struct row_store_source rows; /* for those who judge anew */
    int64_t grace_ns;             /* after the end of a calendar window, until it is sealed */
    uint32_t each_max;
    const char *version;
    /* Lines that the ring judged and that are not durable yet, and so on: total of lines judged by
     * this process, all roads (for `in_flight`). */
    uint64_t (*lines_received)(void *context);
    /* The data directory's total of received records when this process started; without it nothing
     * is shown as in flight after a restart. */
    uint64_t received_before;
    /* "" when ready, else why not (starting, draining, storage full, failed): for /readyz. */
    const char *(*not_ready)(void *context);
    /* How the last reload of configuration and agreements went; NULL: there was none. */
    void (*reload_state)(void *context, struct reload_state *state_out);
    void *context;
};

struct api;

/* listen: ADDR:PORT (numeric; port 0 picks one). address_out: http://ADDR:PORT as chosen. */
must_check enum status api_open(struct api **api_out, const struct api_engine *engine,
                                const char *listen, char address_out[API_ADDRESS_SIZE],
                                char message_out[API_MESSAGE_SIZE]);
/* Answers what is in flight with 503, refuses what is new, waits for handlers to end. Call after
 * the committer has stopped (its last callbacks resume requests). */
void api_close(struct api *api);
/* Around the moment when the workers go over to other agreements: waits for the question that is
 * being asked and lets no other begin, so that no answer mixes the two. */
void api_pause_questions(struct api *api);
void api_resume_questions(struct api *api);
/* New posts get 503 + Retry-After from now on; reads go on. */
void api_drain(struct api *api);

#endif
