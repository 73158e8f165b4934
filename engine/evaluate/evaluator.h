/* The judge of one shard of the agreements: takes durable events in log order, keeps every
 * objective's running state, and tells the figures.
 *
 *   batch ─► for each event: route by service ─► classify per objective ─► series (counts)
 *                            incident, state ─► ledger ─► timelines (spans)
 *                            maintenance ─► masks; what was counted under another mask is recounted
 *   time  ─► windows move; what they lose is subtracted
 *
 * A pure function of the events, their order and the instants it is given: no clock, no thread, no
 * file. The same code judges in a worker of the daemon, in `nines evaluate`, in replay and in the
 * simulation; the number of shards changes nothing (an agreement with all its objectives lives in
 * one).
 *
 * Time: `now` is given with each call and never goes back. Events that occurred at or after now are
 * held back until now passes them, so that a figure for `at` holds exactly what occurred before it.
 * Not here: threads (worker_pool.h), where events come from, how figures are printed.
 */
#ifndef EVALUATE_EVALUATOR_H
#define EVALUATE_EVALUATOR_H

#include "domain/batch.h"
#include "domain/history.h"
#include "domain/incident.h"
#include "domain/name.h"
#include "domain/report.h"
#include "domain/row_store.h"
#include "evaluate/classify.h"
#include "evaluate/each.h"
#include "evaluate/exclusion.h"
#include "evaluate/series.h"

struct evaluator;

/* Held-back events (from senders whose clocks run ahead); beyond it they are counted as `future`.
 */
#define HELD_EVENTS_MAX (1u << 20)

/* Requests with a life; see life_ledger.h. */
#define OPEN_REQUESTS_MAX 1000000

struct evaluator_settings {
    const struct agreement_set *set; /* of the documents; borrowed for life */
    const struct name_table *names;  /* borrowed for life */
    const struct each *each; /* of the same documents, or NULL: none says `customer: each` */
    struct history history;
    struct row_store_source rows; /* zero: all rows stay in memory */
    uint32_t shard_index;
    uint32_t shard_count;
    int64_t now_ns;             /* where time begins: not later than the first event */
    int64_t max_future_ns;      /* after receipt; INT64_MAX: no limit */
    int64_t retention_ns;       /* before receipt; INT64_MAX: no limit */
    uint32_t open_requests_max; /* with a life, that are remembered; 0: OPEN_REQUESTS_MAX */
    const struct asked_window
        *asked;        /* NULL, or what to judge instead of the objectives' windows */
    bool stands_still; /* now_ns is the instant that is asked about, and time never moves: what came
                          in after a window's end is told as late */
    /* Called when a figure may have changed; NULL for none. Same thread. */
    void (*publish)(void *context, uint32_t series, const struct objective_report *report,
                    const uint64_t totals[3]); /* good, bad, excluded since the beginning */
    void *publish_context;
};

/* Totals of one shard. Those about services are kept by shard 0 only, so that sums over shards
 * hold. */
struct evaluator_counters {
    uint64_t future;    /* stored, not counted: too far ahead of its receipt */
    uint64_t ancient;   /* stored, not counted: older than retention */
    uint64_t unmatched; /* requests to services that no document names */
    uint64_t incidents_refused;
    uint64_t
        requests_shed; /* stored, not judged: events of requests with a life for which there was
                               no room */
};

/* A service that some document names. */
struct service_figures {
    const char *name;
    uint64_t good;
    uint64_t bad;
    uint64_t excluded;
    int64_t last_event_ns; /* TIME_NONE: none yet */
};

/* Judges what `each` has added so far, too. */
must_check enum status evaluator_open(struct evaluator **evaluator_out,
                                      const struct evaluator_settings *settings);
void evaluator_close(struct evaluator *evaluator);

/* Agreements that `each` has added since: up to place `count`, before the batch that brought them. */
void evaluator_admit(struct evaluator *evaluator, uint32_t count);
/* One durable batch; publishes nothing yet. STATUS_DAMAGED or STATUS_IO when the past had to be read again and could not.
 */
must_check enum status evaluator_apply(struct evaluator *evaluator, const struct batch *batch,
                                       int64_t now_ns);
/* The same for its events [first, end) alone; parts in their order. */
must_check enum status evaluator_apply_part(struct evaluator *evaluator, const struct batch *batch,
                                            uint32_t first, uint32_t end, int64_t now_ns);
/* Instead of publishing: tells the series (by its number in the whole set) of each figure that may
 * have changed since the last time; several versions of one may tell it several times. changed: NULL
 * only forgets. It may ask for reports. */
typedef void evaluator_changed(void *context, uint32_t series);
void evaluator_take_changed(struct evaluator *evaluator, evaluator_changed *changed, void *context);
/* Rows could not be read back (row_pager.h): whatever is told from now on may be wrong, so nothing is
 * published any more and there are no reports. */
bool evaluator_failed(const struct evaluator *evaluator);
/* Publishes every figure that changed since the last time, or changes by now. */
void evaluator_publish(struct evaluator *evaluator);
/* How long to wait under load after one publishing before the next: 20 ms, and where so many figures
 * change that showing them takes a quarter of the time, longer, up to half a second. */
int64_t evaluator_publish_pause_ns(const struct evaluator *evaluator);
/* Time alone passes: counts what was held back, and publishes. */
void evaluator_advance(struct evaluator *evaluator, int64_t now_ns);
/* The next instant at which a published figure changes although nothing arrives; INT64_MAX: never.
 * As of the last publishing. */
int64_t evaluator_next_due(const struct evaluator *evaluator);

/* One past the last event applied. */
uint64_t evaluator_position(const struct evaluator *evaluator);
/* Series of the whole set are numbered in its order, objectives within agreements. */
uint32_t evaluator_series_count(const struct evaluator *evaluator);
/* True when the series (by its number in the whole set) lives in this shard: then fills the report
 * for `now`. */
bool evaluator_report(struct evaluator *evaluator, uint32_t series,
                      struct objective_report *report_out);

/* Of all agreements, not only of this shard. */
struct maintenance_register;
const struct maintenance_register *evaluator_maintenances(const struct evaluator *evaluator);
const struct incident_ledger *evaluator_incidents(const struct evaluator *evaluator);
const struct exclusion_register *evaluator_exclusions(const struct evaluator *evaluator);
/* Does the incident concern the series' agreement? */
bool evaluator_incident_concerns(struct evaluator *evaluator, uint32_t series,
                                 const struct incident *incident);
/* What the old rows of this shard take, now: in memory, and in the row store. */
struct row_bytes {
    uint64_t memory;
    uint64_t store;
};
struct row_bytes evaluator_row_bytes(const struct evaluator *evaluator);
void evaluator_counters(const struct evaluator *evaluator, struct evaluator_counters *counters_out);
/* Shard 0: the services that documents name, in the order of the set. */
uint32_t evaluator_service_count(const struct evaluator *evaluator);
void evaluator_service(const struct evaluator *evaluator, uint32_t index,
                       struct service_figures *figures_out);

#endif
