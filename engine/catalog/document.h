/* One document to what it means: the first key names the kind (with `apiVersion`: openslo.h).
 *
 *   service      name, `match` rules                     read
 *   agreement    agreement_document.h                    read
 *   maintenance  announced work on services              read
 *   component    parts of the service system             accepted, not used yet
 *   project      groups of agreements
 */
#ifndef CATALOG_DOCUMENT_H
#define CATALOG_DOCUMENT_H

#include "catalog/draft.h"
#include "catalog/fields.h"

/* Adds to the draft, or complains. A document with nothing in it means nothing. reading->kept is
 * the draft's. */
void document_read(struct draft *draft, const struct reading *reading,
                   const struct yaml_document *document);

/* Defines and mentions, for the checks across documents. */
void document_define(struct draft *draft, const struct reading *reading, enum definition_kind kind,
                     const char *name, const struct node *node);
/* `supports` and `projects`: a list of names, possibly empty or absent (list NULL). */
bool document_mention_group(struct draft *draft, const struct reading *reading,
                            const struct node *list, enum group_arrow kind, const char *owner,
                            const char *const **names_out, uint32_t *count_out);
void document_mention_services(struct draft *draft, const struct reading *reading,
                               const struct node *list, const char *const *names);

#endif
