/* Versions of an agreement (SEMANTICS section 6): documents of one name with different `effective`
 * times. Each judges what occurs from its time to that of the next; one without a time comes first.
 *
 * What a version needs of those before it is prepared here: they keep their own rules, targets and
 * maintenance policy, and take over its windows and lookbacks, so that parts of one window add up.
 */
#ifndef CATALOG_VERSION_H
#define CATALOG_VERSION_H

#include "catalog/draft.h"

/* After all documents are read: numbers the versions, gives each the time that it is in force, and
 * leaves one agreement per name in the draft, the last version. */
void versions_tie(struct draft *draft, struct problems *problems);

#endif
