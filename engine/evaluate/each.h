/* `customer: each`: one agreement of the documents becomes one for every customer that was heard of.
 *
 *   set of the documents     events of its services           the set that is judged
 *   [a, b: each, c]       +  customers x, y of b's      ──►   [a, b (no objectives), c, b of x, b of y]
 *
 * Places of the documents' agreements stay what they are; what is added follows, by agreement and
 * then by the customer's name. A customer is heard of in a request, an incident or a state that
 * names one of the services; without a customer an event counts for nobody's. Bounded by the table
 * of names. One thread; cold.
 */
#ifndef EVALUATE_EACH_H
#define EVALUATE_EACH_H

#include "domain/batch.h"
#include "evaluate/routing.h"

struct each {
    const struct agreement_set *documents;
    struct routing routing; /* of all its agreements */
    /* Which customer (name) was heard of by which agreement: an open-addressed table. */
    struct each_pair {
        uint32_t agreement;
        uint32_t customer; /* NAME_NONE: free */
    } * pairs;
    uint32_t pair_count;
    uint32_t pair_size; /* a power of two */
    struct agreement_set set;
    struct agreement *earlier; /* versions of theirs that are in force no more */
    struct agreement *agreements;
    char *customers; /* their names as strings */
};

/* documents, names: borrowed for life. */
must_check enum status each_open(struct each *each, const struct agreement_set *documents,
                                 const struct name_table *names);
void each_close(struct each *each);
/* Does any document say `customer: each`? Else each_set gives back the documents' own. */
bool each_is_needed(const struct agreement_set *documents);

/* Hears of the customers of a batch whose names are resolved. */
must_check enum status each_hear(struct each *each, const struct batch *batch);
/* The set to judge by; it lives until each_close, and each_hear is not called any more. */
must_check enum status each_set(struct each *each, const struct agreement_set **set_out);

#endif
