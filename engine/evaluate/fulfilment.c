#include "evaluate/fulfilment.h"

#include "base/panic.h"
#include "domain/intake.h"

/* One request as one service of one agreement sees it. */
struct view {
    struct evaluator *evaluator;
    struct resident *resident;
    uint32_t service; /* of the agreement */
};

/* A request as an objective counts it; at_ns INT64_MAX: not at all yet. */
struct counted {
    int64_t at_ns;
    struct class_counts counts;
};

static bool has_such_objective(const struct agreement *agreement)
{
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        if (agreement->objectives[i].method == METHOD_FULFILMENT) {
            return true;
        }
    }
    return false;
}

enum status fulfilment_open(struct evaluator *evaluator)
{
    const struct each *each = evaluator->settings.each;
    const struct agreement_set *set = each == NULL ? evaluator->settings.set : each_documents(each);
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        for (uint32_t j = 0; j <= set->agreements[i].earlier_count; j++) {
            evaluator->judges_lives |=
                has_such_objective(agreement_version(&set->agreements[i], j));
        }
    }
    uint32_t count_max = evaluator->settings.open_requests_max;
    life_ledger_init(&evaluator->lives, count_max == 0 ? OPEN_REQUESTS_MAX : count_max);
    return due_heap_init(&evaluator->lives_due, 0);
}

void fulfilment_close(struct evaluator *evaluator)
{
    life_ledger_fini(&evaluator->lives);
    due_heap_fini(&evaluator->lives_due);
}

static bool takes(const struct view *view, const struct objective *objective,
                  const struct life_story *story)
{
    const struct event as_request = {.customer = story->customer, .flags = story->flags};
    return resident_takes_customer(view->evaluator, view->resident, story->customer) &&
           (!objective->total.narrowed ||
            classify_takes(&objective->total, &as_request, view->evaluator->settings.names));
}

static struct class_counts classify(const struct view *view, const struct objective *objective,
                                    const struct life_story *story,
                                    const struct life_outcome *outcome)
{
    struct aside_masks masks = resident_masks_at(view->resident, view->service, story->start_ns);
    struct class_counts counts = classify_case(view->resident->agreement, objective, masks,
                                               (struct span){story->start_ns, outcome->at_ns},
                                               outcome->result == LIFE_GOOD, story->weight);
    if (outcome->result == LIFE_OUT_OF_SCOPE) {
        counts.first = COUNTER_OUT_OF_SCOPE;
    } else if (outcome->result == LIFE_ASIDE) {
        counts.first = counter_of_aside(outcome->aside);
    }
    counts.second = counts.first;
    return counts;
}

static struct counted counted_as(const struct view *view, const struct objective *objective,
                                 const struct life_story *story)
{
    struct counted counted = {.at_ns = INT64_MAX};
    if (story->begun && takes(view, objective, story)) {
        const struct agreement *agreement = view->resident->agreement;
        const struct promise promise = {objective->within_ns, agreement->hours, agreement->zone};
        struct life_outcome outcome = life_decide(story, &promise);
        counted.at_ns = outcome.at_ns;
        if (outcome.at_ns != INT64_MAX) {
            counted.counts = classify(view, objective, story, &outcome);
        }
    }
    return counted;
}

static bool same(const struct counted *a, const struct counted *b)
{
    return a->at_ns == b->at_ns && a->counts.first == b->counts.first &&
           a->counts.first_count == b->counts.first_count;
}

/* `way` 1 counts it, -1 takes it back. */
static void count_into(struct series *series, const struct counted *counted, int way)
{
    struct class_counts counts = counted->counts;
    const struct class_counts none = {counts.first, counts.second, 0, 0};
    series_recount(series, counted->at_ns, way < 0 ? counts : none, way < 0 ? none : counts);
}

/* What changes for one series; false: nothing does. due_ns is moved up to the next instant at which
 * something changes by time alone. */
static bool move_series(const struct view *view, struct series *series,
                        const struct life_story *before, int64_t before_ns,
                        const struct life_story *after, int64_t *due_ns)
{
    int64_t now_ns = view->evaluator->now_ns;
    struct counted was = counted_as(view, series->objective, before);
    struct counted is = counted_as(view, series->objective, after);
    bool was_counted = was.at_ns < before_ns;
    bool is_counted = is.at_ns < now_ns;
    if (!is_counted && is.at_ns < *due_ns) {
        *due_ns = is.at_ns + 1;
    }
    if (was_counted == is_counted && (!was_counted || same(&was, &is))) {
        return false;
    }
    series_advance(series, now_ns);
    if (was_counted) {
        count_into(series, &was, -1);
    }
    if (is_counted) {
        count_into(series, &is, 1);
    }
    return true;
}

/* The series of the agreement, and that of its credits behind them; NULL: judged otherwise. */
static struct series *series_of(const struct view *view, uint32_t index)
{
    const struct resident *resident = view->resident;
    struct series *series = index < resident_series_count(resident)
                                ? &view->evaluator->series[resident_series(resident, index)]
                            : resident->credit != NULL ? &resident->credit->series
                                                       : NULL;
    return series != NULL && series->objective->method == METHOD_FULFILMENT ? series : NULL;
}

static void move_for(const struct view *view, const struct life_story *before, int64_t before_ns,
                     const struct life_story *after, int64_t *due_ns)
{
    uint32_t count = resident_series_count(view->resident);
    for (uint32_t i = 0; i <= count; i++) {
        struct series *series = series_of(view, i);
        if (series != NULL && move_series(view, series, before, before_ns, after, due_ns) &&
            i < count) {
            series_mark_dirty(view->evaluator, resident_shown(view->resident, i));
        }
    }
}

/* Brings all counts from what was told before to what is known now. */
static void move(struct evaluator *evaluator, uint32_t index, const struct life_story *before,
                 int64_t before_ns)
{
    struct life_entry *entry = &evaluator->lives.entries[index];
    struct life_story after;
    life_tell(&entry->life, evaluator->now_ns, &after);
    int64_t due_ns = life_goes_on(&entry->life, evaluator->now_ns);
    const struct route *route = routing_of(&evaluator->routing, entry->service);
    uint32_t first = route->first;
    uint32_t count = route->count;
    for (uint32_t i = 0; i < count; i++) {
        const struct target *target = &evaluator->routing.targets[first + i];
        struct resident *was = resident_of_request(evaluator, target, before->customer);
        struct resident *is = resident_of_request(evaluator, target, after.customer);
        if (was != NULL) {
            move_for(&(struct view){evaluator, was, target->service}, before, before_ns, &after,
                     &due_ns);
        }
        if (is != NULL && is != was) {
            move_for(&(struct view){evaluator, is, target->service}, before, before_ns, &after,
                     &due_ns);
        }
    }
    entry->counted_ns = evaluator->now_ns;
    due_heap_set(&evaluator->lives_due, index, due_ns);
}

/* Any event is a sign of its service. */
static void take_sign(struct evaluator *evaluator, const struct route *route, int64_t ns)
{
    for (uint32_t i = 0; i < route->count; i++) {
        if (ns <= evaluator->now_ns) {
            target_take_sign(evaluator, &evaluator->routing.targets[route->first + i], ns);
        }
    }
}

static void shed(struct evaluator *evaluator)
{
    /* Every shard sheds the same ones. */
    evaluator->counters.requests_shed += evaluator->settings.shard_index == 0 ? 1 : 0;
}

void fulfilment_take(struct evaluator *evaluator, const struct event *event, struct text extra,
                     uint64_t position)
{
    const struct route *route = routing_of(&evaluator->routing, event->service);
    struct text id;
    take_sign(evaluator, route, event->occurred_ns);
    if (!evaluator->judges_lives || route->service == 0 ||
        !event_extra_find(extra, EXTRA_ID, &id)) {
        return;
    }
    struct text service = text_from(evaluator->routing.services[route->service - 1]);
    uint64_t hash_key = name_table_hash_key(evaluator->settings.names);
    uint32_t index =
        life_ledger_take(&evaluator->lives, intake_request_fingerprint(service, id, hash_key));
    if (index == LIFE_NONE) {
        shed(evaluator);
        return;
    }
    struct life_entry *entry = &evaluator->lives.entries[index];
    struct life_story before;
    life_tell(&entry->life, entry->counted_ns, &before);
    int64_t before_ns = entry->counted_ns;
    if (life_add(&entry->life, event, position) != STATUS_OK) {
        shed(evaluator);
        return;
    }
    entry->service = event->service;
    due_heap_grow(&evaluator->lives_due, evaluator->lives.entry_count);
    move(evaluator, index, &before, before_ns);
    life_tell(&entry->life, INT64_MAX, &before);
    life_ledger_note_end(&evaluator->lives, index, before.end != LIFE_OPEN);
}

void fulfilment_advance(struct evaluator *evaluator)
{
    uint32_t index;
    while (due_heap_first(&evaluator->lives_due, &index) <= evaluator->now_ns) {
        struct life_entry *entry = &evaluator->lives.entries[index];
        struct life_story before;
        life_tell(&entry->life, entry->counted_ns, &before);
        move(evaluator, index, &before, entry->counted_ns);
    }
}

int64_t fulfilment_due(const struct evaluator *evaluator)
{
    uint32_t index;
    return due_heap_first(&evaluator->lives_due, &index);
}

/* All requests to the service that the series counts by its now. */
static void walk_service(const struct view *view, const struct series *series,
                         fulfilment_visit *visit, void *context)
{
    struct life_ledger *ledger = &view->evaluator->lives;
    for (uint32_t i = 0; i < ledger->entry_count; i++) {
        if (!ledger->entries[i].used) {
            continue;
        }
        const struct route *route =
            routing_of(&view->evaluator->routing, ledger->entries[i].service);
        for (uint32_t j = 0; j < route->count; j++) {
            const struct target *target = &view->evaluator->routing.targets[route->first + j];
            if (target->resident == view->resident->pattern && target->service == view->service) {
                struct life_story story;
                life_tell(&ledger->entries[i].life, series->now_ns, &story);
                struct counted counted = counted_as(view, series->objective, &story);
                if (counted.at_ns < series->now_ns) {
                    visit(context, &(struct fulfilled){&ledger->entries[i].life, &story,
                                                       ledger->entries[i].service, counted.at_ns,
                                                       counted.counts});
                }
            }
        }
    }
}

struct counting {
    struct series *series;
    int way;
};

static void count_one(void *context, const struct fulfilled *fulfilled)
{
    const struct counting *counting = context;
    const struct counted counted = {fulfilled->at_ns, fulfilled->counts};
    count_into(counting->series, &counted, counting->way);
}

/* Counts all requests to the service into one series, or takes them back. */
static void count_all(const struct view *view, struct series *series, int way)
{
    struct counting counting = {series, way};
    walk_service(view, series, count_one, &counting);
}

void fulfilment_walk(struct evaluator *evaluator, struct resident *resident,
                     const struct series *series, fulfilment_visit *visit, void *context)
{
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        const struct view view = {evaluator, resident, i};
        walk_service(&view, series, visit, context);
    }
}

static void count_service(struct evaluator *evaluator, struct resident *resident, uint32_t service,
                          int way)
{
    const struct view view = {evaluator, resident, service};
    for (uint32_t i = 0; i <= resident_series_count(resident); i++) {
        struct series *series = series_of(&view, i);
        if (series != NULL) {
            series_advance(series, evaluator->now_ns);
            count_all(&view, series, way);
        }
    }
}

void fulfilment_uncount(struct evaluator *evaluator, struct resident *resident, uint32_t service)
{
    count_service(evaluator, resident, service, -1);
}

void fulfilment_count(struct evaluator *evaluator, struct resident *resident, uint32_t service)
{
    count_service(evaluator, resident, service, 1);
}

void fulfilment_recall(struct evaluator *evaluator, struct resident *resident,
                       struct series *series)
{
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        const struct view view = {evaluator, resident, i};
        count_all(&view, series, 1);
    }
}
