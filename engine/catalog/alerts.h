/* `alerts` of an objective: `default`, `none`, or explicit pairs. */
#ifndef CATALOG_ALERTS_H
#define CATALOG_ALERTS_H

#include "catalog/fields.h"
#include "domain/agreement.h"

/* Fills objective->alerts. Needs target and window. An explicit pair that could never fire, or
 * whose lookbacks do not fit, is refused. */
bool read_alerts(const struct reading *reading, const struct node *node, struct span term,
                 struct objective *objective);

#endif
