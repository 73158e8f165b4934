/* What is known beforehand of the requests that come next, for one series: the stretch of time in
 * which a request is good or bad by its outcome, status and latency alone (inside the term, the hours
 * and the version, under no mask), and the counts of the second that is under way.
 *
 *   request ─► gate: inside the second under way? ─ yes ─► one increment on one cache line
 *                    inside the stretch? ─ yes ─► the gate turns to the second of this request
 *                                        └ no ──► counted the long way (counting.c), which finds the
 *                                                 stretch of this request
 *
 * What a gate has counted is in no series yet: gate_flush brings it there, before anybody reads. A
 * late addition is the same as a timely one, so it does not matter when. Whatever changes how requests
 * are judged (a mask) closes the gates of its agreement; the hours, the term and the version are part
 * of the stretch. One owner thread, like the evaluator.
 */
#ifndef EVALUATE_GATE_H
#define EVALUATE_GATE_H

#include "domain/agreement.h"
#include "evaluate/series.h"

struct evaluator;
struct resident;

/* A cache line. */
struct gate {
    int64_t from_ns;    /* the open second, as far as it lies in the stretch ... */
    uint64_t length_ns; /* ... 0: closed */
    uint64_t good;
    uint64_t bad;
    struct span plain;            /* the stretch */
    const struct good_rule *rule; /* NULL: no request in there counts for the series */
    uint32_t customer_word;       /* of the agreement; WORD_NONE: for all */
    bool by_status;               /* the rule is the default one: status below 500 */
    bool keeps_latency;
};

_Static_assert(sizeof(struct gate) == 64, "a cache line each");

static inline bool gate_holds(const struct gate *gate, int64_t ns)
{
    return (uint64_t)ns - (uint64_t)gate->from_ns < gate->length_ns;
}

/* New room for `to` gates, of which the first `from` are kept: aligned to cache lines, the others
 * closed. NULL: no memory; then gates is left as it was. */
struct gate *gates_grow(struct gate *gates, uint32_t from, uint32_t to);

/* Does a request of the agreement move nothing but the series of its objectives, and of its credits? */
bool resident_is_plain(const struct resident *resident);
/* Opens the gates of a plain agreement for requests of that time, as far as it can. */
void gates_open(struct evaluator *evaluator, struct resident *resident, int64_t ns);
/* From the second that was under way to that of ns; false: ns is outside the stretch. */
bool gate_turn(struct evaluator *evaluator, uint32_t series, int64_t ns);
/* What the gate of the series has counted, into the series, which is advanced to now. */
void gate_flush(struct evaluator *evaluator, uint32_t series);
/* Requests of the agreement will be judged in another way than those before. */
void gates_close(struct evaluator *evaluator, const struct resident *resident);
/* What is received from now on may be late (series.h): closes the gates that had to know. */
void gates_receive(struct evaluator *evaluator, int64_t received_ns);

#endif
