/* One item of evidence: something in the log or in the documents, and what it makes of a figure.
 *
 * A figure is a handful of sums (bad, excluded, unknown, out of scope); each finding names the sum
 * it adds to and its share. Shares are disjoint: the findings of a sum add up to it exactly. What is
 * good is not itemised. A finding that adds nothing (an incident that another one covers, a
 * maintenance beyond the allowance) is told with a share of 0, so that nobody has to ask for it.
 *
 * evaluate/ finds them, report/ prints them. Texts are borrowed from the evaluator and the name
 * table; TEXT_NONE where nothing was said. Source: SEMANTICS section 13.
 */
#ifndef DOMAIN_FINDING_H
#define DOMAIN_FINDING_H

#include "domain/report.h"

enum finding_type {
    FINDING_REQUEST,
    FINDING_INCIDENT,
    FINDING_STATE,       /* of a service or component: down or unknown */
    FINDING_SILENCE,     /* no sign where some are expected */
    FINDING_ENGINE_DOWN, /* the engine itself was not running */
    FINDING_MAINTENANCE,
    FINDING_EXCLUSION,
    FINDING_HOURS, /* outside the service hours */
    FINDING_SLICE,
    FINDING_ROUNDING, /* what the contract's rounding adds to the outages */
    FINDING_MEMBER,   /* of a composite */
    FINDING_OTHER,    /* time that nothing above accounts for */
    FINDING_TYPE_COUNT,
};

/* The sum that a share belongs to. */
enum finding_sum {
    FINDING_SUM_BAD,
    FINDING_SUM_EXCLUDED,
    FINDING_SUM_UNKNOWN,
    FINDING_SUM_OUT_OF_SCOPE,
};

struct finding {
    enum finding_type type;
    enum finding_sum sum;
    enum budget_unit unit; /* of the share */
    uint64_t share;
    bool has_position;
    uint64_t position; /* of the first event (requests), of the one that says so (others) */
    struct span span;  /* inside the window; of requests: up to when the last one happened */

    /* Requests */
    uint16_t status;
    enum outcome outcome;
    enum aside aside;      /* of excluded ones */
    bool corrected;        /* by an `outcome` event ... */
    uint64_t corrected_at; /* ... at this position */

    /* Slices: the requests in it, and of ratio_timeslices and members what it lacks of 1, in
     * RATIO_ONE */
    struct measure requests;
    uint64_t lacking;
    uint64_t weight; /* of a member, in parts of WEIGHT_ONE */

    enum severity severity; /* of incidents and states */
    bool is_proposed;       /* an exclusion that nobody has decided about: of no weight */
    struct text id;
    struct text service;
    struct text component;
    struct text incident; /* that an exclusion is about */
    struct text reason;
    struct text author;
};

/* Findings come in a fixed order: the same question at the same position gives the same sequence.
 * false: enough. */
typedef bool finding_take(void *context, const struct finding *finding);

#endif
