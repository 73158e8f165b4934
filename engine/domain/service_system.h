/* Service systems: which components a service requires, and when a requirement fails.
 *
 *   component's own incidents and states ─► down ─┐
 *   its requirement fails ────────────────────────┴─► failed ─► the requirements of others, services
 *
 * Pure algebra of time sets. A component outside its validity is no part of the system: `all` does
 * not ask for it, `any` and `at_least` cannot count on it, and nothing of it interferes. A
 * requirement fails only while a component has failed: what is missing for reasons of validity
 * alone interferes with nothing. Source: SEMANTICS section 1.
 *
 * Unknown needs no third value: with the sets of what is certainly down the result is what has
 * certainly failed; with what is down or unknown, what may have failed.
 */
#ifndef DOMAIN_SERVICE_SYSTEM_H
#define DOMAIN_SERVICE_SYSTEM_H

#include "domain/span_set.h"

enum requirement_kind {
    REQUIRE_COMPONENT,
    REQUIRE_ALL,
    REQUIRE_AT_LEAST, /* `any` is one of them */
};

struct requirement {
    enum requirement_kind kind;
    uint32_t component; /* REQUIRE_COMPONENT: place in the set's components */
    uint32_t at_least;  /* REQUIRE_AT_LEAST: 1 .. part_count */
    const struct requirement *parts;
    uint32_t part_count;
};

/* A `component:` document. Those that it requires stand before it in their set. */
struct component_document {
    const char *name;
    const char *owner;                  /* NULL: not said */
    struct span validity;               /* INT64_MIN .. INT64_MAX where a side is open */
    const struct requirement *requires; /* NULL: nothing */
    const char *file;
    uint32_t line;
};

/* sets: one per component, normalized. In: what each is by itself; out: what follows from those
 * that it requires, too, inside its validity. */
void service_system_spread(const struct component_document *components, uint32_t count,
                           struct span_set *sets);
/* The spans in which the requirement fails, given the spread sets; normalized. */
void requirement_failed(const struct requirement *requirement,
                        const struct component_document *components, const struct span_set *sets,
                        struct span_set *failed_out);
/* Whose failures it is that make the requirement fail: sets the spans of each component it rests
 * on, however far away, in blame (one per component, normalized). */
void requirement_blame(const struct requirement *requirement,
                       const struct component_document *components, uint32_t count,
                       const struct span_set *sets, struct span_set *blame);
/* Marks the components that the requirement rests on, however far away. needed: one per component.
 */
void requirement_needs(const struct requirement *requirement,
                       const struct component_document *components, uint32_t count, bool *needed);

#endif
