#include "base/text_buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/utf8.h"

void text_buffer_init(struct text_buffer *buffer)
{
    *buffer = (struct text_buffer){0};
}

void text_buffer_fini(struct text_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct text_buffer){0};
}

void text_buffer_clear(struct text_buffer *buffer)
{
    buffer->length = 0;
    if (buffer->bytes != NULL) {
        buffer->bytes[0] = '\0';
    }
}

static void make_room(struct text_buffer *buffer, size_t more)
{
    size_t need = buffer->length + more + 1;
    assert(need > more);
    if (need <= buffer->size) {
        return;
    }
    size_t size = buffer->size == 0 ? 256 : buffer->size;
    while (size < need) {
        size *= 2;
    }
    char *bytes = realloc(buffer->bytes, size);
    assert(bytes != NULL);
    buffer->bytes = bytes;
    buffer->size = size;
}

void text_buffer_append(struct text_buffer *buffer, const void *bytes, size_t length)
{
    make_room(buffer, length);
    if (length != 0) {
        memcpy(buffer->bytes + buffer->length, bytes, length);
    }
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

void text_buffer_text(struct text_buffer *buffer, struct text text)
{
    text_buffer_append(buffer, text.bytes, text.length);
}

void text_buffer_string(struct text_buffer *buffer, const char *string)
{
    text_buffer_append(buffer, string, strlen(string));
}

void text_buffer_char(struct text_buffer *buffer, char byte)
{
    text_buffer_append(buffer, &byte, 1);
}

void text_buffer_format(struct text_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    make_room(buffer, (size_t)length);
    vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, again);
    va_end(again);
    buffer->length += (size_t)length;
}

void text_buffer_json(struct text_buffer *buffer, struct text text)
{
    text_buffer_char(buffer, '"');
    for (uint32_t i = 0; i < text.length;) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte == '"' || byte == '\\') {
            text_buffer_char(buffer, '\\');
            text_buffer_char(buffer, (char)byte);
            i++;
        } else if (byte == '\n') {
            text_buffer_string(buffer, "\\n");
            i++;
        } else if (byte < 0x20 || byte == 0x7f) {
            text_buffer_format(buffer, "\\u%04x", byte);
            i++;
        } else {
            uint32_t length = utf8_length(text.bytes + i, text.length - i);
            if (length == 0) {
                text_buffer_string(buffer, "\xEF\xBF\xBD");
                i++;
            } else {
                text_buffer_append(buffer, text.bytes + i, length);
                i += length;
            }
        }
    }
    text_buffer_char(buffer, '"');
}

char *text_buffer_take(struct text_buffer *buffer)
{
    make_room(buffer, 0);
    buffer->bytes[buffer->length] = '\0';
    char *bytes = buffer->bytes;
    *buffer = (struct text_buffer){0};
    return bytes;
}
