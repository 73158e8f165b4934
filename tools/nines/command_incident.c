/* `nines incident ...` says what happened, `nines incidents` lists it. */
#include <inttypes.h>
#include <stdio.h>

#include "domain/civil.h"
#include "nines/command.h"
#include "nines/pages.h"
#include "nines/terminal.h"
#include "nines/words.h"

struct request {
    struct endpoint_options endpoint;
    const char *operands[2]; /* what to do, and the incident's id */
    struct option_list services;
    struct option_list components;
    const char *severity;
    const char *title;
    const char *customer;
    const char *at;
    const char *started_at;
    bool complaint;
    bool potential;
    bool json;
};

/* What each word sends. */
static const struct deed {
    const char *word;
    const char *method;
    const char *state;  /* NULL: unchanged */
    const char *nature; /* NULL: unchanged */
    const char *done;
} deeds[] = {
    {"open", "POST", "open", NULL, "opened"},
    {"ack", "PATCH", "acknowledged", NULL, "acknowledged"},
    {"promote", "PATCH", NULL, "actual", "promoted: it counts from now on"},
    {"resolve", "PATCH", "resolved", NULL, "resolved"},
    {"cancel", "PATCH", "cancelled", NULL, "cancelled: it counts for nothing"},
};

static const struct deed *find_deed(const char *word)
{
    for (uint32_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].word, word) == 0) {
            return &deeds[i];
        }
    }
    return NULL;
}

static void set_string(json_t *body, const char *key, const char *value)
{
    if (value != NULL) {
        json_object_set_new(body, key, json_string(value));
    }
}

static void set_list(json_t *body, const char *key, const struct option_list *list)
{
    if (list->count == 0) {
        return;
    }
    json_t *names = json_array();
    for (uint32_t i = 0; i < list->count; i++) {
        json_array_append_new(names, json_string(list->values[i]));
    }
    json_object_set_new(body, key, names);
}

/* False: complained. */
static bool set_time(json_t *body, const char *key, const char *option, const char *value)
{
    int64_t ns;
    char text[CIVIL_TEXT_SIZE];
    if (value == NULL) {
        return true;
    }
    if (!value_instant(option, value, &ns)) {
        return false;
    }
    civil_format(ns, text);
    set_string(body, key, text);
    return true;
}

/* NULL: complained. */
static json_t *build_body(const struct request *request, const struct deed *deed)
{
    json_t *body = json_object();
    set_string(body, "id", request->operands[1]);
    set_string(body, "state", deed->state);
    set_string(body, "nature", request->potential ? "potential" : deed->nature);
    set_string(body, "severity", request->severity);
    set_string(body, "title", request->title);
    set_string(body, "customer", request->customer);
    set_list(body, "service", &request->services);
    set_list(body, "component", &request->components);
    if (request->complaint) {
        json_object_set_new(body, "complaint", json_true());
    }
    if (!set_time(body, "ts", "at", request->at) ||
        !set_time(body, "started_at", "started-at", request->started_at)) {
        json_decref(body);
        return NULL;
    }
    return body;
}

static void say_incident(const json_t *incident, const struct deed *deed, struct text_buffer *out)
{
    json_show(out, incident, "id", "?");
    text_buffer_format(out, " %s; ", deed->done);
    json_show(out, incident, "nature", "?");
    text_buffer_string(out, ", ");
    json_show(out, incident, "state", "?");
    if (json_array_size(json_at(incident, "agreements")) > 0) {
        text_buffer_string(out, "; concerns ");
        words_list(out, json_at(incident, "agreements"));
    } else {
        text_buffer_string(out, "; no agreement is concerned");
    }
    text_buffer_char(out, '\n');
}

static int send_deed(const struct request *request, const struct deed *deed, const json_t *body,
                     const char *base)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    struct query query;
    json_t *incident;
    query_begin(&query, "/v1/incidents");
    if (strcmp(deed->method, "PATCH") == 0) {
        query_segment(&query, request->operands[1]);
    }
    enum status status = query_send(&query, base, deed->method, body, &incident, message);
    query_end(&query);
    if (status != STATUS_OK) {
        terminal_complain("%s: %s", request->operands[1], message);
        return EXIT_FAILED;
    }
    struct text_buffer out;
    text_buffer_init(&out);
    if (request->json) {
        json_write(&out, incident);
    } else {
        say_incident(incident, deed, &out);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    json_decref(incident);
    return EXIT_OK;
}

static int do_deed(const struct request *request, const struct deed *deed)
{
    char base[ENDPOINT_URL_SIZE];
    json_t *body = build_body(request, deed);
    if (body == NULL) {
        return EXIT_USAGE;
    }
    int code = endpoint_base(&request->endpoint, base);
    if (code == EXIT_OK) {
        code = send_deed(request, deed, body, base);
    }
    json_decref(body);
    return code;
}

int command_incident(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        {"service", OPTION_LIST, &request.services, "NAME",
         "a service it concerns; may be repeated"},
        {"component", OPTION_LIST, &request.components, "NAME", "a component; may be repeated"},
        {"severity", OPTION_STRING, &request.severity, "WORD", "critical, major, minor or info"},
        {"title", OPTION_STRING, &request.title, "TEXT", "in a few words"},
        {"customer", OPTION_STRING, &request.customer, "NAME", "it concerns this customer alone"},
        {"at", OPTION_STRING, &request.at, "TIME", "when; default: now"},
        {"started-at", OPTION_STRING, &request.started_at, "TIME", "when it really began"},
        {"complaint", OPTION_FLAG, &request.complaint, NULL,
         "a customer says so: potential until promoted"},
        {"potential", OPTION_FLAG, &request.potential, NULL,
         "it may happen: counts only when promoted"},
        {"json", OPTION_FLAG, &request.json, NULL, "the incident as JSON"},
    };
    struct option_table table = {
        .usage =
            "incident open|ack|promote|resolve|cancel ID [--service NAME]... [--severity WORD] "
            "[--title TEXT]",
        .about =
            "Opens an incident, or says what became of it. The answer comes when it is durable.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.operands,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    const struct deed *deed = table.operand_count == 2 ? find_deed(request.operands[0]) : NULL;
    if (deed == NULL) {
        terminal_complain(
            "incident takes open, ack, promote, resolve or cancel, and an id; see nines "
            "incident --help");
        return EXIT_USAGE;
    }
    return do_deed(&request, deed);
}

/* The list */

static void show_incident(const json_t *incident, struct text_buffer *out)
{
    struct text_buffer cell;
    text_buffer_init(&cell);
    static const struct {
        const char *path;
        int width;
    } columns[] = {{"id", 16}, {"state", 12}, {"nature", 9}, {"severity", 8}};
    for (uint32_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        text_buffer_clear(&cell);
        json_show(&cell, incident, columns[i].path, "-");
        text_buffer_format(out, "%-*s  ", columns[i].width, cell.bytes);
    }
    text_buffer_clear(&cell);
    words_instant(&cell, incident, "started_at", "-");
    text_buffer_format(out, "%-20s  ", cell.bytes);
    text_buffer_clear(&cell);
    words_duration(&cell, json_number_at(incident, "age_s") * NS_PER_SECOND);
    text_buffer_format(out, "%-12s  ", cell.bytes);
    words_list(out, json_at(incident, "service"));
    text_buffer_string(out, json_is_true(json_at(incident, "complaint")) ? "  complaint: " : "  ");
    json_show(out, incident, "title", "");
    text_buffer_char(out, '\n');
    text_buffer_fini(&cell);
}

static void show_incidents(const json_t *incidents, struct text_buffer *out)
{
    if (json_array_size(incidents) == 0) {
        text_buffer_string(out, "no incidents\n");
        return;
    }
    text_buffer_format(out, "%-16s  %-12s  %-9s  %-8s  %-20s  %-12s  %s\n", "ID", "STATE", "NATURE",
                       "SEVERITY", "STARTED", "AGE", "SERVICES");
    size_t index;
    json_t *incident;
    json_array_foreach(incidents, index, incident)
    {
        show_incident(incident, out);
    }
}

static int list_incidents(const char *base, bool open_only, bool json)
{
    struct query query;
    query_begin(&query, "/v1/incidents");
    query_parameter(&query, "state", open_only ? "open" : NULL);
    json_t *answer = pages_fetch(&query, base, "incidents");
    return answer == NULL ? EXIT_FAILED : pages_print(answer, "incidents", json, show_incidents);
}

int command_incidents(int argc, char **argv)
{
    struct endpoint_options endpoint = {0};
    bool open_only = false;
    bool json = false;
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&endpoint),
        {"open", OPTION_FLAG, &open_only, NULL, "only those that are not over"},
        {"json", OPTION_FLAG, &json, NULL, "as JSON"},
    };
    struct option_table table = {
        .usage = "incidents [--open] [--json]",
        .about = "All incidents, the newest first.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    char base[ENDPOINT_URL_SIZE];
    int code = endpoint_base(&endpoint, base);
    return code == EXIT_OK ? list_incidents(base, open_only, json) : code;
}
