#include "evaluate/evaluator.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/amend.h"
#include "evaluate/cases.h"
#include "evaluate/composition.h"
#include "evaluate/evaluator_state.h"
#include "evaluate/freeze.h"
#include "evaluate/fulfilment.h"
#include "evaluate/incident_figures.h"
#include "evaluate/latency.h"
#include "evaluate/measure.h"
#include "evaluate/recount.h"

/* How far ahead service hours are laid out. */
#define HOURS_AHEAD_NS (14 * NS_PER_DAY)
#define NUMBER_NONE    UINT32_MAX
#define SERIES_NONE    UINT32_MAX

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Opening and closing */

/* In all versions, shown and hidden. */
static uint32_t count_series_of(const struct agreement_set *set, const struct agreement *agreement)
{
    uint32_t count = composition_series(set, agreement);
    for (uint32_t i = 0; i <= agreement->earlier_count; i++) {
        count += agreement_version(agreement, i)->objective_count;
    }
    return count;
}

static uint32_t count_series(const struct agreement_set *set, uint32_t shard, uint32_t shards,
                             uint32_t *resident_count_out)
{
    uint32_t count = 0;
    *resident_count_out = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        if (routing_is_of_shard(set, i, shard, shards)) {
            count += count_series_of(set, &set->agreements[i]);
            *resident_count_out += 1 + set->agreements[i].earlier_count;
        }
    }
    return count;
}

static uint32_t count_numbers(const struct agreement_set *set)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        count += set->agreements[i].objective_count;
    }
    return count;
}

static uint32_t count_versions_max(const struct agreement_set *set)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        uint32_t own = set->agreements[i].earlier_count + 1;
        count = own > count ? own : count;
    }
    return count;
}

static bool allocate(struct evaluator *evaluator)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    const struct agreement_set *set = settings->set;
    uint32_t residents;
    uint32_t series = count_series(set, settings->shard_index, settings->shard_count, &residents);
    evaluator->number_count = count_numbers(set);
    evaluator->number_size = evaluator->number_count + 1;
    evaluator->resident_size = residents + 1;
    evaluator->series_size = series + 1;
    evaluator->versions = calloc(count_versions_max(set), sizeof(struct measured));
    evaluator->residents = calloc(evaluator->resident_size, sizeof(struct resident));
    evaluator->series = calloc(series + 1, sizeof(struct series));
    evaluator->timelines = calloc(series + 1, sizeof(struct timeline));
    evaluator->stale = calloc(series + 1, sizeof(bool));
    evaluator->resident_of = calloc(series + 1, sizeof(uint32_t));
    evaluator->dirty = calloc(series + 1, sizeof(uint32_t));
    evaluator->is_dirty = calloc(series + 1, sizeof(bool));
    evaluator->composition_of = calloc(series + 1, sizeof(uint32_t));
    evaluator->series_of_number = calloc(evaluator->number_count + 1, sizeof(uint32_t));
    evaluator->figures =
        calloc((size_t)evaluator->routing.service_count + 1, sizeof(struct service_figures));
    evaluator->component_words = calloc((size_t)set->component_count + 1, sizeof(uint32_t));
    evaluator->component_names = calloc((size_t)set->component_count + 1, sizeof(uint32_t));
    return evaluator->component_words != NULL && evaluator->component_names != NULL &&
           evaluator->residents != NULL && evaluator->series != NULL &&
           evaluator->timelines != NULL && evaluator->stale != NULL &&
           evaluator->resident_of != NULL && evaluator->dirty != NULL &&
           evaluator->is_dirty != NULL && evaluator->composition_of != NULL &&
           evaluator->series_of_number != NULL && evaluator->versions != NULL &&
           evaluator->figures != NULL && due_heap_init(&evaluator->due, series) == STATUS_OK;
}

/* NULL: it has none. */
static const struct service_document *document_of(const struct agreement_set *set,
                                                  struct text service)
{
    for (uint32_t i = 0; i < set->service_count; i++) {
        if (text_is(service, set->services[i].name)) {
            return &set->services[i];
        }
    }
    return NULL;
}

/* Signs are kept only where some are expected. */
static bool expect_signs(struct evaluator *evaluator, struct resident *resident)
{
    const struct agreement *agreement = resident->agreement;
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        const struct service_document *document =
            document_of(evaluator->settings.set, text_from(agreement->services[i]));
        if (document == NULL || document->every_ns == 0) {
            continue;
        }
        if (resident->signs == NULL) {
            resident->signs = calloc(agreement->service_count, sizeof(*resident->signs));
        }
        if (resident->signs == NULL) {
            return false;
        }
        resident->signs[i].every_ns = document->every_ns;
    }
    return true;
}

static bool ask_on_schedule(struct resident *resident)
{
    if (resident->agreement->standing_count != 0) {
        resident->deliveries = deliveries_new(resident->agreement);
    }
    return resident->agreement->standing_count == 0 || resident->deliveries != NULL;
}

/* What the agreement's services require; nothing is kept where they require nothing. */
static bool tie_system(struct evaluator *evaluator, struct resident *resident)
{
    const struct agreement_set *set = evaluator->settings.set;
    const struct agreement *agreement = resident->agreement;
    if (set->component_count == 0) {
        return true;
    }
    resident->requires = calloc(agreement->service_count, sizeof(*resident->requires));
    bool *needed = calloc(set->component_count, sizeof(*needed));
    if (resident->requires == NULL || needed == NULL) {
        free(needed);
        return false;
    }
    bool any = false;
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        const struct service_document *document =
            document_of(set, text_from(agreement->services[i]));
        const struct requirement *requirement = document == NULL ? NULL : document->requires;
        resident->requires[i] = requirement;
        if (requirement != NULL) {
            requirement_needs(requirement, set->components, set->component_count, needed);
            any = true;
        }
    }
    if (any) {
        resident->needed = needed;
    } else {
        free(needed);
    }
    return true;
}

/* A named period is also the period of the credits: then the objective's own figure serves. */
static bool period_is_asked_for(const struct evaluator *evaluator)
{
    const struct asked_window *asked = evaluator->settings.asked;
    return asked != NULL && asked->window.kind == WINDOW_CALENDAR;
}

static bool open_credit(const struct evaluator *evaluator, struct resident *resident)
{
    const struct credit_terms *terms = resident->agreement->credits;
    if (terms == NULL || period_is_asked_for(evaluator)) {
        return true;
    }
    struct credit_series *credit = calloc(1, sizeof(*credit));
    if (credit == NULL) {
        return false;
    }
    credit->objective = resident->agreement->objectives[terms->objective];
    credit->objective.alert_count = 0;
    series_init_lagging(&credit->series, resident->agreement, &credit->objective, &terms->period,
                        evaluator->now_ns);
    resident->credit = credit;
    return true;
}

/* What is the same for all customers of a `customer: each`. */
static bool furnish(struct evaluator *evaluator, struct resident *resident)
{
    const struct agreement *agreement = resident->agreement;
    resident->service_words = calloc(agreement->service_count, sizeof(uint32_t));
    resident->service_names = calloc(agreement->service_count, sizeof(uint32_t));
    if (resident->service_words == NULL || resident->service_names == NULL ||
        !tie_system(evaluator, resident) || !expect_signs(evaluator, resident)) {
        return false;
    }
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        resident->service_words[i] =
            vocabulary_find(&evaluator->vocabulary, agreement->services[i]);
    }
    return true;
}

static bool open_figures(struct evaluator *evaluator, struct resident *resident)
{
    const struct agreement *agreement = resident->agreement;
    resident->masks = calloc(agreement->service_count, sizeof(struct span_set));
    resident->exclusions = calloc(agreement->service_count, sizeof(struct span_set));
    if (resident->masks == NULL || resident->exclusions == NULL ||
        (!resident->is_pattern && !ask_on_schedule(resident))) {
        return false;
    }
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        uint32_t index = evaluator->series_count++;
        series_init(&evaluator->series[index], agreement, &agreement->objectives[i],
                    evaluator->settings.asked, evaluator->now_ns);
        evaluator->series[index].keeps_latency =
            latency_keeper(agreement, i, evaluator->settings.asked != NULL) == i;
        if (evaluator->settings.stands_still) {
            series_stand_still(&evaluator->series[index]);
        }
        evaluator->stale[index] = true;
        series_mark_dirty(evaluator, index); /* even of one without events there is a verdict */
        evaluator->resident_of[index] = (uint32_t)(resident - evaluator->residents);
        if (resident->number_first != NUMBER_NONE) {
            evaluator->series_of_number[resident->number_first + i] = index + 1;
        }
    }
    return open_credit(evaluator, resident);
}

/* before: how many versions lie between this one and the one in force, whose series are numbered from
 * number_first on. */
static struct resident *take_place(struct evaluator *evaluator, const struct agreement *agreement,
                                   uint32_t number_first, uint32_t before)
{
    uint32_t place = evaluator->resident_count++;
    struct resident *resident = &evaluator->residents[place];
    *resident = (struct resident){
        .agreement = agreement,
        .pattern = place,
        .series_first = evaluator->series_count,
        .number_first = before == 0 ? number_first : NUMBER_NONE,
        .earlier_count = agreement->earlier_count,
        .current = place + before,
        .customer_word = WORD_NONE,
    };
    return resident;
}

static bool move_in(struct evaluator *evaluator, const struct agreement *agreement,
                    uint32_t number_first)
{
    for (uint32_t i = 0; i <= agreement->earlier_count; i++) {
        const struct agreement *version = agreement_version(agreement, i);
        struct resident *resident =
            take_place(evaluator, version, number_first, agreement->earlier_count - i);
        resident->is_pattern = each_is_pattern(agreement);
        if (version->customer != NULL) {
            resident->customer_word = vocabulary_find(&evaluator->vocabulary, version->customer);
        }
        if (!furnish(evaluator, resident) || !open_figures(evaluator, resident)) {
            return false;
        }
    }
    return true;
}

static bool move_all_in(struct evaluator *evaluator)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    uint32_t number = 0;
    for (uint32_t i = 0; i < settings->set->agreement_count; i++) {
        const struct agreement *agreement = &settings->set->agreements[i];
        if (routing_is_of_shard(settings->set, i, settings->shard_index, settings->shard_count) &&
            !move_in(evaluator, agreement, number)) {
            return false;
        }
        number += agreement->objective_count;
    }
    evaluator->admitted_count = settings->set->agreement_count;
    return true;
}

/* Agreements that are added */

static void *grown(void *items, size_t item, uint32_t from, uint32_t to)
{
    uint8_t *bytes = realloc(items, to * item);
    assert(bytes != NULL);
    memset(bytes + from * item, 0, (to - from) * item);
    return bytes;
}

static uint32_t size_for(uint32_t size, uint32_t count)
{
    return count > 2 * size ? count : 2 * size;
}

static void make_places(struct evaluator *evaluator, uint32_t resident_count, uint32_t series_count)
{
    if (resident_count > evaluator->resident_size) {
        uint32_t from = evaluator->resident_size;
        uint32_t to = size_for(from, resident_count);
        evaluator->residents = grown(evaluator->residents, sizeof(struct resident), from, to);
        evaluator->resident_size = to;
    }
    if (series_count > evaluator->series_size) {
        uint32_t from = evaluator->series_size;
        uint32_t to = size_for(from, series_count);
        evaluator->series = grown(evaluator->series, sizeof(struct series), from, to);
        evaluator->timelines = grown(evaluator->timelines, sizeof(struct timeline), from, to);
        evaluator->stale = grown(evaluator->stale, sizeof(bool), from, to);
        evaluator->resident_of = grown(evaluator->resident_of, sizeof(uint32_t), from, to);
        evaluator->composition_of = grown(evaluator->composition_of, sizeof(uint32_t), from, to);
        evaluator->dirty = grown(evaluator->dirty, sizeof(uint32_t), from, to);
        evaluator->is_dirty = grown(evaluator->is_dirty, sizeof(bool), from, to);
        evaluator->series_size = to;
    }
    due_heap_grow(&evaluator->due, series_count);
}

static uint32_t pattern_of(const struct evaluator *evaluator, const struct agreement *document)
{
    uint32_t i = 0;
    while (evaluator->residents[i].agreement != document) {
        i++; /* every shard has it */
    }
    return i;
}

static void admit_version(struct evaluator *evaluator, const struct agreement *agreement,
                          uint32_t number_first, uint32_t before, uint32_t pattern_place,
                          uint32_t customer)
{
    struct resident *resident = take_place(evaluator, agreement, number_first, before);
    const struct resident *pattern = &evaluator->residents[pattern_place];
    resident->pattern = pattern_place;
    resident->customer_word = vocabulary_add(&evaluator->vocabulary, customer);
    resident->service_words = pattern->service_words;
    resident->service_names = pattern->service_names;
    resident->requires = pattern->requires;
    resident->needed = pattern->needed;
    resident->signs = pattern->signs;
    bool opened = open_figures(evaluator, resident);
    assert(opened);
    pair_table_add(&evaluator->customers, pattern_place, customer,
                   (uint32_t)(resident - evaluator->residents));
    recount_mask_first(evaluator, resident);
}

/* As if it had been there from the beginning: nothing has been counted for this customer before. */
static void admit(struct evaluator *evaluator, const struct agreement *agreement,
                  const struct each_member *member, uint32_t number_first)
{
    const struct agreement_set *documents = evaluator->settings.set;
    uint32_t pattern = pattern_of(evaluator, &documents->agreements[member->document]);
    uint32_t series_first = evaluator->series_count;
    make_places(evaluator, evaluator->resident_count + 1 + agreement->earlier_count,
                series_first + count_series_of(documents, agreement));
    for (uint32_t i = 0; i <= agreement->earlier_count; i++) {
        uint32_t before = agreement->earlier_count - i;
        admit_version(evaluator, agreement_version(agreement, i), number_first, before,
                      pattern - before, member->customer);
    }
    enum status status = compositions_open(evaluator, series_first);
    assert(status == STATUS_OK);
}

void evaluator_admit(struct evaluator *evaluator, uint32_t count)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    for (; evaluator->admitted_count < count; evaluator->admitted_count++) {
        uint32_t place = evaluator->admitted_count;
        const struct agreement *agreement = &settings->set->agreements[place];
        uint32_t number_first = evaluator->number_count;
        evaluator->number_count += agreement->objective_count;
        if (evaluator->number_count > evaluator->number_size) {
            uint32_t to = size_for(evaluator->number_size, evaluator->number_count);
            evaluator->series_of_number =
                grown(evaluator->series_of_number, sizeof(uint32_t), evaluator->number_size, to);
            evaluator->number_size = to;
        }
        if (agreement_shard(settings->set, place, settings->shard_count) == settings->shard_index) {
            admit(evaluator, agreement, each_member(settings->each, place), number_first);
        }
    }
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
    evaluator->held.count_max = HELD_EVENTS_MAX;
    enum status status = vocabulary_init(&evaluator->vocabulary, settings->set, settings->names);
    if (status == STATUS_OK) {
        status = routing_init(&evaluator->routing, settings->set, settings->names,
                              settings->shard_index, settings->shard_count);
    }
    if (status == STATUS_OK) {
        status = fulfilment_open(evaluator);
    }
    if (status != STATUS_OK || !allocate(evaluator) || !move_all_in(evaluator) ||
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

static void move_out(struct resident *resident, bool is_pattern)
{
    uint32_t count = resident->agreement->service_count;
    for (uint32_t i = 0; resident->masks != NULL && i < count; i++) {
        span_set_fini(&resident->masks[i]);
    }
    for (uint32_t i = 0; resident->exclusions != NULL && i < count; i++) {
        span_set_fini(&resident->exclusions[i]);
    }
    free(resident->masks);
    free(resident->exclusions);
    span_set_fini(&resident->off);
    if (resident->credit != NULL) {
        series_fini(&resident->credit->series);
        free(resident->credit);
    }
    free(resident->hidden);
    deliveries_delete(resident->deliveries);
    if (!is_pattern) {
        return; /* the rest is another's */
    }
    for (uint32_t i = 0; resident->signs != NULL && i < count; i++) {
        signs_fini(&resident->signs[i]);
    }
    free(resident->signs);
    free(resident->requires);
    free(resident->needed);
    free(resident->service_words);
    free(resident->service_names);
}

static void residents_close(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        move_out(&evaluator->residents[i], evaluator->residents[i].pattern == i);
    }
    free(evaluator->residents);
    pair_table_fini(&evaluator->customers);
}

void evaluator_close(struct evaluator *evaluator)
{
    if (evaluator == NULL) {
        return;
    }
    residents_close(evaluator);
    compositions_close(evaluator);
    for (uint32_t i = 0; i < evaluator->series_count; i++) {
        series_fini(&evaluator->series[i]);
        timeline_fini(&evaluator->timelines[i]);
    }
    for (uint32_t i = 0; i < evaluator->state_count; i++) {
        state_line_fini(&evaluator->states[i]);
    }
    incident_ledger_fini(&evaluator->incidents);
    maintenance_register_fini(&evaluator->maintenances);
    exclusion_register_fini(&evaluator->exclusions);
    correction_table_fini(&evaluator->corrections);
    held_fini(&evaluator->held);
    fulfilment_close(evaluator);
    due_heap_fini(&evaluator->due);
    vocabulary_fini(&evaluator->vocabulary);
    routing_fini(&evaluator->routing);
    free(evaluator->component_words);
    free(evaluator->component_names);
    free(evaluator->series);
    free(evaluator->timelines);
    free(evaluator->stale);
    free(evaluator->resident_of);
    free(evaluator->series_of_number);
    free(evaluator->versions);
    free(evaluator->states);
    free(evaluator->dirty);
    free(evaluator->is_dirty);
    free(evaluator->composition_of);
    free(evaluator->figures);
    free(evaluator);
}

/* Counting requests */

static void count_for(struct evaluator *evaluator, const struct target *target,
                      const struct event *event)
{
    target_take_sign(evaluator, target, event->occurred_ns);
    struct resident *resident = resident_of_request(evaluator, target, event->customer);
    if (resident == NULL) {
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

static void count_request(struct evaluator *evaluator, const struct event *event)
{
    const struct route *route = routing_of(&evaluator->routing, event->service);
    count_for_service(evaluator, route, event);
    struct event corrected;
    event = correction_apply(correction_find(&evaluator->corrections, event->fingerprint), event,
                             &corrected);
    uint32_t first = route->first;
    uint32_t count = route->count;
    for (uint32_t i = 0; i < count; i++) {
        count_for(evaluator, &evaluator->routing.targets[first + i], event);
    }
}

static void take_request(struct evaluator *evaluator, const struct event *event, uint64_t position)
{
    if (event->occurred_ns < evaluator->now_ns) {
        count_request(evaluator, event);
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

static void take_delivery(struct evaluator *evaluator, const struct event *event, struct text extra)
{
    const struct route *route = routing_of(&evaluator->routing, event->service);
    struct text channel = TEXT_NONE;
    (void)event_extra_find(extra, EXTRA_CHANNEL, &channel);
    for (uint32_t i = 0; was_served(event) && i < route->count; i++) {
        const struct target *target = &evaluator->routing.targets[route->first + i];
        struct resident *resident = &evaluator->residents[target->resident];
        if (resident->deliveries != NULL &&
            resident_takes_customer(evaluator, resident, event->customer)) {
            deliveries_take(resident->deliveries, channel, event->occurred_ns);
            if (resident->deliveries->known_until_ns == INT64_MIN) {
                resident_mark_dirty(evaluator, resident, true);
            }
        }
    }
}

/* Incidents and states */

static bool names_any(struct evaluator *evaluator, const struct resident *resident, uint32_t name)
{
    uint32_t word = vocabulary_word(&evaluator->vocabulary, name);
    for (uint32_t i = 0; word != WORD_NONE && i < resident->agreement->service_count; i++) {
        if (resident->service_words[i] == word) {
            return true;
        }
    }
    return false;
}

/* Does a service of the agreement rest on the component? */
static bool rests_on(struct evaluator *evaluator, const struct resident *resident,
                     uint32_t component)
{
    uint32_t word = vocabulary_word(&evaluator->vocabulary, component);
    if (word == WORD_NONE || resident->needed == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < evaluator->settings.set->component_count; i++) {
        if (resident->needed[i] && evaluator->component_words[i] == word) {
            return true;
        }
    }
    return false;
}

/* Also by an event that is outdone now: its agreement has to forget the incident. */
static bool incident_ever_named(struct evaluator *evaluator, const struct resident *resident,
                                const struct incident *incident)
{
    for (uint32_t i = 0; i < incident->event_count; i++) {
        const struct incident_event *event = &incident->events[i];
        for (uint32_t j = 0; j < event->service_count; j++) {
            if (names_any(evaluator, resident, event->services[j])) {
                return true;
            }
        }
        for (uint32_t j = 0; j < event->component_count; j++) {
            if (rests_on(evaluator, resident, event->components[j])) {
                return true;
            }
        }
    }
    return false;
}

static enum status recount_all(struct evaluator *evaluator, uint64_t position)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < evaluator->resident_count && status == STATUS_OK; i++) {
        status = recount_mask(evaluator, &evaluator->residents[i], position);
    }
    return status;
}

/* What an excluded incident of a component takes out depends on what else failed. */
static enum status recount_systems(struct evaluator *evaluator, uint64_t position)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0;
         evaluator->exclusions.count != 0 && i < evaluator->resident_count && status == STATUS_OK;
         i++) {
        if (evaluator->residents[i].needed != NULL) {
            status = recount_mask(evaluator, &evaluator->residents[i], position);
        }
    }
    return status;
}

static enum status take_incident(struct evaluator *evaluator, const struct event *event,
                                 struct text extra, uint64_t position)
{
    struct incident *incident;
    if (incident_ledger_apply(&evaluator->incidents, event, extra, position, &incident) !=
        STATUS_OK) {
        evaluator->counters.incidents_refused++;
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        const struct resident *resident = &evaluator->residents[i];
        if (incident_ever_named(evaluator, resident, incident)) {
            resident_mark_dirty(evaluator, resident, true);
        }
    }
    /* The time of an excluded incident is excluded, as it stands now. */
    if (exclusion_of_incident(&evaluator->exclusions, incident->id, false, NAME_NONE)) {
        return recount_all(evaluator, position);
    }
    return incident->component_count != 0 ? recount_systems(evaluator, position) : STATUS_OK;
}

static struct state_line *state_line_of(struct evaluator *evaluator, uint32_t name,
                                        bool of_component, uint32_t customer)
{
    for (uint32_t i = 0; i < evaluator->state_count; i++) {
        struct state_line *line = &evaluator->states[i];
        if (line->service == name && line->of_component == of_component &&
            line->customer == customer) {
            return line;
        }
    }
    struct state_line *states =
        realloc(evaluator->states, (evaluator->state_count + 1) * sizeof(*states));
    assert(states != NULL);
    evaluator->states = states;
    struct state_line *line = &states[evaluator->state_count++];
    *line =
        (struct state_line){.service = name, .of_component = of_component, .customer = customer};
    const struct service_document *document =
        of_component
            ? NULL
            : document_of(evaluator->settings.set, name_text(evaluator->settings.names, name));
    line->stale_after_ns = document == NULL ? 0 : document->stale_after_ns;
    return line;
}

static void take_sign(struct evaluator *evaluator, const struct resident *resident,
                      const struct event *event)
{
    uint32_t word = vocabulary_word(&evaluator->vocabulary, event->service);
    for (uint32_t i = 0; resident->signs != NULL && i < resident->agreement->service_count; i++) {
        if (resident->service_words[i] == word && event->occurred_ns <= evaluator->now_ns) {
            signs_take(&resident->signs[i], event->occurred_ns);
        }
    }
}

static void take_state_of(struct evaluator *evaluator, const struct event *event, uint32_t name,
                          bool of_component, uint64_t position)
{
    bool concerns = false;
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        const struct resident *resident = &evaluator->residents[i];
        if (of_component ? rests_on(evaluator, resident, name)
                         : names_any(evaluator, resident, name)) {
            concerns = true;
            resident_mark_dirty(evaluator, resident, true);
            if (!of_component) {
                take_sign(evaluator, resident, event);
            }
        }
    }
    if (concerns) {
        state_line_apply(state_line_of(evaluator, name, of_component, event->customer), event,
                         position);
    }
}

static enum status take_state(struct evaluator *evaluator, const struct event *event,
                              struct text extra, uint64_t position)
{
    bool of_component = false;
    take_state_of(evaluator, event, event->service, false, position);
    uint32_t at = 0;
    enum extra_tag tag;
    struct text value;
    while (event_extra_next(extra, &at, &tag, &value)) {
        if (tag == EXTRA_COMPONENT) {
            take_state_of(evaluator, event, load_u32((const uint8_t *)value.bytes), true, position);
            of_component = true;
        }
    }
    return of_component ? recount_systems(evaluator, position) : STATUS_OK;
}

static enum status take_maintenance(struct evaluator *evaluator, const struct event *event,
                                    struct text extra, uint64_t position)
{
    maintenance_apply(&evaluator->maintenances, event, extra, position);
    return recount_all(evaluator, position);
}

static enum status take_exclusion(struct evaluator *evaluator, const struct event *event,
                                  struct text extra, uint64_t position)
{
    exclusion_apply(&evaluator->exclusions, event, extra, position);
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        /* A potential incident has no time to mask, but leaves the figures all the same. */
        resident_mark_dirty(evaluator, &evaluator->residents[i], true);
    }
    return recount_all(evaluator, position);
}

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
            take_delivery(evaluator, event, batch_extra(batch, event));
        }
        if (event->state == REQUEST_STATE_NONE) {
            take_request(evaluator, event, position);
        } else {
            fulfilment_take(evaluator, event, batch_extra(batch, event), position);
        }
        return STATUS_OK;
    case EVENT_INCIDENT:
        return take_incident(evaluator, event, batch_extra(batch, event), position);
    case EVENT_STATE:
        return take_state(evaluator, event, batch_extra(batch, event), position);
    case EVENT_MAINTENANCE:
        return take_maintenance(evaluator, event, batch_extra(batch, event), position);
    case EVENT_EXCLUSION:
        return take_exclusion(evaluator, event, batch_extra(batch, event), position);
    case EVENT_OUTCOME:
        return amend_request(evaluator, event, batch_extra(batch, event), position);
    default:
        return STATUS_OK; /* kept in the log; not judged by this version */
    }
}

/* Publishing */

/* By Icinga's rules the present tells about the past, so that time alone changes a timeline. */
static bool looks_back_from_now(const struct resident *resident)
{
    return resident->agreement->profile == PROFILE_ICINGA;
}

/* What is left out under every policy. An incident that is still open excludes up to now only: how
 * long it will last nobody knows. */
static const struct span_set *off_of(struct evaluator *evaluator, struct resident *resident,
                                     struct span hours_span)
{
    span_set_clear(&resident->off);
    if (resident->agreement->hours != NULL) {
        hours_add_off(resident->agreement->hours, resident->agreement->zone, hours_span,
                      &resident->off);
    }
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        const struct span_set *excluded = &resident->exclusions[i];
        for (uint32_t j = 0; j < excluded->count; j++) {
            struct span span = excluded->spans[j];
            if (span.end_ns == INT64_MAX) {
                span.end_ns = evaluator->now_ns;
            }
            span_set_add(&resident->off, span);
        }
    }
    span_set_normalize(&resident->off);
    return &resident->off;
}

static bool excludes_until_now(const struct resident *resident)
{
    for (uint32_t i = 0; resident->has_mask && i < resident->agreement->service_count; i++) {
        const struct span_set *excluded = &resident->exclusions[i];
        if (excluded->count != 0 && excluded->spans[excluded->count - 1].end_ns == INT64_MAX) {
            return true;
        }
    }
    return false;
}

static void sources_of(struct evaluator *evaluator, struct resident *resident,
                       struct span hours_span, struct timeline_sources *sources_out)
{
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        resident->service_names[i] =
            vocabulary_name(&evaluator->vocabulary, resident->service_words[i]);
    }
    const struct agreement_set *set = evaluator->settings.set;
    for (uint32_t i = 0; resident->needed != NULL && i < set->component_count; i++) {
        evaluator->component_names[i] =
            vocabulary_name(&evaluator->vocabulary, evaluator->component_words[i]);
    }
    *sources_out = (struct timeline_sources){
        .signs = resident->signs,
        .now_ns = evaluator->now_ns,
        .components = set->components,
        .component_names = evaluator->component_names,
        .component_count = set->component_count,
        .requires = resident->requires,
        .missed = resident->deliveries == NULL ? NULL : resident->deliveries->missed,
        .missed_count = resident->deliveries == NULL ? 0 : resident->deliveries->missed_count,
        .needed = resident->needed,
        .incidents = &evaluator->incidents,
        .states = evaluator->states,
        .state_count = evaluator->state_count,
        .services = resident->service_names,
        .maintenance = resident->masks,
        .exclusions = &evaluator->exclusions,
        .off = off_of(evaluator, resident, hours_span),
        .service_count = resident->agreement->service_count,
        .current_at_ns = looks_back_from_now(resident) ? evaluator->now_ns : TIME_NONE,
        .customer = resident_customer_name(evaluator, resident),
        .has_customer = resident->customer_word != WORD_NONE,
    };
}

void resident_sources(struct evaluator *evaluator, struct resident *resident,
                      struct timeline_sources *sources_out)
{
    sources_of(evaluator, resident, (struct span){0, 0}, sources_out);
}

/* What the objective's windows, lookbacks and credits look at, and a week to come. */
static struct span hours_span_of(struct evaluator *evaluator, uint32_t index)
{
    const struct series *series = &evaluator->series[index];
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct span span = series_window(series);
    for (uint32_t i = 0; i < series->objective->alert_count; i++) {
        span.start_ns =
            earlier(span.start_ns, evaluator->now_ns - series->objective->alerts[i].long_ns);
    }
    if (resident->credit != NULL) {
        span.start_ns = earlier(span.start_ns, series_window(&resident->credit->series).start_ns);
    }
    span.start_ns = (span.start_ns < 0 ? 0 : span.start_ns) - NS_PER_DAY;
    if (span.end_ns == INT64_MAX || span.end_ns < evaluator->now_ns + HOURS_AHEAD_NS) {
        span.end_ns = evaluator->now_ns + HOURS_AHEAD_NS;
    }
    return span;
}

static void freshen_timeline(struct evaluator *evaluator, uint32_t index)
{
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct timeline *timeline = &evaluator->timelines[index];
    if (!evaluator->stale[index] && !looks_back_from_now(resident) &&
        !excludes_until_now(resident) && evaluator->now_ns < timeline->off_until_ns) {
        return;
    }
    if (resident->deliveries != NULL) {
        deliveries_bring_up(resident->deliveries, evaluator->now_ns);
    }
    struct timeline_sources sources;
    sources_of(evaluator, resident, hours_span_of(evaluator, index), &sources);
    timeline_build(timeline, &sources, evaluator->series[index].objective->severity);
    /* A new window reaches further: look again when this one ends. */
    int64_t window_end_ns = series_window(&evaluator->series[index]).end_ns;
    timeline->off_until_ns = resident->agreement->hours == NULL ? INT64_MAX
                             : window_end_ns > evaluator->now_ns
                                 ? earlier(window_end_ns, evaluator->now_ns + HOURS_AHEAD_NS / 2)
                                 : evaluator->now_ns + HOURS_AHEAD_NS / 2;
    if (resident->deliveries != NULL) {
        timeline->off_until_ns =
            earlier(timeline->off_until_ns, resident->deliveries->known_until_ns);
    }
    evaluator->stale[index] = false;
    timeline->decided_until_ns = INT64_MIN;
    evaluator->series[index].covered_at_ns = INT64_MIN;
    if (evaluator->series[index].objective->method != METHOD_OCCURRENCES) {
        evaluator->series[index].frozen_at_ns = INT64_MIN;
    }
}

/* Time itself moves the figure when a part of it was not good: look again within a second. */
static int64_t timeline_due(const struct evaluator *evaluator, uint32_t index)
{
    const struct timeline *timeline = &evaluator->timelines[index];
    const struct span_set *sets[] = {&timeline->bad_raw, &timeline->excluded,
                                     &timeline->unknown_raw};
    int64_t due = timeline->decided_until_ns;
    for (uint32_t i = 0; i < 3; i++) {
        due = earlier(due, span_set_next_edge(sets[i], evaluator->now_ns));
        if (sets[i]->count != 0 && sets[i]->spans[0].start_ns < evaluator->now_ns) {
            due = earlier(due, floor_to(evaluator->now_ns, NS_PER_SECOND) + NS_PER_SECOND);
        }
    }
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    if (resident->deliveries != NULL) {
        due = earlier(due, timeline->off_until_ns);
    }
    for (uint32_t i = 0; resident->signs != NULL && i < resident->agreement->service_count; i++) {
        due = earlier(due, signs_due(&resident->signs[i], evaluator->now_ns));
    }
    return due;
}

void series_bring_up(struct evaluator *evaluator, uint32_t index)
{
    series_advance(&evaluator->series[index], evaluator->now_ns);
    series_flush(&evaluator->series[index]);
    /* Silence begins by time alone. */
    evaluator->stale[index] |= evaluator->residents[evaluator->resident_of[index]].signs != NULL;
    freshen_timeline(evaluator, index);
    if (timeline_is_rounded(evaluator->series[index].objective)) {
        timeline_round(&evaluator->timelines[index], evaluator->series[index].objective,
                       evaluator->now_ns);
    }
    cases_bring_up(evaluator, index);
    if (evaluator->composition_of[index] != 0) {
        composition_bring_up(evaluator, index);
    }
}

/* The same objective of the k-th resident before the version in force; SERIES_NONE: it has none. */
static uint32_t earlier_series(const struct evaluator *evaluator, uint32_t index, uint32_t before)
{
    uint32_t current = evaluator->resident_of[index];
    const struct resident *earlier = &evaluator->residents[current - before];
    const struct agreement *agreement = earlier->agreement;
    const struct objective *objective =
        agreement_objective(agreement, evaluator->series[index].objective->name);
    return objective == NULL
               ? SERIES_NONE
               : earlier->series_first + (uint32_t)(objective - agreement->objectives);
}

uint32_t evaluator_versions(struct evaluator *evaluator, uint32_t index)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t count = 0;
    bool is_hidden = index >= resident->series_first + resident->agreement->objective_count;
    for (uint32_t before = is_hidden ? 0 : resident->earlier_count; before != 0; before--) {
        uint32_t earlier = earlier_series(evaluator, index, before);
        if (earlier != SERIES_NONE) {
            evaluator->versions[count++] =
                (struct measured){&evaluator->series[earlier], &evaluator->timelines[earlier]};
        }
    }
    evaluator->versions[count++] =
        (struct measured){&evaluator->series[index], &evaluator->timelines[index]};
    return count;
}

int64_t series_due(struct evaluator *evaluator, uint32_t index)
{
    int64_t due_ns =
        earlier(series_next_due(&evaluator->series[index]), timeline_due(evaluator, index));
    return evaluator->composition_of[index] == 0
               ? due_ns
               : earlier(due_ns, composition_due(evaluator, index));
}

/* All versions of the objective up to now; the next instant at which one of them changes. */
static int64_t bring_up(struct evaluator *evaluator, uint32_t index)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    series_bring_up(evaluator, index);
    int64_t due = series_due(evaluator, index);
    for (uint32_t before = 1; before <= resident->earlier_count; before++) {
        uint32_t other = earlier_series(evaluator, index, before);
        if (other != SERIES_NONE) {
            series_bring_up(evaluator, other);
            due = earlier(due, series_due(evaluator, other));
        }
    }
    if (resident->earlier_count != 0) {
        /* What was remembered of alerts does not hear of changes in other versions. */
        evaluator->series[index].covered_at_ns = INT64_MIN;
        evaluator->series[index].frozen_at_ns = INT64_MIN;
    }
    return due;
}

/* The series that is shown where this one changes; SERIES_NONE: the objective is no more. */
static uint32_t shown_series(const struct evaluator *evaluator, uint32_t index)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    const struct resident *current = &evaluator->residents[resident->current];
    if (current == resident) {
        return index;
    }
    const struct objective *objective =
        agreement_objective(current->agreement, evaluator->series[index].objective->name);
    return objective == NULL
               ? SERIES_NONE
               : current->series_first + (uint32_t)(objective - current->agreement->objectives);
}

/* Good, bad, excluded. */
static void add_totals(const struct series *series, uint64_t totals[3])
{
    totals[0] += series->total.of[COUNTER_GOOD];
    totals[1] += series->total.of[COUNTER_BAD];
    for (enum counter i = COUNTER_ASIDE_FIRST; i < COUNTER_OUT_OF_SCOPE; i++) {
        totals[2] += series->total.of[i];
    }
}

/* Is a sign expected, and has it been missing for too long, while the term runs? */
static void tell_silence(const struct evaluator *evaluator, uint32_t index,
                         struct objective_report *report)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct span term = resident->agreement->term;
    for (uint32_t i = 0; resident->signs != NULL && i < resident->agreement->service_count; i++) {
        const struct signs *signs = &resident->signs[i];
        report->expects_signs |= signs->every_ns != 0;
        report->silent |= signs_are_silent(signs, evaluator->now_ns) &&
                          term.start_ns <= evaluator->now_ns && signs_last(signs) < term.end_ns;
    }
}

/* Brought up; leaves its versions in evaluator->versions, and gives their number. with_policies:
 * the figures under other maintenance policies too, where they take more work. */
static uint32_t measure(struct evaluator *evaluator, uint32_t index, bool with_policies,
                        struct objective_report *report)
{
    if (evaluator->composition_of[index] != 0) {
        composition_report(evaluator, index, with_policies, report);
    } else {
        measure_report(evaluator->versions, evaluator_versions(evaluator, index), report);
        freeze_alerts(evaluator, index, report);
    }
    tell_silence(evaluator, index, report);
    report->position = evaluator->position;
    return evaluator_versions(evaluator, index);
}

static void publish(struct evaluator *evaluator, uint32_t index)
{
    due_heap_set(&evaluator->due, index, bring_up(evaluator, index));
    if (evaluator->settings.publish == NULL) {
        return;
    }
    struct objective_report report;
    uint32_t version_count = measure(evaluator, index, false, &report);
    uint64_t totals[3] = {0};
    for (uint32_t i = 0; i < version_count; i++) {
        add_totals(evaluator->versions[i].series, totals);
    }
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    evaluator->settings.publish(evaluator->settings.publish_context,
                                resident->number_first + (index - resident->series_first), &report,
                                totals);
}

void evaluator_publish(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->dirty_count; i++) {
        uint32_t shown = shown_series(evaluator, evaluator->dirty[i]);
        evaluator->is_dirty[evaluator->dirty[i]] = false;
        if (shown != SERIES_NONE) {
            publish(evaluator, shown);
        }
    }
    evaluator->dirty_count = 0;
    uint32_t series;
    while (due_heap_first(&evaluator->due, &series) <= evaluator->now_ns) {
        publish(evaluator, series);
    }
}

static void move_time(struct evaluator *evaluator, int64_t now_ns)
{
    if (now_ns <= evaluator->now_ns) {
        return;
    }
    evaluator->now_ns = now_ns;
    evaluator->received_ns = INT64_MIN; /* what was held back was received before it occurred */
    struct held_event held;
    while (held_take(&evaluator->held, now_ns, &held)) {
        count_request(evaluator, &held.event);
    }
    fulfilment_advance(evaluator);
}

enum status evaluator_apply_part(struct evaluator *evaluator, const struct batch *batch,
                                 uint32_t first, uint32_t end, int64_t now_ns)
{
    move_time(evaluator, now_ns);
    evaluator->received_ns = batch->received_ns;
    evaluator->position = batch->position + first;
    for (uint32_t i = first; i < end; i++) {
        enum status status = take_event(evaluator, batch, i);
        if (status != STATUS_OK) {
            return status;
        }
    }
    evaluator->position = batch->position + end;
    return STATUS_OK;
}

enum status evaluator_apply(struct evaluator *evaluator, const struct batch *batch, int64_t now_ns)
{
    return evaluator_apply_part(evaluator, batch, 0, batch->event_count, now_ns);
}

void evaluator_take_changed(struct evaluator *evaluator, evaluator_changed *changed, void *context)
{
    for (uint32_t i = 0; i < evaluator->dirty_count; i++) {
        uint32_t shown = shown_series(evaluator, evaluator->dirty[i]);
        evaluator->is_dirty[evaluator->dirty[i]] = false;
        if (shown != SERIES_NONE && changed != NULL) {
            const struct resident *resident = &evaluator->residents[evaluator->resident_of[shown]];
            changed(context, resident->number_first + (shown - resident->series_first));
        }
    }
    evaluator->dirty_count = 0;
}

void evaluator_advance(struct evaluator *evaluator, int64_t now_ns)
{
    move_time(evaluator, now_ns);
    evaluator_publish(evaluator);
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

static void fill_incidents(struct evaluator *evaluator, uint32_t index,
                           struct objective_report *report)
{
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct timeline_sources sources;
    resident_sources(evaluator, resident, &sources);
    incident_figures_fill(&sources, &evaluator->timelines[index], report);
}

/* The latencies of one version of the objective, into the sum. */
static void add_latency(struct evaluator *evaluator, uint32_t index, struct latency_sum *sum)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t keeper = latency_keeper(resident->agreement, index - resident->series_first,
                                     evaluator->settings.asked != NULL);
    if (keeper != UINT32_MAX) {
        struct series *series = &evaluator->series[resident->series_first + keeper];
        series_advance(series, evaluator->now_ns);
        latency_add(series, sum);
    }
}

static void fill_latency(struct evaluator *evaluator, uint32_t index,
                         struct objective_report *report)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct latency_sum sum = {0};
    for (uint32_t before = resident->earlier_count; before != 0; before--) {
        uint32_t other = earlier_series(evaluator, index, before);
        if (other != SERIES_NONE) {
            add_latency(evaluator, other, &sum);
        }
    }
    add_latency(evaluator, index, &sum);
    latency_take_sum(&sum, &report->latency);
}

/* The credit's series of all versions, as far as they have one, into evaluator->versions. */
static uint32_t credit_versions(struct evaluator *evaluator, uint32_t resident_index)
{
    const struct resident *current = &evaluator->residents[resident_index];
    uint32_t count = 0;
    for (uint32_t i = resident_index - current->earlier_count; i <= resident_index; i++) {
        const struct resident *resident = &evaluator->residents[i];
        if (resident->credit != NULL) {
            struct series *series = &resident->credit->series;
            series_advance(series, evaluator->now_ns);
            series_flush(series);
            uint32_t of = resident->series_first + resident->agreement->credits->objective;
            cases_recount(evaluator, of, series);
            evaluator->versions[count++] = (struct measured){series, &evaluator->timelines[of]};
        }
    }
    return count;
}

/* A period is paid for by the version that was in force at its end. */
static const struct credit_terms *terms_at(const struct evaluator *evaluator,
                                           uint32_t resident_index, int64_t end_ns)
{
    const struct resident *current = &evaluator->residents[resident_index];
    const struct credit_terms *terms = current->agreement->credits;
    for (uint32_t before = 1; before <= current->earlier_count; before++) {
        const struct agreement *agreement = evaluator->residents[resident_index - before].agreement;
        if (span_holds(agreement->in_force, end_ns - 1) && agreement->credits != NULL) {
            terms = agreement->credits;
        }
    }
    return terms;
}

static void fill_credit(struct evaluator *evaluator, uint32_t index,
                        struct objective_report *report)
{
    uint32_t resident_index = evaluator->resident_of[index];
    const struct resident *resident = &evaluator->residents[resident_index];
    const struct credit_terms *terms = resident->agreement->credits;
    if (terms == NULL || terms->objective != index - resident->series_first) {
        return;
    }
    struct objective_report period = *report;
    if (resident->credit != NULL) {
        measure_report(evaluator->versions, credit_versions(evaluator, resident_index), &period);
    }
    const struct measure *figure = &period.judgement.window;
    bool is_paid_for = period.judgement.has_sli && !period.judgement.has_too_few;
    uint64_t valid = is_paid_for ? measure_valid(*figure) : 0;
    report->has_credit = true;
    report->credit_terms = terms_at(evaluator, resident_index, period.window.end_ns);
    credit_of(report->credit_terms, valid == 0 ? 0 : figure->good, valid, &report->credit);
}

bool evaluator_report(struct evaluator *evaluator, uint32_t series,
                      struct objective_report *report_out)
{
    if (series >= evaluator->number_count || evaluator->series_of_number[series] == 0) {
        return false;
    }
    uint32_t index = evaluator->series_of_number[series] - 1;
    bring_up(evaluator, index);
    measure(evaluator, index, true, report_out);
    fill_incidents(evaluator, index, report_out);
    fill_latency(evaluator, index, report_out);
    fill_credit(evaluator, index, report_out);
    return true;
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

bool evaluator_incident_concerns(struct evaluator *evaluator, uint32_t series,
                                 const struct incident *incident)
{
    if (series >= evaluator->number_count || evaluator->series_of_number[series] == 0) {
        return false;
    }
    uint32_t index = evaluator->series_of_number[series] - 1;
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct timeline_sources sources;
    freshen_timeline(evaluator, index);
    resident_sources(evaluator, resident, &sources);
    return timeline_incident_concerns(&evaluator->timelines[index], &sources, incident);
}

void evaluator_counters(const struct evaluator *evaluator, struct evaluator_counters *counters_out)
{
    *counters_out = evaluator->counters;
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
