#include "decode/plain_request.h"

#include "decode/decoder.h"
#include "decode/json_number.h"

#define STRINGS                                                                                    \
    (FIELD_BIT(TS) | FIELD_BIT(ID) | FIELD_BIT(SOURCE) | FIELD_BIT(SERVICE) | FIELD_BIT(CUSTOMER))
#define NUMBERS (FIELD_BIT(STATUS) | FIELD_BIT(LATENCY_MS))
#define NEEDED  (FIELD_BIT(TS) | FIELD_BIT(SERVICE))

static inline bool read_name(const struct json_fields *fields, enum field field,
                             struct text *name_out)
{
    if (fields_have(fields, field)) {
        /* One by one, as they were stored a moment ago: a wide load would wait for both stores. */
        const struct text *raw = &fields->values[field].raw;
        name_out->bytes = raw->bytes;
        name_out->length = raw->length;
    }
    return name_out->length <= NAME_BYTES_MAX;
}

static inline bool read_number(const struct decoder *decoder, enum field field, uint32_t scale,
                               uint64_t *value_out)
{
    const struct json_fields *fields = &decoder->fields;
    return !fields_have(fields, field) ||
           json_number_short(fields->values[field].raw, decoder->input, scale, value_out);
}

bool plain_request_read(struct decoder *decoder, struct record *record)
{
    const struct json_fields *fields = &decoder->fields;
    uint64_t as_expected = (fields->strings & STRINGS) | (fields->numbers & NUMBERS);
    uint64_t status = 0;
    if ((fields->present & (FIELDS_REQUEST | FIELD_BIT(RECEIVED))) != as_expected ||
        (as_expected & NEEDED) != NEEDED || !fields->is_ascii) {
        return false;
    }
    struct text time = {fields->values[FIELD_TS].raw.bytes, fields->values[FIELD_TS].raw.length};
    if (!read_name(fields, FIELD_SERVICE, &record->service) || record->service.length == 0 ||
        !read_name(fields, FIELD_CUSTOMER, &record->customer) ||
        !read_name(fields, FIELD_SOURCE, &record->source) ||
        !read_name(fields, FIELD_ID, &record->id) ||
        !read_number(decoder, FIELD_STATUS, 0, &status) || (status - 100 > 499 && status != 0) ||
        !read_number(decoder, FIELD_LATENCY_MS, 6, &record->latency_ns) ||
        !time_memo_parse(&decoder->memo, time, &record->occurred_ns)) {
        return false;
    }
    record->status = (uint16_t)status;
    record->time_tokens[0] = time;
    record->time_token_count = 1;
    return true;
}
