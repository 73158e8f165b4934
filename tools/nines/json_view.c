#include "nines/json_view.h"

#include <stdlib.h>
#include <string.h>

#include "nines/terminal.h"

json_t *json_at(const json_t *value, const char *path)
{
    while (value != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        value = json_object_getn(value, path, length);
        path += length + (path[length] == '.');
    }
    /* jansson's own getters take const and give back what may be changed. */
    union {
        const json_t *borrowed;
        json_t *value;
    } result = {value};
    return result.value;
}

const char *json_text_at(const json_t *value, const char *path)
{
    const char *text = json_string_value(json_at(value, path));
    return text != NULL ? text : "";
}

int64_t json_number_at(const json_t *value, const char *path)
{
    const json_t *found = json_at(value, path);
    if (json_is_string(found)) {
        return strtoll(json_string_value(found), NULL, 10);
    }
    return json_is_integer(found) ? json_integer_value(found) : 0;
}

bool json_is_given(const json_t *value, const char *path)
{
    const json_t *found = json_at(value, path);
    return found != NULL && !json_is_null(found);
}

void json_show(struct text_buffer *out, const json_t *value, const char *path, const char *absent)
{
    const json_t *found = json_at(value, path);
    if (json_is_string(found)) {
        terminal_escape(
            out, (struct text){json_string_value(found), (uint32_t)json_string_length(found)});
    } else {
        text_buffer_string(out, absent);
    }
}

static int append(const char *bytes, size_t length, void *context)
{
    text_buffer_append(context, bytes, length);
    return 0;
}

void json_write(struct text_buffer *out, const json_t *value)
{
    (void)json_dump_callback(value, append, out, JSON_COMPACT | JSON_ENCODE_ANY);
    text_buffer_char(out, '\n');
}
