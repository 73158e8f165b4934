/* Plain access-log lines: one function per format, tried in order.
 *
 * nginx `combined`, Apache `combined` and `common`:
 *
 *   127.0.0.1 - - [23/Nov/2026:14:55:41 +0000] "GET /ok HTTP/1.1" 200 6 "-" "curl/7.88.1"
 *   address ident user  time                    request           status bytes referer agent
 *
 * No duration, no host, no id: availability only. Quotes inside the request are escaped (nginx
 * \x22, Apache \"), so `] "` stands nowhere in front of it: that is how the line is told from
 * others, whatever stands in the user's name. What follows the number of bytes is not looked at. */
#include "decode/civil_text.h"
#include "decode/decoder.h"
#include "decode/judgement.h"

struct combined {
    struct text time; /* inside the brackets */
    struct text request;
    struct text status;
};

static const char *find(const char *at, const char *end, const char *what, size_t length)
{
    return memmem(at, (size_t)(end - at), what, length);
}

/* address, ident, user: three words at least (the user's name may have blanks). */
static bool has_three_words(const char *at, const char *end)
{
    uint32_t words = 0;
    bool inside = false;
    for (; at < end && words < 3; at++) {
        bool blank = *at == ' ';
        words += !blank && !inside;
        inside = !blank;
    }
    return words == 3;
}

/* The closing quote; a backslash takes the next byte with it. */
static const char *request_end(const char *at, const char *end)
{
    while (at < end && *at != '"') {
        at += *at == '\\' ? 2 : 1;
    }
    return at < end ? at : NULL;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* ` 200 6`, or `-` for either; then the end or a blank. */
static bool read_numbers(const char *at, const char *end, struct text *status_out)
{
    if (at == end || *at++ != ' ') {
        return false;
    }
    const char *status = at;
    while (at < end && is_digit(*at)) {
        at++;
    }
    if (at - status != 3 && !(at == status && at < end && *at++ == '-')) {
        return false;
    }
    *status_out = (struct text){status, (uint32_t)(at - status)};
    if (at == end || *at++ != ' ') {
        return false;
    }
    const char *bytes = at;
    while (at < end && is_digit(*at)) {
        at++;
    }
    if (at == bytes && !(at < end && *at++ == '-')) {
        return false;
    }
    return at == end || *at == ' ';
}

static bool split(struct text line, struct combined *combined_out)
{
    const char *end = line.bytes + line.length;
    const char *close = find(line.bytes, end, "] \"", 3);
    if (close == NULL) {
        return false;
    }
    const char *open = memrchr(line.bytes, '[', (size_t)(close - line.bytes));
    if (open == NULL || !has_three_words(line.bytes, open)) {
        return false;
    }
    const char *request = close + 3;
    const char *quote = request_end(request, end);
    if (quote == NULL || !read_numbers(quote + 1, end, &combined_out->status)) {
        return false;
    }
    combined_out->time = (struct text){open + 1, (uint32_t)(close - open - 1)};
    combined_out->request = (struct text){request, (uint32_t)(quote - request)};
    return true;
}

/* `GET /path HTTP/1.1`. Without a method it is what a port scan or a TLS hello looks like. */
static bool read_request(struct text request, struct text *path_out)
{
    const char *at = request.bytes;
    const char *end = request.bytes + request.length;
    while (at < end && ((*at >= 'A' && *at <= 'Z') || *at == '-' || *at == '_')) {
        at++;
    }
    bool method = at > request.bytes && request.bytes[0] != '-' && (at == end || *at == ' ');
    if (!method) {
        return false;
    }
    const char *path = at < end ? at + 1 : at;
    const char *blank = memchr(path, ' ', (size_t)(end - path));
    *path_out = (struct text){path, (uint32_t)((blank != NULL ? blank : end) - path)};
    return true;
}

static bool read_status(struct decoder *decoder, struct text text, struct record *record)
{
    uint32_t status = 0; /* `-` and 000: no answer was sent */
    if (text.length == 3) {
        status = (uint32_t)(text.bytes[0] - '0') * 100 + (uint32_t)(text.bytes[1] - '0') * 10 +
                 (uint32_t)(text.bytes[2] - '0');
    }
    record->status = (uint16_t)status;
    return decoder_check_status(decoder, status);
}

static void read_time(const struct decoder *decoder, struct text time, struct record *record)
{
    if (!civil_text_access_log(time, decoder->settings.zone_offset_ns, &record->occurred_ns)) {
        record->time_unparsable = true;
        return;
    }
    record->time_tokens[0] = time;
    record->time_token_count = 1;
}

static bool combined_decode(struct decoder *decoder, struct text line,
                            const struct envelope *envelope, struct record *record,
                            enum decode_result *result_out)
{
    struct combined combined;
    if (!split(line, &combined)) {
        return false;
    }
    read_time(decoder, combined.time, record);
    bool with_method = read_request(combined.request, &record->path);
    record->service = envelope->tag.length != 0 ? envelope->tag : TEXT("access_log");
    bool taken = read_status(decoder, combined.status, record) &&
                 decoder_check_name(decoder, "tag", record->service);
    judge_access(record, !with_method, decoder->settings.abort_after_ns);
    *result_out = taken ? DECODE_RECORD : DECODE_REJECT;
    return true;
}

/* A format answers false to a line that is not its own. */
typedef bool format_decode(struct decoder *decoder, struct text line,
                           const struct envelope *envelope, struct record *record,
                           enum decode_result *result_out);

static format_decode *const formats[] = {
    combined_decode,
};

bool access_log_decode(struct decoder *decoder, struct text text, const struct envelope *envelope,
                       struct record *record, enum decode_result *result_out)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (formats[i](decoder, text, envelope, record, result_out)) {
            return true;
        }
    }
    return false;
}
