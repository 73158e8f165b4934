#include "decode/json_scan.h"

#include "base/panic.h"

static bool fault_at(struct json_scan *scan, const char *at, enum json_fault fault)
{
    scan->at = at;
    /* Whatever was expected: when the text is over, that is the thing to say. */
    bool over = at == scan->end && fault != JSON_FAULT_OPEN_STRING;
    scan->fault = over ? JSON_FAULT_CUT_OFF : fault;
    return false;
}

static inline const char *skip_space(const char *at, const char *end)
{
    /* Programs write no white space: one comparison then. */
    if (at < end && (unsigned char)*at > ' ') {
        return at;
    }
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

const char *json_escape_end(const char *at, const char *end)
{
    if (end - at < 2) {
        return NULL;
    }
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 2;
    case 'u':
        break;
    default:
        return NULL;
    }
    if (end - at < 6) {
        return NULL;
    }
    for (int i = 2; i < 6; i++) {
        if (hex_digit(at[i]) < 0) {
            return NULL;
        }
    }
    return at + 6;
}

/* scan->at is at the opening quote. Inlined, with its own loop for keys: their lengths are not
 * those of values, and the branches of the two are foretold apart. */
__attribute__((always_inline)) static inline bool scan_string(struct json_scan *scan,
                                                              struct json_value *value_out)
{
    const char *start = scan->at + 1;
    const char *at = start;
    value_out->type = JSON_STRING;
    value_out->escaped = false;
    for (;;) {
        at = json_string_stop(at, scan->end);
        if (at == scan->end) {
            return fault_at(scan, scan->at, JSON_FAULT_OPEN_STRING);
        }
        if (*at == '"') {
            break;
        }
        if (*at != '\\') {
            return fault_at(scan, at, JSON_FAULT_CONTROL);
        }
        const char *behind = json_escape_end(at, scan->end);
        if (behind == NULL) {
            return fault_at(scan, at, JSON_FAULT_ESCAPE);
        }
        value_out->escaped = true;
        at = behind;
    }
    value_out->raw = (struct text){start, (uint32_t)(at - start)};
    scan->at = at + 1;
    return true;
}

static inline const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

static bool scan_number(struct json_scan *scan, struct json_value *value_out)
{
    const char *end = scan->end;
    const char *at = scan->at + (*scan->at == '-');
    const char *digits = at;
    at = skip_digits(at, end);
    if (at == digits) {
        return fault_at(scan, at, JSON_FAULT_NUMBER);
    }
    if (*digits == '0' && at - digits > 1) {
        return fault_at(scan, digits, JSON_FAULT_LEADING_ZERO);
    }
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction) {
            return fault_at(scan, at, JSON_FAULT_NUMBER);
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        const char *exponent = at;
        at = skip_digits(exponent, end);
        if (at == exponent) {
            return fault_at(scan, at, JSON_FAULT_NUMBER);
        }
    }
    value_out->type = JSON_NUMBER;
    value_out->escaped = false;
    value_out->raw = (struct text){scan->at, (uint32_t)(at - scan->at)};
    scan->at = at;
    return true;
}

static bool scan_word(struct json_scan *scan, const char *word, uint32_t length,
                      enum json_type type, struct json_value *value_out)
{
    if (scan->end - scan->at < (ptrdiff_t)length || memcmp(scan->at, word, length) != 0) {
        return fault_at(scan, scan->at, JSON_FAULT_VALUE);
    }
    *value_out = (struct json_value){.raw = {scan->at, length}, .type = type};
    scan->at += length;
    return true;
}

/* Recursion is bounded: JSON_DEPTH_MAX. */
static bool scan_container(struct json_scan *scan, struct json_value *value_out)
{
    const char *start = scan->at;
    bool is_object = *start == '{';
    if (scan->depth == JSON_DEPTH_MAX) {
        return fault_at(scan, start, JSON_FAULT_TOO_DEEP);
    }
    scan->depth++;
    scan->at++;
    bool first = true;
    for (;;) {
        struct json_value key;
        struct json_value value;
        enum json_step step = is_object ? json_object_next(scan, first, &key, &value)
                                        : json_array_next(scan, first, &value);
        if (step == JSON_STEP_FAULT) {
            return false;
        }
        if (step == JSON_STEP_END) {
            break;
        }
        first = false;
    }
    *value_out = (struct json_value){.raw = {start, (uint32_t)(scan->at - start)},
                                     .type = is_object ? JSON_OBJECT : JSON_ARRAY};
    return true;
}

bool json_scan_value(struct json_scan *scan, struct json_value *value_out)
{
    if (scan->at == scan->end) {
        return fault_at(scan, scan->at, JSON_FAULT_VALUE);
    }
    switch (*scan->at) {
    case '"':
        return scan_string(scan, value_out);
    case '{':
    case '[':
        return scan_container(scan, value_out);
    case 't':
        return scan_word(scan, "true", 4, JSON_TRUE, value_out);
    case 'f':
        return scan_word(scan, "false", 5, JSON_FALSE, value_out);
    case 'n':
        return scan_word(scan, "null", 4, JSON_NULL, value_out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return scan_number(scan, value_out);
    default:
        return fault_at(scan, scan->at, JSON_FAULT_VALUE);
    }
}

void json_scan_init(struct json_scan *scan, struct text text)
{
    *scan = (struct json_scan){.at = text.bytes, .end = text.bytes + text.length};
}

static bool open_container(struct json_scan *scan, char bracket)
{
    scan->at = skip_space(scan->at, scan->end);
    if (scan->at == scan->end || *scan->at != bracket) {
        return fault_at(scan, scan->at, JSON_FAULT_VALUE);
    }
    scan->at++;
    scan->depth++;
    return true;
}

bool json_object_open(struct json_scan *scan)
{
    return open_container(scan, '{');
}

bool json_array_open(struct json_scan *scan)
{
    return open_container(scan, '[');
}

enum json_step json_object_next(struct json_scan *scan, bool first, struct json_value *key_out,
                                struct json_value *value_out)
{
    const char *end = scan->end;
    const char *at = skip_space(scan->at, end);
    if (at < end && *at == '}') {
        scan->at = at + 1;
        scan->depth--;
        return JSON_STEP_END;
    }
    if (!first) {
        if (at == end || *at != ',') {
            (void)fault_at(scan, at, JSON_FAULT_OBJECT_NEXT);
            return JSON_STEP_FAULT;
        }
        at = skip_space(at + 1, end);
    }
    scan->at = at;
    if (at == end || *at != '"') {
        (void)fault_at(scan, at, JSON_FAULT_KEY);
        return JSON_STEP_FAULT;
    }
    if (!scan_string(scan, key_out)) {
        return JSON_STEP_FAULT;
    }
    at = skip_space(scan->at, end);
    if (at == end || *at != ':') {
        (void)fault_at(scan, at, JSON_FAULT_COLON);
        return JSON_STEP_FAULT;
    }
    scan->at = skip_space(at + 1, end);
    return json_scan_value(scan, value_out) ? JSON_STEP_ITEM : JSON_STEP_FAULT;
}

enum json_step json_array_next(struct json_scan *scan, bool first, struct json_value *value_out)
{
    const char *end = scan->end;
    const char *at = skip_space(scan->at, end);
    if (at < end && *at == ']') {
        scan->at = at + 1;
        scan->depth--;
        return JSON_STEP_END;
    }
    if (!first) {
        if (at == end || *at != ',') {
            (void)fault_at(scan, at, JSON_FAULT_ARRAY_NEXT);
            return JSON_STEP_FAULT;
        }
        at = skip_space(at + 1, end);
    }
    scan->at = at;
    return json_scan_value(scan, value_out) ? JSON_STEP_ITEM : JSON_STEP_FAULT;
}

bool json_scan_finish(struct json_scan *scan)
{
    scan->at = skip_space(scan->at, scan->end);
    if (scan->at != scan->end) {
        return fault_at(scan, scan->at, JSON_FAULT_TRAILING);
    }
    return true;
}

static uint32_t hex_unit(const char *at)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        unit = unit << 4 | (uint32_t)hex_digit(at[i]);
    }
    return unit;
}

static char *put_utf8(char *out, uint32_t character)
{
    if (character < 0x80) {
        *out++ = (char)character;
    } else if (character < 0x800) {
        *out++ = (char)(0xC0 | character >> 6);
        *out++ = (char)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        *out++ = (char)(0xE0 | character >> 12);
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
        *out++ = (char)(0x80 | (character & 0x3F));
    } else {
        *out++ = (char)(0xF0 | character >> 18);
        *out++ = (char)(0x80 | (character >> 12 & 0x3F));
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
        *out++ = (char)(0x80 | (character & 0x3F));
    }
    return out;
}

/* *at is at the `\` of a `\u`; moves behind it, and behind the second half of a pair. */
static uint32_t take_unicode(const char **at, const char *end, bool *lone)
{
    uint32_t unit = hex_unit(*at + 2);
    *at += 6;
    if (unit < 0xD800 || unit > 0xDFFF) {
        return unit;
    }
    if (unit < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        uint32_t low = hex_unit(*at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *at += 6;
            return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    *lone = true;
    return 0xFFFD;
}

bool json_unescape(struct text raw, char *out, uint32_t *length_out)
{
    const char *at = raw.bytes;
    const char *end = raw.bytes + raw.length;
    char *to = out;
    bool lone = false;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        assert_slow(end - at >= 2); /* the scan has checked it */
        char letter = at[1];
        if (letter == 'u') {
            to = put_utf8(to, take_unicode(&at, end, &lone));
            continue;
        }
        at += 2;
        *to++ = letter == 'b'   ? '\b'
                : letter == 'f' ? '\f'
                : letter == 'n' ? '\n'
                : letter == 'r' ? '\r'
                : letter == 't' ? '\t'
                                : letter;
    }
    *length_out = (uint32_t)(to - out);
    return !lone;
}

const char *json_type_words(enum json_type type)
{
    switch (type) {
    case JSON_NULL:
        return "null";
    case JSON_FALSE:
    case JSON_TRUE:
        return "a boolean";
    case JSON_NUMBER:
        return "a number";
    case JSON_STRING:
        return "a string";
    case JSON_ARRAY:
        return "an array";
    case JSON_OBJECT:
        return "an object";
    }
    unreachable("all types are listed");
}

const char *json_fault_text(enum json_fault fault)
{
#define X(name, text) text,
    static const char *const texts[] = {JSON_FAULT_TABLE(X)};
#undef X
    assert(fault < JSON_FAULT_COUNT);
    return texts[fault];
}
