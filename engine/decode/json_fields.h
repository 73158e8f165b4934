/* The known keys of one JSON record: found in a single pass, read afterwards by whoever knows the
 * kind.
 *
 * Two steps, because what a field means depends on `kind`, which may stand last:
 *   1. json_fields_read walks the object once, checks all of its grammar, and notes where the value
 * of each known key is. Unknown keys are passed over.
 *   2. fields_name, fields_word, ... take single fields out, by the rules of their type.
 * Readers answer false when the record must be rejected; the decoder then holds reason and detail.
 * An absent field is no error: the result keeps what it was.
 */
#ifndef DECODE_JSON_FIELDS_H
#define DECODE_JSON_FIELDS_H

#include "decode/json_scan.h"
#include "domain/record.h"
#include "domain/zone.h"

struct decoder;
struct line_index;

/* Keys of at most 16 bytes. Ours first, then nginx's (WIRE section 1.4). */
#define FIELD_TABLE(X)                                                                             \
    X(KIND, "kind")                                                                                \
    X(TS, "ts")                                                                                    \
    X(ID, "id")                                                                                    \
    X(SOURCE, "source")                                                                            \
    X(SERVICE, "service")                                                                          \
    X(CUSTOMER, "customer")                                                                        \
    X(END_USER, "end_user")                                                                        \
    X(STATUS, "status")                                                                            \
    X(OUTCOME, "outcome")                                                                          \
    X(LATENCY_MS, "latency_ms")                                                                    \
    X(LATENCY_US, "latency_us")                                                                    \
    X(LATENCY_S, "latency_s")                                                                      \
    X(CLASS, "class")                                                                              \
    X(SCOPE, "scope")                                                                              \
    X(COUNT, "count")                                                                              \
    X(STATE, "state")                                                                              \
    X(CHANNEL, "channel")                                                                          \
    X(GOOD, "good")                                                                                \
    X(TOTAL, "total")                                                                              \
    X(COMPONENT, "component")                                                                      \
    X(NATURE, "nature")                                                                            \
    X(COMPLAINT, "complaint")                                                                      \
    X(SEVERITY, "severity")                                                                        \
    X(TITLE, "title")                                                                              \
    X(STARTED_AT, "started_at")                                                                    \
    X(PREVIOUS, "previous")                                                                        \
    X(OF, "of")                                                                                    \
    X(REASON, "reason")                                                                            \
    X(INCIDENT, "incident")                                                                        \
    X(START, "start")                                                                              \
    X(END, "end")                                                                                  \
    X(AUTHOR, "author")                                                                            \
    X(RRULE, "rrule")                                                                              \
    X(ZONE, "zone")                                                                                \
    X(RECEIVED, "received")                                                                        \
    X(NINES, "nines")                                                                              \
    X(HOST, "host")                                                                                \
    X(MSEC, "msec")                                                                                \
    X(TIME_ISO8601, "time_iso8601")                                                                \
    X(REQUEST_TIME, "request_time")                                                                \
    X(REQUEST_ID, "request_id")                                                                    \
    X(METHOD, "method")                                                                            \
    X(REQUEST_METHOD, "request_method")                                                            \
    X(URI, "uri")                                                                                  \
    X(REQUEST_URI, "request_uri")

#define X(name, key) FIELD_##name,
/* FIELD_NONE: how many there are, and the answer for an unknown key. */
enum field { FIELD_TABLE(X) FIELD_NONE };
#undef X

#define FIELD_BIT(name)  (UINT64_C(1) << FIELD_##name)
#define FIELD_KEY_SIZE   16
#define FIELD_SLOT_COUNT 256

_Static_assert(FIELD_NONE < 64, "one bit each, and one for unknown keys");

/* A key of up to 16 bytes as two words, zeros behind it. */
struct field_words {
    uint64_t low;
    uint64_t high;
};

struct field_slot {
    struct field_words words;
    uint32_t length;
    uint32_t field; /* FIELD_NONE: an empty slot */
};

/* From key to field: one look. The multiplier, found at decoder_open, gives every known key a slot
 * of its own. */
struct field_index {
    uint64_t multiplier;
    struct field_slot slots[FIELD_SLOT_COUNT];
};

static inline const struct field_slot *field_slot(const struct field_index *index,
                                                  struct field_words words)
{
    return &index->slots[(words.low ^ words.high) * index->multiplier >> 56];
}

struct json_fields {
    uint64_t present;
    uint64_t conflicting; /* stood twice, with different values */
    /* What the quick walk knows beyond that, else nothing: whose value is a string without escapes,
     * whose is a number; no byte of the record is above 0x7F or below 0x20. */
    uint64_t strings;
    uint64_t numbers;
    bool is_ascii;
    /* The last one: of keys of no meaning. */
    struct json_value values[FIELD_NONE + 1];
};

void field_index_init(struct field_index *index);
const char *field_key(enum field field);

/* All of bytes must be one JSON object. index: of just these bytes, or NULL. */
bool json_fields_read(struct decoder *decoder, struct text bytes, const struct line_index *index);
/* None of these fields stood twice with different values. */
bool fields_unique(struct decoder *decoder, uint64_t mask);

static inline bool fields_have(const struct json_fields *fields, enum field field)
{
    return (fields->present >> field & 1) != 0;
}

/* Any string, unescaped. The text points into the input or the decoder's scratch memory. Read each
 * field at most once: the scratch memory is as large as one record. */
bool fields_string(struct decoder *decoder, enum field field, struct text *text_out);
/* A name or id: at most NAME_BYTES_MAX bytes of UTF-8 without NUL; "" is as good as absent. */
bool fields_name(struct decoder *decoder, enum field field, struct text *name_out);
/* A name or a list of at most RECORD_LIST_MAX names. */
bool fields_names(struct decoder *decoder, enum field field, struct text *names,
                  uint32_t *count_out);
/* A word of a vocabulary; `from` answers -1 for others, which are rejected naming `words`. */
bool fields_word(struct decoder *decoder, enum field field, int (*from)(struct text word),
                 const char *words, int *value_out);
bool fields_boolean(struct decoder *decoder, enum field field, bool *value_out);
bool fields_integer(struct decoder *decoder, enum field field, uint64_t low, uint64_t high,
                    uint64_t *value_out);
/* A decimal >= 0 whose unit is 10^scale ns, rounded down to whole ns. */
bool fields_duration(struct decoder *decoder, enum field field, uint32_t scale, uint64_t *ns_out);
/* RFC 3339, or an epoch number, also as a string. */
bool fields_time(struct decoder *decoder, enum field field, int64_t *ns_out);

/* The same, or a time without an offset, as the clocks of the zone show it (NULL: UTC). One that they
 * skip is the instant that it would be had they not been changed [RFC 5545 3.3.5]; *skipped_out. */
bool fields_local_time(struct decoder *decoder, enum field field, const struct zone *zone,
                       int64_t *ns_out, bool *skipped_out);

/* Rejections in the same words everywhere. */
bool fields_missing(struct decoder *decoder, enum field field);
bool fields_wrong_type(struct decoder *decoder, enum field field, const char *expected);

#endif
