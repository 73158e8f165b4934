/* What OpenSLO documents say, before they are tied together: objects name each other, across files
 * and in any order, so nothing can be judged until all are read. Places are kept for what is found
 * wrong later. All memory is the draft's.
 */
#ifndef CATALOG_OPENSLO_OBJECTS_H
#define CATALOG_OPENSLO_OBJECTS_H

#include "catalog/problems.h"
#include "domain/agreement.h"

/* `indicatorRef: x`; name NULL: there is none. */
struct openslo_reference {
    const char *name;
    struct place place;
};

/* An SLI, of its own or inline. */
struct openslo_indicator {
    const char *name; /* NULL where it is inline */
    bool well;        /* else what is wrong was said */
    bool is_threshold;
    int64_t unit_ns; /* thresholdMetric: what its values are measured in */
    struct good_rule good;
    struct total_rule total;
};

/* An AlertCondition. */
struct openslo_condition {
    const char *name;
    bool well;
    bool quiet;    /* op: lt or lte, which make no alert */
    bool or_equal; /* op: gte */
    struct alert_pair pair;
    struct place place;
    struct place threshold_place;
    struct place lookback_place;
};

/* An AlertPolicy. */
struct openslo_policy {
    const char *name;
    bool well;
    bool quiet;                                /* alertWhenBreaching: false */
    const struct openslo_condition *condition; /* inline; NULL: the reference */
    struct openslo_reference condition_ref;
};

/* One of alertPolicies. */
struct openslo_policy_use {
    const struct openslo_policy *policy; /* inline; NULL: the reference */
    struct openslo_reference reference;
};

enum openslo_op { OP_NONE, OP_LT, OP_LTE, OP_GT, OP_GTE };

struct openslo_objective {
    struct objective objective;                /* all but what its indicator and the alerts say */
    const struct openslo_indicator *indicator; /* its own, inline */
    struct openslo_reference indicator_ref;    /* its own */
    struct place place;
    enum openslo_op op;
    struct place op_place;
    bool has_value;
    int64_t value_billionths;
    struct place value_place;
    int64_t weight_billionths; /* compositeWeight; 0: not given */
    struct place weight_place;
};

struct openslo_slo {
    struct agreement agreement; /* all but its objectives */
    bool well;
    struct place place;
    struct openslo_reference service;
    const struct openslo_indicator *indicator;
    struct openslo_reference indicator_ref;
    struct place indicator_place;     /* of either */
    struct objective composite_frame; /* what an objective over its window is by default */
    struct openslo_objective *objectives;
    uint32_t objective_count;
    struct openslo_policy_use *policies;
    uint32_t policy_count;
};

/* Pointers to all objects with a name. */
struct openslo_list {
    void **objects; /* each begins with its name */
    uint32_t count;
    uint32_t capacity;
};

struct openslo {
    struct openslo_list indicators;
    struct openslo_list conditions;
    struct openslo_list policies;
    struct openslo_list slos;
};

#endif
