/* Findings among requests with a life. */
#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/findings_parts.h"
#include "evaluate/fulfilment.h"

struct life_list {
    struct finding *findings;
    uint32_t count;
    uint32_t size;
    struct finding_walk *walk;
};

static const char *reason_of(enum life_end end)
{
    return end == LIFE_FAILED ? "failed" : "not fulfilled within the limit";
}

static void keep(void *context, const struct life_case *one)
{
    struct life_list *list = context;
    const struct series *series = list->walk->series;
    struct finding finding = {
        .type = FINDING_REQUEST,
        .unit = BUDGET_REQUESTS,
        .share = one->counts.first_count,
        .has_position = true,
        .position = one->position,
        .span = span_intersect(one->span, (struct span){list->walk->span.start_ns, INT64_MAX}),
    };
    if (!span_holds(list->walk->span, one->span.end_ns) || finding.share == 0 ||
        !findings_sum_of(one->counts.first, series->agreement->maintenance, &finding)) {
        return;
    }
    finding.reason = text_from(finding.sum == FINDING_SUM_BAD        ? reason_of(one->end)
                               : finding.sum == FINDING_SUM_EXCLUDED ? aside_word(finding.aside)
                                                                     : "out of scope");
    if (list->count == list->size) {
        list->size = list->size == 0 ? 64 : list->size * 2;
        list->findings = realloc(list->findings, list->size * sizeof(*list->findings));
        assert(list->findings != NULL);
    }
    list->findings[list->count++] = finding;
}

static int compare(const void *left, const void *right)
{
    const struct finding *a = left;
    const struct finding *b = right;
    if (a->span.end_ns != b->span.end_ns) {
        return a->span.end_ns < b->span.end_ns ? -1 : 1;
    }
    return (a->position > b->position) - (a->position < b->position);
}

void findings_of_lives(struct finding_walk *walk)
{
    struct evaluator *evaluator = walk->evaluator;
    struct life_list list = {.walk = walk};
    fulfilment_walk(evaluator, &evaluator->residents[evaluator->resident_of[walk->index]],
                    walk->series, keep, &list);
    if (list.count > 1) {
        qsort(list.findings, list.count, sizeof(*list.findings), compare);
    }
    for (uint32_t i = 0; i < list.count; i++) {
        findings_tell(walk, &list.findings[i]);
    }
    free(list.findings);
}
