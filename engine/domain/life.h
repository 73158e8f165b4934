/* A request with a life: opened now, fulfilled later, known by its service and id. Pure.
 *
 *              ┌── pending ──┐ the clock stands
 *   opened ────┤             ├──► fulfilled
 *      ▲       └─── opened ──┘    failed
 *      └───── opened again ────── withdrawn
 *
 * What is known of it folds by (time, position), not by arrival. The first event begins it, whatever
 * it says. `opened` and `pending` let the clock run and stand; who has ended stays ended until it is
 * opened again, and the clock goes on where it stood; only `withdrawn` outdoes another end.
 *
 * As a case of `fulfilment` (domain/promise.h) it keeps its promise when it is fulfilled up to its
 * limit; `failed` breaks it at once. What is withdrawn leaves the figures: it is set aside where it
 * was withdrawn, or had been decided before. What its sender calls out of scope or excluded is set
 * aside where it began. Source: SEMANTICS sections 4 and 10, CONTRACT section 3; what follows an
 * end, and where a withdrawn one is placed, are choices of ours.
 */
#ifndef DOMAIN_LIFE_H
#define DOMAIN_LIFE_H

#include "domain/event.h"
#include "domain/promise.h"

/* More of one request are refused and counted by the caller. */
#define LIFE_EVENTS_MAX 64

struct life_event {
    int64_t time_ns;
    uint64_t position;
    uint32_t customer; /* name; NAME_NONE: not said */
    uint32_t weight;   /* requests that it stands for */
    uint8_t state;     /* enum request_state */
    uint8_t flags;     /* EVENT_OUT_OF_SCOPE, EVENT_STANDING */
    uint8_t outcome;   /* enum outcome */
    uint8_t aside;     /* enum aside, where the outcome is `excluded` */
};

struct life {
    struct life_event *events; /* sorted by (time, position) */
    uint32_t event_count;
    uint32_t event_size;
};

enum life_end { LIFE_OPEN, LIFE_FULFILLED, LIFE_FAILED, LIFE_WITHDRAWN };

/* What is known of it at an instant. */
struct life_story {
    bool begun; /* the rest says nothing otherwise */
    int64_t start_ns;
    struct span stretches[LIFE_EVENTS_MAX]; /* in which its clock runs */
    uint32_t stretch_count;
    enum life_end end;
    int64_t end_ns;    /* of a withdrawn one that had ended before: of that end */
    uint32_t customer; /* the last one said */
    uint32_t weight;   /* of the event that began it */
    uint8_t flags;     /* of all events */
    bool excluded;     /* its sender says so ... */
    enum aside aside;  /* ... and why */
};

void life_fini(struct life *life);
/* An EVENT_REQUEST with a state; STATUS_FULL at LIFE_EVENTS_MAX. */
must_check enum status life_add(struct life *life, const struct event *event, uint64_t position);
/* As of an instant: by what happened before it, and by an answer at the very instant. */
void life_tell(const struct life *life, int64_t as_of_ns, struct life_story *story_out);
/* When an event is next told that was not told as of the instant; INT64_MAX: there is none. */
int64_t life_goes_on(const struct life *life, int64_t as_of_ns);

enum life_result { LIFE_GOOD, LIFE_BAD, LIFE_ASIDE, LIFE_OUT_OF_SCOPE };
struct life_outcome {
    int64_t at_ns; /* to which instant it belongs; INT64_MAX: it is not decided */
    enum life_result result;
    enum aside aside;
};
struct life_outcome life_decide(const struct life_story *story, const struct promise *promise);

#endif
