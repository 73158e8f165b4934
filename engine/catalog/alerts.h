/* `alerts` of an objective: `default`, `none`, or explicit pairs. */
#ifndef CATALOG_ALERTS_H
#define CATALOG_ALERTS_H

#include "catalog/fields.h"
#include "domain/agreement.h"

/* Fills objective->alerts. Needs target and window. An explicit pair that could never fire, or
 * whose lookbacks do not fit, is refused. */
bool read_alerts(const struct reading *reading, const struct node *node, struct span term,
                 struct objective *objective);

/* The threshold from a burn rate, billionths > 0. */
void alert_set_burn(struct alert_pair *pair, int64_t billionths);
/* What is refused of an explicit pair, for those who read it in other words; `key` is what they call
 * the long lookback. */
bool alert_check_lookback(struct problems *problems, struct place place, const char *key,
                          const struct objective *objective, struct span term,
                          const struct alert_pair *pair);
bool alert_check_threshold(struct problems *problems, struct place place, const char *key,
                           const struct objective *objective, const struct alert_pair *pair);

#endif
