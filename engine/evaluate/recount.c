#include "evaluate/recount.h"

#include "evaluate/classify.h"
#include "evaluate/exclusion_reach.h"
#include "evaluate/fulfilment.h"
#include "evaluate/latency.h"
#include "evaluate/maintenance_reach.h"

/* The masks of one service of an agreement that events can change. */
struct mask_pair {
    struct span_set maintenance;
    struct span_set exclusion;
};

/* Later than this the periods of calendars end beyond 64-bit nanoseconds: nothing is spent there. */
#define ALLOWANCE_END_NS (INT64_MAX - 400 * NS_PER_DAY)

/* The part of the maintenance that the allowance covers: the first of each period. What lies outside
 * the term spends nothing. */
static void spend_allowance(const struct agreement *agreement, const struct span_set *maintenance,
                            struct span_set *covered)
{
    const struct window periods = {
        .kind = WINDOW_CALENDAR, .unit = agreement->allowance_unit, .zone = agreement->zone};
    struct span period = {INT64_MIN, INT64_MIN};
    int64_t left_ns = 0;
    for (uint32_t i = 0; i < maintenance->count; i++) {
        struct span rest = maintenance->spans[i];
        while (rest.start_ns < rest.end_ns && rest.start_ns < ALLOWANCE_END_NS) {
            if (rest.start_ns >= period.end_ns) {
                period = window_at(&periods, agreement->term, rest.start_ns);
                left_ns = agreement->allowance_ns;
            }
            int64_t end_ns = rest.end_ns < period.end_ns ? rest.end_ns : period.end_ns;
            int64_t length_ns = end_ns - rest.start_ns;
            int64_t spent_ns = length_ns < left_ns ? length_ns : left_ns;
            span_set_add(covered, (struct span){rest.start_ns, rest.start_ns + spent_ns});
            left_ns -= spent_ns;
            rest.start_ns = end_ns;
        }
    }
}

/* Adds the spans of the set that lie inside the span. */
static void add_inside(struct span_set *set, const struct span_set *from, struct span span)
{
    for (uint32_t i = 0; i < from->count; i++) {
        span_set_add(set, span_intersect(from->spans[i], span));
    }
}

/* All maintenance of one service, of the components that it rests on too. */
static void work_mask(struct evaluator *evaluator, struct resident *resident, uint32_t service,
                      struct span_set *mask)
{
    maintenance_mask(&evaluator->maintenances,
                     vocabulary_name(&evaluator->vocabulary, resident->service_words[service]),
                     resident->agreement->services[service], resident->customer_word != WORD_NONE,
                     resident_customer_name(evaluator, resident), mask);
    if (resident->needed != NULL && evaluator->maintenances.names_components) {
        struct timeline_sources sources;
        resident_sources(evaluator, resident, &sources);
        maintenance_reach_mask(&sources, &evaluator->maintenances, service, mask);
    }
}

/* Leaves of one service's maintenance what the allowance covers of the maintenance of all of the
 * agreement's services, united. */
static void apply_allowance(struct evaluator *evaluator, struct resident *resident,
                            struct span_set *mask)
{
    const struct agreement *agreement = resident->agreement;
    struct span term = agreement->term;
    struct span_set one = {0};
    struct span_set all = {0};
    struct span_set covered = {0};
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        work_mask(evaluator, resident, i, &one);
        add_inside(&all, &one, term);
    }
    span_set_normalize(&all);
    spend_allowance(agreement, &all, &covered);
    span_set_add(&covered, (struct span){INT64_MIN, term.start_ns});
    span_set_add(&covered, (struct span){term.end_ns, INT64_MAX});
    span_set_normalize(&covered);
    span_set_intersect(&one, mask, &covered);
    span_set_copy(mask, &one);
    span_set_fini(&one);
    span_set_fini(&all);
    span_set_fini(&covered);
}

static void masks_of(struct evaluator *evaluator, struct resident *resident, uint32_t service,
                     struct mask_pair *masks)
{
    uint32_t name = vocabulary_name(&evaluator->vocabulary, resident->service_words[service]);
    bool has_customer = resident->customer_word != WORD_NONE;
    uint32_t customer = resident_customer_name(evaluator, resident);
    work_mask(evaluator, resident, service, &masks->maintenance);
    if (resident->agreement->has_allowance) {
        apply_allowance(evaluator, resident, &masks->maintenance);
    }
    exclusion_mask(&evaluator->exclusions, &evaluator->incidents, name, has_customer, customer,
                   &masks->exclusion);
    if (resident->needed != NULL && evaluator->exclusions.count != 0) {
        struct timeline_sources sources;
        resident_sources(evaluator, resident, &sources);
        exclusion_reach_mask(&sources, service, &masks->exclusion);
    }
}

static void adopt(struct resident *resident, uint32_t service, const struct mask_pair *masks)
{
    span_set_copy(&resident->masks[service], &masks->maintenance);
    span_set_copy(&resident->exclusions[service], &masks->exclusion);
    resident->has_mask |= masks->maintenance.count != 0 || masks->exclusion.count != 0;
}

static void pair_fini(struct mask_pair *masks)
{
    span_set_fini(&masks->maintenance);
    span_set_fini(&masks->exclusion);
}

void recount_mask_first(struct evaluator *evaluator, struct resident *resident)
{
    struct mask_pair masks = {0};
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        masks_of(evaluator, resident, i, &masks);
        adopt(resident, i, &masks);
    }
    pair_fini(&masks);
}

/* Events of one service that were counted under the old mask are counted under the new one. */
struct recount {
    struct evaluator *evaluator;
    struct resident *resident;
    uint32_t service;
    const struct mask_pair *after;
};

static void recount_series(const struct evaluator *evaluator, struct series *series,
                           int64_t received_ns, const struct event *event, struct aside_masks was,
                           struct aside_masks is)
{
    if (series_takes(evaluator, series, event)) {
        struct class_counts before =
            classify_request(series->agreement, series->objective, was, event);
        struct class_counts after =
            classify_request(series->agreement, series->objective, is, event);
        series_recount(series, event->occurred_ns, before, after);
        latency_move(series, event, before, after);
        series_count_late(series, received_ns, event->occurred_ns, before, after);
    }
}

static bool recount_event(void *context, const struct batch *batch, uint32_t event_index)
{
    const struct recount *recount = context;
    struct evaluator *evaluator = recount->evaluator;
    const struct event *event = &batch->events[event_index];
    struct aside_masks was =
        resident_masks_at(recount->resident, recount->service, event->occurred_ns);
    struct aside_masks is = was;
    is.maintenance = span_set_holds(&recount->after->maintenance, event->occurred_ns);
    is.exclusion = span_set_holds(&recount->after->exclusion, event->occurred_ns);
    bool same = was.maintenance == is.maintenance && was.exclusion == is.exclusion;
    if (event->kind != EVENT_REQUEST || event->state != REQUEST_STATE_NONE || same ||
        event_is_out_of_time(evaluator, event, batch->received_ns) ||
        !resident_takes_customer(evaluator, recount->resident, event->customer)) {
        return true;
    }
    struct event corrected;
    event = correction_apply(correction_find(&evaluator->corrections, event->fingerprint), event,
                             &corrected);
    const struct route *route = routing_of(&evaluator->routing, event->service);
    bool counts = false;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct target *target = &evaluator->routing.targets[route->first + i];
        counts |=
            target->resident == recount->resident->pattern && target->service == recount->service;
    }
    const struct resident *resident = recount->resident;
    for (uint32_t i = 0; counts && i < resident_series_count(resident); i++) {
        recount_series(evaluator, &evaluator->series[resident_series(resident, i)],
                       batch->received_ns, event, was, is);
    }
    if (counts && resident->credit != NULL) {
        recount_series(evaluator, &resident->credit->series, batch->received_ns, event, was, is);
    }
    return true;
}

/* Reads the span again, as far as it was counted already. */
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

/* Adds the instants that only one of the sets holds. */
static void add_difference(struct span_set *changed, const struct span_set *before,
                           const struct span_set *after)
{
    struct span_set part = {0};
    for (uint32_t way = 0; way < 2; way++) {
        span_set_subtract(&part, way == 0 ? before : after, way == 0 ? after : before);
        for (uint32_t i = 0; i < part.count; i++) {
            span_set_add(changed, part.spans[i]);
        }
    }
    span_set_fini(&part);
}

static enum status recount_service(struct evaluator *evaluator, struct resident *resident,
                                   uint32_t service, const struct mask_pair *after,
                                   uint64_t position_end)
{
    struct recount recount = {
        .evaluator = evaluator,
        .resident = resident,
        .service = service,
        .after = after,
    };
    struct span_set changed = {0};
    add_difference(&changed, &resident->masks[service], &after->maintenance);
    add_difference(&changed, &resident->exclusions[service], &after->exclusion);
    span_set_normalize(&changed);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < changed.count && status == STATUS_OK; i++) {
        status = recount_span(&recount, changed.spans[i], position_end);
    }
    if (changed.count != 0) {
        fulfilment_uncount(evaluator, resident, service);
        adopt(resident, service, after);
        fulfilment_count(evaluator, resident, service);
        resident_mark_dirty(evaluator, resident, true);
    }
    span_set_fini(&changed);
    return status;
}

enum status recount_mask(struct evaluator *evaluator, struct resident *resident,
                         uint64_t position_end)
{
    enum status status = STATUS_OK;
    struct mask_pair masks = {0};
    gates_close(evaluator, resident);
    for (uint32_t i = 0; i < resident_series_count(resident); i++) {
        series_advance(&evaluator->series[resident_series(resident, i)], evaluator->now_ns);
    }
    if (resident->credit != NULL) {
        series_advance(&resident->credit->series, evaluator->now_ns);
    }
    for (uint32_t i = 0; i < resident->agreement->service_count && status == STATUS_OK; i++) {
        masks_of(evaluator, resident, i, &masks);
        status = recount_service(evaluator, resident, i, &masks, position_end);
    }
    pair_fini(&masks);
    return status;
}
