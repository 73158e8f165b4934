/* Reports as JSON: the shape of CONTRACT section 5. Large counts are strings, percentages have six
 * decimals, sections that do not apply are null. Deterministic: equal reports give equal bytes. */
#ifndef REPORT_REPORT_JSON_H
#define REPORT_REPORT_JSON_H

#include "base/text_buffer.h"
#include "domain/report.h"

/* One report as an object. */
void report_json(const struct objective_report *report, struct text_buffer *out);
/* {"position":N,"reports":[...]} and, unless NULL, `more` (`,"key":value` pairs) before the end. */
void reports_json(const struct objective_report *reports, uint32_t count, uint64_t position,
                  const char *more, struct text_buffer *out);

#endif
