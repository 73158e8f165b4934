/* Which series a question is about: all, those of an agreement, or one objective of it. Pure. */
#ifndef API_SELECTION_H
#define API_SELECTION_H

#include "api/target.h"
#include "domain/agreement.h"

struct selection {
    struct text agreement; /* TEXT_NONE: all */
    struct text objective; /* TEXT_NONE: all */
    struct text customer;  /* TEXT_NONE: all, and agreements without one */
};

bool selection_holds(const struct selection *selection, const struct agreement *agreement,
                     const struct objective *objective);
/* NULL, or the name of what does not exist: "agreement" or "objective". of_the_past: one of an earlier
 * version will do. */
const char *selection_missing(const struct selection *selection, const struct agreement_set *set,
                              bool of_the_past);
/* The agreement of this name; NULL. */
const struct agreement *agreement_find(const struct agreement_set *set, struct text name);

#endif
