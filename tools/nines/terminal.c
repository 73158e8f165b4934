#include "nines/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"

/* A message may quote an argument of 128 KiB. */
#define MESSAGE_BYTES_MAX 2000

/* C1 controls, and the marks that turn the direction of what follows. */
static bool is_obeyed(const unsigned char *at, uint32_t length)
{
    if (length == 2) {
        return at[0] == 0xC2 && at[1] < 0xA0;
    }
    if (length != 3 || at[0] != 0xE2) {
        return false;
    }
    return (at[1] == 0x80 && ((at[2] >= 0xAA && at[2] <= 0xAE) || at[2] == 0x8E || at[2] == 0x8F ||
                              at[2] == 0xA8 || at[2] == 0xA9)) ||
           (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
}

/* How many bytes at `at` may be printed as they are; 0: the first one may not. */
static uint32_t printable_length(const unsigned char *at, uint32_t left)
{
    if (at[0] < 0x80) {
        return at[0] >= 0x20 && at[0] != 0x7F;
    }
    uint32_t length = utf8_length((const char *)at, left);
    return is_obeyed(at, length) ? 0 : length;
}

static void escape(struct text_buffer *out, struct text text, bool keep_lines)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    for (uint32_t i = 0; i < text.length;) {
        uint32_t length = printable_length(bytes + i, text.length - i);
        if (length != 0) {
            text_buffer_append(out, bytes + i, length);
            i += length;
            continue;
        }
        if (bytes[i] == '\n') {
            text_buffer_string(out, keep_lines ? "\n" : "\\n");
        } else if (bytes[i] == '\t') {
            text_buffer_string(out, keep_lines ? "\t" : "\\t");
        } else {
            text_buffer_format(out, "\\x%02X", bytes[i]);
        }
        i++;
    }
}

void terminal_escape(struct text_buffer *out, struct text text)
{
    escape(out, text, false);
}

void terminal_escape_lines(struct text_buffer *out, struct text text)
{
    escape(out, text, true);
}

void terminal_complain(const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (length < 0) {
        fputs("nines: out of memory\n", stderr);
        return;
    }
    bool cut = length > MESSAGE_BYTES_MAX;
    struct text_buffer line;
    text_buffer_init(&line);
    text_buffer_string(&line, "nines: ");
    terminal_escape_lines(&line,
                          (struct text){message, (uint32_t)(cut ? MESSAGE_BYTES_MAX : length)});
    text_buffer_string(&line, cut ? "...\n" : "\n");
    fwrite(line.bytes, 1, line.length, stderr);
    text_buffer_fini(&line);
    free(message);
}

bool terminal_has_colour(void)
{
    return isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL;
}

/* Of the first print that failed; stdio itself forgets it. */
static int print_error;

static void print(const char *bytes, size_t length)
{
    errno = 0;
    if (length > 0 && fwrite(bytes, 1, length, stdout) != length && print_error == 0) {
        print_error = errno;
    }
}

void terminal_print(const struct text_buffer *text)
{
    print(text->bytes, text->length);
}

int terminal_finish(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return code;
    }
    int error = print_error != 0 ? print_error : errno;
    if (error != EPIPE) {
        terminal_complain("cannot write to standard output%s%s", error != 0 ? ": " : "",
                          error != 0 ? strerror(error) : "");
    }
    return code == 0 ? 1 : code;
}

void terminal_print_foreign(struct text text)
{
    if (isatty(STDOUT_FILENO) == 0) {
        print(text.bytes, text.length);
        return;
    }
    struct text_buffer out;
    text_buffer_init(&out);
    terminal_escape_lines(&out, text);
    terminal_print(&out);
    text_buffer_fini(&out);
}

const char *terminal_count(uint64_t count, char out[TERMINAL_COUNT_SIZE])
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    char *to = out;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}
