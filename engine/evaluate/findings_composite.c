/* Findings of composites: what their members make of them.
 *
 * `any_bad` has time or slices of its own: time is told by the causes of all members, each as far as
 * it made its own member bad, slices as such. A weighted composite is an arithmetic of its members'
 * figures: each member is told with its figure and its weight, and has evidence of its own.
 */
#include <stdio.h>

#include "base/panic.h"
#include "evaluate/composition.h"
#include "evaluate/findings_parts.h"
#include "evaluate/measure.h"
#include "evaluate/slices.h"

static struct composition *composition_of(const struct finding_walk *walk)
{
    assert(walk->evaluator->composition_of[walk->index] != 0);
    return walk->evaluator->compositions[walk->evaluator->composition_of[walk->index] - 1];
}

/* Which sets of a member its causes are told by. */
typedef void gather(struct cause_list *list, struct finding_walk *walk, uint32_t series);

/* A cause counts where its member counts it: what rounding or an exclusion of the member takes away
 * is nothing to the composite. */
static void gather_bad(struct cause_list *list, struct finding_walk *walk, uint32_t series)
{
    struct evaluator *evaluator = walk->evaluator;
    const struct series *member = &evaluator->series[series];
    struct time_sets sets = measure_time_sets(member, &evaluator->timelines[series]);
    uint32_t first = list->count;
    causes_of_bad(list, evaluator, series);
    causes_keep_within(list, first, sets.bad,
                       objective_judged(member->agreement, member->objective));
}

static void gather_left_out(struct cause_list *list, struct finding_walk *walk, uint32_t series)
{
    uint32_t first = list->count;
    const struct series *member = &walk->evaluator->series[series];
    causes_of_left_out(list, walk->evaluator, series, walk->span);
    struct time_sets sets = measure_time_sets(member, &walk->evaluator->timelines[series]);
    causes_keep_within(list, first, sets.left_out,
                       objective_judged(member->agreement, member->objective));
}

static void gather_unknown(struct cause_list *list, struct finding_walk *walk, uint32_t series)
{
    const struct series *member = &walk->evaluator->series[series];
    causes_of_unknown(list, walk->evaluator, series, method_has_slices(member->objective->method));
}

/* Of all members below the composite, in their order, by all their versions. */
static void gather_all(struct cause_list *list, struct finding_walk *walk,
                       const struct composition *composition, gather *from)
{
    for (uint32_t i = 0; i < composition->part_count; i++) {
        const struct part *part = &composition->parts[i];
        for (uint32_t j = 0; part->composite == NULL && j < part_version_count(part); j++) {
            from(list, walk, part_series(part, j));
        }
    }
}

static void tell_time(struct finding_walk *walk, const struct composition *composition,
                      const struct timeline *timeline)
{
    struct time_sets sets = measure_time_sets(walk->series, timeline);
    struct cause_list list = {0};
    gather_all(&list, walk, composition, gather_bad);
    findings_tell_causes(walk, &list, sets.bad, FINDING_SUM_BAD, FINDING_MEMBER);
    cause_list_fini(&list);
    gather_all(&list, walk, composition, gather_left_out);
    findings_tell_causes(walk, &list, sets.left_out, FINDING_SUM_EXCLUDED, FINDING_MEMBER);
    cause_list_fini(&list);
    gather_all(&list, walk, composition, gather_unknown);
    findings_tell_causes(walk, &list, sets.unknown, FINDING_SUM_UNKNOWN, FINDING_MEMBER);
    cause_list_fini(&list);
}

static void tell_slices(struct finding_walk *walk, const struct composition *composition,
                        const struct timeline *timeline)
{
    struct cause_list left_out = {0};
    struct cause_list unknown = {0};
    gather_all(&left_out, walk, composition, gather_left_out);
    gather_all(&unknown, walk, composition, gather_unknown);
    findings_tell_slices(walk, timeline, NULL, &left_out, &unknown);
    cause_list_fini(&left_out);
    cause_list_fini(&unknown);
}

/* Weighted */

/* What the member lacks of 1 in the composite's eyes. false: it is left out. */
static bool lacking_of(const struct composite *composite, const struct shortfall *shortfall,
                       uint64_t *parts_out)
{
    *parts_out = shortfall->known                    ? shortfall->parts
                 : composite->missing == MISSING_BAD ? RATIO_ONE
                                                     : 0;
    return shortfall->known || composite->missing != MISSING_IGNORE;
}

/* What the weighted sum is divided by. */
static uint128 divisor_of(const struct composite *composite, const struct standing *members)
{
    uint128 weights = 0;
    uint64_t unused;
    if (composite->combine == COMBINE_WEIGHTED_ERROR_SUM) {
        return WEIGHT_ONE;
    }
    for (uint32_t i = 0; i < composite->member_count; i++) {
        weights +=
            lacking_of(composite, &members[i].window, &unused) ? composite->members[i].weight : 0;
    }
    return weights;
}

/* Of a term that has not begun nothing has. */
static struct span passed(struct span span)
{
    span.end_ns = span.end_ns > span.start_ns ? span.end_ns : span.start_ns;
    return span;
}

/* Each member's share of what the composite lacks: what is added to the sum of those before it,
 * rounded as the composite rounds the whole sum, so that the shares add up. */
static void tell_members(struct finding_walk *walk, const struct composition *composition)
{
    const struct part *root = &composition->parts[0];
    const struct composite *composite = root->composite;
    const struct standing *members = &composition->standings[root->member_first];
    uint64_t whole = composition->standings[0].window.parts;
    uint128 divisor = divisor_of(composite, members);
    uint128 sum = 0;
    uint64_t told = 0;
    for (uint32_t i = 0; i < composite->member_count; i++) {
        uint64_t parts;
        bool counts = lacking_of(composite, &members[i].window, &parts);
        sum += counts ? (uint128)composite->members[i].weight * parts : 0;
        uint64_t until = !counts                  ? told
                         : sum >= divisor * whole ? whole
                                                  : divide_half_even(sum, divisor);
        const struct finding finding = {
            .type = FINDING_MEMBER,
            .sum = counts ? FINDING_SUM_BAD : FINDING_SUM_UNKNOWN,
            .unit = BUDGET_RATIO,
            .share = until - told,
            .span = passed(walk->span),
            .id = text_from(composite->members[i].name),
            .weight = composite->members[i].weight,
            .lacking = parts,
            .reason = text_from(members[i].window.known ? "what the member lacks"
                                                        : "a member without data"),
        };
        findings_tell(walk, &finding);
        told = until;
    }
}

void findings_of_composite(struct finding_walk *walk)
{
    struct composition *composition = composition_of(walk);
    const struct part *root = &composition->parts[0];
    if (root->any_bad == NULL) {
        walk->span = measure_span(walk->series);
        tell_members(walk, composition);
        return;
    }
    uint32_t index = part_series(root, 0);
    const struct timeline *timeline = &walk->evaluator->timelines[index];
    walk->series = &walk->evaluator->series[index];
    walk->span = measure_span(walk->series);
    if (walk->series->objective->method == METHOD_UPTIME) {
        tell_time(walk, composition, timeline);
    } else {
        tell_slices(walk, composition, timeline);
    }
}
