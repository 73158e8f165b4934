#include "report/json_member.h"

#include "domain/civil.h"

void json_member_text(struct text_buffer *out, const char *key, struct text value)
{
    text_buffer_format(out, "\"%s\":", key);
    if (value.bytes == NULL) {
        text_buffer_string(out, "null");
    } else {
        text_buffer_json(out, value);
    }
}

void json_member_string(struct text_buffer *out, const char *key, const char *value)
{
    json_member_text(out, key, value == NULL ? TEXT_NONE : text_from(value));
}

void json_member_time(struct text_buffer *out, const char *key, int64_t ns)
{
    if (ns == INT64_MIN || ns == INT64_MAX) {
        text_buffer_format(out, "\"%s\":null", key);
        return;
    }
    char text[CIVIL_TEXT_SIZE];
    civil_format(ns, text);
    text_buffer_format(out, "\"%s\":\"%s\"", key, text);
}
