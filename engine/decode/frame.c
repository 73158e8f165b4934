#include "decode/frame.h"

#include "base/panic.h"
#include "nines/wire.h"

/* More digits than this are no length but a number in a text (an epoch, an address): a plain line.
 * It also bounds the damage of a false length to 10 MB. */
#define OCTET_DIGITS_MAX 7

/* What the bytes at the beginning of a record are. */
enum beginning {
    BEGINNING_UNCLEAR, /* more bytes decide */
    BEGINNING_LINE,
    BEGINNING_COUNTED,
};

struct octet_count {
    uint32_t head_length; /* digits and the space */
    uint32_t length;
};

static enum frame_result close_stream(enum reject reject, size_t length, size_t *consumed_out,
                                      enum reject *reject_out)
{
    *consumed_out = length;
    *reject_out = reject;
    return FRAME_CLOSE;
}

/* zlib begins with 0x78 and one of four bytes; rsyslog puts a 'z' before. A text line that begins
 * with an x or a z is none of these. */
static bool is_zlib(const char *bytes)
{
    unsigned char second = (unsigned char)bytes[1];
    return bytes[0] == 0x78 ? second == 0x01 || second == 0x5E || second == 0x9C || second == 0xDA
                            : bytes[0] == 'z' && second == 0x78;
}

static enum beginning look(const char *bytes, size_t length, bool at_end,
                           struct octet_count *count_out)
{
    if (bytes[0] < '1' || bytes[0] > '9') {
        return BEGINNING_LINE;
    }
    uint32_t digits = 0;
    uint32_t value = 0;
    while (digits < length && digits <= OCTET_DIGITS_MAX && bytes[digits] >= '0' &&
           bytes[digits] <= '9') {
        value = value * 10 + (uint32_t)(bytes[digits] - '0');
        digits++;
    }
    if (digits > OCTET_DIGITS_MAX) {
        return BEGINNING_LINE;
    }
    enum beginning cut = at_end ? BEGINNING_LINE : BEGINNING_UNCLEAR;
    if (digits == length) {
        return cut;
    }
    if (bytes[digits] != ' ') {
        return BEGINNING_LINE;
    }
    if (digits + 1 == length) {
        return cut;
    }
    char first = bytes[digits + 1];
    if (first != '<' && first != '{' && first != '[') {
        return BEGINNING_LINE;
    }
    *count_out = (struct octet_count){.head_length = digits + 1, .length = value};
    return BEGINNING_COUNTED;
}

static struct text without_line_end(const char *bytes, size_t length)
{
    if (length != 0 && bytes[length - 1] == '\n') {
        length--;
    }
    if (length != 0 && bytes[length - 1] == '\r') {
        length--;
    }
    return (struct text){bytes, (uint32_t)length};
}

static enum frame_result reject_once(enum reject reject, size_t consumed, size_t *consumed_out,
                                     enum reject *reject_out)
{
    *consumed_out = consumed;
    *reject_out = reject;
    return FRAME_REJECT;
}

static enum frame_result take_counted(struct framer *framer, struct octet_count count,
                                      const char *bytes, size_t length, bool at_end,
                                      size_t *consumed_out, struct text *record_out,
                                      enum reject *reject_out)
{
    if (count.length > RECORD_BYTES_MAX) {
        framer->skip_octets = count.length;
        return reject_once(REJECT_TOO_LARGE, count.head_length, consumed_out, reject_out);
    }
    if (length - count.head_length < count.length) {
        return at_end ? reject_once(REJECT_TRUNCATED, length, consumed_out, reject_out)
                      : FRAME_MORE;
    }
    *consumed_out = count.head_length + count.length;
    *record_out = without_line_end(bytes + count.head_length, count.length);
    return FRAME_RECORD;
}

static const char *find_feed(const struct framer *framer, const char *bytes, size_t length)
{
    if (framer->index == NULL) {
        return memchr(bytes, '\n', length);
    }
    size_t end = framer->index->scan(framer->index, bytes, length);
    return end < length ? bytes + end : NULL;
}

static enum frame_result take_line(struct framer *framer, const char *bytes, size_t length,
                                   bool at_end, size_t *consumed_out, struct text *record_out,
                                   enum reject *reject_out)
{
    const char *feed = find_feed(framer, bytes, length);
    if (feed != NULL || at_end) {
        size_t whole = feed != NULL ? (size_t)(feed - bytes) + 1 : length;
        struct text record = without_line_end(bytes, whole);
        if (record.length > RECORD_BYTES_MAX) {
            return reject_once(REJECT_TOO_LARGE, whole, consumed_out, reject_out);
        }
        *consumed_out = whole;
        *record_out = record;
        return FRAME_RECORD;
    }
    /* One byte more may be the CR of a line that just fits. */
    bool fits =
        length <= RECORD_BYTES_MAX || (length == RECORD_BYTES_MAX + 1 && bytes[length - 1] == '\r');
    if (fits) {
        return FRAME_MORE;
    }
    framer->skip_line = true;
    return reject_once(REJECT_TOO_LARGE, length, consumed_out, reject_out);
}

/* How many of these bytes belong to a record that was given up. */
static size_t skip(struct framer *framer, const char *bytes, size_t length)
{
    if (framer->skip_line) {
        const char *feed = memchr(bytes, '\n', length);
        framer->skip_line = feed == NULL;
        return feed != NULL ? (size_t)(feed - bytes) + 1 : length;
    }
    size_t skipped = framer->skip_octets < length ? (size_t)framer->skip_octets : length;
    framer->skip_octets -= skipped;
    return skipped;
}

enum stream_kind { STREAM_UNCLEAR, STREAM_OF_RECORDS, STREAM_FOREIGN };

static bool is_magic(const char *bytes, size_t length)
{
    size_t count = length < NINES_WIRE_MAGIC_BYTES ? length : NINES_WIRE_MAGIC_BYTES;
    return memcmp(bytes, NINES_WIRE_MAGIC, count) == 0;
}

/* What the first bytes of a connection say. */
static enum stream_kind look_at_stream(const char *bytes, size_t length, bool at_end,
                                       enum reject *reject_out)
{
    if (bytes[0] == 0x16) {
        *reject_out = REJECT_TLS;
        return STREAM_FOREIGN;
    }
    if ((bytes[0] == 0x78 || bytes[0] == 'z') && length == 1 && !at_end) {
        return STREAM_UNCLEAR;
    }
    if (length >= 2 && is_zlib(bytes)) {
        *reject_out = REJECT_COMPRESSED;
        return STREAM_FOREIGN;
    }
    if (is_magic(bytes, length) && (length >= NINES_WIRE_MAGIC_BYTES || !at_end)) {
        *reject_out = REJECT_NATIVE_FRAMES;
        return length >= NINES_WIRE_MAGIC_BYTES ? STREAM_FOREIGN : STREAM_UNCLEAR;
    }
    return STREAM_OF_RECORDS;
}

/* In the midst of a stream, at the beginning of a record that cannot be octet counted. */
static bool is_plain_line(const struct framer *framer, const char *bytes, size_t length)
{
    return framer->begun && !framer->skip_line && framer->skip_octets == 0 && length != 0 &&
           (bytes[0] < '1' || bytes[0] > '9');
}

enum frame_result frame_next(struct framer *framer, const char *bytes, size_t length, bool at_end,
                             size_t *consumed_out, struct text *record_out, enum reject *reject_out)
{
    *consumed_out = 0;
    if (is_plain_line(framer, bytes, length)) {
        return take_line(framer, bytes, length, at_end, consumed_out, record_out, reject_out);
    }
    if (framer->index != NULL) {
        framer->index->line = TEXT_NONE;
    }
    size_t skipped = length != 0 ? skip(framer, bytes, length) : 0;
    *consumed_out = skipped;
    bytes += skipped;
    length -= skipped;
    if (length == 0) {
        return FRAME_MORE;
    }
    if (!framer->begun) {
        enum reject reject;
        switch (look_at_stream(bytes, length, at_end, &reject)) {
        case STREAM_UNCLEAR:
            return FRAME_MORE;
        case STREAM_FOREIGN:
            return close_stream(reject, skipped + length, consumed_out, reject_out);
        case STREAM_OF_RECORDS:
            framer->begun = true;
            break;
        }
    }
    struct octet_count count;
    size_t consumed = 0;
    enum frame_result result = FRAME_MORE;
    switch (look(bytes, length, at_end, &count)) {
    case BEGINNING_UNCLEAR:
        break;
    case BEGINNING_COUNTED:
        result =
            take_counted(framer, count, bytes, length, at_end, &consumed, record_out, reject_out);
        break;
    case BEGINNING_LINE:
        result = take_line(framer, bytes, length, at_end, &consumed, record_out, reject_out);
        break;
    }
    *consumed_out += consumed;
    return result;
}
