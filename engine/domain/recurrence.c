#include "domain/recurrence.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/panic.h"
#include "domain/civil.h"

#define LAST_DAY     106751 /* of 64-bit nanoseconds */
#define ORDINAL_MAX  5
#define FROM_END_BIT 32

static const char weekday_words[7][3] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
static const char *const frequency_words[] = {"DAILY", "WEEKLY", "MONTHLY"};

/* Reading */

static bool take_number(struct text *text, uint32_t max, uint32_t *value_out)
{
    uint32_t value = 0;
    uint32_t digits = 0;
    for (; digits < text->length && text->bytes[digits] >= '0' && text->bytes[digits] <= '9';
         digits++) {
        value = value * 10 + (uint32_t)(text->bytes[digits] - '0');
        if (value > max) {
            return false;
        }
    }
    *text = (struct text){text->bytes + digits, text->length - digits};
    *value_out = value;
    return digits != 0;
}

static bool read_whole(struct text text, uint32_t max, uint32_t *value_out)
{
    return take_number(&text, max, value_out) && text.length == 0 && *value_out != 0;
}

/* 20261231 or 20261231T235959Z; a date stands for the whole day. */
static bool read_until(struct text text, int64_t *ns_out)
{
    bool has_time = text.length == 16;
    if (!has_time && text.length != 8) {
        return false;
    }
    char shape[21];
    const char *bytes = text.bytes;
    const char *time = has_time ? bytes + 9 : "235959";
    if (has_time && (bytes[8] != 'T' || bytes[15] != 'Z')) {
        return false;
    }
    memcpy(shape, bytes, 4);
    shape[4] = '-';
    memcpy(shape + 5, bytes + 4, 2);
    shape[7] = '-';
    memcpy(shape + 8, bytes + 6, 2);
    shape[10] = 'T';
    memcpy(shape + 11, time, 2);
    shape[13] = ':';
    memcpy(shape + 14, time + 2, 2);
    shape[16] = ':';
    memcpy(shape + 17, time + 4, 2);
    shape[19] = 'Z';
    if (!civil_parse_rfc3339((struct text){shape, 20}, ns_out)) {
        return false;
    }
    *ns_out += has_time ? 0 : NS_PER_SECOND - 1; /* the last nanosecond of the day */
    return true;
}

static bool take_weekday(struct text *text, uint32_t *weekday_out)
{
    for (uint32_t i = 0; i < 7; i++) {
        if (text->length >= 2 && memcmp(text->bytes, weekday_words[i], 2) == 0) {
            *text = (struct text){text->bytes + 2, text->length - 2};
            *weekday_out = i;
            return true;
        }
    }
    return false;
}

/* MO,-1FR: an ordinal of 0 is none. */
static bool read_days(struct text text, struct recurrence *recurrence)
{
    for (;;) {
        bool from_end = text.length != 0 && text.bytes[0] == '-';
        bool has_sign = from_end || (text.length != 0 && text.bytes[0] == '+');
        text = (struct text){text.bytes + has_sign, text.length - has_sign};
        uint32_t ordinal = 0;
        bool has_ordinal = take_number(&text, ORDINAL_MAX, &ordinal);
        uint32_t weekday;
        if ((has_sign && !has_ordinal) || (has_ordinal && ordinal == 0) ||
            !take_weekday(&text, &weekday)) {
            return false;
        }
        recurrence->has_days = true;
        recurrence->days[weekday] |= UINT64_C(1) << (ordinal + (from_end ? FROM_END_BIT : 0));
        if (text.length == 0) {
            return true;
        }
        if (text.bytes[0] != ',') {
            return false;
        }
        text = (struct text){text.bytes + 1, text.length - 1};
    }
}

static bool read_frequency(struct text text, struct recurrence *recurrence)
{
    for (uint32_t i = 0; i < 3; i++) {
        if (text_is(text, frequency_words[i])) {
            recurrence->frequency = (enum recurrence_frequency)i;
            return true;
        }
    }
    return false;
}

enum part { PART_FREQ, PART_INTERVAL, PART_COUNT, PART_UNTIL, PART_BYDAY, PART_WKST, PART_KINDS };

static const char *read_part(enum part part, struct text value, struct recurrence *recurrence)
{
    switch (part) {
    case PART_FREQ:
        return read_frequency(value, recurrence) ? NULL : "FREQ must be DAILY, WEEKLY or MONTHLY";
    case PART_INTERVAL:
        return read_whole(value, 10000, &recurrence->interval) ? NULL
                                                               : "INTERVAL must be 1 to 10000";
    case PART_COUNT:
        return read_whole(value, RECURRENCE_OCCURRENCES_MAX, &recurrence->count)
                   ? NULL
                   : "COUNT must be 1 to 4096";
    case PART_UNTIL:
        return read_until(value, &recurrence->until_ns)
                   ? NULL
                   : "UNTIL must be like 20261231 or 20261231T235959Z";
    case PART_BYDAY:
        return read_days(value, recurrence) ? NULL : "BYDAY must be like MO,TU or 1MO,-1FR";
    case PART_WKST:
        return take_weekday(&value, &recurrence->week_start) && value.length == 0
                   ? NULL
                   : "WKST must be a weekday";
    case PART_KINDS:
        break;
    }
    return "only FREQ, INTERVAL, COUNT, UNTIL, BYDAY and WKST are understood";
}

static enum part part_of(struct text key)
{
    static const char *const words[PART_KINDS] = {"FREQ",  "INTERVAL", "COUNT",
                                                  "UNTIL", "BYDAY",    "WKST"};
    uint32_t part = 0;
    while (part < PART_KINDS && !text_is(key, words[part])) {
        part++;
    }
    return (enum part)part;
}

static uint32_t find(struct text text, char byte)
{
    const char *found = text.length == 0 ? NULL : memchr(text.bytes, byte, text.length);
    return found == NULL ? text.length : (uint32_t)(found - text.bytes);
}

static const char *check(const struct recurrence *recurrence, uint32_t seen)
{
    if ((seen & 1u << PART_FREQ) == 0) {
        return "FREQ is missing";
    }
    if ((seen & 1u << PART_COUNT) != 0 && (seen & 1u << PART_UNTIL) != 0) {
        return "COUNT and UNTIL exclude each other";
    }
    for (uint32_t i = 0; recurrence->frequency != RECURRENCE_MONTHLY && i < 7; i++) {
        if ((recurrence->days[i] & ~UINT64_C(1)) != 0) {
            return "BYDAY takes numbers with FREQ=MONTHLY only";
        }
    }
    return NULL;
}

bool recurrence_parse(struct text rule, struct recurrence *recurrence_out, const char **reason_out)
{
    *recurrence_out = (struct recurrence){
        .interval = 1, .count = RECURRENCE_OCCURRENCES_MAX, .until_ns = INT64_MAX};
    uint32_t seen = 0;
    if (rule.length > 6 && memcmp(rule.bytes, "RRULE:", 6) == 0) {
        rule = (struct text){rule.bytes + 6, rule.length - 6};
    }
    do {
        uint32_t length = find(rule, ';');
        struct text one = {rule.bytes, length};
        uint32_t skip = length < rule.length ? length + 1 : length;
        rule = (struct text){rule.bytes + skip, rule.length - skip};
        uint32_t key_length = find(one, '=');
        uint32_t value_at = key_length < one.length ? key_length + 1 : key_length;
        enum part part = part_of((struct text){one.bytes, key_length});
        *reason_out =
            (seen & 1u << part) != 0
                ? "a part is given twice"
                : read_part(part, (struct text){one.bytes + value_at, one.length - value_at},
                            recurrence_out);
        seen |= 1u << part;
        if (*reason_out != NULL) {
            return false;
        }
    } while (rule.length != 0);
    *reason_out = check(recurrence_out, seen);
    return *reason_out == NULL;
}

/* Writing */

struct writing {
    char *out;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void append(struct writing *writing,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(writing->out + writing->length, RECURRENCE_TEXT_SIZE - writing->length,
                           format, arguments);
    va_end(arguments);
    assert(length >= 0 && writing->length + (size_t)length < RECURRENCE_TEXT_SIZE);
    writing->length += (size_t)length;
}

static void append_days(struct writing *writing, const struct recurrence *recurrence)
{
    const char *before = ";BYDAY=";
    for (uint32_t weekday = 0; weekday < 7; weekday++) {
        for (uint32_t bit = 0; bit <= FROM_END_BIT + ORDINAL_MAX; bit++) {
            if ((recurrence->days[weekday] & UINT64_C(1) << bit) == 0) {
                continue;
            }
            append(writing, "%s", before);
            if (bit != 0) {
                append(writing, bit > FROM_END_BIT ? "-%u" : "%u", bit % FROM_END_BIT);
            }
            append(writing, "%s", weekday_words[weekday]);
            before = ",";
        }
    }
}

/* UNTIL was a date: a time has whole seconds. */
static bool is_whole_day(int64_t until_ns)
{
    return until_ns != INT64_MAX && floor_to(until_ns, NS_PER_DAY) + NS_PER_DAY - 1 == until_ns;
}

static void append_until(struct writing *writing, int64_t until_ns)
{
    char text[CIVIL_TEXT_SIZE]; /* 2026-12-31T23:59:59Z */
    civil_format(floor_to(until_ns, NS_PER_SECOND), text);
    append(writing, ";UNTIL=%.4s%.2s%.2s", text, text + 5, text + 8);
    if (!is_whole_day(until_ns)) {
        append(writing, "T%.2s%.2s%.2sZ", text + 11, text + 14, text + 17);
    }
}

void recurrence_format(const struct recurrence *recurrence, char out[RECURRENCE_TEXT_SIZE])
{
    struct writing writing = {.out = out};
    append(&writing, "FREQ=%s", frequency_words[recurrence->frequency]);
    if (recurrence->interval != 1) {
        append(&writing, ";INTERVAL=%u", recurrence->interval);
    }
    if (recurrence->count != RECURRENCE_OCCURRENCES_MAX) {
        append(&writing, ";COUNT=%u", recurrence->count);
    }
    if (recurrence->until_ns != INT64_MAX) {
        append_until(&writing, recurrence->until_ns);
    }
    append_days(&writing, recurrence);
    if (recurrence->week_start != 0) {
        append(&writing, ";WKST=%s", weekday_words[recurrence->week_start]);
    }
}

/* Expanding: every day from the start on is asked whether the rule holds on it */

static bool month_takes(const struct recurrence *recurrence, struct civil_date date,
                        struct civil_date first, int64_t day)
{
    int64_t months = ((int64_t)date.year - first.year) * 12 + date.month - first.month;
    if (months % recurrence->interval != 0) {
        return false;
    }
    if (!recurrence->has_days) {
        return date.day == first.day;
    }
    uint64_t days = recurrence->days[civil_weekday(day)];
    uint32_t ordinal = (date.day - 1) / 7 + 1;
    uint32_t from_end = (civil_days_in_month(date.year, date.month) - date.day) / 7 + 1;
    return (days & (1 | UINT64_C(1) << ordinal | UINT64_C(1) << (FROM_END_BIT + from_end))) != 0;
}

static bool day_takes(const struct recurrence *recurrence, int64_t day, int64_t first_day)
{
    bool named = !recurrence->has_days || recurrence->days[civil_weekday(day)] != 0;
    switch (recurrence->frequency) {
    case RECURRENCE_DAILY:
        return named && (day - first_day) % recurrence->interval == 0;
    case RECURRENCE_WEEKLY: {
        /* Weeks between the weeks that the two days stand in. */
        int64_t shift = (civil_weekday(0) + 7 - recurrence->week_start) % 7;
        int64_t weeks = floor_to(day + shift, 7) / 7 - floor_to(first_day + shift, 7) / 7;
        bool on_day = recurrence->has_days ? named : civil_weekday(day) == civil_weekday(first_day);
        return on_day && weeks % recurrence->interval == 0;
    }
    case RECURRENCE_MONTHLY:
        return month_takes(recurrence, civil_from_days(day), civil_from_days(first_day), day);
    }
    unreachable("recurrence frequency");
}

uint32_t recurrence_starts(const struct recurrence *recurrence, const struct zone *zone,
                           int64_t start_ns, int64_t *starts, uint32_t room)
{
    int64_t start_local_ns = zone_local_ns(zone, start_ns);
    int64_t first_day = floor_to(start_local_ns, NS_PER_DAY) / NS_PER_DAY;
    int64_t of_day_ns = start_local_ns - first_day * NS_PER_DAY;
    bool by_day = is_whole_day(recurrence->until_ns);
    uint32_t most = recurrence->count < room ? recurrence->count : room;
    uint32_t count = 0;
    for (int64_t day = first_day; count < most && day < LAST_DAY; day++) {
        int64_t local_ns = day * NS_PER_DAY + of_day_ns;
        if (local_ns - NS_PER_DAY > recurrence->until_ns) {
            break; /* no zone is a day away */
        }
        if (!day_takes(recurrence, day, first_day)) {
            continue;
        }
        /* The start itself may be the second coming of its time. */
        int64_t ns = day == first_day ? start_ns : zone_utc_ns(zone, local_ns);
        if ((by_day ? local_ns : ns) <= recurrence->until_ns &&
            zone_local_ns(zone, ns) == local_ns) {
            starts[count++] = ns;
        }
    }
    return count;
}

uint32_t recurrence_starts_in(const struct recurrence *recurrence, int64_t start_ns,
                              int64_t from_ns, int64_t to_ns, int64_t *starts, uint32_t room)
{
    int64_t first_day = floor_to(start_ns, NS_PER_DAY) / NS_PER_DAY;
    int64_t from_day = floor_to(from_ns, NS_PER_DAY) / NS_PER_DAY;
    int64_t of_day_ns = start_ns - first_day * NS_PER_DAY;
    bool is_counted = recurrence->count < RECURRENCE_OCCURRENCES_MAX;
    uint32_t seen = 0;
    uint32_t count = 0;
    int64_t day = is_counted || from_day < first_day ? first_day : from_day;
    for (; count < room && day < LAST_DAY; day++) {
        int64_t ns = day * NS_PER_DAY + of_day_ns;
        if (ns > recurrence->until_ns || ns >= to_ns || (is_counted && seen == recurrence->count)) {
            break;
        }
        if (day_takes(recurrence, day, first_day)) {
            seen++;
            if (ns >= from_ns) {
                starts[count++] = ns;
            }
        }
    }
    return count;
}
