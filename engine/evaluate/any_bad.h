/* `combine: any_bad`: slices or time that are bad when any member's are. What comes out is a series
 * with slices of its own, or a timeline, which is then measured like any other of that method.
 *
 * Of each slice and instant: bad where a member is bad; else good where one is good; else unknown
 * where one is unknown; else excluded where one is excluded. A member without data (unknown, or a
 * slice without requests) is left out, or counts as bad or good, as `missing` says; one outside its
 * term is left out. Slices are judged when they end, and again when something late changes them.
 */
#ifndef EVALUATE_ANY_BAD_H
#define EVALUATE_ANY_BAD_H

#include "evaluate/composition.h"

/* Makes of the part's objective what its combined slices or time are measured by. NULL: out of
 * memory. Its members are laid out. */
struct any_bad *any_bad_open(const struct composition *composition, struct part *part);
void any_bad_close(struct any_bad *any_bad);
/* As which its series is judged: the terms of all members, nothing left out besides what they leave
 * out. */
const struct agreement *any_bad_agreement(const struct any_bad *any_bad);

/* Its members are up to date. */
void any_bad_bring_up(struct evaluator *evaluator, const struct composition *composition,
                      const struct part *part);
/* What the window holds when every member goes by the same maintenance policy. */
void any_bad_policies(struct evaluator *evaluator, const struct composition *composition,
                      const struct part *part, struct measure by_policy[3]);

#endif
