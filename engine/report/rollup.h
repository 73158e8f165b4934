/* What follows from many reports together (SEMANTICS section 14): how many agreements of each
 * project are met and which is the worst, and which agreements are endangered by one that underpins
 * them. Needs the reports of all agreements of the set; what it says of a part would be wrong.
 *
 * An agreement is met when all its objectives are (`at_risk` is met still). The worst of a project
 * has the gravest verdict, and among equals the largest part of its budget consumed. A project's
 * verdict is that of its worst agreement. Projects within a project count with all their agreements,
 * each once. A project's own objectives are told beside that, whole; they change none of it.
 */
#ifndef REPORT_ROLLUP_H
#define REPORT_ROLLUP_H

#include "base/text_buffer.h"
#include "domain/report.h"

struct rollup;

/* Marks the reports (endangered_by points into the rollup), which it goes on reading. NULL: out of
 * memory. */
struct rollup *rollup_open(const struct agreement_set *set, struct objective_report *reports,
                           uint32_t count);
void rollup_close(struct rollup *rollup);

/* [{"project":"payments","met":2,"total":3,"worst":{...},"verdict":"breached",
 * "objectives":[report, ...]}] */
void rollup_projects_json(const struct rollup *rollup, struct text_buffer *out);
/* One line a project; nothing where there is none. */
void rollup_projects_table(const struct rollup *rollup, struct text_buffer *out);

#endif
