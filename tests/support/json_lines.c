#include "support/json_lines.h"

#include <stdarg.h>
#include <stdio.h>

#include "decode/json_fields.h"

struct out {
    struct random *random;
    char *bytes;
    uint32_t length;
};

/* Room is left for spoiling. */
#define ROOM (JSON_LINE_BYTES_MAX - 256)

static void put(struct out *out, const char *bytes, uint32_t length)
{
    if (out->length + length <= ROOM) {
        memcpy(out->bytes + out->length, bytes, length);
        out->length += length;
    }
}

static void put_text(struct out *out, const char *text)
{
    put(out, text, (uint32_t)strlen(text));
}

__attribute__((format(printf, 2, 3))) static void put_format(struct out *out, const char *format,
                                                             ...)
{
    char text[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    put_text(out, text);
}

static uint32_t below(struct out *out, uint32_t bound)
{
    return (uint32_t)random_below(out->random, bound);
}

#define CHOOSE(out, list) ((list)[below((out), sizeof(list) / sizeof((list)[0]))])

static void put_space(struct out *out)
{
    static const char *const spaces[] = {" ", " ", " ", "  ", "\t", " \r ", "\n"};
    if (random_once_in(out->random, 8)) {
        put_text(out, CHOOSE(out, spaces));
    }
}

static void put_run(struct out *out, uint32_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._/ ";
    for (uint32_t i = 0; i < length; i++) {
        put(out, &letters[below(out, sizeof(letters) - 1)], 1);
    }
}

static void put_string(struct out *out)
{
    static const char *const pieces[] = {
        "\\\"",
        "\\\\",
        "\\/",
        "\\n",
        "\\u0041",
        "\\ud83d\\ude00",
        "\\ud800",
        "\\u0000",
        "\xC3\xBC",
        "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80",
        "\xFF",
        "\x7F",
        "{\\\"a\\\":1}",
        "\\\\\\\"",
        "\\\\\\\\",
    };
    static const uint32_t lengths[] = {0, 1, 3, 7, 8, 9, 15, 16, 17, 40, 63, 64, 65, 127, 200};
    put_text(out, "\"");
    do {
        put_run(out, random_once_in(out->random, 16) ? CHOOSE(out, lengths) : 1 + below(out, 12));
        if (random_once_in(out->random, 16)) {
            put_text(out, CHOOSE(out, pieces));
        }
    } while (random_once_in(out->random, 4));
    put_text(out, "\"");
}

static void put_number(struct out *out)
{
    static const char *const odd[] = {
        "0",
        "-0",
        "-1",
        "0.0",
        "1e3",
        "2E-2",
        "1.5e1",
        "13.",
        "013",
        ".5",
        "1e",
        "1e400",
        "18446744073709551616",
        "9223372036854775807",
        "0.000000001",
        "12345678",
        "123456789",
        "1234567.8",
        "0.1234567",
        "-",
        "1.-",
        "4294967296",
    };
    if (random_once_in(out->random, 16)) {
        put_text(out, CHOOSE(out, odd));
    } else if (random_once_in(out->random, 2)) {
        put_format(out, "%u", below(out, 1u << below(out, 31)));
    } else {
        put_format(out, "%u.%0*u", below(out, 1000), (int)(1 + below(out, 9)), below(out, 10));
    }
}

/* Beyond `bound` now and then. */
static uint32_t around(struct out *out, uint32_t bound)
{
    return below(out, random_once_in(out->random, 40) ? bound + 3 : bound);
}

static void put_time(struct out *out)
{
    static const char *const zones[] = {"Z", "Z", "Z", "Z", "z", "+00:00", "-0130", "+99:99", ""};
    char fraction[16] = "";
    if (!random_once_in(out->random, 4)) {
        uint32_t digits = 1 + around(out, 9);
        fraction[0] = '.';
        for (uint32_t i = 1; i <= digits; i++) {
            fraction[i] = (char)('0' + below(out, 10));
        }
    }
    put_format(out, "\"2026-%02u-%02u%c%02u:%02u:%02u%s%s\"", 1 + around(out, 12),
               1 + around(out, 28), random_once_in(out->random, 20) ? ' ' : 'T', around(out, 24),
               around(out, 60), around(out, 60), fraction,
               random_once_in(out->random, 4) ? CHOOSE(out, zones) : "Z");
}

static void put_value(struct out *out, uint32_t depth);

static void put_container(struct out *out, uint32_t depth)
{
    bool object = random_once_in(out->random, 2);
    put_text(out, object ? "{" : "[");
    for (uint32_t left = below(out, 4); left != 0; left--) {
        put_space(out);
        if (object) {
            put_string(out);
            put_text(out, ":");
        }
        put_value(out, depth + 1);
        put_text(out, left > 1 ? "," : "");
    }
    put_text(out, object ? "}" : "]");
}

static void put_value(struct out *out, uint32_t depth)
{
    static const char *const words[] = {"true", "false", "null", "tru", "nulll", "NaN", ""};
    switch (below(out, 10)) {
    case 0:
        put_text(out, CHOOSE(out, words));
        break;
    case 1:
        if (depth < 18) {
            put_container(out, depth);
            break;
        }
        __attribute__((fallthrough));
    case 2:
    case 3:
    case 4:
        put_number(out);
        break;
    case 5:
        put_time(out);
        break;
    default:
        put_string(out);
        break;
    }
}

/* A value that this field may have. */
static void put_fitting(struct out *out, enum field field)
{
    static const char *const outcomes[] = {"\"good\"", "\"bad\"", "\"excluded\"", "\"\""};
    static const char *const states[] = {"\"open\"", "\"down\"", "\"up\"", "\"fulfilled\""};
    static const char *const kinds[] = {"\"request\"", "\"incident\"", "\"state\"", "\"outcome\""};
    switch (field) {
    case FIELD_KIND:
        put_text(out, CHOOSE(out, kinds));
        break;
    case FIELD_OUTCOME:
        put_text(out, CHOOSE(out, outcomes));
        break;
    case FIELD_STATE:
        put_text(out, CHOOSE(out, states));
        break;
    case FIELD_TS:
    case FIELD_STARTED_AT:
    case FIELD_START:
    case FIELD_END:
    case FIELD_TIME_ISO8601:
        put_time(out);
        break;
    case FIELD_STATUS:
        put_format(out, "%u", 100 + below(out, 500));
        break;
    case FIELD_LATENCY_MS:
    case FIELD_LATENCY_US:
    case FIELD_LATENCY_S:
    case FIELD_COUNT:
    case FIELD_REQUEST_TIME:
    case FIELD_MSEC:
        put_number(out);
        break;
    default:
        put_string(out);
        break;
    }
}

static void put_member(struct out *out, uint32_t place)
{
    static const enum field usual[] = {FIELD_SERVICE,    FIELD_TS, FIELD_CUSTOMER, FIELD_STATUS,
                                       FIELD_LATENCY_MS, FIELD_ID, FIELD_END_USER, FIELD_SOURCE};
    uint32_t usual_count = sizeof(usual) / sizeof(usual[0]);
    put_space(out);
    if (random_once_in(out->random, 4)) {
        put_string(out); /* a key of no meaning */
        put_space(out);
        put_text(out, ":");
        put_space(out);
        put_value(out, 1);
    } else {
        enum field field = place < usual_count && !random_once_in(out->random, 10)
                               ? usual[place]
                               : (enum field)below(out, FIELD_NONE);
        const char *name = field_key(field);
        char key[64];
        if (random_once_in(out->random, 50)) {
            snprintf(key, sizeof(key), "\"\\u%04x%s\"", name[0], name + 1);
        } else {
            snprintf(key, sizeof(key), "\"%s\"", name);
        }
        put_text(out, key);
        put_space(out);
        put_text(out, ":");
        put_space(out);
        if (random_once_in(out->random, 40)) {
            put_value(out, 1);
        } else {
            put_fitting(out, field);
        }
    }
    put_space(out);
}

static void spoil(struct out *out)
{
    static const char bytes[] = "\"\\{}[]:,0-.eE \t\n\x01\x7F\xC3Ztrfn";
    uint32_t place = below(out, out->length + 1);
    uint32_t length = below(out, 4);
    switch (below(out, 5)) {
    case 0: /* another byte */
        if (place < out->length) {
            out->bytes[place] = bytes[below(out, sizeof(bytes) - 1)];
        }
        break;
    case 1: /* cut off */
        out->length = place;
        break;
    case 2: /* some less */
        length = length < out->length - place ? length : out->length - place;
        memmove(out->bytes + place, out->bytes + place + length, out->length - place - length);
        out->length -= length;
        break;
    case 3: /* one more */
        memmove(out->bytes + place + 1, out->bytes + place, out->length - place);
        out->bytes[place] = bytes[below(out, sizeof(bytes) - 1)];
        out->length++;
        break;
    default: /* something behind it */
        for (uint32_t i = 0; i < length; i++) {
            out->bytes[out->length++] = bytes[below(out, sizeof(bytes) - 1)];
        }
        break;
    }
}

uint32_t json_line_write(struct random *random, char bytes[JSON_LINE_BYTES_MAX])
{
    struct out out = {random, bytes, 0};
    put_text(&out, "{");
    uint32_t members = random_once_in(random, 20) ? 0 : 1 + below(&out, 12);
    for (uint32_t place = 0; place < members; place++) {
        put_text(&out, place != 0 ? "," : "");
        put_member(&out, place);
    }
    put_text(&out, "}");
    return out.length;
}

uint32_t json_line_spoil(struct random *random, char *bytes, uint32_t length)
{
    struct out out = {random, bytes, length};
    for (uint32_t times = 1 + below(&out, 3); times != 0; times--) {
        spoil(&out);
    }
    return out.length;
}
