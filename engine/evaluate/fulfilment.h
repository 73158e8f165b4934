/* Counting requests with a life for the objectives with method `fulfilment` (domain/life.h): of those
 * fulfilled or due, how many were fulfilled within the limit.
 *
 *   event ─► ledger ─► what each objective counted it as is taken back, what it is now is counted
 *   time  ─► the same, for each request whose limit passes or whose next word was from the future
 *
 * So an objective's counts are at every instant those of all requests as of that instant, and an
 * event costs what its own request costs. A request is no plain request: its events count nowhere
 * else. It counts for the agreements that a plain one of its service and customer counts for, and is
 * set aside where maintenance or excluded time holds its start, or where its start or its decision
 * lies outside the term; out of hours its clock stands.
 *
 * Nothing is kept where no agreement of the set has such an objective. Each evaluator keeps the
 * requests to all services that documents name, so that the bound is the same in every shard.
 */
#ifndef EVALUATE_FULFILMENT_H
#define EVALUATE_FULFILMENT_H

#include "evaluate/evaluator_state.h"

must_check enum status fulfilment_open(struct evaluator *evaluator);
void fulfilment_close(struct evaluator *evaluator);
/* A request with a state. */
void fulfilment_take(struct evaluator *evaluator, const struct event *event, struct text extra,
                     uint64_t position);
/* After now has moved. */
void fulfilment_advance(struct evaluator *evaluator);
/* The next instant at which fulfilment_advance has something to do; INT64_MAX: never. */
int64_t fulfilment_due(const struct evaluator *evaluator);

/* What the masks of a service of an agreement make of its requests: taken back before they change,
 * counted after. */
void fulfilment_uncount(struct evaluator *evaluator, struct resident *resident, uint32_t service);
void fulfilment_count(struct evaluator *evaluator, struct resident *resident, uint32_t service);
/* A request that was decided before the series' now. */
struct fulfilled {
    const struct life *life;
    const struct life_story *story;
    uint32_t service; /* name */
    int64_t at_ns;    /* to which instant it belongs */
    struct class_counts counts;
};
typedef void fulfilment_visit(void *context, const struct fulfilled *fulfilled);
/* All that the series counts and the ledger still holds. */
void fulfilment_walk(struct evaluator *evaluator, struct resident *resident,
                     const struct series *series, fulfilment_visit *visit, void *context);
/* Counts into an empty series what was decided before its now. */
void fulfilment_recall(struct evaluator *evaluator, struct resident *resident,
                       struct series *series);

#endif
