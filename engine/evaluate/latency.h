/* Latencies of the valid requests in a window, for percentiles beside `occurrences`.
 *
 *   request ─► staged (8 bytes each) ─► rows: one sketch per stretch of time (domain/sketch.h)
 *                                   └─► older: the sum of all rows but the newest
 *   report  =  percentiles of older + newest row
 *
 * A window that stands still (calendar, term, a span that was asked for) is one row, and exact. Of a
 * rolling window rows leave at the front: they are as long as the window's own resolution up to one
 * day, an hour up to 400 days, a day beyond. The percentiles are of the rows that the window
 * touches: where its start falls inside a row, they take that row whole, and the report says from
 * when on. The same for live, replayed and offline figures.
 *
 * Nothing is allocated before the first latency. A staged request costs a division and a store; it
 * goes home with up to STAGED_MAX others. Memory: 2 to 3 bytes for each occupied bucket of each row,
 * bounded by rows x SKETCH_BUCKETS; what 1,000 requests an hour leave of 30 days is under 1 MiB.
 *
 * Objectives of one agreement with the same window share one: the first of them keeps it. One owner
 * thread; no clock.
 */
#ifndef EVALUATE_LATENCY_H
#define EVALUATE_LATENCY_H

#include "domain/report.h"
#include "domain/sketch.h"
#include "evaluate/series.h"

/* Which of the agreement's objectives keeps the latencies of this one; UINT32_MAX: its method has
 * none. A question changes all windows to the same one. */
uint32_t latency_keeper(const struct agreement *agreement, uint32_t objective, bool is_asked);

/* A request that series_count took as `counts`. */
void latency_take(struct series *series, const struct event *event, struct class_counts counts);
/* One that series_recount moved. */
void latency_move(struct series *series, const struct event *event, struct class_counts before,
                  struct class_counts after);
/* What the windows of all versions of an objective hold. */
struct latency_sum {
    struct sketch sketch;
    int64_t start_ns;
};

/* Adds what the series' window holds at its now. */
void latency_add(struct series *series, struct latency_sum *sum);
/* Fills in the figures and frees the sum. */
void latency_take_sum(struct latency_sum *sum, struct latency_figures *figures_out);
void latency_close(struct latency *latency);

/* Most requests bring none, or their series keeps none. */
static inline void latency_count(struct series *series, const struct event *event,
                                 struct class_counts counts)
{
    if (series->keeps_latency && event->latency_ns != LATENCY_NONE) {
        latency_take(series, event, counts);
    }
}

#endif
