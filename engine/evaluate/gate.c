#include "evaluate/gate.h"

#include <stdlib.h>

#include "evaluate/evaluator_state.h"

#define CACHE_LINE 64

struct gate *gates_grow(struct gate *gates, uint32_t from, uint32_t to)
{
    struct gate *grown = aligned_alloc(CACHE_LINE, to * sizeof(*grown));
    if (grown != NULL) {
        memset(grown, 0, to * sizeof(*grown));
        if (from != 0) {
            memcpy(grown, gates, from * sizeof(*grown));
        }
        free(gates);
    }
    return grown;
}

bool resident_is_plain(const struct resident *resident)
{
    return !resident->is_pattern && resident->signs == NULL && resident->hidden_count == 0;
}

/* The series that the agreement's credits are paid by counts what this one does; NULL: another. */
static struct series *credit_beside(const struct resident *resident, uint32_t index)
{
    bool is_paid_by = resident->credit != NULL &&
                      index == resident->series_first + resident->agreement->credits->objective;
    return is_paid_by ? &resident->credit->series : NULL;
}

/* In which no mask of any of the agreement's services lies; empty: one holds the instant. */
static struct span unmasked(const struct resident *resident, int64_t ns)
{
    struct span span = {INT64_MIN, INT64_MAX};
    for (uint32_t i = 0; resident->has_mask && i < resident->agreement->service_count; i++) {
        span = span_intersect(span, span_set_gap(&resident->masks[i], ns));
        span = span_intersect(span, span_set_gap(&resident->exclusions[i], ns));
    }
    return span;
}

/* Before or after the version of the agreement, where its series counts nothing. */
static bool is_of_another_version(const struct objective *objective, int64_t ns, struct span *span)
{
    *span = (struct span){INT64_MIN, INT64_MAX};
    if (ns >= objective->in_force.end_ns) {
        span->start_ns = objective->in_force.end_ns;
        return true;
    }
    span->end_ns = objective->in_force.start_ns;
    return ns < objective->in_force.start_ns && !objective->is_first;
}

static void open_for_none(struct gate *gate, struct span span)
{
    gate->plain = span;
    gate->rule = NULL;
    gate->from_ns = span.start_ns;
    gate->length_ns = (uint64_t)span.end_ns - (uint64_t)span.start_ns;
}

static void open_second(struct gate *gate, int64_t ns)
{
    int64_t second_ns = floor_to(ns, NS_PER_SECOND);
    struct span span =
        span_intersect(gate->plain, (struct span){second_ns, second_ns + NS_PER_SECOND});
    gate->from_ns = span.start_ns;
    gate->length_ns = (uint64_t)(span.end_ns - span.start_ns);
}

static void find_stretch(struct evaluator *evaluator, struct resident *resident, uint32_t index,
                         int64_t ns)
{
    struct gate *gate = &evaluator->gates[index];
    const struct series *series = &evaluator->series[index];
    const struct objective *objective = series->objective;
    struct span another;
    gate->customer_word = resident->customer_word;
    if (!method_judges_requests(objective->method)) {
        open_for_none(gate, (struct span){INT64_MIN, INT64_MAX});
        return;
    }
    if (is_of_another_version(objective, ns, &another)) {
        open_for_none(gate, another);
        return;
    }
    struct span span =
        span_intersect(objective_judged(resident->agreement, objective), unmasked(resident, ns));
    if (resident->agreement->hours != NULL) {
        struct aside_masks masks = resident_masks_at(resident, 0, ns);
        span = masks.off_hours ? (struct span){0, 0} : span_intersect(span, resident->hours_known);
    }
    const struct series *credit = credit_beside(resident, index);
    if (objective->total.narrowed || !series->edges_on_seconds ||
        (credit != NULL && !credit->edges_on_seconds) || !span_holds(span, ns) ||
        evaluator->received_ns >= series->late_from_ns) {
        return;
    }
    if (series->late_from_ns < evaluator->gates_until_ns) {
        evaluator->gates_until_ns = series->late_from_ns;
    }
    gate->plain = span;
    gate->rule = &objective->good;
    gate->by_status = objective->good.status_default && !objective->good.latency_given &&
                      !objective->good.describes_bad && !objective->good.outcome_required;
    gate->keeps_latency = series->keeps_latency;
    open_second(gate, ns);
}

void gate_flush(struct evaluator *evaluator, uint32_t series)
{
    struct gate *gate = &evaluator->gates[series];
    if ((gate->good | gate->bad) == 0) {
        return;
    }
    struct series *both[] = {
        &evaluator->series[series],
        credit_beside(&evaluator->residents[evaluator->resident_of[series]], series),
    };
    for (uint32_t i = 0; i < 2 && both[i] != NULL; i++) {
        series_advance(both[i], evaluator->now_ns);
        series_count(both[i], gate->from_ns,
                     (struct class_counts){COUNTER_GOOD, COUNTER_BAD, gate->good, gate->bad});
    }
    gate->good = 0;
    gate->bad = 0;
}

static void close_gate(struct evaluator *evaluator, uint32_t series)
{
    gate_flush(evaluator, series);
    evaluator->gates[series].length_ns = 0;
}

void gates_open(struct evaluator *evaluator, struct resident *resident, int64_t ns)
{
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        uint32_t index = resident->series_first + i;
        if (!gate_holds(&evaluator->gates[index], ns) && !gate_turn(evaluator, index, ns)) {
            close_gate(evaluator, index);
            find_stretch(evaluator, resident, index, ns);
        }
    }
}

bool gate_turn(struct evaluator *evaluator, uint32_t series, int64_t ns)
{
    struct gate *gate = &evaluator->gates[series];
    if (gate->length_ns == 0 || gate->rule == NULL || !span_holds(gate->plain, ns)) {
        return false;
    }
    gate_flush(evaluator, series);
    open_second(gate, ns);
    return true;
}

void gates_close(struct evaluator *evaluator, const struct resident *resident)
{
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        close_gate(evaluator, resident->series_first + i);
    }
}

void gates_receive(struct evaluator *evaluator, int64_t received_ns)
{
    if (received_ns < evaluator->gates_until_ns) {
        return;
    }
    for (uint32_t i = 0; i < evaluator->series_count; i++) {
        close_gate(evaluator, i);
    }
    evaluator->gates_until_ns = INT64_MAX;
}
