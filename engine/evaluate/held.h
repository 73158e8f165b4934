/* Events that occurred later than now: kept until now passes them, earliest first. */
#ifndef EVALUATE_HELD_H
#define EVALUATE_HELD_H

#include "domain/event.h"

struct held_event {
    struct event event;
    uint64_t position;
};

struct held {
    struct held_event *heap; /* by occurred_ns, then position */
    uint32_t count;
    uint32_t size;
    uint32_t count_max;
};

void held_fini(struct held *held);
/* STATUS_FULL at count_max. */
must_check enum status held_add(struct held *held, const struct event *event, uint64_t position);
/* The earliest event that occurred before now; false when there is none. */
bool held_take(struct held *held, int64_t now_ns, struct held_event *event_out);
/* When the earliest occurred; INT64_MAX for none. */
int64_t held_first(const struct held *held);

#endif
