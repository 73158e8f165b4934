/* How incidents and states of components interfere with an agreement's services: only where a
 * service's requirement fails (domain/service_system.h). Part of building a timeline. */
#ifndef EVALUATE_INTERFERENCE_H
#define EVALUATE_INTERFERENCE_H

#include "evaluate/timeline.h"

/* Adds to bad_raw and unknown_raw (not normalized), and remembers whose failures they are. */
void interference_build(struct timeline *timeline, const struct timeline_sources *sources,
                        enum severity severity);
void interference_fini(struct timeline *timeline);

/* When failures of incidents of the severity and above, and of states, make the requirement of one
 * service fail: normalized sets, one per component; to be closed. also: NULL, or normalized sets of
 * when each component is not to be counted on besides. */
struct span_set *interference_with(const struct timeline_sources *sources, uint32_t service,
                                   enum severity severity, const struct span_set *also);
/* sets: NULL, or one per component. */
void interference_close(struct span_set *sets, uint32_t count);

/* Adds the spans in which the component's failures interfere; nothing where no service rests on it.
 */
void interference_of(const struct timeline *timeline, const struct timeline_sources *sources,
                     uint32_t component, struct span_set *spans);
/* Does a service rest on one of the components that the incident names? */
bool interference_possible(const struct timeline_sources *sources, const struct incident *incident);
/* When the incident's components interfere, whatever its own stretches; normalized. */
void interference_of_incident(const struct timeline *timeline,
                              const struct timeline_sources *sources,
                              const struct incident *incident, struct span_set *spans);
/* Per component of the set: where a requirement may have failed because nobody knows how the
 * component was, or because it was down; normalized. doubts: empty sets. */
void interference_doubts(const struct timeline_sources *sources, enum severity severity,
                         struct span_set *doubts);

#endif
