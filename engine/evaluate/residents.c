#include "evaluate/residents.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/composition.h"
#include "evaluate/latency.h"
#include "evaluate/recount.h"

#define NUMBER_NONE UINT32_MAX

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
    uint32_t residents;
    uint32_t series =
        count_series(settings->set, settings->shard_index, settings->shard_count, &residents);
    evaluator->number_count = count_numbers(settings->set);
    evaluator->number_size = evaluator->number_count + 1;
    evaluator->resident_size = residents + 1;
    evaluator->series_size = series + 1;
    evaluator->versions = calloc(count_versions_max(settings->set), sizeof(struct measured));
    evaluator->residents = calloc(evaluator->resident_size, sizeof(struct resident));
    evaluator->series = calloc(series + 1, sizeof(struct series));
    evaluator->gates = gates_grow(NULL, 0, evaluator->series_size);
    evaluator->timelines = calloc(series + 1, sizeof(struct timeline));
    evaluator->stale = calloc(series + 1, sizeof(bool));
    evaluator->resident_of = calloc(series + 1, sizeof(uint32_t));
    evaluator->dirty = calloc(series + 1, sizeof(uint32_t));
    evaluator->is_dirty = calloc(series + 1, sizeof(bool));
    evaluator->composition_of = calloc(series + 1, sizeof(uint32_t));
    evaluator->series_of_number = calloc(evaluator->number_size, sizeof(uint32_t));
    return evaluator->residents != NULL && evaluator->series != NULL && evaluator->gates != NULL &&
           evaluator->timelines != NULL && evaluator->stale != NULL &&
           evaluator->resident_of != NULL && evaluator->dirty != NULL &&
           evaluator->is_dirty != NULL && evaluator->composition_of != NULL &&
           evaluator->series_of_number != NULL && evaluator->versions != NULL &&
           due_heap_init(&evaluator->due, series) == STATUS_OK;
}

/* Moving in */

/* Signs are kept only where some are expected. */
static bool expect_signs(struct evaluator *evaluator, struct resident *resident)
{
    const struct agreement *agreement = resident->agreement;
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        const struct service_document *document =
            routing_document(&evaluator->routing, text_from(agreement->services[i]));
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
            routing_document(&evaluator->routing, text_from(agreement->services[i]));
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

static bool open_credit(struct evaluator *evaluator, struct resident *resident)
{
    const struct credit_terms *terms = resident->agreement->credits;
    if (terms == NULL || period_is_asked_for(evaluator) ||
        resident->agreement->objectives[terms->objective].composite != NULL) {
        return true; /* a composite's: composition.h */
    }
    struct credit_series *credit = calloc(1, sizeof(*credit));
    if (credit == NULL) {
        return false;
    }
    credit->objective = resident->agreement->objectives[terms->objective];
    credit->objective.alert_count = 0;
    series_init_lagging(&credit->series, resident->agreement, &credit->objective, &terms->period,
                        evaluator->now_ns);
    series_page_by(&credit->series, &evaluator->pager);
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
        series_page_by(&evaluator->series[index], &evaluator->pager);
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

enum status residents_open(struct evaluator *evaluator)
{
    return allocate(evaluator) && move_all_in(evaluator) ? STATUS_OK : STATUS_NO_MEMORY;
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
        struct gate *gates = gates_grow(evaluator->gates, from, to);
        assert(gates != NULL);
        evaluator->gates = gates;
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

/* Moving out */

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

void residents_close(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        move_out(&evaluator->residents[i], evaluator->residents[i].pattern == i);
    }
    for (uint32_t i = 0; i < evaluator->series_count; i++) {
        series_fini(&evaluator->series[i]);
        timeline_fini(&evaluator->timelines[i]);
    }
    pair_table_fini(&evaluator->customers);
    due_heap_fini(&evaluator->due);
    free(evaluator->residents);
    free(evaluator->versions);
    free(evaluator->series);
    free(evaluator->gates);
    free(evaluator->timelines);
    free(evaluator->stale);
    free(evaluator->resident_of);
    free(evaluator->dirty);
    free(evaluator->is_dirty);
    free(evaluator->composition_of);
    free(evaluator->series_of_number);
}
