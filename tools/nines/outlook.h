/* What would change a verdict: how much more may go wrong, or how much must go right. */
#ifndef NINES_OUTLOOK_H
#define NINES_OUTLOOK_H

#include "domain/report.h"
#include "nines/json_view.h"

/* json: the same report, for what the rebuilt one does not hold. Appends sentences, a line each. */
void outlook_say(const struct objective_report *report, const json_t *json,
                 struct text_buffer *out);

#endif
