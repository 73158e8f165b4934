#include "evaluate/evaluator.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/panic.h"
#include "evaluate/due_heap.h"
#include "evaluate/held.h"
#include "evaluate/maintenance.h"
#include "evaluate/measure.h"
#include "evaluate/series.h"
#include "evaluate/timeline.h"
#include "evaluate/vocabulary.h"

/* An agreement that lives in this shard. */
struct resident {
    const struct agreement *agreement;
    uint32_t series_first; /* of this shard */
    uint32_t number_first; /* of the whole set */
    uint32_t customer_word; /* WORD_NONE: for all */
    uint32_t *service_words;
    struct span_set *masks; /* per service */
    bool has_mask;
};

/* A service's requests count for these. */
struct target {
    uint32_t resident;
    uint32_t service; /* index within the agreement */
};

struct route {
    uint32_t first; /* in targets */
    uint32_t count;
    uint32_t figures; /* index of the service's own figures + 1; 0: no document names it */
};

struct evaluator {
    struct evaluator_settings settings;
    int64_t now_ns;
    uint64_t position;
    struct vocabulary vocabulary;

    struct resident *residents;
    uint32_t resident_count;
    struct series *series;
    struct timeline *timelines; /* per series */
    bool *stale;                /* per series: its timeline must be built again */
    uint32_t *resident_of;      /* per series */
    uint32_t series_count;
    uint32_t *series_of_number; /* of the whole set: series here + 1, or 0 */
    uint32_t number_count;

    uint32_t *route_of_name; /* route + 1; 0: not looked up; lazily backed */
    size_t route_of_name_size;
    struct route *routes;
    uint32_t route_count;
    uint32_t route_size;
    struct target *targets;
    uint32_t target_count;
    uint32_t target_size;

    struct incident_ledger incidents;
    struct state_line *states;
    uint32_t state_count;
    struct maintenance_register maintenances;
    struct held held;
    struct due_heap due;
    uint32_t *dirty; /* series whose figure may have changed */
    bool *is_dirty;
    uint32_t dirty_count;

    struct evaluator_counters counters;
    struct service_figures *figures; /* shard 0 */
    uint32_t figure_count;
};

/* Opening and closing */

static uint32_t count_series(const struct agreement_set *set, uint32_t shard, uint32_t shards,
                             uint32_t *resident_count_out)
{
    uint32_t count = 0;
    *resident_count_out = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        if (i % shards == shard) {
            count += set->agreements[i].objective_count;
            (*resident_count_out)++;
        }
    }
    return count;
}

static bool allocate(struct evaluator *evaluator)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    const struct agreement_set *set = settings->set;
    uint32_t series = count_series(set, settings->shard_index, settings->shard_count,
                                   &evaluator->resident_count);
    uint32_t unused;
    evaluator->number_count = count_series(set, 0, 1, &unused);
    evaluator->route_of_name_size =
        ((size_t)name_count_max(settings->names) + 1) * sizeof(uint32_t);
    evaluator->residents = calloc(evaluator->resident_count + 1, sizeof(struct resident));
    evaluator->series = calloc(series + 1, sizeof(struct series));
    evaluator->timelines = calloc(series + 1, sizeof(struct timeline));
    evaluator->stale = calloc(series + 1, sizeof(bool));
    evaluator->resident_of = calloc(series + 1, sizeof(uint32_t));
    evaluator->dirty = calloc(series + 1, sizeof(uint32_t));
    evaluator->is_dirty = calloc(series + 1, sizeof(bool));
    evaluator->series_of_number = calloc(evaluator->number_count + 1, sizeof(uint32_t));
    evaluator->route_of_name = pages_reserve(evaluator->route_of_name_size);
    evaluator->figures =
        calloc((size_t)evaluator->vocabulary.word_count + 1, sizeof(struct service_figures));
    return evaluator->residents != NULL && evaluator->series != NULL &&
           evaluator->timelines != NULL && evaluator->stale != NULL &&
           evaluator->resident_of != NULL && evaluator->dirty != NULL &&
           evaluator->is_dirty != NULL && evaluator->series_of_number != NULL &&
           evaluator->route_of_name != NULL && evaluator->figures != NULL &&
           due_heap_init(&evaluator->due, series) == STATUS_OK;
}

static bool move_in(struct evaluator *evaluator, struct resident *resident,
                    const struct agreement *agreement, uint32_t number_first)
{
    *resident = (struct resident){
        .agreement = agreement,
        .series_first = evaluator->series_count,
        .number_first = number_first,
        .customer_word = agreement->customer == NULL
                             ? WORD_NONE
                             : vocabulary_find(&evaluator->vocabulary, agreement->customer),
        .service_words = calloc(agreement->service_count, sizeof(uint32_t)),
        .masks = calloc(agreement->service_count, sizeof(struct span_set)),
    };
    if (resident->service_words == NULL || resident->masks == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        resident->service_words[i] =
            vocabulary_find(&evaluator->vocabulary, agreement->services[i]);
    }
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        uint32_t index = evaluator->series_count++;
        series_init(&evaluator->series[index], agreement, &agreement->objectives[i],
                    evaluator->settings.asked, evaluator->now_ns);
        evaluator->stale[index] = true;
        evaluator->resident_of[index] = (uint32_t)(resident - evaluator->residents);
        evaluator->series_of_number[number_first + i] = index + 1;
    }
    return true;
}

static bool move_all_in(struct evaluator *evaluator)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    uint32_t number = 0;
    uint32_t resident = 0;
    for (uint32_t i = 0; i < settings->set->agreement_count; i++) {
        const struct agreement *agreement = &settings->set->agreements[i];
        if (i % settings->shard_count == settings->shard_index &&
            !move_in(evaluator, &evaluator->residents[resident++], agreement, number)) {
            return false;
        }
        number += agreement->objective_count;
    }
    return true;
}

/* The figures of services: shard 0 keeps one for each that a document or an agreement names. */
static void list_services(struct evaluator *evaluator)
{
    const struct agreement_set *set = evaluator->settings.set;
    for (uint32_t word = 0; word < evaluator->vocabulary.word_count; word++) {
        const char *text = evaluator->vocabulary.words[word];
        bool is_service = false;
        for (uint32_t i = 0; i < set->service_count && !is_service; i++) {
            is_service = strcmp(set->services[i].name, text) == 0;
        }
        for (uint32_t i = 0; i < set->agreement_count && !is_service; i++) {
            for (uint32_t j = 0; j < set->agreements[i].service_count && !is_service; j++) {
                is_service = strcmp(set->agreements[i].services[j], text) == 0;
            }
        }
        if (is_service) {
            evaluator->figures[evaluator->figure_count++] =
                (struct service_figures){.name = text, .last_event_ns = TIME_NONE};
        }
    }
}

static void mask_anew(struct evaluator *evaluator, struct resident *resident);

enum status evaluator_open(struct evaluator **evaluator_out,
                           const struct evaluator_settings *settings)
{
    assert(settings->shard_index < settings->shard_count);
    struct evaluator *evaluator = calloc(1, sizeof(*evaluator));
    if (evaluator == NULL) {
        return STATUS_NO_MEMORY;
    }
    evaluator->settings = *settings;
    evaluator->now_ns = settings->now_ns;
    evaluator->held.count_max = HELD_EVENTS_MAX;
    enum status status =
        vocabulary_init(&evaluator->vocabulary, settings->set, settings->names);
    if (status != STATUS_OK || !allocate(evaluator) || !move_all_in(evaluator)) {
        evaluator_close(evaluator);
        return STATUS_NO_MEMORY;
    }
    list_services(evaluator);
    for (uint32_t i = 0; i < settings->set->maintenance_count; i++) {
        maintenance_add_document(&evaluator->maintenances, &settings->set->maintenances[i]);
    }
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        mask_anew(evaluator, &evaluator->residents[i]);
    }
    *evaluator_out = evaluator;
    return STATUS_OK;
}

static void residents_close(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->resident_count && evaluator->residents != NULL; i++) {
        struct resident *resident = &evaluator->residents[i];
        for (uint32_t j = 0; resident->masks != NULL && j < resident->agreement->service_count;
             j++) {
            span_set_fini(&resident->masks[j]);
        }
        free(resident->masks);
        free(resident->service_words);
    }
    free(evaluator->residents);
}

void evaluator_close(struct evaluator *evaluator)
{
    if (evaluator == NULL) {
        return;
    }
    residents_close(evaluator);
    for (uint32_t i = 0; i < evaluator->series_count; i++) {
        series_fini(&evaluator->series[i]);
        timeline_fini(&evaluator->timelines[i]);
    }
    for (uint32_t i = 0; i < evaluator->state_count; i++) {
        state_line_fini(&evaluator->states[i]);
    }
    incident_ledger_fini(&evaluator->incidents);
    maintenance_register_fini(&evaluator->maintenances);
    held_fini(&evaluator->held);
    due_heap_fini(&evaluator->due);
    vocabulary_fini(&evaluator->vocabulary);
    pages_release(evaluator->route_of_name, evaluator->route_of_name_size);
    free(evaluator->series);
    free(evaluator->timelines);
    free(evaluator->stale);
    free(evaluator->resident_of);
    free(evaluator->series_of_number);
    free(evaluator->routes);
    free(evaluator->targets);
    free(evaluator->states);
    free(evaluator->dirty);
    free(evaluator->is_dirty);
    free(evaluator->figures);
    free(evaluator);
}

/* Routes: which agreements a service name concerns. Built when a name first asks. */

/* The stored name may be a host that a `match` rule, younger than the event, gives to the service. Rules on
 * path or tag can only be applied where the record was decoded. */
static bool names_service(const struct evaluator *evaluator, struct text name, const char *service)
{
    if (text_is(name, service)) {
        return true;
    }
    const struct match_rules *rules = &evaluator->settings.set->match;
    for (uint32_t i = 0; i < rules->count; i++) {
        const struct match_rule *rule = &rules->rules[i];
        if (rule->path == NULL && rule->tag == NULL && strcmp(rule->target, service) == 0 &&
            (rule->host == NULL || glob_matches(rule->host, name)) &&
            (rule->service == NULL || glob_matches(rule->service, name))) {
            return true;
        }
    }
    return false;
}

static void add_target(struct evaluator *evaluator, uint32_t resident, uint32_t service)
{
    if (evaluator->target_count == evaluator->target_size) {
        evaluator->target_size = evaluator->target_size == 0 ? 64 : evaluator->target_size * 2;
        evaluator->targets =
            realloc(evaluator->targets, evaluator->target_size * sizeof(struct target));
        assert(evaluator->targets != NULL);
    }
    evaluator->targets[evaluator->target_count++] = (struct target){resident, service};
}

static struct route build_route(struct evaluator *evaluator, uint32_t name)
{
    struct text text = name_text(evaluator->settings.names, name);
    struct route route = {.first = evaluator->target_count};
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        const struct agreement *agreement = evaluator->residents[i].agreement;
        for (uint32_t j = 0; j < agreement->service_count; j++) {
            if (names_service(evaluator, text, agreement->services[j])) {
                add_target(evaluator, i, j);
                break; /* once per agreement, however many of its services match */
            }
        }
    }
    for (uint32_t i = 0; i < evaluator->figure_count && route.figures == 0; i++) {
        route.figures = names_service(evaluator, text, evaluator->figures[i].name) ? i + 1 : 0;
    }
    route.count = evaluator->target_count - route.first;
    return route;
}

static const struct route *route_of(struct evaluator *evaluator, uint32_t name)
{
    uint32_t known = evaluator->route_of_name[name];
    if (known == 0) {
        if (evaluator->route_count == evaluator->route_size) {
            evaluator->route_size = evaluator->route_size == 0 ? 64 : evaluator->route_size * 2;
            evaluator->routes =
                realloc(evaluator->routes, evaluator->route_size * sizeof(struct route));
            assert(evaluator->routes != NULL);
        }
        evaluator->routes[evaluator->route_count++] = build_route(evaluator, name);
        known = evaluator->route_count;
        evaluator->route_of_name[name] = known;
    }
    return &evaluator->routes[known - 1];
}

/* Counting requests */

static void mark_dirty(struct evaluator *evaluator, uint32_t series)
{
    if (!evaluator->is_dirty[series]) {
        evaluator->is_dirty[series] = true;
        evaluator->dirty[evaluator->dirty_count++] = series;
    }
}

static void mark_resident_dirty(struct evaluator *evaluator, const struct resident *resident,
                                bool stale_timeline)
{
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        mark_dirty(evaluator, resident->series_first + i);
        evaluator->stale[resident->series_first + i] |= stale_timeline;
    }
}

/* A request without a customer counts only where none is named. */
static bool customer_matches(struct evaluator *evaluator, const struct resident *resident,
                             uint32_t customer)
{
    return resident->customer_word == WORD_NONE ||
           vocabulary_word(&evaluator->vocabulary, customer) == resident->customer_word;
}

static bool in_maintenance(const struct resident *resident, uint32_t service, int64_t ns)
{
    return resident->has_mask && span_set_holds(&resident->masks[service], ns);
}

static void count_for(struct evaluator *evaluator, const struct target *target,
                      const struct event *event)
{
    const struct resident *resident = &evaluator->residents[target->resident];
    if (!customer_matches(evaluator, resident, event->customer)) {
        return;
    }
    bool masked = in_maintenance(resident, target->service, event->occurred_ns);
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        struct series *series = &evaluator->series[resident->series_first + i];
        if (series->objective->method == METHOD_UPTIME) {
            continue;
        }
        series_advance(series, evaluator->now_ns);
        series_count(series, event->occurred_ns,
                     classify_request(resident->agreement, series->objective, masked, event));
        mark_dirty(evaluator, resident->series_first + i);
    }
}

static void count_for_service(struct evaluator *evaluator, const struct route *route,
                              const struct event *event)
{
    if (evaluator->settings.shard_index != 0) {
        return;
    }
    if (route->figures == 0) {
        evaluator->counters.unmatched++;
        return;
    }
    struct service_figures *figures = &evaluator->figures[route->figures - 1];
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
    if (event->state != REQUEST_STATE_NONE) {
        return; /* a request with a life is judged by its fulfilment, not by a status */
    }
    const struct route *route = route_of(evaluator, event->service);
    count_for_service(evaluator, route, event);
    uint32_t first = route->first;
    uint32_t count = route->count;
    for (uint32_t i = 0; i < count; i++) {
        count_for(evaluator, &evaluator->targets[first + i], event);
    }
}

/* Too far ahead of its receipt, or older than what is kept: stored, not counted. */
static bool is_out_of_time(struct evaluator *evaluator, const struct event *event,
                           int64_t received_ns)
{
    const struct evaluator_settings *settings = &evaluator->settings;
    if (settings->max_future_ns != INT64_MAX &&
        event->occurred_ns > received_ns + settings->max_future_ns) {
        evaluator->counters.future++;
        return true;
    }
    if (settings->retention_ns != INT64_MAX &&
        event->occurred_ns < received_ns - settings->retention_ns) {
        evaluator->counters.ancient++;
        return true;
    }
    return false;
}

static void take_request(struct evaluator *evaluator, const struct event *event, uint64_t position)
{
    if (event->occurred_ns < evaluator->now_ns) {
        count_request(evaluator, event);
    } else if (held_add(&evaluator->held, event, position) != STATUS_OK) {
        evaluator->counters.future++;
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

static void take_incident(struct evaluator *evaluator, const struct event *event, struct text extra,
                          uint64_t position)
{
    struct incident *incident;
    if (incident_ledger_apply(&evaluator->incidents, event, extra, position, &incident) !=
        STATUS_OK) {
        evaluator->counters.incidents_refused++;
        return;
    }
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        const struct resident *resident = &evaluator->residents[i];
        for (uint32_t j = 0; j < incident->service_count; j++) {
            if (names_any(evaluator, resident, incident->services[j])) {
                mark_resident_dirty(evaluator, resident, true);
                break;
            }
        }
    }
}

static struct state_line *state_line_of(struct evaluator *evaluator, const struct event *event)
{
    for (uint32_t i = 0; i < evaluator->state_count; i++) {
        struct state_line *line = &evaluator->states[i];
        if (line->service == event->service && line->customer == event->customer) {
            return line;
        }
    }
    struct state_line *states =
        realloc(evaluator->states, (evaluator->state_count + 1) * sizeof(*states));
    assert(states != NULL);
    evaluator->states = states;
    struct state_line *line = &states[evaluator->state_count++];
    *line = (struct state_line){.service = event->service, .customer = event->customer};
    return line;
}

static void take_state(struct evaluator *evaluator, const struct event *event, uint64_t position)
{
    bool concerns = false;
    for (uint32_t i = 0; i < evaluator->resident_count; i++) {
        const struct resident *resident = &evaluator->residents[i];
        if (names_any(evaluator, resident, event->service)) {
            concerns = true;
            mark_resident_dirty(evaluator, resident, true);
        }
    }
    if (concerns) {
        state_line_apply(state_line_of(evaluator, event), event, position);
    }
}

/* Maintenance */

static uint32_t customer_name(struct evaluator *evaluator, const struct resident *resident)
{
    return resident->customer_word == WORD_NONE
               ? NAME_NONE
               : vocabulary_name(&evaluator->vocabulary, resident->customer_word);
}

static void mask_of(struct evaluator *evaluator, const struct resident *resident, uint32_t service,
                    struct span_set *mask)
{
    maintenance_mask(&evaluator->maintenances,
                     vocabulary_name(&evaluator->vocabulary, resident->service_words[service]),
                     resident->agreement->services[service], resident->customer_word != WORD_NONE,
                     customer_name(evaluator, resident), mask);
}

static void mask_anew(struct evaluator *evaluator, struct resident *resident)
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

static bool recount_event(void *context, const struct batch *batch, uint32_t event_index)
{
    const struct recount *recount = context;
    struct evaluator *evaluator = recount->evaluator;
    const struct event *event = &batch->events[event_index];
    bool was = span_set_holds(recount->before, event->occurred_ns);
    bool is = span_set_holds(recount->after, event->occurred_ns);
    if (event->kind != EVENT_REQUEST || event->state != REQUEST_STATE_NONE || was == is ||
        is_out_of_time(evaluator, event, batch->received_ns) ||
        !customer_matches(evaluator, recount->resident, event->customer)) {
        return true;
    }
    const struct route *route = route_of(evaluator, event->service);
    bool counts = false;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct target *target = &evaluator->targets[route->first + i];
        counts |= target->resident == recount->resident_index && target->service == recount->service;
    }
    const struct agreement *agreement = recount->resident->agreement;
    for (uint32_t i = 0; counts && i < agreement->objective_count; i++) {
        struct series *series = &evaluator->series[recount->resident->series_first + i];
        if (series->objective->method != METHOD_UPTIME) {
            series_recount(series, event->occurred_ns,
                           classify_request(agreement, series->objective, was, event),
                           classify_request(agreement, series->objective, is, event));
        }
    }
    return true;
}

/* Reads again what lies in spans that only one of the masks holds, as far as it was counted already. */
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

static enum status remask(struct evaluator *evaluator, struct resident *resident,
                          uint64_t position_end)
{
    enum status status = STATUS_OK;
    struct span_set mask = {0};
    for (uint32_t i = 0; i < resident->agreement->objective_count; i++) {
        series_advance(&evaluator->series[resident->series_first + i], evaluator->now_ns);
    }
    for (uint32_t i = 0; i < resident->agreement->service_count && status == STATUS_OK; i++) {
        mask_of(evaluator, resident, i, &mask);
        if (!span_set_equal(&mask, &resident->masks[i])) {
            status = recount_service(evaluator, resident, i, &mask, position_end);
            span_set_copy(&resident->masks[i], &mask);
            resident->has_mask |= mask.count != 0;
            mark_resident_dirty(evaluator, resident, true);
        }
    }
    span_set_fini(&mask);
    return status;
}

static enum status take_maintenance(struct evaluator *evaluator, const struct event *event,
                                    struct text extra, uint64_t position)
{
    maintenance_apply(&evaluator->maintenances, event, extra, position);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < evaluator->resident_count && status == STATUS_OK; i++) {
        status = remask(evaluator, &evaluator->residents[i], position);
    }
    return status;
}

static enum status take_event(struct evaluator *evaluator, const struct batch *batch, uint32_t index)
{
    const struct event *event = &batch->events[index];
    uint64_t position = batch->position + index;
    bool spans_time = event->kind == EVENT_MAINTENANCE || event->kind == EVENT_EXCLUSION;
    if (!spans_time && is_out_of_time(evaluator, event, batch->received_ns)) {
        return STATUS_OK;
    }
    switch ((enum event_kind)event->kind) {
    case EVENT_REQUEST:
        take_request(evaluator, event, position);
        return STATUS_OK;
    case EVENT_INCIDENT:
        take_incident(evaluator, event, batch_extra(batch, event), position);
        return STATUS_OK;
    case EVENT_STATE:
        take_state(evaluator, event, position);
        return STATUS_OK;
    case EVENT_MAINTENANCE:
        return take_maintenance(evaluator, event, batch_extra(batch, event), position);
    case EVENT_OUTCOME:
    case EVENT_EXCLUSION:
    default:
        return STATUS_OK; /* kept in the log; not judged by this version */
    }
}

/* Publishing */

static void sources_of(struct evaluator *evaluator, const struct resident *resident,
                       uint32_t *service_names, struct timeline_sources *sources_out)
{
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        service_names[i] = vocabulary_name(&evaluator->vocabulary, resident->service_words[i]);
    }
    *sources_out = (struct timeline_sources){
        .incidents = &evaluator->incidents,
        .states = evaluator->states,
        .state_count = evaluator->state_count,
        .services = service_names,
        .maintenance = resident->masks,
        .service_count = resident->agreement->service_count,
        .customer = customer_name(evaluator, resident),
        .has_customer = resident->customer_word != WORD_NONE,
    };
}

static void freshen_timeline(struct evaluator *evaluator, uint32_t index)
{
    if (!evaluator->stale[index]) {
        return;
    }
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t *service_names = calloc(resident->agreement->service_count, sizeof(uint32_t));
    assert(service_names != NULL);
    struct timeline_sources sources;
    sources_of(evaluator, resident, service_names, &sources);
    timeline_build(&evaluator->timelines[index], &sources,
                   evaluator->series[index].objective->severity);
    evaluator->stale[index] = false;
    free(service_names);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Time itself moves the figure when a part of it was not good: look again within a second. */
static int64_t timeline_due(const struct evaluator *evaluator, uint32_t index)
{
    const struct timeline *timeline = &evaluator->timelines[index];
    const struct span_set *sets[] = {&timeline->bad_raw, &timeline->excluded,
                                     &timeline->unknown_raw};
    int64_t due = INT64_MAX;
    for (uint32_t i = 0; i < 3; i++) {
        due = earlier(due, span_set_next_edge(sets[i], evaluator->now_ns));
        if (sets[i]->count != 0 && sets[i]->spans[0].start_ns < evaluator->now_ns) {
            due = earlier(due, floor_to(evaluator->now_ns, NS_PER_SECOND) + NS_PER_SECOND);
        }
    }
    return due;
}

static void bring_up(struct evaluator *evaluator, uint32_t index)
{
    series_advance(&evaluator->series[index], evaluator->now_ns);
    series_flush(&evaluator->series[index]);
    freshen_timeline(evaluator, index);
}

static void publish(struct evaluator *evaluator, uint32_t index)
{
    struct series *series = &evaluator->series[index];
    bring_up(evaluator, index);
    due_heap_set(&evaluator->due, index,
                 earlier(series_next_due(series), timeline_due(evaluator, index)));
    if (evaluator->settings.publish == NULL) {
        return;
    }
    struct objective_report report;
    measure_report(series, &evaluator->timelines[index], &report);
    report.position = evaluator->position;
    uint64_t totals[3] = {series->total.of[COUNTER_GOOD], series->total.of[COUNTER_BAD], 0};
    for (enum counter i = COUNTER_ASIDE_FIRST; i < COUNTER_OUT_OF_SCOPE; i++) {
        totals[2] += series->total.of[i];
    }
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    evaluator->settings.publish(evaluator->settings.publish_context,
                                resident->number_first + (index - resident->series_first), &report,
                                totals);
}

static void publish_changes(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->dirty_count; i++) {
        evaluator->is_dirty[evaluator->dirty[i]] = false;
        publish(evaluator, evaluator->dirty[i]);
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
    struct held_event held;
    while (held_take(&evaluator->held, now_ns, &held)) {
        count_request(evaluator, &held.event);
    }
}

enum status evaluator_apply(struct evaluator *evaluator, const struct batch *batch, int64_t now_ns)
{
    move_time(evaluator, now_ns);
    evaluator->position = batch->position;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        enum status status = take_event(evaluator, batch, i);
        if (status != STATUS_OK) {
            return status;
        }
    }
    evaluator->position = batch->position + batch->event_count;
    publish_changes(evaluator);
    return STATUS_OK;
}

void evaluator_advance(struct evaluator *evaluator, int64_t now_ns)
{
    move_time(evaluator, now_ns);
    publish_changes(evaluator);
}

int64_t evaluator_next_due(const struct evaluator *evaluator)
{
    uint32_t series;
    int64_t held = held_first(&evaluator->held);
    return earlier(due_heap_first(&evaluator->due, &series), held == INT64_MAX ? held : held + 1);
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

/* What the incident figures of one report are made from. */
struct incident_view {
    const struct timeline_sources *sources;
    const struct span_set *excluded; /* empty where maintenance does not leave the figures */
    struct span window;              /* inside the term, up to `at` */
    struct span term;                /* up to and with `at` */
    int64_t at_ns;
};

/* Does the stretch meet the window? One without length does where it stands. */
static bool touches(struct span stretch, struct span window)
{
    return window.start_ns < window.end_ns && stretch.start_ns < window.end_ns &&
           (stretch.end_ns > window.start_ns ||
            (stretch.start_ns == stretch.end_ns && stretch.start_ns == window.start_ns));
}

static uint64_t agreed_length(const struct incident_view *view, const struct span_set *spans)
{
    struct span_set left = {0};
    span_set_subtract(&left, spans, view->excluded);
    int64_t length = span_set_measure(&left, view->window);
    span_set_fini(&left);
    return (uint64_t)length;
}

static void add_incident(const struct incident_view *view, const struct incident *incident,
                         struct incident_figures *figures)
{
    struct span_set own = {0};
    bool touched = false;
    bool in_term = false;
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        struct span actual = {interval->actual_from_ns, interval->span.end_ns};
        bool is_actual = interval->actual_from_ns != INT64_MAX;
        touched |= is_actual && touches(actual, view->window);
        in_term |= touches(interval->span, view->term);
        span_set_add(&own, actual);
    }
    span_set_normalize(&own);
    bool is_open = incident_is_open(incident, view->at_ns);
    if (incident->nature == NATURE_POTENTIAL) {
        figures->potential_open += is_open && in_term ? 1 : 0; /* left open, however old */
    } else if (touched) {
        int64_t began_ns = incident->intervals[0].span.start_ns;
        int64_t delay_ns = incident->acknowledged_ns - began_ns;
        figures->count++;
        figures->open += is_open ? 1 : 0;
        figures->downtime_ns += agreed_length(view, &own);
        if (incident->acknowledged_ns <= view->at_ns) {
            figures->acknowledged++;
            figures->acknowledge_ns += delay_ns > 0 ? (uint64_t)delay_ns : 0;
        }
    }
    span_set_fini(&own);
}

/* Each `down` interval of a service counts as one critical incident. */
static void add_down_states(const struct incident_view *view, struct incident_figures *figures)
{
    const struct timeline_sources *sources = view->sources;
    struct span_set down = {0};
    struct span_set unused = {0};
    struct span_set one = {0};
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        bool named = false;
        for (uint32_t j = 0; j < sources->service_count; j++) {
            named |= sources->services[j] == line->service;
        }
        if (!named || !timeline_concerns(sources, line->customer)) {
            continue;
        }
        span_set_clear(&down);
        state_line_spans(line, &down, &unused, &unused);
        span_set_normalize(&down);
        for (uint32_t j = 0; j < down.count; j++) {
            if (touches(down.spans[j], view->window)) {
                span_set_clear(&one);
                span_set_add(&one, down.spans[j]);
                figures->count++;
                figures->open += span_holds(down.spans[j], view->at_ns) ? 1 : 0;
                figures->downtime_ns += agreed_length(view, &one);
            }
        }
    }
    span_set_fini(&down);
    span_set_fini(&unused);
    span_set_fini(&one);
}

static void fill_incidents(struct evaluator *evaluator, uint32_t index,
                           struct objective_report *report)
{
    static const struct span_set none = {0};
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t *service_names = calloc(resident->agreement->service_count, sizeof(uint32_t));
    assert(service_names != NULL);
    struct timeline_sources sources;
    sources_of(evaluator, resident, service_names, &sources);
    bool removed = resident->agreement->maintenance == MAINTENANCE_REMOVED;
    struct incident_view view = {
        .sources = &sources,
        .excluded = removed ? &evaluator->timelines[index].excluded : &none,
        .window = span_intersect(span_intersect(report->window, resident->agreement->term),
                                 (struct span){INT64_MIN, report->at_ns}),
        .term = span_intersect(resident->agreement->term,
                               (struct span){INT64_MIN, report->at_ns + 1}),
        .at_ns = report->at_ns,
    };
    if (view.window.start_ns == INT64_MIN) {
        view.window.start_ns = 0; /* neither window nor term begins: there is nothing before the epoch */
    }
    for (uint32_t i = 0; i < evaluator->incidents.count; i++) {
        const struct incident *incident = &evaluator->incidents.incidents[i];
        if (incident->severity >= report->objective->severity &&
            timeline_incident_concerns(&sources, incident)) {
            add_incident(&view, incident, &report->incidents);
        }
    }
    add_down_states(&view, &report->incidents);
    int64_t excluded = span_set_measure(view.excluded, view.window);
    report->incidents.agreed_ns = (uint64_t)(span_length(view.window) - excluded);
    free(service_names);
}

bool evaluator_report(struct evaluator *evaluator, uint32_t series,
                      struct objective_report *report_out)
{
    if (series >= evaluator->number_count || evaluator->series_of_number[series] == 0) {
        return false;
    }
    uint32_t index = evaluator->series_of_number[series] - 1;
    bring_up(evaluator, index);
    measure_report(&evaluator->series[index], &evaluator->timelines[index], report_out);
    report_out->position = evaluator->position;
    fill_incidents(evaluator, index, report_out);
    return true;
}

const struct incident_ledger *evaluator_incidents(const struct evaluator *evaluator)
{
    return &evaluator->incidents;
}

bool evaluator_judges(struct evaluator *evaluator, uint32_t series, const struct event *event,
                      struct class_counts *counts_out)
{
    if (series >= evaluator->number_count || evaluator->series_of_number[series] == 0 ||
        event->kind != EVENT_REQUEST || event->state != REQUEST_STATE_NONE) {
        return false;
    }
    uint32_t index = evaluator->series_of_number[series] - 1;
    uint32_t resident_index = evaluator->resident_of[index];
    const struct resident *resident = &evaluator->residents[resident_index];
    if (!customer_matches(evaluator, resident, event->customer)) {
        return false;
    }
    const struct route *route = route_of(evaluator, event->service);
    for (uint32_t i = 0; i < route->count; i++) {
        const struct target *target = &evaluator->targets[route->first + i];
        if (target->resident == resident_index) {
            *counts_out = classify_request(
                resident->agreement, evaluator->series[index].objective,
                in_maintenance(resident, target->service, event->occurred_ns), event);
            return true;
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
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t *service_names = calloc(resident->agreement->service_count, sizeof(uint32_t));
    assert(service_names != NULL);
    struct timeline_sources sources;
    sources_of(evaluator, resident, service_names, &sources);
    bool concerns = timeline_incident_concerns(&sources, incident);
    free(service_names);
    return concerns;
}

void evaluator_counters(const struct evaluator *evaluator, struct evaluator_counters *counters_out)
{
    *counters_out = evaluator->counters;
}

uint32_t evaluator_service_count(const struct evaluator *evaluator)
{
    return evaluator->figure_count;
}

void evaluator_service(const struct evaluator *evaluator, uint32_t index,
                       struct service_figures *figures_out)
{
    assert(index < evaluator->figure_count);
    *figures_out = evaluator->figures[index];
}
