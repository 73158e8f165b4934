/* `nines check`: one objective for Nagios, Icinga and their kin.
 *
 *   NINES CRITICAL: login availability 99.689551 % of 99.9 %: BREACHED |
 * 'sli'=99.689551%;;99.9:;0;100 ...
 *
 * Exit codes of the plug-in interface: 0 ok, 1 warning, 2 critical, 3 unknown; everything that goes
 * wrong on the way, also a wrong option, is unknown. Source: Monitoring Plugins Development
 * Guidelines. */
#include <stdarg.h>
#include <stdio.h>

#include "domain/verdict.h"
#include "nines/command.h"
#include "nines/query.h"
#include "nines/report_view.h"
#include "nines/terminal.h"
#include "nines/words.h"

enum check_code { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

struct request {
    struct endpoint_options endpoint;
    const char *names[2]; /* agreement, objective */
    const char *customer;
    const char *at;
    bool json;
};

static const char *const code_words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static enum check_code code_of(const char *verdict)
{
    switch (report_view_verdict(verdict)) {
    case VERDICT_MET:
        return CHECK_OK;
    case VERDICT_AT_RISK:
    case VERDICT_BEHIND:
        return CHECK_WARNING;
    case VERDICT_BREACHED:
        return CHECK_CRITICAL;
    default:
        return CHECK_UNKNOWN;
    }
}

/* The first line belongs to the message; a bar would begin the figures. */
static void add_plain(struct text_buffer *out, const char *text)
{
    struct text_buffer safe;
    text_buffer_init(&safe);
    terminal_escape(&safe, text_from(text));
    for (size_t i = 0; i < safe.length; i++) {
        text_buffer_char(out, safe.bytes[i] == '|' ? '/' : safe.bytes[i]);
    }
    text_buffer_fini(&safe);
}

/* A line that nobody got is no answer. */
static int tell(const struct text_buffer *line, enum check_code code)
{
    terminal_print(line);
    return fflush(stdout) == 0 && ferror(stdout) == 0 ? (int)code : CHECK_UNKNOWN;
}

static int say_unknown(const char *message)
{
    struct text_buffer out;
    text_buffer_init(&out);
    text_buffer_string(&out, "NINES UNKNOWN: ");
    add_plain(&out, message);
    text_buffer_char(&out, '\n');
    int code = tell(&out, CHECK_UNKNOWN);
    text_buffer_fini(&out);
    return code;
}

static void add_figures(const json_t *report, struct text_buffer *out)
{
    text_buffer_string(out, " |");
    if (json_is_given(report, "sli")) {
        text_buffer_format(out, " 'sli'=%s%%;;%s:;0;100", json_text_at(report, "sli.percent"),
                           json_text_at(report, "target"));
    }
    if (json_is_given(report, "budget.remaining_percent")) {
        text_buffer_format(
            out, " 'budget_left'=%s%%;10:;0:", json_text_at(report, "budget.remaining_percent"));
    }
    if (json_is_given(report, "burn")) {
        text_buffer_format(out, " 'burn'=%s", json_text_at(report, "burn"));
    }
}

static void say_report(const json_t *report, enum check_code code, struct text_buffer *out)
{
    text_buffer_format(out, "NINES %s: ", code_words[code]);
    add_plain(out, json_text_at(report, "agreement"));
    if (json_is_given(report, "customer")) {
        text_buffer_string(out, " (");
        add_plain(out, json_text_at(report, "customer"));
        text_buffer_char(out, ')');
    }
    text_buffer_char(out, ' ');
    add_plain(out, json_text_at(report, "objective"));
    text_buffer_char(out, ' ');
    words_percent(out, report, "sli.percent", "nothing measured");
    text_buffer_string(out, " of ");
    words_percent(out, report, "target", "?");
    text_buffer_string(out, ": ");
    words_verdict(out, json_text_at(report, "verdict"));
    if (json_text_at(report, "reason")[0] != '\0') {
        text_buffer_string(out, ", ");
        add_plain(out, json_text_at(report, "reason"));
    }
    add_figures(report, out);
    text_buffer_char(out, '\n');
}

/* How bad a code is, for the worst of several: unknown is worse than ok, and better than a warning.
 */
static int rank(enum check_code code)
{
    static const int ranks[] = {0, 2, 3, 1};
    return ranks[code];
}

static int say_worst(const struct request *request, const json_t *answer)
{
    const json_t *worst = NULL;
    enum check_code worst_code = CHECK_UNKNOWN;
    size_t index;
    json_t *report;
    json_array_foreach(json_at(answer, "reports"), index, report)
    {
        enum check_code code = code_of(json_text_at(report, "verdict"));
        if (worst == NULL || rank(code) > rank(worst_code)) {
            worst = report;
            worst_code = code;
        }
    }
    if (worst == NULL) {
        return say_unknown("the daemon has no such report");
    }
    struct text_buffer out;
    text_buffer_init(&out);
    if (request->json) {
        json_t *told = json_pack("{s:i, s:s, s:O}", "code", (int)worst_code, "status",
                                 code_words[worst_code], "report", worst);
        json_write(&out, told);
        json_decref(told);
    } else {
        say_report(worst, worst_code, &out);
    }
    int code = tell(&out, worst_code);
    text_buffer_fini(&out);
    return code;
}

static int check(const struct request *request, const struct time_answer *answer, const char *base)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct time_question question = {.at = request->at};
    struct query query;
    json_t *reports;
    query_begin(&query, "/v1/reports");
    query_parameter(&query, "agreement", request->names[0]);
    query_parameter(&query, "objective", request->names[1]);
    query_parameter(&query, "customer", request->customer);
    query_question(&query, &question, answer);
    enum status status = query_json(&query, base, &reports, message);
    query_end(&query);
    if (status != STATUS_OK) {
        return say_unknown(message);
    }
    int code = say_worst(request, reports);
    json_decref(reports);
    return code;
}

int command_check(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        {"customer", OPTION_STRING, &request.customer, "NAME",
         "this customer's figure; else the worst of all"},
        {"at", OPTION_STRING, &request.at, "TIME", "as of then"},
        {"json", OPTION_FLAG, &request.json, NULL, "as JSON; the exit code is the same"},
    };
    struct option_table table = {
        .usage = "check AGREEMENT OBJECTIVE [--at TIME]",
        .about =
            "For Nagios and its kin: a line with figures, and exit code 0 (met), 1 (at risk or "
            "behind),\n2 (breached) or 3 (no verdict, or no answer).",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.names,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result == OPTIONS_HELP) {
        return EXIT_OK;
    }
    struct time_question question = {0};
    struct time_answer answer = {0};
    question.at = request.at;
    if (result != OPTIONS_OK || !value_question(&question, &answer)) {
        return say_unknown("wrong options; see nines check --help");
    }
    if (table.operand_count != 2) {
        return say_unknown("check needs an agreement and an objective");
    }
    char base[ENDPOINT_URL_SIZE];
    if (endpoint_base(&request.endpoint, base) != EXIT_OK) {
        return say_unknown("no address of the daemon");
    }
    return check(&request, &answer, base);
}
