/* The register of maintenance windows, each once or recurring: from documents and from events, by id; the last word (by
 * time, then position) on an id holds. Gives the mask of a service as a set of spans; what work on
 * components leaves out is maintenance_reach.h's. */
#ifndef EVALUATE_MAINTENANCE_H
#define EVALUATE_MAINTENANCE_H

#include "domain/agreement.h"
#include "domain/span_set.h"

struct maintenance_entry {
    uint32_t id; /* name; NAME_NONE: from a document */
    int64_t time_ns;
    uint64_t position;
    struct span span; /* the first occurrence */
    bool recurs;
    struct recurrence recurrence;
    const struct zone *zone; /* by whose clocks; NULL: UTC */
    int64_t *starts;         /* of its occurrences */
    uint32_t start_count;
    int64_t length_ns; /* of each */
    bool cancelled;
    uint32_t customer;  /* name */
    uint32_t *services; /* names */
    uint32_t service_count;
    uint32_t *components; /* names */
    uint32_t component_count;
    char *reason; /* of an event; NULL: none given */
    char *author;
    const struct maintenance_document *document; /* or NULL */
};

struct maintenance_register {
    struct maintenance_entry *entries;
    uint32_t count;
    uint32_t size;
    bool names_components; /* one of them does, or did */
};

void maintenance_register_fini(struct maintenance_register *list);
void maintenance_add_document(struct maintenance_register *list,
                              const struct maintenance_document *document);
/* An EVENT_MAINTENANCE. find: the zone that it names; NULL: there are none. */
void maintenance_apply(struct maintenance_register *list, const struct event *event,
                       struct text extra, uint64_t position, zone_find *find);
/* Adds the spans that mask the service (its name's number and text) for an agreement with this
 * customer (customer NAME_NONE and !has_customer: for all), normalized. */
void maintenance_mask(const struct maintenance_register *list, uint32_t service,
                      const char *service_text, bool has_customer, uint32_t customer,
                      struct span_set *mask);
/* Does the entry mask the service, for an agreement with this customer? */
bool maintenance_concerns(const struct maintenance_entry *entry, uint32_t service,
                          const char *service_text, bool has_customer, uint32_t customer);
/* Is the component (its name's number and text) worked on, for an agreement with this customer? */
bool maintenance_works_on(const struct maintenance_entry *entry, uint32_t component,
                          const char *component_text, bool has_customer, uint32_t customer);
static inline bool maintenance_names_components(const struct maintenance_entry *entry)
{
    return (entry->document == NULL ? entry->component_count : entry->document->component_count) !=
           0;
}
/* Adds all of its occurrences. */
void maintenance_add_spans(const struct maintenance_entry *entry, struct span_set *spans);
/* The entry that masks the service at the instant by its name; NULL: none does. */
const struct maintenance_entry *maintenance_at(const struct maintenance_register *list,
                                               uint32_t service, const char *service_text,
                                               bool has_customer, uint32_t customer, int64_t ns);

#endif
