/* Random numbers for tests: printed seeds that can be given again (NINES_SEED=...), so that what
 * failed once fails again. splitmix64; source: S. Vigna, public domain. */
#ifndef SUPPORT_RANDOM_H
#define SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

/* Reads NINES_SEED or makes one up, and prints it to stderr with the name of the test. */
struct random random_seeded(const char *test);

static inline uint64_t random_next(struct random *random)
{
    uint64_t z = (random->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 .. bound - 1; slightly biased, which no test minds. */
static inline uint64_t random_below(struct random *random, uint64_t bound)
{
    return random_next(random) % bound;
}

static inline int64_t random_between(struct random *random, int64_t low, int64_t high)
{
    return (int64_t)((uint64_t)low + random_below(random, (uint64_t)high - (uint64_t)low));
}

/* True once in `n` times. */
static inline bool random_once_in(struct random *random, uint64_t n)
{
    return random_below(random, n) == 0;
}

/* Any bit pattern, with short numbers as likely as long ones. */
static inline uint64_t random_magnitude(struct random *random)
{
    return random_next(random) >> random_below(random, 64);
}

/* A random order of 0 .. count - 1. */
void random_order(struct random *random, uint32_t *order, uint32_t count);

#endif
