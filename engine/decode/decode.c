#include "decode/decode.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/utf8.h"
#include "decode/decoder.h"
#include "domain/civil.h"

#define ABORT_AFTER_DEFAULT_NS (5 * NS_PER_SECOND)

enum status decoder_open(struct decoder **decoder_out, const struct decode_settings *settings)
{
    struct decoder *decoder = malloc(sizeof(*decoder));
    if (decoder == NULL) {
        return STATUS_NO_MEMORY;
    }
    static const struct decode_settings defaults = {.abort_after_ns = ABORT_AFTER_DEFAULT_NS};
    decoder->settings = settings != NULL ? *settings : defaults;
    decoder->notes = (struct decode_notes){0};
    decoder->input = NULL;
    decoder->scratch_used = 0;
    decoder->detail[0] = '\0';
    decoder->memo = (struct time_memo){0};
    json_shape_init(&decoder->shape);
    bool chosen = decoder_choose_path(decoder, line_index_path_best());
    assert(chosen);
    field_index_init(&decoder->keys);
    *decoder_out = decoder;
    return STATUS_OK;
}

bool decoder_choose_path(struct decoder *decoder, enum line_index_path path)
{
    decoder->read_quickly = json_quick_read_by(path);
    return line_index_init(&decoder->own_index, path);
}

void decoder_close(struct decoder *decoder)
{
    free(decoder);
}

const char *decoder_detail(const struct decoder *decoder)
{
    return decoder->detail;
}

struct decode_notes decoder_notes(const struct decoder *decoder)
{
    return decoder->notes;
}

bool decoder_refuse(struct decoder *decoder, enum reject reject, const char *format, ...)
{
    decoder->reject = reject;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(decoder->detail, sizeof(decoder->detail), format, arguments);
    va_end(arguments);
    return false;
}

void decoder_excerpt(struct text text, char out[EXCERPT_SIZE])
{
    static const char more[] = "...";
    uint32_t room = EXCERPT_SIZE - sizeof(more);
    uint32_t length = text.length <= room ? text.length : room;
    char *to = out;
    for (uint32_t i = 0; i < length; i++) {
        char byte = text.bytes[i];
        *to++ = byte >= 0x20 && byte < 0x7F ? byte : '?';
    }
    memcpy(to, text.length > room ? more : "", text.length > room ? sizeof(more) : 1);
}

uint32_t decoder_column(const struct decoder *decoder, const char *at)
{
    return (uint32_t)(at - decoder->input) + 1;
}

char *decoder_scratch(struct decoder *decoder, uint32_t length)
{
    assert(length <= sizeof(decoder->scratch) - decoder->scratch_used);
    char *out = decoder->scratch + decoder->scratch_used;
    decoder->scratch_used += length;
    return out;
}

/* Eight bytes at a time: does any have its top bit set, or is any zero? */
static void name_bytes(struct text name, bool *ascii_out, bool *zero_out)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t high = 0;
    uint64_t zero = 0;
    uint32_t i = 0;
    for (; i + 8 <= name.length; i += 8) {
        uint64_t word;
        memcpy(&word, name.bytes + i, 8);
        high |= word;
        zero |= (word - ones) & ~word;
    }
    for (; i < name.length; i++) {
        uint64_t byte = (unsigned char)name.bytes[i];
        high |= byte;
        zero |= (byte - 1) & ~byte & 0x80;
    }
    *ascii_out = (high & ones << 7) == 0;
    *zero_out = (zero & ones << 7) != 0;
}

bool decoder_check_name(struct decoder *decoder, const char *what, struct text name)
{
    if (name.length > NAME_BYTES_MAX) {
        return decoder_refuse(decoder, REJECT_TOO_LONG,
                              "field `%s`: %u bytes, at most %d are allowed", what, name.length,
                              NAME_BYTES_MAX);
    }
    bool ascii;
    bool zero;
    name_bytes(name, &ascii, &zero);
    if (zero) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE, "field `%s`: holds a NUL", what);
    }
    if (!ascii && !utf8_valid(name.bytes, name.length)) {
        return decoder_refuse(decoder, REJECT_BAD_UTF8, "field `%s`: not UTF-8", what);
    }
    return true;
}

bool decoder_check_status(struct decoder *decoder, uint64_t status)
{
    if (status == 0 || (status >= 100 && status <= 599)) {
        return true;
    }
    return decoder_refuse(decoder, REJECT_BAD_VALUE,
                          "field `status`: %llu is not between 100 and 599",
                          (unsigned long long)status);
}

void decoder_time_from_envelope(struct record *record, const struct envelope *envelope)
{
    record->occurred_ns = envelope->time_ns;
    record->time_unparsable = envelope->time_unparsable;
}

/* What a line that is no record was probably meant to be. */
static enum decode_result refuse_line(struct decoder *decoder, struct text text)
{
    const char *end = text.bytes + text.length;
    const char *at = text.bytes + (text.bytes[0] == '-' || text.bytes[0] == '+');
    const char *digits = at;
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    bool counted = at > digits && end - at >= 2 && at[0] == ' ' && (at[1] == '<' || at[1] == '{');
    if (counted) {
        (void)decoder_refuse(decoder, REJECT_BAD_FRAME, "a broken octet count before the record");
    } else if (text.length >= 3 && memcmp(text.bytes, "\xEF\xBB\xBF", 3) == 0) {
        (void)decoder_refuse(decoder, REJECT_UNKNOWN_FORMAT, "begins with a byte order mark");
    } else {
        (void)decoder_refuse(decoder, REJECT_UNKNOWN_FORMAT, "%s",
                             reject_text(REJECT_UNKNOWN_FORMAT));
    }
    return DECODE_REJECT;
}

static enum decode_result decode_other(struct decoder *decoder, struct text text,
                                       struct record *record)
{
    const struct envelope none = ENVELOPE_NONE;
    enum decode_result result;
    bool asked = decoder->settings.map == MAP_AUTO || decoder->settings.map == MAP_NGINX_COMBINED;
    if (asked && access_log_decode(decoder, text, &none, record, &result)) {
        return result;
    }
    return refuse_line(decoder, text);
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static struct text trim(struct text text)
{
    while (text.length != 0 && is_space(text.bytes[text.length - 1])) {
        text.length--;
    }
    while (text.length != 0 && is_space(text.bytes[0])) {
        text.bytes++;
        text.length--;
    }
    return text;
}

/* One datagram of rsyslog's `ziplevel`: 'z', then a zlib stream. */
static bool is_compressed(struct text text)
{
    return text.length >= 2 && text.bytes[0] == 'z' && text.bytes[1] == 0x78;
}

static enum decode_result dispatch(struct decoder *decoder, struct text text,
                                   const struct line_index *index, int64_t received_ns,
                                   struct record *record, bool *ack_out)
{
    const struct envelope none = ENVELOPE_NONE;
    if (text.length == 0) {
        return DECODE_BLANK;
    }
    if (text.length > RECORD_BYTES_MAX) {
        (void)decoder_refuse(decoder, REJECT_TOO_LARGE, "%u bytes, at most %d are allowed",
                             text.length, RECORD_BYTES_MAX);
        return DECODE_REJECT;
    }
    switch (text.bytes[0]) {
    case '{':
    case '[':
        return json_decode(decoder, text, index, &none, record, ack_out);
    case '<':
        return syslog_decode(decoder, text, received_ns, record, ack_out);
    default:
        break;
    }
    if (is_compressed(text)) {
        (void)decoder_refuse(decoder, REJECT_COMPRESSED, "%s", reject_text(REJECT_COMPRESSED));
        return DECODE_REJECT;
    }
    return decode_other(decoder, text, record);
}

/* As record_init, except for the lists, which their counts guard: clearing their kilobyte would be
 * a tenth of the work for a short record. */
static void record_begin(struct record *record)
{
    static const struct record empty = {
        .kind = EVENT_REQUEST,
        .occurred_ns = TIME_NONE,
        .received_ns = TIME_NONE,
        .latency_ns = LATENCY_NONE,
        .total = 1,
        .started_at_ns = TIME_NONE,
        .start_ns = TIME_NONE,
        .end_ns = TIME_NONE,
    };
    const size_t head = offsetof(struct record, services);
    const size_t tail = offsetof(struct record, component_count);
    memcpy(record, &empty, head);
    memcpy((char *)record + tail, (const char *)&empty + tail, sizeof(empty) - tail);
    record->service_count = 0;
}

_Static_assert(offsetof(struct record, component_count) - offsetof(struct record, services) ==
                   2 * RECORD_LIST_MAX * sizeof(struct text) + 8,
               "record_begin leaves out the two lists, and sets the count between them");

enum decode_result decode_framed(struct decoder *decoder, struct text bytes,
                                 const struct line_index *index, int64_t received_ns,
                                 struct record *record_out, enum reject *reject_out, bool *ack_out)
{
    decoder->notes = (struct decode_notes){0};
    decoder->input = bytes.bytes;
    decoder->scratch_used = 0;
    decoder->detail[0] = '\0';
    *ack_out = false;
    record_begin(record_out);
    enum decode_result result =
        dispatch(decoder, trim(bytes), index, received_ns, record_out, ack_out);
    if (result == DECODE_RECORD) {
        decoder->notes.time_from_receipt = record_out->time_unparsable;
        decoder->notes.without_id = record_out->kind == EVENT_REQUEST && record_out->id.length == 0;
    }
    if (result == DECODE_REJECT) {
        *reject_out = decoder->reject;
    }
    return result;
}

enum decode_result decode_record(struct decoder *decoder, struct text bytes, int64_t received_ns,
                                 struct record *record_out, enum reject *reject_out, bool *ack_out)
{
    return decode_framed(decoder, bytes, NULL, received_ns, record_out, reject_out, ack_out);
}

static const char *const map_words[] = {
    [MAP_AUTO] = "auto",
    [MAP_NINES] = "nines",
    [MAP_NGINX_JSON] = "nginx-json",
    [MAP_NGINX_COMBINED] = "nginx-combined",
};

const char *field_map_word(enum field_map map)
{
    assert((size_t)map < sizeof(map_words) / sizeof(map_words[0]));
    return map_words[map];
}

int field_map_from(struct text word)
{
    for (size_t i = 0; i < sizeof(map_words) / sizeof(map_words[0]); i++) {
        if (text_is(word, map_words[i])) {
            return (int)i;
        }
    }
    return -1;
}
