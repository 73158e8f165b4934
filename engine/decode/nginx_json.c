/* nginx access logs in JSON, as `log_format escape=json` writes them (WIRE section 1.4):
 *
 *   {"ts":"...","msec":1795445741.342,"request_id":"d3ad...","host":"shop","method":"GET","uri":"/ok",
 *    "status":200,"request_time":0.003, ...}
 *
 * service = host, id = request_id, time = msec (the end of the request, in ms) before the
 * second-wide ts. Numbers may be quoted. An absent value is "" or "-". */
#include "decode/decoder.h"
#include "decode/json_number.h"
#include "decode/judgement.h"
#include "domain/civil.h"

/* Beside `status`, what tells such a line from other objects. A `uri` is none: HAProxy's lines have
 * it. */
#define FIELDS_SIGNS                                                                               \
    (FIELD_BIT(HOST) | FIELD_BIT(MSEC) | FIELD_BIT(TIME_ISO8601) | FIELD_BIT(REQUEST_TIME) |       \
     FIELD_BIT(REQUEST_ID) | FIELD_BIT(REQUEST_URI))
#define FIELDS_READ                                                                                \
    (FIELDS_SIGNS | FIELD_BIT(STATUS) | FIELD_BIT(TS) | FIELD_BIT(CUSTOMER) | FIELD_BIT(METHOD) |  \
     FIELD_BIT(REQUEST_METHOD) | FIELD_BIT(URI) | FIELD_BIT(SERVICE))

bool nginx_json_recognise(const struct json_fields *fields)
{
    return fields_have(fields, FIELD_STATUS) && (fields->present & FIELDS_SIGNS) != 0;
}

static bool is_empty(struct text text)
{
    return text.length == 0 || (text.length == 1 && text.bytes[0] == '-');
}

static bool read_name(struct decoder *decoder, enum field field, struct text *name_out)
{
    if (!fields_name(decoder, field, name_out)) {
        return false;
    }
    if (is_empty(*name_out)) {
        *name_out = TEXT_NONE;
    }
    return true;
}

/* A number, or a string that may hold one. An empty text: absent. Quoted numbers have no escapes.
 */
static bool read_number_text(struct decoder *decoder, enum field field, struct text *text_out)
{
    *text_out = TEXT_NONE;
    if (!fields_have(&decoder->fields, field)) {
        return true;
    }
    const struct json_value *value = &decoder->fields.values[field];
    if (value->type != JSON_NUMBER && value->type != JSON_STRING) {
        return fields_wrong_type(decoder, field, "a number");
    }
    *text_out = is_empty(value->raw) ? TEXT_NONE : value->raw;
    return true;
}

static bool refuse_number(struct decoder *decoder, enum field field, struct text text)
{
    char excerpt[EXCERPT_SIZE];
    decoder_excerpt(text, excerpt);
    return decoder_refuse(decoder, REJECT_BAD_VALUE, "field `%s`: %s is out of range",
                          field_key(field), excerpt);
}

static bool read_status(struct decoder *decoder, struct record *record)
{
    struct text text;
    if (!fields_have(&decoder->fields, FIELD_STATUS)) {
        return fields_missing(decoder, FIELD_STATUS);
    }
    if (!read_number_text(decoder, FIELD_STATUS, &text)) {
        return false;
    }
    /* nginx writes 000 for a connection that ended without an answer; an empty one means the same.
     */
    if (text.length == 0 || text_is(text, "000")) {
        return true;
    }
    uint64_t status = 0;
    if (json_number_scaled(text, 0, &status) != NUMBER_EXACT) {
        return refuse_number(decoder, FIELD_STATUS, text);
    }
    if (!decoder_check_status(decoder, status)) {
        return false;
    }
    record->status = (uint16_t)status;
    return true;
}

static bool read_latency(struct decoder *decoder, struct record *record)
{
    struct text text;
    if (!read_number_text(decoder, FIELD_REQUEST_TIME, &text)) {
        return false;
    }
    if (text.length == 0) {
        return true;
    }
    uint64_t ns = 0;
    enum number_result result = json_number_scaled(text, 9, &ns);
    if (result != NUMBER_EXACT && result != NUMBER_CUT) {
        return refuse_number(decoder, FIELD_REQUEST_TIME, text);
    }
    record->latency_ns = ns;
    return true;
}

static bool read_method(struct decoder *decoder, bool *without_out)
{
    static const enum field fields[] = {FIELD_METHOD, FIELD_REQUEST_METHOD};
    *without_out = false;
    for (size_t i = 0; i < 2; i++) {
        struct text method = TEXT_NONE;
        if (!fields_string(decoder, fields[i], &method)) {
            return false;
        }
        if (fields_have(&decoder->fields, fields[i]) && is_empty(method)) {
            *without_out = true;
        }
    }
    return true;
}

static bool time_text(const struct json_fields *fields, enum field field, struct text *text_out)
{
    if (!fields_have(fields, field)) {
        return false;
    }
    const struct json_value *value = &fields->values[field];
    *text_out = value->raw;
    return (value->type == JSON_STRING || value->type == JSON_NUMBER) && !is_empty(value->raw);
}

/* The best time that can be read holds; the first two are tokens. A log line with nothing but
 * unreadable times is kept at the time of receipt, and counted. */
static void read_times(struct decoder *decoder, const struct envelope *envelope,
                       struct record *record)
{
    static const enum field best_first[] = {FIELD_MSEC, FIELD_TS, FIELD_TIME_ISO8601};
    struct text text;
    for (size_t i = 0; i < 3; i++) {
        if (!time_text(&decoder->fields, best_first[i], &text)) {
            continue;
        }
        /* Once there is a time the others need not be understood. */
        if (record->occurred_ns == TIME_NONE && !civil_parse_time(text, &record->occurred_ns)) {
            record->time_unparsable = true;
            continue;
        }
        if (record->time_token_count < 2) {
            record->time_tokens[record->time_token_count++] = text;
        }
    }
    if (record->occurred_ns != TIME_NONE) {
        record->time_unparsable = false;
    } else if (!record->time_unparsable) {
        decoder_time_from_envelope(record, envelope);
    }
}

/* service (a map that was asked for only), host, the syslog tag; noise that names no host is still
 * worth counting. */
static bool choose_service(struct decoder *decoder, const struct envelope *envelope,
                           struct record *record)
{
    if (record->service.length != 0) {
        return true;
    }
    if (record->host.length != 0) {
        record->service = record->host;
        return true;
    }
    if (!is_empty(envelope->tag)) {
        record->service = envelope->tag;
        return decoder_check_name(decoder, "tag", envelope->tag);
    }
    if (record->aside == ASIDE_NO_REQUEST) {
        record->service = TEXT("-");
        return true;
    }
    return fields_missing(decoder, FIELD_HOST);
}

bool nginx_json_read(struct decoder *decoder, const struct envelope *envelope,
                     struct record *record)
{
    bool without_method;
    if (!fields_unique(decoder, FIELDS_READ) ||
        !read_name(decoder, FIELD_SERVICE, &record->service) ||
        !read_name(decoder, FIELD_HOST, &record->host) ||
        !read_name(decoder, FIELD_CUSTOMER, &record->customer) ||
        !read_name(decoder, FIELD_REQUEST_ID, &record->id) || !read_status(decoder, record) ||
        !read_latency(decoder, record) || !read_method(decoder, &without_method) ||
        !fields_string(decoder, FIELD_URI, &record->path) ||
        (record->path.length == 0 && !fields_string(decoder, FIELD_REQUEST_URI, &record->path))) {
        return false;
    }
    read_times(decoder, envelope, record);
    judge_access(record, without_method, decoder->settings.abort_after_ns);
    return choose_service(decoder, envelope, record);
}
