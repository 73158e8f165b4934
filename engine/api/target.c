#include "api/target.h"

#include <stdlib.h>

#include "base/utf8.h"

void target_fini(struct target *target)
{
    free(target->bytes);
    *target = (struct target){0};
}

static int hex_value(char byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

/* Decodes [at, end) to *to and moves it on; false when an escape is broken. */
static bool unescape(const char *at, const char *end, bool plus_is_space, char **to)
{
    for (; at < end; at++) {
        char byte = *at;
        if (byte == '%') {
            int high = end - at > 2 ? hex_value(at[1]) : -1;
            int low = end - at > 2 ? hex_value(at[2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            byte = (char)(high * 16 + low);
            at += 2;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        *(*to)++ = byte;
    }
    return true;
}

/* Decoded text that may be shown and compared: UTF-8 without control bytes. */
static bool is_plain(struct text text)
{
    for (uint32_t i = 0; i < text.length;) {
        unsigned char byte = (unsigned char)text.bytes[i];
        uint32_t length = utf8_length(text.bytes + i, text.length - i);
        if (byte < 0x20 || byte == 0x7f || length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

/* Decodes one part into the target's memory at *to. */
static bool take_part(const char *at, const char *end, bool plus_is_space, char **to,
                      struct text *part_out)
{
    char *start = *to;
    if (!unescape(at, end, plus_is_space, to)) {
        return false;
    }
    *part_out = (struct text){start, (uint32_t)(*to - start)};
    return is_plain(*part_out);
}

static const char *find(const char *at, const char *end, char byte)
{
    const char *found = memchr(at, byte, (size_t)(end - at));
    return found != NULL ? found : end;
}

/* path: behind its first slash. */
static bool take_path(struct target *target, const char *at, const char *end, char **to)
{
    if (at == end) {
        return true; /* "/" has no segments */
    }
    for (;;) {
        const char *slash = find(at, end, '/');
        struct text segment;
        if (!take_part(at, slash, false, to, &segment)) {
            return false;
        }
        if (target->segment_count < TARGET_SEGMENTS_MAX) {
            target->segments[target->segment_count++] = segment;
        } else {
            target->too_many_segments = true;
        }
        if (slash == end) {
            return true;
        }
        at = slash + 1;
    }
}

static const char *take_parameter(struct target *target, const char *at, const char *end, char **to)
{
    const char *equals = find(at, end, '=');
    struct target_parameter parameter;
    bool good = take_part(at, equals, true, to, &parameter.name) &&
                take_part(equals == end ? end : equals + 1, end, true, to, &parameter.value);
    if (!good) {
        return "a parameter is not properly percent-encoded UTF-8";
    }
    for (uint32_t i = 0; i < target->parameter_count; i++) {
        if (text_equal(target->parameters[i].name, parameter.name)) {
            return "a parameter is given twice";
        }
    }
    if (target->parameter_count == TARGET_PARAMETERS_MAX) {
        return "too many parameters";
    }
    target->parameters[target->parameter_count++] = parameter;
    return NULL;
}

static const char *take_query(struct target *target, const char *at, const char *end, char **to)
{
    const char *problem = NULL;
    while (at < end && problem == NULL) {
        const char *stop = find(at, end, '&');
        problem = stop == at ? NULL : take_parameter(target, at, stop, to);
        at = stop == end ? end : stop + 1;
    }
    return problem;
}

static const char *take_target(struct target *target, const char *raw, size_t length)
{
    const char *end = raw + length;
    if (length == 0 || raw[0] != '/') {
        return "the request target must begin with a slash";
    }
    if (find(raw, end, '#') != end) {
        return "a fragment has no place in a request target";
    }
    const char *question = find(raw, end, '?');
    char *to = target->bytes;
    if (!take_path(target, raw + 1, question, &to)) {
        return "the path is not properly percent-encoded UTF-8";
    }
    return question == end ? NULL : take_query(target, question + 1, end, &to);
}

enum status target_parse(struct target *target_out, const char *raw, const char **problem_out)
{
    size_t length = strlen(raw);
    /* Decoding never makes a part longer. */
    struct target target = {.bytes = malloc(length + 1)};
    if (target.bytes == NULL) {
        return STATUS_NO_MEMORY;
    }
    const char *problem = take_target(&target, raw, length);
    if (problem != NULL) {
        target_fini(&target);
        *problem_out = problem;
        return STATUS_INVALID;
    }
    *target_out = target;
    return STATUS_OK;
}

struct text target_parameter(const struct target *target, const char *name)
{
    for (uint32_t i = 0; i < target->parameter_count; i++) {
        if (text_is(target->parameters[i].name, name)) {
            return target->parameters[i].value;
        }
    }
    return TEXT_NONE;
}
