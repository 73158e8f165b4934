/* `nines report`: the daemon's figures, as the table of `nines evaluate`, as JSON or as CSV. */
#include <inttypes.h>
#include <stdio.h>

#include "nines/command.h"
#include "nines/query.h"
#include "nines/report_view.h"
#include "nines/terminal.h"
#include "report/report_text.h"

struct request {
    struct endpoint_options endpoint;
    struct time_question question;
    struct time_answer answer;
    const char *names[2]; /* agreement, objective */
    const char *customer;
    bool json;
    bool csv;
};

static void begin(struct query *query, const struct request *request)
{
    query_begin(query, "/v1/reports");
    query_parameter(query, "agreement", request->names[0]);
    query_parameter(query, "objective", request->names[1]);
    query_parameter(query, "customer", request->customer);
    query_question(query, &request->question, &request->answer);
    query_parameter(query, "format", request->csv ? "csv" : NULL);
}

static bool print_table(const json_t *answer, const char **message_out)
{
    struct report_view *view = report_view_open(answer, message_out);
    if (view == NULL) {
        return false;
    }
    uint32_t count;
    const struct objective_report *reports = report_view_reports(view, &count);
    struct text_buffer out;
    text_buffer_init(&out);
    if (count == 0) {
        text_buffer_string(&out, "no reports: the daemon has no such agreements\n");
    } else {
        report_table(reports, count, terminal_has_colour(), &out);
        text_buffer_format(&out, "\nas of ");
        json_show(&out, json_array_get(json_at(answer, "reports"), 0), "at", "?");
        text_buffer_format(&out, ", position %" PRId64 "\n", json_number_at(answer, "position"));
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    report_view_close(view);
    return true;
}

/* JSON is passed on as it came, byte for byte, once it is known to be a whole answer. */
static enum status print_reply(const struct request *request, const struct http_reply *reply,
                               const char *base, char message[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct text body = {reply->body.bytes, (uint32_t)reply->body.length};
    if (request->csv) {
        if (strcmp(reply->media, "text/csv") != 0) {
            snprintf(message, HTTP_CLIENT_MESSAGE_SIZE, "%s does not answer with CSV", base);
            return STATUS_FOREIGN;
        }
        terminal_print_foreign(body);
        return STATUS_OK;
    }
    json_t *answer;
    enum status status = query_read_json(reply, base, &answer, message);
    if (status != STATUS_OK) {
        return status;
    }
    const char *why = "";
    if (!json_is_array(json_at(answer, "reports"))) {
        snprintf(message, HTTP_CLIENT_MESSAGE_SIZE, "%s answers without reports: is it ninesd?",
                 base);
        status = STATUS_FOREIGN;
    } else if (request->json) {
        terminal_print_foreign(body);
    } else if (!print_table(answer, &why)) {
        snprintf(message, HTTP_CLIENT_MESSAGE_SIZE, "%s: %s", base, why);
        status = STATUS_FOREIGN;
    }
    json_decref(answer);
    return status;
}

static int print_report(const struct request *request, const char *base)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct query query;
    struct http_reply reply;
    begin(&query, request);
    enum status status = query_reply(&query, base, &reply, message);
    query_end(&query);
    if (status == STATUS_OK) {
        status = print_reply(request, &reply, base, message);
        http_reply_fini(&reply);
    }
    if (status != STATUS_OK) {
        terminal_complain("%s", message);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

int command_report(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        TIME_QUESTION_ROWS(&request.question),
        {"customer", OPTION_STRING, &request.customer, "NAME", "only this customer's agreements"},
        {"json", OPTION_FLAG, &request.json, NULL, "as JSON, as the daemon sent it"},
        {"csv", OPTION_FLAG, &request.csv, NULL, "as CSV"},
    };
    struct option_table table = {
        .usage =
            "report [AGREEMENT [OBJECTIVE]] [--at TIME | --period NAME | --from TIME --to TIME] "
            "[--json | --csv]",
        .about = "What was promised, what was measured, and what is left of the budget.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.names,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (request.json && request.csv) {
        terminal_complain("--json and --csv exclude each other");
        return EXIT_USAGE;
    }
    if (!value_question(&request.question, &request.answer)) {
        return EXIT_USAGE;
    }
    char base[ENDPOINT_URL_SIZE];
    int code = endpoint_base(&request.endpoint, base);
    return code == EXIT_OK ? print_report(&request, base) : code;
}
