/* What the kinds of OpenSLO documents have in common: `metadata`, durations, references. */
#ifndef CATALOG_OPENSLO_FIELDS_H
#define CATALOG_OPENSLO_FIELDS_H

#include "catalog/fields.h"
#include "catalog/openslo_objects.h"

/* `metadata: {name: x}` of a document, or of an inline object, where it may be absent; name_out NULL
 * then. False after a complaint. */
bool openslo_read_name(const struct reading *reading, const struct node *object, bool is_inline,
                       const char **name_out);
/* `spec`; NULL after a complaint. */
const struct node *openslo_spec(const struct reading *reading, const struct node *object,
                                const char *example);
/* A name that some other document has to define. False after a complaint; absent is well. */
bool openslo_read_reference(const struct reading *reading, const struct node *mapping,
                            const char *key, struct openslo_reference *reference_out);

/* A number and one letter of m h d w (M Q Y have no fixed length). */
bool openslo_read_duration(const struct reading *reading, const struct node *node, const char *what,
                           int64_t *ns_out);
/* A decimal from 0 on, in billionths. */
bool openslo_read_number(const struct reading *reading, const struct node *node, const char *what,
                         int64_t *billionths_out);

#endif
