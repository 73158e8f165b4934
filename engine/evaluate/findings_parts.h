/* What the sources of findings.h share: for findings*.c only. */
#ifndef EVALUATE_FINDINGS_PARTS_H
#define EVALUATE_FINDINGS_PARTS_H

#include "evaluate/causes.h"
#include "evaluate/findings.h"

/* One walk. */
struct finding_walk {
    struct evaluator *evaluator;
    uint32_t index; /* of the version's series */
    const struct series *series;
    struct span span; /* that the figures are of (measure_span) */
    finding_take *take;
    void *context;
    bool enough;
};

/* Hands it on, unless it was enough already. */
void findings_tell(struct finding_walk *walk, const struct finding *finding);
/* Tells the causes with their shares of the set inside the span and the term; what no cause holds
 * is told as `rest`. */
void findings_tell_causes(struct finding_walk *walk, const struct cause_list *list,
                          const struct span_set *set, enum finding_sum sum, enum finding_type rest);

/* findings_requests.c */
struct slice_marks;
/* marks: where the first bad request of each slice stands; NULL: nobody asks. */
must_check enum status findings_of_requests(struct finding_walk *walk, struct slice_marks *marks);
/* The sum that a column belongs to under the policy, and for what is set aside the reason that the
 * report tells, into the finding. false: it is good. */
bool findings_sum_of(enum counter counter, enum maintenance_policy policy, struct finding *finding);
/* findings_limits.c */
void findings_of_limits(struct finding_walk *walk);
/* findings_composite.c: walk->index is that of the composite. */
void findings_of_composite(struct finding_walk *walk);
/* findings_slices.c */
must_check enum status findings_of_slices(struct finding_walk *walk);

/* Of walk->series: bad slices (marks: NULL: not of requests), then those left out and unknown with
 * their causes. */
void findings_tell_slices(struct finding_walk *walk, const struct timeline *timeline,
                          const struct slice_marks *marks, const struct cause_list *left_out,
                          const struct cause_list *unknown);

/* The first bad request of each slice, as far as it was met. */
struct slice_mark {
    int64_t slice_ns;
    uint64_t position;
};
struct slice_marks {
    struct slice_mark *marks;
    uint32_t count;
    uint32_t size;
};
/* findings_slices.c: a bad request that occurred at the instant. */
void slice_marks_add(struct slice_marks *marks, const struct series *series, int64_t ns,
                     uint64_t position);

#endif
