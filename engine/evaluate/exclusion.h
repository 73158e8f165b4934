/* The register of exclusions: time that the parties agree not to count, entered after the fact, of
 * an incident or of services from a start to an end.
 *
 * What is said of one id folds by (time, position), whatever the order of arrival: the last state
 * holds, and the last word on what it is about; an event that names the id alone (`approved`,
 * `rejected`, ...) leaves what was said before. Of what nobody ever said what it is about, it is the
 * incident of the same id: what the engine itself proposes (proposals.h) is decided so. Only `approved` changes figures: what is disputed
 * after it was approved counts again until it is approved anew. Source: SEMANTICS section 10.
 *
 * The time of an excluded incident is all its actual time, also where another incident overlaps it:
 * per instant, `excluded` comes before `bad` (SEMANTICS section 3).
 */
#ifndef EVALUATE_EXCLUSION_H
#define EVALUATE_EXCLUSION_H

#include "domain/incident.h"
#include "domain/span_set.h"

/* When something was said; the later one holds. */
struct said {
    int64_t time_ns;
    uint64_t position;
};

struct exclusion {
    uint32_t id; /* name */
    struct said state_said;
    enum exclusion_state state;
    struct said subject_said;
    uint32_t incident;  /* name; NAME_NONE: of services */
    uint32_t customer;  /* name; NAME_NONE: everybody's */
    uint32_t *services; /* names */
    uint32_t service_count;
    struct span span;
    struct said reason_said;
    char *reason; /* NULL: none given */
    struct said author_said;
    char *author; /* NULL: none given */
};

struct exclusion_register {
    struct exclusion *entries;
    uint32_t count;
    uint32_t size;
};

void exclusion_register_fini(struct exclusion_register *list);
/* An EVENT_EXCLUSION. */
void exclusion_apply(struct exclusion_register *list, const struct event *event, struct text extra,
                     uint64_t position);
/* By its id, a name; NULL: nothing was said of it. */
const struct exclusion *exclusion_find(const struct exclusion_register *list, uint32_t id);
/* The incident that the entry is about, a name; NAME_NONE: it is about services. */
static inline uint32_t exclusion_incident(const struct exclusion *entry)
{
    return entry->incident != NAME_NONE ? entry->incident
           : entry->service_count != 0  ? NAME_NONE
                                        : entry->id;
}
/* Is the entry approved, for an agreement with this customer (!has_customer: for all)? */
bool exclusion_is_approved(const struct exclusion *entry, bool has_customer, uint32_t customer);
/* Is an exclusion of the incident approved, for an agreement with this customer (!has_customer: for
 * all)? */
bool exclusion_of_incident(const struct exclusion_register *list, uint32_t incident,
                           bool has_customer, uint32_t customer);
/* Sets mask to the approved time of the service, for an agreement with this customer, normalized.
 * An incident that is still open excludes without end. */
void exclusion_mask(const struct exclusion_register *list, const struct incident_ledger *incidents,
                    uint32_t service, bool has_customer, uint32_t customer, struct span_set *mask);
/* Adds what one entry excludes of the service, if it is approved. */
void exclusion_add(const struct exclusion *entry, const struct incident_ledger *incidents,
                   uint32_t service, bool has_customer, uint32_t customer, struct span_set *mask);
/* The entry that excludes the service at the instant; NULL: none does. */
const struct exclusion *exclusion_at(const struct exclusion_register *list,
                                     const struct incident_ledger *incidents, uint32_t service,
                                     bool has_customer, uint32_t customer, int64_t ns);

#endif
