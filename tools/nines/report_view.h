/* Reports that came as JSON (CONTRACT section 5), as the structures that report/report_text.h
 * prints: the table of `nines report` is that of `nines evaluate`, by the same code.
 *
 * Only what the table shows is rebuilt. Names are made safe for a terminal. */
#ifndef NINES_REPORT_VIEW_H
#define NINES_REPORT_VIEW_H

#include "domain/report.h"
#include "nines/json_view.h"

struct report_view;

/* answer: {"reports":[...]}. NULL with a message when it is not of that shape. */
struct report_view *report_view_open(const json_t *answer, const char **message_out);
void report_view_close(struct report_view *view);
const struct objective_report *report_view_reports(const struct report_view *view,
                                                   uint32_t *count_out);

/* -1: no such verdict. */
int report_view_verdict(const char *word);
/* "30 d" as people say it: "rolling 30d", "this month", "the term", "the span asked for". */
void report_view_window(const json_t *report, struct text_buffer *out);

#endif
