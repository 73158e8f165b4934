/* From running counts and a timeline to what a verdict is made of: the measures of the window and
 * of the lookbacks, in the objective's unit, for each maintenance policy. Pure reading; the one
 * place that knows how the three methods differ. */
#ifndef EVALUATE_MEASURE_H
#define EVALUATE_MEASURE_H

#include "domain/report.h"
#include "evaluate/series.h"
#include "evaluate/timeline.h"

/* One version of an objective: its counts and its time. */
struct measured {
    const struct series *series;
    const struct timeline *timeline;
};

/* The report's names and window, and nothing else of it. */
void measure_frame(const struct series *series, struct objective_report *report_out);
/* What the end of the window means for the budget. */
void measure_horizon(const struct series *series, const struct timeline *timeline,
                     struct evidence *evidence);
/* As measure_report, but leaves the judgement to others: what is to be judged. The evidence points
 * to *earlier_out where there were versions before. */
void measure_evidence(const struct measured *versions, uint32_t count,
                      struct objective_report *report_out, struct evidence *evidence_out,
                      struct earlier_parts *earlier_out);
/* Fills everything of the report but position, incidents and note. versions: those of the objective
 * in order, the one in force last; those that the window has nothing of add nothing. Their series
 * are flushed and advanced to `at`. */
void measure_report(const struct measured *versions, uint32_t count,
                    struct objective_report *report_out);
/* The span that the report's figures are of: of requests the window up to now, of slices those that
 * have ended, of time the window up to now inside the term. Bounded but for the start of a window
 * of requests. */
struct span measure_span(const struct series *series);
/* The sets of time that `uptime` counts as bad, leaves out and does not know, under the agreement's
 * policy; and for methods that count requests what they do not
 * know. What of them lies in the span and the term is the figure. */
struct time_sets {
    const struct span_set *bad;
    const struct span_set *left_out;
    const struct span_set *unknown;
    const struct span_set *gaps;
};
struct time_sets measure_time_sets(const struct series *series, const struct timeline *timeline);
/* Are they of one unit, so that sums mean something? */
bool measures_add_up(const struct objective *a, const struct objective *b);

#endif
