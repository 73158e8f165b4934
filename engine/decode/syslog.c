/* Syslog around a record: RFC 5424, RFC 3164 and what real senders make of it (WIRE section 1.3).
 *
 *   <190>1 2026-11-23T14:55:41Z host tag 99 - [id k="v"] MSG     RFC 5424; fields may be "-"
 *   <190>Nov 23 14:55:41 host tag[99]: MSG                       RFC 3164; no year, no zone
 *   <190>Nov 23 14:55:41 tag: MSG                                nginx `nohostname`
 *   <190>Nov 23 14:55:41.000003 host tag[99] MSG                 syslog-ng, rsyslog: fraction, no
 * colon <190>2026-11-23T14:55:41Z host tag: MSG                      rsyslog's ForwardFormat
 *
 * MSG is a record of its own: JSON or an access-log line. The header gives the tag, and the time
 * where the record has none. A garbled time in the header never costs the record: the time of
 * receipt holds. */
#include "decode/civil_text.h"
#include "decode/decoder.h"
#include "decode/json_number.h"
#include "domain/civil.h"

#define PRI_MAX 191

/* Of a structured-data element `[sla@32473 service="checkout" status="200" dur_ms="12.5"]`; still
 * escaped. */
struct sd_request {
    struct text service;
    struct text status;
    struct text dur_ms;
    struct text customer;
    struct text id;
};

/* Where the message may begin, and which tag it then has: senders leave out host, tag or both. */
#define READINGS_MAX 3

struct reading {
    struct text message;
    struct text tag;
};

struct header {
    int64_t time_ns;
    bool time_unparsable;
    struct reading readings[READINGS_MAX]; /* the likeliest first */
    uint32_t reading_count;
    struct sd_request request;
};

static bool bad_header(struct decoder *decoder, const char *at, const char *what)
{
    return decoder_refuse(decoder, REJECT_BAD_SYSLOG, "column %u: %s", decoder_column(decoder, at),
                          what);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && *at == ' ') {
        at++;
    }
    return at;
}

static const char *word_end(const char *at, const char *end)
{
    const char *blank = memchr(at, ' ', (size_t)(end - at));
    return blank != NULL ? blank : end;
}

static struct text span(const char *at, const char *end)
{
    return (struct text){at, (uint32_t)(end - at)};
}

/* A message without the blanks and the byte order mark that relays leave or put in front. */
static struct text message_from(const char *at, const char *end)
{
    at = skip_blanks(at, end);
    if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) {
        at = skip_blanks(at + 3, end);
    }
    return span(at, end);
}

/* `<0>` to `<191>`. */
static bool read_pri(struct decoder *decoder, const char **at, const char *end)
{
    const char *start = *at;
    const char *digits = start + 1;
    const char *to = digits;
    uint32_t pri = 0;
    while (to < end && is_digit(*to) && to - digits < 3) {
        pri = pri * 10 + (uint32_t)(*to - '0');
        to++;
    }
    if (to == digits || to == end || *to != '>' || pri > PRI_MAX) {
        return bad_header(decoder, start, "expected a priority from <0> to <191>");
    }
    *at = to + 1;
    return true;
}

static void read_iso_time(struct text text, struct header *header)
{
    if (text.length == 1 && text.bytes[0] == '-') {
        return;
    }
    header->time_unparsable = !civil_parse_rfc3339(text, &header->time_ns);
}

/* name="value" with \" \\ \] inside; *at is behind the name's blank. */
static bool read_param(const char **at, const char *end, struct text *name_out,
                       struct text *value_out)
{
    const char *name = *at;
    const char *equals = memchr(name, '=', (size_t)(end - name));
    if (equals == NULL || equals == name || end - equals < 2 || equals[1] != '"') {
        return false;
    }
    const char *value = equals + 2;
    const char *to = value;
    while (to < end && *to != '"') {
        to += *to == '\\' ? 2 : 1;
    }
    if (to >= end) {
        return false;
    }
    *name_out = span(name, equals);
    *value_out = span(value, to);
    *at = to + 1;
    return true;
}

static void note_param(struct sd_request *request, struct text name, struct text value)
{
    if (text_is(name, "service")) {
        request->service = value;
    } else if (text_is(name, "status")) {
        request->status = value;
    } else if (text_is(name, "dur_ms")) {
        request->dur_ms = value;
    } else if (text_is(name, "customer")) {
        request->customer = value;
    } else if (text_is(name, "id")) {
        request->id = value;
    }
}

/* `[id name="value" ...]`; *at is at the bracket. */
static bool read_element(const char **at, const char *end, struct sd_request *request)
{
    const char *id = *at + 1;
    const char *to = id;
    while (to < end && *to != ' ' && *to != ']') {
        to++;
    }
    bool ours = to - id > 4 && memcmp(id, "sla@", 4) == 0;
    while (to < end && *to == ' ') {
        struct text name;
        struct text value;
        to++;
        if (!read_param(&to, end, &name, &value)) {
            return false;
        }
        if (ours) {
            note_param(request, name, value);
        }
    }
    if (to == end || *to != ']' || to == id) {
        return false;
    }
    *at = to + 1;
    return true;
}

static bool read_structured_data(struct decoder *decoder, const char **at, const char *end,
                                 struct sd_request *request)
{
    const char *start = *at;
    if (start < end && *start == '-') {
        *at = start + 1;
    } else {
        while (*at < end && **at == '[') {
            if (!read_element(at, end, request)) {
                return bad_header(decoder, start, "malformed structured data");
            }
        }
    }
    if (*at == start || (*at < end && **at != ' ')) {
        return bad_header(decoder, start, "expected structured data or \"-\"");
    }
    return true;
}

/* Behind `<PRI>1 `. */
static bool read_rfc5424(struct decoder *decoder, const char *at, const char *end,
                         struct header *header)
{
    enum { TIME, HOST, APP, PROCESS, MESSAGE_ID, WORD_COUNT };
    struct text words[WORD_COUNT];
    for (uint32_t i = 0; i < WORD_COUNT; i++) {
        const char *to = word_end(at, end);
        if (to == at || to == end) {
            return bad_header(decoder, at, "a field of the header is missing");
        }
        words[i] = span(at, to);
        at = to + 1;
    }
    if (!read_structured_data(decoder, &at, end, &header->request)) {
        return false;
    }
    read_iso_time(words[TIME], header);
    bool nil = text_is(words[APP], "-");
    header->readings[0] = (struct reading){message_from(at, end), nil ? TEXT_NONE : words[APP]};
    header->reading_count = 1;
    return true;
}

/* The time of an RFC 3164 header in any of its forms, or none. */
static const char *read_loose_time(const struct decoder *decoder, const char *at, const char *end,
                                   int64_t received_ns, struct header *header)
{
    if (end - at >= 5 && is_digit(at[0]) && is_digit(at[1]) && is_digit(at[2]) && is_digit(at[3]) &&
        at[4] == '-') {
        const char *to = word_end(at, end);
        read_iso_time(span(at, to), header);
        return to;
    }
    uint32_t length = 0;
    enum civil_text kind = civil_text_rfc3164(span(at, end), decoder->settings.zone_offset_ns,
                                              received_ns, &header->time_ns, &length);
    header->time_unparsable = kind == CIVIL_TEXT_UNPARSABLE;
    return at + length;
}

/* `tag`, `tag:`, `tag[99]` or `tag[99]:` at `at`, and a blank, the end, or (behind a colon)
 * anything. */
struct tag {
    struct text name;
    const char *end;
    bool colon;
};

static bool read_tag(const char *at, const char *end, struct tag *tag_out)
{
    const char *to = at;
    while (to < end && *to != ' ' && *to != ':' && *to != '[') {
        to++;
    }
    tag_out->name = text_is(span(at, to), "-") ? TEXT_NONE : span(at, to);
    if (to == at) {
        return false;
    }
    if (to < end && *to == '[') {
        const char *close = memchr(to, ']', (size_t)(word_end(to, end) - to));
        if (close == NULL) {
            return false;
        }
        to = close + 1;
    }
    tag_out->colon = to < end && *to == ':';
    to += tag_out->colon;
    tag_out->end = to;
    return to == end || *to == ' ' || (tag_out->colon && *to == '{');
}

static void add_reading(struct header *header, const char *at, const char *end, struct text tag)
{
    header->readings[header->reading_count++] = (struct reading){message_from(at, end), tag};
}

/* Host and tag are a matter of taste for RFC 3164 senders: list the readings, the message decides.
 */
static void read_loose_words(const char *at, const char *end, struct header *header)
{
    struct tag tag;
    at = skip_blanks(at, end);
    if (at < end && *at == '{') {
        add_reading(header, at, end, TEXT_NONE);
        return;
    }
    if (read_tag(at, end, &tag) && tag.colon) {
        add_reading(header, tag.end, end, tag.name);
    } else {
        const char *second = skip_blanks(word_end(at, end), end);
        if ((second == end || *second != '{') && read_tag(second, end, &tag)) {
            add_reading(header, tag.end, end, tag.name);
        }
        add_reading(header, second, end, TEXT_NONE);
    }
    add_reading(header, at, end, TEXT_NONE);
}

static bool read_header(struct decoder *decoder, struct text text, int64_t received_ns,
                        struct header *header)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    *header = (struct header){.time_ns = TIME_NONE};
    if (!read_pri(decoder, &at, end)) {
        return false;
    }
    const char *version = at;
    while (at < end && is_digit(*at)) {
        at++;
    }
    if (at > version && at < end && *at == ' ') {
        if (!text_is(span(version, at), "1")) {
            return bad_header(decoder, version, "expected version 1");
        }
        return read_rfc5424(decoder, at + 1, end, header);
    }
    at = read_loose_time(decoder, skip_blanks(version, end), end, received_ns, header);
    read_loose_words(at, end, header);
    return true;
}

/* \" \\ \] are escapes; any other backslash is itself. */
static struct text sd_unescape(struct decoder *decoder, struct text raw)
{
    if (raw.length == 0 || memchr(raw.bytes, '\\', raw.length) == NULL) {
        return raw;
    }
    char *out = decoder_scratch(decoder, raw.length);
    uint32_t length = 0;
    for (uint32_t i = 0; i < raw.length; i++) {
        char next = raw.bytes[i] == '\\' && i + 1 < raw.length ? raw.bytes[i + 1] : '\0';
        i += next == '"' || next == '\\' || next == ']';
        out[length++] = raw.bytes[i];
    }
    return (struct text){out, length};
}

static bool sd_name(struct decoder *decoder, const char *what, struct text raw,
                    struct text *name_out)
{
    *name_out = sd_unescape(decoder, raw);
    return decoder_check_name(decoder, what, *name_out);
}

static bool sd_number(struct decoder *decoder, const char *what, struct text text, uint32_t scale,
                      uint64_t *value_out)
{
    enum number_result result = json_number_scaled(text, scale, value_out);
    if (result == NUMBER_EXACT || (result == NUMBER_CUT && scale != 0)) {
        return true;
    }
    char excerpt[EXCERPT_SIZE];
    decoder_excerpt(text, excerpt);
    return decoder_refuse(decoder, REJECT_BAD_VALUE, "field `%s`: %s is out of range", what,
                          excerpt);
}

/* A request that stands in the structured data; the message is for people. */
static bool read_sd_request(struct decoder *decoder, const struct header *header,
                            const struct envelope *envelope, struct record *record)
{
    const struct sd_request *request = &header->request;
    uint64_t status = 0;
    if (!sd_name(decoder, "service", request->service, &record->service) ||
        !sd_name(decoder, "customer", request->customer, &record->customer) ||
        !sd_name(decoder, "id", request->id, &record->id) ||
        !sd_number(decoder, "status", request->status, 0, &status) ||
        !decoder_check_status(decoder, status) ||
        (request->dur_ms.length != 0 &&
         !sd_number(decoder, "dur_ms", request->dur_ms, 6, &record->latency_ns))) {
        return false;
    }
    record->status = (uint16_t)status;
    decoder_time_from_envelope(record, envelope);
    return true;
}

/* False: nothing known in this reading. */
static bool decode_reading(struct decoder *decoder, const struct reading *reading,
                           const struct envelope *envelope, struct record *record, bool *ack_out,
                           enum decode_result *result_out)
{
    enum field_map map = decoder->settings.map;
    if (reading->message.length == 0) {
        return false;
    }
    if (reading->message.bytes[0] == '{') {
        *result_out = json_decode(decoder, reading->message, NULL, envelope, record, ack_out);
        return true;
    }
    return (map == MAP_AUTO || map == MAP_NGINX_COMBINED) &&
           access_log_decode(decoder, reading->message, envelope, record, result_out);
}

enum decode_result syslog_decode(struct decoder *decoder, struct text text, int64_t received_ns,
                                 struct record *record, bool *ack_out)
{
    struct header header;
    /* Some senders end their datagrams with a NUL. */
    while (text.length != 0 && text.bytes[text.length - 1] == '\0') {
        text.length--;
    }
    if (!read_header(decoder, text, received_ns, &header)) {
        return DECODE_REJECT;
    }
    struct envelope envelope = {.time_ns = header.time_ns,
                                .time_unparsable = header.time_unparsable};
    for (uint32_t i = 0; i < header.reading_count; i++) {
        enum decode_result result;
        envelope.tag = header.readings[i].tag;
        record->tag = envelope.tag;
        if (decode_reading(decoder, &header.readings[i], &envelope, record, ack_out, &result)) {
            return result;
        }
    }
    record->tag = header.readings[0].tag;
    if (header.request.service.length != 0 && header.request.status.length != 0) {
        return read_sd_request(decoder, &header, &envelope, record) ? DECODE_RECORD : DECODE_REJECT;
    }
    (void)decoder_refuse(decoder, REJECT_UNKNOWN_FORMAT,
                         "syslog, but its message is no known record");
    return DECODE_REJECT;
}
