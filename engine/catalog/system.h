/* Service systems across documents: which component each requirement means, none that is unknown, no
 * circle; components in an order in which each stands behind those that it requires. */
#ifndef CATALOG_SYSTEM_H
#define CATALOG_SYSTEM_H

#include "catalog/draft.h"

void system_tie(struct draft *draft, struct problems *problems);

#endif
