#include "nines/trial.h"

#include <stdlib.h>

/* One evaluator and what it judges. */
struct hearing {
    struct evaluator *evaluator;
    struct seals *seals; /* NULL: none */
    int64_t at_ns;
    uint64_t position_end; /* nothing from here on is heard */
};

static bool is_period(const struct trial_settings *settings)
{
    return settings->asked != NULL && settings->asked->window.kind == WINDOW_CALENDAR;
}

/* Is the agreement judged as of at_ns? A named period is judged as of its end in the agreement's
 * zone. */
static bool is_judged_at(const struct trial_settings *settings, const struct agreement *agreement,
                         int64_t at_ns)
{
    return !is_period(settings) || asked_end_ns(settings->asked, agreement, INT64_MAX) == at_ns;
}

static bool take_report(const struct hearing *hearing, uint32_t number,
                        struct objective_report *report_out)
{
    return hearing->seals != NULL ? seals_report(hearing->seals, number, report_out)
                                  : evaluator_report(hearing->evaluator, number, report_out);
}

static enum status hear_batch(void *context, const struct batch *batch)
{
    struct hearing *hearing = context;
    if (batch->position >= hearing->position_end) {
        return STATUS_STOPPED;
    }
    return hearing->seals != NULL ? seals_apply(hearing->seals, batch, hearing->at_ns)
                                  : evaluator_apply(hearing->evaluator, batch, hearing->at_ns);
}

static enum status hear_all(const struct trial *trial, struct hearing *hearing)
{
    enum status status = offline_walk(trial->settings.offline, hear_batch, hearing);
    return status == STATUS_STOPPED ? STATUS_OK : status;
}

static enum status open_evaluator(const struct trial *trial, uint32_t shard,
                                  struct hearing *hearing)
{
    struct evaluator_settings settings = {
        .set = trial->settings.set,
        .each = trial->settings.offline->each,
        .names = trial->settings.offline->names,
        .history = offline_history(trial->settings.offline),
        .rows = trial->settings.rows,
        .shard_index = shard,
        .shard_count = trial->settings.shard_count,
        .now_ns = hearing->at_ns,
        .max_future_ns = INT64_MAX,
        .retention_ns = INT64_MAX,
        .asked = trial->settings.asked,
        .stands_still = true,
    };
    return evaluator_open(&hearing->evaluator, &settings);
}

/* Of a sealed report: with an evaluator that heard no more than was known then. */
static enum status tell_sealed(const struct trial *trial, uint32_t shard, uint32_t number,
                               const struct hearing *hearing, const struct objective_report *report)
{
    struct hearing again = {.at_ns = hearing->at_ns, .position_end = report->seal->position};
    enum status status = open_evaluator(trial, shard, &again);
    if (status != STATUS_OK) {
        return status;
    }
    status = hear_all(trial, &again);
    struct objective_report sealed;
    if (status == STATUS_OK && evaluator_report(again.evaluator, number, &sealed)) {
        status = trial->settings.judged(trial->settings.context, again.evaluator, number, &sealed);
    }
    evaluator_close(again.evaluator);
    return status;
}

static enum status tell(const struct trial *trial, uint32_t shard, uint32_t number,
                        const struct hearing *hearing, const struct objective_report *report)
{
    const struct trial_settings *settings = &trial->settings;
    if (settings->judged == NULL) {
        return STATUS_OK;
    }
    return report->seal != NULL
               ? tell_sealed(trial, shard, number, hearing, report)
               : settings->judged(settings->context, hearing->evaluator, number, report);
}

static enum status take_reports(const struct trial *trial, uint32_t shard,
                                const struct hearing *hearing, struct objective_report *reports,
                                bool *has_report)
{
    enum status status = STATUS_OK;
    const struct each *each = trial->settings.offline->each;
    struct agreement_set view = each_view(each, each_count(each));
    uint32_t number = 0;
    for (uint32_t i = 0; i < view.agreement_count; i++) {
        const struct agreement *agreement = &view.agreements[i];
        for (uint32_t j = 0; j < agreement->objective_count; j++, number++) {
            if (status == STATUS_OK && is_judged_at(&trial->settings, agreement, hearing->at_ns) &&
                take_report(hearing, number, &reports[number])) {
                has_report[number] = true;
                status = tell(trial, shard, number, hearing, &reports[number]);
            }
        }
    }
    return status;
}

/* The seals outlive the evaluator. */
static enum status open_seals(struct trial *trial, struct hearing *hearing)
{
    struct seal_settings settings = {
        .grace_ns = trial->settings.grace_ns,
        .first_start_ns = INT64_MIN,
    };
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    struct seals **all = realloc(trial->seals, (trial->seal_count + 1) * sizeof(*all));
    if (all == NULL) {
        return STATUS_NO_MEMORY;
    }
    trial->seals = all;
    enum status status = seals_open(&hearing->seals, hearing->evaluator, &settings);
    if (status == STATUS_OK) {
        all[trial->seal_count++] = hearing->seals;
    }
    return status;
}

/* One shard as of one instant. */
static enum status judge_at(struct trial *trial, uint32_t shard, int64_t at_ns,
                            struct objective_report *reports, bool *has_report)
{
    struct hearing hearing = {.at_ns = at_ns, .position_end = UINT64_MAX};
    enum status status = open_evaluator(trial, shard, &hearing);
    if (status != STATUS_OK) {
        return status;
    }
    status = trial->settings.has_seals ? open_seals(trial, &hearing) : STATUS_OK;
    status = status == STATUS_OK ? hear_all(trial, &hearing) : status;
    if (status == STATUS_OK && hearing.seals != NULL) {
        status = seals_finish(hearing.seals, trial->settings.offline->last_received_ns);
    }
    if (status == STATUS_OK) {
        status = take_reports(trial, shard, &hearing, reports, has_report);
    }
    if (status == STATUS_OK && evaluator_failed(hearing.evaluator)) {
        status = STATUS_IO;
    }
    evaluator_close(hearing.evaluator);
    return status;
}

static enum status judge_shard(struct trial *trial, uint32_t shard,
                               struct objective_report *reports, bool *has_report)
{
    const struct trial_settings *settings = &trial->settings;
    if (!is_period(settings)) {
        return judge_at(trial, shard, settings->at_ns, reports, has_report);
    }
    enum status status = STATUS_OK;
    int64_t end_ns = INT64_MIN;
    while (status == STATUS_OK && (end_ns = asked_next_end_ns(settings->asked, settings->set,
                                                              end_ns, INT64_MAX)) != INT64_MAX) {
        status = judge_at(trial, shard, end_ns, reports, has_report);
    }
    return status;
}

enum status trial_judge(struct trial *trial, const struct trial_settings *settings,
                        struct objective_report *reports, bool *has_report)
{
    *trial = (struct trial){.settings = *settings};
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < settings->shard_count && status == STATUS_OK; i++) {
        status = judge_shard(trial, i, reports, has_report);
    }
    return status;
}

void trial_close(struct trial *trial)
{
    for (uint32_t i = 0; i < trial->seal_count; i++) {
        seals_close(trial->seals[i]);
    }
    free(trial->seals);
    *trial = (struct trial){0};
}
