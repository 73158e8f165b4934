/* Alerts below the coverage floor: they keep the levels of the last instant at which coverage was
 * at least the floor, computed from the data of today. Source: SEMANTICS section 8.
 *
 * Between two edges of what coverage is made of it changes evenly with time, so the instant is
 * found by halving; slices change one at a time. Requests are counted anew for that instant from
 * the raw events, once: the levels are remembered until something older than it changes. */
#ifndef EVALUATE_FREEZE_H
#define EVALUATE_FREEZE_H

#include "evaluate/evaluator_state.h"

/* Does nothing unless the report's coverage is below the floor. Its series and timeline are up to
 * date. Where raw events cannot be read the levels stay those of the data at hand. */
void freeze_alerts(struct evaluator *evaluator, uint32_t index, struct objective_report *report);

#endif
