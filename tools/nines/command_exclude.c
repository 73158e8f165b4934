/* `nines exclude`: time that the parties agree not to count, from the proposal to the last word, and
 * the list of them. */
#include <stdio.h>
#include <string.h>

#include "nines/command.h"
#include "nines/pages.h"
#include "nines/posting.h"
#include "nines/terminal.h"
#include "nines/words.h"

struct request {
    struct endpoint_options endpoint;
    const char *operands[2]; /* what to do, and the exclusion's id */
    struct option_list services;
    const char *incident;
    const char *start;
    const char *end;
    const char *reason;
    const char *author;
    const char *customer;
    const char *at;
    const char *state; /* of the list */
    bool json;
};

/* What each word says. */
static const struct deed {
    const char *word;
    const char *state;
    const char *done;
} deeds[] = {
    {"propose", "proposed", "proposed: it changes no figure until it is approved"},
    {"approve", "approved", "approved: its time is excluded from now on"},
    {"reject", "rejected", "rejected"},
    {"dispute", "disputed", "disputed: its time counts again until it is approved anew"},
    {"withdraw", "withdrawn", "withdrawn"},
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

/* An incident, or services from a start to an end; both or neither half is a slip. False:
 * complained. */
static bool has_subject(const struct request *request, bool *given_out)
{
    bool span = request->services.count != 0 || request->start != NULL || request->end != NULL;
    *given_out = request->incident != NULL || span;
    if (request->incident != NULL && span) {
        terminal_complain("an exclusion is of --incident ID, or of --service NAME with --start and "
                          "--end, not of both");
        return false;
    }
    if (span && (request->services.count == 0 || request->start == NULL || request->end == NULL)) {
        terminal_complain("an exclusion of a service needs --service, --start and --end");
        return false;
    }
    return true;
}

static bool is_complete(const struct request *request, const struct deed *deed)
{
    bool given;
    if (!has_subject(request, &given)) {
        return false;
    }
    if (strcmp(deed->word, "propose") != 0) {
        return true;
    }
    if (!given) {
        terminal_complain(
            "propose needs --incident ID, or --service NAME with --start TIME and --end TIME");
        return false;
    }
    if (request->reason == NULL || request->author == NULL) {
        terminal_complain("propose needs --reason and --author: who excludes time says why");
        return false;
    }
    return true;
}

/* NULL: complained. */
static json_t *build_event(const struct request *request, const struct deed *deed)
{
    int64_t at_ns;
    json_t *event = json_object();
    posting_string(event, "kind", "exclusion");
    posting_string(event, "id", request->operands[1]);
    posting_string(event, "state", deed->state);
    posting_string(event, "incident", request->incident);
    posting_list(event, "service", &request->services);
    posting_string(event, "reason", request->reason);
    posting_string(event, "author", request->author);
    posting_string(event, "customer", request->customer);
    bool valid = posting_span(event, request->start, request->end);
    if (valid && request->at != NULL) {
        valid = posting_time(event, "at", request->at, &at_ns);
        json_object_set(event, "ts", json_at(event, "at"));
        json_object_del(event, "at");
    }
    if (!valid) {
        json_decref(event);
        return NULL;
    }
    return event;
}

static int do_deed(const struct request *request, const struct deed *deed)
{
    char base[ENDPOINT_URL_SIZE];
    json_t *event = is_complete(request, deed) ? build_event(request, deed) : NULL;
    if (event == NULL) {
        return EXIT_USAGE;
    }
    int code = endpoint_base(&request->endpoint, base);
    if (code == EXIT_OK) {
        code = posting_send(event, base, deed->done, request->json);
    }
    json_decref(event);
    return code;
}

/* The list */

static void show_subject(const json_t *exclusion, struct text_buffer *out)
{
    if (json_is_given(exclusion, "incident")) {
        text_buffer_string(out, "incident ");
        json_show(out, exclusion, "incident", "");
        return;
    }
    words_list(out, json_at(exclusion, "service"));
    text_buffer_char(out, ' ');
    words_instant(out, exclusion, "start", "-");
    text_buffer_string(out, " .. ");
    words_instant(out, exclusion, "end", "-");
}

static void show_cell(const json_t *exclusion, const char *path, int width, struct text_buffer *out)
{
    struct text_buffer cell;
    text_buffer_init(&cell);
    json_show(&cell, exclusion, path, "-");
    text_buffer_format(out, "%-*s  ", width, cell.bytes);
    text_buffer_fini(&cell);
}

static void show_exclusion(const json_t *exclusion, struct text_buffer *out)
{
    show_cell(exclusion, "id", 16, out);
    show_cell(exclusion, "state", 9, out);
    show_cell(exclusion, "author", 12, out);
    show_subject(exclusion, out);
    if (json_is_given(exclusion, "customer")) {
        text_buffer_string(out, " for ");
        json_show(out, exclusion, "customer", "");
    }
    if (json_is_given(exclusion, "reason")) {
        text_buffer_string(out, ": ");
        json_show(out, exclusion, "reason", "");
    }
    text_buffer_char(out, '\n');
}

/* Those with the state; NULL: all. */
static json_t *chosen(const json_t *exclusions, const char *state)
{
    json_t *kept = json_array();
    size_t index;
    json_t *exclusion;
    json_array_foreach(exclusions, index, exclusion)
    {
        if (state == NULL || strcmp(json_text_at(exclusion, "state"), state) == 0) {
            json_array_append(kept, exclusion);
        }
    }
    return kept;
}

static void show_list(const json_t *exclusions, struct text_buffer *out)
{
    if (json_array_size(exclusions) == 0) {
        text_buffer_string(out, "no exclusions\n");
        return;
    }
    text_buffer_format(out, "%-16s  %-9s  %-12s  %s\n", "ID", "STATE", "AUTHOR", "OF");
    size_t index;
    json_t *exclusion;
    json_array_foreach(exclusions, index, exclusion)
    {
        show_exclusion(exclusion, out);
    }
}

static int list_exclusions(const struct request *request)
{
    char base[ENDPOINT_URL_SIZE];
    struct query query;
    int code = endpoint_base(&request->endpoint, base);
    if (code != EXIT_OK) {
        return code;
    }
    query_begin(&query, "/v1/exclusions");
    json_t *answer = pages_fetch(&query, base, "exclusions");
    if (answer == NULL) {
        return EXIT_FAILED;
    }
    json_object_set_new(answer, "exclusions",
                        chosen(json_at(answer, "exclusions"), request->state));
    return pages_print(answer, "exclusions", request->json, show_list);
}

int command_exclude(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        {"incident", OPTION_STRING, &request.incident, "ID", "the incident whose time it is"},
        {"service", OPTION_LIST, &request.services, "NAME", "a service; may be repeated"},
        {"start", OPTION_STRING, &request.start, "TIME", "of the services' time"},
        {"end", OPTION_STRING, &request.end, "TIME", "its end (exclusive)"},
        {"reason", OPTION_STRING, &request.reason, "TEXT", "why"},
        {"author", OPTION_STRING, &request.author, "NAME", "who says so"},
        {"customer", OPTION_STRING, &request.customer, "NAME", "it concerns this customer alone"},
        {"at", OPTION_STRING, &request.at, "TIME", "when it was said; default: now"},
        {"state", OPTION_STRING, &request.state, "WORD", "list only: those in this state"},
        {"json", OPTION_FLAG, &request.json, NULL, "the answer as JSON"},
    };
    struct option_table table = {
        .usage = "exclude [list] [--state WORD] [--json]\n"
                 "       nines exclude propose ID --incident ID --reason TEXT --author NAME\n"
                 "       nines exclude propose ID --service NAME --start TIME --end TIME "
                 "--reason TEXT --author NAME\n"
                 "       nines exclude approve|reject|dispute|withdraw ID [--reason TEXT] "
                 "[--author NAME]",
        .about =
            "Time that the parties agree not to count: lists it, or says what is to become of it. "
            "Only what is\napproved changes figures. The answer comes when it is durable.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.operands,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    if (table.operand_count == 0 ||
        (table.operand_count == 1 && strcmp(request.operands[0], "list") == 0)) {
        return list_exclusions(&request);
    }
    const struct deed *deed = table.operand_count == 2 ? find_deed(request.operands[0]) : NULL;
    if (deed == NULL) {
        terminal_complain("exclude takes list, or propose, approve, reject, dispute or withdraw, "
                          "and an id; see nines exclude --help");
        return EXIT_USAGE;
    }
    return do_deed(&request, deed);
}
