/* Incidents as cases of `response` and `resolution` (domain/promise.h): how many were acknowledged,
 * or resolved, within the limit.
 *
 * Cases are the actual incidents of the objective's severity and above that concern the agreement,
 * by one of its services or by a component that interferes with one; each is one case, however
 * often it was opened again. Potential ones, complaints among them, become cases when they are
 * promoted, from their true start; cancelled ones never were. `down` states are nobody's to
 * acknowledge and no cases.
 *
 *   response    from its start to its first acknowledgement; who resolves an incident has
 *               responded, too
 *   resolution  from its start to its resolution; from there to where it is opened again the clock
 *               stands, and the case is open again
 *
 * A case is set aside (excluded) when an exclusion of the incident is approved, or when its start
 * lies in maintenance, in excluded time, or, as its decision, outside the term; in time that only
 * some of its services have to do with, it counts.
 */
#ifndef EVALUATE_ANSWERS_H
#define EVALUATE_ANSWERS_H

#include "evaluate/evaluator_state.h"

/* An incident that was decided before the series' now. */
struct answer {
    const struct incident *incident;
    struct span span; /* from its start to the instant to which it belongs, inclusive */
    struct class_counts counts;
};
typedef void answer_visit(void *context, const struct answer *answer);

/* All of them, in the order of the ledger; the series is only read. The next instant at which more
 * is decided by what is known; INT64_MAX: never. */
int64_t answers_walk(struct evaluator *evaluator, struct resident *resident,
                     const struct timeline *timeline, const struct series *series,
                     answer_visit *visit, void *context);
/* Counts into the series (of `response` or `resolution`, empty) what was decided before its now.
 * The next instant at which more is decided by what is known; INT64_MAX: never. */
int64_t answers_count(struct evaluator *evaluator, struct resident *resident,
                      const struct timeline *timeline, struct series *series);

#endif
