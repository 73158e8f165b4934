/* What stands behind a figure, found in the log again: bad requests in runs, and for figures of
 * time the incidents and `down` states that made it bad. The findings add up to the figure.
 *
 * A run is bad requests of one series, one after the other in the log, with the same status and
 * outcome, each within a second of the run. A stretch is what one incident or state made bad of the
 * window; it counts without what findings before it cover, and without maintenance.
 */
#ifndef API_FINDINGS_H
#define API_FINDINGS_H

#include "api/retrial.h"

enum finding_type { FINDING_REQUEST, FINDING_INCIDENT, FINDING_STATE };

struct finding {
    enum finding_type type;
    uint64_t position; /* of the first event (request), of the last one (incident), 0 (state) */
    int64_t start_ns;
    int64_t end_ns; /* of requests: when the last one happened */
    uint64_t count; /* requests, or nanoseconds */
    uint16_t status;
    enum outcome outcome;
    uint32_t name; /* of the incident, or the service of a state */
    enum severity severity;
};

/* Findings come in a fixed order: the same question at the same position gives the same sequence.
 * false: enough. */
typedef bool finding_take(void *context, const struct finding *finding);

/* report: of the series (its number in the retrial's set). */
must_check enum status findings_walk(struct retrial *retrial, uint32_t series,
                                     const struct objective_report *report, finding_take *take,
                                     void *context);

/* findings_time.c: the same for figures of time. */
must_check enum status findings_of_time(struct retrial *retrial,
                                        const struct objective_report *report, finding_take *take,
                                        void *context);
/* Was the event too far ahead of its receipt, or older than what is kept? Then it does not count.
 */
bool findings_out_of_time(const struct api_engine *engine, const struct event *event,
                          int64_t received_ns);
/* The part of the report's window that has passed, inside the term. */
struct span findings_window(const struct objective_report *report);

#endif
