/* Time slices: which are good, bad, excluded, unknown or empty. A slice is judged by the valid
 * requests in it; one without any is excluded or unknown when maintenance or a declared gap holds
 * all of it (all that the term leaves of it), else empty. With ratio_timeslices every measured slice
 * has a ratio, good / valid, and one is called good that has no bad request. Source: SEMANTICS
 * sections 2, 4 and 8. */
#ifndef EVALUATE_SLICES_H
#define EVALUATE_SLICES_H

#include "domain/verdict.h"
#include "evaluate/series.h"
#include "evaluate/timeline.h"

/* What one span gives, by maintenance policy. */
struct span_measure {
    struct measure by_policy[3];
    uint64_t excluded[3];
    uint64_t unknown[3];
    uint64_t empty[3]; /* slices that are none of these */
    /* ratio_timeslices: what the measured slices' ratios lack of 1, in parts of RATIO_ONE. */
    uint128 lacking[3];
};

/* Requests under the three policies, of the counters 0 to COUNTER_JUDGED_COUNT. */
void measure_counters(const uint64_t *of, struct measure by_policy[3]);
/* Adds what the tier holds in the span; both edges on edges of buckets. */
void tier_sum(const struct tier *tier, struct span span, struct tally *sums);

enum slice_state {
    SLICE_OUTSIDE, /* of the term */
    SLICE_EMPTY,
    SLICE_GOOD,
    SLICE_BAD,
    SLICE_EXCLUDED,
    SLICE_UNKNOWN,
};
#define SLICE_STATE_COUNT 6
/* One slice by itself. */
enum slice_state slice_state(const struct series *series, const struct timeline *timeline,
                             struct span slice, enum maintenance_policy policy);

/* The slices that have ended in the span: from the one that holds its start to the last that ends
 * by its end. */
struct span slice_span(const struct series *series, struct span span);
/* All slices that start in the span, which lies on slice edges. */
void measure_slices(const struct series *series, const struct timeline *timeline, struct span span,
                    struct span_measure *measure_out);
/* One slice, as it counts under the agreement's policy. Of one without valid requests only the
 * span is told. */
struct measured_slice {
    struct span span;
    struct measure requests;
    uint64_t lacking; /* ratio_timeslices: what its ratio lacks of 1, in parts of RATIO_ONE */
    bool is_bad;
};
typedef void slice_visit(void *context, const struct measured_slice *slice);

/* The very slices that measure_slices counts, in order of time: those with valid requests, those
 * that are excluded, and those that are unknown. */
void slices_walk_measured(const struct series *series, struct span span, slice_visit *take,
                          void *context);
void slices_walk_left_out(const struct series *series, const struct timeline *timeline,
                          struct span span, slice_visit *take, void *context);
void slices_walk_unknown(const struct series *series, const struct timeline *timeline,
                         struct span span, slice_visit *take, void *context);
/* What the slices amount to under the policy: counts of good and bad ones, or, for ratio_timeslices,
 * their mean. */
struct measure slices_measure(const struct objective *objective, const struct span_measure *measure,
                              enum maintenance_policy policy);
/* How many slices the span has something of. */
uint64_t slices_touched(const struct series *series, struct span span);
/* The same, inside the term. */
uint64_t slices_in_term(const struct series *series, struct span span);
/* With `pre_term: good`, how many slices of the span lie wholly before the term; else 0. */
uint64_t slices_before_term(const struct series *series, struct span span);
/* Slices from the running one to the window's end that maintenance leaves something of. */
uint64_t slices_to_come(const struct series *series, const struct timeline *timeline,
                        struct span full);

#endif
