#include "decode/json_quick.h"

#include "decode/digits.h"

#define FORCE_INLINE __attribute__((always_inline)) static inline

/* Where the walk is. All of it lives in registers: the functions below are inlined into one. */
struct walk {
    const char *at;
    const char *line;
    const char *end; /* behind the line's last byte, which is a '}' */
    const uint64_t *quotes;
};

/* The first quote from `at` on. A line has an even number of quotes, and all in front of `at` but
 * an odd number were taken: there is one. */
FORCE_INLINE const char *next_quote(const struct walk *walk, const char *at)
{
    size_t offset = (size_t)(at - walk->line);
    const uint64_t *word = walk->quotes + offset / 64;
    uint64_t bits = *word >> offset % 64;
    if (bits != 0) {
        return at + __builtin_ctzll(bits);
    }
    do {
        bits = *++word;
    } while (bits == 0);
    return walk->line + (word - walk->quotes) * 64 + __builtin_ctzll(bits);
}

/* Blanks only: a line with control characters is given up before. The '}' at the end stops it. */
FORCE_INLINE const char *skip_blanks(const char *at)
{
    while (*at == ' ') {
        at++;
    }
    return at;
}

/* Eight bytes from `at` on, those behind the end as zeros. The line has eight bytes. */
FORCE_INLINE uint64_t load_8(const char *at, const char *end)
{
    if (end - at >= 8) {
        return digits_load(at);
    }
    return digits_load(end - 8) >> 8 * (8 - (end - at));
}

FORCE_INLINE const char *skip_digits(const char *at, const char *end)
{
    for (;;) {
        uint64_t strangers = digits_strangers(load_8(at, end) ^ DIGITS_ZEROS);
        if (strangers != 0) {
            return at + __builtin_ctzll(strangers) / 8;
        }
        at += 8;
    }
}

/* Behind the number at `at`; NULL: not one, or one with an exponent. */
FORCE_INLINE const char *number_end(const char *at, const char *end)
{
    const char *digits = at + (*at == '-');
    at = skip_digits(digits, end);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return NULL;
    }
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction) {
            return NULL;
        }
    }
    return (*at | 0x20) != 'e' ? at : NULL;
}

/* A word, or an array or object, by the strict scan. */
static const char *other_end(const char *at, const char *end, struct json_value *value_out)
{
    struct json_scan scan = {.at = at, .end = end, .depth = 1};
    return json_scan_value(&scan, value_out) && scan.at < end ? scan.at : NULL;
}

/* Behind the value at `start`; NULL: give up. */
FORCE_INLINE const char *take_value(const struct walk *walk, const char *start,
                                    struct json_value *value_out)
{
    unsigned char first = (unsigned char)*start;
    value_out->escaped = false;
    if (first == '"') {
        const char *close = next_quote(walk, start + 1);
        value_out->type = JSON_STRING;
        value_out->raw = (struct text){start + 1, (uint32_t)(close - start - 1)};
        return close + 1;
    }
    if (first - (unsigned)'0' <= 9 || first == '-') {
        const char *behind = number_end(start, walk->end);
        value_out->type = JSON_NUMBER;
        value_out->raw = (struct text){start, (uint32_t)(behind - start)};
        return behind;
    }
    return other_end(start, walk->end, value_out);
}

static bool holds_backslash(const struct quote_index *quotes, const char *line, struct text string)
{
    uint32_t from = (uint32_t)(string.bytes - line);
    return quote_index_may_escape(quotes, from, from + string.length) &&
           memchr(string.bytes, '\\', string.length) != NULL;
}

/* Masks for the first 0 to 16 bytes of two words. */
#define BYTES(n) ((n) == 0 ? 0 : UINT64_MAX >> (64 - 8 * (n)))
#define LOW(n)                                                                                     \
    {                                                                                              \
        BYTES(n), 0                                                                                \
    }
#define HIGH(n)                                                                                    \
    {                                                                                              \
        UINT64_MAX, BYTES(n)                                                                       \
    }
static const struct field_words first_bytes[FIELD_KEY_SIZE + 1] = {
    {0, 0},  LOW(1),  LOW(2),  LOW(3),  LOW(4),  LOW(5),  LOW(6),  LOW(7),  LOW(8),
    HIGH(1), HIGH(2), HIGH(3), HIGH(4), HIGH(5), HIGH(6), HIGH(7), HIGH(8),
};

/* The field of this name, or FIELD_NONE. */
FORCE_INLINE uint32_t find_field(const struct field_index *keys, struct text key, const char *end)
{
    if (key.length > FIELD_KEY_SIZE) {
        return FIELD_NONE;
    }
    struct field_words words;
    if (end - key.bytes >= FIELD_KEY_SIZE) {
        memcpy(&words, key.bytes, sizeof(words));
    } else {
        words.low = load_8(key.bytes, end);
        words.high = end - key.bytes > 8 ? load_8(key.bytes + 8, end) : 0;
    }
    words.low &= first_bytes[key.length].low;
    words.high &= first_bytes[key.length].high;
    /* Without NUL in the line, two keys of the same words have the same length. */
    const struct field_slot *slot = field_slot(keys, words);
    bool same = slot->words.low == words.low && slot->words.high == words.high;
    return same ? slot->field : FIELD_NONE;
}

/* Mostly there are none: the byte is looked at for what it is hoped to be before. */
#define EXPECT(at, byte) (*(at) == (byte) || *((at) = skip_blanks(at)) == (byte))

/* walk.at: behind the opening brace. False: give up. */
FORCE_INLINE bool walk_members(struct walk walk, const struct quote_index *quotes,
                               const struct field_index *keys, struct json_fields *fields)
{
    uint64_t present = 0;
    for (;;) {
        if (!EXPECT(walk.at, '"')) {
            return false;
        }
        const char *close = next_quote(&walk, walk.at + 1);
        struct text key = {walk.at + 1, (uint32_t)(close - walk.at - 1)};
        const char *colon = close + 1;
        if (!EXPECT(colon, ':')) {
            return false;
        }
        struct json_value value;
        walk.at = take_value(&walk, colon[1] == ' ' ? skip_blanks(colon + 1) : colon + 1, &value);
        if (walk.at == NULL) {
            return false;
        }
        uint32_t field = find_field(keys, key, walk.end);
        if (field != FIELD_NONE) {
            if ((present >> field & 1) != 0) {
                return false; /* a second time: the strict scan compares */
            }
            present |= UINT64_C(1) << field;
            fields->values[field] = value;
        } else if (quotes->has_escapes && holds_backslash(quotes, walk.line, key)) {
            return false; /* perhaps a known key */
        }
        if (!EXPECT(walk.at, ',')) {
            break;
        }
        walk.at++;
    }
    fields->present = present;
    return *walk.at == '}' && walk.at == walk.end - 1;
}

static void note_escapes(const struct quote_index *quotes, const char *line,
                         struct json_fields *fields)
{
    for (uint64_t rest = fields->present; rest != 0; rest &= rest - 1) {
        struct json_value *value = &fields->values[__builtin_ctzll(rest)];
        value->escaped = value->type == JSON_STRING && holds_backslash(quotes, line, value->raw);
    }
}

FORCE_INLINE bool read_members(const struct field_index *keys, const struct quote_index *quotes,
                               struct text line, struct json_fields *fields)
{
    if (quotes->has_control || quotes->has_bad_escape || quotes->is_odd) {
        return false;
    }
    struct walk walk = {line.bytes + 1, line.bytes, line.bytes + line.length, quotes->quotes};
    if (!walk_members(walk, quotes, keys, fields)) {
        return false;
    }
    if (quotes->has_escapes) {
        note_escapes(quotes, line.bytes, fields);
    }
    fields->is_ascii = quotes->is_ascii;
    return true;
}

static bool read_plain(const struct field_index *keys, const struct quote_index *quotes,
                       struct text line, struct json_fields *fields)
{
    return read_members(keys, quotes, line, fields);
}

#ifdef __x86_64__

/* The same in the instructions of a younger machine: bits are taken off in one of them. */
__attribute__((target("bmi,bmi2"))) static bool read_bmi(const struct field_index *keys,
                                                         const struct quote_index *quotes,
                                                         struct text line,
                                                         struct json_fields *fields)
{
    return read_members(keys, quotes, line, fields);
}

#endif

bool json_quick_open(struct json_quick *quick, enum quote_path path)
{
    quick->scan = quote_scan_by(path);
    quick->read = read_plain;
#ifdef __x86_64__
    if (path == QUOTE_PATH_AVX2 && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2")) {
        quick->read = read_bmi;
    }
#endif
    return quick->scan != NULL;
}

bool json_quick_read(struct json_quick *quick, const struct field_index *keys, struct text line,
                     struct json_fields *fields)
{
    if (line.length < JSON_QUICK_BYTES_MIN || line.bytes[line.length - 1] != '}') {
        return false;
    }
    quick->scan(&quick->quotes, line);
    return quick->read(keys, &quick->quotes, line, fields);
}
