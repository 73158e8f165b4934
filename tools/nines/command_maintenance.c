/* `nines maintenance`: announces that a service will be worked on, or that it will not. */
#include <inttypes.h>
#include <stdio.h>

#include "domain/civil.h"
#include "nines/command.h"
#include "nines/query.h"
#include "nines/terminal.h"

struct request {
    struct endpoint_options endpoint;
    const char *operands[2]; /* add or cancel, and an id */
    struct option_list services;
    const char *start;
    const char *end;
    const char *reason;
    const char *author;
    const char *customer;
    bool json;
    bool cancels;
};

static void set_string(json_t *event, const char *key, const char *value)
{
    if (value != NULL) {
        json_object_set_new(event, key, json_string(value));
    }
}

static bool set_time(json_t *event, const char *key, const char *value, int64_t *ns_out)
{
    char text[CIVIL_TEXT_SIZE];
    if (value == NULL) {
        return true;
    }
    if (!value_instant(key, value, ns_out)) {
        return false;
    }
    civil_format(*ns_out, text);
    set_string(event, key, text);
    return true;
}

/* NULL: complained. */
static json_t *build_event(const struct request *request)
{
    json_t *event = json_object();
    int64_t start_ns = 0;
    int64_t end_ns = INT64_MAX;
    set_string(event, "kind", "maintenance");
    set_string(event, "id", request->operands[1]);
    set_string(event, "state", request->cancels ? "cancelled" : "scheduled");
    json_t *services = json_array();
    for (uint32_t i = 0; i < request->services.count; i++) {
        json_array_append_new(services, json_string(request->services.values[i]));
    }
    if (request->services.count > 0) {
        json_object_set(event, "service", services);
    }
    json_decref(services);
    set_string(event, "reason", request->reason);
    set_string(event, "author", request->author);
    set_string(event, "customer", request->customer);
    bool valid = set_time(event, "start", request->start, &start_ns) &&
                 set_time(event, "end", request->end, &end_ns);
    if (valid && end_ns <= start_ns) {
        terminal_complain("end must be greater than start: --start %s --end %s", request->start,
                          request->end);
        valid = false;
    }
    if (!valid) {
        json_decref(event);
        return NULL;
    }
    return event;
}

static int send_event(const struct request *request, const json_t *event, const char *base)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct query query;
    json_t *answer;
    query_begin(&query, "/v1/events");
    enum status status = query_send(&query, base, "POST", event, &answer, message);
    query_end(&query);
    if (status != STATUS_OK) {
        terminal_complain("%s: %s", request->operands[1], message);
        return EXIT_FAILED;
    }
    bool taken = json_number_at(answer, "accepted") == 1;
    if (!taken) {
        const json_t *error = json_array_get(json_at(answer, "errors"), 0);
        terminal_complain("%s was not accepted: %s %s", request->operands[1],
                          json_text_at(error, "code"), json_text_at(error, "detail"));
    } else if (request->json) {
        struct text_buffer out;
        text_buffer_init(&out);
        json_write(&out, answer);
        terminal_print(&out);
        text_buffer_fini(&out);
    } else {
        struct text_buffer out;
        text_buffer_init(&out);
        text_buffer_string(&out, "maintenance ");
        terminal_escape(&out, text_from(request->operands[1]));
        text_buffer_string(&out, request->cancels ? " cancelled\n" : " scheduled\n");
        terminal_print(&out);
        text_buffer_fini(&out);
    }
    json_decref(answer);
    return taken ? EXIT_OK : EXIT_FAILED;
}

static bool is_complete(struct request *request, uint32_t operand_count)
{
    const char *word = operand_count == 2 ? request->operands[0] : "";
    request->cancels = strcmp(word, "cancel") == 0;
    if (!request->cancels && strcmp(word, "add") != 0) {
        terminal_complain(
            "maintenance takes add or cancel, and an id; see nines maintenance --help");
        return false;
    }
    if (!request->cancels &&
        (request->services.count == 0 || request->start == NULL || request->end == NULL)) {
        terminal_complain("maintenance add needs --service, --start and --end");
        return false;
    }
    return true;
}

int command_maintenance(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        {"service", OPTION_LIST, &request.services, "NAME", "a service; may be repeated"},
        {"start", OPTION_STRING, &request.start, "TIME", "its start"},
        {"end", OPTION_STRING, &request.end, "TIME", "its end (exclusive)"},
        {"reason", OPTION_STRING, &request.reason, "TEXT", "why"},
        {"author", OPTION_STRING, &request.author, "NAME", "who says so"},
        {"customer", OPTION_STRING, &request.customer, "NAME", "it concerns this customer alone"},
        {"json", OPTION_FLAG, &request.json, NULL, "the answer as JSON"},
    };
    struct option_table table = {
        .usage = "maintenance add ID --service NAME --start TIME --end TIME [--reason TEXT] "
                 "[--author NAME]\n       nines maintenance cancel ID",
        .about =
            "Announces a maintenance window, or cancels it. The answer comes when it is durable.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.operands,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (!is_complete(&request, table.operand_count)) {
        return EXIT_USAGE;
    }
    json_t *event = build_event(&request);
    if (event == NULL) {
        return EXIT_USAGE;
    }
    char base[ENDPOINT_URL_SIZE];
    int code = endpoint_base(&request.endpoint, base);
    if (code == EXIT_OK) {
        code = send_event(&request, event, base);
    }
    json_decref(event);
    return code;
}
