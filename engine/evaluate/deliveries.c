#include "evaluate/deliveries.h"

#include <stdlib.h>

#include "base/panic.h"
#include "domain/promise.h"

/* How far ahead what is scheduled is laid out, and how long that serves. */
#define AHEAD_NS  (14 * NS_PER_DAY)
#define SERVES_NS (7 * NS_PER_DAY)
/* No window reaches further, and as many days are no more than the room for occurrences. */
#define EARLIEST_NS (3660 * NS_PER_DAY)

struct deliveries *deliveries_new(const struct agreement *agreement)
{
    struct deliveries *deliveries = calloc(1, sizeof(*deliveries));
    if (deliveries == NULL) {
        return NULL;
    }
    deliveries->agreement = agreement;
    deliveries->known_until_ns = INT64_MIN;
    deliveries->lines = calloc(agreement->standing_count, sizeof(*deliveries->lines));
    if (deliveries->lines == NULL) {
        free(deliveries);
        return NULL;
    }
    return deliveries;
}

void deliveries_delete(struct deliveries *deliveries)
{
    if (deliveries == NULL) {
        return;
    }
    for (uint32_t i = 0; i < deliveries->agreement->standing_count; i++) {
        free(deliveries->lines[i].days);
    }
    free(deliveries->lines);
    free(deliveries->missed);
    free(deliveries);
}

/* Where the schedule begins, by local clocks. */
static int64_t first_local_ns(const struct agreement *agreement, int64_t now_ns)
{
    if (agreement->term.start_ns != INT64_MIN) {
        return zone_local_ns(agreement->zone, agreement->term.start_ns);
    }
    return floor_to(zone_local_ns(agreement->zone, now_ns - DELIVERIES_PAST_NS), NS_PER_DAY);
}

static int64_t of_day_ns(const struct agreement *agreement)
{
    int64_t first_ns = agreement->term.start_ns == INT64_MIN ? 0 : first_local_ns(agreement, 0);
    return first_ns - floor_to(first_ns, NS_PER_DAY);
}

/* Days begin at the time of day at which deliveries are scheduled. */
static int64_t day_of(const struct agreement *agreement, int64_t ns)
{
    int64_t local_ns = zone_local_ns(agreement->zone, ns) - of_day_ns(agreement);
    return floor_to(local_ns, NS_PER_DAY) / NS_PER_DAY;
}

/* The first day of the line that is not before this one. */
static uint32_t lower_bound(const struct delivery_line *line, int64_t day)
{
    uint32_t low = 0;
    uint32_t high = line->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (line->days[middle].day < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void take_into(struct deliveries *deliveries, struct delivery_line *line, int64_t ns)
{
    int64_t day = day_of(deliveries->agreement, ns);
    uint32_t at = lower_bound(line, day);
    if (at < line->count && line->days[at].day == day) {
        if (ns < line->days[at].first_ns) {
            line->days[at].first_ns = ns;
            deliveries->known_until_ns = INT64_MIN;
        }
        return;
    }
    if (line->count == line->size) {
        line->size = line->size == 0 ? 16 : line->size * 2;
        line->days = realloc(line->days, line->size * sizeof(*line->days));
        assert(line->days != NULL);
    }
    memmove(&line->days[at + 1], &line->days[at], (line->count - at) * sizeof(*line->days));
    line->days[at] = (struct delivery_day){day, ns};
    line->count++;
    deliveries->known_until_ns = INT64_MIN;
}

void deliveries_take(struct deliveries *deliveries, struct text channel, int64_t ns)
{
    const struct agreement *agreement = deliveries->agreement;
    bool named = false;
    for (uint32_t i = 0; i < agreement->standing_count; i++) {
        named |= text_is(channel, agreement->standings[i].name);
    }
    for (uint32_t i = 0; i < agreement->standing_count; i++) {
        if (!named || text_is(channel, agreement->standings[i].name)) {
            take_into(deliveries, &deliveries->lines[i], ns);
        }
    }
}

static void add_missed(struct deliveries *deliveries, const struct standing_request *request,
                       struct span span)
{
    if (deliveries->missed_count == deliveries->missed_size) {
        deliveries->missed_size = deliveries->missed_size == 0 ? 16 : deliveries->missed_size * 2;
        deliveries->missed =
            realloc(deliveries->missed, deliveries->missed_size * sizeof(*deliveries->missed));
        assert(deliveries->missed != NULL);
    }
    deliveries->missed[deliveries->missed_count++] = (struct missed_delivery){request, span};
}

/* scheduled: from this scheduled instant to the next one; INT64_MAX: there is none. */
static void judge_delivery(struct deliveries *deliveries, uint32_t index, struct span scheduled)
{
    const struct agreement *agreement = deliveries->agreement;
    const struct standing_request *request = &agreement->standings[index];
    const struct delivery_line *line = &deliveries->lines[index];
    const struct promise promise = {request->within_ns, agreement->hours, agreement->zone};
    int64_t limit_ns = promise_limit(&promise, &scheduled, 1);
    if (limit_ns > scheduled.end_ns) {
        limit_ns = scheduled.end_ns; /* the next one is due before this one was late */
    }
    uint32_t at = lower_bound(line, day_of(agreement, scheduled.start_ns));
    int64_t came_ns = at < line->count ? line->days[at].first_ns : INT64_MAX;
    if (came_ns > limit_ns && limit_ns != INT64_MAX) {
        add_missed(
            deliveries, request,
            (struct span){limit_ns, came_ns < scheduled.end_ns ? came_ns : scheduled.end_ns});
    }
}

static void judge_request(struct deliveries *deliveries, uint32_t index, int64_t now_ns)
{
    const struct agreement *agreement = deliveries->agreement;
    int64_t *starts = malloc(RECURRENCE_OCCURRENCES_MAX * sizeof(*starts));
    assert(starts != NULL);
    int64_t first_ns = first_local_ns(agreement, now_ns);
    uint32_t count = recurrence_starts_in(agreement->standings[index].schedule, first_ns,
                                          zone_local_ns(agreement->zone, now_ns - EARLIEST_NS),
                                          zone_local_ns(agreement->zone, now_ns + AHEAD_NS), starts,
                                          RECURRENCE_OCCURRENCES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        struct span scheduled = {
            zone_utc_ns(agreement->zone, starts[i]),
            is_last ? INT64_MAX : zone_utc_ns(agreement->zone, starts[i + 1]),
        };
        if (span_holds(agreement->term, scheduled.start_ns)) {
            judge_delivery(deliveries, index, scheduled);
        }
    }
    free(starts);
}

void deliveries_bring_up(struct deliveries *deliveries, int64_t now_ns)
{
    if (now_ns < deliveries->known_until_ns) {
        return;
    }
    deliveries->missed_count = 0;
    for (uint32_t i = 0; i < deliveries->agreement->standing_count; i++) {
        judge_request(deliveries, i, now_ns);
    }
    deliveries->known_until_ns = now_ns + SERVES_NS;
}
