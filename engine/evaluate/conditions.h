/* What is told about services and not asked of them: incidents, states, maintenance and exclusions.
 * Each goes into its ledger, and the figures that it may change are marked; those of maintenance and
 * exclusions, and of incidents that are excluded, have what was counted under the mask before
 * recounted (recount.h).
 *
 * STATUS_DAMAGED or STATUS_IO: the past had to be read again and could not be. */
#ifndef EVALUATE_CONDITIONS_H
#define EVALUATE_CONDITIONS_H

#include "evaluate/evaluator_state.h"

must_check enum status conditions_take_incident(struct evaluator *evaluator,
                                                const struct event *event, struct text extra,
                                                uint64_t position);
must_check enum status conditions_take_state(struct evaluator *evaluator, const struct event *event,
                                             struct text extra, uint64_t position);
must_check enum status conditions_take_maintenance(struct evaluator *evaluator,
                                                   const struct event *event, struct text extra,
                                                   uint64_t position);
must_check enum status conditions_take_exclusion(struct evaluator *evaluator,
                                                 const struct event *event, struct text extra,
                                                 uint64_t position);

#endif
