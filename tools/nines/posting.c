#include "nines/posting.h"

#include <string.h>

#include "domain/civil.h"
#include "nines/command.h"
#include "nines/terminal.h"

void posting_string(json_t *event, const char *key, const char *value)
{
    if (value != NULL) {
        json_object_set_new(event, key, json_string(value));
    }
}

void posting_list(json_t *event, const char *key, const struct option_list *list)
{
    if (list->count == 0) {
        return;
    }
    json_t *names = json_array();
    for (uint32_t i = 0; i < list->count; i++) {
        json_array_append_new(names, json_string(list->values[i]));
    }
    json_object_set_new(event, key, names);
}

bool posting_time(json_t *event, const char *key, const char *value, int64_t *ns_out)
{
    char text[CIVIL_TEXT_SIZE];
    if (value == NULL) {
        return true;
    }
    if (!value_instant(key, value, ns_out)) {
        return false;
    }
    civil_format(*ns_out, text);
    posting_string(event, key, text);
    return true;
}

bool posting_span(json_t *event, const char *start, const char *end)
{
    int64_t start_ns = 0;
    int64_t end_ns = INT64_MAX;
    if (!posting_time(event, "start", start, &start_ns) ||
        !posting_time(event, "end", end, &end_ns)) {
        return false;
    }
    if (start != NULL && end_ns <= start_ns) {
        terminal_complain("end must be greater than start: --start %s --end %s", start, end);
        return false;
    }
    return true;
}

static void say_done(const json_t *event, const char *done)
{
    struct text_buffer out;
    text_buffer_init(&out);
    json_show(&out, event, "kind", "?");
    text_buffer_char(&out, ' ');
    json_show(&out, event, "id", "?");
    text_buffer_char(&out, ' ');
    text_buffer_string(&out, done);
    text_buffer_char(&out, '\n');
    terminal_print(&out);
    text_buffer_fini(&out);
}

int posting_send(const json_t *event, const char *base, const char *done, bool json)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    const char *id = json_text_at(event, "id");
    struct query query;
    json_t *answer;
    query_begin(&query, "/v1/events");
    enum status status = query_send(&query, base, "POST", event, &answer, message);
    query_end(&query);
    if (status != STATUS_OK) {
        terminal_complain("%s: %s", id, message);
        return EXIT_FAILED;
    }
    bool taken = json_number_at(answer, "accepted") == 1;
    if (!taken) {
        const json_t *error = json_array_get(json_at(answer, "errors"), 0);
        terminal_complain("%s was not accepted: %s %s", id, json_text_at(error, "code"),
                          json_text_at(error, "detail"));
    } else if (json) {
        struct text_buffer out;
        text_buffer_init(&out);
        json_write(&out, answer);
        terminal_print(&out);
        text_buffer_fini(&out);
    } else {
        say_done(event, done);
    }
    json_decref(answer);
    return taken ? EXIT_OK : EXIT_FAILED;
}
