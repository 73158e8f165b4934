/* Plain requests: whom each concerns, how it is classified for each of their objectives, and the
 * increment of their series. One owner thread, like the evaluator. */
#ifndef EVALUATE_COUNTING_H
#define EVALUATE_COUNTING_H

#include "evaluate/evaluator_state.h"

/* What the requests to come will touch is fetched step by step ahead of them, where there are so many
 * services that most of it is in no near cache. At least COUNTING_AHEAD events follow this one. */
#define COUNTING_AHEAD 16
void counting_look_ahead(const struct evaluator *evaluator, const struct event *event);
static inline bool counting_looks_ahead(const struct evaluator *evaluator)
{
    return evaluator->routing.route_count > 2048;
}
/* A plain request: counted now, or held back until it has occurred. */
void counting_take(struct evaluator *evaluator, const struct event *event, uint64_t position);
/* One that has occurred before now. */
void counting_count(struct evaluator *evaluator, const struct event *event);
/* A standing request, of any kind: what was asked for on a schedule may have come. */
void counting_take_delivery(struct evaluator *evaluator, const struct event *event,
                            struct text extra);

#endif
