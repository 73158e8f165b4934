/* The published verdicts: one entry per series, written by the worker that owns it, read by anybody
 * at any time without disturbing the worker (a sequence counter per entry, base/seqcount.h). What
 * /metrics shows.
 */
#ifndef EVALUATE_SCOREBOARD_H
#define EVALUATE_SCOREBOARD_H

#include <stdalign.h>

#include "base/seqcount.h"
#include "domain/report.h"

/* Payload words, in this order; then four per alert pair: long bad, long valid, short bad, short
 * valid. */
enum scoreboard_word {
    SCOREBOARD_POSITION,
    SCOREBOARD_AT_NS,
    SCOREBOARD_VERDICT, /* verdict | alert severity << 8 | has_sli << 16 | silent << 17 |
                         * expects signs << 18 | firing pairs << 24 */
    SCOREBOARD_GOOD,
    SCOREBOARD_BAD,
    SCOREBOARD_RATIO_VALID,
    SCOREBOARD_COVERAGE_KNOWN,
    SCOREBOARD_COVERAGE_ALL,
    SCOREBOARD_TOTAL_GOOD,
    SCOREBOARD_TOTAL_BAD,
    SCOREBOARD_TOTAL_EXCLUDED,
    SCOREBOARD_PAIRS,
    SCOREBOARD_WORDS = SCOREBOARD_PAIRS + 4 * ALERT_PAIRS_MAX,
};

struct scoreboard_entry {
    alignas(64) struct seqcount seqcount;
    _Atomic uint64_t words[SCOREBOARD_WORDS];
};

struct scoreboard {
    struct scoreboard_entry *entries;
    uint32_t count;
};

struct published {
    uint64_t position;
    int64_t at_ns;
    enum verdict verdict;
    enum alert_severity alert;
    bool has_sli;
    bool silent;
    bool expects_signs;
    uint32_t firing_pairs; /* bit per pair */
    struct measure window;
    uint64_t ratio_valid;
    uint64_t coverage_known;
    uint64_t coverage_all;
    uint64_t totals[3]; /* good, bad, excluded since the beginning */
    struct measure lookback_long[ALERT_PAIRS_MAX];
    struct measure lookback_short[ALERT_PAIRS_MAX];
};

/* count: the most series that there will be; memory is backed as it is used. */
must_check enum status scoreboard_init(struct scoreboard *scoreboard, uint32_t count);
void scoreboard_fini(struct scoreboard *scoreboard);
/* The owner of the series only. */
void scoreboard_publish(struct scoreboard *scoreboard, uint32_t series,
                        const struct objective_report *report, const uint64_t totals[3]);
/* Any thread. at_ns 0: nothing published yet. */
void scoreboard_read(const struct scoreboard *scoreboard, uint32_t series,
                     struct published *published_out);

#endif
