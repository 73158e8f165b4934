/* The agreements that live in a shard, each version of each, and the places of their series: how they
 * move in when an evaluator opens, are added while it runs (`customer: each`), and move out.
 * One owner thread, like the evaluator. */
#ifndef EVALUATE_RESIDENTS_H
#define EVALUATE_RESIDENTS_H

#include "evaluate/evaluator_state.h"

/* All of the set that belong to the shard. After a failure, too, residents_close is to be called. */
must_check enum status residents_open(struct evaluator *evaluator);
void residents_close(struct evaluator *evaluator);

#endif
