/* Corrections of requests by `outcome` events: the request is looked for in the log, and its figure
 * moves from the old class to the new one at the instant when it occurred. An outcome names an id
 * alone: it is of the request with this id of any service that was received before it, else of the
 * ones that are yet to come. */
#ifndef EVALUATE_AMEND_H
#define EVALUATE_AMEND_H

#include "evaluate/evaluator_state.h"

/* An EVENT_OUTCOME. STATUS_DAMAGED or STATUS_IO when the log cannot be read again. */
must_check enum status amend_request(struct evaluator *evaluator, const struct event *event,
                                     struct text extra, uint64_t position);

#endif
