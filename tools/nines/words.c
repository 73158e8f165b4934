#include "nines/words.h"

#include <ctype.h>
#include <inttypes.h>

#include "domain/civil.h"
#include "nines/terminal.h"

void words_duration(struct text_buffer *out, int64_t ns)
{
    int64_t seconds = ns / NS_PER_SECOND;
    if (seconds < 10) {
        text_buffer_format(out, "%.*f s", ns < NS_PER_SECOND ? 2 : 1,
                           (double)ns / (double)NS_PER_SECOND);
    } else if (seconds < 120) {
        text_buffer_format(out, "%" PRId64 " s", seconds);
    } else if (seconds < 7200) {
        text_buffer_format(out, "%" PRId64 " min", seconds / 60);
        if (seconds < 3600 && seconds % 60 != 0) {
            text_buffer_format(out, " %" PRId64 " s", seconds % 60);
        }
    } else if (seconds < 2 * 86400) {
        text_buffer_format(out, "%" PRId64 " h %" PRId64 " min", seconds / 3600,
                           seconds % 3600 / 60);
    } else {
        text_buffer_format(out, "%" PRId64 " d %" PRId64 " h", seconds / 86400,
                           seconds % 86400 / 3600);
    }
}

void words_time(struct text_buffer *out, int64_t ns, int64_t day_ns)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(floor_to(ns, NS_PER_SECOND), text);
    bool same_day = floor_to(ns, NS_PER_DAY) == floor_to(day_ns, NS_PER_DAY);
    if (!same_day) {
        text_buffer_format(out, "%.10s ", text);
    }
    text_buffer_format(out, "%.8s", text + 11);
}

void words_instant(struct text_buffer *out, const json_t *value, const char *path,
                   const char *absent)
{
    char text[CIVIL_TEXT_SIZE];
    int64_t ns;
    if (words_read_time(value, path, &ns)) {
        civil_format(floor_to(ns, NS_PER_SECOND), text);
        text_buffer_string(out, text);
    } else {
        json_show(out, value, path, absent);
    }
}

void words_percent(struct text_buffer *out, const json_t *value, const char *path,
                   const char *absent)
{
    json_show(out, value, path, absent);
    text_buffer_string(out, json_is_string(json_at(value, path)) ? " %" : "");
}

void words_verdict(struct text_buffer *out, const char *verdict)
{
    struct text_buffer upper;
    text_buffer_init(&upper);
    text_buffer_string(&upper, verdict);
    for (size_t i = 0; i < upper.length; i++) {
        char byte = upper.bytes[i];
        upper.bytes[i] = byte == '_' ? ' ' : (char)toupper((unsigned char)byte);
    }
    terminal_escape(out, (struct text){upper.bytes, (uint32_t)upper.length});
    text_buffer_fini(&upper);
}

bool words_read_time(const json_t *value, const char *path, int64_t *ns_out)
{
    return civil_parse_rfc3339(text_from(json_text_at(value, path)), ns_out);
}

void words_list(struct text_buffer *out, const json_t *value)
{
    if (json_is_string(value)) {
        json_show(out, value, "", "");
        return;
    }
    size_t index;
    json_t *element;
    json_array_foreach(value, index, element)
    {
        text_buffer_string(out, index == 0 ? "" : ", ");
        json_show(out, element, "", "?");
    }
}
