/* The engine's own downtime (SEMANTICS sections 8 and 10): when nobody was there to hear anything.
 *
 * For what counts requests it is a gap, declared by the log itself. For `uptime` the time is unknown,
 * for every service: whether it reports states or not, what it would have said was not heard. Where
 * one did speak, and was heard later, it is known again: from a state event that occurred in the
 * downtime on. Incidents and `down` states are knowledge anyhow (timeline.h takes them out). */
#ifndef EVALUATE_ABSENCES_H
#define EVALUATE_ABSENCES_H

#include "evaluate/timeline.h"

/* Adds the spans, as far as they are unknown. of_time: for `uptime`. */
void absences_unknown(const struct timeline_sources *sources, bool of_time,
                      struct span_set *unknown);

#endif
