#include "catalog/over.h"

#include <stdio.h>

#include "base/panic.h"
#include "catalog/words.h"
#include "domain/decimal.h"

static const char *const unit_words[] = {"day", "week", "month", "quarter", "year"};
/* For "did you mean"; the units first, as in enum calendar_unit. */
static const char *const over_words[] = {"day", "week", "month", "quarter", "year", "term"};

/* 1M, 3Q, 2Y: OpenSLO's calendar durations. */
static bool calendar_duration(struct text text)
{
    if (text.length < 2 || strchr("MQY", text.bytes[text.length - 1]) == NULL) {
        return false;
    }
    for (uint32_t i = 0; i + 1 < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9') {
            return false;
        }
    }
    return true;
}

static void refuse_over(const struct reading *reading, const struct node *node, struct text text)
{
    struct place place = place_of(reading, node);
    const char *nearest = nearest_word(text, over_words, COUNT_OF(over_words));
    if (calendar_duration(text)) {
        problem_error(
            reading->problems, place,
            "`over`: %s has no fixed length; a month is `month` (also `quarter`, `year`), a "
            "rolling window is e.g. 30d",
            quoted(text).bytes);
    } else if (nearest != NULL) {
        problem_error(reading->problems, place, "`over`: unknown %s; did you mean `%s`?",
                      quoted(text).bytes, nearest);
    } else {
        problem_error(reading->problems, place,
                      "`over`: %s is no window; write a duration such as 30d, or day, week, month, "
                      "quarter, year or term",
                      quoted(text).bytes);
    }
}

static bool read_rolling(const struct reading *reading, const struct node *node, struct text text,
                         struct window *window_out)
{
    struct place place = place_of(reading, node);
    int64_t ns;
    if (!duration_parse(text, &ns)) {
        refuse_over(reading, node, text);
        return false;
    }
    if (ns < NS_PER_HOUR) {
        const char *hint = text.bytes[text.length - 1] == 'm' ? "m is minutes; a month is `month`"
                                                              : "write at least 1h";
        problem_error(reading->problems, place, "`over`: %s is shorter than 1 h; %s",
                      quoted(text).bytes, hint);
        return false;
    }
    if (ns % NS_PER_SECOND != 0) {
        problem_error(reading->problems, place, "`over`: %s is not whole seconds; round it",
                      quoted(text).bytes);
        return false;
    }
    if (ns > OVER_DAYS_MAX * NS_PER_DAY) {
        problem_error(reading->problems, place,
                      "`over`: %s is longer than %d d; for the life of the agreement write `term`",
                      quoted(text).bytes, OVER_DAYS_MAX);
        return false;
    }
    *window_out = (struct window){.kind = WINDOW_ROLLING, .length_ns = ns};
    return true;
}

static const struct key_rule anchored_keys[] = {
    {"every", KEY_READ, NULL},
    {"anchor", KEY_READ, NULL},
};

bool parse_calendar_duration(struct text text, enum calendar_unit *unit_out, uint32_t *count_out)
{
    /* As in enum calendar_unit. */
    static const struct {
        char letter;
        int64_t count_max;
    } units[] = {{'d', OVER_DAYS_MAX},
                 {'w', OVER_DAYS_MAX / 7},
                 {'M', OVER_DAYS_MAX / 30},
                 {'Q', OVER_DAYS_MAX / 90},
                 {'Y', OVER_DAYS_MAX / 365}};
    for (uint32_t i = 0; text.length > 1 && i < COUNT_OF(units); i++) {
        int64_t count;
        if (text.bytes[text.length - 1] == units[i].letter &&
            decimal_parse((struct text){text.bytes, text.length - 1}, 0, &count)) {
            *unit_out = (enum calendar_unit)i;
            *count_out = (uint32_t)count;
            return count >= 1 && count <= units[i].count_max;
        }
    }
    return false;
}

bool parse_local_time(struct text text, int64_t *days_out, int64_t *time_of_day_ns_out)
{
    char utc[] = "yyyy-mm-ddThh:mm:ssZ";
    int64_t ns;
    if (text.length == sizeof(utc) - 2) {
        memcpy(utc, text.bytes, text.length);
        if (!civil_parse_rfc3339(text_from(utc), &ns)) {
            return false;
        }
    } else if (!civil_parse_date(text, &ns)) {
        return false;
    }
    int64_t midnight_ns = floor_to(ns, NS_PER_DAY);
    *days_out = midnight_ns / NS_PER_DAY;
    *time_of_day_ns_out = ns - midnight_ns;
    return true;
}

static bool read_every(const struct reading *reading, const struct node *node,
                       struct window *window)
{
    struct text text;
    if (node->kind == NODE_SCALAR &&
        parse_calendar_duration(node->text, &window->unit, &window->unit_count)) {
        return true;
    }
    if (!read_scalar(reading, node, "every", &text)) {
        return false;
    }
    if (text.length > 0 && text.bytes[0] >= '0' && text.bytes[0] <= '9') {
        problem_error(reading->problems, place_of(reading, node),
                      "`every`: %s is no calendar period of at most ten years; write a number and "
                      "one of d w M Q Y, e.g. 2w or 1M (m would be minutes)",
                      quoted(text).bytes);
        return false;
    }
    uint32_t unit;
    bool well = read_word(reading, node, "every", unit_words, COUNT_OF(unit_words), &unit);
    if (well) {
        window->unit = (enum calendar_unit)unit;
    }
    return well;
}

/* {every: month, anchor: 2025-03-31}, {every: 2w, anchor: 2025-03-31T12:30:00} */
static bool read_anchored(const struct reading *reading, const struct node *node,
                          struct window *window_out)
{
    check_keys(reading, node, "`over`", anchored_keys, COUNT_OF(anchored_keys));
    const struct node *every = required_field(reading, node, "every", "every: month");
    const struct node *anchor = required_field(reading, node, "anchor", "anchor: 2025-03-31");
    struct window window = {
        .kind = WINDOW_CALENDAR, .unit_count = 1, .zone = reading->zone, .is_anchored = true};
    bool well = every != NULL && read_every(reading, every, &window);
    struct text text;
    if (anchor == NULL || !read_scalar(reading, anchor, "anchor", &text)) {
        return false;
    }
    if (!parse_local_time(text, &window.anchor_days, &window.anchor_time_ns)) {
        problem_error(reading->problems, place_of(reading, anchor),
                      "`anchor`: %s is not a date; write the first day of some period, e.g. "
                      "2025-03-31, or its start by the zone's clocks, e.g. 2025-03-31T12:30:00",
                      quoted(text).bytes);
        return false;
    }
    if (well) {
        *window_out = window;
    }
    return well;
}

bool read_over(const struct reading *reading, const struct node *node, struct window *window_out)
{
    if (node->kind == NODE_MAPPING) {
        return read_anchored(reading, node, window_out);
    }
    struct text text;
    if (!read_scalar(reading, node, "over", &text)) {
        return false;
    }
    for (uint32_t i = 0; i < COUNT_OF(unit_words); i++) {
        if (text_is(text, unit_words[i])) {
            *window_out = (struct window){
                .kind = WINDOW_CALENDAR, .unit = (enum calendar_unit)i, .zone = reading->zone};
            return true;
        }
    }
    if (text_is(text, "term")) {
        *window_out = (struct window){.kind = WINDOW_TERM};
        return true;
    }
    return read_rolling(reading, node, text, window_out);
}

static bool bounded(struct span term)
{
    return term.start_ns != INT64_MIN && term.end_ns != INT64_MAX;
}

/* What slices must divide; 0: nothing is known to divide. */
static int64_t divided_ns(const struct window *window, struct span term)
{
    switch (window->kind) {
    case WINDOW_ROLLING:
        return window->length_ns;
    case WINDOW_CALENDAR:
        /* Months, quarters and years have whole days and no common length but the day. */
        if (window->zone != NULL) {
            return zone_day_divisor_ns(window->zone); /* there are days of 23 and 25 hours */
        }
        return window->unit <= CALENDAR_WEEK ? window_alert_length_ns(window) : NS_PER_DAY;
    case WINDOW_TERM:
        return bounded(term) ? span_length(term) : 0;
    case WINDOW_SPAN:
        break; /* never in a document */
    }
    unreachable("window kind");
}

bool slice_divides(int64_t slice_ns, const struct window *window, struct span term)
{
    return divided_ns(window, term) % slice_ns == 0;
}

bool check_slice(const struct reading *reading, const struct node *node, const char *key,
                 int64_t slice_ns, const struct window *window, struct span term)
{
    if (slice_divides(slice_ns, window, term)) {
        return true;
    }
    int64_t length_ns = divided_ns(window, term);
    char slice[32];
    char length[32];
    char over[32];
    duration_format(slice_ns, slice, sizeof(slice));
    duration_format(length_ns, length, sizeof(length));
    window_format(window, over, sizeof(over));
    problem_error(
        reading->problems, place_of(reading, node),
        "`%s`: slices of %s do not divide %s (a window of %s); take some that do, e.g. 1m "
        "or 5m",
        key, slice, length, over);
    return false;
}

int64_t over_length_ns(const struct window *window, struct span term)
{
    int64_t length_ns = window_alert_length_ns(window);
    if (window->kind == WINDOW_CALENDAR && window->unit >= CALENDAR_MONTH) {
        static const int64_t days[] = {
            [CALENDAR_MONTH] = 30, [CALENDAR_QUARTER] = 90, [CALENDAR_YEAR] = 365};
        return window_unit_count(window) * days[window->unit] * NS_PER_DAY;
    }
    if (window->kind == WINDOW_TERM && bounded(term) && span_length(term) > length_ns) {
        return span_length(term);
    }
    return length_ns;
}

void over_format(const struct window *window, char *out, size_t size)
{
    char over[32];
    window_format(window, over, sizeof(over));
    if (window->kind != WINDOW_CALENDAR || !window->is_anchored) {
        snprintf(out, size, "%s", over);
        return;
    }
    char anchor[CIVIL_TEXT_SIZE];
    civil_format(window->anchor_days * NS_PER_DAY + window->anchor_time_ns, anchor);
    /* Without the Z; a midnight is a date. */
    int length = window->anchor_time_ns == 0 ? 10 : 19;
    snprintf(out, size, "{every: %s, anchor: %.*s}", over, length, anchor);
}
