#include "api/problem.h"

#include <stdarg.h>
#include <stdio.h>

#define DETAIL_SIZE 512

const char *status_phrase(uint32_t status)
{
    static const struct {
        uint32_t status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
        if (phrases[i].status == status) {
            return phrases[i].phrase;
        }
    }
    return "Error";
}

void problem(struct answer *answer, uint32_t status, const char *detail, ...)
{
    char text[DETAIL_SIZE];
    va_list arguments;
    va_start(arguments, detail);
    vsnprintf(text, sizeof(text), detail, arguments);
    va_end(arguments);
    for (char *byte = text; *byte != '\0'; byte++) {
        if (*byte < 0x20 || *byte > 0x7e) {
            *byte = '?';
        }
    }
    answer_begin(answer, status, MEDIA_PROBLEM);
    text_buffer_format(&answer->body,
                       "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"detail\":",
                       status_phrase(status), status);
    text_buffer_json(&answer->body, text_from(text));
    text_buffer_string(&answer->body, "}\n");
}

void problem_add(struct answer *answer, const char *members)
{
    answer->body.length -= 2; /* the brace and the line feed that problem() ended with */
    text_buffer_string(&answer->body, members);
    text_buffer_string(&answer->body, "}\n");
}

void problem_busy(struct answer *answer, const char *detail)
{
    problem(answer, 503, "%s", detail);
    answer->retry_after_s = 1;
}
