/* A composite SLO: one whose objectives have indicators of their own. Each of them is an objective of
 * the agreement like any other; behind them stands one more, `composite`, which is made of them:
 *
 *   budgetingMethod   combine              weights         target
 *   RatioTimeslices   weighted_error_sum   as written      1 - sum of weight x (1 - target)
 *   Timeslices        any_bad              none            1 - sum of (1 - target)
 *   Occurrences       weighted_error_sum   scaled, below   the strictest of the objectives'
 *
 * Source: OpenSLO v1, "Notes (Composite SLO)". RatioTimeslices add up what the objectives lack of
 * 100 % (95 % and 95 % make 90 %), Timeslices are bad where any objective's is, and with Occurrences
 * the composite burns its budget at the rates at which the objectives burn theirs, times the weight.
 *
 * The specification gives the composite no target. Its budget is what its objectives are allowed
 * together: while each of them is met, so is the composite. With Occurrences rates of burning add up,
 * so the weight of an error is the objective's weight times the composite's budget over its own; where
 * that is no decimal of nine digits the targets must be made alike.
 *
 * Alert policies are the composite's: its objectives then have none.
 */
#ifndef CATALOG_OPENSLO_COMPOSITE_H
#define CATALOG_OPENSLO_COMPOSITE_H

#include "catalog/openslo_fields.h"

#define OPENSLO_COMPOSITE "composite"

bool openslo_is_composite(const struct openslo_slo *slo);
/* What makes no sense as a composite, or as none. False after a complaint. */
bool openslo_check_composite(const struct openslo_slo *slo, struct problems *problems);
/* The composite of a checked SLO that is well; kept memory of `kept`. objectives: the agreement's, one
 * for each of the SLO's. */
bool openslo_make_composite(const struct openslo_slo *slo, const struct objective *objectives,
                            struct region *kept, struct problems *problems,
                            struct objective *composite_out);

#endif
