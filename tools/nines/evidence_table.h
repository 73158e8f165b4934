/* Evidence as a table, one part for each sum of the figure, with what its rows add up to:
 *
 *   bad: 7 min, of 1 item
 *     position  what      from                  to                    counts           why
 *            5  incident  2026-06-01T10:00:00Z  2026-06-01T10:10:00Z  7 min of 10 min  I-2 (major): disk
 *
 * Of the items of GET /v1/reports/{agreement}/{objective}/evidence. */
#ifndef NINES_EVIDENCE_TABLE_H
#define NINES_EVIDENCE_TABLE_H

#include "base/text_buffer.h"
#include "nines/json_view.h"

/* evidence: the whole answer; at most row_max rows in each part. Nothing where there is no item. */
void evidence_table(const json_t *evidence, uint64_t row_max, struct text_buffer *out);

#endif
