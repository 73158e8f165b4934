/* Time as an argument: the one seam through which the engine learns what time it is.
 *
 * Nothing below the edges calls the kernel's clocks; it takes a `struct clock`. The simulation
 * gives one that it moves by hand (tests/support/fake_clock.h). Times are nanoseconds.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
    /* Since the Unix epoch, UTC, leap seconds ignored. May step backwards. */
    int64_t (*realtime_ns)(void *context);
    /* Since some start; never steps. For durations and time-outs. */
    int64_t (*monotonic_ns)(void *context);
    void *context;
};

/* The kernel's clocks. Thread-safe; a static object. */
const struct clock *clock_system(void);

static inline int64_t clock_realtime_ns(const struct clock *clock)
{
    return clock->realtime_ns(clock->context);
}

static inline int64_t clock_monotonic_ns(const struct clock *clock)
{
    return clock->monotonic_ns(clock->context);
}

#endif
