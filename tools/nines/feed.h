/* One connection to the engine's ingest that is fed lines and told how many of them are durable
 * (CONTRACT section 3: `{"nines":{"ack":true}}`), and that is made again when it breaks.
 *
 *   feed_put ─► chunks (bytes and where each line ends) ─► socket ─► engine
 *                 ▲ given back when durable                  │
 *                 └───────────────── {"durable":N} ◄─────────┘
 *
 * Happy path: put lines while there is room, turn whenever poll says so, end, turn until done.
 * Failures: a lost connection is made again after a pause (50 ms, doubling to 2 s) and everything
 * behind the last durable line is sent once more, so that nothing is lost, and with ids nothing
 * counts twice. It gives up when no line became durable for `retry_ns`. An answer that is none of
 * the protocol is final at once. On close: nothing is waited for.
 *
 * Never blocks; one thread. */
#ifndef NINES_FEED_H
#define NINES_FEED_H

#include <poll.h>

#include "base/bytes.h"
#include "base/status.h"
#include "net/address.h"

#define FEED_MESSAGE_SIZE 512

struct feed_settings {
    const char *url; /* tcp://HOST:PORT or unix://PATH */
    int64_t retry_ns;
    bool retry_first; /* also while no connection was ever made */
};

struct feed_counts {
    uint64_t sent;    /* lines handed to the kernel at least once */
    uint64_t durable; /* of them: judged and on disk */
    uint64_t resent;  /* lines that were handed over again */
    uint64_t reconnects;
    uint64_t bytes; /* handed over, repeats too */
};

struct feed;

/* STATUS_INVALID with a message when the url is none. */
must_check enum status feed_open(struct feed **feed_out, const struct feed_settings *settings,
                                 char message_out[FEED_MESSAGE_SIZE]);
void feed_close(struct feed *feed);

/* Is there room for one more line, whatever its size? */
bool feed_has_room(const struct feed *feed);
/* A record, not blank and without its line end. It must have room. */
void feed_put(struct feed *feed, struct text record);
/* No more lines will come. */
void feed_end(struct feed *feed);
/* Ended, and every line is durable. */
bool feed_is_done(const struct feed *feed);

/* What to poll for; fd -1: nothing. Returns when to turn at the latest (monotonic ns, INT64_MAX).
 */
int64_t feed_poll(const struct feed *feed, struct pollfd *poll_out);
/* Moves bytes both ways; connects when it is time. Not STATUS_OK: it gave up, the message says why.
 */
must_check enum status feed_turn(struct feed *feed, int64_t now_ns,
                                 char message_out[FEED_MESSAGE_SIZE]);
struct feed_counts feed_counts(const struct feed *feed);

#endif
