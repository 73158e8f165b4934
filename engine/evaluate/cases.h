/* Keeping the counts of what was to be answered within a limit. With other methods these functions do
 * nothing.
 *
 * Which incidents are decided before now, as what, and when, follows from what is known of them
 * (answers.h); nothing of it is remembered. When something new is known, or another one is decided
 * by time alone, the counts of the series are made again. Requests with a life are many: they are
 * counted as they come (fulfilment.h).
 */
#ifndef EVALUATE_CASES_H
#define EVALUATE_CASES_H

#include "evaluate/evaluator_state.h"

/* After the timeline is fresh: counts are those of now. */
void cases_bring_up(struct evaluator *evaluator, uint32_t index);
/* The same for another series with the objective's method: that of the agreement's credits. The next
 * instant at which its counts change by time alone; INT64_MAX: never. */
int64_t cases_recount(struct evaluator *evaluator, uint32_t index, struct series *series);
/* Fills an empty series of the objective at an earlier instant. */
void cases_recall(struct evaluator *evaluator, uint32_t index, struct series *then);

#endif
