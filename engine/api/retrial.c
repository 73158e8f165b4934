#include "api/retrial.h"

#include <stdlib.h>

#include "ingest/committer.h"
#include "store/store_history.h"

struct feeding {
    struct retrial *retrial;
    enum status status;
};

static bool feed(void *context, const struct batch *batch)
{
    struct feeding *feeding = context;
    struct retrial *retrial = feeding->retrial;
    feeding->status = retrial->seals != NULL
                          ? seals_apply(retrial->seals, batch, retrial->at_ns)
                          : evaluator_apply(retrial->evaluator, batch, retrial->at_ns);
    return feeding->status == STATUS_OK;
}

static enum status open_evaluator(struct retrial *retrial)
{
    struct evaluator_settings settings = {
        .set = &retrial->set,
        .each = retrial->each,
        .names = retrial->engine->names,
        .history = store_history(retrial->engine->store),
        .rows = retrial->engine->rows,
        .shard_count = 1,
        .now_ns = retrial->at_ns,
        .max_future_ns = retrial->engine->max_future_ns,
        .retention_ns = retrial->engine->retention_ns,
        .open_requests_max = retrial->engine->open_requests_max,
        .asked = retrial->has_asked ? &retrial->asked : NULL,
        .stands_still = true,
    };
    return evaluator_open(&retrial->evaluator, &settings);
}

static bool asks_period(const struct when *when)
{
    return when->has_window && when->window.window.kind == WINDOW_CALENDAR;
}

static struct seal_settings seal_settings(const struct api_engine *engine)
{
    struct store_info info;
    store_info(engine->store, &info);
    return (struct seal_settings){
        .grace_ns = engine->grace_ns,
        .first_start_ns = info.created_ns,
    };
}

static enum status open_seals(struct retrial *retrial)
{
    struct seal_settings settings = seal_settings(retrial->engine);
    return seals_open(&retrial->seals, retrial->evaluator, &settings);
}

static enum status judge_log(struct retrial *retrial)
{
    struct feeding feeding = {.retrial = retrial, .status = STATUS_OK};
    enum status status = store_scan(retrial->engine->store, 0, retrial->position_end,
                                    retrial->batch, feed, &feeding, retrial->message);
    status = status != STATUS_OK ? status : feeding.status;
    if (status == STATUS_OK && retrial->seals != NULL) {
        status = seals_finish(retrial->seals, retrial->latest_ns);
    }
    return status;
}

/* Seals know all series from the beginning, so the log is read for its customers first. */
static bool hear(void *context, const struct batch *batch)
{
    each_hear(context, batch);
    return true;
}

static enum status open_each(struct retrial *retrial)
{
    const struct api_engine *engine = retrial->engine;
    enum status status = each_open(&retrial->each, &retrial->set, engine->names, engine->each_max);
    if (status != STATUS_OK || !each_is_needed(retrial->each)) {
        return status;
    }
    return store_scan(engine->store, 0, retrial->position_end, retrial->batch, hear, retrial->each,
                      retrial->message);
}

struct sealing {
    int64_t due_ns;
    uint64_t position;
};

static bool is_before_seal(void *context, const struct batch *batch)
{
    struct sealing *sealing = context;
    if (batch->received_ns >= sealing->due_ns) {
        sealing->position = batch->position;
        return false;
    }
    return true;
}

enum status retrial_sealed_position(const struct api_engine *engine,
                                    const struct agreement *agreement, const struct when *when,
                                    uint64_t *position_out)
{
    *position_out = UINT64_MAX;
    if (!asks_period(when)) {
        return STATUS_OK;
    }
    struct seal_settings settings = seal_settings(engine);
    struct sealing sealing = {
        .due_ns = seal_due_ns(&settings, asked_span(&when->window, agreement).end_ns),
        .position = committer_position(engine->committer),
    };
    if (sealing.due_ns > when->now_ns) {
        return STATUS_OK;
    }
    struct batch *batch = calloc(1, sizeof(*batch));
    enum status status = batch == NULL ? STATUS_NO_MEMORY : batch_init(batch);
    if (status == STATUS_OK) {
        char message[STORE_MESSAGE_SIZE];
        status = store_scan(engine->store, 0, sealing.position, batch, is_before_seal, &sealing,
                            message);
        batch_fini(batch);
    }
    free(batch);
    *position_out = sealing.position;
    return status;
}

bool retrial_report(struct retrial *retrial, uint32_t series, struct objective_report *report_out)
{
    return retrial->seals != NULL ? seals_report(retrial->seals, series, report_out)
                                  : evaluator_report(retrial->evaluator, series, report_out);
}

static enum status judge_anew(struct retrial *retrial)
{
    enum status status = open_evaluator(retrial);
    if (status == STATUS_OK && retrial->has_seals) {
        status = open_seals(retrial);
    }
    return status == STATUS_OK ? judge_log(retrial) : status;
}

enum status retrial_open(struct retrial *retrial, const struct api_engine *engine,
                         const struct agreement_set *set, const struct selection *selection,
                         const struct when *when, uint64_t position_end, bool with_seals)
{
    *retrial = (struct retrial){
        .engine = engine,
        .set = *set,
        .has_asked = when->has_window,
        .asked = when->window,
        .latest_ns = when->now_ns,
        .at_ns = when->at_ns,
        .has_seals = with_seals && asks_period(when),
    };
    uint64_t durable = committer_position(engine->committer);
    retrial->position_end = position_end < durable ? position_end : durable;
    if (text_given(selection->agreement)) {
        /* One agreement's figures do not depend on the others. */
        retrial->set.agreements = agreement_find(&retrial->set, selection->agreement);
        retrial->set.agreement_count = 1;
    }
    if (retrial->has_asked && retrial->set.agreement_count != 0) {
        retrial->at_ns =
            asked_next_end_ns(&retrial->asked, &retrial->set, INT64_MIN, retrial->latest_ns);
    }
    enum status status =
        set_at_open(&retrial->documents, &retrial->set, retrial->has_asked ? &retrial->asked : NULL,
                    retrial->has_asked ? retrial->latest_ns : retrial->at_ns);
    retrial->set.agreements = retrial->documents.agreements;
    retrial->batch = calloc(1, sizeof(*retrial->batch));
    if (status == STATUS_OK) {
        status = retrial->batch == NULL ? STATUS_NO_MEMORY : batch_init(retrial->batch);
    }
    status = status == STATUS_OK ? open_each(retrial) : status;
    status = status == STATUS_OK ? judge_anew(retrial) : status;
    if (status != STATUS_OK) {
        retrial_close(retrial);
    }
    return status;
}

/* Reports have been told from the seals. */
static enum status keep_seals(struct retrial *retrial)
{
    if (retrial->seals == NULL) {
        return STATUS_OK;
    }
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    struct seals **closed = realloc(retrial->closed, (retrial->closed_count + 1) * sizeof(*closed));
    if (closed == NULL) {
        return STATUS_NO_MEMORY;
    }
    retrial->closed = closed;
    closed[retrial->closed_count++] = retrial->seals;
    retrial->seals = NULL;
    return STATUS_OK;
}

bool retrial_reopen(struct retrial *retrial, enum status *status_out)
{
    if (evaluator_failed(retrial->evaluator)) {
        *status_out = STATUS_IO;
        return false;
    }
    int64_t next_ns = !retrial->has_asked ? INT64_MAX
                                          : asked_next_end_ns(&retrial->asked, &retrial->set,
                                                              retrial->at_ns, retrial->latest_ns);
    if (next_ns == INT64_MAX) {
        return false;
    }
    *status_out = keep_seals(retrial);
    if (*status_out == STATUS_OK) {
        evaluator_close(retrial->evaluator);
        retrial->evaluator = NULL;
        retrial->at_ns = next_ns;
        *status_out = judge_anew(retrial);
    }
    return true;
}

bool retrial_judges(const struct retrial *retrial, const struct agreement *agreement)
{
    return !retrial->has_asked ||
           asked_end_ns(&retrial->asked, agreement, retrial->latest_ns) == retrial->at_ns;
}

struct agreement_set retrial_agreements(const struct retrial *retrial)
{
    return each_view(retrial->each, each_count(retrial->each));
}

void retrial_close(struct retrial *retrial)
{
    seals_close(retrial->seals);
    retrial->seals = NULL;
    for (uint32_t i = 0; i < retrial->closed_count; i++) {
        seals_close(retrial->closed[i]);
    }
    free(retrial->closed);
    retrial->closed = NULL;
    retrial->closed_count = 0;
    if (retrial->evaluator != NULL) {
        evaluator_close(retrial->evaluator);
    }
    if (retrial->batch != NULL && retrial->batch->events != NULL) {
        batch_fini(retrial->batch);
    }
    free(retrial->batch);
    each_close(retrial->each);
    retrial->each = NULL;
    set_at_close(&retrial->documents);
    retrial->evaluator = NULL;
    retrial->batch = NULL;
}
