/* Alerts below the coverage floor: they keep the levels of the last instant at which coverage was
 * at least the floor, computed from the data of today. Source: SEMANTICS section 8.
 *
 * Between two edges of what coverage is made of it changes evenly with time, so the instant is
 * found by halving; slices change one at a time. Requests are counted anew for that instant from
 * the raw events, once: the levels are remembered until something older than it changes. */
#ifndef EVALUATE_FREEZE_H
#define EVALUATE_FREEZE_H

#include "evaluate/evaluator_state.h"

/* Does nothing unless the report's coverage is below the floor. Its series and timeline are up to
 * date. Where raw events cannot be read the levels stay those of the data at hand. */
void freeze_alerts(struct evaluator *evaluator, uint32_t index, struct objective_report *report);

/* For what is made of several series (composition.h): what is looked for besides coverage of at
 * least the objective's floor. */
enum freeze_knowledge {
    FREEZE_ANY,        /* nothing: where there is nothing to know all of it is covered */
    FREEZE_OR_UNKNOWN, /* or nothing at all is known */
    FREEZE_KNOWN,      /* and something is known */
};
/* The last such instant of the versions up to `until`; INT64_MIN: there is none. */
int64_t freeze_last_covered(const struct measured *versions, uint32_t count, int64_t until_ns,
                            enum freeze_knowledge knowledge);
/* What is to be judged of them as of an instant. False: raw events cannot be read. */
bool freeze_measure(struct evaluator *evaluator, const struct measured *versions, uint32_t count,
                    int64_t ns, struct objective_report *report_out, struct evidence *evidence_out,
                    struct earlier_parts *earlier_out);
/* Which pairs fire, a bit each; and making them so. */
uint32_t freeze_levels(const struct objective *objective, const struct judgement *judgement);
void freeze_set_levels(const struct objective *objective, uint32_t levels,
                       struct judgement *judgement);

#endif
