/* Service agreements and the services they are about: what the YAML documents mean.
 *
 * catalog/ builds these from files; evaluate/ judges by them. Immutable once built; all memory
 * belongs to the set they came in (catalog_free). Strings are terminated.
 */
#ifndef DOMAIN_AGREEMENT_H
#define DOMAIN_AGREEMENT_H

#include "domain/credit.h"
#include "domain/event.h"
#include "domain/hours.h"
#include "domain/match.h"
#include "domain/recurrence.h"
#include "domain/service_system.h"
#include "domain/window.h"

/* Targets and ratios as exact integers: parts per billion. */
#define PPB INT64_C(1000000000)

enum method {
    METHOD_OCCURRENCES,
    METHOD_TIMESLICES,
    METHOD_UPTIME,
    METHOD_RATIO_TIMESLICES,
    METHOD_RESPONSE,
    METHOD_RESOLUTION,
    METHOD_FULFILMENT,
    METHOD_COMPOSITE, /* of other objectives: domain/composite.h */
};

/* How contracts turn downtime into minutes (SEMANTICS section 4). Minutes are those of the clock,
 * but for full_minutes_elapsed, which counts from each outage's own start. */
enum rounding {
    ROUNDING_EXACT,
    ROUNDING_FULL_MINUTES_ALIGNED, /* minutes that were down from end to end */
    ROUNDING_FULL_MINUTES_ELAPSED, /* whole minutes of each outage */
    ROUNDING_MINUTES_TOUCHED,      /* minutes with any downtime in them */
};
#define ROUNDING_COUNT 4

/* What makes a request good, or (describes_bad) what makes it bad; all given parts must hold
 * (CONTRACT section 4). */
struct good_rule {
    /* Status ranges, each inclusive; status_count 0 with status_default: `<500`. */
    struct {
        uint16_t low;
        uint16_t high;
    } status[8];
    uint32_t status_count;
    bool status_default; /* the default rule: a request without a status is not failed by it */
    bool latency_given;
    bool latency_inclusive; /* <= instead of <; of bad ones >= instead of > */
    uint64_t latency_ns;
    bool outcome_required; /* {outcome: good}: only the sender's word counts */
    bool describes_bad;    /* then latency is a lower limit, and the word is `bad` */
};

/* Which requests of the agreement an objective counts at all. */
enum request_class { CLASS_ANY, CLASS_ADHOC, CLASS_STANDING };
struct total_rule {
    bool narrowed; /* any of the following says something */
    enum request_class request_class;
    const char *customer; /* NULL: whoever the agreement is for */
};

enum alert_severity { ALERT_NONE, ALERT_TICKET, ALERT_PAGE };

struct alert_pair {
    enum alert_severity severity;
    int64_t long_ns;
    int64_t short_ns;
    /* Threshold of the burn rate as an exact fraction, reduced. */
    uint64_t threshold_numerator;
    uint64_t threshold_denominator;
};

#define ALERT_PAIRS_MAX 8

enum no_data_policy { NO_DATA_UNKNOWN, NO_DATA_EMPTY_IS_GOOD };
enum pre_term_policy { PRE_TERM_CLIP, PRE_TERM_GOOD };
enum maintenance_policy {
    MAINTENANCE_REMOVED,
    MAINTENANCE_COUNTS_AS_GOOD,
    MAINTENANCE_IGNORED,
};

struct composite;

struct objective {
    const char *name;
    /* Versions (SEMANTICS section 6): what occurs in this time is judged by this version of it. */
    struct span in_force;
    bool is_first; /* no version before it: before its time nothing was promised */
    enum method method;
    int64_t target_ppb;      /* 0 < target <= PPB */
    const char *target_text; /* as printed: "99.9" */
    struct window window;
    struct good_rule good;
    struct total_rule total;
    const struct composite *composite; /* composite; else NULL */
    int64_t slice_ns;                  /* timeslices, ratio_timeslices */
    int64_t slice_target_ppb;          /* timeslices */
    enum severity severity;            /* uptime: this and above */
    enum rounding rounding;            /* uptime */
    uint64_t min_run;  /* uptime: shorter runs of bad minutes do not count; 0: all do */
    int64_t within_ns; /* response, resolution, fulfilment */
    struct alert_pair alerts[ALERT_PAIRS_MAX];
    uint32_t alert_count;
    bool alert_or_equal; /* alert_compare: ">=" */
    bool alert_guard;    /* default true */
    enum no_data_policy no_data;
    enum pre_term_policy pre_term;
    int64_t coverage_floor_ppb; /* default 0.9 */
    uint64_t min_events;
    uint32_t line; /* where it stands in its file */
};

struct project_document;

/* A request that the agreement itself makes, on a schedule (evaluate/deliveries.h). */
struct standing_request {
    const char *name;
    const struct recurrence *schedule;
    const char *schedule_text;
    int64_t within_ns;
};

enum agreement_type { AGREEMENT_SLA, AGREEMENT_OLA, AGREEMENT_UC };

/* Whose published rules an agreement follows where it says nothing itself. */
enum profile {
    PROFILE_DEFAULT,
    PROFILE_ICINGA, /* maintenance counts as good; before its first state a service is as it is now */
    PROFILE_AWS,    /* a slice or window without requests has an error rate of 0 % */
    PROFILE_AZURE, /* the same */
    PROFILE_GCP,   /* partial minutes of downtime do not count */
};
#define PROFILE_COUNT 5

struct agreement {
    const char *name;
    enum agreement_type type;
    const char *provider;
    const char *customer; /* NULL: all requests, pooled */
    bool each_customer;   /* `customer: each`: customer is NULL, or one of them (evaluate/each.h) */
    const char *const *services;
    uint32_t service_count;
    struct span term;          /* INT64_MIN .. INT64_MAX when absent */
    struct span window_term;   /* what `over: term` means: the term, of the version in force */
    const struct zone *zone;   /* NULL: UTC */
    const struct hours *hours; /* NULL: always */
    enum profile profile;
    enum maintenance_policy maintenance;
    bool has_allowance; /* of maintenance: what exceeds it in a period counts */
    int64_t allowance_ns;
    enum calendar_unit allowance_unit;
    const char *project;                /* NULL: none */
    const struct credit_terms *credits; /* NULL: none */
    const struct standing_request *standings;
    uint32_t standing_count;
    const char *const *supports; /* agreements that this one underpins */
    uint32_t support_count;
    const struct objective *objectives;
    uint32_t objective_count;
    /* Not an agreement but the objectives of this project, under its name, without services;
     * NULL: an agreement. */
    const struct project_document *of_project;
    /* Place + 1 of the agreement whose worker judges this one too, because a composite has members
     * in both; 0: any worker. */
    uint32_t lives_with;
    /* Versions of one name (SEMANTICS section 6): this one judges what occurs while it is in force.
     * The set holds the one in force; see agreement_at. */
    uint32_t version;     /* 1, 2, ... by the time from which they hold */
    int64_t effective_ns; /* `effective`; INT64_MIN: not said */
    struct span in_force; /* from then until the next one; unbounded where nothing says more */
    const struct agreement *versions; /* all of the name, in order; NULL: this is the only one */
    uint32_t version_count;
    /* The versions before this one, each with its own rules, but with this one's windows and
     * lookbacks where both have an objective of the name. In order. */
    const struct agreement *earlier;
    uint32_t earlier_count;
    const char *file;
    uint32_t line;
    uint32_t column;
    const char *source_text; /* the document as written, for GET /v1/agreements and the record */
};

/* A `service:` document; its `match` is in the set's rules. */
struct service_document {
    const char *name;
    const struct requirement *requires; /* NULL: no component */
    int64_t every_ns;       /* `expect`: a sign at least so often; 0: nothing is expected */
    int64_t stale_after_ns; /* a state holds for at most so long; 0: until the next one */
    const char *file;
    uint32_t line;
};

/* A `project:` document, or a project that only agreements name. */
struct project_document {
    const char *name;
    const char *const *parts; /* projects within it */
    uint32_t part_count;
    const struct objective *objectives; /* composites of its own; also in an agreement of_project */
    uint32_t objective_count;
    const char *file;
    uint32_t line;
};

/* A `maintenance:` document. */
struct maintenance_document {
    const char *id;
    const char *const *services;
    uint32_t service_count;
    const char *const *components; /* each has a document */
    uint32_t component_count;
    struct span span;                    /* the first occurrence */
    const struct recurrence *recurrence; /* NULL: it happens once */
    const struct zone *zone;             /* by whose clocks; NULL: UTC */
    const char *reason;                  /* NULL: none */
    const char *author;
};

struct agreement_set {
    const struct agreement *agreements;
    uint32_t agreement_count;
    const struct service_document *services;
    uint32_t service_count;
    const struct component_document *components; /* each behind those that it requires */
    uint32_t component_count;
    const struct maintenance_document *maintenances;
    uint32_t maintenance_count;
    const struct project_document *projects;
    uint32_t project_count;
    struct match_rules match;
    zone_find *find_zone; /* of events that name one; NULL: there is none */
};

/* The version that is in force at the instant; before all of them the first. */
const struct agreement *agreement_at(const struct agreement *agreement, int64_t ns);
/* What this version of the objective judges: its agreement's term, as far as it is in force. */
static inline struct span objective_judged(const struct agreement *agreement,
                                           const struct objective *objective)
{
    return span_intersect(agreement->term, objective->in_force);
}
/* Those before it, in order, then itself (i = earlier_count). */
static inline const struct agreement *agreement_version(const struct agreement *agreement,
                                                        uint32_t i)
{
    return i < agreement->earlier_count ? &agreement->earlier[i] : agreement;
}
/* NULL: the agreement has no objective of that name. */
const struct objective *agreement_objective(const struct agreement *agreement, const char *name);

const char *method_word(enum method method);
int method_from(struct text word);
const char *alert_severity_word(enum alert_severity severity);
const char *maintenance_policy_word(enum maintenance_policy policy);
const char *agreement_type_word(enum agreement_type type);
const char *profile_word(enum profile profile);
const char *rounding_word(enum rounding rounding);
const char *request_class_word(enum request_class request_class);
/* Does the method judge slices of time by the requests in them? */
static inline bool method_has_slices(enum method method)
{
    return method == METHOD_TIMESLICES || method == METHOD_RATIO_TIMESLICES;
}
/* Do the potential incidents that its own figures open count for it? They have the severity of those
 * that say none. */
static inline bool objective_opens_incidents(const struct objective *objective)
{
    return objective->severity <= SEVERITY_MAJOR;
}
/* Does the method judge what is to be answered within a limit (domain/promise.h)? */
static inline bool method_has_limit(enum method method)
{
    return method == METHOD_RESPONSE || method == METHOD_RESOLUTION || method == METHOD_FULFILMENT;
}
/* Are incidents what the method counts? */
static inline bool method_counts_incidents(enum method method)
{
    return method == METHOD_RESPONSE || method == METHOD_RESOLUTION;
}
/* Does the method count things one by one, each at its instant? */
static inline bool method_counts(enum method method)
{
    return method == METHOD_OCCURRENCES || method_has_limit(method);
}
/* Does the method judge plain requests, those without a life of their own? */
static inline bool method_judges_requests(enum method method)
{
    return method == METHOD_OCCURRENCES || method_has_slices(method);
}

/* Which of the shards judges the agreement at this place of the set. */
static inline uint32_t agreement_shard(const struct agreement_set *set, uint32_t place,
                                       uint32_t shard_count)
{
    uint32_t with = set->agreements[place].lives_with;
    return (with != 0 ? with - 1 : place) % shard_count;
}

/* How many are agreements: those of projects stand behind them. */
uint32_t agreement_count(const struct agreement_set *set);

/* Fills objective->alerts with the defaults of SEMANTICS section 9 (shares 2 %, 5 %, 10 %, 10 % in
 * 1h, 6h, 1d, 3d of the window): pairs whose long lookback is not shorter than the window or whose
 * threshold exceeds 1/B are left out. Needs target and window. */
void objective_default_alerts(struct objective *objective);
/* threshold = share x W / long, exact and reduced; share in parts per billion. */
void alert_threshold_from_share(struct alert_pair *pair, int64_t share_ppb, int64_t window_ns);
/* Is threshold > 1 / (1 - target)? Then the pair can never fire. False for a 100 % target. */
bool alert_threshold_unreachable(const struct alert_pair *pair, int64_t target_ppb);

#endif
