/* A set of agreements as of an instant: of every name the version that is in force then, or at the
 * end of the window that is asked for. Borrows from the documents; cheap. */
#ifndef EVALUATE_SET_AT_H
#define EVALUATE_SET_AT_H

#include "evaluate/series.h"

struct set_at {
    struct agreement_set set;
    struct agreement *agreements; /* owned */
};

/* asked: NULL for none; a window that has not ended at at_ns is judged up to at_ns. */
must_check enum status set_at_open(struct set_at *at, const struct agreement_set *documents,
                                   const struct asked_window *asked, int64_t at_ns);
void set_at_close(struct set_at *at);

#endif
