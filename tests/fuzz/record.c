/* Any bytes are a record, a rejection with a reason, blank or a control line; and a body of them
 * ends. Input: the field map (1 byte), then the record. */
#include "check_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(struct decoder *decoder, struct text input)
{
    struct record record;
    enum reject reject = REJECT_COUNT;
    bool ack;
    enum decode_result result =
        decode_record(decoder, input, INT64_C(1795446000000000000), &record, &reject, &ack);
    check_answer(decoder, input, result, &record, reject);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    if (decoder == NULL && decoder_open(&decoder, NULL) != STATUS_OK) {
        abort();
    }
    if (size == 0) {
        return 0;
    }
    decoder->settings.map = (enum field_map)(data[0] % (MAP_NGINX_COMBINED + 1));
    struct text input = {(const char *)data + 1, (uint32_t)(size - 1)};
    decode(decoder, input);
    struct body_cursor cursor;
    struct text record;
    const char *at = input.bytes;
    body_cursor_init(&cursor, input);
    while (body_cursor_next(&cursor, &record)) {
        /* In order, without overlap, and none empty. */
        assert(record.length != 0);
        assert(record.bytes >= at);
        at = record.bytes + record.length;
        assert(at <= input.bytes + input.length);
        decode(decoder, record);
    }
    return 0;
}
