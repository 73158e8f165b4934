/* Syslog headers of any bytes: texts inside the record, year-less times near the time of receipt.
 * Input: the time of receipt in seconds (4 bytes), then what follows `<13>`. */
#include "check_record.h"
#include "domain/civil.h"

/* The nearest year's time is half a year away, but for 29 February and the zone. */
#define FAR_NS (4 * 366 * NS_PER_DAY)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    static char bytes[RECORD_BYTES_MAX];
    if (decoder == NULL && decoder_open(&decoder, NULL) != STATUS_OK) {
        abort();
    }
    if (size < 4 || size > sizeof(bytes)) {
        return 0;
    }
    int64_t received_ns = load_u32(data) * NS_PER_SECOND;
    memcpy(bytes, "<13>", 4);
    memcpy(bytes + 4, data + 4, size - 4);
    struct text input = {bytes, (uint32_t)size};
    struct record record;
    enum reject reject = REJECT_COUNT;
    bool ack;
    enum decode_result result = decode_record(decoder, input, received_ns, &record, &reject, &ack);
    check_answer(decoder, input, result, &record, reject);
    assert(result != DECODE_BLANK);
    bool from_header = result == DECODE_RECORD && record.time_token_count == 0 && size > 4 &&
                       bytes[4] >= 'A' && bytes[4] <= 'S' && record.occurred_ns != TIME_NONE;
    if (from_header && record.occurred_ns > 0) {
        assert(record.occurred_ns < received_ns + FAR_NS);
        assert(record.occurred_ns > received_ns - FAR_NS);
    }
    return 0;
}
