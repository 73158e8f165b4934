/* How long it takes from a request to the verdict that counts it, as a client of GET /metrics sees
 * it.
 *
 *   sender:  every few ms one line is a marker, a failed request to a service of its own; line i's
 * intended time is noted (the marker's number is its place in the list) poller:  asks GET /metrics
 * over and over on one connection; when the published count of the marker's agreement has grown by
 * k, markers up to k are visible latency: the instant at which the answer was read, minus the
 * marker's intended time
 *
 * So it holds the wait for the schedule, the network, the commit, the judgement, the publication
 * and the poll itself: never less than what a client sees, more by up to one poll (`poll` tells how
 * long one takes).
 *
 * field        written by   read by   order
 * expected     the sender   poller    release [M] / acquire [M]: intended_ns up to there may be
 * read stopping     main         poller    release [S] / acquire [S]: deadline_ns may be read
 */
#ifndef LOAD_VERDICT_H
#define LOAD_VERDICT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "load/histogram.h"
#include "load/http_client.h"
#include "load/settings.h"

/* The agreement about LINES_MARKER_SERVICE. */
#define VERDICT_AGREEMENT "nines-load-marks"

struct verdict {
    pthread_t thread;
    struct http_client client;
    uint64_t bad_before; /* the count when we began */
    int64_t deadline_ns; /* the poller's end after stopping */
    _Atomic bool stopping;
    _Atomic uint32_t expected;
    int64_t intended_ns[LOAD_MARKERS_MAX];
    /* The poller's. */
    uint32_t seen;
    bool failed;
    struct histogram latency;
    struct histogram poll;
};

/* Connects and reads the count to begin with. False: told on stderr. */
bool verdict_open(struct verdict *verdict, const char *url);
void verdict_close(struct verdict *verdict);
bool verdict_start(struct verdict *verdict);
/* Sender: the next marker. False: no room for more. */
bool verdict_expect(struct verdict *verdict, int64_t intended_ns);
/* Waits until all markers were seen, or until the deadline. */
void verdict_finish(struct verdict *verdict, int64_t deadline_ns);

#endif
