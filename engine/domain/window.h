/* The spans of time that objectives are judged over. Pure.
 *
 * Rolling: [floor_r(at - W), at), r = the resolution (SEMANTICS section 5): 1 s up to 1 h, 10 s up
 * to 6 h, 1 minute up to 400 days, 1 hour beyond. Calendar: the period with start <= at < end, cut at
 * the midnights of a zone; with an anchor the periods begin on its day and at its time of day, or on
 * the last day of a month that has no such day, and may be several units long.
 * Term: from the agreement's start to its end.
 */
#ifndef DOMAIN_WINDOW_H
#define DOMAIN_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "domain/civil.h"
#include "domain/zone.h"

/* SPAN: one given span of time; never in a document, only in a question. */
enum window_kind { WINDOW_ROLLING, WINDOW_CALENDAR, WINDOW_TERM, WINDOW_SPAN };
enum calendar_unit {
    CALENDAR_DAY,
    CALENDAR_WEEK,
    CALENDAR_MONTH,
    CALENDAR_QUARTER,
    CALENDAR_YEAR,
};

struct window {
    enum window_kind kind;
    int64_t length_ns;       /* rolling */
    enum calendar_unit unit; /* calendar */
    const struct zone *zone; /* calendar; NULL: UTC */
    uint32_t unit_count;     /* calendar: units in a period; 0 is one, more only with an anchor */
    bool is_anchored;        /* calendar: */
    int64_t anchor_days;     /* a day, since 1970-01-01, on which a period begins ... */
    int64_t anchor_time_ns;  /* ... at this time of day, by the zone's clocks */
};

/* Half-open. An unbounded end is INT64_MAX, an unbounded start INT64_MIN. */
struct span {
    int64_t start_ns;
    int64_t end_ns;
};

/* Units in a calendar period, at least one. */
static inline uint32_t window_unit_count(const struct window *window)
{
    return window->unit_count == 0 ? 1 : window->unit_count;
}
static inline bool span_holds(struct span span, int64_t ns)
{
    return span.start_ns <= ns && ns < span.end_ns;
}
/* Empty spans have end <= start. */
static inline struct span span_intersect(struct span a, struct span b)
{
    return (struct span){a.start_ns > b.start_ns ? a.start_ns : b.start_ns,
                         a.end_ns < b.end_ns ? a.end_ns : b.end_ns};
}
static inline int64_t span_length(struct span span)
{
    return span.end_ns > span.start_ns ? span.end_ns - span.start_ns : 0;
}

/* Seconds: 1, 10, 60 or 3600. */
int64_t window_resolution_s(int64_t length_ns);
/* Do both always hold the same instants? Zones are told apart by address. */
bool window_equal(const struct window *a, const struct window *b);
/* The window at the instant `at`; rolling: end = at. term: the agreement's. */
struct span window_at(const struct window *window, struct span term, int64_t at_ns);
/* The calendar period of UTC that holds `ns`. */
struct span calendar_span(enum calendar_unit unit, int64_t ns);
/* The instants of a period that is given in local days, as calendar_span and calendar_parse_period
 * give it for UTC. */
struct span calendar_in_zone(struct span local, const struct zone *zone);
/* For alert defaults and budgets: rolling its length; days 1 d each, weeks 7 d each, and 30 d for
 * months, quarters, years (however many) and term. */
int64_t window_alert_length_ns(const struct window *window);
/* `30d`, `month`, `2w`, `3M`, `term`: as people write it. out at least 32 bytes. */
void window_format(const struct window *window, char *out, size_t size);
/* A named calendar window: 2026, 2026-Q2, 2026-06, 2026-W23, 2026-06-15. */
bool calendar_parse_period(struct text text, struct span *span_out, enum calendar_unit *unit_out);

/* `90s`, `5m`, `1h`, `30d`, `4w`, `300ms`; an integer or decimal and one unit. Exact, or false. m
 * is one minute. */
bool duration_parse(struct text text, int64_t *ns_out);
/* The shortest such form: `30d`, `90s`, `1500ms`. out at least 32 bytes. */
void duration_format(int64_t ns, char *out, size_t size);

#endif
