/* One incident as the ledger has it, copied out of a worker so that it can be written on another
 * thread. */
#ifndef API_INCIDENT_VIEW_H
#define API_INCIDENT_VIEW_H

#include "base/text_buffer.h"
#include "domain/agreement.h"
#include "domain/incident.h"
#include "domain/name.h"

struct incident_view {
    uint32_t id; /* names */
    uint32_t customer;
    uint32_t *services;
    uint32_t service_count;
    struct incident_interval *intervals;
    uint32_t interval_count;
    char *title; /* or NULL */
    enum nature nature;
    enum severity severity;
    int64_t acknowledged_ns;
    uint64_t position; /* of its last event */
    bool cancelled;
    bool complaint;
    bool promoted; /* it was potential before it was actual */
};

void incident_view_take(struct incident_view *view, const struct incident *incident);
void incident_view_fini(struct incident_view *view);
/* The object of CONTRACT section 6, as of at_ns. concerns: per agreement of the set. */
void incident_view_json(const struct incident_view *view, const struct name_table *names,
                        const struct agreement_set *set, const bool *concerns, int64_t at_ns,
                        struct text_buffer *out);

/* A scheduled delivery that did not come: an incident that nobody sent. */
struct missed_view {
    const struct agreement *agreement;
    const struct standing_request *request;
    struct span span;
};

/* `acme-reports/weekly/20260608T040000Z`, with `@` and its customer where there is one for each. */
void missed_view_id(const struct missed_view *view, struct text_buffer *out);
/* The same object; "standing" names the request, and "position" is null. */
void missed_view_json(const struct missed_view *view, int64_t at_ns, struct text_buffer *out);

#endif
