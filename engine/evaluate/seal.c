#include "evaluate/seal.h"

#include <stdlib.h>

#include "base/panic.h"

/* One series. */
struct sealed {
    bool lives_here; /* else another shard has it */
    bool is_sealed;
    int64_t due_ns;                 /* when it is sealed */
    struct objective_report report; /* as it was then */
    struct seal seal;
    struct later *later; /* NULL: nothing has changed it, as for most */
};

/* What became of a sealed figure. */
struct later {
    struct objective_report stated; /* as of the last restatement, or the seal */
    struct objective_report latest; /* as of the last event looked at */
    struct restatement hour;        /* in the making; without causes: nothing changed yet */
    uint32_t restatement_size;
};

struct seals {
    struct evaluator *evaluator;
    struct seal_settings settings;
    struct sealed *sealed; /* by number in the whole set */
    uint32_t count;
    bool any_sealed;
    bool hour_changed;   /* a figure has changed in the present hour */
    int64_t next_due_ns; /* the earliest that is not sealed yet; INT64_MAX: none */
    int64_t received_ns; /* the latest so far */
    int64_t hour_ns;     /* the present hour of receipt */
    uint64_t position;   /* one past the last event applied */
};

/* What changed a figure: for the restatement. */
struct change {
    enum restatement_cause cause;
    struct text reason;
    struct text author;
};

static const struct change came_late = {.cause = CAUSE_LATE};

int64_t seal_due_ns(const struct seal_settings *settings, int64_t window_end_ns)
{
    int64_t due_ns;
    if (__builtin_add_overflow(window_end_ns, settings->grace_ns, &due_ns)) {
        return INT64_MAX;
    }
    if (due_ns < settings->first_start_ns &&
        __builtin_add_overflow(settings->first_start_ns, settings->grace_ns, &due_ns)) {
        return INT64_MAX;
    }
    return due_ns;
}

static void find_next_due(struct seals *seals)
{
    seals->next_due_ns = INT64_MAX;
    for (uint32_t i = 0; i < seals->count; i++) {
        const struct sealed *sealed = &seals->sealed[i];
        if (sealed->lives_here && !sealed->is_sealed && sealed->due_ns < seals->next_due_ns) {
            seals->next_due_ns = sealed->due_ns;
        }
    }
}

enum status seals_open(struct seals **seals_out, struct evaluator *evaluator,
                       const struct seal_settings *settings)
{
    struct seals *seals = calloc(1, sizeof(*seals));
    if (seals == NULL) {
        return STATUS_NO_MEMORY;
    }
    seals->evaluator = evaluator;
    seals->settings = *settings;
    seals->count = evaluator_series_count(evaluator);
    seals->received_ns = INT64_MIN;
    seals->hour_ns = INT64_MIN;
    seals->sealed = calloc((size_t)seals->count + 1, sizeof(*seals->sealed));
    if (seals->sealed == NULL) {
        seals_close(seals);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < seals->count; i++) {
        struct sealed *sealed = &seals->sealed[i];
        sealed->lives_here = evaluator_report(evaluator, i, &sealed->report);
        sealed->due_ns =
            sealed->lives_here ? seal_due_ns(settings, sealed->report.window.end_ns) : INT64_MAX;
    }
    find_next_due(seals);
    *seals_out = seals;
    return STATUS_OK;
}

static void forget_change(struct restatement *restatement)
{
    free(restatement->reason);
    free(restatement->author);
    *restatement = (struct restatement){0};
}

void seals_close(struct seals *seals)
{
    if (seals == NULL) {
        return;
    }
    for (uint32_t i = 0; i < seals->count && seals->sealed != NULL; i++) {
        struct sealed *sealed = &seals->sealed[i];
        for (uint32_t j = 0; j < sealed->seal.restatement_count; j++) {
            forget_change(&sealed->seal.restatements[j]);
        }
        free(sealed->seal.restatements);
        if (sealed->later != NULL) {
            forget_change(&sealed->later->hour);
        }
        free(sealed->later);
    }
    free(seals->sealed);
    free(seals);
}

/* Sealing */

static void seal(struct seals *seals, uint32_t number)
{
    struct sealed *sealed = &seals->sealed[number];
    bool here = evaluator_report(seals->evaluator, number, &sealed->report);
    assert(here);
    sealed->is_sealed = true;
    sealed->seal.at_ns = sealed->due_ns;
    sealed->seal.position = seals->position;
    seals->any_sealed = true;
}

/* What the log holds now is what there was when the grace was over. */
static void seal_due(struct seals *seals, int64_t now_ns)
{
    if (now_ns < seals->next_due_ns) {
        return;
    }
    for (uint32_t i = 0; i < seals->count; i++) {
        if (seals->sealed[i].lives_here && !seals->sealed[i].is_sealed &&
            seals->sealed[i].due_ns <= now_ns) {
            seal(seals, i);
        }
    }
    /* What changed before is in the seals, or still to be sealed. */
    evaluator_take_changed(seals->evaluator, NULL, NULL);
    find_next_due(seals);
}

/* Changes after the seal */

static char *copy_text(struct text text)
{
    char *copy = text.length == 0 ? NULL : strndup(text.bytes, text.length);
    assert(text.length == 0 || copy != NULL);
    return copy;
}

static void note_change(struct seals *seals, struct later *later, const struct change *change)
{
    struct restatement *hour = &later->hour;
    if (hour->causes == 0) {
        hour->cause = change->cause;
        hour->reason = copy_text(change->reason);
        hour->author = copy_text(change->author);
    }
    hour->causes |= 1u << change->cause;
    hour->at_ns = seals->received_ns;
    seals->hour_changed = true;
}

struct looking {
    struct seals *seals;
    const struct change *change;
};

static void look_at(void *context, uint32_t number)
{
    const struct looking *looking = context;
    struct sealed *sealed = &looking->seals->sealed[number];
    if (!sealed->is_sealed) {
        return;
    }
    struct objective_report report;
    bool here = evaluator_report(looking->seals->evaluator, number, &report);
    assert(here);
    const struct objective_report *known =
        sealed->later == NULL ? &sealed->report : &sealed->later->latest;
    if (report_same_figure(&report, known)) {
        return;
    }
    if (sealed->later == NULL) {
        sealed->later = calloc(1, sizeof(*sealed->later));
        assert(sealed->later != NULL);
        sealed->later->stated = sealed->report;
    }
    sealed->later->latest = report;
    note_change(looking->seals, sealed->later, looking->change);
}

/* Looks at the figures that what was applied last may have changed. */
static void look(struct seals *seals, const struct change *change)
{
    struct looking looking = {seals, change};
    evaluator_take_changed(seals->evaluator, look_at, &looking);
}

static enum status restate(const struct seals *seals, struct sealed *sealed)
{
    struct seal *seal = &sealed->seal;
    struct later *later = sealed->later;
    if (seal->restatement_count == later->restatement_size) {
        uint32_t size = later->restatement_size == 0 ? 4 : later->restatement_size * 2;
        struct restatement *restatements =
            realloc(seal->restatements, size * sizeof(*restatements));
        if (restatements == NULL) {
            return STATUS_NO_MEMORY;
        }
        seal->restatements = restatements;
        later->restatement_size = size;
    }
    struct restatement *restatement = &seal->restatements[seal->restatement_count++];
    *restatement = later->hour;
    restatement->number = seal->restatement_count;
    restatement->position = seals->position;
    restatement->judgement = later->latest.judgement;
    later->stated = later->latest;
    later->hour = (struct restatement){0};
    return STATUS_OK;
}

/* An hour of receipt is over: its figures stand. */
static enum status end_hour(struct seals *seals)
{
    look(seals, &came_late);
    enum status status = STATUS_OK;
    for (uint32_t i = 0; seals->hour_changed && i < seals->count && status == STATUS_OK; i++) {
        struct sealed *sealed = &seals->sealed[i];
        struct later *later = sealed->later;
        if (later == NULL || later->hour.causes == 0) {
            continue;
        }
        if (report_same_figure(&later->latest, &later->stated)) {
            forget_change(&later->hour);
        } else {
            status = restate(seals, sealed);
        }
    }
    seals->hour_changed = false;
    return status;
}

/* Applying */

static enum restatement_cause cause_of(const struct event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_EXCLUSION:
        return CAUSE_EXCLUSION;
    case EVENT_OUTCOME:
        return CAUSE_OUTCOME;
    case EVENT_MAINTENANCE:
        return CAUSE_MAINTENANCE;
    case EVENT_INCIDENT:
        return CAUSE_INCIDENT;
    default:
        return CAUSE_LATE;
    }
}

static enum status apply_part(struct seals *seals, const struct batch *batch, uint32_t first,
                              uint32_t end, int64_t now_ns)
{
    seals->position = batch->position + end;
    return first == end ? STATUS_OK
                        : evaluator_apply_part(seals->evaluator, batch, first, end, now_ns);
}

/* An exclusion that is approved need not say again why it was proposed, and by whom. */
static struct change change_of(const struct seals *seals, const struct batch *batch,
                               const struct event *event)
{
    struct text extra = batch_extra(batch, event);
    struct change change = {.cause = cause_of(event)};
    (void)event_extra_find(extra, EXTRA_REASON, &change.reason);
    (void)event_extra_find(extra, EXTRA_AUTHOR, &change.author);
    const struct exclusion *known =
        change.cause == CAUSE_EXCLUSION
            ? exclusion_find(evaluator_exclusions(seals->evaluator), event->subject)
            : NULL;
    if (known != NULL && change.reason.length == 0 && known->reason != NULL) {
        change.reason = text_from(known->reason);
    }
    if (known != NULL && change.author.length == 0 && known->author != NULL) {
        change.author = text_from(known->author);
    }
    return change;
}

/* Requests and states are many and have one cause; the rest is rare, and each of it is looked at by
 * itself, so that a change is laid at the right door. */
static enum status apply_watched(struct seals *seals, const struct batch *batch, int64_t now_ns)
{
    uint32_t first = 0;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < batch->event_count && status == STATUS_OK; i++) {
        const struct event *event = &batch->events[i];
        if (cause_of(event) == CAUSE_LATE) {
            continue;
        }
        status = apply_part(seals, batch, first, i, now_ns);
        look(seals, &came_late);
        status = status == STATUS_OK ? apply_part(seals, batch, i, i + 1, now_ns) : status;
        struct change change = change_of(seals, batch, event);
        look(seals, &change);
        first = i + 1;
    }
    return status == STATUS_OK ? apply_part(seals, batch, first, batch->event_count, now_ns)
                               : status;
}

enum status seals_apply(struct seals *seals, const struct batch *batch, int64_t now_ns)
{
    if (batch->received_ns > seals->received_ns) {
        int64_t hour_ns = floor_to(batch->received_ns, NS_PER_HOUR);
        enum status status = STATUS_OK;
        if (seals->any_sealed && hour_ns != seals->hour_ns) {
            status = end_hour(seals);
        }
        if (status != STATUS_OK) {
            return status;
        }
        seals->hour_ns = hour_ns;
        seals->received_ns = batch->received_ns;
        seal_due(seals, seals->received_ns);
    }
    return seals->any_sealed ? apply_watched(seals, batch, now_ns)
                             : apply_part(seals, batch, 0, batch->event_count, now_ns);
}

enum status seals_finish(struct seals *seals, int64_t present_ns)
{
    enum status status = seals->any_sealed ? end_hour(seals) : STATUS_OK;
    if (status == STATUS_OK) {
        seal_due(seals, present_ns);
    }
    return status;
}

bool seals_report(struct seals *seals, uint32_t series, struct objective_report *report_out)
{
    if (series >= seals->count || !seals->sealed[series].is_sealed) {
        return evaluator_report(seals->evaluator, series, report_out);
    }
    struct sealed *sealed = &seals->sealed[series];
    if (sealed->seal.restatement_count != 0) {
        bool here = evaluator_report(seals->evaluator, series, &sealed->later->latest);
        assert(here);
        sealed->seal.restated = &sealed->later->latest;
    }
    *report_out = sealed->report;
    report_out->seal = &sealed->seal;
    return true;
}
