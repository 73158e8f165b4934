/* From running counts and a timeline to what a verdict is made of: the measures of the window and
 * of the lookbacks, in the objective's unit, for each maintenance policy. Pure reading; the one
 * place that knows how the three methods differ. */
#ifndef EVALUATE_MEASURE_H
#define EVALUATE_MEASURE_H

#include "domain/report.h"
#include "evaluate/series.h"
#include "evaluate/timeline.h"

/* Fills everything of the report but position, incidents and note. The series is flushed and
 * advanced to `at`. */
void measure_report(const struct series *series, const struct timeline *timeline,
                    struct objective_report *report_out);

#endif
