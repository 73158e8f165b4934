/* Why a record is refused or shed: the closed list. Every discard has exactly one counter here.
 * Values are counters' places on disk: append only. */
#ifndef DOMAIN_REJECT_H
#define DOMAIN_REJECT_H

/*            name              word in counters     what a person reads */
#define REJECT_TABLE(X)                                                                            \
    X(BAD_JSON, "bad_json", "not valid JSON")                                                      \
    X(BAD_TYPE, "bad_type", "a field has the wrong type")                                          \
    X(BAD_VALUE, "bad_value", "a field has a value outside its range or vocabulary")               \
    X(BAD_TIME, "bad_time", "the time cannot be read")                                             \
    X(BAD_UTF8, "bad_utf8", "a name or id is not UTF-8")                                           \
    X(TOO_LONG, "too_long", "a name or id is longer than 128 bytes")                               \
    X(TOO_LARGE, "too_large", "the record is larger than 64 KiB")                                  \
    X(TOO_DEEP, "too_deep", "nested deeper than 16 levels")                                        \
    X(DUPLICATE_KEY, "duplicate_key", "a key stands twice with different values")                  \
    X(MISSING_FIELD, "missing_field", "a required field is missing")                               \
    X(BAD_SYSLOG, "bad_syslog", "not a valid syslog header")                                       \
    X(BAD_FRAME, "bad_frame", "a broken octet count or binary frame")                              \
    X(UNKNOWN_FORMAT, "unknown_format", "not JSON, syslog or a known access-log line")             \
    X(TRUNCATED, "truncated", "the datagram or the last line of a connection is cut off")          \
    X(EMPTY_DATAGRAM, "empty_datagram", "a datagram without bytes")                                \
    X(TLS, "tls", "a TLS hello on a plain port")                                                   \
    X(COMPRESSED, "compressed", "a compressed stream, which this input does not take")             \
    X(NAMES_FULL, "names_full", "the table of names is full (names_max)")                          \
    X(NOT_TAKEN, "not_taken", "a record of a kind that carries nothing to count")                  \
    X(NATIVE_FRAMES, "native_frames",                                                              \
      "a stream of native frames, which this version does not speak; send NDJSON")

#define X(name, word, text) REJECT_##name,
enum reject { REJECT_TABLE(X) REJECT_COUNT };
#undef X

/* Work refused for want of room; the sender was told (503) or held back. */
#define SHED_TABLE(X)                                                                              \
    X(OVERLOAD, "overload", "the commit queue is full")                                            \
    X(DRAINING, "draining", "the engine is stopping")                                              \
    X(STORAGE_FULL, "storage_full", "the disk is full")

#define X(name, word, text) SHED_##name,
enum shed { SHED_TABLE(X) SHED_COUNT };
#undef X

const char *reject_word(enum reject reject);
const char *reject_text(enum reject reject);
const char *shed_word(enum shed shed);

#endif
