/* Why time was bad, excluded or unknown: the incidents, states, silences, maintenances, exclusions
 * and hours that a timeline is made from, one by one, each with the event that says so.
 *
 * A timeline unites and forgets; this list keeps apart what was united. It reads the same sources
 * and calls the same code, so that the union of what causes reach is the timeline's set. For
 * evidence only: built when somebody asks. One owner.
 */
#ifndef EVALUATE_CAUSES_H
#define EVALUATE_CAUSES_H

#include "domain/finding.h"
#include "evaluate/evaluator_state.h"

struct cause {
    struct finding finding; /* but for its share; its span is not clipped */
    /* Of its span only this counts: where a component's failure interferes, what an allowance
     * covers; NULL: all of it. */
    const struct span_set *within;
};

struct cause_list {
    struct cause *causes;
    uint32_t count;
    uint32_t size;
    struct cause_rooms *rooms; /* what `within` points to */
};

void cause_list_fini(struct cause_list *list);

/* Adds to the list for the series' agreement, sorted among themselves by start, position and id; what is left out
 * by its reasons (maintenance, exclusions, hours: the first that holds is the one told), then by
 * start. The series' timeline is fresh and outlives the list. window: bounded; hours are laid out
 * inside it. */
void causes_of_bad(struct cause_list *list, struct evaluator *evaluator, uint32_t index);
void causes_of_left_out(struct cause_list *list, struct evaluator *evaluator, uint32_t index,
                        struct span window);
/* What is proposed and not decided (proposals.h): none of it counts. */
void causes_of_proposals(struct cause_list *list, struct evaluator *evaluator, uint32_t index);
/* declared_only: for methods that count requests, for which only an event that says `unknown`,
 * silence and the engine's own downtime are gaps. */
void causes_of_unknown(struct cause_list *list, struct evaluator *evaluator, uint32_t index,
                       bool declared_only);
/* Of the causes from `first` on only what the set holds of the span counts. */
void causes_keep_within(struct cause_list *list, uint32_t first, const struct span_set *set,
                        struct span span);

#endif
