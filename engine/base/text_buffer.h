/* A growing buffer of text for cold paths: answers, reports, messages. Grows by doubling; memory
 * that cannot be had is a panic (the answers are bounded by their writers). One owner.
 */
#ifndef BASE_TEXT_BUFFER_H
#define BASE_TEXT_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct text_buffer {
    /* Always terminated once something was appended; NULL before. */
    char *bytes;
    size_t length;
    size_t size;
};

void text_buffer_init(struct text_buffer *buffer);
void text_buffer_fini(struct text_buffer *buffer);
void text_buffer_clear(struct text_buffer *buffer);
void text_buffer_append(struct text_buffer *buffer, const void *bytes, size_t length);
void text_buffer_text(struct text_buffer *buffer, struct text text);
void text_buffer_string(struct text_buffer *buffer, const char *string);
void text_buffer_char(struct text_buffer *buffer, char byte);
__attribute__((format(printf, 2, 3))) void text_buffer_format(struct text_buffer *buffer,
                                                              const char *format, ...);
/* A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void text_buffer_json(struct text_buffer *buffer, struct text text);
/* The caller frees the bytes; the buffer is empty again. */
char *text_buffer_take(struct text_buffer *buffer);

#endif
