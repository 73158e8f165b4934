/* GET /v1/reports: the figures now, from the workers at one position; or as of another instant or
 * for another window, from the log judged anew. */
#include <inttypes.h>
#include <stdlib.h>

#include "api/handlers.h"
#include "api/reports_csv.h"
#include "api/retrial.h"
#include "report/report_json.h"
#include "report/rollup.h"

/* Belongs to its request. */
struct report_request {
    struct selection selection;
    struct when when;
    bool csv;
    bool projects_only;
};

static const struct selection everything = {{NULL, 0}, {NULL, 0}, {NULL, 0}};

/* The question to the workers: each fills the reports of the series that live with it. */
struct report_question {
    struct work_query query; /* first: the workers hand it back */
    const struct selection *selection;
    const struct agreement_set *set;
    struct objective_report *reports; /* per series */
    bool *has_report;
    uint64_t position;
};

/* retrial: NULL, or the one whose evaluator this is. */
static void fill_reports(struct evaluator *evaluator, struct retrial *retrial,
                         const struct selection *selection, const struct agreement_set *set,
                         struct objective_report *reports, bool *has_report)
{
    uint32_t series = 0;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = 0; j < agreement->objective_count; j++, series++) {
            bool wanted = agreement->of_project != NULL ||
                          selection_holds(selection, agreement, &agreement->objectives[j]);
            /* Only what is true is written: the other workers fill in the rest. */
            if (wanted &&
                (retrial == NULL ? evaluator_report(evaluator, series, &reports[series])
                                 : retrial_judges(retrial, agreement) &&
                                       retrial_report(retrial, series, &reports[series]))) {
                has_report[series] = true;
            }
        }
    }
}

/* On each worker's thread. Shards have different series, so they write to different places. */
static void answer_question(struct work_query *query, struct evaluator *evaluator,
                            uint32_t shard_index)
{
    struct report_question *question = (struct report_question *)query;
    fill_reports(evaluator, NULL, question->selection, question->set, question->reports,
                 question->has_report);
    if (shard_index == 0) {
        question->position = evaluator_position(evaluator);
    }
}

static void write_reports(struct request *request, const struct objective_report *reports,
                          uint32_t count, const struct rollup *rollup, uint64_t position)
{
    const struct report_request *asked = request->state;
    struct answer *answer = &request->answer;
    if (asked->csv) {
        answer_begin(answer, 200, MEDIA_CSV);
        reports_csv(reports, count, position, &answer->body);
        return;
    }
    struct text_buffer projects;
    text_buffer_init(&projects);
    text_buffer_string(&projects, ",\"projects\":");
    rollup_projects_json(rollup, &projects);
    answer_begin(answer, 200, MEDIA_JSON);
    if (asked->projects_only) {
        text_buffer_format(&answer->body, "{\"position\":%" PRIu64 "%s}\n", position,
                           projects.bytes);
    } else {
        reports_json(reports, count, position, projects.bytes, &answer->body);
    }
    text_buffer_fini(&projects);
}

/* Rolls up the reports that are there, and writes those that were asked for. Reorders `reports`. */
static void roll_up_and_write(struct request *request, const struct agreement_set *set,
                              struct objective_report *reports, const bool *has_report,
                              uint32_t count, uint64_t position)
{
    const struct report_request *asked = request->state;
    struct objective_report *shown = calloc((size_t)count + 1, sizeof(*shown));
    uint32_t all = 0;
    if (each_gather(set, reports, has_report, &all) != STATUS_OK) {
        free(shown);
        problem_busy(&request->answer, "out of memory");
        return;
    }
    struct rollup *rollup = rollup_open(set, reports, all);
    if (shown == NULL || rollup == NULL) {
        problem_busy(&request->answer, "out of memory");
    } else {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < all; i++) {
            if (selection_holds(&asked->selection, reports[i].agreement, reports[i].objective)) {
                shown[kept++] = reports[i];
            }
        }
        write_reports(request, shown, kept, rollup, position);
    }
    if (rollup != NULL) {
        rollup_close(rollup);
    }
    free(shown);
}

/* Does anything follow from several reports together? */
static bool rolls_up(const struct agreement_set *set)
{
    bool supports = false;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        supports |= set->agreements[i].support_count != 0;
    }
    return supports || set->project_count != 0;
}

/* Places for the reports of `count` series; false: answered with 503. */
static bool make_places(struct request *request, uint32_t count,
                        struct objective_report **reports_out, bool **has_report_out)
{
    *reports_out = calloc((size_t)count + 1, sizeof(**reports_out));
    *has_report_out = calloc((size_t)count + 1, sizeof(**has_report_out));
    if (*reports_out != NULL && *has_report_out != NULL) {
        return true;
    }
    free(*reports_out);
    free(*has_report_out);
    problem_busy(&request->answer, "out of memory");
    return false;
}

/* On the lane of questions. */
static void report_now(struct request *request)
{
    const struct report_request *asked = request->state;
    struct agreement_set set = agreements_judged(request);
    struct report_question question = {
        .query = {.run = answer_question},
        .selection = rolls_up(&set) ? &everything : &asked->selection,
        .set = &set,
    };
    uint32_t count = each_series_count(&set);
    if (!make_places(request, count, &question.reports, &question.has_report)) {
        return;
    }
    if (ask_workers(request, &question.query)) {
        roll_up_and_write(request, &set, question.reports, question.has_report, count,
                          question.position);
    }
    free(question.reports);
    free(question.has_report);
}

/* On the lane of scans. */
static void report_anew(struct request *request)
{
    const struct api *api = request->context;
    const struct report_request *asked = request->state;
    struct retrial retrial;
    const struct agreement_set *set = agreements_of(request);
    enum status status =
        retrial_open(&retrial, &api->engine, set, rolls_up(set) ? &everything : &asked->selection,
                     &asked->when, UINT64_MAX, true);
    if (status != STATUS_OK) {
        problem(&request->answer, 503, "the log cannot be judged: %s", status_text(status));
        return;
    }
    struct objective_report *reports;
    bool *has_report;
    struct agreement_set judged = retrial_agreements(&retrial);
    uint32_t count = each_series_count(&judged);
    if (make_places(request, count, &reports, &has_report)) {
        do {
            fill_reports(retrial.evaluator, &retrial, &everything, &judged, reports, has_report);
        } while (retrial_reopen(&retrial, &status) && status == STATUS_OK);
        if (status == STATUS_OK) {
            roll_up_and_write(request, &judged, reports, has_report, count, retrial.position_end);
        } else {
            problem(&request->answer, 503, "the log cannot be judged: %s", status_text(status));
        }
        free(reports);
        free(has_report);
    }
    retrial_close(&retrial);
}

static bool parse_format(struct request *request, struct report_request *asked)
{
    struct text format = target_parameter(&request->target, "format");
    asked->csv = text_given(format) && text_is(format, "csv");
    if (text_given(format) && !asked->csv && !text_is(format, "json")) {
        problem(&request->answer, 400, "format must be json or csv");
        return false;
    }
    return true;
}

static bool parse_request(struct request *request, struct report_request *asked)
{
    const struct api *api = request->context;
    asked->selection = (struct selection){
        .agreement = target_parameter(&request->target, "agreement"),
        .objective = target_parameter(&request->target, "objective"),
        .customer = target_parameter(&request->target, "customer"),
    };
    int64_t now_ns = clock_realtime_ns(api->engine.clock);
    char detail[WHEN_DETAIL_SIZE];
    if (!parameters_known(request) || !parse_format(request, asked)) {
        return false;
    }
    if (!when_parse(&request->target, now_ns, latest_instant(api, now_ns), &asked->when, detail)) {
        problem(&request->answer, 400, "%s", detail);
        return false;
    }
    const char *missing =
        selection_missing(&asked->selection, agreements_of(request), asked->when.given);
    if (missing != NULL) {
        problem(&request->answer, 404, "no such %s", missing);
    }
    return missing == NULL;
}

void api_get_projects(struct request *request)
{
    struct api *api = request->context;
    if (!parameters_known(request)) {
        return;
    }
    struct report_request *asked = calloc(1, sizeof(*asked));
    request->state = asked;
    request->state_free = free;
    if (asked == NULL) {
        problem_busy(&request->answer, "out of memory");
        return;
    }
    asked->projects_only = true;
    request_hand_over(request, api->questions, report_now);
}

void api_get_reports(struct request *request)
{
    struct api *api = request->context;
    struct report_request *asked = calloc(1, sizeof(*asked));
    request->state = asked;
    request->state_free = free;
    if (asked == NULL) {
        problem_busy(&request->answer, "out of memory");
    } else if (parse_request(request, asked)) {
        bool anew = asked->when.given;
        request_hand_over(request, anew ? api->scans : api->questions,
                          anew ? report_anew : report_now);
    }
}
