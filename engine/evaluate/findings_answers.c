/* Findings among incidents that were to be answered within a limit. */
#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/answers.h"
#include "evaluate/findings_parts.h"

struct answer_list {
    struct answer *answers;
    uint32_t count;
    uint32_t size;
    struct span window;
};

static void keep(void *context, const struct answer *answer)
{
    struct answer_list *list = context;
    if (!span_holds(list->window, answer->span.end_ns)) {
        return;
    }
    if (list->count == list->size) {
        list->size = list->size == 0 ? 64 : list->size * 2;
        list->answers = realloc(list->answers, list->size * sizeof(*list->answers));
        assert(list->answers != NULL);
    }
    list->answers[list->count++] = *answer;
}

static int compare(const void *left, const void *right)
{
    const struct answer *a = left;
    const struct answer *b = right;
    if (a->span.end_ns != b->span.end_ns) {
        return a->span.end_ns < b->span.end_ns ? -1 : 1;
    }
    return (a->incident->position > b->incident->position) -
           (a->incident->position < b->incident->position);
}

static void tell(struct finding_walk *walk, const struct answer *answer)
{
    const struct incident *incident = answer->incident;
    struct finding finding = {
        .type = FINDING_INCIDENT,
        .unit = BUDGET_INCIDENTS,
        .share = answer->counts.first_count + answer->counts.second_count,
        .has_position = true,
        .position = incident->position,
        .span = answer->span,
        .severity = incident->severity,
        .id = name_text(walk->evaluator->settings.names, incident->id),
    };
    enum counter counter =
        answer->counts.first_count != 0 ? answer->counts.first : answer->counts.second;
    if (!findings_sum_of(counter, walk->series->agreement->maintenance, &finding)) {
        return;
    }
    const char *words = walk->series->objective->method == METHOD_RESPONSE
                            ? "not acknowledged within the limit"
                            : "not resolved within the limit";
    finding.reason = text_from(finding.sum == FINDING_SUM_BAD ? words : aside_word(finding.aside));
    findings_tell(walk, &finding);
}

void findings_of_answers(struct finding_walk *walk)
{
    struct evaluator *evaluator = walk->evaluator;
    struct answer_list list = {.window = walk->span};
    (void)answers_walk(evaluator, &evaluator->residents[evaluator->resident_of[walk->index]],
                       &evaluator->timelines[walk->index], walk->series, keep, &list);
    if (list.count > 1) {
        qsort(list.answers, list.count, sizeof(*list.answers), compare);
    }
    for (uint32_t i = 0; i < list.count; i++) {
        tell(walk, &list.answers[i]);
    }
    free(list.answers);
}
