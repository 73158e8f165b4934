#include "api/when.h"

#include <stdio.h>

#include "domain/civil.h"

#define INSTANT_BYTES_MAX 64

struct parsing {
    struct when when;
    int64_t now_ns;
    char *detail;
};

static bool complain(struct parsing *parsing, const char *detail)
{
    snprintf(parsing->detail, WHEN_DETAIL_SIZE, "%s", detail);
    return false;
}

/* `+` means a space in a query, and people forget to escape the one of a time zone. */
static struct text mend_zone(struct text text, char copy[INSTANT_BYTES_MAX])
{
    if (text.length < 11 || text.length > INSTANT_BYTES_MAX) {
        return text;
    }
    memcpy(copy, text.bytes, text.length);
    for (uint32_t i = 11; i < text.length; i++) {
        copy[i] = copy[i] == ' ' ? '+' : copy[i];
    }
    return (struct text){copy, text.length};
}

static bool parse_instant(struct parsing *parsing, const char *name, struct text text,
                          int64_t *ns_out)
{
    char copy[INSTANT_BYTES_MAX];
    struct text mended = mend_zone(text, copy);
    if (civil_parse_time(mended, ns_out) || civil_parse_date(mended, ns_out)) {
        return true;
    }
    snprintf(parsing->detail, WHEN_DETAIL_SIZE,
             "%s is not a time; write 2026-06-01T00:00:00Z, 2026-06-01 or epoch seconds", name);
    return false;
}

static void judge_window(struct parsing *parsing, struct window window, struct span span)
{
    struct when *when = &parsing->when;
    when->has_window = true;
    when->window = (struct asked_window){window, span};
    when->at_ns = span.end_ns < parsing->now_ns ? span.end_ns : parsing->now_ns;
}

static bool parse_at(struct parsing *parsing, struct text at, int64_t latest_ns)
{
    if (!parse_instant(parsing, "at", at, &parsing->when.at_ns)) {
        return false;
    }
    return parsing->when.at_ns <= latest_ns || complain(parsing, "at lies in the future");
}

static bool parse_period(struct parsing *parsing, struct text period)
{
    struct span span;
    enum calendar_unit unit;
    if (!calendar_parse_period(period, &span, &unit)) {
        return complain(parsing, "period is not a period; write 2026, 2026-Q2, 2026-06, 2026-W23 "
                                 "or 2026-06-15");
    }
    if (span.start_ns >= parsing->now_ns) {
        return complain(parsing, "period lies in the future");
    }
    judge_window(parsing, (struct window){.kind = WINDOW_CALENDAR, .unit = unit}, span);
    return true;
}

static bool parse_span(struct parsing *parsing, struct text from, struct text to)
{
    if (!text_given(from) || !text_given(to)) {
        return complain(parsing, "from and to go together");
    }
    struct span span;
    if (!parse_instant(parsing, "from", from, &span.start_ns) ||
        !parse_instant(parsing, "to", to, &span.end_ns)) {
        return false;
    }
    if (span.end_ns <= span.start_ns) {
        return complain(parsing, "end must be greater than start: to is not after from");
    }
    if (span.start_ns >= parsing->now_ns) {
        return complain(parsing, "from lies in the future");
    }
    judge_window(parsing, (struct window){.kind = WINDOW_SPAN}, span);
    return true;
}

bool when_parse(const struct target *target, int64_t now_ns, int64_t latest_ns,
                struct when *when_out, char detail_out[WHEN_DETAIL_SIZE])
{
    struct text at = target_parameter(target, "at");
    struct text period = target_parameter(target, "period");
    struct text from = target_parameter(target, "from");
    struct text to = target_parameter(target, "to");
    bool is_span = text_given(from) || text_given(to);
    struct parsing parsing = {.now_ns = now_ns, .detail = detail_out};
    parsing.when.now_ns = now_ns;
    parsing.when.given = text_given(at) || text_given(period) || is_span;
    bool good = true;
    if (text_given(at) + text_given(period) + is_span > 1) {
        good = complain(&parsing, "at, period and from/to exclude each other");
    } else if (text_given(at)) {
        good = parse_at(&parsing, at, latest_ns);
    } else if (text_given(period)) {
        good = parse_period(&parsing, period);
    } else if (is_span) {
        good = parse_span(&parsing, from, to);
    }
    *when_out = parsing.when;
    return good;
}
