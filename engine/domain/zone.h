/* A time zone: what local clocks show, as a list of changes and a rule for the time after the last
 * of them. Pure; catalog/tzif.h reads one from the system's zoneinfo.
 *
 *   UTC ──zone_local_ns──► local   offset of the last change before the instant, or by the rule
 *   local ──zone_utc_ns──► UTC     a local time that comes twice is its first coming; one that is
 *                                  skipped is as far behind the change as it is behind its start, so
 *                                  that a midnight that is skipped is the instant of the change
 *
 * NULL stands for UTC everywhere. Immutable; owned by whoever made it. The rule is the one of
 * POSIX's TZ (IEEE Std 1003.1, 8.3) with the hours of RFC 8536 section 3.3.1.
 */
#ifndef DOMAIN_ZONE_H
#define DOMAIN_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* When daylight saving begins or ends, each year. */
struct zone_date {
    enum {
        ZONE_MONTH_WEEK_DAY,   /* the week'th (5: last) weekday (0: Sunday) of the month */
        ZONE_DAY_WITHOUT_LEAP, /* 1..365; February 29th is never counted */
        ZONE_DAY,              /* 0..365 */
    } kind;
    uint32_t month;
    uint32_t week;
    uint32_t day;
    int32_t time_s; /* local, after midnight; may be negative or past a day */
};

struct zone_rule {
    int32_t standard_offset_s;
    bool has_daylight;
    int32_t daylight_offset_s;
    struct zone_date daylight_begins;
    struct zone_date daylight_ends;
};

struct zone {
    const char *name;
    int32_t first_offset_s; /* before the first change */
    const int64_t *changes_s;
    const int32_t *offsets_s; /* from each change on */
    uint32_t change_count;
    bool has_rule; /* from the last change on */
    struct zone_rule rule;
};

/* Finds zones by name, for those who may not read files themselves: false where there is none, a NULL
 * zone for UTC. For any thread; what it finds stays. */
typedef bool zone_find(struct text name, const struct zone **zone_out);

/* Seconds east of UTC. */
int32_t zone_offset_s(const struct zone *zone, int64_t utc_ns);
int64_t zone_local_ns(const struct zone *zone, int64_t utc_ns);
int64_t zone_utc_ns(const struct zone *zone, int64_t local_ns);
/* Do the clocks ever show it? Not what they skip. */
bool zone_has_local(const struct zone *zone, int64_t local_ns);
/* A length that divides each day of the zone since 1970, however its clocks were changed. */
int64_t zone_day_divisor_ns(const struct zone *zone);

#endif
