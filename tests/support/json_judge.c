#include "support/json_judge.h"

#include "base/panic.h"
#include "decode/json_number.h"
#include "support/jansson_view.h"

static void compare_string(const struct json_value *value, void *root, const char *key)
{
    static char text[RECORD_BYTES_MAX];
    const char *expected;
    size_t expected_length;
    uint32_t length;
    bool whole = json_unescape(value->raw, text, &length);
    assert(whole); /* jansson takes no half surrogates */
    assert(jansson_string(root, key, &expected, &expected_length));
    assert(length == expected_length);
    assert(memcmp(text, expected, length) == 0);
    bool escaped = memchr(value->raw.bytes, '\\', value->raw.length) != NULL;
    assert(value->escaped == escaped);
}

static void compare_number(const struct json_value *value, void *root, const char *key)
{
    int64_t expected;
    uint64_t number;
    if (!jansson_integer(root, key, &expected)) {
        return; /* a fraction or an exponent: theirs are doubles */
    }
    enum number_result result = json_number_scaled(value->raw, 0, &number);
    assert((result == NUMBER_NEGATIVE) == (expected < 0));
    assert(expected < 0 || (result == NUMBER_EXACT && number == (uint64_t)expected));
}

static void compare_fields(const struct json_fields *fields, void *root)
{
    for (uint32_t field = 0; field < FIELD_NONE; field++) {
        const char *key = field_key((enum field)field);
        bool known = fields_have(fields, (enum field)field);
        assert(known == jansson_has(root, key));
        if (!known || (fields->conflicting >> field & 1) != 0) {
            continue; /* jansson keeps the last of two, we the first and the conflict */
        }
        const struct json_value *value = &fields->values[field];
        if (value->type == JSON_STRING) {
            compare_string(value, root, key);
        } else if (value->type == JSON_NUMBER) {
            compare_number(value, root, key);
        }
    }
}

bool json_judge(struct decoder *decoder, struct text line)
{
    void *root;
    decoder->input = line.bytes;
    decoder->scratch_used = 0;
    bool ours = json_fields_read(decoder, line, NULL);
    if (memchr(line.bytes, '\0', line.length) != NULL) {
        assert(!ours); /* jansson passes over a NUL behind a number */
        return false;
    }
    switch (jansson_look(line.bytes, line.length, &root)) {
    case JANSSON_OBJECT:
        assert(ours || decoder->reject == REJECT_TOO_DEEP);
        if (ours) {
            compare_fields(&decoder->fields, root);
        }
        jansson_let_go(root);
        break;
    case JANSSON_REFUSED:
        assert(!ours);
        break;
    case JANSSON_PICKY:
        break;
    }
    return ours;
}
