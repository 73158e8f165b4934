#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct random random_seeded(const char *test)
{
    const char *given = getenv("NINES_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed =
        given != NULL ? strtoull(given, NULL, 0) : (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32;
    fprintf(stderr, "%s: NINES_SEED=%" PRIu64 "\n", test, seed);
    return (struct random){seed};
}

void random_order(struct random *random, uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t other = (uint32_t)random_below(random, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
}
