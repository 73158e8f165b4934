/* What an evaluator is made of: for its own modules only.
 *
 *   residents    agreements move in and out        figures     reports, publishing, credits
 *   counting     plain requests                    freshen     a series and its timeline up to now
 *   conditions   incidents, states, masks          recount, amend, fulfilment, cases, composition
 */
#ifndef EVALUATE_EVALUATOR_STATE_H
#define EVALUATE_EVALUATOR_STATE_H

#include "evaluate/correction.h"
#include "evaluate/due_heap.h"
#include "evaluate/evaluator.h"
#include "evaluate/exclusion.h"
#include "evaluate/gate.h"
#include "evaluate/held.h"
#include "evaluate/life_ledger.h"
#include "evaluate/maintenance.h"
#include "evaluate/measure.h"
#include "evaluate/pair_table.h"
#include "evaluate/routing.h"
#include "evaluate/series.h"
#include "evaluate/timeline.h"
#include "evaluate/vocabulary.h"

/* Counts for the agreement's credits: the objective that they name over the last complete period,
 * whatever its own window. */
struct credit_series {
    struct objective objective; /* as in the agreement, without alerts */
    struct series series;
};

/* A member of a composite (composition.h): judged for the figure of another series. */
struct hidden_series {
    uint32_t series;
    uint32_t shown;
};

/* An agreement that lives in this shard. */
struct resident {
    const struct agreement *agreement;
    uint32_t series_first;  /* of this shard */
    uint32_t number_first;  /* of the whole set; of an earlier version: none */
    uint32_t earlier_count; /* the residents right before it are its earlier versions */
    uint32_t current;       /* the resident of the version in force: itself, or the one behind it */
    uint32_t customer_word; /* WORD_NONE: for all */
    /* The resident that routes lead to: itself, or, of one customer of `customer: each`, the pattern,
     * which owns what is the same for all of them (words, names, signs, requirements). */
    uint32_t pattern;
    bool is_pattern; /* it has no figures of its own, its customers have */
    uint32_t *service_words;
    uint32_t *service_names;     /* as far as they were heard of; NAME_NONE else */
    struct span_set *masks;      /* maintenance, per service */
    struct span_set *exclusions; /* approved, per service */
    struct span_set off;         /* room for what all of them leave out, up to now */
    bool has_mask;               /* any of them holds something */
    struct signs *signs;         /* per service; NULL: no sign is expected */
    /* The stretch that was asked about last: is it in service hours? Requests come in order. */
    struct span hours_known;
    bool in_hours;
    const struct requirement **requires; /* per service; NULL: none */
    bool *needed; /* per component: a service rests on it; NULL: nothing is required */
    struct hidden_series *hidden; /* owned: what the agreement's events count for besides */
    uint32_t hidden_count;
    struct deliveries *deliveries; /* owned; NULL: nothing is asked for on a schedule */
    struct credit_series *credit;  /* owned; NULL: no credits, or a period was asked for, or ... */
    uint32_t paid_composite; /* ... a composite is paid by: its series over that period + 1, or 0 */
};

struct evaluator {
    struct evaluator_settings settings;
    struct row_pager pager;         /* of all series */
    struct agreement_set documents; /* as `each` shows them */
    int64_t now_ns;
    int64_t received_ns; /* of the batch at hand; INT64_MIN: of none */
    uint64_t position;
    int64_t absent_until_ns; /* the timelines know the absences of the engine up to here */
    struct vocabulary vocabulary;

    struct resident *residents;
    uint32_t resident_count;
    uint32_t resident_size;
    struct pair_table customers; /* (pattern, customer): the resident */
    uint32_t admitted_count;     /* agreements of the set that are known here */
    struct series *series;
    struct gate *gates;         /* per series */
    int64_t gates_until_ns;     /* what is received from then on closes gates */
    struct timeline *timelines; /* per series */
    bool *stale;                /* per series: its timeline must be built again */
    uint32_t *resident_of;      /* per series */
    uint32_t series_count;      /* hidden ones stand behind those of the set */
    struct composition **compositions;
    uint32_t composition_count;
    uint32_t *composition_of;  /* per series: place + 1 of the composition that it shows; 0: none */
    struct measured *versions; /* room for those of one objective, see evaluator_versions */
    uint32_t series_size;
    uint32_t *series_of_number; /* of the whole set: series here + 1, or 0 */
    uint32_t number_count;
    uint32_t number_size;

    struct routing routing;
    uint32_t *component_words; /* per component of the set */
    uint32_t *component_names; /* as far as they were heard of; NAME_NONE else */

    struct incident_ledger incidents;
    struct state_line *states;
    uint32_t state_count;
    struct maintenance_register maintenances;
    struct exclusion_register exclusions;
    struct correction_table corrections;
    struct held held;
    struct due_heap due;
    struct life_ledger lives;
    struct due_heap lives_due;
    bool judges_lives; /* an objective of the set does (fulfilment.h) */
    uint32_t *dirty;   /* series whose figure may have changed */
    bool *is_dirty;
    uint32_t dirty_count;

    struct evaluator_counters counters;
    struct service_figures *figures; /* per service of the routing; kept by shard 0 */
};

/* In figures.c: the versions of the objective that the series, of a version in force, judges: into
 * evaluator->versions, the one in force last; their number. */
uint32_t evaluator_versions(struct evaluator *evaluator, uint32_t series);
/* In counting.c: does the event count for the series, and as what? */
bool series_judges(struct evaluator *evaluator, uint32_t series, const struct event *event,
                   struct class_counts *counts_out);
/* The figure of the series may have changed: publish it the next time. */
void series_mark_dirty(struct evaluator *evaluator, uint32_t series);
void resident_mark_dirty(struct evaluator *evaluator, const struct resident *resident,
                         bool stale_timeline);
/* All series that requests of the agreement may count for: those shown, then the hidden ones. */
static inline uint32_t resident_series_count(const struct resident *resident)
{
    return resident->agreement->objective_count + resident->hidden_count;
}
static inline uint32_t resident_series(const struct resident *resident, uint32_t index)
{
    uint32_t shown = resident->agreement->objective_count;
    return index < shown ? resident->series_first + index : resident->hidden[index - shown].series;
}
/* Whose figure it is that such a series makes. */
static inline uint32_t resident_shown(const struct resident *resident, uint32_t index)
{
    uint32_t shown = resident->agreement->objective_count;
    return index < shown ? resident->series_first + index : resident->hidden[index - shown].shown;
}
/* In freshen.c: brings one series and its timeline up to now. */
void series_bring_up(struct evaluator *evaluator, uint32_t series);
/* When time alone changes its figure the next time. */
int64_t series_due(struct evaluator *evaluator, uint32_t series);
/* Whose figures a request moves that is routed to the target: NULL for nobody's here. A request
 * without a customer counts only where none is named. */
struct resident *resident_of_request(struct evaluator *evaluator, const struct target *target,
                                     uint32_t customer);
/* Whoever asked: the service gave a sign, if any are expected. It changes the figures of other
 * customers only where it ends a silence, or shows that one of the past was none. */
void target_take_sign(struct evaluator *evaluator, const struct target *target, int64_t ns);
bool resident_takes_customer(struct evaluator *evaluator, const struct resident *resident,
                             uint32_t customer);
/* Does the objective count this request at all? */
static inline bool series_takes(const struct evaluator *evaluator, const struct series *series,
                                const struct event *event)
{
    const struct objective *objective = series->objective;
    return method_judges_requests(objective->method) &&
           (!objective->total.narrowed ||
            classify_takes(&objective->total, event, evaluator->settings.names));
}
/* NAME_NONE when the agreement is for all, or its customer was never heard of. */
uint32_t resident_customer_name(struct evaluator *evaluator, const struct resident *resident);
/* What is known of the instant, for requests to that service of the agreement. */
struct aside_masks resident_masks_at(struct resident *resident, uint32_t service, int64_t ns);
/* What the agreement's timelines are made from, but for its service hours. */
void resident_sources(struct evaluator *evaluator, struct resident *resident,
                      struct timeline_sources *sources_out);
/* When an event that was received then may have occurred, to be counted at all. */
struct span event_times(const struct evaluator *evaluator, int64_t received_ns);
/* Too far ahead of its receipt, or older than what is kept: stored, not counted (it is counted as
 * that). */
bool event_is_out_of_time(struct evaluator *evaluator, const struct event *event,
                          int64_t received_ns);
/* evaluator.c: which series of this shard a number of the whole set is; false: none. */
bool evaluator_find_series(const struct evaluator *evaluator, uint32_t number, uint32_t *index_out);

#endif
