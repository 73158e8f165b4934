/* `project:` documents: agreements and projects managed as one, and the composite objectives that
 * are promised over them (CONTRACT section 4). */
#ifndef CATALOG_PROJECT_DOCUMENT_H
#define CATALOG_PROJECT_DOCUMENT_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* Adds the project to the draft when nothing is wrong with it. */
void project_read(struct draft *draft, const struct reading *reading, const struct node *root);

#endif
