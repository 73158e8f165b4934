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
    feeding->status = evaluator_apply(retrial->evaluator, batch, retrial->at_ns);
    return feeding->status == STATUS_OK;
}

static enum status open_evaluator(struct retrial *retrial)
{
    struct evaluator_settings settings = {
        .set = &retrial->set,
        .names = retrial->engine->names,
        .history = store_history(retrial->engine->store),
        .shard_count = 1,
        .now_ns = retrial->at_ns,
        .max_future_ns = retrial->engine->max_future_ns,
        .retention_ns = retrial->engine->retention_ns,
        .open_requests_max = retrial->engine->open_requests_max,
        .asked = retrial->has_asked ? &retrial->asked : NULL,
    };
    return evaluator_open(&retrial->evaluator, &settings);
}

static enum status judge_log(struct retrial *retrial)
{
    struct feeding feeding = {.retrial = retrial, .status = STATUS_OK};
    enum status status = store_scan(retrial->engine->store, 0, retrial->position_end,
                                    retrial->batch, feed, &feeding, retrial->message);
    return status != STATUS_OK ? status : feeding.status;
}

static enum status judge_anew(struct retrial *retrial)
{
    enum status status = open_evaluator(retrial);
    return status == STATUS_OK ? judge_log(retrial) : status;
}

enum status retrial_open(struct retrial *retrial, const struct api_engine *engine,
                         const struct agreement_set *set, const struct selection *selection,
                         const struct when *when, uint64_t position_end)
{
    *retrial = (struct retrial){
        .engine = engine,
        .set = *set,
        .has_asked = when->has_window,
        .asked = when->window,
        .latest_ns = when->now_ns,
        .at_ns = when->at_ns,
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
    status = status == STATUS_OK ? judge_anew(retrial) : status;
    if (status != STATUS_OK) {
        retrial_close(retrial);
    }
    return status;
}

bool retrial_reopen(struct retrial *retrial, enum status *status_out)
{
    int64_t next_ns = !retrial->has_asked ? INT64_MAX
                                          : asked_next_end_ns(&retrial->asked, &retrial->set,
                                                              retrial->at_ns, retrial->latest_ns);
    if (next_ns == INT64_MAX) {
        return false;
    }
    evaluator_close(retrial->evaluator);
    retrial->evaluator = NULL;
    retrial->at_ns = next_ns;
    *status_out = judge_anew(retrial);
    return true;
}

bool retrial_judges(const struct retrial *retrial, const struct agreement *agreement)
{
    return !retrial->has_asked ||
           asked_end_ns(&retrial->asked, agreement, retrial->latest_ns) == retrial->at_ns;
}

void retrial_close(struct retrial *retrial)
{
    if (retrial->evaluator != NULL) {
        evaluator_close(retrial->evaluator);
    }
    if (retrial->batch != NULL && retrial->batch->events != NULL) {
        batch_fini(retrial->batch);
    }
    free(retrial->batch);
    set_at_close(&retrial->documents);
    retrial->evaluator = NULL;
    retrial->batch = NULL;
}
