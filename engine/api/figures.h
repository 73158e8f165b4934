/* What the workers know beside the reports, taken from all of them at one position: counters,
 * services, open incidents. For /v1/status, /v1/services and /metrics. */
#ifndef API_FIGURES_H
#define API_FIGURES_H

#include "api/handlers.h"

struct figures {
    struct work_query query; /* first: the workers hand it back */
    uint64_t position;
    struct evaluator_counters counters;
    struct service_figures *services;
    uint32_t service_count;
    _Atomic uint64_t row_memory; /* bytes of old rows of all workers, in memory ... */
    _Atomic uint64_t row_store;  /* ... and beside the log */
    uint64_t incidents_open[NATURE_COUNT][SEVERITY_COUNT];
};

/* False: answered with 503. */
bool figures_ask(struct request *request, struct figures *figures_out);
void figures_fini(struct figures *figures);

#endif
