/* What the maintenance of components leaves out: a service's time while its requirement fails because
 * they are not to be counted on, with whatever else has failed then. So work on one of two that do
 * for each other leaves nothing out as long as the other one does; and as with an excluded incident
 * (exclusion_reach.h), what both bring about together is left out. Maintenance by itself interferes
 * with nothing. */
#ifndef EVALUATE_MAINTENANCE_REACH_H
#define EVALUATE_MAINTENANCE_REACH_H

#include "evaluate/maintenance.h"
#include "evaluate/timeline.h"

/* Adds what all maintenance of components leaves out of the service, a place in the sources'
 * services; normalized. */
void maintenance_reach_mask(const struct timeline_sources *sources,
                            const struct maintenance_register *list, uint32_t service,
                            struct span_set *mask);
/* Sets spans to what one entry has to do with: while its components are worked on and make the
 * requirement fail; normalized. */
void maintenance_reach_of(const struct timeline_sources *sources,
                          const struct maintenance_register *list,
                          const struct maintenance_entry *entry, uint32_t service,
                          struct span_set *spans);
/* The first entry that does so at the instant; NULL: none does. */
const struct maintenance_entry *maintenance_reach_at(const struct timeline_sources *sources,
                                                     const struct maintenance_register *list,
                                                     uint32_t service, int64_t ns);

#endif
