#include "nines/time_shift.h"

#include <stdio.h>
#include <stdlib.h>

#include "decode/civil_text.h"
#include "domain/civil.h"
#include "domain/decimal.h"

/* Two tokens of the decoder, and started_at, start and end. */
#define EDITS_MAX 5

bool time_shift_possible(const struct record *record)
{
    return record->occurred_ns != TIME_NONE && record->time_token_count != 0;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static uint32_t digits_from(struct text text, uint32_t at)
{
    uint32_t count = 0;
    while (at + count < text.length && is_digit(text.bytes[at + count])) {
        count++;
    }
    return count;
}

/* value in decimal, exactly `digits` wide, without a terminator. */
static void put_digits(char *at, uint64_t value, uint32_t digits)
{
    for (uint32_t i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* The first `digits` decimals of a fraction of one unit. */
static void put_fraction(char *at, int64_t rest_ns, int64_t unit_ns, uint32_t digits)
{
    for (uint32_t i = 0; i < digits; i++) {
        rest_ns *= 10;
        at[i] = (char)('0' + rest_ns / unit_ns);
        rest_ns %= unit_ns;
    }
}

/* CONTRACT section 3: which unit an epoch number is in. */
static int64_t epoch_unit_ns(uint64_t number)
{
    return number < UINT64_C(100000000000)         ? NS_PER_SECOND
           : number < UINT64_C(100000000000000)    ? NS_PER_MS
           : number < UINT64_C(100000000000000000) ? NS_PER_US
                                                   : 1;
}

static bool add_shift(int64_t ns, int64_t shift_ns, int64_t *moved_out)
{
    return !__builtin_add_overflow(ns, shift_ns, moved_out);
}

static bool shift_epoch(struct text token, int64_t shift_ns, char out[TIME_TOKEN_SIZE],
                        uint32_t *length_out)
{
    uint32_t whole = digits_from(token, 0);
    bool pointed = whole < token.length && token.bytes[whole] == '.';
    uint32_t decimals = pointed ? digits_from(token, whole + 1) : 0;
    int64_t ns;
    int64_t moved_ns;
    if (whole == 0 || whole > 19 || whole + pointed + decimals != token.length ||
        token.length > TIME_TOKEN_SIZE - 24 || !civil_parse_epoch(token, &ns) ||
        !add_shift(ns, shift_ns, &moved_ns) || moved_ns < 0) {
        return false;
    }
    char number[20] = {0};
    memcpy(number, token.bytes, whole);
    int64_t unit_ns = epoch_unit_ns(strtoull(number, NULL, 10));
    uint64_t moved = (uint64_t)(moved_ns / unit_ns);
    if (epoch_unit_ns(moved) != unit_ns) {
        return false; /* it would be read in another unit */
    }
    uint32_t length = (uint32_t)snprintf(out, TIME_TOKEN_SIZE, "%llu%s", (unsigned long long)moved,
                                         pointed ? "." : "");
    put_fraction(out + length, moved_ns % unit_ns, unit_ns, decimals);
    *length_out = length + decimals;
    return true;
}

/* What a time in civil notation says, beside where its digits stand. */
struct civil_token {
    int64_t local_ns; /* as if its zone were UTC */
    uint32_t date_at; /* of RFC 3339: 0 */
    uint32_t clock_at;
    uint32_t decimals_at;
    uint32_t decimals;
};

static void put_clock(const struct civil_token *token, int64_t local_ns, char *out)
{
    int64_t seconds = floor_to(local_ns, NS_PER_SECOND) / NS_PER_SECOND;
    uint64_t of_day = (uint64_t)(seconds - floor_to(seconds, 86400));
    put_digits(out + token->clock_at, of_day / 3600, 2);
    put_digits(out + token->clock_at + 3, of_day / 60 % 60, 2);
    put_digits(out + token->clock_at + 6, of_day % 60, 2);
    put_fraction(out + token->decimals_at, local_ns - seconds * NS_PER_SECOND, NS_PER_SECOND,
                 token->decimals);
}

static struct civil_date date_of(int64_t local_ns)
{
    return civil_from_days(floor_to(local_ns, NS_PER_DAY) / NS_PER_DAY);
}

/* 64 bits of nanoseconds end within these years; a day's margin for zones. */
static bool year_fits(int64_t ns)
{
    int32_t year = date_of(ns).year;
    return year > 1678 && year < 2261;
}

static void note_decimals(struct text text, struct civil_token *token)
{
    uint32_t at = token->clock_at + 8;
    bool pointed = at < text.length && (text.bytes[at] == '.' || text.bytes[at] == ',');
    token->decimals_at = at + pointed;
    token->decimals = pointed ? digits_from(text, at + 1) : 0;
}

/* 2026-06-01T00:00:00.123+02:00 */
static bool shift_rfc3339(struct text text, int64_t shift_ns, char out[TIME_TOKEN_SIZE])
{
    struct civil_token token = {.clock_at = 11};
    int64_t ns;
    int64_t moved_ns;
    if (text.length < 20 || !civil_parse_rfc3339(text, &ns) ||
        !add_shift(ns, shift_ns, &moved_ns) || !year_fits(moved_ns)) {
        return false;
    }
    note_decimals(text, &token);
    /* The same time with Z for its zone is the local one: what the digits say. */
    char local[TIME_TOKEN_SIZE];
    uint32_t zone_at = token.decimals_at + token.decimals;
    memcpy(local, text.bytes, zone_at);
    local[zone_at] = 'Z';
    if (!civil_parse_rfc3339((struct text){local, zone_at + 1}, &token.local_ns)) {
        return false;
    }
    memcpy(out, text.bytes, text.length);
    int64_t moved_local_ns = moved_ns + (token.local_ns - ns);
    struct civil_date date = date_of(moved_local_ns);
    put_digits(out, (uint64_t)date.year, 4);
    put_digits(out + 5, date.month, 2);
    put_digits(out + 8, date.day, 2);
    put_clock(&token, moved_local_ns, out);
    return true;
}

/* 23/Nov/2026:14:55:41 +0000 */
static bool shift_access_log(struct text text, int64_t shift_ns, char out[TIME_TOKEN_SIZE])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct civil_token token = {.clock_at = 12};
    int64_t ns;
    int64_t moved_ns;
    if (text.length < 20 || !civil_text_access_log(text, 0, &ns) ||
        !add_shift(ns, shift_ns, &moved_ns) || !year_fits(moved_ns)) {
        return false;
    }
    note_decimals(text, &token);
    struct text local = {text.bytes, token.decimals_at + token.decimals};
    if (!civil_text_access_log(local, 0, &token.local_ns)) {
        return false;
    }
    memcpy(out, text.bytes, text.length);
    int64_t moved_local_ns = moved_ns + (token.local_ns - ns);
    struct civil_date date = date_of(moved_local_ns);
    put_digits(out, date.day, 2);
    memcpy(out + 3, months + 3 * (size_t)(date.month - 1), 3);
    put_digits(out + 7, (uint64_t)date.year, 4);
    put_clock(&token, moved_local_ns, out);
    return true;
}

bool time_shift_token(struct text token, int64_t shift_ns, char out[TIME_TOKEN_SIZE],
                      uint32_t *length_out)
{
    if (shift_epoch(token, shift_ns, out, length_out)) {
        return true;
    }
    *length_out = token.length;
    return token.length < TIME_TOKEN_SIZE - 1 &&
           (shift_rfc3339(token, shift_ns, out) || shift_access_log(token, shift_ns, out));
}

/* Where `"key": VALUE` stands with a value that is this very time; the decoder gives no tokens for
 * the times of incidents, maintenance and exclusions. */
static struct text find_time(struct text line, const char *key, int64_t ns)
{
    char quoted[32];
    size_t quoted_length = (size_t)snprintf(quoted, sizeof(quoted), "\"%s\"", key);
    const char *end = line.bytes + line.length;
    const char *found = line.bytes;
    while ((found = memmem(found, (size_t)(end - found), quoted, quoted_length)) != NULL) {
        found += quoted_length;
        const char *at = found;
        while (at < end && (*at == ' ' || *at == '\t' || *at == ':' || *at == '"')) {
            at++;
        }
        const char *value = at;
        while (at < end && strchr("\",}] \t", *at) == NULL) {
            at++;
        }
        struct text text = {value, (uint32_t)(at - value)};
        int64_t value_ns;
        if (civil_parse_time(text, &value_ns) && value_ns == ns) {
            return text;
        }
    }
    return TEXT_NONE;
}

struct edits {
    struct text tokens[EDITS_MAX]; /* by where they stand */
    uint32_t count;
    bool complete;
};

static void add_edit(struct edits *edits, struct text token)
{
    uint32_t at = edits->count++;
    for (; at > 0 && edits->tokens[at - 1].bytes > token.bytes; at--) {
        edits->tokens[at] = edits->tokens[at - 1];
    }
    edits->tokens[at] = token;
}

static void add_named(struct edits *edits, struct text line, const char *key, int64_t ns)
{
    if (ns == TIME_NONE) {
        return;
    }
    struct text token = find_time(line, key, ns);
    if (token.length == 0) {
        edits->complete = false;
        return;
    }
    add_edit(edits, token);
}

bool time_shift_line(struct text line, const struct record *record, int64_t shift_ns,
                     struct text_buffer *out)
{
    struct edits edits = {.complete =
                              record->time_token_count != 0 || record->occurred_ns == TIME_NONE};
    for (uint32_t i = 0; i < record->time_token_count; i++) {
        add_edit(&edits, record->time_tokens[i]);
    }
    add_named(&edits, line, "started_at", record->started_at_ns);
    add_named(&edits, line, "start", record->start_ns);
    add_named(&edits, line, "end", record->end_ns);
    const char *at = line.bytes;
    for (uint32_t i = 0; i < edits.count; i++) {
        struct text token = edits.tokens[i];
        char moved[TIME_TOKEN_SIZE];
        uint32_t length;
        if (token.bytes < at || !time_shift_token(token, shift_ns, moved, &length)) {
            edits.complete = false;
            continue;
        }
        text_buffer_append(out, at, (size_t)(token.bytes - at));
        text_buffer_append(out, moved, length);
        at = token.bytes + token.length;
    }
    text_buffer_append(out, at, (size_t)(line.bytes + line.length - at));
    return edits.complete;
}
