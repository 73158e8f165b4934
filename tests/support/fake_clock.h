/* A clock that a test moves by hand. Both times move together; set_realtime makes the wall clock
 * step alone. Any thread may read it. */
#ifndef SUPPORT_FAKE_CLOCK_H
#define SUPPORT_FAKE_CLOCK_H

#include <stdatomic.h>

#include "base/clock.h"

struct fake_clock {
    struct clock clock; /* what the engine is given */
    _Atomic int64_t realtime_ns;
    _Atomic int64_t monotonic_ns;
};

/* The monotonic time starts at one second. The object must stay where it is. */
void fake_clock_init(struct fake_clock *fake, int64_t realtime_ns);
void fake_clock_advance(struct fake_clock *fake, int64_t ns);
void fake_clock_set_realtime(struct fake_clock *fake, int64_t realtime_ns);

#endif
