/* Was an event with this fingerprint seen within the horizon? Bounded memory, and the same answer
 * after a replay of the same log.
 *
 * Generations of open-addressing tables of 8-byte fingerprints. New ones go into the youngest; a
 * look goes through the youngest four. When the youngest is full (0.6 of its slots) or covers a
 * third of the horizon, the next table becomes the youngest and the oldest of the four is no longer
 * looked at (the three older ones cover the horizon at any time). It is cleared only when it is
 * used again, so that a commit that did not happen can be taken back, rotation included. Both rules
 * depend on the log alone (counts, times of receipt), never on a clock, so that replay rebuilds
 * exactly this state.
 *
 * A false duplicate needs two different ids with equal 64-bit keyed hashes: with n ids in the
 * horizon the chance for a new one is n / 2^64. Source: SEMANTICS section 10. One owner thread.
 */
#ifndef DOMAIN_DEDUPE_H
#define DOMAIN_DEDUPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define DEDUPE_TABLES      5
#define DEDUPE_GENERATIONS 4 /* looked at */
#define DEDUPE_HORIZON_NS  (INT64_C(24) * 3600 * 1000000000)

struct dedupe_generation {
    uint64_t *slots; /* 0: empty */
    uint64_t count;
    int64_t since_ns; /* received_ns of its first fingerprint */
};

struct dedupe {
    struct dedupe_generation tables[DEDUPE_TABLES];
    uint32_t youngest;
    uint64_t slot_count; /* per table, a power of two */
    int64_t horizon_ns;
    int64_t latest_ns; /* received_ns of the last fingerprint remembered; for the rate alone */
};

/* bytes: memory budget, at least 4 KiB; reserved, touched as needed. */
must_check enum status dedupe_init(struct dedupe *dedupe, uint64_t bytes, int64_t horizon_ns);
void dedupe_fini(struct dedupe *dedupe);

/* True when it was there already; else remembers it. fingerprint is not 0. */
bool dedupe_seen(struct dedupe *dedupe, uint64_t fingerprint, int64_t received_ns);
/* Takes back what was remembered last (a commit that did not happen), newest first: the state is
 * again as before, unless more than one rotation lies between. */
void dedupe_forget(struct dedupe *dedupe, uint64_t fingerprint);
/* Brings the slots for a fingerprint near; call some events ahead. */
void dedupe_prefetch(const struct dedupe *dedupe, uint64_t fingerprint);
uint64_t dedupe_count(const struct dedupe *dedupe);
/* How long an id is surely remembered when new ones keep coming at the rate of those looked at:
 * the horizon, or what the memory holds of it. */
int64_t dedupe_present_horizon_ns(const struct dedupe *dedupe);

#endif
