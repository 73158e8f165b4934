/* One objective's figures at one instant and one position of the log: everything that a reader may
 * want to print, as exact integers. evaluate/ fills it, report/ prints it (CONTRACT section 5). */
#ifndef DOMAIN_REPORT_H
#define DOMAIN_REPORT_H

#include "domain/agreement.h"
#include "domain/verdict.h"

struct request_counts {
    uint64_t good;
    uint64_t bad;
    uint64_t excluded_by[ASIDE_COUNT];
    uint64_t out_of_scope;
    uint64_t late; /* of good and bad: received after the window's end */
};

/* Time in ns, or slices. */
struct four_states {
    uint64_t good;
    uint64_t bad;
    uint64_t excluded;
    uint64_t unknown;
};

struct incident_figures {
    uint64_t count; /* actual ones that touch the window */
    uint64_t open;
    uint64_t potential_open;   /* with those that what is reported opens by itself */
    bool has_potential_age;    /* the beginning of one of them is known ... */
    uint64_t potential_age_ns; /* ... that of the oldest was so long ago */
    uint64_t promoted;         /* of `count`, how many were potential before */
    uint64_t downtime_ns;      /* the sum of their own lengths */
    uint64_t agreed_ns;
    uint64_t acknowledged;   /* how many of them were, and ... */
    uint64_t acknowledge_ns; /* ... the sum of their delays */
};

/* Percentiles by nearest rank, to three digits (domain/sketch.h): p50, p90, p99, p999. */
#define LATENCY_PERCENTILES 4

struct latency_figures {
    uint64_t count;   /* valid requests with a latency; 0: the rest means nothing */
    int64_t start_ns; /* from when on they are counted */
    uint64_t percentile_ns[LATENCY_PERCENTILES];
};

/* What one version made of its part of the window. */
struct report_part {
    uint32_t version;
    struct span span; /* elapsed */
    const char *target_text;
    int64_t target_ppb;
    struct measure window; /* in the unit of that version's objective */
    bool has_sli;
    enum budget_unit unit;
    uint128 budget; /* of its full part, in units x PPB */
    enum verdict verdict;
    enum verdict_reason reason;
};

/* Of more parts the latest are listed; figures are made of all. */
#define REPORT_PARTS_MAX 8

/* What changes a figure after it was sealed. */
#define RESTATEMENT_CAUSE_TABLE(X)                                                                 \
    X(LATE, "late") /* requests and states that came in after the seal */                          \
    X(EXCLUSION, "exclusion")                                                                      \
    X(OUTCOME, "outcome")                                                                          \
    X(MAINTENANCE, "maintenance")                                                                  \
    X(INCIDENT, "incident")
#define X(name, word) CAUSE_##name,
enum restatement_cause { RESTATEMENT_CAUSE_TABLE(X) CAUSE_COUNT };
#undef X

const char *restatement_cause_word(enum restatement_cause cause);

/* The figure of a sealed window as of the end of one UTC hour of receipt that changed it. */
struct restatement {
    uint32_t number;              /* from 1 */
    uint32_t causes;              /* a bit each; */
    enum restatement_cause cause; /* the first of them that changed the figure */
    char *reason;                 /* of that change; NULL: none given */
    char *author;                 /* likewise */
    uint64_t position;            /* one past the last event received in that hour */
    int64_t at_ns;                /* when the last change of that hour was received */
    struct judgement judgement;
};

struct seal;

/* The severity of the alert that a silent service fires. */
#define ALERT_SILENT_WORD "silent"

struct objective_report {
    const struct agreement *agreement;
    const struct objective *objective;
    uint64_t position;
    int64_t at_ns;
    struct window over;
    struct span window;
    int64_t resolution_s;
    bool has_counts;
    bool has_time;
    bool has_slices;
    struct request_counts counts;
    struct four_states time;
    struct four_states slices;
    /* By policy: removed, counts_as_good, ignored. */
    struct measure by_policy[3];
    struct judgement judgement;
    struct incident_figures incidents;
    struct latency_figures latency;
    bool expects_signs; /* of a service some are expected ... */
    bool silent;        /* ... and do not come */
    bool has_credit;    /* the agreement's credits name this objective */
    struct credit credit;
    const struct credit_terms *credit_terms; /* of the version that the credit is paid by */
    /* By version, in order; none where one version holds for the whole window. */
    struct report_part parts[REPORT_PARTS_MAX];
    uint32_t part_count;
    const char *const *endangered_by; /* agreements that underpin this one and are in danger */
    uint32_t endangered_count;
    const char *note;        /* NULL, or e.g. what this version does not evaluate */
    const struct seal *seal; /* NULL: not sealed */
};

/* Of a calendar window whose grace is over. The report that it hangs on is the one that was sealed,
 * whole: nothing that came in later is in it. */
struct seal {
    int64_t at_ns;     /* when the grace was over */
    uint64_t position; /* what the log held then */
    struct restatement *restatements;
    uint32_t restatement_count;
    const struct objective_report *restated; /* as of all that came in since; NULL with none */
};

/* The highest of what fires: page, ticket, silent (which has no burn, and never freezes) or none. */
const char *report_alert_word(const struct objective_report *report);

/* Do both say the same of the window: what was counted, how it was judged? Alerts, incidents' own
 * figures and lateness aside. */
bool report_same_figure(const struct objective_report *a, const struct objective_report *b);

/* The measure under the agreement's own policy. */
static inline const struct measure *report_measure(const struct objective_report *report)
{
    return &report->by_policy[report->agreement->maintenance];
}

#endif
