#include "decode/time_memo.h"

#include "decode/digits.h"
#include "domain/civil.h"

#define DAY_BYTES UINT64_C(0xFFFFFF)

/* `14:55:41` as loaded; seconds since midnight. False: out of range (a leap second, too), or
 * something else. */
static inline bool read_clock(uint64_t bytes, int64_t *seconds_out)
{
    const uint64_t colons = UINT64_C(0x0000FF0000FF0000);
    /* Digits become their values, colons 0. */
    uint64_t values = bytes ^ (UINT64_C(0x3A00003A0000) | (DIGITS_ZEROS & ~colons));
    if (digits_strangers(values) != 0 || (values & colons) != 0) {
        return false;
    }
    uint64_t pairs = values * 10 + (values >> 8);
    uint32_t hour = (uint32_t)(pairs & 0xFF);
    uint32_t minute = (uint32_t)(pairs >> 24 & 0xFF);
    uint32_t second = (uint32_t)(pairs >> 48 & 0xFF);
    *seconds_out = hour * 3600 + minute * 60 + second;
    return hour <= 23 && minute <= 59 && second <= 59;
}

/* What stands behind the seconds: `Z`, or a point, one to nine digits and `Z`. */
static inline bool read_fraction(const char *at, const char *end, int64_t *ns_out)
{
    static const uint32_t units[] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                     10000,      1000,      100,      10,      1};
    *ns_out = 0;
    if (end[-1] != 'Z') {
        return false;
    }
    if (end - at == 1) {
        return true;
    }
    uint32_t length = (uint32_t)(end - at - 2);
    if (*at != '.' || length - 1 > 8) {
        return false;
    }
    uint64_t digits = digits_ending(end - 1, length <= 8 ? length : 8);
    if (digits_strangers(digits) != 0) {
        return false;
    }
    int64_t value = digits_sum(digits);
    if (length == 9) {
        unsigned first = (unsigned)(unsigned char)at[1] - '0';
        if (first > 9) {
            return false;
        }
        value += first * INT64_C(100000000);
    }
    *ns_out = value * units[length];
    return true;
}

static bool parse_and_remember(struct time_memo *memo, struct text text, int64_t *ns_out)
{
    if (!civil_parse_time(text, ns_out)) {
        return false;
    }
    int64_t day_ns;
    if (text.length >= 20 && civil_parse_date((struct text){text.bytes, 10}, &day_ns)) {
        *memo = (struct time_memo){digits_load(text.bytes), digits_load(text.bytes + 8) & DAY_BYTES,
                                   day_ns};
    }
    return true;
}

bool time_memo_parse(struct time_memo *memo, struct text text, int64_t *ns_out)
{
    const char *at = text.bytes;
    int64_t seconds;
    int64_t fraction_ns;
    if (text.length >= 20 && digits_load(at) == memo->month &&
        (digits_load(at + 8) & DAY_BYTES) == memo->day &&
        read_clock(digits_load(at + 11), &seconds) &&
        read_fraction(at + 19, at + text.length, &fraction_ns)) {
        *ns_out = memo->day_ns + seconds * NS_PER_SECOND + fraction_ns;
        return true;
    }
    return parse_and_remember(memo, text, ns_out);
}
