/* An SLO: an agreement of the same name without a customer, but for what other documents say.
 *
 *   service: checkout                       a Service document, or a `service:` document of ours
 *   indicator: {...} | indicatorRef: x      openslo_indicator.h
 *   timeWindow:                             absent: our default, 30 rolling days
 *     - {duration: 28d, isRolling: true}    whole hours, days or weeks from 1h on
 *     - duration: 1M                        d w M Q Y, repeating from startTime by timeZone's clocks
 *       calendar: {startTime: 2020-01-31 12:30:00, timeZone: America/New_York}
 *   budgetingMethod: Occurrences            occurrences; Timeslices: timeslices, with timeSliceTarget
 *                                           and timeSliceWindow; RatioTimeslices: ratio_timeslices
 *   objectives:
 *     - displayName: Good                   its name; absent: o1, o2, ... by its place in the list
 *       target: 0.999                       or targetPercent: 99.9; exactly one, exactly as written
 *       op: lte, value: 300                 of a thresholdMetric
 *       indicator: {...}                    all of them: a composite SLO, openslo_composite.h
 *   alertPolicies: [{alertPolicyRef: x}]    openslo_alert.h; absent: our default alerts
 *
 * `1m` is one minute, as in every duration of OpenSLO, and so no window: it is refused and never taken
 * for a month. A month is `1M`, which only a calendar has.
 */
#ifndef CATALOG_OPENSLO_SLO_H
#define CATALOG_OPENSLO_SLO_H

#include "catalog/draft.h"
#include "catalog/openslo_fields.h"

/* Never NULL: what is wrong was said. */
struct openslo_slo *openslo_read_slo(struct draft *draft, const struct reading *reading,
                                     const struct node *object, struct text source);

#endif
