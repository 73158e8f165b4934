/* `standing`: requests written into the agreement, each with its schedule and the limit of its
 * delivery (evaluate/deliveries.h says what becomes of them). */
#ifndef CATALOG_STANDING_H
#define CATALOG_STANDING_H

#include "base/text_buffer.h"
#include "catalog/fields.h"
#include "domain/agreement.h"

/* Reads `standing` (NULL: there is none) of an agreement whose term is read. */
bool read_standing(const struct reading *reading, const struct node *node,
                   struct agreement *agreement);
/* In sentences. */
void explain_standing(struct text_buffer *out, const struct agreement *agreement);

#endif
