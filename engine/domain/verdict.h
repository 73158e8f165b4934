/* From measures to a verdict: budgets, burn rates, alerts. Pure arithmetic on integers; every
 * comparison cross-multiplies, no double decides anything. Source: SEMANTICS sections 2, 5 and 9.
 *
 * A measure is in the objective's own unit: requests, incidents, slices or nanoseconds. That of a mean of
 * ratios (ratio_timeslices) is the mean and what it lacks of 1, in parts of RATIO_ONE; its weight
 * says of how many slices it is the mean.
 */
#ifndef DOMAIN_VERDICT_H
#define DOMAIN_VERDICT_H

#include "domain/agreement.h"
#include "domain/decimal.h"

#define RATIO_ONE UINT64_C(1000000000000000000)

struct measure {
    uint64_t good;
    uint64_t bad;
};

static inline uint64_t measure_valid(struct measure measure)
{
    return measure.good + measure.bad;
}

enum verdict {
    VERDICT_NO_DATA,
    VERDICT_UNKNOWN,
    VERDICT_MET,
    VERDICT_AT_RISK,
    VERDICT_BEHIND,
    VERDICT_BREACHED,
};
#define VERDICT_COUNT 6

/*            name                     word in reports */
#define VERDICT_REASON_TABLE(X)                                                                    \
    X(NONE, "")                                                                                    \
    X(NO_VALID_EVENTS, "no_valid_events")                                                          \
    X(TOO_FEW_EVENTS, "too_few_events")                                                            \
    X(COVERAGE, "coverage_below_floor")                                                            \
    X(BELOW_TARGET, "below_target")                                                                \
    X(CANNOT_RECOVER, "cannot_recover_in_window")                                                  \
    X(BELOW_TARGET_SO_FAR, "below_target_so_far")                                                  \
    X(BURN_ALERT, "burn_alert")                                                                    \
    X(BUDGET_LOW, "less_than_a_tenth_of_the_budget_left")                                          \
    X(BUDGET_ENDS_EARLY, "budget_will_not_last")

#define X(name, word) REASON_##name,
enum verdict_reason { VERDICT_REASON_TABLE(X) };
#undef X

struct alert_state {
    struct measure long_measure;
    struct measure short_measure;
    bool firing;
};

/* BUDGET_RATIO: of a mean of members that each have a unit of their own; its whole is 1. */
enum budget_unit { BUDGET_REQUESTS, BUDGET_SLICES, BUDGET_NS, BUDGET_INCIDENTS, BUDGET_RATIO };

#define BUDGET_UNIT_COUNT 5
/* As in reports: "requests", "ns". */
const char *budget_unit_word(enum budget_unit unit);
/* One of them: "request". */
const char *budget_unit_noun(enum budget_unit unit);
/* Nobody knows beforehand how many there will be. */
static inline bool budget_is_open(enum budget_unit unit)
{
    return unit == BUDGET_REQUESTS || unit == BUDGET_INCIDENTS;
}

/* What the window holds of versions before the one in force, each judged by itself: their part of
 * the whole. Budgets are sums of B x units, in parts per billion of a unit (of means: of
 * RATIO_ONE slices). */
struct earlier_parts {
    struct measure whole; /* theirs and that of the version in force */
    uint64_t whole_weight;
    uint128 total_budget;   /* of their full parts */
    uint128 full_budget;    /* of what was measured in them */
    uint128 elapsed_budget; /* the same: they are over */
    uint64_t known_ns;
    uint64_t unknown_ns;
    int64_t nominal_ns;
    enum verdict worst; /* theirs; NO_DATA: none of them says anything */
    enum verdict_reason reason;
};

/* What a figure that is combined from members (domain/composite.h) says besides its measures, in
 * parts of RATIO_ONE: they have no unit to count by. */
struct combined_figures {
    uint64_t whole_bad;               /* what is bad of all that the full window is known to hold */
    uint64_t best_bad;                /* what will be bad of it if only good comes from now on */
    uint64_t spent[ALERT_PAIRS_MAX];  /* what the long lookback takes of the window's whole */
    uint64_t events[ALERT_PAIRS_MAX]; /* bad requests and slices of the members in it */
};

/* What judge() needs to know. */
struct evidence {
    const struct objective *objective;
    struct measure window;
    struct measure lookbacks_long[ALERT_PAIRS_MAX];
    struct measure lookbacks_short[ALERT_PAIRS_MAX];
    /* Of a mean: how many slices it is of; 0: the measures are plain counts. */
    uint64_t window_weight;
    uint64_t long_weights[ALERT_PAIRS_MAX];
    bool is_mean;
    const struct combined_figures *combined; /* NULL: not combined from members; then is_mean */
    enum budget_unit unit;
    bool is_calendar;     /* calendar or term: has an end that can be reached */
    bool is_over;         /* and it is reached */
    int64_t remaining_ns; /* until its end; INT64_MAX without end */
    int64_t nominal_ns;   /* W, for time to exhaustion */
    /* Valid units of the full window, where they are known beforehand (slices, ns); 0: not known.
     */
    uint64_t full_valid;
    /* Of a window without an end: units elapsed so far, to print a total by; else 0. */
    uint64_t elapsed_valid;
    /* Units that may still come until the window's end (slices, ns); meaningless for requests. */
    uint64_t remaining_valid;
    uint64_t known_ns; /* for coverage: known and unknown time of the elapsed window */
    uint64_t unknown_ns;
    /* NULL: the window has one version. Else all of the above but the lookbacks is the part of the
     * version in force. */
    const struct earlier_parts *earlier;
};

struct judgement {
    enum budget_unit unit;
    bool has_sli;
    bool has_too_few; /* below min_events, whatever the verdict is: no credit is due by it */
    /* Total budget = B x total_valid units. Consumed against the full window: bad / (B x
     * ratio_valid); against the elapsed part: bad / (B x elapsed_valid). What earlier versions add
     * is beside it: read them by judgement_budgets. */
    uint64_t total_valid;
    uint128 ratio_valid;
    uint64_t elapsed_valid;
    uint128 earlier_total;
    uint128 earlier_full;
    uint128 earlier_elapsed;
    struct measure window;
    struct measure burn; /* burn rate = bad / valid / B of this */
    int64_t nominal_ns;  /* W */
    uint64_t coverage_known_ns;
    uint64_t coverage_all_ns;
    struct alert_state alerts[ALERT_PAIRS_MAX];
    enum alert_severity alert;
    enum verdict verdict;
    enum verdict_reason reason;
    /* Of the version in force alone. */
    enum verdict own_verdict;
    enum verdict_reason own_reason;
};

void judge(const struct evidence *evidence, struct judgement *judgement_out);

/* In units x PPB, of all versions: what the window may lose, and what bad units are held against:
 * bad x PPB / full. */
struct budgets {
    uint128 total;
    uint128 full;
    uint128 elapsed;
};
struct budgets judgement_budgets(const struct objective *objective,
                                 const struct judgement *judgement);
/* The worse of two: breached, behind, unknown, at risk, met, no data. */
bool verdict_is_worse(enum verdict verdict, enum verdict than);

/* Seconds, rounded down, until the remaining (a whole) budget is used up at the current burn; -1:
 * never, or undefined (no burn, no budget). */
int64_t judgement_budget_lasts_s(const struct objective *objective,
                                 const struct judgement *judgement);
int64_t judgement_whole_budget_lasts_s(const struct objective *objective,
                                       const struct judgement *judgement);

/* bad / valid above 1 - target? Exact; false when nothing is valid. */
bool measure_below_target(struct measure measure, int64_t target_ppb);
const char *verdict_word(enum verdict verdict);
const char *verdict_reason_word(enum verdict_reason reason);

#endif
