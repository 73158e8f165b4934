/* What made a figure, in a sentence: bad requests by status and by when they came, downtime by
 * interval.
 *
 *   85 x 502 within 1.0 s at 15:11:40, 11 x 503 spread over 5 min
 *
 * Items are those of GET /v1/reports/{agreement}/{objective}/evidence. */
#ifndef NINES_EVIDENCE_H
#define NINES_EVIDENCE_H

#include "base/text_buffer.h"
#include "nines/json_view.h"

/* items: an array; day_ns: times of that day are told without their date. Nothing is appended when
 * nothing was bad. */
void evidence_requests(const json_t *items, int64_t day_ns, struct text_buffer *out);
/* In nanoseconds are the counts of an objective whose unit is time: what counts of each interval.
 */
void evidence_intervals(const json_t *items, int64_t day_ns, bool in_nanoseconds,
                        struct text_buffer *out);

#endif
