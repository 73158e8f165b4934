#include "evaluate/cases.h"

#include "evaluate/answers.h"
#include "evaluate/fulfilment.h"

int64_t cases_recount(struct evaluator *evaluator, uint32_t index, struct series *series)
{
    if (!method_counts_incidents(series->objective->method)) {
        return INT64_MAX;
    }
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    series_clear(series);
    int64_t next_ns = answers_count(evaluator, resident, &evaluator->timelines[index], series);
    series_flush(series);
    return next_ns;
}

void cases_recall(struct evaluator *evaluator, uint32_t index, struct series *then)
{
    cases_recount(evaluator, index, then);
    if (then->objective->method == METHOD_FULFILMENT) {
        fulfilment_recall(evaluator, &evaluator->residents[evaluator->resident_of[index]], then);
    }
}

void cases_bring_up(struct evaluator *evaluator, uint32_t index)
{
    struct timeline *timeline = &evaluator->timelines[index];
    if (evaluator->now_ns >= timeline->decided_until_ns) {
        timeline->decided_until_ns = cases_recount(evaluator, index, &evaluator->series[index]);
    }
}
