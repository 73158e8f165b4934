/* `nines evaluate`: reports from files alone, with the very code of the engine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "evaluate/each.h"
#include "evaluate/set_at.h"
#include "nines/catalog_option.h"
#include "nines/command.h"
#include "nines/evaluate_offline.h"
#include "nines/offline.h"
#include "nines/offline_evidence.h"
#include "nines/options.h"
#include "nines/terminal.h"
#include "nines/trial.h"
#include "nines/value_option.h"
#include "report/report_json.h"
#include "report/report_text.h"
#include "report/rollup.h"
#include "store/row_file.h"

struct request {
    struct option_list agreements;
    struct option_list events;
    struct time_question question;
    const char *agreement;
    const char *objective;
    const char *customer;
    const char *workers;
    const char *map;
    bool json;
    bool evidence;
    const char *grace;
    const char *rollup_bytes;
    /* Parsed: */
    struct row_folder row_folder;
    struct row_store_source rows;
    int64_t grace_ns;
    bool has_at;
    int64_t at_ns;
    bool has_asked;
    struct asked_window asked;
    uint32_t worker_count;
    enum field_map field_map;
    struct text_buffer *findings; /* where evidence goes; NULL: none is asked for */
    struct text_buffer *answer;   /* where reports go; NULL: to standard output */
};

static bool parse_request(struct request *request)
{
    struct time_answer answer;
    if (request->evidence && !request->json) {
        terminal_complain("--evidence needs --json; nines explain shows it as text");
        return false;
    }
    if (request->agreements.count == 0) {
        terminal_complain("--agreements PATH is missing: what to judge by");
        return false;
    }
    if (request->events.count == 0) {
        terminal_complain("--events FILE (or - for standard input) is missing: what to judge");
        return false;
    }
    if (!value_question(&request->question, &answer)) {
        return false;
    }
    request->has_at = answer.has_at;
    request->at_ns = answer.at_ns;
    request->has_asked = answer.has_span;
    request->asked = (struct asked_window){
        {.kind = answer.is_period ? WINDOW_CALENDAR : WINDOW_SPAN, .unit = answer.unit},
        answer.span};
    return true;
}

static bool parse_rest(struct request *request)
{
    uint64_t worker_count = 1;
    if (request->workers != NULL &&
        !value_count("workers", request->workers, 1, 64, &worker_count)) {
        return false;
    }
    request->worker_count = (uint32_t)worker_count;
    if (request->rollup_bytes != NULL) {
        uint64_t bytes;
        const char *folder = getenv("TMPDIR");
        if (!value_count("rollup-bytes", request->rollup_bytes, 0, UINT64_C(1) << 40, &bytes)) {
            return false;
        }
        snprintf(request->row_folder.path, sizeof(request->row_folder.path), "%s",
                 folder != NULL && folder[0] != '\0' ? folder : "/tmp");
        request->rows = row_file_source(&request->row_folder, bytes);
    }
    request->field_map = MAP_AUTO;
    if (request->map != NULL) {
        int map = field_map_from(text_from(request->map));
        if (map < 0) {
            terminal_complain("--map %s: no such field map", request->map);
            return false;
        }
        request->field_map = (enum field_map)map;
    }
    request->grace_ns = SEAL_GRACE_DEFAULT_NS;
    if (request->grace != NULL && strcmp(request->grace, "0") == 0) {
        request->grace_ns = 0; /* as in the configuration */
        return true;
    }
    return request->grace == NULL || value_duration("grace", request->grace, &request->grace_ns);
}

static bool wanted(const struct request *request, const struct objective_report *report)
{
    return report->agreement->of_project == NULL &&
           (request->agreement == NULL ||
            strcmp(request->agreement, report->agreement->name) == 0) &&
           (request->objective == NULL ||
            strcmp(request->objective, report->objective->name) == 0) &&
           (request->customer == NULL ||
            (report->agreement->customer != NULL &&
             strcmp(request->customer, report->agreement->customer) == 0));
}

static void print_reports(const struct request *request, const struct offline *offline,
                          const struct objective_report *reports, uint32_t count,
                          const struct rollup *rollup, uint64_t position)
{
    struct text_buffer out;
    text_buffer_init(&out);
    uint64_t rejected = 0;
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        rejected += offline->rejected[i];
    }
    if (request->json) {
        struct text_buffer more;
        text_buffer_init(&more);
        text_buffer_format(&more,
                           ",\"received\":%" PRIu64 ",\"duplicates\":%" PRIu64 ",\"rejected\":{",
                           offline->received, offline->duplicates);
        bool first = true;
        for (uint32_t i = 0; i < REJECT_COUNT; i++) {
            if (offline->rejected[i] != 0) {
                text_buffer_format(&more, "%s\"%s\":%" PRIu64, first ? "" : ",",
                                   reject_word((enum reject)i), offline->rejected[i]);
                first = false;
            }
        }
        text_buffer_string(&more, "},\"projects\":");
        rollup_projects_json(rollup, &more);
        if (request->findings != NULL) {
            text_buffer_string(&more, ",\"evidence\":[");
            text_buffer_append(&more, request->findings->bytes, request->findings->length);
            text_buffer_char(&more, ']');
        }
        reports_json(reports, count, position, more.bytes, &out);
        text_buffer_fini(&more);
    } else {
        report_table(reports, count, terminal_has_colour(), &out);
        rollup_projects_table(rollup, &out);
        text_buffer_format(&out,
                           "\n%" PRIu64 " records: %" PRIu64 " counted, %" PRIu64
                           " repeated, %" PRIu64 " rejected\n",
                           offline->received, position, offline->duplicates, rejected);
    }
    if (request->answer != NULL) {
        text_buffer_append(request->answer, out.bytes, out.length);
    } else {
        terminal_print(&out);
    }
    text_buffer_fini(&out);
}

/* Files tell of seals only where somebody says when things were received, or asks for it. */
static bool tells_of_seals(const struct request *request, const struct offline *offline)
{
    return request->has_asked && request->asked.window.kind == WINDOW_CALENDAR &&
           (request->grace != NULL || offline->says_received);
}

static enum status take_evidence(const void *context, struct evaluator *evaluator, uint32_t number,
                                 const struct objective_report *report)
{
    const struct request *request = context;
    return wanted(request, report) ? offline_evidence(evaluator, number, report, request->findings)
                                   : STATUS_OK;
}

static int judge_all(const struct request *request, struct offline *offline,
                     const struct agreement_set *set)
{
    struct agreement_set view = each_view(offline->each, each_count(offline->each));
    uint32_t count = each_series_count(&view);
    struct objective_report *reports = calloc(count + 1, sizeof(*reports));
    /* Projects and dangers follow from all reports, also from those that are not shown. */
    struct objective_report *shown = calloc(count + 1, sizeof(*shown));
    bool *has_report = calloc(count + 1, sizeof(*has_report));
    enum status status =
        reports == NULL || shown == NULL || has_report == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    struct trial_settings settings = {
        .set = set,
        .offline = offline,
        .asked = request->has_asked ? &request->asked : NULL,
        .at_ns = request->at_ns,
        .shard_count = request->worker_count,
        .has_seals = tells_of_seals(request, offline),
        .grace_ns = request->grace_ns,
        .rows = request->rows,
        .judged = request->findings != NULL ? take_evidence : NULL,
        .context = request,
    };
    struct trial trial = {0};
    status = status == STATUS_OK ? trial_judge(&trial, &settings, reports, has_report) : status;
    uint32_t all = 0;
    if (status == STATUS_OK) {
        status = each_gather(&view, reports, has_report, &all);
    }
    struct rollup *rollup = status == STATUS_OK ? rollup_open(&view, reports, all) : NULL;
    if (status == STATUS_OK && rollup == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK) {
        const struct batch *last =
            offline->batch_count == 0 ? NULL : offline->batches[offline->batch_count - 1];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < all; i++) {
            if (wanted(request, &reports[i])) {
                shown[kept++] = reports[i];
            }
        }
        print_reports(request, offline, shown, kept, rollup,
                      last == NULL ? 0 : last->position + last->event_count);
    } else {
        terminal_complain("%s", status_text(status));
    }
    if (rollup != NULL) {
        rollup_close(rollup);
    }
    trial_close(&trial);
    free(reports);
    free(shown);
    free(has_report);
    return status == STATUS_OK ? EXIT_OK : EXIT_FAILED;
}

/* By the versions that are in force at the instant that is asked about. */
static int judge_as_of(const struct request *request, struct offline *offline,
                       const struct agreement_set *documents)
{
    struct set_at at;
    enum status status =
        set_at_open(&at, documents, request->has_asked ? &request->asked : NULL, request->at_ns);
    if (status == STATUS_OK) {
        status = offline_hear(offline, &at.set);
    }
    int code = EXIT_FAILED;
    if (status == STATUS_OK) {
        code = judge_all(request, offline, &at.set);
    } else {
        terminal_complain("%s", status_text(status));
    }
    offline_unhear(offline);
    set_at_close(&at);
    return code;
}

static int read_and_judge(struct request *request, const struct agreement_set *set)
{
    struct offline offline;
    if (offline_open(&offline) != STATUS_OK) {
        terminal_complain("out of memory");
        return EXIT_FAILED;
    }
    int64_t now_ns = request->has_at ? request->at_ns : clock_realtime_ns(clock_system());
    int code = EXIT_OK;
    for (uint32_t i = 0; i < request->events.count && code == EXIT_OK; i++) {
        if (offline_read(&offline, request->events.values[i], request->field_map, &set->match,
                         now_ns, NULL, NULL) != STATUS_OK) {
            terminal_complain("cannot read %s: %s", request->events.values[i],
                              offline.error != NULL ? offline.error : "out of memory");
            code = EXIT_FAILED;
        }
    }
    if (code == EXIT_OK && !request->has_at) {
        if (offline.last_ns == TIME_NONE) {
            terminal_complain("no event gives a time: say --at TIME or --period NAME");
            code = EXIT_FAILED;
        } else {
            request->at_ns = floor_to(offline.last_ns, NS_PER_SECOND) + NS_PER_SECOND;
        }
    }
    if (code == EXIT_OK) {
        offline_place(&offline, request->at_ns);
        if ((offline.says_received || tells_of_seals(request, &offline)) &&
            offline_order(&offline) != STATUS_OK) {
            terminal_complain("out of memory");
            code = EXIT_FAILED;
        }
    }
    if (code == EXIT_OK) {
        code = judge_as_of(request, &offline, set);
    }
    offline_close(&offline);
    return code;
}

static int evaluate(struct request *request, struct text_buffer *meaning)
{
    if (!parse_request(request) || !parse_rest(request)) {
        return EXIT_USAGE;
    }
    struct catalog *catalog = catalog_from_paths(&request->agreements);
    if (catalog == NULL) {
        return EXIT_FAILED;
    }
    const struct agreement_set *set = catalog_set(catalog);
    struct text_buffer findings;
    text_buffer_init(&findings);
    request->findings = request->evidence ? &findings : NULL;
    int code = read_and_judge(request, set);
    text_buffer_fini(&findings);
    for (uint32_t i = 0; meaning != NULL && i < set->agreement_count; i++) {
        if (strcmp(set->agreements[i].name, request->agreement) == 0) {
            catalog_explain(&set->agreements[i], meaning);
        }
    }
    catalog_free(catalog);
    return code;
}

int evaluate_offline(const struct offline_question *question, struct text_buffer *json_out,
                     struct text_buffer *meaning_out)
{
    struct request request = {
        .agreements = question->agreements,
        .events = question->events,
        .question = question->question,
        .agreement = question->agreement,
        .objective = question->objective,
        .customer = question->customer,
        .json = true,
        .evidence = true,
        .answer = json_out,
    };
    return evaluate(&request, meaning_out);
}

int command_evaluate(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        {"agreements", OPTION_LIST, &request.agreements, "PATH", "file or folder; may be repeated"},
        {"events", OPTION_LIST, &request.events, "FILE|-",
         "NDJSON, syslog or access log; repeatable"},
        TIME_QUESTION_ROWS(&request.question),
        {"agreement", OPTION_STRING, &request.agreement, "NAME", "only this agreement"},
        {"objective", OPTION_STRING, &request.objective, "NAME", "only this objective"},
        {"customer", OPTION_STRING, &request.customer, "NAME", "only this customer's agreements"},
        {"map", OPTION_STRING, &request.map, "NAME",
         "field map: auto, nines, nginx-json, nginx-combined"},
        {"workers", OPTION_STRING, &request.workers, "N", "judge in N shards; changes no figure"},
        {"rollup-bytes", OPTION_STRING, &request.rollup_bytes, "N",
         "old counts beyond so many bytes go to a file in $TMPDIR; changes no figure"},
        {"json", OPTION_FLAG, &request.json, NULL, "reports as JSON"},
        {"grace", OPTION_STRING, &request.grace, "D",
         "seal the period this long after its end, by the times of receipt (72h)"},
        {"evidence", OPTION_FLAG, &request.evidence, NULL,
         "with --json: also everything that made each figure"},
    };
    struct option_table table = {
        .usage =
            "evaluate --agreements PATH --events FILE [--at TIME | --period NAME | --from TIME "
            "--to TIME] [--json]",
        .about =
            "Judges events from files against agreements, offline, with the code of the engine.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    return evaluate(&request, NULL);
}
