#include "evaluate/findings.h"

#include "evaluate/findings_parts.h"
#include "evaluate/measure.h"

void findings_tell(struct finding_walk *walk, const struct finding *finding)
{
    if (!walk->enough) {
        walk->enough = !walk->take(walk->context, finding);
    }
}

/* set := what of it lies inside. */
static void keep_inside(struct span_set *set, const struct span_set *from, struct span inside)
{
    span_set_clear(set);
    for (uint32_t i = 0; i < from->count; i++) {
        span_set_add(set, span_intersect(from->spans[i], inside));
    }
    span_set_normalize(set);
}

/* Room for the algebra of one telling. */
struct shares {
    struct span window; /* inside the term */
    struct span_set rest;
    struct span_set own;
    struct span_set part;
};

static void shares_fini(struct shares *shares)
{
    span_set_fini(&shares->rest);
    span_set_fini(&shares->own);
    span_set_fini(&shares->part);
}

/* What the cause holds of the rest; that is taken from it. */
static uint64_t take_share(struct shares *shares, const struct cause *cause, struct span clipped)
{
    const struct span_set clip = {.spans = &clipped, .count = 1};
    if (cause->within == NULL) {
        span_set_copy(&shares->own, &clip);
    } else {
        span_set_intersect(&shares->own, cause->within, &clip);
    }
    span_set_intersect(&shares->part, &shares->rest, &shares->own);
    uint64_t share = (uint64_t)span_set_measure(&shares->part, shares->window);
    if (share != 0) {
        span_set_subtract(&shares->part, &shares->rest, &shares->own);
        span_set_copy(&shares->rest, &shares->part);
    }
    return share;
}

static struct text rest_reason(const struct finding_walk *walk, enum finding_type type)
{
    return text_from(type == FINDING_ROUNDING ? rounding_word(walk->series->objective->rounding)
                     : type == FINDING_MEMBER ? "a member without data, or its rounding"
                                              : "not traced to one event");
}

static void tell_rest(struct finding_walk *walk, const struct span_set *rest, enum finding_sum sum,
                      enum finding_type type)
{
    for (uint32_t i = 0; i < rest->count; i++) {
        const struct finding finding = {
            .type = type,
            .sum = sum,
            .unit = BUDGET_NS,
            .span = rest->spans[i],
            .share = (uint64_t)span_length(rest->spans[i]),
            .reason = rest_reason(walk, type),
        };
        findings_tell(walk, &finding);
    }
}

void findings_tell_causes(struct finding_walk *walk, const struct cause_list *list,
                          const struct span_set *set, enum finding_sum sum, enum finding_type rest)
{
    struct shares shares = {
        .window = span_intersect(
            walk->span, objective_judged(walk->series->agreement, walk->series->objective))};
    if (span_length(shares.window) == 0) {
        return;
    }
    keep_inside(&shares.rest, set, shares.window);
    for (uint32_t i = 0; i < list->count && !walk->enough; i++) {
        struct finding finding = list->causes[i].finding;
        finding.span = span_intersect(finding.span, shares.window);
        if (span_length(finding.span) > 0) {
            finding.sum = sum;
            finding.unit = BUDGET_NS;
            finding.share = take_share(&shares, &list->causes[i], finding.span);
            findings_tell(walk, &finding);
        }
    }
    tell_rest(walk, &shares.rest, sum, rest);
    shares_fini(&shares);
}

static void tell_gaps(struct finding_walk *walk, const struct span_set *unknown, bool declared_only)
{
    struct cause_list list = {0};
    causes_of_unknown(&list, walk->evaluator, walk->index, declared_only);
    findings_tell_causes(walk, &list, unknown, FINDING_SUM_UNKNOWN, FINDING_OTHER);
    cause_list_fini(&list);
}

static void findings_of_time(struct finding_walk *walk)
{
    struct time_sets sets =
        measure_time_sets(walk->series, &walk->evaluator->timelines[walk->index]);
    bool rounded = timeline_is_rounded(walk->series->objective);
    struct cause_list list = {0};
    causes_of_bad(&list, walk->evaluator, walk->index);
    findings_tell_causes(walk, &list, sets.bad, FINDING_SUM_BAD,
                         rounded ? FINDING_ROUNDING : FINDING_OTHER);
    cause_list_fini(&list);
    causes_of_left_out(&list, walk->evaluator, walk->index, walk->span);
    findings_tell_causes(walk, &list, sets.left_out, FINDING_SUM_EXCLUDED, FINDING_OTHER);
    cause_list_fini(&list);
    tell_gaps(walk, sets.unknown, false);
}

/* Coverage is of the part of the window that has passed, inside the term. */
static void tell_gaps_of_requests(struct finding_walk *walk)
{
    struct time_sets sets =
        measure_time_sets(walk->series, &walk->evaluator->timelines[walk->index]);
    struct span span = walk->span;
    if (walk->span.start_ns == INT64_MIN) {
        walk->span.start_ns = 0; /* there is no service before the epoch */
    }
    tell_gaps(walk, sets.gaps, true);
    walk->span = span;
}

/* Told with every method, with a share of 0. */
static void tell_proposals(struct finding_walk *walk)
{
    static const struct span_set nothing = {0};
    struct cause_list list = {0};
    struct span span = walk->span;
    if (walk->span.start_ns == INT64_MIN) {
        walk->span.start_ns = 0;
    }
    causes_of_proposals(&list, walk->evaluator, walk->index);
    findings_tell_causes(walk, &list, &nothing, FINDING_SUM_EXCLUDED, FINDING_OTHER);
    cause_list_fini(&list);
    walk->span = span;
}

static enum status walk_version(struct finding_walk *walk)
{
    walk->series = &walk->evaluator->series[walk->index];
    walk->span = measure_span(walk->series);
    enum status status = STATUS_OK;
    switch (walk->series->objective->method) {
    case METHOD_OCCURRENCES:
        status = findings_of_requests(walk, NULL);
        tell_gaps_of_requests(walk);
        break;
    case METHOD_TIMESLICES:
    case METHOD_RATIO_TIMESLICES:
        status = findings_of_slices(walk);
        break;
    case METHOD_UPTIME:
        findings_of_time(walk);
        break;
    case METHOD_RESPONSE:
    case METHOD_RESOLUTION:
    case METHOD_FULFILMENT:
        findings_of_limits(walk);
        tell_gaps_of_requests(walk);
        break;
    case METHOD_COMPOSITE: /* of an earlier version: the one in force judges the whole window */
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        tell_proposals(walk);
    }
    return status;
}

enum status findings_walk(struct evaluator *evaluator, uint32_t number, finding_take *take,
                          void *context)
{
    struct objective_report report;
    struct finding_walk walk = {.evaluator = evaluator, .take = take, .context = context};
    uint32_t index;
    if (!evaluator_find_series(evaluator, number, &index) ||
        !evaluator_report(evaluator, number, &report)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = STATUS_OK;
    if (evaluator->composition_of[index] != 0) {
        walk.index = index;
        walk.series = &evaluator->series[index];
        findings_of_composite(&walk);
        return row_pager_settle(&evaluator->pager);
    }
    uint32_t count = evaluator_versions(evaluator, index);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        evaluator_versions(evaluator, index);
        walk.index = (uint32_t)(evaluator->versions[i].series - evaluator->series);
        if (measures_add_up(evaluator->series[walk.index].objective, report.objective)) {
            status = walk_version(&walk);
        }
    }
    return status == STATUS_OK ? row_pager_settle(&evaluator->pager) : status;
}
