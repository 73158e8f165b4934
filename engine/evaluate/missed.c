#include "evaluate/missed.h"

#include "evaluate/deliveries.h"
#include "evaluate/evaluator_state.h"

/* What is to come is laid out too, and is none yet. */
static bool has_begun(const struct evaluator *evaluator, struct span span)
{
    return span.start_ns < span.end_ns && span.start_ns < evaluator->now_ns;
}

static void walk_one(struct evaluator *evaluator, const struct resident *resident,
                     missed_visit *visit, void *context)
{
    const struct deliveries *deliveries = resident->deliveries;
    const struct agreement *agreement = resident->agreement;
    for (uint32_t i = 0; i < deliveries->missed_count; i++) {
        const struct missed_delivery *missed = &deliveries->missed[i];
        struct span span =
            span_intersect(span_intersect(missed->span, agreement->term), agreement->in_force);
        if (has_begun(evaluator, span)) {
            span.end_ns = span.end_ns > evaluator->now_ns ? INT64_MAX : span.end_ns;
            visit(context, agreement, missed->request, span);
        }
    }
}

void missed_walk(struct evaluator *evaluator, missed_visit *visit, void *context)
{
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        struct resident *resident = &evaluator->residents[i];
        if (resident->deliveries != NULL) {
            deliveries_bring_up(resident->deliveries, evaluator->now_ns);
            walk_one(evaluator, resident, visit, context);
        }
    }
}
