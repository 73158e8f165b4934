/* Interference by components that are the customer's own: a proposed exclusion (SEMANTICS section 1).
 * It changes no figure and stands in the evidence with a share of 0, until somebody decides: an
 * exclusion of the incident's id, or one that names it, approves or rejects it. What `down` states of
 * such a component bring about is proposed too; it is excluded by a span of the service.
 *
 * Whose a component is its `owner` says: `customer`, or the customer's name. */
#ifndef EVALUATE_PROPOSALS_H
#define EVALUATE_PROPOSALS_H

#include "evaluate/evaluator.h"
#include "evaluate/timeline.h"

/* Of the component, a place in the sources' components: does a service rest on it, and is it the
 * customer's? */
bool proposals_own(const struct timeline_sources *sources, uint32_t component);
/* Is there nothing that was decided about the incident? */
bool proposals_are_open(const struct timeline_sources *sources, const struct incident *incident);
/* Sets spans to what the customer's components that the incident names bring about during it;
 * normalized. */
void proposals_of_incident(const struct timeline *timeline, const struct timeline_sources *sources,
                           const struct incident *incident, struct span_set *spans);
/* The same of the `down` states of one component. */
void proposals_of_states(const struct timeline *timeline, const struct timeline_sources *sources,
                         uint32_t component, struct span_set *spans);

/* One incident that is proposed to be excluded for an agreement; nobody has said a word about it. */
typedef void proposal_take(void *context, const struct agreement *agreement,
                           const struct incident *incident);
/* All of them, for the agreements that live in the evaluator. */
void proposals_walk(struct evaluator *evaluator, proposal_take *take, void *context);

#endif
