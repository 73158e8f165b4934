#include "evaluate/recount.h"

#include "evaluate/classify.h"

static void mask_of(struct evaluator *evaluator, const struct resident *resident, uint32_t service,
                    struct span_set *mask)
{
    maintenance_mask(&evaluator->maintenances,
                     vocabulary_name(&evaluator->vocabulary, resident->service_words[service]),
                     resident->agreement->services[service], resident->customer_word != WORD_NONE,
                     resident_customer_name(evaluator, resident), mask);
}

void recount_mask_first(struct evaluator *evaluator, struct resident *resident)
{
    resident->has_mask = false;
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        mask_of(evaluator, resident, i, &resident->masks[i]);
        resident->has_mask |= resident->masks[i].count != 0;
    }
}

/* Events of one service that were counted under the old mask are counted under the new one. */
struct recount {
    struct evaluator *evaluator;
    const struct resident *resident;
    uint32_t resident_index;
    uint32_t service;
    const struct span_set *before;
    const struct span_set *after;
};

static void recount_series(struct series *series, const struct event *event, bool was, bool is)
{
    if (series->objective->method != METHOD_UPTIME) {
        series_recount(series, event->occurred_ns,
                       classify_request(series->agreement, series->objective,
                                        (struct aside_masks){.maintenance = was}, event),
                       classify_request(series->agreement, series->objective,
                                        (struct aside_masks){.maintenance = is}, event));
    }
}

static bool recount_event(void *context, const struct batch *batch, uint32_t event_index)
{
    const struct recount *recount = context;
    struct evaluator *evaluator = recount->evaluator;
    const struct event *event = &batch->events[event_index];
    bool was = span_set_holds(recount->before, event->occurred_ns);
    bool is = span_set_holds(recount->after, event->occurred_ns);
    if (event->kind != EVENT_REQUEST || event->state != REQUEST_STATE_NONE || was == is ||
        event_is_out_of_time(evaluator, event, batch->received_ns) ||
        !resident_takes_customer(evaluator, recount->resident, event->customer)) {
        return true;
    }
    const struct route *route = routing_of(&evaluator->routing, event->service);
    bool counts = false;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct target *target = &evaluator->routing.targets[route->first + i];
        counts |=
            target->resident == recount->resident_index && target->service == recount->service;
    }
    const struct resident *resident = recount->resident;
    for (uint32_t i = 0; counts && i < resident->agreement->objective_count; i++) {
        recount_series(&evaluator->series[resident->series_first + i], event, was, is);
    }
    if (counts && resident->credit != NULL) {
        recount_series(&resident->credit->series, event, was, is);
    }
    return true;
}

/* Reads again what lies in spans that only one of the masks holds, as far as it was counted
 * already. */
static enum status recount_span(struct recount *recount, struct span span, uint64_t position_end)
{
    struct evaluator *evaluator = recount->evaluator;
    const struct history *history = &evaluator->settings.history;
    if (span.end_ns > evaluator->now_ns) {
        span.end_ns = evaluator->now_ns; /* the rest is held back and will meet the new mask */
    }
    if (span.end_ns <= span.start_ns) {
        return STATUS_OK;
    }
    struct evaluator_counters counters = evaluator->counters;
    enum status status = history->scan(history->context, span.start_ns, span.end_ns, position_end,
                                       recount_event, recount);
    evaluator->counters = counters; /* those out of time were counted when they came */
    return status;
}

static enum status recount_service(struct evaluator *evaluator, struct resident *resident,
                                   uint32_t service, const struct span_set *after,
                                   uint64_t position_end)
{
    struct span_set *before = &resident->masks[service];
    struct recount recount = {
        .evaluator = evaluator,
        .resident = resident,
        .resident_index = (uint32_t)(resident - evaluator->residents),
        .service = service,
        .before = before,
        .after = after,
    };
    struct span_set lost = {0};
    struct span_set won = {0};
    span_set_subtract(&lost, before, after);
    span_set_subtract(&won, after, before);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < lost.count && status == STATUS_OK; i++) {
        status = recount_span(&recount, lost.spans[i], position_end);
    }
    for (uint32_t i = 0; i < won.count && status == STATUS_OK; i++) {
        status = recount_span(&recount, won.spans[i], position_end);
    }
    span_set_fini(&lost);
    span_set_fini(&won);
    return status;
}

enum status recount_mask(struct evaluator *evaluator, struct resident *resident,
                         uint64_t position_end)
{
    enum status status = STATUS_OK;
    struct span_set mask = {0};
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        series_advance(&evaluator->series[resident->series_first + i], evaluator->now_ns);
    }
    if (resident->credit != NULL) {
        series_advance(&resident->credit->series, evaluator->now_ns);
    }
    for (uint32_t i = 0; i < resident->agreement->service_count && status == STATUS_OK; i++) {
        mask_of(evaluator, resident, i, &mask);
        if (!span_set_equal(&mask, &resident->masks[i])) {
            status = recount_service(evaluator, resident, i, &mask, position_end);
            span_set_copy(&resident->masks[i], &mask);
            resident->has_mask |= mask.count != 0;
            resident_mark_dirty(evaluator, resident, true);
        }
    }
    span_set_fini(&mask);
    return status;
}
