#include "evaluate/amend.h"

#include <stdlib.h>

#include "base/panic.h"
#include "domain/intake.h"
#include "evaluate/latency.h"

/* One service that the request may have asked for. */
struct candidate {
    uint64_t fingerprint;
    bool found; /* in the log */
};

struct amendment {
    struct evaluator *evaluator;
    int64_t received_ns;    /* of the request at hand */
    struct correction word; /* its fingerprint: of the candidate at hand */
    struct candidate *candidates;
    uint32_t count;
};

static int compare(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    return a->fingerprint < b->fingerprint ? -1 : a->fingerprint > b->fingerprint;
}

static void move_for(const struct amendment *amendment, const struct target *target,
                     const struct event *was, const struct event *is)
{
    struct evaluator *evaluator = amendment->evaluator;
    struct resident *resident = resident_of_request(evaluator, target, was->customer);
    if (resident == NULL) {
        return;
    }
    struct aside_masks masks = resident_masks_at(resident, target->service, was->occurred_ns);
    uint32_t count = resident_series_count(resident);
    for (uint32_t i = 0; i <= count; i++) {
        struct series *series = i < count ? &evaluator->series[resident_series(resident, i)]
                                : resident->credit != NULL ? &resident->credit->series
                                                           : NULL;
        if (series != NULL && series_takes(evaluator, series, was)) {
            series_advance(series, evaluator->now_ns);
            struct class_counts before =
                classify_request(series->agreement, series->objective, masks, was);
            struct class_counts after =
                classify_request(series->agreement, series->objective, masks, is);
            series_recount(series, was->occurred_ns, before, after);
            latency_move(series, was, before, after);
            series_count_late(series, amendment->received_ns, was->occurred_ns, before, after);
        }
    }
    resident_mark_dirty(evaluator, resident, false);
}

static bool visit(void *context, const struct batch *batch, uint32_t event_index)
{
    struct amendment *amendment = context;
    struct evaluator *evaluator = amendment->evaluator;
    const struct event *event = &batch->events[event_index];
    if (event->kind != EVENT_REQUEST || event->state != REQUEST_STATE_NONE ||
        event->fingerprint == 0) {
        return true;
    }
    struct candidate key = {.fingerprint = event->fingerprint};
    struct candidate *candidate =
        bsearch(&key, amendment->candidates, amendment->count, sizeof(key), compare);
    if (candidate == NULL || event_is_out_of_time(evaluator, event, batch->received_ns)) {
        return true;
    }
    candidate->found = true;
    amendment->received_ns = batch->received_ns;
    const struct correction *known = correction_find(&evaluator->corrections, event->fingerprint);
    if (event->occurred_ns >= evaluator->now_ns || !correction_is_last(known, &amendment->word)) {
        return true; /* held back: it will be counted by the last word */
    }
    struct event before;
    struct event after;
    const struct event *was = correction_apply(known, event, &before);
    const struct event *is = correction_apply(&amendment->word, event, &after);
    const struct route *route = routing_of(&evaluator->routing, event->service);
    uint32_t first = route->first;
    uint32_t count = route->count;
    for (uint32_t i = 0; i < count; i++) {
        move_for(amendment, &evaluator->routing.targets[first + i], was, is);
    }
    return true;
}

static void list_candidates(struct amendment *amendment, struct text id)
{
    const struct routing *routing = &amendment->evaluator->routing;
    uint64_t key = name_table_hash_key(amendment->evaluator->settings.names);
    amendment->count = routing->service_count;
    amendment->candidates = calloc((size_t)amendment->count + 1, sizeof(struct candidate));
    assert(amendment->candidates != NULL);
    for (uint32_t i = 0; i < amendment->count; i++) {
        amendment->candidates[i].fingerprint =
            intake_request_fingerprint(text_from(routing->services[i]), id, key);
    }
    qsort(amendment->candidates, amendment->count, sizeof(struct candidate), compare);
}

static void remember(struct amendment *amendment)
{
    struct correction_table *table = &amendment->evaluator->corrections;
    bool any = false;
    for (uint32_t i = 0; i < amendment->count; i++) {
        any |= amendment->candidates[i].found;
    }
    for (uint32_t i = 0; i < amendment->count; i++) {
        amendment->word.fingerprint = amendment->candidates[i].fingerprint;
        const struct correction *known = correction_find(table, amendment->word.fingerprint);
        if (amendment->candidates[i].found == any && correction_is_last(known, &amendment->word)) {
            correction_put(table, &amendment->word);
        }
    }
}

enum status amend_request(struct evaluator *evaluator, const struct event *event, struct text extra,
                          uint64_t position)
{
    struct text id;
    if (!event_extra_find(extra, EXTRA_OF, &id)) {
        return STATUS_OK;
    }
    struct amendment amendment = {
        .evaluator = evaluator,
        .word = {.time_ns = event->occurred_ns,
                 .position = position,
                 .outcome = (enum outcome)event->outcome},
    };
    list_candidates(&amendment, id);
    const struct history *history = &evaluator->settings.history;
    struct evaluator_counters counters = evaluator->counters;
    enum status status =
        history->scan(history->context, INT64_MIN, INT64_MAX, position, visit, &amendment);
    evaluator->counters = counters; /* those out of time were counted when they came */
    if (status == STATUS_OK) {
        remember(&amendment);
    }
    free(amendment.candidates);
    return status;
}
