/* Alerts of weighted composites below the coverage floor: like those of any objective (freeze.h)
 * they have the levels of the last instant at which coverage was at least the floor. A composite is
 * as covered as its least covered member of which anything is known, so that instant is the last at
 * which every one of them was; between the instants of its members it goes back and forth until
 * they agree. */
#ifndef EVALUATE_COMPOSITION_FREEZE_H
#define EVALUATE_COMPOSITION_FREEZE_H

#include "evaluate/composition.h"

/* Does nothing unless the report's coverage is below the floor. Brought up. */
void composition_freeze(struct evaluator *evaluator, struct composition *composition,
                        struct objective_report *report);

#endif
