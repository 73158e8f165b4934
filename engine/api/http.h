/* libmicrohttpd, fenced in: requests and answers as the handlers see them.
 *
 *   first line ─► struct request ─► headers: gate, target, route ─► body ─► route->handle
 *                                        │ refused                              │
 *                                        ▼                     answered at once ┤
 *                                  answer, close               handed to a lane ┤
 *                                                             awaits the commit ┘
 *   awaiting: the connection sleeps (suspended) ─ request_finish ─► answer sent
 *
 * Two threads of libmicrohttpd serve all connections (epoll). They never wait for the engine: what
 * takes longer is suspended and resumed. A body that is announced or grows too large is answered
 * with 413 and the connection closed behind it (farewell.h).
 *
 * Failures: a client that goes away while its request is suspended is noticed at the resume; the
 * request lives until then. On close: http_close waits until every suspended request was finished
 * by its owner.
 */
#ifndef API_HTTP_H
#define API_HTTP_H

#include <stdatomic.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/lane.h"
#include "api/router.h"
#include "base/shared.h"

#define HTTP_MESSAGE_SIZE 256
#define HTTP_ADDRESS_SIZE 128
/* Connections: each takes up to HTTP_CONNECTION_BYTES, together 32 MiB. */
#define HTTP_CONNECTIONS_MAX  512
#define HTTP_CONNECTION_BYTES 65536
/* Nothing moved for this long: closed. */
#define HTTP_IDLE_S  30
#define HTTP_THREADS 2

struct http;
struct MHD_Connection;

struct request {
    void *context; /* of http_settings */
    char method[8];
    struct target target;
    const struct route *route;
    struct text names[ROUTE_NAMES_MAX]; /* of the route's {name}s */
    struct body body;
    struct answer answer;
    /* The agreements that the handler reads, held until the request ends (agreements_of). */
    struct shared_value *agreements;
    /* What a handler keeps until the request ends. */
    void *state;
    void (*state_free)(void *state);

    /* http.c's own. */
    struct http *http;
    struct MHD_Connection *connection;
    char *raw_target;
    bool begun;      /* headers were looked at */
    bool keeps_body; /* a route wants it */
    bool dispatched;
    bool waits;   /* suspended; the answer comes from elsewhere */
    bool lingers; /* closed while the sender may still be sending */
    uint64_t discarded;
    void (*run)(struct request *request);
    struct lane_job job;
};

struct http_settings {
    const struct route_table *table;
    void *context;
};

/* Totals of this process; any thread. */
struct http_counters {
    uint64_t requests;
    uint64_t answers[6]; /* by the first digit of the status; 0: none was sent */
    uint64_t body_bytes; /* as sent */
};

must_check enum status http_open(struct http **http_out, const struct http_settings *settings,
                                 const char *listen, char address_out[HTTP_ADDRESS_SIZE],
                                 char message_out[HTTP_MESSAGE_SIZE]);
/* No more connections are accepted; what is in flight is answered; then all is closed. */
void http_close(struct http *http);
void http_counters(const struct http *http, struct http_counters *counters_out);

/* HTTP thread, from a handler. NULL when absent; good until the request ends. */
const char *request_header(const struct request *request, const char *name);
/* The collected body; never NULL bytes. */
static inline struct text request_body(const struct request *request)
{
    const struct body *body = &request->body;
    return (struct text){body->bytes == NULL ? "" : body->bytes, (uint32_t)body->length};
}
/* HTTP thread, last thing in a handler: somebody will call request_finish, perhaps already now. */
void request_await(struct request *request);
/* Any thread, once, after request_await: the answer is complete. The request may be gone
 * afterwards. */
void request_finish(struct request *request);
/* HTTP thread, last thing in a handler: `run` fills the answer on the lane's thread. */
void request_hand_over(struct request *request, struct lane *lane,
                       void (*run)(struct request *request));

#endif
