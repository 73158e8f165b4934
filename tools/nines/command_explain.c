/* `nines explain`: a figure, the promise behind it, and everything that made it. */
#include <inttypes.h>
#include <stdio.h>

#include "domain/civil.h"
#include "domain/decimal.h"
#include "nines/command.h"
#include "nines/evaluate_offline.h"
#include "nines/evidence.h"
#include "nines/evidence_table.h"
#include "nines/outlook.h"
#include "nines/pages.h"
#include "nines/report_view.h"
#include "nines/terminal.h"
#include "nines/words.h"

/* Evidence beyond this many items is not fetched: the sentence says so. */
#define ITEMS_MAX     100000
#define ROWS_MAX      50
#define INCIDENTS_MAX 10000

struct request {
    struct endpoint_options endpoint;
    struct time_question question;
    struct time_answer answer;
    struct option_list agreements; /* offline */
    struct option_list events;
    const char *names[2]; /* agreement, objective */
    const char *customer;
    bool brief;
    bool all;
    bool json;
};

/* What the daemon said. NULL: it does not have it. */
struct findings {
    json_t *reports;
    const json_t *report; /* the one asked for, in `reports` */
    json_t *agreement;
    json_t *evidence;
    json_t *incidents;
    int64_t at_ns;
};

static void findings_fini(struct findings *findings)
{
    json_decref(findings->reports);
    json_decref(findings->agreement);
    json_decref(findings->evidence);
    json_decref(findings->incidents);
}

/* One figure, or why not. */
static enum status choose_report(const struct request *request, struct findings *findings,
                                 char message[HTTP_CLIENT_MESSAGE_SIZE])
{
    const json_t *reports = json_at(findings->reports, "reports");
    findings->report = json_array_get(reports, 0);
    if (findings->report == NULL || !words_read_time(findings->report, "at", &findings->at_ns)) {
        snprintf(message, HTTP_CLIENT_MESSAGE_SIZE, "no report of %s %s%s%s", request->names[0],
                 request->names[1], request->customer != NULL ? " for " : "",
                 request->customer != NULL ? request->customer : "");
        return STATUS_NOT_FOUND;
    }
    if (json_array_size(reports) > 1) {
        snprintf(message, HTTP_CLIENT_MESSAGE_SIZE,
                 "%s has a figure for each of %zu customers: say whose, e.g. --customer %s",
                 request->names[0], json_array_size(reports),
                 json_text_at(findings->report, "customer"));
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status get_report(const struct request *request, const char *base,
                              struct findings *findings, char message[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct query query;
    query_begin(&query, "/v1/reports");
    query_parameter(&query, "agreement", request->names[0]);
    query_parameter(&query, "objective", request->names[1]);
    query_parameter(&query, "customer", request->customer);
    query_question(&query, &request->question, &request->answer);
    enum status status = query_json(&query, base, &findings->reports, message);
    query_end(&query);
    if (status != STATUS_OK) {
        return status;
    }
    return choose_report(request, findings, message);
}

static enum status get_evidence(const struct request *request, const char *base,
                                struct findings *findings, char message[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct query query;
    query_begin(&query, "/v1/reports");
    query_segment(&query, request->names[0]);
    query_segment(&query, request->names[1]);
    query_segment(&query, "evidence");
    if (json_is_given(findings->report, "customer")) {
        query_parameter(&query, "customer", json_text_at(findings->report, "customer"));
    }
    if (request->answer.has_span) {
        query_question(&query, &request->question, &request->answer);
    } else {
        query_instant(&query, "at", findings->at_ns); /* the very figure that is shown */
    }
    return pages_get(&query, base, "items", ITEMS_MAX, &findings->evidence, message);
}

/* What makes it more readable, where the daemon has it. */
static void get_more(const struct request *request, const char *base, struct findings *findings)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct query query;
    query_begin(&query, "/v1/agreements");
    query_segment(&query, request->names[0]);
    if (query_json(&query, base, &findings->agreement, message) != STATUS_OK) {
        findings->agreement = NULL;
    }
    query_end(&query);
    query_begin(&query, "/v1/incidents");
    if (pages_get(&query, base, "incidents", INCIDENTS_MAX, &findings->incidents, message) !=
        STATUS_OK) {
        findings->incidents = NULL;
    }
}

/* The line of the agreement's meaning that is about this objective. */
static void say_promise(const struct request *request, const struct findings *findings,
                        struct text_buffer *out)
{
    const char *meaning = json_text_at(findings->agreement, "meaning");
    char head[256];
    snprintf(head, sizeof(head), "Objective %s: ", request->names[1]);
    const char *line = strstr(meaning, head);
    if (line == NULL) {
        text_buffer_string(out, "promised: ");
        words_percent(out, findings->report, "target", "?");
        text_buffer_string(out, " over ");
        report_view_window(findings->report, out);
        text_buffer_char(out, '\n');
        return;
    }
    line += strlen(head);
    text_buffer_string(out, "promised: ");
    terminal_escape(out, (struct text){line, (uint32_t)strcspn(line, "\n")});
    text_buffer_char(out, '\n');
}

static void say_figure(const struct request *request, const struct findings *findings,
                       struct text_buffer *out)
{
    const json_t *report = findings->report;
    terminal_escape(out, text_from(request->names[0]));
    if (json_is_given(report, "customer")) {
        text_buffer_string(out, " (");
        json_show(out, report, "customer", "");
        text_buffer_char(out, ')');
    }
    text_buffer_char(out, ' ');
    terminal_escape(out, text_from(request->names[1]));
    text_buffer_string(out, ": ");
    words_percent(out, report, "sli.percent", "nothing measured");
    text_buffer_string(out, " (promised ");
    words_percent(out, report, "target", "?");
    text_buffer_string(out, "): ");
    words_verdict(out, json_text_at(report, "verdict"));
    if (json_text_at(report, "reason")[0] != '\0') {
        text_buffer_string(out, ", ");
        json_show(out, report, "reason", "");
    }
    text_buffer_char(out, '\n');
}

/* "96 bad of 30,922", or "18 min down of 30 d 0 h". */
static void say_bad(const json_t *report, struct text_buffer *out)
{
    int64_t valid = json_number_at(report, "sli.denominator");
    int64_t bad = valid - json_number_at(report, "sli.numerator");
    const char *unit = json_text_at(report, "budget.unit");
    if (strcmp(unit, "ns") == 0) {
        words_duration(out, bad);
        text_buffer_string(out, " down of ");
        words_duration(out, valid);
        return;
    }
    if (strcmp(unit, "ratio") == 0) {
        char lacking[DECIMAL_TEXT_SIZE];
        decimal_format_fraction((int128)bad * 100, valid == 0 ? 1 : valid, 6, lacking);
        text_buffer_format(out, "%s %% is lacking", lacking);
        return;
    }
    char bad_text[TERMINAL_COUNT_SIZE];
    char valid_text[TERMINAL_COUNT_SIZE];
    text_buffer_format(out, "%s bad of %s ", terminal_count((uint64_t)bad, bad_text),
                       terminal_count((uint64_t)valid, valid_text));
    terminal_escape(out, text_from(unit));
}

static void say_made_of(const struct findings *findings, struct text_buffer *out)
{
    const json_t *items = json_at(findings->evidence, "items");
    const char *unit = json_text_at(findings->report, "budget.unit");
    struct text_buffer requests;
    struct text_buffer intervals;
    text_buffer_init(&requests);
    text_buffer_init(&intervals);
    evidence_requests(items, findings->at_ns, &requests);
    evidence_intervals(items, findings->at_ns, strcmp(unit, "ns") == 0, &intervals);
    say_bad(findings->report, out);
    text_buffer_string(out, requests.length + intervals.length > 0 ? ": " : "");
    text_buffer_append(out, requests.bytes, requests.length);
    text_buffer_string(out, requests.length > 0 && intervals.length > 0 ? ", " : "");
    text_buffer_append(out, intervals.bytes, intervals.length);
    text_buffer_fini(&requests);
    text_buffer_fini(&intervals);
    if (json_is_given(findings->evidence, "next")) {
        text_buffer_format(out, " (the first %d items of the evidence)", ITEMS_MAX);
    }
    text_buffer_char(out, '\n');
}

/* Not counted */

struct part_list {
    struct text_buffer *out;
    uint32_t count;
};

static void begin_part(struct part_list *list)
{
    text_buffer_string(list->out, list->count++ == 0 ? "not counted: " : ", ");
}

static void say_set_aside(const json_t *report, struct part_list *list)
{
    static const struct {
        const char *path;
        const char *words;
    } rows[] = {
        {"counts.excluded_by.maintenance", "during maintenance"},
        {"counts.excluded_by.hours", "outside the hours"},
        {"counts.excluded_by.term", "outside the term"},
        {"counts.excluded_by.sender", "excluded by the sender"},
        {"counts.excluded_by.exclusion", "excluded by agreement"},
        {"counts.excluded_by.client_aborted", "given up by the client"},
        {"counts.excluded_by.no_request", "that were no requests"},
        {"counts.out_of_scope", "out of scope"},
    };
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t count = json_number_at(report, rows[i].path);
        if (count > 0) {
            char text[TERMINAL_COUNT_SIZE];
            begin_part(list);
            text_buffer_format(list->out, "%s %s", terminal_count((uint64_t)count, text),
                               rows[i].words);
        }
    }
    int64_t excluded_ns = json_number_at(report, "time.excluded_ns");
    if (excluded_ns > 0) {
        begin_part(list);
        words_duration(list->out, excluded_ns);
        text_buffer_string(list->out, " set aside");
    }
}

static bool names(const json_t *list, const char *name)
{
    size_t index;
    json_t *element;
    json_array_foreach(list, index, element)
    {
        if (json_is_string(element) && strcmp(json_string_value(element), name) == 0) {
            return true;
        }
    }
    return false;
}

/* Suspicions count for nothing until someone confirms them. */
static void say_suspicions(const struct request *request, const json_t *incidents,
                           struct part_list *list)
{
    uint32_t complaints = 0;
    uint32_t potential = 0;
    size_t index;
    json_t *incident;
    json_array_foreach(incidents, index, incident)
    {
        if (strcmp(json_text_at(incident, "nature"), "potential") != 0 ||
            strcmp(json_text_at(incident, "state"), "cancelled") == 0 ||
            !names(json_at(incident, "agreements"), request->names[0])) {
            continue;
        }
        bool complaint = json_is_true(json_at(incident, "complaint"));
        complaints += complaint;
        potential += !complaint;
    }
    if (complaints > 0) {
        begin_part(list);
        text_buffer_format(list->out, "%u complaint%s", complaints, complaints == 1 ? "" : "s");
    }
    if (potential > 0) {
        begin_part(list);
        text_buffer_format(list->out, "%u potential incident%s", potential,
                           potential == 1 ? "" : "s");
    }
}

static void say_not_counted(const struct request *request, const struct findings *findings,
                            struct text_buffer *out)
{
    struct part_list list = {out, 0};
    say_set_aside(findings->report, &list);
    say_suspicions(request, json_at(findings->incidents, "incidents"), &list);
    text_buffer_string(out, list.count > 0 ? "\n" : "");
}

static void say_story(const struct request *request, const struct findings *findings,
                      struct text_buffer *out)
{
    say_figure(request, findings, out);
    say_promise(request, findings, out);
    say_made_of(findings, out);
    say_not_counted(request, findings, out);
}

/* The long form */

static void say_budget(const json_t *report, struct text_buffer *out)
{
    text_buffer_string(out, "\nbudget\n  ");
    if (strcmp(json_text_at(report, "budget.unit"), "ns") == 0) {
        words_duration(out, json_number_at(report, "budget.total"));
    } else {
        json_show(out, report, "budget.total", "?");
        text_buffer_char(out, ' ');
        json_show(out, report, "budget.unit", "");
    }
    text_buffer_string(out, " in the full window; consumed ");
    words_percent(out, report, "budget.consumed_percent", "nothing");
    text_buffer_string(out, ", left ");
    words_percent(out, report, "budget.remaining_percent", "-");
    text_buffer_string(out, "; burn rate ");
    json_show(out, report, "burn", "-");
    text_buffer_char(out, '\n');
}

static void say_alerts(const json_t *report, struct text_buffer *out)
{
    size_t index;
    json_t *alert;
    json_array_foreach(json_at(report, "alerts"), index, alert)
    {
        text_buffer_string(out, index == 0 ? "\nalerts\n  " : "  ");
        json_show(out, alert, "severity", "?");
        text_buffer_string(out, ": burn rate over ");
        json_show(out, alert, "long", "?");
        text_buffer_char(out, ' ');
        json_show(out, alert, "long_burn", "-");
        text_buffer_string(out, ", over ");
        json_show(out, alert, "short", "?");
        text_buffer_char(out, ' ');
        json_show(out, alert, "short_burn", "-");
        text_buffer_string(out, ", threshold ");
        json_show(out, alert, "threshold", "?");
        text_buffer_string(out, json_is_true(json_at(alert, "firing")) ? ": FIRING\n" : "\n");
    }
}

static void say_outlook(const struct findings *findings, struct text_buffer *out)
{
    const char *why;
    struct report_view *view = report_view_open(findings->reports, &why);
    if (view == NULL) {
        return;
    }
    uint32_t count;
    const struct objective_report *reports = report_view_reports(view, &count);
    struct text_buffer lines;
    text_buffer_init(&lines);
    outlook_say(&reports[0], findings->report, &lines);
    if (lines.length > 0) {
        text_buffer_format(out, "\nwhat would change the verdict\n%s", lines.bytes);
    }
    text_buffer_fini(&lines);
    report_view_close(view);
}

static void say_restatement(const json_t *restatement, struct text_buffer *out)
{
    text_buffer_format(out, "restatement %" PRId64 ", ", json_number_at(restatement, "number"));
    words_instant(out, restatement, "at", "?");
    text_buffer_string(out, ": ");
    words_list(out, json_at(restatement, "causes"));
    if (json_is_given(restatement, "reason")) {
        text_buffer_string(out, " (");
        json_show(out, restatement, "reason", "");
        text_buffer_string(out, json_is_given(restatement, "author") ? ", by " : "");
        json_show(out, restatement, "author", "");
        text_buffer_char(out, ')');
    }
    text_buffer_string(out, ", ");
    words_percent(out, restatement, "sli.percent", "nothing measured");
    text_buffer_string(out, ", ");
    words_verdict(out, json_text_at(restatement, "verdict"));
    text_buffer_format(out, ", position %" PRId64 "\n", json_number_at(restatement, "position"));
}

/* When the figure was sealed, and what changed it afterwards. */
static void say_seal(const json_t *report, struct text_buffer *out)
{
    int64_t late = json_number_at(report, "counts.late");
    if (late > 0) {
        char text[TERMINAL_COUNT_SIZE];
        text_buffer_format(out, "%s of the requests came in after the end of the window\n",
                           terminal_count((uint64_t)late, text));
    }
    if (json_is_true(json_at(report, "sealed"))) {
        text_buffer_string(out, "sealed at ");
        words_instant(out, report, "sealed_at", "?");
        text_buffer_format(out, ", position %" PRId64 "\n",
                           json_number_at(report, "sealed_position"));
    }
    size_t index;
    json_t *restatement;
    json_array_foreach(json_at(report, "restatements"), index, restatement)
    {
        say_restatement(restatement, out);
    }
}

static void say_all(const struct request *request, const struct findings *findings,
                    struct text_buffer *out)
{
    const json_t *items = json_at(findings->evidence, "items");
    say_story(request, findings, out);
    text_buffer_string(out, "over ");
    report_view_window(findings->report, out);
    text_buffer_format(out, ", as of position %" PRId64 " of the log, version %" PRId64 "\n",
                       json_number_at(findings->reports, "position"),
                       json_number_at(findings->report, "version"));
    say_seal(findings->report, out);
    if (json_array_size(items) > 0) {
        text_buffer_string(out, "\nevidence\n");
        evidence_table(findings->evidence, request->all ? ITEMS_MAX : ROWS_MAX, out);
    }
    say_budget(findings->report, out);
    say_alerts(findings->report, out);
    say_outlook(findings, out);
}

static void write_json(const struct request *request, const struct findings *findings,
                       struct text_buffer *out)
{
    struct text_buffer story;
    text_buffer_init(&story);
    say_story(request, findings, &story);
    json_t *report = json_deep_copy(findings->report);
    json_t *answer = json_object();
    json_object_set_new(answer, "position", json_deep_copy(json_at(findings->reports, "position")));
    json_object_set_new(answer, "story", json_stringn(story.bytes, story.length));
    json_object_set_new(answer, "report", report);
    json_object_set(answer, "evidence", findings->evidence);
    json_object_set(answer, "agreement",
                    findings->agreement != NULL ? findings->agreement : json_null());
    json_write(out, answer);
    json_decref(answer);
    text_buffer_fini(&story);
}

static void print_findings(const struct request *request, const struct findings *findings)
{
    struct text_buffer out;
    text_buffer_init(&out);
    if (request->json) {
        write_json(request, findings, &out);
    } else if (request->brief) {
        say_story(request, findings, &out);
    } else {
        say_all(request, findings, &out);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
}

static int explain(const struct request *request, const char *base)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct findings findings = {0};
    enum status status = get_report(request, base, &findings, message);
    if (status == STATUS_OK) {
        status = get_evidence(request, base, &findings, message);
    }
    if (status == STATUS_OK) {
        get_more(request, base, &findings);
        print_findings(request, &findings);
    } else {
        terminal_complain("%s", message);
    }
    findings_fini(&findings);
    return status == STATUS_OK ? EXIT_OK : EXIT_FAILED;
}

/* The same shapes, from files. */
static enum status take_offline(const struct request *request, const struct text_buffer *json,
                                const struct text_buffer *meaning, struct findings *findings,
                                char message[HTTP_CLIENT_MESSAGE_SIZE])
{
    findings->reports = json_loadb(json->bytes, json->length, 0, NULL);
    findings->evidence = json_incref(json_array_get(json_at(findings->reports, "evidence"), 0));
    findings->agreement = json_object();
    json_object_set_new(findings->agreement, "meaning",
                        json_stringn(meaning->length == 0 ? "" : meaning->bytes, meaning->length));
    return choose_report(request, findings, message);
}

static int explain_offline(const struct request *request)
{
    const struct offline_question question = {
        .agreements = request->agreements,
        .events = request->events,
        .question = request->question,
        .agreement = request->names[0],
        .objective = request->names[1],
        .customer = request->customer,
    };
    struct text_buffer json;
    struct text_buffer meaning;
    text_buffer_init(&json);
    text_buffer_init(&meaning);
    int code = evaluate_offline(&question, &json, &meaning);
    if (code == EXIT_OK) {
        struct findings findings = {0};
        char message[HTTP_CLIENT_MESSAGE_SIZE];
        if (take_offline(request, &json, &meaning, &findings, message) == STATUS_OK) {
            print_findings(request, &findings);
        } else {
            terminal_complain("%s", message);
            code = EXIT_FAILED;
        }
        findings_fini(&findings);
    }
    text_buffer_fini(&json);
    text_buffer_fini(&meaning);
    return code;
}

int command_explain(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        TIME_QUESTION_ROWS(&request.question),
        {"customer", OPTION_STRING, &request.customer, "NAME",
         "this customer's figure, where there is one for each"},
        {"agreements", OPTION_LIST, &request.agreements, "PATH",
         "offline: judge by these, with --events"},
        {"events", OPTION_LIST, &request.events, "FILE|-", "offline: what happened"},
        {"brief", OPTION_FLAG, &request.brief, NULL,
         "only the figure, the promise and what made it"},
        {"all", OPTION_FLAG, &request.all, NULL, "all of the evidence, not only its beginning"},
        {"json", OPTION_FLAG, &request.json, NULL, "as JSON"},
    };
    struct option_table table = {
        .usage =
            "explain AGREEMENT OBJECTIVE [--at TIME | --period NAME] [--brief | --all] [--json]\n"
            "       nines explain AGREEMENT OBJECTIVE --agreements PATH --events FILE",
        .about =
            "What made a figure: the bad requests, incidents and states behind it, what was not "
            "counted,\nand what would change the verdict.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.names,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (table.operand_count != 2) {
        terminal_complain("explain needs an agreement and an objective; `nines report` lists them");
        return EXIT_USAGE;
    }
    if (!value_question(&request.question, &request.answer)) {
        return EXIT_USAGE;
    }
    if (request.agreements.count != 0 || request.events.count != 0) {
        return explain_offline(&request);
    }
    char base[ENDPOINT_URL_SIZE];
    int code = endpoint_base(&request.endpoint, base);
    return code == EXIT_OK ? explain(&request, base) : code;
}
