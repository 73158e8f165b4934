/* One record as a sender wrote it: what a decoder found, before names become numbers.
 *
 * A decoder (decode/) fills it from bytes; ingest/ turns it into a `struct event`. Texts are
 * borrowed: they point into the input or into the decoder's scratch memory, and are valid until its
 * next call. A zero-initialised record with `occurred_ns = TIME_NONE`, `latency_ns = LATENCY_NONE`,
 * `total = 1` and `abort_after`-style judgements already applied is what record_init gives and maps
 * fill in.
 */
#ifndef DOMAIN_RECORD_H
#define DOMAIN_RECORD_H

#include "domain/event.h"

/* An incident, a maintenance or an exclusion may list this many services and components. */
#define RECORD_LIST_MAX 32

struct record {
    enum event_kind kind;
    /* TIME_NONE: the sender gave none, the time of receipt holds. */
    int64_t occurred_ns;
    /* Nothing usable in the time that was given (syslog headers, access logs): receipt holds,
     * counted. */
    bool time_unparsable;
    int64_t received_ns; /* as a file says; TIME_NONE: it does not */

    struct text service; /* the first of the list below, for kinds with lists */
    struct text customer;
    struct text end_user;
    struct text id; /* request id; or id of the incident, maintenance, exclusion */
    struct text source;
    struct text channel;

    enum outcome outcome;
    enum aside aside; /* why the outcome is EXCLUDED */
    uint16_t status;
    uint64_t latency_ns;
    uint32_t total;
    uint32_t good;
    uint8_t flags; /* enum event_flags */
    uint8_t state; /* by kind */
    uint8_t previous;
    enum nature nature;
    enum severity severity;

    struct text services[RECORD_LIST_MAX];
    uint32_t service_count;
    struct text components[RECORD_LIST_MAX];
    uint32_t component_count;
    int64_t started_at_ns; /* TIME_NONE: absent */
    int64_t start_ns;
    int64_t end_ns;
    struct text title;
    struct text reason;
    struct text author;
    struct text rrule;
    struct text zone; /* by whose clocks it recurs; length 0: UTC */
    struct text of;
    struct text incident;

    /* What `match` rules may look at. */
    struct text host;
    struct text path;
    struct text tag;

    /* Where the time stands in the input, for tools that shift times; length 0: nowhere.
     * An nginx JSON line may have two (msec and ts). */
    struct text time_tokens[2];
    uint32_t time_token_count;
};

static inline void record_init(struct record *record)
{
    *record = (struct record){
        .kind = EVENT_REQUEST,
        .occurred_ns = TIME_NONE,
        .received_ns = TIME_NONE,
        .latency_ns = LATENCY_NONE,
        .total = 1,
        .started_at_ns = TIME_NONE,
        .start_ns = TIME_NONE,
        .end_ns = TIME_NONE,
    };
}

#endif
