/* Reading answers of the daemon: what is absent or of another type is an ordinary value, never a
 * crash, because the daemon may be older, newer or something else. */
#ifndef NINES_JSON_VIEW_H
#define NINES_JSON_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text_buffer.h"

/* Keys separated by dots: "positions.durable". NULL when a step is missing. */
json_t *json_at(const json_t *value, const char *path);
/* Of a string; "" when it is none. Borrowed. */
const char *json_text_at(const json_t *value, const char *path);
/* Of an integer, or of a string of digits (large counts are strings); 0 when it is none. */
int64_t json_number_at(const json_t *value, const char *path);
bool json_is_given(const json_t *value, const char *path);

/* Appends the string at path, safe for a terminal; `absent` when there is none. */
void json_show(struct text_buffer *out, const json_t *value, const char *path, const char *absent);
/* One line of JSON. */
void json_write(struct text_buffer *out, const json_t *value);

#endif
