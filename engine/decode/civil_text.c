#include "decode/civil_text.h"

#include "domain/civil.h"

struct clock_time {
    uint32_t hour;
    uint32_t minute;
    uint32_t second;
    int64_t fraction_ns;
};

static bool take(const char **at, const char *end, char byte)
{
    if (*at == end || **at != byte) {
        return false;
    }
    (*at)++;
    return true;
}

static bool take_digits(const char **at, const char *end, uint32_t least, uint32_t most,
                        uint32_t *value_out)
{
    uint32_t count = 0;
    uint32_t value = 0;
    while (count < most && *at < end && **at >= '0' && **at <= '9') {
        value = value * 10 + (uint32_t)(**at - '0');
        (*at)++;
        count++;
    }
    *value_out = value;
    return count >= least;
}

static bool take_month(const char **at, const char *end, uint32_t *month_out)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (end - *at < 3) {
        return false;
    }
    for (uint32_t month = 0; month < 12; month++) {
        if (memcmp(*at, names + 3 * (size_t)month, 3) == 0) {
            *at += 3;
            *month_out = month + 1;
            return true;
        }
    }
    return false;
}

/* Nine digits are kept; what a log writes beyond is passed over. */
static bool take_fraction(const char **at, const char *end, int64_t *ns_out)
{
    if (*at == end || (**at != '.' && **at != ',')) {
        return true;
    }
    const char *start = ++*at;
    int64_t unit = NS_PER_SECOND;
    while (*at < end && **at >= '0' && **at <= '9') {
        unit /= 10;
        *ns_out += (**at - '0') * unit;
        (*at)++;
    }
    return *at > start;
}

/* The shape `14:55:41`; whether it is a time of day says clock_valid. */
static bool take_clock(const char **at, const char *end, struct clock_time *time_out)
{
    *time_out = (struct clock_time){0};
    return take_digits(at, end, 2, 2, &time_out->hour) && take(at, end, ':') &&
           take_digits(at, end, 2, 2, &time_out->minute) && take(at, end, ':') &&
           take_digits(at, end, 2, 2, &time_out->second) &&
           take_fraction(at, end, &time_out->fraction_ns);
}

/* :60 is a leap second: the start of the next one, as in RFC 3339 times. */
static bool clock_valid(const struct clock_time *time)
{
    return time->hour <= 23 && time->minute <= 59 && time->second <= 60;
}

/* Years that fit in 64 bits of nanoseconds. */
static bool year_valid(int32_t year)
{
    return year >= 1678 && year <= 2261;
}

static int64_t local_ns(struct civil_date date, const struct clock_time *time)
{
    int64_t seconds =
        civil_days(date) * 86400 + time->hour * 3600 + time->minute * 60 + time->second;
    return seconds * NS_PER_SECOND + (time->second == 60 ? 0 : time->fraction_ns);
}

static bool take_zone(const char **at, const char *end, int64_t *offset_ns_out)
{
    uint32_t hours;
    uint32_t minutes;
    if (*at == end) {
        return true;
    }
    if (!take(at, end, ' ')) {
        return false;
    }
    int64_t sign = take(at, end, '-') ? -1 : take(at, end, '+') ? 1 : 0;
    if (sign == 0 || !take_digits(at, end, 2, 2, &hours) || !take_digits(at, end, 2, 2, &minutes) ||
        hours > 23 || minutes > 59) {
        return false;
    }
    *offset_ns_out = sign * (hours * NS_PER_HOUR + minutes * NS_PER_MINUTE);
    return true;
}

bool civil_text_access_log(struct text text, int64_t zone_offset_ns, int64_t *ns_out)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    struct civil_date date;
    uint32_t year;
    struct clock_time time;
    int64_t offset_ns = zone_offset_ns;
    if (!take_digits(&at, end, 2, 2, &date.day) || !take(&at, end, '/') ||
        !take_month(&at, end, &date.month) || !take(&at, end, '/') ||
        !take_digits(&at, end, 4, 4, &year) || !take(&at, end, ':') ||
        !take_clock(&at, end, &time) || !take_zone(&at, end, &offset_ns) || at != end) {
        return false;
    }
    date.year = (int32_t)year;
    if (!year_valid(date.year) || !civil_valid(date) || !clock_valid(&time)) {
        return false;
    }
    *ns_out = local_ns(date, &time) - offset_ns;
    return true;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* 29 February has no place in most years: then there is none. */
static bool nearest_year(struct civil_date date, const struct clock_time *time, int64_t offset_ns,
                         int64_t now_ns, int64_t *ns_out)
{
    int32_t now_year = civil_from_days(floor_to(now_ns, NS_PER_DAY) / NS_PER_DAY).year;
    bool found = false;
    for (int32_t year = now_year - 1; year <= now_year + 1; year++) {
        date.year = year;
        if (!year_valid(year) || !civil_valid(date)) {
            continue;
        }
        int64_t ns = local_ns(date, time) - offset_ns;
        if (!found || distance(ns, now_ns) < distance(*ns_out, now_ns)) {
            *ns_out = ns;
            found = true;
        }
    }
    return found;
}

enum civil_text civil_text_rfc3164(struct text text, int64_t zone_offset_ns, int64_t now_ns,
                                   int64_t *ns_out, uint32_t *length_out)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    struct civil_date date;
    struct clock_time time;
    if (!take_month(&at, end, &date.month) || !take(&at, end, ' ')) {
        return CIVIL_TEXT_NONE;
    }
    while (take(&at, end, ' ')) { /* `Jan  1` */
    }
    if (!take_digits(&at, end, 1, 2, &date.day) || !take(&at, end, ' ') ||
        !take_clock(&at, end, &time)) {
        return CIVIL_TEXT_NONE;
    }
    *length_out = (uint32_t)(at - text.bytes);
    if (!clock_valid(&time) || !nearest_year(date, &time, zone_offset_ns, now_ns, ns_out)) {
        return CIVIL_TEXT_UNPARSABLE;
    }
    return CIVIL_TEXT_TIME;
}
