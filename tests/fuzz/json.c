/* JSON and jansson's JSON are the same: validity, known keys, texts, integers. And the quick ways of
 * the decoder give what the strict scan gives. Input: a line; a '{' is put before it. */
#include <stdlib.h>

#include "base/panic.h"
#include "support/json_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct decoder *open_decoder(bool quick)
{
    struct decoder *decoder;
    if (decoder_open(&decoder, NULL) != STATUS_OK) {
        abort();
    }
    if (!quick) {
        decoder->read_quickly = NULL;
    }
    return decoder;
}

static void compare(const struct json_fields *quick, const struct json_fields *strict)
{
    assert(quick->present == strict->present);
    assert(quick->conflicting == strict->conflicting);
    for (uint32_t field = 0; field < FIELD_NONE; field++) {
        if (fields_have(quick, (enum field)field)) {
            const struct json_value *a = &quick->values[field];
            const struct json_value *b = &strict->values[field];
            assert(a->type == b->type);
            assert(a->raw.bytes == b->raw.bytes);
            assert(a->raw.length == b->raw.length);
            assert(a->escaped == b->escaped);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *quick;
    static struct decoder *strict;
    if (quick == NULL) {
        quick = open_decoder(true);
        strict = open_decoder(false);
    }
    if (size >= RECORD_BYTES_MAX) {
        return 0;
    }
    char *line = malloc(size + 1);
    assert(line != NULL);
    line[0] = '{';
    memcpy(line + 1, data, size);
    struct text text = {line, (uint32_t)size + 1};
    bool valid = json_judge(quick, text);
    assert(json_judge(strict, text) == valid);
    if (valid) {
        compare(&quick->fields, &strict->fields);
    }
    free(line);
    return 0;
}
