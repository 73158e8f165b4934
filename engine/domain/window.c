#include "domain/window.h"

#include <stdio.h>

#include "base/panic.h"
#include "domain/decimal.h"

int64_t window_resolution_s(int64_t length_ns)
{
    return length_ns <= NS_PER_HOUR        ? 1
           : length_ns <= 6 * NS_PER_HOUR  ? 10
           : length_ns <= 400 * NS_PER_DAY ? 60
                                           : 3600;
}

static int64_t month_start_ns(int32_t year, int32_t month_index)
{
    /* month_index counts from January = 0 and may run over the year's end. */
    struct civil_date date = {year + month_index / 12, (uint32_t)(month_index % 12) + 1, 1};
    return civil_days(date) * NS_PER_DAY;
}

struct span calendar_span(enum calendar_unit unit, int64_t ns)
{
    int64_t days = floor_to(ns, NS_PER_DAY) / NS_PER_DAY;
    struct civil_date date = civil_from_days(days);
    int32_t month = (int32_t)date.month - 1;
    switch (unit) {
    case CALENDAR_DAY:
        return (struct span){days * NS_PER_DAY, (days + 1) * NS_PER_DAY};
    case CALENDAR_WEEK: {
        int64_t monday = days - civil_weekday(days);
        return (struct span){monday * NS_PER_DAY, (monday + 7) * NS_PER_DAY};
    }
    case CALENDAR_MONTH:
        return (struct span){month_start_ns(date.year, month),
                             month_start_ns(date.year, month + 1)};
    case CALENDAR_QUARTER:
        month -= month % 3;
        return (struct span){month_start_ns(date.year, month),
                             month_start_ns(date.year, month + 3)};
    case CALENDAR_YEAR:
        return (struct span){month_start_ns(date.year, 0), month_start_ns(date.year, 12)};
    }
    unreachable("calendar unit");
}

struct span calendar_in_zone(struct span local, const struct zone *zone)
{
    return (struct span){zone_utc_ns(zone, local.start_ns), zone_utc_ns(zone, local.end_ns)};
}

/* The anchor's day, `months` later; the last of a shorter month. */
static int64_t months_later(struct civil_date anchor, int64_t months)
{
    int64_t index = (int64_t)anchor.year * 12 + anchor.month - 1 + months;
    struct civil_date date = {(int32_t)(floor_to(index, 12) / 12),
                              (uint32_t)(index - floor_to(index, 12)) + 1, 1};
    uint32_t days = civil_days_in_month(date.year, date.month);
    date.day = anchor.day < days ? anchor.day : days;
    return civil_days(date);
}

static struct span anchored_months(struct civil_date anchor, int64_t step, int64_t day)
{
    struct civil_date date = civil_from_days(day);
    int64_t months = ((int64_t)date.year - anchor.year) * 12 + date.month - anchor.month;
    int64_t start = floor_to(months, step);
    if (months_later(anchor, start) > day) {
        start -= step; /* the period has not begun in this month yet */
    }
    return (struct span){months_later(anchor, start), months_later(anchor, start + step)};
}

/* From and to a day. */
static struct span anchored_days(const struct window *window, int64_t day)
{
    struct civil_date anchor = civil_from_days(window->anchor_days);
    int64_t count = window_unit_count(window);
    int64_t days = count;
    switch (window->unit) {
    case CALENDAR_WEEK:
        days = 7 * count;
        break;
    case CALENDAR_DAY:
        break;
    case CALENDAR_MONTH:
        return anchored_months(anchor, count, day);
    case CALENDAR_QUARTER:
        return anchored_months(anchor, 3 * count, day);
    case CALENDAR_YEAR:
        return anchored_months(anchor, 12 * count, day);
    }
    int64_t start = floor_to(day - window->anchor_days, days) + window->anchor_days;
    return (struct span){start, start + days};
}

/* A day begins at the anchor's time. */
static struct span anchored_span(const struct window *window, int64_t local_ns)
{
    int64_t begun_ns = local_ns - window->anchor_time_ns;
    struct span days = anchored_days(window, floor_to(begun_ns, NS_PER_DAY) / NS_PER_DAY);
    return (struct span){days.start_ns * NS_PER_DAY + window->anchor_time_ns,
                         days.end_ns * NS_PER_DAY + window->anchor_time_ns};
}

static struct span local_period(const struct window *window, int64_t local_ns)
{
    struct span local = window->is_anchored ? anchored_span(window, local_ns)
                                            : calendar_span(window->unit, local_ns);
    return calendar_in_zone(local, window->zone);
}

static struct span calendar_at(const struct window *window, int64_t at_ns)
{
    int64_t local_ns = zone_local_ns(window->zone, at_ns);
    struct span span = local_period(window, local_ns);
    /* Where clocks go back over an edge the old time comes again, in the new period; where they
     * skip an edge it is as late after the change as it was to be after its beginning. */
    if (at_ns >= span.end_ns) {
        span = local_period(window, local_ns + NS_PER_DAY);
    } else if (at_ns < span.start_ns) {
        span = local_period(window, local_ns - NS_PER_DAY);
    }
    return span;
}

bool window_equal(const struct window *a, const struct window *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case WINDOW_ROLLING:
        return a->length_ns == b->length_ns;
    case WINDOW_CALENDAR:
        return a->unit == b->unit && a->unit_count == b->unit_count && a->zone == b->zone &&
               a->is_anchored == b->is_anchored &&
               (!a->is_anchored ||
                (a->anchor_days == b->anchor_days && a->anchor_time_ns == b->anchor_time_ns));
    case WINDOW_TERM:
        return true;
    case WINDOW_SPAN:
        return false; /* it does not say which */
    }
    unreachable("all kinds are above");
}

struct span window_at(const struct window *window, struct span term, int64_t at_ns)
{
    switch (window->kind) {
    case WINDOW_ROLLING: {
        int64_t step = window_resolution_s(window->length_ns) * NS_PER_SECOND;
        return (struct span){floor_to(at_ns - window->length_ns, step), at_ns};
    }
    case WINDOW_CALENDAR:
        return calendar_at(window, at_ns);
    case WINDOW_TERM:
        return term;
    case WINDOW_SPAN:
        break; /* whoever asks for a span holds it */
    }
    unreachable("window kind");
}

int64_t window_alert_length_ns(const struct window *window)
{
    if (window->kind == WINDOW_ROLLING) {
        return window->length_ns;
    }
    if (window->kind == WINDOW_CALENDAR && window->unit == CALENDAR_DAY) {
        return window_unit_count(window) * NS_PER_DAY;
    }
    if (window->kind == WINDOW_CALENDAR && window->unit == CALENDAR_WEEK) {
        return window_unit_count(window) * 7 * NS_PER_DAY;
    }
    return 30 * NS_PER_DAY;
}

static const char *const unit_words[] = {"day", "week", "month", "quarter", "year"};

void window_format(const struct window *window, char *out, size_t size)
{
    switch (window->kind) {
    case WINDOW_ROLLING:
        duration_format(window->length_ns, out, size);
        return;
    case WINDOW_CALENDAR:
        if (window_unit_count(window) > 1) {
            snprintf(out, size, "%u%c", window->unit_count, "dwMQY"[window->unit]);
        } else {
            snprintf(out, size, "%s", unit_words[window->unit]);
        }
        return;
    case WINDOW_TERM:
        snprintf(out, size, "term");
        return;
    case WINDOW_SPAN:
        snprintf(out, size, "span");
        return;
    }
    unreachable("window kind");
}

/* All of text[from .. from + count) as digits. */
static bool digits_at(struct text text, uint32_t from, uint32_t count, int32_t *value_out)
{
    if (from + count > text.length) {
        return false;
    }
    int32_t value = 0;
    for (uint32_t i = from; i < from + count; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9') {
            return false;
        }
        value = value * 10 + (text.bytes[i] - '0');
    }
    *value_out = value;
    return true;
}

static struct span period(enum calendar_unit unit, struct civil_date date)
{
    return calendar_span(unit, civil_days(date) * NS_PER_DAY);
}

/* ISO 8601: week 1 is the one with January 4th. */
static bool week_span(int32_t year, int32_t week, struct span *span_out)
{
    struct span first = period(CALENDAR_WEEK, (struct civil_date){year, 1, 4});
    int64_t start = first.start_ns + (week - 1) * 7 * NS_PER_DAY;
    struct span next_year = period(CALENDAR_WEEK, (struct civil_date){year + 1, 1, 4});
    *span_out = (struct span){start, start + 7 * NS_PER_DAY};
    return week >= 1 && start < next_year.start_ns;
}

bool calendar_parse_period(struct text text, struct span *span_out, enum calendar_unit *unit_out)
{
    int32_t year;
    int32_t number;
    if (!digits_at(text, 0, 4, &year) || year < 1678 || year > 2261) {
        return false;
    }
    if (text.length == 4) {
        *unit_out = CALENDAR_YEAR;
        *span_out = period(CALENDAR_YEAR, (struct civil_date){year, 1, 1});
        return true;
    }
    if (text.bytes[4] != '-') {
        return false;
    }
    if (text.length == 7 && text.bytes[5] == 'Q' && digits_at(text, 6, 1, &number) && number >= 1 &&
        number <= 4) {
        *unit_out = CALENDAR_QUARTER;
        *span_out = period(CALENDAR_QUARTER, (struct civil_date){year, (uint32_t)number * 3, 1});
        return true;
    }
    if (text.length == 8 && text.bytes[5] == 'W' && digits_at(text, 6, 2, &number)) {
        *unit_out = CALENDAR_WEEK;
        return week_span(year, number, span_out);
    }
    if (text.length == 7 && digits_at(text, 5, 2, &number) && number >= 1 && number <= 12) {
        *unit_out = CALENDAR_MONTH;
        *span_out = period(CALENDAR_MONTH, (struct civil_date){year, (uint32_t)number, 1});
        return true;
    }
    int64_t day_ns;
    if (civil_parse_date(text, &day_ns)) {
        *unit_out = CALENDAR_DAY;
        *span_out = calendar_span(CALENDAR_DAY, day_ns);
        return true;
    }
    return false;
}

static const struct {
    const char *word;
    int64_t ns;
} duration_units[] = {
    {"w", 7 * NS_PER_DAY}, {"d", NS_PER_DAY},    {"h", NS_PER_HOUR},
    {"m", NS_PER_MINUTE},  {"s", NS_PER_SECOND}, {"ms", NS_PER_MS},
};
#define DURATION_UNIT_COUNT (sizeof(duration_units) / sizeof(duration_units[0]))

bool duration_parse(struct text text, int64_t *ns_out)
{
    uint32_t digits = 0;
    while (digits < text.length && ((text.bytes[digits] >= '0' && text.bytes[digits] <= '9') ||
                                    text.bytes[digits] == '.')) {
        digits++;
    }
    struct text number = {text.bytes, digits};
    struct text unit = {text.bytes + digits, text.length - digits};
    for (uint32_t i = 0; i < DURATION_UNIT_COUNT; i++) {
        if (!text_is(unit, duration_units[i].word)) {
            continue;
        }
        int64_t whole;
        if (decimal_parse(number, 0, &whole)) {
            return !__builtin_mul_overflow(whole, duration_units[i].ns, ns_out);
        }
        int64_t billionths; /* of the unit */
        if (!decimal_parse(number, 9, &billionths)) {
            return false;
        }
        int128 scaled = (int128)billionths * duration_units[i].ns;
        if (scaled % 1000000000 != 0 || scaled / 1000000000 > INT64_MAX) {
            return false;
        }
        *ns_out = (int64_t)(scaled / 1000000000);
        return true;
    }
    return false;
}

void duration_format(int64_t ns, char *out, size_t size)
{
    /* Days before weeks: people say 28d and 30d, not 4w. */
    for (uint32_t i = 1; i < DURATION_UNIT_COUNT; i++) {
        if (ns % duration_units[i].ns == 0) {
            snprintf(out, size, "%lld%s", (long long)(ns / duration_units[i].ns),
                     duration_units[i].word);
            return;
        }
    }
    snprintf(out, size, "%lldns", (long long)ns);
}
