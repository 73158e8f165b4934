/* `credits`, what a missed objective costs (SEMANTICS section 11).
 *
 * Bounds may be written in any order: a mapping has none. What must hold is that percentages rise
 * as bounds fall; a bound that pays no more than a higher one is a slip and refused.
 */
#ifndef CATALOG_CREDITS_H
#define CATALOG_CREDITS_H

#include "catalog/fields.h"
#include "domain/agreement.h"

/* Reads `credits` of an agreement whose objectives are read. */
bool read_credits(const struct reading *reading, const struct node *node,
                  const struct agreement *agreement, const struct credit_terms **terms_out);

#endif
