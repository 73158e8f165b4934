/* Maintenance and exclusions: which instants of a service are masked, and the correction of what
 * was counted before a mask was known.
 *
 * A mask that reaches into the past is met by reading the raw events of the changed spans again and
 * moving their counts: exact to the nanosecond at the mask's edges, whatever the resolution of the
 * buckets.
 */
#ifndef EVALUATE_RECOUNT_H
#define EVALUATE_RECOUNT_H

#include "evaluate/evaluator_state.h"

/* The masks that documents give, before anything was counted. */
void recount_mask_first(struct evaluator *evaluator, struct resident *resident);
/* The masks after a maintenance or an exclusion, or after an excluded incident changed; events below
 * position_end are recounted where the masks changed.
 * STATUS_DAMAGED or STATUS_IO when the log cannot be read again. */
must_check enum status recount_mask(struct evaluator *evaluator, struct resident *resident,
                                    uint64_t position_end);

#endif
