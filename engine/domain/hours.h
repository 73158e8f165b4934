/* Service hours: the same every week, by the clocks of a zone: `Mon-Fri 08:00-20:00`. Pure.
 *
 * An entry is a set of weekdays and a stretch that begins on each of them; one that ends at or
 * before its start ends on the next day. Its ends are local times turned into instants (zone.h), so
 * that a night on which clocks change makes a stretch shorter or longer.
 */
#ifndef DOMAIN_HOURS_H
#define DOMAIN_HOURS_H

#include "domain/span_set.h"
#include "domain/zone.h"

#define HOURS_ENTRIES_MAX 32

struct hours_entry {
    uint8_t weekdays; /* bit 0: Monday */
    int64_t from_ns;  /* after local midnight */
    int64_t to_ns;    /* above from_ns, at most two days */
};

struct hours {
    struct hours_entry entries[HOURS_ENTRIES_MAX];
    uint32_t entry_count; /* 0: always */
};

/* Is the service promised at the instant? span_out: a stretch around it for which the answer is the
 * same. */
bool hours_hold(const struct hours *hours, const struct zone *zone, int64_t ns,
                struct span *span_out);
/* Adds to `set` the time outside the hours within the span, which must be bounded. */
void hours_add_off(const struct hours *hours, const struct zone *zone, struct span span,
                   struct span_set *set);

#endif
