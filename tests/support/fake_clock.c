#include "support/fake_clock.h"

static int64_t read_realtime(void *context)
{
    struct fake_clock *fake = context;
    return atomic_load_explicit(&fake->realtime_ns, memory_order_relaxed);
}

static int64_t read_monotonic(void *context)
{
    struct fake_clock *fake = context;
    return atomic_load_explicit(&fake->monotonic_ns, memory_order_relaxed);
}

void fake_clock_init(struct fake_clock *fake, int64_t realtime_ns)
{
    fake->clock = (struct clock){read_realtime, read_monotonic, fake};
    atomic_init(&fake->realtime_ns, realtime_ns);
    atomic_init(&fake->monotonic_ns, 1000000000);
}

void fake_clock_advance(struct fake_clock *fake, int64_t ns)
{
    atomic_fetch_add_explicit(&fake->realtime_ns, ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&fake->monotonic_ns, ns, memory_order_relaxed);
}

void fake_clock_set_realtime(struct fake_clock *fake, int64_t realtime_ns)
{
    atomic_store_explicit(&fake->realtime_ns, realtime_ns, memory_order_relaxed);
}
