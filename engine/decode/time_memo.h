/* Times of records, which mostly lie on the day of the record before: the day is remembered, so
 * that only the time of day is read.
 *
 *     2026-11-23T14:55:41.123456Z
 *     ^ memo      ^ eight bytes at once
 *                          ^ up to nine digits
 *
 * What has another shape, another zone or another day takes the long road of domain/civil.h. The
 * answers are those of civil_parse_time. */
#ifndef DECODE_TIME_MEMO_H
#define DECODE_TIME_MEMO_H

#include "base/bytes.h"

struct time_memo {
    /* "2026-11-" and "23T", as they are loaded; zero: nothing is remembered. */
    uint64_t month;
    uint64_t day;
    int64_t day_ns;
};

/* RFC 3339 or an epoch number (civil_parse_time). */
bool time_memo_parse(struct time_memo *memo, struct text text, int64_t *ns_out);

#endif
