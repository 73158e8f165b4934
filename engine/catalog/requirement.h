/* `requires`: a component, a list (all of it), {all: [...]}, {any: [...]} or {at_least: k, of: [...]},
 * nested. Components are tied to their documents when all are read (system.h). */
#ifndef CATALOG_REQUIREMENT_H
#define CATALOG_REQUIREMENT_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* owner: who requires (struct component_mention). False: what is wrong was said. */
bool requirement_read(struct draft *draft, const struct reading *reading, const struct node *node,
                      uint32_t owner, const struct requirement **requirement_out);

#endif
