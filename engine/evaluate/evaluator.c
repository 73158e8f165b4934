#include "evaluate/evaluator.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/amend.h"
#include "evaluate/composition.h"
#include "evaluate/conditions.h"
#include "evaluate/counting.h"
#include "evaluate/evaluator_state.h"
#include "evaluate/fulfilment.h"
#include "evaluate/recount.h"
#include "evaluate/residents.h"

static bool allocate(struct evaluator *evaluator)
{
    size_t service_count = evaluator->routing.service_count;
    size_t component_count = evaluator->settings.set->component_count;
    evaluator->figures = calloc(service_count + 1, sizeof(struct service_figures));
    evaluator->component_words = calloc(component_count + 1, sizeof(uint32_t));
    evaluator->component_names = calloc(component_count + 1, sizeof(uint32_t));
    return evaluator->component_words != NULL && evaluator->component_names != NULL &&
           evaluator->figures != NULL;
}

static void name_figures(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->routing.service_count; i++) {
        evaluator->figures[i] = (struct service_figures){.name = evaluator->routing.services[i],
                                                         .last_event_ns = TIME_NONE};
    }
}

enum status evaluator_open(struct evaluator **evaluator_out,
                           const struct evaluator_settings *settings)
{
    assert(settings->shard_index < settings->shard_count);
    struct evaluator *evaluator = calloc(1, sizeof(*evaluator));
    if (evaluator == NULL) {
        return STATUS_NO_MEMORY;
    }
    evaluator->settings = *settings;
    if (settings->each != NULL) {
        evaluator->documents = each_view(settings->each, settings->set->agreement_count);
        evaluator->settings.set = &evaluator->documents;
        settings = &evaluator->settings;
    }
    evaluator->now_ns = settings->now_ns;
    evaluator->received_ns = INT64_MIN;
    evaluator->gates_until_ns = INT64_MAX;
    evaluator->held.count_max = HELD_EVENTS_MAX;
    row_pager_open(&evaluator->pager, &settings->rows);
    enum status status = vocabulary_init(&evaluator->vocabulary, settings->set, settings->names);
    if (status == STATUS_OK) {
        status = routing_init(&evaluator->routing, settings->set, settings->names,
                              settings->shard_index, settings->shard_count);
    }
    if (status == STATUS_OK) {
        status = fulfilment_open(evaluator);
    }
    if (status != STATUS_OK || !allocate(evaluator) || residents_open(evaluator) != STATUS_OK ||
        compositions_open(evaluator, 0) != STATUS_OK) {
        evaluator_close(evaluator);
        return STATUS_NO_MEMORY;
    }
    name_figures(evaluator);
    for (uint32_t i = 0; i < settings->set->component_count; i++) {
        evaluator->component_words[i] =
            vocabulary_find(&evaluator->vocabulary, settings->set->components[i].name);
    }
    for (uint32_t i = 0; i < settings->set->maintenance_count; i++) {
        maintenance_add_document(&evaluator->maintenances, &settings->set->maintenances[i]);
    }
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        recount_mask_first(evaluator, &evaluator->residents[i]);
    }
    if (settings->each != NULL) {
        evaluator_admit(evaluator, each_count(settings->each));
    }
    *evaluator_out = evaluator;
    return STATUS_OK;
}

void evaluator_close(struct evaluator *evaluator)
{
    if (evaluator == NULL) {
        return;
    }
    compositions_close(evaluator);
    residents_close(evaluator);
    for (uint32_t i = 0; i < evaluator->state_count; i++) {
        state_line_fini(&evaluator->states[i]);
    }
    incident_ledger_fini(&evaluator->incidents);
    maintenance_register_fini(&evaluator->maintenances);
    exclusion_register_fini(&evaluator->exclusions);
    correction_table_fini(&evaluator->corrections);
    held_fini(&evaluator->held);
    fulfilment_close(evaluator);
    vocabulary_fini(&evaluator->vocabulary);
    routing_fini(&evaluator->routing);
    row_pager_close(&evaluator->pager);
    free(evaluator->component_words);
    free(evaluator->component_names);
    free(evaluator->states);
    free(evaluator->figures);
    free(evaluator);
}

/* Taking events */

static enum status take_event(struct evaluator *evaluator, const struct batch *batch,
                              uint32_t index)
{
    const struct event *event = &batch->events[index];
    uint64_t position = batch->position + index;
    bool spans_time = event->kind == EVENT_MAINTENANCE || event->kind == EVENT_EXCLUSION;
    if (!spans_time && event_is_out_of_time(evaluator, event, batch->received_ns)) {
        return STATUS_OK;
    }
    switch ((enum event_kind)event->kind) {
    case EVENT_REQUEST:
        if ((event->flags & EVENT_STANDING) != 0) {
            counting_take_delivery(evaluator, event, batch_extra(batch, event));
        }
        if (event->state == REQUEST_STATE_NONE) {
            counting_take(evaluator, event, position);
        } else {
            fulfilment_take(evaluator, event, batch_extra(batch, event), position);
        }
        return STATUS_OK;
    case EVENT_INCIDENT:
        return conditions_take_incident(evaluator, event, batch_extra(batch, event), position);
    case EVENT_STATE:
        return conditions_take_state(evaluator, event, batch_extra(batch, event), position);
    case EVENT_MAINTENANCE:
        return conditions_take_maintenance(evaluator, event, batch_extra(batch, event), position);
    case EVENT_EXCLUSION:
        return conditions_take_exclusion(evaluator, event, batch_extra(batch, event), position);
    case EVENT_OUTCOME:
        return amend_request(evaluator, event, batch_extra(batch, event), position);
    default:
        return STATUS_OK; /* kept in the log; not judged by this version */
    }
}

/* The engine's own downtime goes on record when it starts, behind all that it has read. */
static void notice_absences(struct evaluator *evaluator)
{
    const struct span_set *absences = evaluator->settings.history.absences;
    if (absences == NULL || absences->count == 0 ||
        absences->spans[absences->count - 1].end_ns == evaluator->absent_until_ns) {
        return;
    }
    evaluator->absent_until_ns = absences->spans[absences->count - 1].end_ns;
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        resident_mark_dirty(evaluator, &evaluator->residents[i], true);
    }
}

static void move_time(struct evaluator *evaluator, int64_t now_ns)
{
    notice_absences(evaluator);
    if (now_ns <= evaluator->now_ns) {
        return;
    }
    evaluator->now_ns = now_ns;
    evaluator->received_ns = INT64_MIN; /* what was held back was received before it occurred */
    struct held_event held;
    while (held_take(&evaluator->held, now_ns, &held)) {
        counting_count(evaluator, &held.event);
    }
    fulfilment_advance(evaluator);
}

enum status evaluator_apply_part(struct evaluator *evaluator, const struct batch *batch,
                                 uint32_t first, uint32_t end, int64_t now_ns)
{
    move_time(evaluator, now_ns);
    evaluator->received_ns = batch->received_ns;
    gates_receive(evaluator, batch->received_ns);
    evaluator->position = batch->position + first;
    bool looks_ahead = counting_looks_ahead(evaluator);
    struct span in_time = event_times(evaluator, batch->received_ns);
    for (uint32_t i = first; i < end; i++) {
        const struct event *event = &batch->events[i];
        if (looks_ahead && end - i > COUNTING_AHEAD) {
            counting_look_ahead(evaluator, event);
        }
        if (event->kind == EVENT_REQUEST && event->state == REQUEST_STATE_NONE &&
            (event->flags & EVENT_STANDING) == 0 && span_holds(in_time, event->occurred_ns)) {
            counting_take(evaluator, event, batch->position + i);
            continue;
        }
        enum status status = take_event(evaluator, batch, i);
        if (status != STATUS_OK) {
            return status;
        }
    }
    evaluator->position = batch->position + end;
    return row_pager_settle(&evaluator->pager);
}

enum status evaluator_apply(struct evaluator *evaluator, const struct batch *batch, int64_t now_ns)
{
    return evaluator_apply_part(evaluator, batch, 0, batch->event_count, now_ns);
}

void evaluator_advance(struct evaluator *evaluator, int64_t now_ns)
{
    move_time(evaluator, now_ns);
    evaluator_publish(evaluator);
}

bool evaluator_failed(const struct evaluator *evaluator)
{
    return evaluator->pager.failed;
}

int64_t evaluator_next_due(const struct evaluator *evaluator)
{
    uint32_t series;
    int64_t held = held_first(&evaluator->held);
    return earlier(earlier(due_heap_first(&evaluator->due, &series), fulfilment_due(evaluator)),
                   held == INT64_MAX ? held : held + 1);
}

/* Reading */

uint64_t evaluator_position(const struct evaluator *evaluator)
{
    return evaluator->position;
}

uint32_t evaluator_series_count(const struct evaluator *evaluator)
{
    return evaluator->number_count;
}

const struct maintenance_register *evaluator_maintenances(const struct evaluator *evaluator)
{
    return &evaluator->maintenances;
}

const struct incident_ledger *evaluator_incidents(const struct evaluator *evaluator)
{
    return &evaluator->incidents;
}

const struct exclusion_register *evaluator_exclusions(const struct evaluator *evaluator)
{
    return &evaluator->exclusions;
}

bool evaluator_find_series(const struct evaluator *evaluator, uint32_t number, uint32_t *index_out)
{
    bool known = number < evaluator->number_count && evaluator->series_of_number[number] != 0;
    *index_out = known ? evaluator->series_of_number[number] - 1 : 0;
    return known;
}

void evaluator_counters(const struct evaluator *evaluator, struct evaluator_counters *counters_out)
{
    *counters_out = evaluator->counters;
}

struct row_bytes evaluator_row_bytes(const struct evaluator *evaluator)
{
    return (struct row_bytes){evaluator->pager.memory, evaluator->pager.stored};
}

uint32_t evaluator_service_count(const struct evaluator *evaluator)
{
    return evaluator->routing.service_count;
}

void evaluator_service(const struct evaluator *evaluator, uint32_t index,
                       struct service_figures *figures_out)
{
    assert(index < evaluator->routing.service_count);
    *figures_out = evaluator->figures[index];
}
