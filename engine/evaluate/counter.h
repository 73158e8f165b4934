/* What a request can count as: the columns of every bucket and sum. */
#ifndef EVALUATE_COUNTER_H
#define EVALUATE_COUNTER_H

#include "domain/event.h"

enum counter {
    COUNTER_GOOD,
    COUNTER_BAD,
    /* The rest stands aside; kept apart in memory because most series have none of it. */
    COUNTER_MAINTENANCE_GOOD, /* good, inside maintenance: all three policies can be told */
    COUNTER_MAINTENANCE_BAD,
    /* In maintenance and set aside for a later reason too: excluded for the first reason where
     * maintenance is removed, for the second under the other policies. */
    COUNTER_MAINTENANCE_EXCLUSION,
    COUNTER_MAINTENANCE_HOURS,
    COUNTER_MAINTENANCE_TERM,
    COUNTER_HOURS,
    COUNTER_TERM,
    COUNTER_SENDER,
    COUNTER_EXCLUSION,
    COUNTER_CLIENT_ABORTED,
    COUNTER_NO_REQUEST,
    COUNTER_OUT_OF_SCOPE,
    COUNTER_LATE, /* no class of its own: of the good and bad ones, those that came too late */
    COUNTER_COUNT,
};
/* The first of them are all that some maintenance policy calls good or bad. */
#define COUNTER_JUDGED_COUNT (COUNTER_MAINTENANCE_BAD + 1)
#define COUNTER_ASIDE_FIRST  COUNTER_MAINTENANCE_GOOD
#define COUNTER_ASIDE_COUNT  (COUNTER_COUNT - COUNTER_ASIDE_FIRST)

struct tally {
    uint64_t of[COUNTER_COUNT];
};

/* The column of an aside other than maintenance (which has two). */
static inline enum counter counter_of_aside(enum aside aside)
{
    return (enum counter)(COUNTER_HOURS + (aside - ASIDE_HOURS));
}

_Static_assert(ASIDE_NO_REQUEST - ASIDE_HOURS == COUNTER_NO_REQUEST - COUNTER_HOURS,
               "the same order in both lists");

#endif
