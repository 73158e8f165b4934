/* Evidence as JSON: a figure's sums, and the findings that add up to them (CONTRACT section 6).
 *
 *   figure  "unit" requests, incidents, ns, slices or ratio; every sum in it; of methods with slices also "slices"
 *   item    "counts_as" says which sum the item adds to, and its share stands under that sum's name:
 *
 *     counts_as      of requests       of time (uptime)   of slices    gaps of requests
 *     bad            "count": n        "count": "ns"      "slices": n
 *     excluded       "excluded": n     "excluded": "ns"   "slices": n
 *     unknown                          "unknown": "ns"    "slices": n  "unknown_ns": "ns"
 *     out_of_scope   "out_of_scope": n
 *
 * A composite of time or slices is told like those. One of weights has the unit "ratio": parts of
 * 10^18, as strings; each member with its weight and what it lacks.
 *
 * "count" is in every item, 0 in those that make nothing bad: the counts of all items add up to the
 * figure's "bad". Nanoseconds are strings: they pass what a reader of JSON may keep exactly. */
#ifndef REPORT_FINDING_JSON_H
#define REPORT_FINDING_JSON_H

#include "base/text_buffer.h"
#include "domain/finding.h"

/* `"position":N,"agreement":...,"figure":{...}`: the members before the items. */
void finding_json_figure(const struct objective_report *report, uint64_t position,
                         struct text_buffer *out);
/* An object. */
void finding_json_item(const struct objective_report *report, const struct finding *finding,
                       struct text_buffer *out);

#endif
