/* What an excluded incident takes out by its components: a service's time while their failures make
 * its requirement fail, whatever else had failed then. Failures of any severity count, as requests
 * have none. An incident that names the service takes out all its time (exclusion.h).
 */
#ifndef EVALUATE_EXCLUSION_REACH_H
#define EVALUATE_EXCLUSION_REACH_H

#include "evaluate/exclusion.h"
#include "evaluate/timeline.h"

/* Adds what all approved exclusions take out of the service, a place in the sources' services;
 * normalized. */
void exclusion_reach_mask(const struct timeline_sources *sources, uint32_t service,
                          struct span_set *mask);
/* The entry that takes out the service at the instant; NULL: none does. */
const struct exclusion *exclusion_reach_at(const struct timeline_sources *sources, uint32_t service,
                                           int64_t ns);
/* Adds what one of them does, if it is approved. */
void exclusion_reach_of(const struct timeline_sources *sources, const struct exclusion *entry,
                        uint32_t service, struct span_set *spans);

#endif
