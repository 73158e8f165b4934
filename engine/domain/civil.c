#include "domain/civil.h"

#include <stddef.h>
#include <stdio.h>

#include "base/panic.h"

int64_t civil_days(struct civil_date date)
{
    /* Years begin in March, so that the leap day is the last day of a year of the calculation. */
    int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_of_year = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month_of_year + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil_date civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_of_year = (5 * day_of_year + 2) / 153;
    uint32_t month = (uint32_t)(month_of_year < 10 ? month_of_year + 3 : month_of_year - 9);
    return (struct civil_date){
        .year = (int32_t)(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
        .month = month,
        .day = (uint32_t)(day_of_year - (153 * month_of_year + 2) / 5 + 1),
    };
}

static bool is_leap_year(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

uint32_t civil_days_in_month(int32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1);
    assert(month <= 12);
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

bool civil_valid(struct civil_date date)
{
    return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= civil_days_in_month(date.year, date.month);
}

uint32_t civil_weekday(int64_t days)
{
    int64_t weekday = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (uint32_t)(weekday < 0 ? weekday + 7 : weekday);
}

/* Exactly `count` digits at *at; moves on. */
static bool read_digits(const char **at, const char *end, uint32_t count, uint32_t *value_out)
{
    if (end - *at < (ptrdiff_t)count) {
        return false;
    }
    uint32_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(*at)[i] - '0';
        if (digit > 9) {
            return false;
        }
        value = value * 10 + digit;
    }
    *at += count;
    *value_out = value;
    return true;
}

static bool read_byte(const char **at, const char *end, char byte)
{
    if (*at == end || **at != byte) {
        return false;
    }
    (*at)++;
    return true;
}

static bool read_date(const char **at, const char *end, int64_t *days_out)
{
    uint32_t year;
    struct civil_date date;
    if (!read_digits(at, end, 4, &year) || !read_byte(at, end, '-') ||
        !read_digits(at, end, 2, &date.month) || !read_byte(at, end, '-') ||
        !read_digits(at, end, 2, &date.day)) {
        return false;
    }
    date.year = (int32_t)year;
    if (!civil_valid(date) || year < 1678 || year > 2261) {
        return false;
    }
    *days_out = civil_days(date);
    return true;
}

/* `.123456789`: nanoseconds; more than nine digits are no time of ours. */
static bool read_fraction(const char **at, const char *end, int64_t *ns_out)
{
    int64_t ns = 0;
    int64_t unit = NS_PER_SECOND;
    const char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9' && unit > 1) {
        unit /= 10;
        ns += (**at - '0') * unit;
        (*at)++;
    }
    *ns_out = ns;
    return *at > start;
}

static bool read_zone(const char **at, const char *end, int64_t *offset_s_out)
{
    if (read_byte(at, end, 'Z') || read_byte(at, end, 'z')) {
        *offset_s_out = 0;
        return true;
    }
    int64_t sign = read_byte(at, end, '+') ? 1 : read_byte(at, end, '-') ? -1 : 0;
    uint32_t hours;
    uint32_t minutes;
    if (sign == 0 || !read_digits(at, end, 2, &hours)) {
        return false;
    }
    (void)read_byte(at, end, ':'); /* PagerDuty and nginx leave it out */
    if (!read_digits(at, end, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *offset_s_out = sign * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

/* A date and a time of day, as if of UTC. */
static bool read_date_time(const char **at, const char *end, int64_t *ns_out)
{
    int64_t days;
    uint32_t hour;
    uint32_t minute;
    uint32_t second;
    int64_t fraction_ns = 0;
    if (!read_date(at, end, &days) ||
        !(read_byte(at, end, 'T') || read_byte(at, end, 't') || read_byte(at, end, ' ')) ||
        !read_digits(at, end, 2, &hour) || !read_byte(at, end, ':') ||
        !read_digits(at, end, 2, &minute) || !read_byte(at, end, ':') ||
        !read_digits(at, end, 2, &second) || hour > 23 || minute > 59 || second > 60) {
        return false;
    }
    if (read_byte(at, end, '.') && !read_fraction(at, end, &fraction_ns)) {
        return false;
    }
    if (second == 60) {
        fraction_ns = 0; /* a leap second is the start of the next one */
    }
    *ns_out = (days * 86400 + hour * 3600 + minute * 60 + second) * NS_PER_SECOND + fraction_ns;
    return true;
}

bool civil_parse_rfc3339(struct text text, int64_t *ns_out)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    int64_t ns;
    int64_t offset_s;
    if (!read_date_time(&at, end, &ns) || !read_zone(&at, end, &offset_s) || at != end) {
        return false;
    }
    *ns_out = ns - offset_s * NS_PER_SECOND;
    return true;
}

bool civil_parse_local(struct text text, int64_t *local_ns_out)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    int64_t ns;
    if (civil_parse_date(text, local_ns_out)) {
        return true;
    }
    if (!read_date_time(&at, end, &ns) || at != end) {
        return false;
    }
    *local_ns_out = ns;
    return true;
}

bool civil_parse_date(struct text text, int64_t *ns_out)
{
    const char *at = text.bytes;
    int64_t days;
    if (!read_date(&at, text.bytes + text.length, &days) || at != text.bytes + text.length) {
        return false;
    }
    *ns_out = days * NS_PER_DAY;
    return true;
}

/* How many nanoseconds a unit of an epoch number of this size is. */
static int64_t epoch_unit_ns(uint64_t whole)
{
    return whole < UINT64_C(100000000000)         ? NS_PER_SECOND
           : whole < UINT64_C(100000000000000)    ? NS_PER_MS
           : whole < UINT64_C(100000000000000000) ? NS_PER_US
                                                  : 1;
}

bool civil_parse_epoch(struct text text, int64_t *ns_out)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    bool negative = read_byte(&at, end, '-');
    uint64_t whole = 0;
    const char *start = at;
    while (at < end && *at >= '0' && *at <= '9') {
        if (whole > (UINT64_MAX - 9) / 10) {
            return false;
        }
        whole = whole * 10 + (uint64_t)(*at++ - '0');
    }
    if (at == start) {
        return false;
    }
    int64_t unit_ns = epoch_unit_ns(whole);
    int64_t fraction_ns = 0;
    if (read_byte(&at, end, '.')) {
        int64_t place = unit_ns;
        const char *digits = at;
        while (at < end && *at >= '0' && *at <= '9') {
            place /= 10; /* digits below a nanosecond say nothing */
            fraction_ns += (*at++ - '0') * place;
        }
        if (at == digits) {
            return false;
        }
    }
    if (at != end || whole > (uint64_t)(INT64_MAX - NS_PER_SECOND) / (uint64_t)unit_ns) {
        return false;
    }
    int64_t ns = (int64_t)whole * unit_ns + fraction_ns;
    *ns_out = negative ? -ns : ns;
    return true;
}

bool civil_parse_time(struct text text, int64_t *ns_out)
{
    /* An RFC 3339 time has its first '-' in fifth place; a number has none, or in the first. */
    bool is_date = text.length > 4 && text.bytes[4] == '-';
    return is_date ? civil_parse_rfc3339(text, ns_out) : civil_parse_epoch(text, ns_out);
}

void civil_format(int64_t ns, char out[CIVIL_TEXT_SIZE])
{
    int64_t day_start = floor_to(ns, NS_PER_DAY);
    struct civil_date date = civil_from_days(day_start / NS_PER_DAY);
    int64_t rest = ns - day_start;
    int64_t seconds = rest / NS_PER_SECOND;
    int64_t fraction = rest % NS_PER_SECOND;
    int used =
        snprintf(out, CIVIL_TEXT_SIZE, "%04d-%02u-%02uT%02d:%02d:%02d", date.year, date.month,
                 date.day, (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
    size_t room = CIVIL_TEXT_SIZE - (size_t)used;
    if (fraction == 0) {
        snprintf(out + used, room, "Z");
    } else if (fraction % NS_PER_MS == 0) {
        snprintf(out + used, room, ".%03dZ", (int)(fraction / NS_PER_MS));
    } else if (fraction % NS_PER_US == 0) {
        snprintf(out + used, room, ".%06dZ", (int)(fraction / NS_PER_US));
    } else {
        snprintf(out + used, room, ".%09dZ", (int)fraction);
    }
}
