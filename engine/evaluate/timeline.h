/* What time itself was for one objective: bad, excluded, unknown, else good. The sets that `uptime`
 * measures and that tell all methods how much of a window was observed. Rebuilt when an incident, a
 * state or a maintenance changes; never on the path of a request.
 *
 *   off          left out under every maintenance policy: outside service hours, or excluded after
 *                the fact; no other set but `excluded` holds any of it
 *   bad_raw      union of the actual incidents and `down` states of all services, of what incidents
 *                and states of components do to them, and of missed deliveries (deliveries.h)
 *   excluded     off and the union of their maintenance: left out where maintenance is removed
 *   bad          bad_raw minus excluded
 *   unknown_raw  a service's state was not known, and nothing is known to have been bad
 *   unknown      the same minus excluded
 *   gaps_raw     a `state` event itself said `unknown`, no sign came where some are expected, or the
 *                engine was not running: unobserved, for methods that count requests
 *   gaps         the same minus excluded
 */
#ifndef EVALUATE_TIMELINE_H
#define EVALUATE_TIMELINE_H

#include "domain/agreement.h"
#include "domain/incident.h"
#include "domain/span_set.h"
#include "evaluate/deliveries.h"
#include "evaluate/exclusion.h"
#include "evaluate/silence.h"

struct timeline {
    struct span_set off;
    struct span_set bad;
    struct span_set bad_raw;
    struct span_set excluded;
    struct span_set unknown;
    struct span_set unknown_raw;
    struct span_set gaps;
    struct span_set gaps_raw;
    /* Per component of the set: when its failures interfere with a service; none where nothing is
     * required. */
    struct span_set *interference;
    uint32_t interference_count;
    /* What a contract's rounding makes of bad and bad_raw; see timeline_round. */
    struct span_set counted;
    struct span_set counted_raw;
    struct span_set room;
    int64_t decided_until_ns; /* what is decided (cases.h) is counted up to here */
    /* `off` knows the service hours, and bad_raw missed deliveries, up to here and some days more. */
    int64_t off_until_ns;
};

/* Everything that a timeline is made from, as one agreement sees it. */
struct timeline_sources {
    const struct incident_ledger *incidents;
    const struct state_line *states;
    uint32_t state_count;
    const uint32_t *services;           /* names; NAME_NONE for one never heard of */
    const struct span_set *maintenance; /* per service */
    uint32_t service_count;
    const struct exclusion_register *exclusions; /* of incidents too; NULL: none */
    int64_t current_at_ns;                       /* see state_line_spans */
    const struct span_set *off;                  /* normalized; NULL: none */
    const struct signs *signs;                   /* per service; NULL: no sign is expected */
    int64_t now_ns;                              /* for silence that goes on */
    const struct span_set *absences;             /* of the engine itself; NULL: none */
    bool judges_time; /* for `uptime`: an absence is unknown time, else a gap among requests */
    const struct agreement *agreement;
    const struct component_document *components; /* of the set */
    const uint32_t *component_names;             /* NAME_NONE for one never heard of */
    uint32_t component_count;
    const struct requirement *const *requires; /* per service; NULL: none */
    const struct missed_delivery *missed;      /* of the agreement's standing requests */
    uint32_t missed_count;
    const bool *needed; /* per component: a service rests on it; NULL: nothing is required */
    uint32_t customer;  /* name; NAME_NONE: the agreement is for all customers */
    bool has_customer;
};

void timeline_fini(struct timeline *timeline);
/* severity: incidents of this and above count; `down` states are critical. */
void timeline_build(struct timeline *timeline, const struct timeline_sources *sources,
                    enum severity severity);

static inline bool timeline_is_rounded(const struct objective *objective)
{
    return objective->rounding != ROUNDING_EXACT || objective->min_run != 0;
}
/* Rounds the outages as the objective says, an open one up to now, and drops runs of fewer than
 * min_run minutes: whole runs, also where a window cuts them. Rounding takes nothing from time that
 * is left out or unknown. Needed after timeline_build and whenever time has passed. */
void timeline_round(struct timeline *timeline, const struct objective *objective, int64_t now_ns);
static inline const struct span_set *timeline_counted(const struct timeline *timeline,
                                                      const struct objective *objective)
{
    return timeline_is_rounded(objective) ? &timeline->counted : &timeline->bad;
}
static inline const struct span_set *timeline_counted_raw(const struct timeline *timeline,
                                                          const struct objective *objective)
{
    return timeline_is_rounded(objective) ? &timeline->counted_raw : &timeline->bad_raw;
}

/* The time that leaves numerator and denominator under the policy. */
static inline const struct span_set *timeline_left_out(const struct timeline *timeline,
                                                       enum maintenance_policy policy)
{
    return policy == MAINTENANCE_REMOVED ? &timeline->excluded : &timeline->off;
}

/* Adds the silent spans of the service; none where its states are reported, which have an end of
 * their own (state_line.stale_after_ns). */
void timeline_silence(const struct timeline_sources *sources, uint32_t index,
                      struct span_set *silence);

/* Does a thing with this customer concern the agreement? Without one it concerns everybody; with
 * one, that customer's agreements and those without a customer. */
bool timeline_concerns(const struct timeline_sources *sources, uint32_t customer);
/* It names a service, or interferes with one (a potential one: could) by a component. Also
 * false where the incident is cancelled, or excluded for this agreement. */
bool timeline_incident_concerns(const struct timeline *timeline,
                                const struct timeline_sources *sources,
                                const struct incident *incident);

#endif
