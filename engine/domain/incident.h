/* What is known of incidents and of the states of services, and the spans of time that follow from
 * it.
 *
 * An incident is the fold of its events by (time, position), not by arrival: `open` after
 * `resolved` is the same incident with another interval; `cancelled` removes all before it as if it
 * had never been; promotion is `nature: actual` with its true start; a `resolved` of something
 * unknown is a closed incident. A `state` event holds until the next one of the same service.
 * Source: SEMANTICS sections 3 and 4.
 *
 * A ledger grows with the number of incidents, not of requests. One owner thread; allocates on
 * growth.
 */
#ifndef DOMAIN_INCIDENT_H
#define DOMAIN_INCIDENT_H

#include "domain/event.h"
#include "domain/span_set.h"

/* One stretch of an incident. end_ns INT64_MAX: still open. */
struct incident_interval {
    struct span span;
    int64_t actual_from_ns; /* its start; INT64_MAX while the incident is potential */
};

struct incident_event {
    int64_t time_ns;
    uint64_t position;
    int64_t started_at_ns; /* TIME_NONE: absent */
    enum incident_state state;
    enum nature nature;
    enum severity severity;
    bool complaint;
    uint32_t customer;  /* name; NAME_NONE: not said */
    uint32_t *services; /* names; none: not said */
    uint32_t service_count;
    uint32_t *components; /* names; none: not said */
    uint32_t component_count;
    char *title; /* NULL: not said */
};

struct incident {
    uint32_t id;                   /* name */
    struct incident_event *events; /* sorted by (time, position) */
    uint32_t event_count;
    uint32_t event_size;
    uint64_t position; /* of its last event */

    /* Folded; the last word of the events holds: */
    uint32_t customer; /* name; NAME_NONE: concerns everybody */
    const uint32_t *services;
    uint32_t service_count;
    const uint32_t *components;
    uint32_t component_count;
    const char *title; /* NULL: none */
    bool cancelled;
    bool complaint;
    enum severity severity;
    enum nature nature;
    bool promoted;           /* was potential before it was actual */
    int64_t acknowledged_ns; /* INT64_MAX: not yet */
    struct incident_interval *intervals;
    uint32_t interval_count;
    uint32_t interval_size;
};

struct incident_ledger {
    struct incident *incidents; /* in order of their first event */
    uint32_t count;
    uint32_t size;
    uint32_t *slots; /* open addressing by id: index + 1 */
    uint32_t slot_count;
};

/* A bound against floods of made-up ids; more are refused and counted by the caller. */
#define INCIDENTS_MAX (1u << 20)

void incident_ledger_fini(struct incident_ledger *ledger);
/* Folds an EVENT_INCIDENT in; STATUS_FULL at INCIDENTS_MAX. The incident it belongs to. */
must_check enum status incident_ledger_apply(struct incident_ledger *ledger,
                                             const struct event *event, struct text extra,
                                             uint64_t position, struct incident **incident_out);
struct incident *incident_find(const struct incident_ledger *ledger, uint32_t id);
bool incident_names_service(const struct incident *incident, uint32_t service);
bool incident_names_component(const struct incident *incident, uint32_t component);
bool incident_is_open(const struct incident *incident, int64_t at_ns);

/* The states of one service or component over time. */
struct state_point {
    int64_t time_ns;
    uint64_t position;
    enum service_state state;
    enum service_state previous;
};

struct state_line {
    uint32_t service; /* or component */
    bool of_component;
    int64_t stale_after_ns;     /* a state holds for at most so long; 0: until the next one */
    uint32_t customer;          /* whom it concerns; NAME_NONE: everybody */
    struct state_point *points; /* sorted by (time, position) */
    uint32_t count;
    uint32_t size;
};

/* Why a stretch of time has its state. */
enum stretch_reason {
    STRETCH_SAID,   /* the event at its start said so */
    STRETCH_BEFORE, /* before the first event */
    STRETCH_LOST,   /* the event at its end says that nobody knows what was before it */
    STRETCH_STALE,  /* what was said holds no longer */
};

/* From one event to the next, or a part of it. */
struct state_stretch {
    struct span span;
    enum service_state state; /* SERVICE_STATE_NONE: nobody ever said */
    enum stretch_reason reason;
    uint64_t position; /* of the event that says so */
};

typedef void state_visit(void *context, const struct state_stretch *stretch);

void state_line_fini(struct state_line *line);
/* All stretches in order of time. Before its first event the state was what that event gives as
 * `previous`; else, where current_at_ns is not TIME_NONE, what it is at that instant [Icinga DB];
 * else nobody knows it. */
void state_line_walk(const struct state_line *line, int64_t current_at_ns, state_visit *visit,
                     void *context);
void state_line_apply(struct state_line *line, const struct event *event, uint64_t position);
/* Adds the spans in which the service was down, or unknown, and of the unknown ones those that an
 * event declared. */
void state_line_spans(const struct state_line *line, int64_t current_at_ns, struct span_set *down,
                      struct span_set *unknown, struct span_set *declared);

#endif
