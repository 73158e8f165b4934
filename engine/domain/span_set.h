/* Sets of instants: sorted, disjoint, half-open spans. What unions overlapping outages so that a
 * second of downtime counts once. Grows by doubling; reused without allocating once it has grown.
 * One owner. */
#ifndef DOMAIN_SPAN_SET_H
#define DOMAIN_SPAN_SET_H

#include "domain/window.h"

struct span_set {
    struct span *spans;
    uint32_t count;
    uint32_t size;
};

void span_set_fini(struct span_set *set);
void span_set_clear(struct span_set *set);
void span_set_copy(struct span_set *set, const struct span_set *from);
/* Adds a span, in any order, overlapping or not; call span_set_normalize afterwards. Empty ones are
 * ignored. */
void span_set_add(struct span_set *set, struct span span);
/* Sorts and merges (touching spans become one). */
void span_set_normalize(struct span_set *set);
/* set := a minus b, a and b; set is neither a nor b; both normalized. */
void span_set_subtract(struct span_set *set, const struct span_set *a, const struct span_set *b);
void span_set_intersect(struct span_set *set, const struct span_set *a, const struct span_set *b);
/* set := the instants that at least `least` (> 0) of the sets hold; set is none of them, they are
 * normalized, the result is too. */
void span_set_at_least(struct span_set *set, const struct span_set *sets, uint32_t count,
                       uint32_t least);
/* Nanoseconds of the set within the span (which must be bounded). */
int64_t span_set_measure(const struct span_set *set, struct span span);
bool span_set_holds(const struct span_set *set, int64_t ns);
/* The stretch around ns that the set leaves free; empty where it holds ns. */
struct span span_set_gap(const struct span_set *set, int64_t ns);
bool span_set_equal(const struct span_set *a, const struct span_set *b);
/* The first instant that only one of them holds; INT64_MAX: they are equal. */
int64_t span_set_first_difference(const struct span_set *a, const struct span_set *b);
/* The first edge (start or end) after ns; INT64_MAX when there is none. */
int64_t span_set_next_edge(const struct span_set *set, int64_t ns);

#endif
