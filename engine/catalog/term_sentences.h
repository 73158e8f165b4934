/* What an agreement says besides its objectives, in sentences: service hours, maintenance, credits,
 * what it underpins and belongs to. */
#ifndef CATALOG_TERM_SENTENCES_H
#define CATALOG_TERM_SENTENCES_H

#include "base/text_buffer.h"
#include "domain/agreement.h"

void explain_terms(struct text_buffer *out, const struct agreement *agreement);

#endif
