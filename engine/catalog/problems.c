#include "catalog/problems.h"

#include <stdarg.h>
#include <stdio.h>

/* V-matrix: an error's text is at most 256 bytes, its place apart. */
#define MESSAGE_SIZE 257

static void append_file(struct text_buffer *out, const char *file)
{
    for (const char *at = file; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7f) {
            text_buffer_format(out, "\\x%02x", byte);
        } else {
            text_buffer_char(out, *at);
        }
    }
}

static void append_problem(struct text_buffer *out, struct place place, const char *label,
                           const char *message)
{
    append_file(out, place.file);
    text_buffer_format(out, ":%u:%u: %s%s\n", place.line, place.column, label, message);
}

void problem_error(struct problems *problems, struct place place, const char *format, ...)
{
    problems->error_count++;
    if (problems->error_count > PROBLEMS_SHOWN_MAX) {
        return;
    }
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    append_problem(problems->errors, place, "", message);
}

void problem_warning(struct problems *problems, struct place place, const char *format, ...)
{
    problems->warning_count++;
    if (problems->warning_count > PROBLEMS_SHOWN_MAX) {
        return;
    }
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    append_problem(problems->warnings, place, "warning: ", message);
}

void problems_close(struct problems *problems)
{
    if (problems->error_count > PROBLEMS_SHOWN_MAX) {
        text_buffer_format(problems->errors, "... and %u more errors\n",
                           problems->error_count - PROBLEMS_SHOWN_MAX);
    }
    if (problems->warning_count > PROBLEMS_SHOWN_MAX) {
        text_buffer_format(problems->warnings, "... and %u more warnings\n",
                           problems->warning_count - PROBLEMS_SHOWN_MAX);
    }
}

struct quote quoted(struct text text)
{
    struct quote quote;
    size_t used = 0;
    quote.bytes[used++] = '`';
    /* Room for one escape, the dots, the closing quote and the terminator. */
    size_t limit = sizeof(quote.bytes) - 9;
    uint32_t i = 0;
    for (; i < text.length && used < limit; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte >= 0x20 && byte <= 0x7e) {
            quote.bytes[used++] = (char)byte;
        } else {
            used += (size_t)snprintf(quote.bytes + used, 5, "\\x%02x", byte);
        }
    }
    snprintf(quote.bytes + used, sizeof(quote.bytes) - used, i < text.length ? "...`" : "`");
    return quote;
}
