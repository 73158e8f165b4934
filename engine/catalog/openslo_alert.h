/* AlertCondition and AlertPolicy: what becomes a pair of our burn alerts.
 *
 *   severity: page          page, critical, high, sev1, p1 page; any other word opens a ticket
 *   condition:
 *     kind: burnrate        the only kind there is
 *     op: gte               gt (`>`) or gte (`>=`)
 *     threshold: 14.4       the burn rate
 *     lookbackWindow: 1h    the long lookback
 *     alertAfter: 5m        the short lookback; absent or 0m: there is only the long one
 *
 * Why alertAfter becomes the short lookback: it asks that the burn be not over yet, so that an alert
 * does not outlive its cause by a whole lookbackWindow. OpenSLO says it by waiting until the
 * condition has held for so long; our alerts are functions of the log at an instant and do not wait:
 * the alert is on while the burn rate over the last alertAfter is above the threshold as well. It
 * comes earlier, and goes when the failures have stopped for alertAfter. A warning says so.
 *
 * With lt and lte an alert would be on while little burns, that is, nearly always; the specification's
 * own example had that slip for years. Such a condition makes no pair, and a warning says so: which of
 * the two was meant, the word or the alert, is the writer's to say. The level of an alert is told as it is (reports, metrics, stream), so alertWhenResolved and notificationTargets
 * add nothing; alertWhenBreaching: false makes no pair; what comes with no data is `expect` here.
 */
#ifndef CATALOG_OPENSLO_ALERT_H
#define CATALOG_OPENSLO_ALERT_H

#include "catalog/openslo_fields.h"

/* Never NULL: what is wrong was said. */
struct openslo_condition *openslo_read_condition(const struct reading *reading,
                                                 const struct node *object, bool is_inline);
struct openslo_policy *openslo_read_policy(const struct reading *reading, const struct node *object,
                                           bool is_inline);

#endif
