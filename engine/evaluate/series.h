/* The running counts of one objective: what each of its windows holds now.
 *
 *   request ─► pending (same second) ─► tiers: 1 s, 10 s, 1 min, ... rows   (buckets.h)
 *                                   └─► sums: the window and each lookback of the alerts
 *   time    ─► a sum minus what its tier says has left the window
 *
 * A plain request is one increment; every second of a series costs an addition per window. All
 * windows end "now": events that happen later than now are not offered yet (evaluator.h holds them
 * back), so a sum needs no upper edge. Counts `occurrences` and what is answered within a limit,
 * and keeps the slices of `timeslices`; `uptime` has no counts.
 *
 * One owner thread; no clock.
 */
#ifndef EVALUATE_SERIES_H
#define EVALUATE_SERIES_H

#include "domain/agreement.h"
#include "evaluate/buckets.h"
#include "evaluate/classify.h"

#define SERIES_TIERS_MAX 4

/* A window that somebody asks for: a named calendar period or any span. */
struct asked_window {
    struct window window; /* as it is to be printed */
    struct span span;     /* of a named period: as if it were one of UTC */
};

/* The span as an agreement sees it: a named period is one of its zone's calendar. */
struct span asked_span(const struct asked_window *asked, const struct agreement *agreement);
/* When it ends for the agreement, or latest_ns, whichever is earlier: as of then it is judged. */
int64_t asked_end_ns(const struct asked_window *asked, const struct agreement *agreement,
                     int64_t latest_ns);
/* The earliest of these ends that is later than after_ns; INT64_MAX: none. A named period of a
 * zone to the east is over first: each agreement is judged by an evaluator whose time is its end. */
int64_t asked_next_end_ns(const struct asked_window *asked, const struct agreement_set *set,
                          int64_t after_ns, int64_t latest_ns);

/* The same counts at one resolution. */
struct tier {
    struct buckets main;  /* COUNTER_GOOD, COUNTER_BAD */
    struct buckets aside; /* the other counters */
    int64_t keep_ns;      /* the longest window that reads it; INT64_MAX: drops nothing */
};

/* What a rolling sum covers: from start_ns to now, read from a tier. */
struct rolling_span {
    int64_t length_ns;
    int64_t start_ns;
    int64_t first_ns;             /* where its first row starts; INT64_MAX: it has none */
    struct row_place first_place; /* where that row is, if it is known */
    uint32_t tier;
};

/* A lookback of the alerts sums only what can be good or bad: there are up to sixteen of them. */
struct lookback {
    struct rolling_span span;
    uint64_t sum[COUNTER_JUDGED_COUNT];
};

struct latency;

struct series {
    const struct agreement *agreement;
    const struct objective *objective;
    struct window window; /* the objective's, or the one asked for */
    struct span fixed;    /* where the window is one given span */
    bool is_fixed;        /* the span was asked for: a named period, or WINDOW_SPAN */
    bool keeps_latency;   /* for itself and objectives with the same window; latency.h */
    bool lags;            /* judges the last complete period; see series_init_lagging */
    int64_t late_from_ns; /* what is received at or after it is late: the window's end, where it
                             stands still; INT64_MAX: nothing can be */

    /* Requests of one second that are not yet in tiers and sums. */
    int64_t pending_second;
    uint64_t pending[2];

    struct tier tiers[SERIES_TIERS_MAX];
    uint32_t tier_count;
    struct lookback *lookbacks; /* owned */
    uint32_t lookback_count;
    struct rolling_span rolling; /* the window itself, where it rolls ... */
    struct tally rolling_sum;    /* ... and its sum */
    bool edges_on_seconds;       /* no edge of the window cuts a second: pending may join one */
    struct span current;         /* the window itself, where it stands still: its span ... */
    struct tally current_sum;    /* ... and sum */
    struct span running;         /* where it lags: the period after it, which is under way ... */
    struct tally running_sum;    /* ... and its sum, until it is complete */
    int64_t now_ns;
    int64_t edge_ns;    /* no edge of a window moves before now reaches this */
    struct tally total; /* since the beginning, for counters */
    /* The levels of the alerts at an instant that coverage was lost after (freeze.h), a bit a pair;
     * INT64_MIN: not known, or something before it has changed. */
    int64_t frozen_at_ns;
    int64_t covered_at_ns; /* no instant before it is the last covered one; INT64_MIN: not known */
    int64_t lost_until_ns; /* no instant after it up to here is covered; INT64_MIN: not known */
    uint32_t frozen_levels;
    struct latency *latency; /* latency.h; NULL: none was seen, or it is not kept here */
    /* The earliest instant whose counts have changed since any_bad.h set it to INT64_MAX. */
    int64_t changed_from_ns;
};

#define CLASS_COUNTS_NONE ((struct class_counts){COUNTER_GOOD, COUNTER_BAD, 0, 0})

/* asked: NULL, or the window to judge instead of the objective's own. now_ns: where time begins. */
void series_init(struct series *series, const struct agreement *agreement,
                 const struct objective *objective, const struct asked_window *asked,
                 int64_t now_ns);
/* The window is the last period of `period`, a calendar window, that is complete at now: what
 * credits are paid for. Nothing is read again when a period ends: its sum has been kept beside. */
void series_init_lagging(struct series *series, const struct agreement *agreement,
                         const struct objective *objective, const struct window *period,
                         int64_t now_ns);
void series_fini(struct series *series);
/* Before anything is counted: who keeps its old rows within their memory. It outlives the series. */
void series_page_by(struct series *series, struct row_pager *pager);
/* Forgets all counts; the windows stay where they are. */
void series_clear(struct series *series);

/* Now will not move any more: what comes in after the window's end is late. */
void series_stand_still(struct series *series);

/* Moves all windows to end at now_ns; time never goes back. */
void series_advance(struct series *series, int64_t now_ns);
/* Adds a classified request that occurred at ns < now. */
void series_count(struct series *series, int64_t ns, struct class_counts counts);
/* Moves requests that were counted as `before` to `after`. */
void series_recount(struct series *series, int64_t ns, struct class_counts before,
                    struct class_counts after);
/* Of requests that were counted as `before` and now count as `after`, received at received_ns: how
 * many valid ones came late. */
void series_count_late(struct series *series, int64_t received_ns, int64_t ns,
                       struct class_counts before, struct class_counts after);
/* Brings pending counts home; call before reading. */
void series_flush(struct series *series);

/* The span of the window at now (rolling: up to now; calendar and term: the full one). */
struct span series_window(const struct series *series);
/* The sums over the window (requests), and over a lookback of the objective's alerts (the counters
 * 0 to COUNTER_JUDGED_COUNT). Flushed. */
const struct tally *series_window_tally(const struct series *series);
const uint64_t *series_lookback(const struct series *series, int64_t length_ns);
/* The tier of slices, for timeslices. */
const struct tier *series_slices(const struct series *series);

/* The next instant at which something leaves a window or a window ends; INT64_MAX: never. Flushed.
 */
int64_t series_next_due(const struct series *series);

#endif
