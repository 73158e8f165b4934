/* `agreement:` documents (CONTRACT section 4). */
#ifndef CATALOG_AGREEMENT_DOCUMENT_H
#define CATALOG_AGREEMENT_DOCUMENT_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* Adds the agreement to the draft when nothing is wrong with it. source: the document as written.
 */
void agreement_read(struct draft *draft, const struct reading *reading, const struct node *root,
                    struct text source);
/* The text of a document, kept. */
const char *agreement_keep_source(const struct reading *reading, struct text source);

#endif
