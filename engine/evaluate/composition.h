/* Composite objectives (domain/composite.h) while they are judged: each is a tree of parts.
 *
 *   the composite ─┬─ a member: a series of its own over the composite's window
 *                  ├─ any_bad: the combined slices or time of the members below (any_bad.h)
 *                  └─ a composite ─┬─ a member
 *                                  └─ ...
 *
 * Members are counted a second time because their own figures are over their own windows. These
 * series are hidden: they stand behind those that are shown in the evaluator's lists, have no
 * number and are published as part of the composite only. All agreements that a composite has
 * members in live in one shard (agreement_shard). The composite itself is that of the version in
 * force, for the whole window; what its members were is judged by their own versions.
 *
 * One owner thread, like the evaluator.
 */
#ifndef EVALUATE_COMPOSITION_H
#define EVALUATE_COMPOSITION_H

#include "domain/composite.h"
#include "evaluate/evaluator_state.h"

#define NO_SERIES UINT32_MAX

struct any_bad;

/* An objective as the composite at the root judges it, and the counts of it. */
struct recast {
    struct objective objective;
    uint32_t series; /* of the evaluator; NO_SERIES: its figure is put together only */
    /* Its timeline when slices were judged the last time (any_bad.h). */
    struct span_set read_excluded;
    struct span_set read_off;
    struct span_set read_gaps;
};

struct part {
    const struct composite *composite; /* NULL: an objective of a kind of its own */
    const struct agreement *owner;
    struct recast now;      /* by the version in force */
    struct recast *earlier; /* owned: by the versions before it that add up with it, in order */
    uint32_t earlier_count;
    uint32_t member_first;   /* parts of members follow each other, in their order */
    bool is_inner;           /* below an any_bad, which combines it */
    struct any_bad *any_bad; /* owned; NULL: it is none, or an inner one */
};

struct composition {
    uint32_t series;            /* whose figure it is */
    uint32_t shown;             /* itself; or, of credits, the composite that they are paid by */
    struct objective objective; /* as the composite at the root is judged */
    const struct window *paid_period; /* of credits: the last complete one; NULL: its window */
    struct part *parts;               /* the composite first, every part before its members */
    struct standing *standings;
    uint32_t part_count;
};

/* All versions of a part's objective, the one in force last. */
static inline uint32_t part_version_count(const struct part *part)
{
    return part->earlier_count + 1;
}
static inline uint32_t part_series(const struct part *part, uint32_t version)
{
    return version < part->earlier_count ? part->earlier[version].series : part->now.series;
}

/* Whether the part has a figure of its own to be measured. */
static inline bool part_is_measured(const struct part *part)
{
    return part->now.series != NO_SERIES && !part->is_inner;
}
/* Its versions into evaluator->versions; their number. */
uint32_t part_versions(struct evaluator *evaluator, const struct part *part);

/* How many hidden series the agreement's composites and its credits by one need. */
uint32_t composition_series(const struct agreement_set *set, const struct agreement *agreement);
/* Of the composites among the series from series_first on, when all residents that they concern have
 * moved in. */
must_check enum status compositions_open(struct evaluator *evaluator, uint32_t series_first);
void compositions_close(struct evaluator *evaluator);

/* Counts a request for the hidden series of a resident. */
void composition_count(struct evaluator *evaluator, const struct resident *resident,
                       struct aside_masks masks, const struct event *event);
/* series: one that is shown, of a composite. */
void composition_bring_up(struct evaluator *evaluator, uint32_t series);
int64_t composition_due(struct evaluator *evaluator, uint32_t series);
/* Brought up. Fills all that measure_report and freeze_alerts do for other objectives.
 * with_policies: the figures under the other maintenance policies too. */
void composition_report(struct evaluator *evaluator, uint32_t series, bool with_policies,
                        struct objective_report *report_out);

/* Of a weighted composite: its report as of an instant up to now. False: raw events cannot be
 * read. */
bool composition_judge_at(struct evaluator *evaluator, struct composition *composition,
                          int64_t at_ns, struct objective_report *report_out);

#endif
