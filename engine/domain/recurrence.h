/* Recurrence rules: the subset of RFC 5545 RRULE that maintenance windows use.
 *
 *   FREQ=DAILY | WEEKLY | MONTHLY, INTERVAL, BYDAY (MO,TU; in MONTHLY also 1MO, -1FR), UNTIL or
 *   COUNT, WKST. Anything else is refused with its reason.
 *
 * The first occurrence is the start where the rule holds there, as in libical; days that a month
 * lacks are left out, and times of day that the clocks skip, as the RFC says (3.3.10); of a time
 * that comes twice it is the first coming (3.3.5), after the start. Why not libical's: 3.0 was wrong
 * for zones that the system's files have right, and it does not leave out what clocks skip. Pure.
 */
#ifndef DOMAIN_RECURRENCE_H
#define DOMAIN_RECURRENCE_H

#include "base/bytes.h"
#include "domain/zone.h"

/* A rule without an end stops here: daily work for eleven years. Bounds what a mask can hold. */
#define RECURRENCE_OCCURRENCES_MAX 4096

enum recurrence_frequency { RECURRENCE_DAILY, RECURRENCE_WEEKLY, RECURRENCE_MONTHLY };

struct recurrence {
    enum recurrence_frequency frequency;
    uint32_t interval;
    uint32_t count; /* at most RECURRENCE_OCCURRENCES_MAX */
    /* An occurrence may start at it; INT64_MAX: none. The last nanosecond of a day: of a day by the
     * clocks of its zone; else an instant. */
    int64_t until_ns;
    uint32_t week_start; /* 0 = Monday */
    bool has_days;
    uint64_t days[7]; /* per weekday, bits: 0 every one, n the n-th of the month, 32 + n the n-th
                         from its end */
};

/* false: *reason_out says why not, in a few words. */
bool recurrence_parse(struct text rule, struct recurrence *recurrence_out, const char **reason_out);
#define RECURRENCE_TEXT_SIZE 512
/* The rule as text, always in one order, so that equal rules are equal texts. */
void recurrence_format(const struct recurrence *recurrence, char out[RECURRENCE_TEXT_SIZE]);
/* The starts of its occurrences from start_ns on by the clocks of the zone (NULL: UTC), in order, at
 * most `room` (which is RECURRENCE_OCCURRENCES_MAX for all of them). How many. */
uint32_t recurrence_starts(const struct recurrence *recurrence, const struct zone *zone,
                           int64_t start_ns, int64_t *starts, uint32_t room);
/* Those that lie in [from_ns, to_ns), however far behind start_ns that is: the same rule, but for
 * COUNT, without an end. All of it in UTC, or all in what the clocks of one zone show. */
uint32_t recurrence_starts_in(const struct recurrence *recurrence, int64_t start_ns,
                              int64_t from_ns, int64_t to_ns, int64_t *starts, uint32_t room);

#endif
