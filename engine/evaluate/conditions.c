#include "evaluate/conditions.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/recount.h"

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

/* What an excluded incident of a component takes out, and its maintenance, depends on what else
 * failed. */
static enum status recount_systems(struct evaluator *evaluator, uint64_t position)
{
    enum status status = STATUS_OK;
    bool depends = evaluator->exclusions.count != 0 || evaluator->maintenances.names_components;
    for (uint32_t i = 0; depends && i < evaluator->resident_count && status == STATUS_OK; i++) {
        if (evaluator->residents[i].needed != NULL) {
            status = recount_mask(evaluator, &evaluator->residents[i], position);
        }
    }
    return status;
}

/* A cancelled one names none any more: what it did has to be forgotten. */
static bool ever_named_components(const struct incident *incident)
{
    bool any = false;
    for (uint32_t i = 0; i < incident->event_count; i++) {
        any |= incident->events[i].component_count != 0;
    }
    return any;
}

enum status conditions_take_incident(struct evaluator *evaluator, const struct event *event,
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
    return ever_named_components(incident) ? recount_systems(evaluator, position) : STATUS_OK;
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
            : routing_document(&evaluator->routing, name_text(evaluator->settings.names, name));
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

enum status conditions_take_state(struct evaluator *evaluator, const struct event *event,
                                  struct text extra, uint64_t position)
{
    bool of_component = false;
    take_state_of(evaluator, event, event->service, false, position);
    uint32_t at = 0;
    uint32_t component;
    while (event_extra_name(extra, &at, EXTRA_COMPONENT, &component)) {
        take_state_of(evaluator, event, component, true, position);
        of_component = true;
    }
    return of_component ? recount_systems(evaluator, position) : STATUS_OK;
}

enum status conditions_take_maintenance(struct evaluator *evaluator, const struct event *event,
                                        struct text extra, uint64_t position)
{
    maintenance_apply(&evaluator->maintenances, event, extra, position,
                      evaluator->settings.set->find_zone);
    return recount_all(evaluator, position);
}

enum status conditions_take_exclusion(struct evaluator *evaluator, const struct event *event,
                                      struct text extra, uint64_t position)
{
    exclusion_apply(&evaluator->exclusions, event, extra, position);
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        /* A potential incident has no time to mask, but leaves the figures all the same. */
        resident_mark_dirty(evaluator, &evaluator->residents[i], true);
    }
    return recount_all(evaluator, position);
}
