/* Findings of methods with a limit: incidents that were to be answered, requests that were to be
 * fulfilled within it, in the order in which they were decided. */
#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/answers.h"
#include "evaluate/findings_parts.h"
#include "evaluate/fulfilment.h"

struct decided_list {
    const struct finding_walk *walk;
    struct finding *findings; /* each ends when it was decided */
    uint32_t count;
    uint32_t size;
};

static void add(struct decided_list *list, const struct finding *finding)
{
    if (list->count == list->size) {
        list->size = list->size == 0 ? 64 : list->size * 2;
        list->findings = realloc(list->findings, list->size * sizeof(*list->findings));
        assert(list->findings != NULL);
    }
    list->findings[list->count++] = *finding;
}

/* Not one that is good, or that another window has. false: it is none of ours. */
static bool take_counts(const struct decided_list *list, struct class_counts counts,
                        const char *words, struct finding *finding)
{
    enum counter counter = counts.first_count != 0 ? counts.first : counts.second;
    finding->share = counts.first_count + counts.second_count;
    if (finding->share == 0 || !span_holds(list->walk->span, finding->span.end_ns) ||
        !findings_sum_of(counter, list->walk->series->agreement->maintenance, finding)) {
        return false;
    }
    finding->reason = finding->sum == FINDING_SUM_BAD        ? text_from(words)
                      : finding->sum == FINDING_SUM_EXCLUDED ? text_from(aside_word(finding->aside))
                                                             : TEXT_NONE;
    return true;
}

static void take_answer(void *context, const struct answer *answer)
{
    struct decided_list *list = context;
    const struct incident *incident = answer->incident;
    struct finding finding = {
        .type = FINDING_INCIDENT,
        .unit = BUDGET_INCIDENTS,
        .has_position = true,
        .position = incident->position,
        .span = answer->span,
        .severity = incident->severity,
        .id = name_text(list->walk->evaluator->settings.names, incident->id),
    };
    const char *words = list->walk->series->objective->method == METHOD_RESPONSE
                            ? "not acknowledged within the limit"
                            : "not resolved within the limit";
    if (take_counts(list, answer->counts, words, &finding)) {
        add(list, &finding);
    }
}

static void take_life(void *context, const struct fulfilled *fulfilled)
{
    struct decided_list *list = context;
    struct finding finding = {
        .type = FINDING_REQUEST,
        .unit = BUDGET_REQUESTS,
        .has_position = true,
        .position = fulfilled->life->events[0].position,
        .span = {fulfilled->story->start_ns, fulfilled->at_ns},
        .service = name_text(list->walk->evaluator->settings.names, fulfilled->service),
    };
    const char *words =
        fulfilled->story->end == LIFE_FAILED ? "failed" : "not fulfilled within the limit";
    if (take_counts(list, fulfilled->counts, words, &finding)) {
        add(list, &finding);
    }
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

void findings_of_limits(struct finding_walk *walk)
{
    struct evaluator *evaluator = walk->evaluator;
    struct resident *resident = &evaluator->residents[evaluator->resident_of[walk->index]];
    struct decided_list list = {.walk = walk};
    if (walk->series->objective->method == METHOD_FULFILMENT) {
        fulfilment_walk(evaluator, resident, walk->series, take_life, &list);
    } else {
        (void)answers_walk(evaluator, resident, &evaluator->timelines[walk->index], walk->series,
                           take_answer, &list);
    }
    if (list.count > 1) {
        qsort(list.findings, list.count, sizeof(*list.findings), compare);
    }
    for (uint32_t i = 0; i < list.count; i++) {
        findings_tell(walk, &list.findings[i]);
    }
    free(list.findings);
}
