/* Members of JSON objects as reports write them: `"key":value`, without a comma. */
#ifndef REPORT_JSON_MEMBER_H
#define REPORT_JSON_MEMBER_H

#include "base/text_buffer.h"

/* null for NULL. */
void json_member_string(struct text_buffer *out, const char *key, const char *value);
/* null for TEXT_NONE. */
void json_member_text(struct text_buffer *out, const char *key, struct text value);
/* RFC 3339; null for times that are none or without end. */
void json_member_time(struct text_buffer *out, const char *key, int64_t ns);

#endif
