/* How many incidents touched a window, how long they took and how soon they were acknowledged. By
 * incident each has its own length inside the agreed time; availability uses their union
 * (timeline.h). Source: SEMANTICS section 12. */
#ifndef EVALUATE_INCIDENT_FIGURES_H
#define EVALUATE_INCIDENT_FIGURES_H

#include "domain/report.h"
#include "evaluate/timeline.h"

/* Is coverage below the floor, which is a potential incident by itself? */
bool incident_figures_lost(const struct objective_report *report);
/* Fills report->incidents; window, at and objective of the report are set. covered_ns: the last
 * instant at which coverage was not lost; INT64_MIN: not known. */
void incident_figures_fill(const struct timeline_sources *sources, const struct timeline *timeline,
                           int64_t covered_ns, struct objective_report *report);

#endif
