/* A promise to answer within a limit of time, and what becomes of it: the arithmetic of the methods
 * `response`, `resolution` and `fulfilment`. Pure.
 *
 *   start ──── the clock runs ────┐ stands ┌── runs ──► within used up: the limit is reached
 *                                 └────────┘
 *
 * The clock runs in the stretches it is given (not between them: a request that is pending, an
 * incident that was resolved before it was opened again), and of these only in the agreement's
 * service hours, where it has any. The limit is the first instant at which the clock has run for
 * `within`.
 *
 * An answer up to and with the limit keeps the promise, and decides it when it is given. Without
 * one the promise is broken as soon as the limit is reached; the case belongs to the last instant
 * of the time that was allowed, one nanosecond before the limit, so that a limit at the very end of
 * a window is that window's. A case that is not decided yet counts nowhere.
 *
 * The instant to which a case belongs depends on nothing that happens later: whoever asks for an
 * earlier `at` finds the figure that held then. Source: SEMANTICS section 4; what the clock does
 * out of hours, and to which window a case belongs, are choices of ours.
 */
#ifndef DOMAIN_PROMISE_H
#define DOMAIN_PROMISE_H

#include "domain/hours.h"

struct promise {
    int64_t within_ns;
    const struct hours *hours; /* NULL: the clock always runs */
    const struct zone *zone;
};

struct decision {
    int64_t at_ns; /* to which instant the case belongs; INT64_MAX: it is not decided */
    bool kept;
};

/* The stretches stand in order and apart; the last may have no end. INT64_MAX: never reached. */
int64_t promise_limit(const struct promise *promise, const struct span *stretches, uint32_t count);
/* answered_ns: INT64_MAX for not yet. */
struct decision promise_decide(int64_t limit_ns, int64_t answered_ns);

#endif
