/* Civil time in UTC: dates, RFC 3339, and the days between. Proleptic Gregorian, no leap seconds.
 *
 * Source of the day arithmetic: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
#ifndef DOMAIN_CIVIL_H
#define DOMAIN_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define NS_PER_US     INT64_C(1000)
#define NS_PER_MS     INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MINUTE (60 * NS_PER_SECOND)
#define NS_PER_HOUR   (3600 * NS_PER_SECOND)
#define NS_PER_DAY    (86400 * NS_PER_SECOND)

struct civil_date {
    int32_t year;
    uint32_t month; /* 1..12 */
    uint32_t day;   /* 1..31 */
};

/* Days since 1970-01-01; the date must be valid. */
int64_t civil_days(struct civil_date date);
struct civil_date civil_from_days(int64_t days);
bool civil_valid(struct civil_date date);
uint32_t civil_days_in_month(int32_t year, uint32_t month);
/* 0 = Monday. */
uint32_t civil_weekday(int64_t days);

/* Rounds towards minus infinity, also below zero. step > 0. */
static inline int64_t floor_to(int64_t value, int64_t step)
{
    int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

static inline int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* RFC 3339: `2026-06-01T00:00:00Z`, any fraction up to 9 digits, `Z` or `+hh:mm` (also `+hhmm`),
 * `T`, `t` or a space. :60 is read as the next second's start. False when it is anything else or
 * outside the years 1678 to 2261 (64-bit nanoseconds). */
bool civil_parse_rfc3339(struct text text, int64_t *ns_out);
/* The same without an offset, as clocks show it, as if of UTC; or a date: its midnight. */
bool civil_parse_local(struct text text, int64_t *local_ns_out);
/* `2026-06-01`: midnight UTC. */
bool civil_parse_date(struct text text, int64_t *ns_out);
/* RFC 3339, or epoch seconds, ms, us, ns told apart by magnitude (CONTRACT section 3): below 1e11
 * s, below 1e14 ms, below 1e17 us, else ns; decimals allowed. */
bool civil_parse_time(struct text text, int64_t *ns_out);
/* The number form alone. */
bool civil_parse_epoch(struct text text, int64_t *ns_out);

#define CIVIL_TEXT_SIZE 36
/* `2026-06-01T00:00:00Z`, with as many fraction digits (0, 3, 6, 9) as the time needs. */
void civil_format(int64_t ns, char out[CIVIL_TEXT_SIZE]);

#endif
