/* Where the records of an HTTP body begin and end. Only brackets and strings are looked at here;
 * the grammar is the decoder's business, so that a malformed record still has an extent and takes
 * no neighbour with it. */
#include "decode/decode.h"
#include "decode/json_scan.h"

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && is_space(*at)) {
        at++;
    }
    return at;
}

static const char *line_end(const char *at, const char *end)
{
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    return feed != NULL ? feed : end;
}

/* Behind the string whose opening quote is at `at`; NULL when a line feed or the end comes first.
 */
static const char *string_end(const char *at, const char *end)
{
    at++;
    for (;;) {
        at = json_string_stop(at, end);
        if (at == end || *at == '\n') {
            return NULL;
        }
        if (*at == '"') {
            return at + 1;
        }
        at += *at == '\\' && end - at >= 2 ? 2 : 1;
    }
}

/* Behind the object or array at `at`; NULL when its brackets do not match before the end, or it is
 * nested deeper than any record may be (which also bounds how often a hostile body is looked
 * through). */
static const char *container_end(const char *at, const char *end)
{
    char closing[JSON_DEPTH_MAX + 1];
    uint32_t depth = 0;
    while (at < end) {
        switch (*at) {
        case '"':
            at = string_end(at, end);
            if (at == NULL) {
                return NULL;
            }
            continue;
        case '{':
        case '[':
            if (depth == sizeof(closing)) {
                return NULL;
            }
            closing[depth++] = *at == '{' ? '}' : ']';
            break;
        case '}':
        case ']':
            if (closing[--depth] != *at) {
                return NULL;
            }
            if (depth == 0) {
                return at + 1;
            }
            break;
        default:
            break;
        }
        at++;
    }
    return NULL;
}

void body_cursor_init(struct body_cursor *cursor, struct text body)
{
    *cursor = (struct body_cursor){.at = body.bytes, .end = body.bytes + body.length};
}

/* Past white space, and in an array past one comma and its closing bracket. */
static void skip_between(struct body_cursor *cursor)
{
    cursor->at = skip_space(cursor->at, cursor->end);
    if (!cursor->begun) {
        cursor->begun = true;
        if (cursor->at < cursor->end && *cursor->at == '[') {
            cursor->in_array = true;
            cursor->at = skip_space(cursor->at + 1, cursor->end);
            if (cursor->at < cursor->end && *cursor->at == ']') {
                cursor->in_array = false;
                cursor->at = skip_space(cursor->at + 1, cursor->end);
            }
        }
        return;
    }
    if (cursor->in_array && cursor->at < cursor->end && *cursor->at == ',') {
        cursor->at = skip_space(cursor->at + 1, cursor->end);
    } else if (cursor->in_array && cursor->at < cursor->end && *cursor->at == ']') {
        cursor->in_array = false;
        cursor->at = skip_space(cursor->at + 1, cursor->end);
    }
}

/* Behind an element of an array that is no object: up to what separates it, at least one byte. */
static const char *scalar_end(const char *at, const char *line)
{
    if (*at == '"') {
        const char *end = string_end(at, line);
        return end != NULL ? end : line;
    }
    const char *start = at;
    while (at < line && *at != ',' && *at != ']') {
        at++;
    }
    return at > start ? at : at + 1;
}

static const char *record_end(const struct body_cursor *cursor, const char *start)
{
    const char *line = line_end(start, cursor->end);
    /* Outside an array a line feed always ends a record; inside, objects may be printed over many
     * lines. */
    const char *limit = cursor->in_array ? cursor->end : line;
    if (*start == '{' || (cursor->in_array && *start == '[')) {
        const char *end = container_end(start, limit);
        return end != NULL ? end : line;
    }
    return cursor->in_array ? scalar_end(start, line) : line;
}

bool body_cursor_next(struct body_cursor *cursor, struct text *record_out)
{
    skip_between(cursor);
    const char *start = cursor->at;
    if (start == cursor->end) {
        return false;
    }
    cursor->at = record_end(cursor, start);
    *record_out = (struct text){start, (uint32_t)(cursor->at - start)};
    return true;
}
