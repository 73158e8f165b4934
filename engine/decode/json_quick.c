#include "decode/json_quick.h"

#include "base/panic.h"
#include "decode/digits.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define FORCE_INLINE __attribute__((always_inline)) static inline

/* A line on its way. All of it lives in registers: the functions below are inlined into one. */
struct walk {
    const char *line;
    const char *end;          /* behind the line's last byte, which is a '}' */
    const char *readable_end; /* of the buffer */
    const uint64_t *quotes;
    const struct line_index *index;
    struct json_value *values;
    /* Fields met so far, by the type of their value. */
    uint64_t strings;
    uint64_t numbers;
    uint64_t others;
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

/* roomy: bytes behind the line may be loaded. */
FORCE_INLINE const char *skip_digits(const char *at, const char *end, bool roomy)
{
    for (;;) {
        uint64_t bytes = roomy ? digits_load(at) : load_8(at, end);
        uint64_t strangers = digits_strangers(bytes ^ DIGITS_ZEROS);
        if (strangers != 0) {
            return at + __builtin_ctzll(strangers) / 8;
        }
        at += 8;
    }
}

/* Behind the number at `at`; NULL: not one, or one with an exponent. */
FORCE_INLINE const char *number_end(const char *at, const char *end, bool roomy)
{
    const char *digits = at + (*at == '-');
    at = skip_digits(digits, end, roomy);
    if (at == digits || (*digits == '0' && at - digits > 1)) {
        return NULL;
    }
    if (*at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end, roomy);
        if (at == fraction) {
            return NULL;
        }
    }
    return (*at | 0x20) != 'e' ? at : NULL;
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
FORCE_INLINE uint32_t find_field(const struct field_index *keys, const struct walk *walk,
                                 struct text key)
{
    if (key.length > FIELD_KEY_SIZE) {
        return FIELD_NONE;
    }
    struct field_words words;
    if (walk->readable_end - key.bytes >= FIELD_KEY_SIZE) {
        memcpy(&words, key.bytes, sizeof(words));
    } else {
        words.low = load_8(key.bytes, walk->end);
        words.high = walk->end - key.bytes > 8 ? load_8(key.bytes + 8, walk->end) : 0;
    }
    words.low &= first_bytes[key.length].low;
    words.high &= first_bytes[key.length].high;
    /* Without NUL in the line, two keys of the same words have the same length. */
    const struct field_slot *slot = field_slot(keys, words);
    bool same = slot->words.low == words.low && slot->words.high == words.high;
    return same ? slot->field : FIELD_NONE;
}

/* The values of a key of no meaning go to a place of their own, behind all others. */
FORCE_INLINE void put(const struct walk *walk, uint32_t field, enum json_type type,
                      const char *from, const char *to)
{
    struct json_value *value = &walk->values[field];
    value->raw = (struct text){from, (uint32_t)(to - from)};
    value->type = type;
    value->escaped = false;
}

/* Where a step begins. */
struct place {
    const char *from;
    bool in_string; /* at the quote that ends the value before */
};

/* The shape */

/* Are the first bytes at `at` those of the step? All JSON_SHAPE_BYTES may be loaded. */
#ifdef __x86_64__

__attribute__((target("avx2"))) FORCE_INLINE bool fits_avx2(const char *at,
                                                            const struct json_shape_step *step)
{
    __m256i here = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i there = _mm256_loadu_si256((const __m256i *)(const void *)step->bytes);
    return (~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(here, there)) & step->mask) == 0;
}

FORCE_INLINE uint32_t same_16(const char *a, const char *b)
{
    __m128i left = _mm_loadu_si128((const __m128i *)(const void *)a);
    __m128i right = _mm_loadu_si128((const __m128i *)(const void *)b);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(left, right));
}

FORCE_INLINE bool fits_sse2(const char *at, const struct json_shape_step *step)
{
    uint32_t same = same_16(at, step->bytes) | same_16(at + 16, step->bytes + 16) << 16;
    return (~same & step->mask) == 0;
}

#endif

FORCE_INLINE bool fits_plain(const char *at, const struct json_shape_step *step)
{
    return memcmp(at, step->bytes, step->length) == 0;
}

typedef bool fits_function(const char *at, const struct json_shape_step *step);

/* As far as the line has the shape: to the first step that does not fit. False: the shape ended, and
 * place_out->from says where. */
FORCE_INLINE bool follow_shape(const struct walk *walk, struct json_shape *shape,
                               fits_function *fits, struct place *place_out)
{
    const struct json_shape_step *step = shape->steps;
    const char *from = walk->line;
    while (fits(from, step)) {
        const char *start = from + step->length;
        if (step->next == JSON_SHAPE_STRING) {
            from = next_quote(walk, start);
            put(walk, step->field, JSON_STRING, start, from);
        } else if (step->next == JSON_SHAPE_NUMBER) {
            const char *behind = number_end(start, walk->end, true);
            if (behind == NULL) {
                break;
            }
            put(walk, step->field, JSON_NUMBER, start, behind);
            from = behind;
        } else {
            place_out->from = start;
            return false;
        }
        step++;
    }
    shape->count = (uint32_t)(step - shape->steps);
    place_out->from = from;
    place_out->in_string = shape->count != 0 && step[-1].next == JSON_SHAPE_STRING;
    return true;
}

/* The fields of the steps that did fit. */
static void recall(struct walk *walk, const struct json_shape *shape)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        const struct json_shape_step *step = &shape->steps[i];
        uint64_t bit = UINT64_C(1) << step->field;
        walk->strings |= step->next == JSON_SHAPE_STRING ? bit : 0;
        walk->numbers |= step->next == JSON_SHAPE_NUMBER ? bit : 0;
    }
}

/* A shape that ends here: no line has a NUL. */
static void end_shape(struct json_shape *shape)
{
    shape->steps[shape->count] = (struct json_shape_step){.mask = UINT32_MAX, .length = 1};
}

void json_shape_init(struct json_shape *shape)
{
    shape->count = 0;
    end_shape(shape);
}

/* What stands from `from` to `to` is the next step. False: it is too long for one. */
static bool learn(struct json_shape *shape, const struct walk *walk, const char *from,
                  const char *to, enum json_shape_next next, uint32_t field)
{
    uint32_t length = (uint32_t)(to - from);
    if (shape->count == JSON_SHAPE_STEPS_MAX || length > JSON_SHAPE_BYTES ||
        walk->readable_end - from < JSON_SHAPE_BYTES) {
        return false;
    }
    struct json_shape_step *step = &shape->steps[shape->count++];
    memcpy(step->bytes, from, JSON_SHAPE_BYTES);
    step->mask = (uint32_t)((UINT64_C(1) << length) - 1);
    step->length = (uint16_t)length;
    step->next = (uint8_t)next;
    step->field = (uint8_t)field;
    return true;
}

/* The walk */

static bool holds_backslash(const struct line_index *index, struct text string)
{
    uint32_t from = (uint32_t)(string.bytes - index->line.bytes);
    return line_index_may_escape(index, from, from + string.length) &&
           memchr(string.bytes, '\\', string.length) != NULL;
}

/* A word, or an array or object, by the strict scan. */
static const char *note_other(struct walk *walk, uint32_t field, const char *start)
{
    struct json_scan scan = {.at = start, .end = walk->end, .depth = 1};
    if (!json_scan_value(&scan, &walk->values[field]) || scan.at == walk->end) {
        return NULL;
    }
    walk->others |= UINT64_C(1) << field;
    return scan.at;
}

/* Mostly there are none: the byte is looked at for what it is hoped to be before. */
#define EXPECT(at, byte) (*(at) == (byte) || *((at) = skip_blanks(at)) == (byte))

/* From the quote of the key at `at` to its value; false: give up. */
FORCE_INLINE bool take_key(const struct walk *walk, const struct field_index *keys, const char **at,
                           uint32_t *field_out)
{
    const char *quote = *at;
    if (!EXPECT(quote, '"')) {
        return false;
    }
    const char *close = next_quote(walk, quote + 1);
    struct text key = {quote + 1, (uint32_t)(close - quote - 1)};
    const char *colon = close + 1;
    if (!EXPECT(colon, ':')) {
        return false;
    }
    *field_out = find_field(keys, walk, key);
    *at = colon[1] == ' ' ? skip_blanks(colon + 1) : colon + 1;
    if (*field_out == FIELD_NONE) {
        return !holds_backslash(walk->index, key); /* else it is perhaps a known key */
    }
    uint64_t present = walk->strings | walk->numbers | walk->others;
    return (present >> *field_out & 1) == 0; /* a second time: the strict scan compares */
}

/* Notes the value at `start`, and moves to the step behind it; false: give up. */
FORCE_INLINE bool take_value(struct walk *walk, struct json_shape *shape, bool *learning,
                             struct place *place, const char *start, uint32_t field)
{
    unsigned char first = (unsigned char)*start;
    const char *behind;
    place->in_string = first == '"';
    if (place->in_string) {
        start++;
        behind = next_quote(walk, start);
        put(walk, field, JSON_STRING, start, behind);
        walk->strings |= UINT64_C(1) << field;
        *learning = *learning && learn(shape, walk, place->from, start, JSON_SHAPE_STRING, field);
    } else if (first - (unsigned)'0' <= 9 || first == '-') {
        behind = number_end(start, walk->end, false);
        if (behind == NULL) {
            return false;
        }
        put(walk, field, JSON_NUMBER, start, behind);
        walk->numbers |= UINT64_C(1) << field;
        *learning = *learning && learn(shape, walk, place->from, start, JSON_SHAPE_NUMBER, field);
    } else {
        behind = note_other(walk, field, start);
        *learning = false;
    }
    place->from = behind;
    return behind != NULL;
}

/* From the step that begins at `place` on, key by key. learning: what is met is the new shape. */
FORCE_INLINE bool walk_members(struct walk *walk, struct json_shape *shape, bool learning,
                               const struct field_index *keys, struct place place)
{
    char before = place.from == walk->line ? '{' : ',';
    for (;;) {
        const char *at = place.from + place.in_string;
        uint32_t field;
        if (!EXPECT(at, before)) {
            break;
        }
        at++;
        if (!take_key(walk, keys, &at, &field) ||
            !take_value(walk, shape, &learning, &place, at, field)) {
            return false;
        }
        before = ',';
    }
    const char *last = place.from + place.in_string;
    if (!EXPECT(last, '}') || last != walk->end - 1) {
        return false;
    }
    if (learning && learn(shape, walk, place.from, walk->end, JSON_SHAPE_END, FIELD_NONE)) {
        shape->strings = walk->strings;
        shape->numbers = walk->numbers;
    }
    return true;
}

/* All together */

static void note_escapes(struct walk *walk)
{
    for (uint64_t rest = walk->strings; rest != 0; rest &= rest - 1) {
        uint32_t field = (uint32_t)__builtin_ctzll(rest);
        struct json_value *value = &walk->values[field];
        value->escaped = holds_backslash(walk->index, value->raw);
        walk->strings &= ~((uint64_t)value->escaped << field);
        walk->others |= (uint64_t)value->escaped << field;
    }
}

FORCE_INLINE bool read_members(struct walk *walk, struct json_shape *shape,
                               const struct field_index *keys, fits_function *fits)
{
    struct place place = {walk->line, false};
    if (walk->readable_end - walk->end < JSON_SHAPE_BYTES) {
        return walk_members(walk, shape, false, keys, place);
    }
    if (!follow_shape(walk, shape, fits, &place)) {
        walk->strings = shape->strings;
        walk->numbers = shape->numbers;
        return place.from == walk->end;
    }
    recall(walk, shape);
    bool read = walk_members(walk, shape, true, keys, place);
    end_shape(shape);
    return read;
}

FORCE_INLINE bool read_line(struct json_shape *shape, const struct line_index *index,
                            const struct field_index *keys, struct json_fields *fields,
                            fits_function *fits)
{
    struct walk walk = {
        .line = index->line.bytes,
        .end = index->line.bytes + index->line.length,
        .readable_end = index->readable_end,
        .quotes = index->quotes,
        .index = index,
        .values = fields->values,
    };
    if (!index->is_clean || index->line.length < JSON_QUICK_BYTES_MIN || walk.end[-1] != '}' ||
        !read_members(&walk, shape, keys, fits)) {
        return false;
    }
    if (__builtin_expect(index->has_escapes, 0)) {
        note_escapes(&walk);
    }
    fields->strings = walk.strings & ~FIELD_BIT(NONE);
    fields->numbers = walk.numbers & ~FIELD_BIT(NONE);
    fields->present = (walk.strings | walk.numbers | walk.others) & ~FIELD_BIT(NONE);
    fields->is_ascii = index->is_ascii;
    return true;
}

static bool read_plain(struct json_shape *shape, const struct line_index *index,
                       const struct field_index *keys, struct json_fields *fields)
{
    return read_line(shape, index, keys, fields, fits_plain);
}

#ifdef __x86_64__

static bool read_sse2(struct json_shape *shape, const struct line_index *index,
                      const struct field_index *keys, struct json_fields *fields)
{
    return read_line(shape, index, keys, fields, fits_sse2);
}

__attribute__((target("avx2,bmi,bmi2"))) static bool read_avx2(struct json_shape *shape,
                                                               const struct line_index *index,
                                                               const struct field_index *keys,
                                                               struct json_fields *fields)
{
    return read_line(shape, index, keys, fields, fits_avx2);
}

#endif

json_quick_read *json_quick_read_by(enum line_index_path path)
{
    switch (path) {
    case LINE_INDEX_PLAIN:
        return read_plain;
#ifdef __x86_64__
    case LINE_INDEX_SSE2:
        return read_sse2;
    case LINE_INDEX_AVX2:
        return read_avx2;
#else
    case LINE_INDEX_SSE2:
    case LINE_INDEX_AVX2:
        return read_plain;
#endif
    case LINE_INDEX_PATH_COUNT:
        break;
    }
    unreachable("all paths are listed");
}
