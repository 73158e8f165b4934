/* Standing requests: what an agreement itself asks for on a schedule ("the report, every Monday,
 * within 4 h"), and the deliveries that did not come.
 *
 *   scheduled ──── within ────► limit ═══ missed ═══► the delivery comes, or the next is scheduled
 *
 * A delivery is a request of class `standing` to a service of the agreement, from its customer, that
 * was served (a plain one that is good by the default rule; one with a life when it is fulfilled).
 * Its `channel` names the standing request; where it names none of the agreement's, the delivery is
 * of all of them. It belongs to the last scheduled instant before it, and is in time up to and with
 * the limit, by a clock that runs in service hours only (domain/promise.h).
 *
 * A delivery that is not in time is an actual incident of the agreement's services, of severity
 * major as one that does not say any, from the limit until the delivery comes, or until the next
 * one is scheduled: what was missed then stays missed. Nobody can acknowledge it, and it is no case
 * of `response` or `resolution`.
 *
 * Scheduled instants follow the schedule from the start of the term on, at its time of day, by the
 * clocks of the agreement's zone; without a start of term, from DELIVERIES_PAST_NS ago, at midnight.
 *
 * Of the deliveries of one day (from scheduled time of day to scheduled time of day) only the first
 * matters, and only it is kept. One owner. Source: SEMANTICS section 1; the rest is ours.
 */
#ifndef EVALUATE_DELIVERIES_H
#define EVALUATE_DELIVERIES_H

#include "domain/agreement.h"

#define DELIVERIES_PAST_NS (400 * NS_PER_DAY)

struct missed_delivery {
    const struct standing_request *request;
    struct span span; /* INT64_MAX: it still misses */
};

/* The first delivery of a day. */
struct delivery_day {
    int64_t day;
    int64_t first_ns;
};

struct delivery_line {
    struct delivery_day *days; /* sorted */
    uint32_t count;
    uint32_t size;
};

struct deliveries {
    const struct agreement *agreement;
    struct delivery_line *lines; /* per standing request */
    struct missed_delivery *missed;
    uint32_t missed_count;
    uint32_t missed_size;
    int64_t known_until_ns; /* missed holds up to here */
};

/* NULL on failure. */
struct deliveries *deliveries_new(const struct agreement *agreement);
void deliveries_delete(struct deliveries *deliveries);
/* A delivery; channel: TEXT_NONE where none is given. */
void deliveries_take(struct deliveries *deliveries, struct text channel, int64_t ns);
/* Makes `missed` that of now, where it is not. */
void deliveries_bring_up(struct deliveries *deliveries, int64_t now_ns);

#endif
