#include "nines/pages.h"

#include <inttypes.h>
#include <stdio.h>

#include "nines/command.h"
#include "nines/terminal.h"

/* What every list of the API allows. */
#define PAGE_ELEMENTS 1000
/* Far more than anybody reads; a bound for what memory holds. */
#define LIST_ELEMENTS_MAX 1000000

static enum status get_page(const struct query *query, const char *base, const char *cursor,
                            json_t **page_out, char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct query page;
    char limit[16];
    snprintf(limit, sizeof(limit), "%d", PAGE_ELEMENTS);
    query_begin(&page, query->path.bytes);
    page.has_parameters = query->has_parameters;
    query_parameter(&page, "limit", limit);
    query_parameter(&page, "cursor", cursor);
    enum status status = query_json(&page, base, page_out, message_out);
    query_end(&page);
    return status;
}

/* A cursor is a string, or a number. False: there is no next page. */
static bool next_cursor(const json_t *page, char *cursor, size_t size)
{
    const json_t *next = json_at(page, "next");
    if (json_is_integer(next)) {
        snprintf(cursor, size, "%" JSON_INTEGER_FORMAT, json_integer_value(next));
        return true;
    }
    if (json_is_string(next) && json_string_length(next) < size) {
        snprintf(cursor, size, "%s", json_string_value(next));
        return cursor[0] != '\0';
    }
    return false;
}

enum status pages_get(struct query *query, const char *base, const char *key, uint64_t most,
                      json_t **answer_out, char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    json_t *answer = NULL;
    char cursor[512] = "";
    bool more = true;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && more) {
        json_t *page = NULL;
        status = get_page(query, base, cursor[0] == '\0' ? NULL : cursor, &page, message_out);
        if (status != STATUS_OK) {
            break;
        }
        if (!json_is_array(json_at(page, key))) {
            snprintf(message_out, HTTP_CLIENT_MESSAGE_SIZE, "%s answers without %s: is it ninesd?",
                     base, key);
            json_decref(page);
            status = STATUS_FOREIGN;
            break;
        }
        char before[sizeof(cursor)];
        snprintf(before, sizeof(before), "%s", cursor);
        /* A cursor that does not move would turn for ever. */
        more = next_cursor(page, cursor, sizeof(cursor)) && strcmp(before, cursor) != 0;
        if (answer == NULL) {
            answer = page;
        } else {
            json_array_extend(json_at(answer, key), json_at(page, key));
            json_object_set(answer, "next", json_at(page, "next"));
            json_decref(page);
        }
        more = more && json_array_size(json_at(answer, key)) < most;
    }
    query_end(query);
    if (status != STATUS_OK) {
        json_decref(answer);
        return status;
    }
    *answer_out = answer;
    return STATUS_OK;
}

json_t *pages_fetch(struct query *query, const char *base, const char *key)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    json_t *answer;
    if (pages_get(query, base, key, LIST_ELEMENTS_MAX, &answer, message) != STATUS_OK) {
        terminal_complain("%s", message);
        return NULL;
    }
    return answer;
}

int pages_print(json_t *answer, const char *key, bool json, pages_show *show)
{
    struct text_buffer out;
    text_buffer_init(&out);
    if (json) {
        json_write(&out, answer);
    } else {
        show(json_at(answer, key), &out);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    json_decref(answer);
    return EXIT_OK;
}
