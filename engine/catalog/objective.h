/* One entry of `objectives`: the short forms `99.9%` and `99% < 300ms`, or the mapping. */
#ifndef CATALOG_OBJECTIVE_H
#define CATALOG_OBJECTIVE_H

#include "catalog/fields.h"
#include "domain/agreement.h"

/* What the agreement says for all its objectives. */
struct objective_frame {
    struct window over;
    bool over_known; /* false after a complaint: what depends on it is not checked */
    struct span term;
    bool has_customer;           /* it is one customer's, or each one's */
    enum no_data_policy no_data; /* by the profile, as is rounding */
    enum rounding rounding;
    bool composites_only; /* of a project */
};

/* What an objective is where its document says nothing. */
struct objective objective_default(const struct objective_frame *frame);
void objective_set_target(const struct reading *reading, struct objective *objective, int64_t ppb);
/* node: the value under the objective's name. objective_out is untouched after a complaint. */
bool read_objective(const struct reading *reading, const struct node *node,
                    const struct objective_frame *frame, struct objective *objective_out);

#endif
