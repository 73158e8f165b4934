#include "decode/json_fields.h"

#include "base/panic.h"
#include "decode/decoder.h"
#include "decode/json_number.h"
#include "decode/json_quick.h"
#include "domain/civil.h"

/* Longer strings are not compared once they are escaped: they count as different. */
#define ESCAPED_COMPARE_MAX 512

const char *field_key(enum field field)
{
#define X(name, key) key,
    static const char *const keys[] = {FIELD_TABLE(X)};
#undef X
    assert(field < FIELD_NONE);
    return keys[field];
}

static struct field_words key_words(struct text key)
{
    struct field_words words = {0, 0};
    memcpy(&words, key.bytes, key.length);
    return words;
}

/* False: with this multiplier two keys want the same slot. */
static bool fill_slots(struct field_index *index)
{
    for (uint32_t slot = 0; slot < FIELD_SLOT_COUNT; slot++) {
        index->slots[slot] = (struct field_slot){.field = FIELD_NONE};
    }
    for (uint32_t field = 0; field < FIELD_NONE; field++) {
        struct text key = text_from(field_key(field));
        assert(key.length <= FIELD_KEY_SIZE);
        struct field_words words = key_words(key);
        struct field_slot *slot = &index->slots[field_slot(index, words) - index->slots];
        if (slot->field != FIELD_NONE) {
            return false;
        }
        *slot = (struct field_slot){words, key.length, field};
    }
    return true;
}

void field_index_init(struct field_index *index)
{
    /* Some fifty tries: 44 keys in 256 slots meet by chance only. */
    const uint64_t step = UINT64_C(0x9E3779B97F4A7C15);
    index->multiplier = step | 1;
    while (!fill_slots(index)) {
        index->multiplier = (index->multiplier * step + step) | 1;
    }
}

static uint32_t find_key(const struct field_index *index, struct text key)
{
    if (key.length > FIELD_KEY_SIZE) {
        return FIELD_NONE;
    }
    struct field_words words = key_words(key);
    const struct field_slot *slot = field_slot(index, words);
    bool same = slot->words.low == words.low && slot->words.high == words.high &&
                slot->length == key.length;
    return same ? slot->field : FIELD_NONE;
}

/* "s\u0065rvice" is `service` too. */
static uint32_t find_escaped_key(const struct field_index *index, struct text raw)
{
    char key[6 * FIELD_KEY_SIZE];
    uint32_t length;
    if (raw.length > sizeof(key) || !json_unescape(raw, key, &length)) {
        return FIELD_NONE;
    }
    return find_key(index, (struct text){key, length});
}

static bool same_value(const struct json_value *a, const struct json_value *b)
{
    if (a->type != b->type) {
        return false;
    }
    if (text_equal(a->raw, b->raw)) {
        return true;
    }
    if ((!a->escaped && !b->escaped) || a->raw.length > ESCAPED_COMPARE_MAX ||
        b->raw.length > ESCAPED_COMPARE_MAX) {
        return false;
    }
    char bytes[2][ESCAPED_COMPARE_MAX];
    uint32_t length[2];
    bool whole = json_unescape(a->raw, bytes[0], &length[0]);
    whole = json_unescape(b->raw, bytes[1], &length[1]) && whole;
    return whole &&
           text_equal((struct text){bytes[0], length[0]}, (struct text){bytes[1], length[1]});
}

static void note_value(struct json_fields *fields, uint32_t field, const struct json_value *value)
{
    uint64_t bit = UINT64_C(1) << field;
    if ((fields->present & bit) == 0) {
        fields->present |= bit;
        fields->values[field] = *value;
    } else if (!same_value(&fields->values[field], value)) {
        fields->conflicting |= bit;
    }
}

static bool refuse_fault(struct decoder *decoder, const struct json_scan *scan)
{
    enum reject reject = scan->fault == JSON_FAULT_TOO_DEEP ? REJECT_TOO_DEEP : REJECT_BAD_JSON;
    return decoder_refuse(decoder, reject, "column %u: %s", decoder_column(decoder, scan->at),
                          json_fault_text(scan->fault));
}

/* An array is no record, but if it is broken as well, say that. */
static bool refuse_array(struct decoder *decoder, struct text bytes)
{
    struct json_scan scan;
    json_scan_init(&scan, bytes);
    enum json_step step = json_array_open(&scan) ? JSON_STEP_ITEM : JSON_STEP_FAULT;
    for (bool first = true; step == JSON_STEP_ITEM; first = false) {
        struct json_value value;
        step = json_array_next(&scan, first, &value);
    }
    if (step == JSON_STEP_FAULT) {
        return refuse_fault(decoder, &scan);
    }
    return decoder_refuse(decoder, REJECT_BAD_JSON,
                          "a record is one JSON object; arrays are for HTTP bodies");
}

/* The strict scan of all of it. */
static bool read_strictly(struct decoder *decoder, struct text bytes)
{
    struct json_fields *fields = &decoder->fields;
    fields->present = 0;
    fields->strings = 0;
    fields->numbers = 0;
    fields->is_ascii = false;
    struct json_scan scan;
    json_scan_init(&scan, bytes);
    if (!json_object_open(&scan)) {
        return refuse_fault(decoder, &scan);
    }
    for (bool first = true;; first = false) {
        struct json_value key;
        struct json_value value;
        enum json_step step = json_object_next(&scan, first, &key, &value);
        if (step == JSON_STEP_END) {
            break;
        }
        if (step == JSON_STEP_FAULT) {
            return refuse_fault(decoder, &scan);
        }
        uint32_t field = key.escaped ? find_escaped_key(&decoder->keys, key.raw)
                                     : find_key(&decoder->keys, key.raw);
        if (field != FIELD_NONE) {
            note_value(fields, field, &value);
        }
    }
    return json_scan_finish(&scan) || refuse_fault(decoder, &scan);
}

/* The index of just these bytes; NULL: they have none. */
static const struct line_index *index_of(struct decoder *decoder, struct text bytes,
                                         const struct line_index *given)
{
    if (given != NULL && given->line.bytes == bytes.bytes && given->line.length == bytes.length) {
        return given;
    }
    struct line_index *index = &decoder->own_index;
    index->scan(index, bytes.bytes, bytes.length);
    return index->line.length == bytes.length ? index : NULL;
}

bool json_fields_read(struct decoder *decoder, struct text bytes, const struct line_index *given)
{
    struct json_fields *fields = &decoder->fields;
    fields->conflicting = 0;
    if (bytes.bytes[0] == '[') {
        return refuse_array(decoder, bytes);
    }
    if (decoder->read_quickly != NULL) {
        const struct line_index *index = index_of(decoder, bytes, given);
        if (index != NULL &&
            decoder->read_quickly(&decoder->shape, index, &decoder->keys, fields)) {
            return true;
        }
    }
    return read_strictly(decoder, bytes);
}

bool fields_unique(struct decoder *decoder, uint64_t mask)
{
    uint64_t conflicting = decoder->fields.conflicting & mask;
    if (conflicting == 0) {
        return true;
    }
    return decoder_refuse(decoder, REJECT_DUPLICATE_KEY,
                          "field `%s` stands twice with different values",
                          field_key((enum field)__builtin_ctzll(conflicting)));
}

bool fields_missing(struct decoder *decoder, enum field field)
{
    return decoder_refuse(decoder, REJECT_MISSING_FIELD, "field `%s` is missing", field_key(field));
}

bool fields_wrong_type(struct decoder *decoder, enum field field, const char *expected)
{
    return decoder_refuse(decoder, REJECT_BAD_TYPE, "field `%s`: expected %s, got %s",
                          field_key(field), expected,
                          json_type_words(decoder->fields.values[field].type));
}

static bool refuse_value(struct decoder *decoder, enum field field, struct text text,
                         const char *why)
{
    char excerpt[EXCERPT_SIZE];
    decoder_excerpt(text, excerpt);
    return decoder_refuse(decoder, REJECT_BAD_VALUE, "field `%s`: %s %s", field_key(field), excerpt,
                          why);
}

/* False: it holds a surrogate without its partner. */
static bool unescape(struct decoder *decoder, const struct json_value *value, struct text *text_out)
{
    if (!value->escaped) {
        *text_out = value->raw;
        return true;
    }
    char *out = decoder_scratch(decoder, value->raw.length);
    uint32_t length;
    bool whole = json_unescape(value->raw, out, &length);
    *text_out = (struct text){out, length};
    return whole;
}

bool fields_string(struct decoder *decoder, enum field field, struct text *text_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type != JSON_STRING) {
        return fields_wrong_type(decoder, field, "a string");
    }
    (void)unescape(decoder, value,
                   text_out); /* a stray surrogate in a title is a U+FFFD, not an error */
    return true;
}

static bool take_name(struct decoder *decoder, enum field field, const struct json_value *value,
                      struct text *name_out)
{
    if (!unescape(decoder, value, name_out)) {
        return decoder_refuse(decoder, REJECT_BAD_UTF8,
                              "field `%s`: a surrogate without its partner", field_key(field));
    }
    if (decoder->fields.is_ascii && !value->escaped && name_out->length <= NAME_BYTES_MAX) {
        return true; /* nothing in it that decoder_check_name could refuse */
    }
    return decoder_check_name(decoder, field_key(field), *name_out);
}

bool fields_name(struct decoder *decoder, enum field field, struct text *name_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type != JSON_STRING) {
        return fields_wrong_type(decoder, field, "a string");
    }
    return take_name(decoder, field, value, name_out);
}

static bool take_list(struct decoder *decoder, enum field field, const struct json_value *list,
                      struct text *names, uint32_t *count_out)
{
    struct json_scan scan;
    json_scan_init(&scan, list->raw);
    bool open = json_array_open(&scan);
    assert(open); /* it was scanned as an array */
    uint32_t count = 0;
    struct json_value item;
    while (json_array_next(&scan, count == 0, &item) == JSON_STEP_ITEM) {
        if (item.type != JSON_STRING) {
            return decoder_refuse(decoder, REJECT_BAD_TYPE,
                                  "field `%s`: expected a list of strings, got %s in it",
                                  field_key(field), json_type_words(item.type));
        }
        if (count == RECORD_LIST_MAX) {
            return decoder_refuse(decoder, REJECT_BAD_VALUE, "field `%s`: more than %d names",
                                  field_key(field), RECORD_LIST_MAX);
        }
        if (!take_name(decoder, field, &item, &names[count])) {
            return false;
        }
        if (names[count].length == 0) {
            return decoder_refuse(decoder, REJECT_BAD_VALUE,
                                  "field `%s`: an empty name in the list", field_key(field));
        }
        count++;
    }
    *count_out = count;
    return true;
}

bool fields_names(struct decoder *decoder, enum field field, struct text *names,
                  uint32_t *count_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type == JSON_ARRAY) {
        return take_list(decoder, field, value, names, count_out);
    }
    if (value->type != JSON_STRING) {
        return fields_wrong_type(decoder, field, "a string or a list of strings");
    }
    if (!take_name(decoder, field, value, &names[0])) {
        return false;
    }
    *count_out = names[0].length != 0 ? 1 : 0;
    return true;
}

bool fields_word(struct decoder *decoder, enum field field, int (*from)(struct text word),
                 const char *words, int *value_out)
{
    struct text word = TEXT_NONE;
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    if (!fields_string(decoder, field, &word)) {
        return false;
    }
    int value = from(word);
    if (value < 0) {
        char excerpt[EXCERPT_SIZE];
        decoder_excerpt(word, excerpt);
        words += strspn(words, " ");
        return decoder_refuse(decoder, REJECT_BAD_VALUE, "field `%s`: %s is none of: %s",
                              field_key(field), excerpt, words);
    }
    *value_out = value;
    return true;
}

bool fields_boolean(struct decoder *decoder, enum field field, bool *value_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    enum json_type type = decoder->fields.values[field].type;
    if (type != JSON_TRUE && type != JSON_FALSE) {
        return fields_wrong_type(decoder, field, "true or false");
    }
    *value_out = type == JSON_TRUE;
    return true;
}

bool fields_integer(struct decoder *decoder, enum field field, uint64_t low, uint64_t high,
                    uint64_t *value_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type != JSON_NUMBER) {
        return fields_wrong_type(decoder, field, "an integer");
    }
    uint64_t number = 0;
    enum number_result result = NUMBER_EXACT;
    if (!json_number_short(value->raw, decoder->input, 0, &number)) {
        result = json_number_scaled(value->raw, 0, &number);
    }
    if (result == NUMBER_CUT) {
        return refuse_value(decoder, field, value->raw, "is not an integer");
    }
    if (result != NUMBER_EXACT || number < low || number > high) {
        char excerpt[EXCERPT_SIZE];
        decoder_excerpt(value->raw, excerpt);
        return decoder_refuse(decoder, REJECT_BAD_VALUE,
                              "field `%s`: %s is not between %llu and %llu", field_key(field),
                              excerpt, (unsigned long long)low, (unsigned long long)high);
    }
    *value_out = number;
    return true;
}

bool fields_duration(struct decoder *decoder, enum field field, uint32_t scale, uint64_t *ns_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type != JSON_NUMBER) {
        return fields_wrong_type(decoder, field, "a number");
    }
    if (json_number_short(value->raw, decoder->input, scale, ns_out)) {
        return true;
    }
    uint64_t ns = 0;
    switch (json_number_scaled(value->raw, scale, &ns)) {
    case NUMBER_EXACT:
    case NUMBER_CUT:
        *ns_out = ns;
        return true;
    case NUMBER_NEGATIVE:
        return refuse_value(decoder, field, value->raw, "is negative");
    case NUMBER_TOO_LARGE:
    case NUMBER_NOT:
        break;
    }
    return refuse_value(decoder, field, value->raw, "is too large");
}

bool fields_time(struct decoder *decoder, enum field field, int64_t *ns_out)
{
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type != JSON_STRING && value->type != JSON_NUMBER) {
        return fields_wrong_type(decoder, field, "a time (RFC 3339 or an epoch number)");
    }
    struct text text;
    (void)unescape(decoder, value, &text);
    int64_t ns;
    bool parsed = value->type == JSON_NUMBER ? civil_parse_epoch(text, &ns)
                                             : time_memo_parse(&decoder->memo, text, &ns);
    if (!parsed) {
        char excerpt[EXCERPT_SIZE];
        decoder_excerpt(text, excerpt);
        return decoder_refuse(decoder, REJECT_BAD_TIME,
                              "field `%s`: %s is not a time (RFC 3339 or an epoch number)",
                              field_key(field), excerpt);
    }
    *ns_out = ns;
    return true;
}

bool fields_local_time(struct decoder *decoder, enum field field, const struct zone *zone,
                       int64_t *ns_out, bool *skipped_out)
{
    const struct json_value *value = &decoder->fields.values[field];
    int64_t local_ns;
    *skipped_out = false;
    if (!fields_have(&decoder->fields, field) || value->type != JSON_STRING ||
        !civil_parse_local(value->raw, &local_ns)) {
        return fields_time(decoder, field, ns_out);
    }
    *ns_out = zone_utc_ns(zone, local_ns);
    *skipped_out = !zone_has_local(zone, local_ns);
    return true;
}
