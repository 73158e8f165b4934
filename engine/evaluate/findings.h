/* Evidence: everything that made a figure, item by item, so that the items add up to it.
 *
 *   uptime         causes of bad, left out and unknown time (causes.h). Each is told as it was, cut
 *                  at the window's edges; its share is what it holds of the timeline's own set and
 *                  no cause before it does. So overlapping incidents count once, and what
 *                  maintenance or an exclusion takes from an incident is missing in its share.
 *                  What rounding adds beyond the outages is told as rounding.
 *   requests       bad ones, excluded ones (why, and by whom) and those out of scope, in runs:
 *                  neighbours in the log with the same fate, each within a second of the run
 *   limits         incidents and requests with a life that were answered late, failed or were set
 *                  aside, each from its start to the instant to which it belongs
 *   slices         their requests like that, then the bad slices, then stretches of excluded and
 *                  of unknown ones. Shares of requests and of slices are of different sums
 *                  (finding.unit).
 *   both of them   also gaps, in nanoseconds: what coverage lacks
 *
 * Works on an evaluator that was fed with the history and stands at the report's instant; requests
 * are read again from the history. Nothing is kept; a walk that is broken off and repeated gives the
 * same sequence. Source: SEMANTICS section 13.
 */
#ifndef EVALUATE_FINDINGS_H
#define EVALUATE_FINDINGS_H

#include "domain/finding.h"
#include "evaluate/evaluator.h"

/* number: of the series in the whole set. What evaluator_report tells of it is what the findings add
 * up to. STATUS_NOT_FOUND: it does not live in this shard; STATUS_DAMAGED or STATUS_IO: the history
 * cannot be read. */
must_check enum status findings_walk(struct evaluator *evaluator, uint32_t number,
                                     finding_take *take, void *context);

#endif
