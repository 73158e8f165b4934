/* JSON, strictly (RFC 8259), one value at a time: no tree, no allocation, no copy.
 *
 * Why our own: the records of a log are small objects of which a dozen known keys matter. This
 * walks an object member by member, checks the grammar of everything, and hands out spans of the
 * input:
 *
 *     {"service":"pay","status":200,"tags":["a"]}
 *       ^key         ^value                        a string's span is without its quotes, any other
 *                                                  value's is the whole text of it
 *
 * Strings are bytes here: no UTF-8 check (nginx does send 0xFF in user agents), escapes are checked
 * and stay until json_unescape. What it does not do: numbers' values (json_number.h), known keys
 * (json_fields.h).
 */
#ifndef DECODE_JSON_SCAN_H
#define DECODE_JSON_SCAN_H

#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/bytes.h"

/* An object inside an object ... this many levels; the outermost counts. */
#define JSON_DEPTH_MAX 16

#define JSON_FAULT_TABLE(X)                                                                        \
    X(NONE, "")                                                                                    \
    X(VALUE, "expected a value")                                                                   \
    X(KEY, "expected a key in double quotes")                                                      \
    X(COLON, "expected ':'")                                                                       \
    X(OBJECT_NEXT, "expected ',' or '}'")                                                          \
    X(ARRAY_NEXT, "expected ',' or ']'")                                                           \
    X(OPEN_STRING, "this string does not end")                                                     \
    X(CONTROL, "a control character inside a string")                                              \
    X(ESCAPE, "not a JSON escape")                                                                 \
    X(NUMBER, "malformed number")                                                                  \
    X(LEADING_ZERO, "a number with a leading zero (HAProxy's %ms writes them: put it in quotes)")  \
    X(TOO_DEEP, "nested deeper than 16 levels")                                                    \
    X(CUT_OFF, "the text ends inside a value")                                                     \
    X(TRAILING, "text behind the object")

#define X(name, text) JSON_FAULT_##name,
enum json_fault { JSON_FAULT_TABLE(X) JSON_FAULT_COUNT };
#undef X

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_value {
    struct text raw;
    enum json_type type;
    bool escaped; /* a string with at least one backslash */
};

struct json_scan {
    /* After a fault: the byte that is wrong. */
    const char *at;
    const char *end;
    uint32_t depth;
    enum json_fault fault;
};

enum json_step { JSON_STEP_ITEM, JSON_STEP_END, JSON_STEP_FAULT };

void json_scan_init(struct json_scan *scan, struct text text);
/* Past white space and the opening '{' or '['; false (a fault) when it is not there. */
bool json_object_open(struct json_scan *scan);
bool json_array_open(struct json_scan *scan);
/* The next member of the object that was opened; first: none was taken yet. At JSON_STEP_END the
 * scan stands behind the '}'. */
enum json_step json_object_next(struct json_scan *scan, bool first, struct json_value *key_out,
                                struct json_value *value_out);
enum json_step json_array_next(struct json_scan *scan, bool first, struct json_value *value_out);
/* The value that begins at scan->at, without white space before it. */
bool json_scan_value(struct json_scan *scan, struct json_value *value_out);
/* Only white space is left; else the fault TRAILING. */
bool json_scan_finish(struct json_scan *scan);

/* The first quote, backslash or control character from `at` on; end when there is none. This is
 * where the time goes: most of a log line is inside strings. */
static inline const char *json_string_stop(const char *at, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i control_max = _mm_set1_epi8(0x1F);
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i stops =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
        /* Unsigned bytes <= 0x1F are those that min(byte, 0x1F) leaves alone. */
        stops = _mm_or_si128(stops, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control_max), bytes));
        unsigned mask = (unsigned)_mm_movemask_epi8(stops);
        if (mask != 0) {
            return at + __builtin_ctz(mask);
        }
        at += 16;
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20) {
        at++;
    }
    return at;
}

/* Behind the escape that begins at the backslash `at`; NULL when it is none. */
const char *json_escape_end(const char *at, const char *end);

/* What a scanned string says: into out, which has room for raw.length bytes. A surrogate without
 * its partner, which no UTF-8 can say, becomes U+FFFD, and the answer is false. */
bool json_unescape(struct text raw, char *out, uint32_t *length_out);

/* "a string", "a number", ... */
const char *json_type_words(enum json_type type);
const char *json_fault_text(enum json_fault fault);

#endif
