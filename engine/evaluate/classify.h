/* How one request counts for one objective. Pure. Source: SEMANTICS section 3: out of scope, else
 * excluded (by sender or map, by maintenance, by an approved exclusion, outside service hours,
 * outside the term: the first of these that holds is the reason told), else bad or good by the
 * objective's rule. */
#ifndef EVALUATE_CLASSIFY_H
#define EVALUATE_CLASSIFY_H

#include "domain/agreement.h"
#include "domain/name.h"
#include "evaluate/counter.h"

/* One event may carry many requests, some good and some bad. */
struct class_counts {
    enum counter first;
    enum counter second;
    uint64_t first_count;
    uint64_t second_count; /* 0 for most */
};

/* What is known of the instant at which a request occurred, as one agreement sees its service. */
struct aside_masks {
    bool maintenance;
    bool exclusion; /* approved after the fact */
    bool off_hours;
};

struct class_counts classify_request(const struct agreement *agreement,
                                     const struct objective *objective, struct aside_masks masks,
                                     const struct event *event);
/* The last step of it: of a request that nothing sets aside. */
struct class_counts classify_by_rule(const struct good_rule *rule, const struct event *event);
/* Neither set aside by its sender nor told to be out of scope. */
static inline bool classify_is_valid(const struct event *event)
{
    return (event->flags & EVENT_OUT_OF_SCOPE) == 0 && event->outcome != OUTCOME_EXCLUDED;
}
/* Judged by its status alone, where the rule is the default one. */
static inline bool classify_is_bare(const struct event *event)
{
    return (event->flags & EVENT_COUNTED) == 0 && event->outcome == OUTCOME_NONE;
}
/* Does the objective count such requests at all? */
bool classify_takes(const struct total_rule *total, const struct event *event,
                    const struct name_table *names);
/* What was to be answered within a limit: `life` is from its start to the instant to which it
 * belongs (domain/promise.h), the masks are those of its start. Out of hours its clock stood, which
 * leaves it in. */
struct class_counts classify_case(const struct agreement *agreement,
                                  const struct objective *objective, struct aside_masks masks,
                                  struct span life, bool kept, uint64_t weight);
/* By the default rule (the sender's word, else status below 500): for counters per service. */
struct class_counts classify_plainly(const struct event *event);

#endif
