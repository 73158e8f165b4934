#include "evaluate/counting.h"

#include "evaluate/composition.h"
#include "evaluate/latency.h"

/* name ─► route ─► target and service ─► gate: each step four events after the one before. */
void counting_look_ahead(const struct evaluator *evaluator, const struct event *event)
{
    const struct routing *routing = &evaluator->routing;
    __builtin_prefetch(&routing->route_of_name[event[16].service]);
    uint32_t route = routing->route_of_name[event[12].service];
    if (route != 0) {
        __builtin_prefetch(&routing->routes[route - 1]);
    }
    route = routing->route_of_name[event[8].service];
    if (route != 0 && routing->routes[route - 1].count != 0) {
        __builtin_prefetch(&routing->targets[routing->routes[route - 1].first]);
        __builtin_prefetch(&evaluator->figures[routing->routes[route - 1].service - 1]);
    }
    route = routing->route_of_name[event[4].service];
    if (route != 0 && routing->routes[route - 1].count != 0) {
        const struct target *target = &routing->targets[routing->routes[route - 1].first];
        __builtin_prefetch(&evaluator->gates[target->series_first]);
    }
}

/* The short way: where all gates of a plain agreement are open for the request. False: it takes the
 * long one. */
static bool count_by_gates(struct evaluator *evaluator, uint32_t series_first,
                           uint32_t series_count, const struct event *event)
{
    struct gate *gates = &evaluator->gates[series_first];
    for (uint32_t i = 0; i < series_count; i++) {
        if (!gate_holds(&gates[i], event->occurred_ns) &&
            !gate_turn(evaluator, series_first + i, event->occurred_ns)) {
            return false;
        }
    }
    if (gates->customer_word != WORD_NONE &&
        gates->customer_word != vocabulary_word(&evaluator->vocabulary, event->customer)) {
        return true;
    }
    bool is_bare = classify_is_bare(event);
    for (uint32_t i = 0; i < series_count; i++) {
        struct gate *gate = &gates[i];
        if (gate->rule == NULL) {
            continue;
        }
        struct class_counts counts = {COUNTER_GOOD, COUNTER_BAD, 0, 0};
        if (is_bare && gate->by_status) {
            bool is_good = event->status < 500;
            counts.first_count = is_good ? event->total : 0;
            counts.second_count = is_good ? 0 : event->total;
        } else {
            counts = classify_by_rule(gate->rule, event);
        }
        gate->good += counts.first_count;
        gate->bad += counts.second_count;
        series_mark_dirty(evaluator, series_first + i);
        if (gate->keeps_latency && event->latency_ns != LATENCY_NONE) {
            struct series *series = &evaluator->series[series_first + i];
            series_advance(series, evaluator->now_ns);
            latency_take(series, event, counts);
        }
    }
    return true;
}

/* The customers of a `customer: each` have gates, which a target cannot know. */
static bool count_for_customer(struct evaluator *evaluator, const struct target *target,
                               const struct resident *resident, const struct event *event)
{
    uint32_t count = resident->agreement->objective_count;
    return resident != &evaluator->residents[target->resident] && resident_is_plain(resident) &&
           count != 0 && classify_is_valid(event) &&
           count_by_gates(evaluator, resident->series_first, count, event);
}

static void count_for(struct evaluator *evaluator, struct target *target, const struct event *event)
{
    if (target->series_count != 0 && classify_is_valid(event) &&
        count_by_gates(evaluator, target->series_first, target->series_count, event)) {
        return;
    }
    target_take_sign(evaluator, target, event->occurred_ns);
    struct resident *resident = resident_of_request(evaluator, target, event->customer);
    if (resident == NULL || count_for_customer(evaluator, target, resident, event)) {
        return;
    }
    struct aside_masks masks = resident_masks_at(resident, target->service, event->occurred_ns);
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        struct series *series = &evaluator->series[resident->series_first + i];
        if (!series_takes(evaluator, series, event)) {
            continue;
        }
        series_advance(series, evaluator->now_ns);
        struct class_counts counts =
            classify_request(resident->agreement, series->objective, masks, event);
        series_count(series, event->occurred_ns, counts);
        latency_count(series, event, counts);
        if (evaluator->received_ns >= series->late_from_ns) {
            series_count_late(series, evaluator->received_ns, event->occurred_ns, CLASS_COUNTS_NONE,
                              counts);
        }
        series_mark_dirty(evaluator, resident->series_first + i);
    }
    if (resident->hidden_count != 0) {
        composition_count(evaluator, resident, masks, event);
    }
    if (resident->credit != NULL && series_takes(evaluator, &resident->credit->series, event)) {
        struct series *series = &resident->credit->series;
        series_advance(series, evaluator->now_ns);
        series_count(series, event->occurred_ns,
                     classify_request(resident->agreement, series->objective, masks, event));
    }
    if (resident_is_plain(resident)) {
        gates_open(evaluator, resident, event->occurred_ns);
        bool is_known = resident == &evaluator->residents[target->resident];
        target->series_first = is_known ? resident->series_first : 0;
        target->series_count = is_known ? resident->agreement->objective_count : 0;
    }
}

static void count_for_service(struct evaluator *evaluator, const struct route *route,
                              const struct event *event)
{
    if (evaluator->settings.shard_index != 0) {
        return;
    }
    if (route->service == 0) {
        evaluator->counters.unmatched++;
        return;
    }
    struct service_figures *figures = &evaluator->figures[route->service - 1];
    struct class_counts counts = classify_plainly(event);
    if (counts.first == COUNTER_GOOD) {
        figures->good += counts.first_count;
        figures->bad += counts.second_count;
    } else {
        figures->excluded += counts.first_count;
    }
    if (figures->last_event_ns == TIME_NONE || event->occurred_ns > figures->last_event_ns) {
        figures->last_event_ns = event->occurred_ns;
    }
}

void counting_count(struct evaluator *evaluator, const struct event *event)
{
    const struct route *route = routing_of(&evaluator->routing, event->service);
    count_for_service(evaluator, route, event);
    struct event corrected;
    event = correction_apply(correction_find(&evaluator->corrections, event->fingerprint), event,
                             &corrected);
    struct target *targets = &evaluator->routing.targets[route->first];
    for (uint32_t i = 0; i < route->count; i++) {
        count_for(evaluator, &targets[i], event);
    }
}

void counting_take(struct evaluator *evaluator, const struct event *event, uint64_t position)
{
    if (event->occurred_ns < evaluator->now_ns) {
        counting_count(evaluator, event);
    } else if (held_add(&evaluator->held, event, position) != STATUS_OK) {
        evaluator->counters.future++;
    }
}

static bool was_served(const struct event *event)
{
    struct class_counts counts = classify_plainly(event);
    return event->state == REQUEST_STATE_FULFILLED ||
           (event->state == REQUEST_STATE_NONE && counts.first == COUNTER_GOOD &&
            counts.first_count != 0);
}

void counting_take_delivery(struct evaluator *evaluator, const struct event *event,
                            struct text extra)
{
    const struct route *route = routing_of(&evaluator->routing, event->service);
    struct text channel = TEXT_NONE;
    (void)event_extra_find(extra, EXTRA_CHANNEL, &channel);
    for (uint32_t i = 0; was_served(event) && i < route->count; i++) {
        const struct target *target = &evaluator->routing.targets[route->first + i];
        struct resident *resident = resident_of_request(evaluator, target, event->customer);
        if (resident != NULL && resident->deliveries != NULL) {
            deliveries_take(resident->deliveries, channel, event->occurred_ns);
            if (resident->deliveries->known_until_ns == INT64_MIN) {
                resident_mark_dirty(evaluator, resident, true);
            }
        }
    }
}

bool series_judges(struct evaluator *evaluator, uint32_t index, const struct event *event,
                   struct class_counts *counts_out)
{
    uint32_t resident_index = evaluator->resident_of[index];
    struct resident *resident = &evaluator->residents[resident_index];
    if (event->kind != EVENT_REQUEST || event->state != REQUEST_STATE_NONE ||
        !resident_takes_customer(evaluator, resident, event->customer) ||
        !series_takes(evaluator, &evaluator->series[index], event)) {
        return false;
    }
    struct event corrected;
    event = correction_apply(correction_find(&evaluator->corrections, event->fingerprint), event,
                             &corrected);
    const struct route *route = routing_of(&evaluator->routing, event->service);
    for (uint32_t i = 0; i < route->count; i++) {
        const struct target *target = &evaluator->routing.targets[route->first + i];
        if (target->resident == resident->pattern) {
            *counts_out = classify_request(
                resident->agreement, evaluator->series[index].objective,
                resident_masks_at(resident, target->service, event->occurred_ns), event);
            return counts_out->first_count != 0 || counts_out->second_count != 0;
        }
    }
    return false;
}
