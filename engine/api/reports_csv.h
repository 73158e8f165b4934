/* Reports as CSV (RFC 4180), one line an objective, for spreadsheets. The same figures as the
 * JSON's. */
#ifndef API_REPORTS_CSV_H
#define API_REPORTS_CSV_H

#include "base/text_buffer.h"
#include "domain/report.h"

void reports_csv(const struct objective_report *reports, uint32_t count, uint64_t position,
                 struct text_buffer *out);

#endif
