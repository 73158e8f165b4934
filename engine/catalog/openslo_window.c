#include "catalog/openslo_window.h"

#include "catalog/hours.h"
#include "catalog/openslo_fields.h"
#include "catalog/over.h"

static const struct key_rule window_keys[] = {
    {"duration", KEY_READ, NULL},
    {"isRolling", KEY_READ, NULL},
    {"calendar", KEY_READ, NULL},
};
static const struct key_rule calendar_keys[] = {
    {"startTime", KEY_READ, NULL},
    {"timeZone", KEY_READ, NULL},
};

static char last_letter(struct text text)
{
    return text.length == 0 ? '\0' : text.bytes[text.length - 1];
}

static bool read_rolling(const struct reading *reading, const struct node *duration,
                         struct window *window_out)
{
    struct text text = duration->text;
    struct place place = place_of(reading, duration);
    int64_t ns;
    if (strchr("MQY", last_letter(text)) != NULL && text.length > 1) {
        problem_error(reading->problems, place,
                      "`duration`: %s has no fixed length to roll; write e.g. 30d, or give a "
                      "`calendar: {startTime: 2026-01-01 00:00:00, timeZone: UTC}`",
                      quoted(text).bytes);
        return false;
    }
    if (!openslo_read_duration(reading, duration, "duration", &ns)) {
        return false;
    }
    if (ns < NS_PER_HOUR) {
        problem_error(reading->problems, place,
                      "`duration`: %s is shorter than 1 h, m is minutes; write at least 1h, and a "
                      "month as 1M with a `calendar`",
                      quoted(text).bytes);
        return false;
    }
    if (ns > OVER_DAYS_MAX * NS_PER_DAY) {
        problem_error(reading->problems, place, "`duration`: %s is longer than %d d; shorten it",
                      quoted(text).bytes, OVER_DAYS_MAX);
        return false;
    }
    *window_out = (struct window){.kind = WINDOW_ROLLING, .length_ns = ns};
    return true;
}

static bool read_period(const struct reading *reading, const struct node *duration,
                        struct window *window)
{
    struct text text = duration->text;
    if (parse_calendar_duration(text, &window->unit, &window->unit_count)) {
        return true;
    }
    problem_error(
        reading->problems, place_of(reading, duration),
        "`duration`: %s is no calendar period of at most ten years%s; write a whole number "
        "and one of d w M Q Y, e.g. 1M",
        quoted(text).bytes, last_letter(text) == 'm' ? " (m is minutes)" : "");
    return false;
}

static bool read_start(const struct reading *reading, const struct node *calendar,
                       struct window *window)
{
    const struct node *node =
        required_field(reading, calendar, "startTime", "startTime: 2026-01-01 00:00:00");
    struct text text;
    if (node == NULL || !read_scalar(reading, node, "startTime", &text)) {
        return false;
    }
    if (!parse_local_time(text, &window->anchor_days, &window->anchor_time_ns)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`startTime`: %s is not a time by the clocks of `timeZone`; write e.g. "
                      "2026-01-01 12:30:00",
                      quoted(text).bytes);
        return false;
    }
    return true;
}

static bool read_calendar(struct draft *draft, const struct reading *reading,
                          const struct node *duration, const struct node *calendar,
                          struct window *window_out)
{
    struct window window = {.kind = WINDOW_CALENDAR, .is_anchored = true};
    if (!check_mapping(reading, calendar, "calendar",
                       "`calendar: {startTime: 2026-01-01 00:00:00, timeZone: UTC}`")) {
        return false;
    }
    check_keys(reading, calendar, "`calendar`", calendar_keys, COUNT_OF(calendar_keys));
    const struct node *zone = required_field(reading, calendar, "timeZone", "timeZone: UTC");
    bool well = read_period(reading, duration, &window);
    well &= read_start(reading, calendar, &window);
    well &= zone != NULL && read_zone(draft, reading, zone, &window.zone);
    if (well) {
        *window_out = window;
    }
    return well;
}

/* Rolling, unless there is a calendar: then it may say so, but need not. */
static bool check_rolling(const struct reading *reading, const struct node *item,
                          const struct node *calendar)
{
    const struct node *node = node_find(item, "isRolling");
    bool rolling = calendar == NULL;
    if (node != NULL && !read_bool(reading, node, "isRolling", &rolling)) {
        return false;
    }
    if (rolling == (calendar == NULL)) {
        return true;
    }
    problem_error(reading->problems, place_of_key(reading, node),
                  rolling ? "a window with a `calendar` does not roll; remove one of the two"
                          : "a window that does not roll needs a `calendar: {startTime: 2026-01-01 "
                            "00:00:00, timeZone: UTC}`; add it, or write `isRolling: true`");
    return false;
}

bool openslo_read_window(struct draft *draft, const struct reading *reading,
                         const struct node *spec, struct window *window_out)
{
    const struct node *list = node_find(spec, "timeWindow");
    if (list == NULL) {
        return true;
    }
    if (list->kind != NODE_SEQUENCE || list->count != 1) {
        if (list->kind != NODE_BROKEN) {
            problem_error(reading->problems, place_of(reading, list),
                          "`timeWindow` must be a list of exactly one; write e.g. `- {duration: "
                          "30d, isRolling: true}`");
        }
        return false;
    }
    const struct node *item = list->first;
    if (!check_mapping(reading, item, "timeWindow", "`- {duration: 30d, isRolling: true}`")) {
        return false;
    }
    check_keys(reading, item, "`timeWindow`", window_keys, COUNT_OF(window_keys));
    const struct node *calendar = node_find(item, "calendar");
    const struct node *duration = required_field(reading, item, "duration", "duration: 30d");
    bool well = check_rolling(reading, item, calendar);
    struct text text;
    if (duration == NULL || !read_scalar(reading, duration, "duration", &text)) {
        return false;
    }
    return (calendar == NULL ? read_rolling(reading, duration, window_out)
                             : read_calendar(draft, reading, duration, calendar, window_out)) &&
           well;
}
