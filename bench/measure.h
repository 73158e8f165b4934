/* What the programs of bench/ share: seconds, numbers from the command line, random numbers. Each
 * program measures one hot part alone and prints one line of JSON; bench/run starts them and makes
 * the table.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What this process used of the cores, all its threads: the machine may have other things to do. */
static inline double seconds_used(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The value of `--name` in argv, or NULL. */
static inline const char *option_text(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

static inline uint64_t option_number(int argc, char **argv, const char *name, uint64_t otherwise)
{
    const char *text = option_text(argc, argv, name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* For a benchmark, whatever fails ends it. */
static inline _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

static inline void *memory(size_t bytes)
{
    void *at = malloc(bytes);
    if (at == NULL) {
        give_up("malloc", strerror(errno));
    }
    memset(at, 1, bytes); /* the kernel's zeroing of fresh pages is not what we measure */
    return at;
}

/* Of this process, from /proc; memory it has touched. */
static inline uint64_t resident_bytes(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long long size = 0;
    unsigned long long resident = 0;
    if (statm == NULL || fscanf(statm, "%llu %llu", &size, &resident) != 2) {
        give_up("/proc/self/statm", strerror(errno));
    }
    fclose(statm);
    return (uint64_t)resident * 4096;
}

/* xorshift64*, as in tools/load/lines.c. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(2685821657736338717);
}

#endif
