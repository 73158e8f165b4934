#include "api/figures.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/panic.h"

static void count_incidents(struct figures *figures, const struct incident_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->count; i++) {
        const struct incident *incident = &ledger->incidents[i];
        if (!incident->cancelled && incident_is_open(incident, figures->query.at_ns)) {
            figures->incidents_open[incident->nature][incident->severity]++;
        }
    }
}

/* Every worker sees every event: the first one's counters and ledger are those of all. Its rows are
 * its own. */
static void take_figures(struct work_query *query, struct evaluator *evaluator,
                         uint32_t shard_index)
{
    struct figures *figures = (struct figures *)query;
    struct row_bytes rows = evaluator_row_bytes(evaluator);
    /* Relaxed: read when all workers have answered. */
    atomic_fetch_add_explicit(&figures->row_memory, rows.memory, memory_order_relaxed);
    atomic_fetch_add_explicit(&figures->row_store, rows.store, memory_order_relaxed);
    if (shard_index != 0) {
        return;
    }
    figures->position = evaluator_position(evaluator);
    evaluator_counters(evaluator, &figures->counters);
    count_incidents(figures, evaluator_incidents(evaluator));
    figures->service_count = evaluator_service_count(evaluator);
    figures->services = calloc((size_t)figures->service_count + 1, sizeof(*figures->services));
    assert(figures->services != NULL);
    for (uint32_t i = 0; i < figures->service_count; i++) {
        evaluator_service(evaluator, i, &figures->services[i]);
    }
}

bool figures_ask(struct request *request, struct figures *figures_out)
{
    *figures_out = (struct figures){.query = {.run = take_figures}};
    return ask_workers(request, &figures_out->query);
}

void figures_fini(struct figures *figures)
{
    free(figures->services);
    figures->services = NULL;
}
