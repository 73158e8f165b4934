/* What agreements and projects say of each other, once all documents are read: `supports` names
 * agreements that exist, `projects` names projects that exist or that an agreement belongs to, and
 * neither goes in a circle. A project that only agreements name is one without a document. */
#ifndef CATALOG_GROUPING_H
#define CATALOG_GROUPING_H

#include "catalog/draft.h"

void grouping_tie(struct draft *draft, struct problems *problems);

#endif
