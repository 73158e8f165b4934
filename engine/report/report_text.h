/* Reports as a table for a terminal, one line an objective:
 *
 *   AGREEMENT       PROMISED          MEASURED     BUDGET LEFT              VERDICT
 *   checkout        99.9 %    30 d    99.909607 %      +9.6 %  8 requests   AT RISK
 */
#ifndef REPORT_REPORT_TEXT_H
#define REPORT_REPORT_TEXT_H

#include "base/text_buffer.h"
#include "domain/report.h"

/* colour: wrap verdicts in ANSI colours. */
void report_table(const struct objective_report *reports, uint32_t count, bool colour,
                  struct text_buffer *out);

#endif
