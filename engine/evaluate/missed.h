/* Deliveries of standing requests that did not come (deliveries.h), as the incidents that they are:
 * nobody sent them and no ledger has them, they are told anew whenever somebody asks. */
#ifndef EVALUATE_MISSED_H
#define EVALUATE_MISSED_H

#include "evaluate/evaluator.h"

/* agreement: the version of which it was asked. span: within its term and while it is in force;
 * INT64_MAX: the delivery has not come yet. */
typedef void missed_visit(void *context, const struct agreement *agreement,
                          const struct standing_request *request, struct span span);

/* All of this shard's agreements up to now, agreement by agreement, the oldest first. */
void missed_walk(struct evaluator *evaluator, missed_visit *visit, void *context);

#endif
