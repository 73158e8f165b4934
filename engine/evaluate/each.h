/* `customer: each`: one agreement of the documents becomes one for every customer that is heard of.
 *
 *   set of the documents     events of its services           the set that is judged
 *   [a, b: each, c]       +  customers x, y of b's      ──►   [a, b (no objectives), c, b of x, b of y]
 *
 * Places of the documents' agreements stay what they are, and so do those of what is added, in the
 * order in which customers are heard of: the set only grows, and the same log gives the same set. A
 * customer is heard of in a request, an incident or a state that names one of the services; without
 * a customer an event counts for nobody's.
 *
 * Who gives batches to the judges (the commit thread, a replay, a reload) lets this hear them first;
 * judges then admit what was added (evaluator_admit), so that they count a customer from its very
 * first event on. Readers take a view.
 *
 * Bounded by `series_max`: beyond it a customer gets no agreement, and its events are counted in
 * each_refused. They still count for pooled agreements.
 *
 * field             written by      read by    order
 * count             who hears       anybody    release / acquire [E]: the agreements below it are there
 * refused           who hears       anybody    relaxed: a counter
 */
#ifndef EVALUATE_EACH_H
#define EVALUATE_EACH_H

#include "domain/batch.h"
#include "domain/name.h"
#include "domain/report.h"

/* Series that `customer: each` may make, when nothing else is said. */
#define EACH_SERIES_MAX 100000

/* Where an added agreement comes from. */
struct each_member {
    uint32_t document; /* place of the agreement that says `each` */
    uint32_t customer; /* name */
};

struct each;

/* documents, names: borrowed for life. */
must_check enum status each_open(struct each **each_out, const struct agreement_set *documents,
                                 const struct name_table *names, uint32_t series_max);
void each_close(struct each *each);

/* Does any document say `customer: each`? */
bool each_is_needed(const struct each *each);
/* Hears of the customers of a batch whose names are resolved. One thread at a time. */
void each_hear(struct each *each, const struct batch *batch);

/* As the documents wrote them. */
const struct agreement_set *each_documents(const struct each *each);
/* How many agreements the set has by now; never fewer later. */
uint32_t each_count(const struct each *each);
/* The first `count` of them as a set; it lives as long as this does. */
struct agreement_set each_view(const struct each *each, uint32_t count);
/* Of an agreement that was added: place >= documents' count. */
const struct each_member *each_member(const struct each *each, uint32_t place);
/* The most series that the set will ever have. */
uint32_t each_series_max(const struct each *each);
/* Events whose customers got no agreement of their own. */
uint64_t each_refused(const struct each *each);

/* Series of all agreements of a view: they are numbered in its order. */
uint32_t each_series_count(const struct agreement_set *view);
/* Moves the reports that are there (by number of series) to the front, in the order in which people
 * read them: those of the documents, then what was added, by agreement and customer. */
must_check enum status each_gather(const struct agreement_set *view,
                                   struct objective_report *reports, const bool *has_report,
                                   uint32_t *count_out);

/* Is this the agreement that the document wrote? It has no objectives in the set that is judged. */
static inline bool each_is_pattern(const struct agreement *agreement)
{
    return agreement->each_customer && agreement->customer == NULL;
}
/* Or one of those that were made from it? */
static inline bool each_is_added(const struct agreement *agreement)
{
    return agreement->each_customer && agreement->customer != NULL;
}

#endif
