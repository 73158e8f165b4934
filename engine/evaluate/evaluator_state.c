#include "evaluate/evaluator_state.h"

void series_mark_dirty(struct evaluator *evaluator, uint32_t series)
{
    if (!evaluator->is_dirty[series]) {
        evaluator->is_dirty[series] = true;
        evaluator->dirty[evaluator->dirty_count++] = series;
    }
}

void resident_mark_dirty(struct evaluator *evaluator, const struct resident *resident,
                         bool stale_timeline)
{
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        series_mark_dirty(evaluator, resident->series_first + i);
        evaluator->stale[resident->series_first + i] |= stale_timeline;
    }
    for (uint32_t i = 0; i < resident->hidden_count; i++) {
        series_mark_dirty(evaluator, resident->hidden[i].shown);
        evaluator->stale[resident->hidden[i].series] |= stale_timeline;
    }
}

struct resident *resident_of_request(struct evaluator *evaluator, const struct target *target,
                                     uint32_t customer)
{
    struct resident *resident = &evaluator->residents[target->resident];
    if (resident->is_pattern) {
        uint32_t place = customer == NAME_NONE
                             ? PAIR_NONE
                             : pair_table_find(&evaluator->customers, target->resident, customer);
        return place == PAIR_NONE ? NULL : &evaluator->residents[place];
    }
    return resident_takes_customer(evaluator, resident, customer) ? resident : NULL;
}

bool resident_takes_customer(struct evaluator *evaluator, const struct resident *resident,
                             uint32_t customer)
{
    return resident->customer_word == WORD_NONE ||
           vocabulary_word(&evaluator->vocabulary, customer) == resident->customer_word;
}

void target_take_sign(struct evaluator *evaluator, const struct target *target, int64_t ns)
{
    struct resident *pattern = &evaluator->residents[target->resident];
    if (pattern->signs == NULL) {
        return;
    }
    struct signs *signs = &pattern->signs[target->service];
    bool concerns_all = signs_are_silent(signs, evaluator->now_ns) ||
                        signs_last(signs) == INT64_MIN || ns < signs_last(signs);
    signs_take(signs, ns);
    resident_mark_dirty(evaluator, pattern, false);
    for (uint32_t i = 0; concerns_all && pattern->is_pattern && i < evaluator->resident_count;
         i++) {
        if (evaluator->residents[i].pattern == target->resident) {
            resident_mark_dirty(evaluator, &evaluator->residents[i], false);
        }
    }
}

static bool off_hours(struct resident *resident, int64_t ns)
{
    if (!span_holds(resident->hours_known, ns)) {
        resident->in_hours = hours_hold(resident->agreement->hours, resident->agreement->zone, ns,
                                        &resident->hours_known);
    }
    return !resident->in_hours;
}

struct aside_masks resident_masks_at(struct resident *resident, uint32_t service, int64_t ns)
{
    struct aside_masks masks = {0};
    if (resident->agreement->hours != NULL) {
        masks.off_hours = off_hours(resident, ns);
    }
    if (resident->has_mask) {
        masks.maintenance = span_set_holds(&resident->masks[service], ns);
        masks.exclusion = span_set_holds(&resident->exclusions[service], ns);
    }
    return masks;
}

struct span event_times(const struct evaluator *evaluator, int64_t received_ns)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    struct span span = {INT64_MIN, INT64_MAX};
    if (settings->max_future_ns != INT64_MAX) {
        span.end_ns = received_ns + settings->max_future_ns + 1;
    }
    if (settings->retention_ns != INT64_MAX) {
        span.start_ns = received_ns - settings->retention_ns;
    }
    return span;
}

bool event_is_out_of_time(struct evaluator *evaluator, const struct event *event,
                          int64_t received_ns)
{
    struct span span = event_times(evaluator, received_ns);
    evaluator->counters.future += event->occurred_ns >= span.end_ns;
    evaluator->counters.ancient += event->occurred_ns < span.start_ns;
    return !span_holds(span, event->occurred_ns);
}

uint32_t resident_customer_name(struct evaluator *evaluator, const struct resident *resident)
{
    return resident->customer_word == WORD_NONE
               ? NAME_NONE
               : vocabulary_name(&evaluator->vocabulary, resident->customer_word);
}
