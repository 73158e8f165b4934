/* Counting what was to be answered within a limit: the cases of an objective with method
 * `response`, `resolution` or `fulfilment`, whatever they are cases of. With other methods these
 * functions do nothing.
 *
 * Which cases are decided before now, as what, and when, follows from what is known (answers.h);
 * nothing of it is remembered. When something new is known, or another case is decided by time
 * alone, the counts of the series are made again.
 */
#ifndef EVALUATE_CASES_H
#define EVALUATE_CASES_H

#include "evaluate/evaluator_state.h"

/* After the timeline is fresh: counts are those of now. */
void cases_bring_up(struct evaluator *evaluator, uint32_t index);
/* The same for a series of the same objective with windows of its own, or at another instant: that
 * of the agreement's credits, say. The next instant at which its counts change by time alone;
 * INT64_MAX: never. */
int64_t cases_recount(struct evaluator *evaluator, uint32_t index, struct series *series);

#endif
