/* Evidence of a figure that was judged offline, in the shape of the API's, on one page. */
#ifndef NINES_OFFLINE_EVIDENCE_H
#define NINES_OFFLINE_EVIDENCE_H

#include "base/text_buffer.h"
#include "evaluate/evaluator.h"

/* Appends an object, behind a comma where there is something already. */
must_check enum status offline_evidence(struct evaluator *evaluator, uint32_t series,
                                        const struct objective_report *report,
                                        struct text_buffer *out);

#endif
