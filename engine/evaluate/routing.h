/* Whom a service's requests concern: from the name of a service to the agreements of this shard,
 * built when a name is first asked for and remembered.
 *
 * The stored name may be a host that a `match` rule, younger than the event, gives to the service;
 * rules on path or tag can only be applied where the record was decoded. One owner thread.
 */
#ifndef EVALUATE_ROUTING_H
#define EVALUATE_ROUTING_H

#include "domain/agreement.h"
#include "domain/name.h"

/* A service's requests count for these. */
struct target {
    uint32_t resident; /* place in the list of agreements that routing_init was given */
    uint32_t service;  /* index within the agreement */
    /* Filled in by counting.c: the series of the objectives of a plain agreement (gate.h); 0: none. */
    uint32_t series_first;
    uint32_t series_count;
};

struct route {
    uint32_t first; /* in targets */
    uint32_t count;
    uint32_t service; /* place in `services` + 1; 0: no document names it */
};

struct routing {
    const struct agreement_set *set;
    const struct name_table *names;
    /* Of the shard, each behind its earlier versions; owned. */
    const struct agreement **agreements;
    uint32_t *places; /* which agreement of the set each of them is, or is a version of; owned */
    uint32_t agreement_count;
    const char **services; /* that any document or agreement of the set names; sorted; owned */
    uint32_t service_count;
    const struct service_document **documents; /* of each of them; NULL: it has none; owned */
    /* Whom each of them concerns: from subject_first[i] to subject_first[i + 1]. */
    struct target *subjects;
    uint32_t *subject_first;
    uint32_t *route_of_name; /* route + 1; 0: not looked up; lazily backed */
    size_t route_of_name_size;
    struct route *routes;
    uint32_t route_count;
    uint32_t route_size;
    struct target *targets;
    uint32_t target_count;
    uint32_t target_size;
};

/* Agreements belong to shards (agreement_shard); one that says `customer: each` has customers in all of
 * them. */
static inline bool routing_is_of_shard(const struct agreement_set *set, uint32_t place,
                                       uint32_t shard_index, uint32_t shard_count)
{
    return agreement_shard(set, place, shard_count) == shard_index ||
           set->agreements[place].each_customer;
}

/* Of the agreements of the set that belong to the shard, in its order, each behind its earlier
 * versions. */
must_check enum status routing_init(struct routing *routing, const struct agreement_set *set,
                                    const struct name_table *names, uint32_t shard_index,
                                    uint32_t shard_count);
void routing_fini(struct routing *routing);
/* NULL: the service has none. */
const struct service_document *routing_document(const struct routing *routing, struct text service);
/* Valid until the next call. */
const struct route *routing_of(struct routing *routing, uint32_t name);

#endif
