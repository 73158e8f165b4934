/* One thing that happened, as the engine keeps it: a fixed 64 bytes, in the log and on the way to
 * the workers.
 *
 *   offset  size  field
 *        0     8  occurred_ns       when it happened (producer's word, else time of receipt)
 *        8     8  fingerprint       of the id, for deduplication; 0: no id
 *       16     4  service           name, 0: none (an incident may name several: see extra)
 *       20     4  customer          name, 0: none
 *       24     4  subject           name: incident, maintenance or exclusion id; 0: none
 *       28     4  source            name, 0: none
 *       32     4  total             requests that this event stands for (1 unless counted)
 *       36     4  good              of them good, where EVENT_COUNTED is set
 *       40     8  latency_ns        LATENCY_NONE: not given
 *       48     4  extra_offset      in the batch's text: fields of the rarer kinds (event_extra)
 *       52     2  extra_length      0: none
 *       54     2  status            HTTP-like status, 0: none
 *       56     1  kind              enum event_kind
 *       57     1  outcome           enum outcome
 *       58     1  flags             EVENT_*
 *       59     1  state             enum request_state, incident_state, service_state, ... by kind
 *       60     1  aside             enum aside: why an `excluded` outcome was given
 *       61     1  nature            enum nature
 *       62     1  severity          enum severity
 *       63     1  previous          enum service_state, for EVENT_STATE
 *
 * Names are numbers of the name table (domain/name.h). In a batch that is not committed yet the top
 * bit marks a name that the table does not hold: the rest is its index in the batch's list of new
 * names.
 */
#ifndef DOMAIN_EVENT_H
#define DOMAIN_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define NAME_NONE      0u
#define NAME_NEW_BIT   0x80000000u
#define LATENCY_NONE   UINT64_MAX
#define NAME_BYTES_MAX 128
#define TIME_NONE      INT64_MIN

/* Vocabularies: name in C, word in NDJSON. Values are on disk: append only. */
#define EVENT_KIND_TABLE(X)                                                                        \
    X(REQUEST, "request")                                                                          \
    X(INCIDENT, "incident")                                                                        \
    X(STATE, "state")                                                                              \
    X(OUTCOME, "outcome")                                                                          \
    X(EXCLUSION, "exclusion")                                                                      \
    X(MAINTENANCE, "maintenance")                                                                  \
    X(ENGINE_DOWN, "engine_down") /* in files only: never an event of the log (domain/history.h) */
#define OUTCOME_TABLE(X)                                                                           \
    X(NONE, "")                                                                                    \
    X(GOOD, "good")                                                                                \
    X(BAD, "bad")                                                                                  \
    X(EXCLUDED, "excluded")
#define REQUEST_STATE_TABLE(X)                                                                     \
    X(NONE, "")                                                                                    \
    X(OPENED, "opened")                                                                            \
    X(PENDING, "pending")                                                                          \
    X(FULFILLED, "fulfilled")                                                                      \
    X(FAILED, "failed")                                                                            \
    X(WITHDRAWN, "withdrawn")
#define INCIDENT_STATE_TABLE(X)                                                                    \
    X(NONE, "")                                                                                    \
    X(OPEN, "open")                                                                                \
    X(ACKNOWLEDGED, "acknowledged")                                                                \
    X(RESOLVED, "resolved")                                                                        \
    X(CANCELLED, "cancelled")
#define SERVICE_STATE_TABLE(X)                                                                     \
    X(NONE, "")                                                                                    \
    X(UP, "up")                                                                                    \
    X(DOWN, "down")                                                                                \
    X(UNKNOWN, "unknown")
#define EXCLUSION_STATE_TABLE(X)                                                                   \
    X(NONE, "")                                                                                    \
    X(PROPOSED, "proposed")                                                                        \
    X(APPROVED, "approved")                                                                        \
    X(REJECTED, "rejected")                                                                        \
    X(DISPUTED, "disputed")                                                                        \
    X(WITHDRAWN, "withdrawn")
#define MAINTENANCE_STATE_TABLE(X)                                                                 \
    X(NONE, "")                                                                                    \
    X(SCHEDULED, "scheduled")                                                                      \
    X(CANCELLED, "cancelled")
#define NATURE_TABLE(X)                                                                            \
    X(NONE, "")                                                                                    \
    X(ACTUAL, "actual")                                                                            \
    X(POTENTIAL, "potential")
/* Rising: a higher value is more severe. */
#define SEVERITY_TABLE(X)                                                                          \
    X(NONE, "")                                                                                    \
    X(INFO, "info")                                                                                \
    X(MINOR, "minor")                                                                              \
    X(MAJOR, "major")                                                                              \
    X(CRITICAL, "critical")
/* Why an event is set aside (CONTRACT section 5, `excluded_by`, and `out_of_scope`). */
#define ASIDE_TABLE(X)                                                                             \
    X(MAINTENANCE, "maintenance")                                                                  \
    X(HOURS, "hours")                                                                              \
    X(TERM, "term")                                                                                \
    X(SENDER, "sender")                                                                            \
    X(EXCLUSION, "exclusion")                                                                      \
    X(CLIENT_ABORTED, "client_aborted")                                                            \
    X(NO_REQUEST, "no_request")

#define X(name, word) EVENT_##name,
enum event_kind { EVENT_KIND_TABLE(X) EVENT_KIND_COUNT };
#undef X
#define X(name, word) OUTCOME_##name,
enum outcome { OUTCOME_TABLE(X) OUTCOME_COUNT };
#undef X
#define X(name, word) REQUEST_STATE_##name,
enum request_state { REQUEST_STATE_TABLE(X) REQUEST_STATE_COUNT };
#undef X
#define X(name, word) INCIDENT_STATE_##name,
enum incident_state { INCIDENT_STATE_TABLE(X) INCIDENT_STATE_COUNT };
#undef X
#define X(name, word) SERVICE_STATE_##name,
enum service_state { SERVICE_STATE_TABLE(X) SERVICE_STATE_COUNT };
#undef X
#define X(name, word) EXCLUSION_STATE_##name,
enum exclusion_state { EXCLUSION_STATE_TABLE(X) EXCLUSION_STATE_COUNT };
#undef X
#define X(name, word) MAINTENANCE_STATE_##name,
enum maintenance_state { MAINTENANCE_STATE_TABLE(X) MAINTENANCE_STATE_COUNT };
#undef X
#define X(name, word) NATURE_##name,
enum nature { NATURE_TABLE(X) NATURE_COUNT };
#undef X
#define X(name, word) SEVERITY_##name,
enum severity { SEVERITY_TABLE(X) SEVERITY_COUNT };
#undef X
#define X(name, word) ASIDE_##name,
enum aside { ASIDE_TABLE(X) ASIDE_COUNT };
#undef X

enum event_flags {
    EVENT_COUNTED = 1,      /* `good` of `total` were given instead of an outcome */
    EVENT_OUT_OF_SCOPE = 2, /* the sender says: a mistaken request */
    EVENT_COMPLAINT = 4,    /* an incident that a customer reported */
    EVENT_STANDING = 8,     /* class: standing; else ad hoc */
};

struct event {
    int64_t occurred_ns;
    uint64_t fingerprint;
    uint32_t service;
    uint32_t customer;
    uint32_t subject;
    uint32_t source;
    uint32_t total;
    uint32_t good;
    uint64_t latency_ns;
    uint32_t extra_offset;
    uint16_t extra_length;
    uint16_t status;
    uint8_t kind;
    uint8_t outcome;
    uint8_t flags;
    uint8_t state;
    uint8_t aside;
    uint8_t nature;
    uint8_t severity;
    uint8_t previous;
};

_Static_assert(sizeof(struct event) == 64, "one cache line, no padding");
_Static_assert(offsetof(struct event, latency_ns) == 40, "see the picture above");
_Static_assert(offsetof(struct event, kind) == 56, "see the picture above");

/* The extra fields: a run of `tag u8, length u8, bytes`. Strings are cut at 255 bytes when encoded.
 * SERVICE and COMPONENT hold a name number (4 bytes) each and may repeat; times are 8 bytes of
 * nanoseconds. */
enum extra_tag {
    EXTRA_SERVICE = 1,    /* u32 name: a further service of an incident, maintenance or exclusion */
    EXTRA_COMPONENT = 2,  /* u32 name */
    EXTRA_STARTED_AT = 3, /* i64 ns */
    EXTRA_START = 4,      /* i64 ns */
    EXTRA_END = 5,        /* i64 ns */
    EXTRA_TITLE = 6,
    EXTRA_REASON = 7,
    EXTRA_AUTHOR = 8,
    EXTRA_RRULE = 9,
    EXTRA_OF = 10,       /* id of the request that an outcome corrects */
    EXTRA_INCIDENT = 11, /* u32 name: the incident that an exclusion is about */
    EXTRA_END_USER = 12,
    EXTRA_CHANNEL = 13,
    EXTRA_ID = 14,   /* the id as text, for requests with a life */
    EXTRA_ZONE = 15, /* name of the zone by whose clocks a maintenance recurs */
};

#define EXTRA_BYTES_MAX 4096

/* Walks extra fields: `at` starts at 0; false at the end or at damage. value is borrowed. */
bool event_extra_next(struct text extra, uint32_t *at, enum extra_tag *tag_out,
                      struct text *value_out);
/* Walks the names in the fields with this tag (SERVICE, COMPONENT, ...), in the same way. */
bool event_extra_name(struct text extra, uint32_t *at, enum extra_tag tag, uint32_t *name_out);
/* The first field with this tag; false when there is none. */
bool event_extra_find(struct text extra, enum extra_tag tag, struct text *value_out);
/* TIME_NONE when absent. */
int64_t event_extra_time(struct text extra, enum extra_tag tag);

const char *event_kind_word(enum event_kind kind);
const char *outcome_word(enum outcome outcome);
const char *request_state_word(enum request_state state);
const char *incident_state_word(enum incident_state state);
const char *service_state_word(enum service_state state);
const char *exclusion_state_word(enum exclusion_state state);
const char *maintenance_state_word(enum maintenance_state state);
const char *nature_word(enum nature nature);
const char *severity_word(enum severity severity);
const char *aside_word(enum aside aside);

/* The value whose word this is; -1 when there is none. "" never matches. */
int event_kind_from(struct text word);
int outcome_from(struct text word);
int request_state_from(struct text word);
int incident_state_from(struct text word);
int service_state_from(struct text word);
int exclusion_state_from(struct text word);
int maintenance_state_from(struct text word);
int nature_from(struct text word);
int severity_from(struct text word);

#endif
