/* Reading raw events again, through a small interface: what the log gives the evaluator when the
 * past has to be judged anew (a maintenance entered after the fact) or shown (evidence). The store
 * implements it in the daemon, a list of batches offline and in tests. And what the log knows
 * without an event: when the engine was not there to receive any.
 */
#ifndef DOMAIN_HISTORY_H
#define DOMAIN_HISTORY_H

#include <stdbool.h>

#include "domain/batch.h"
#include "domain/span_set.h"

/* false stops the walk. */
typedef bool history_visit(void *context, const struct batch *batch, uint32_t event_index);

struct history {
    /* Visits events with positions below position_end that occurred in [from_ns, to_ns), in log
     * order. STATUS_DAMAGED or STATUS_IO when the log cannot be read. Any thread. */
    enum status (*scan)(void *context, int64_t from_ns, int64_t to_ns, uint64_t position_end,
                        history_visit *visit, void *visit_context);
    void *context;
    /* When the engine was not running (SEMANTICS section 8): sorted, disjoint; NULL: it always was.
     * Grows at its end, and only while no evaluator is at work. */
    const struct span_set *absences;
};

#endif
