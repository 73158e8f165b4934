/* Our own records: the kinds and fields of CONTRACT section 3. Also the fork between them and
 * nginx's. */
#include "base/panic.h"
#include "decode/decoder.h"
#include "decode/plain_request.h"
#include "domain/recurrence.h"

#define RRULE_BYTES_MAX 255 /* what an extra field holds */

/* The words of a vocabulary for a detail; the empty one of NONE leaves a blank only. */
#define WORD(name, word) " " word

#define FIELDS_COMMON                                                                              \
    (FIELD_BIT(KIND) | FIELD_BIT(TS) | FIELD_BIT(ID) | FIELD_BIT(SOURCE) | FIELD_BIT(CUSTOMER))
#define FIELDS_LATENCY (FIELD_BIT(LATENCY_MS) | FIELD_BIT(LATENCY_US) | FIELD_BIT(LATENCY_S))
#define FIELDS_WHERE   (FIELD_BIT(SERVICE) | FIELD_BIT(COMPONENT))
#define FIELDS_SPAN    (FIELD_BIT(START) | FIELD_BIT(END))

/* What few requests have: asked for together. */
#define FIELDS_RARE                                                                                \
    (FIELD_BIT(OUTCOME) | FIELD_BIT(GOOD) | FIELD_BIT(TOTAL) | FIELD_BIT(COUNT) |                  \
     FIELD_BIT(CLASS) | FIELD_BIT(SCOPE) | FIELD_BIT(END_USER) | FIELD_BIT(CHANNEL) |              \
     FIELD_BIT(STATE))

/* What each kind reads; only these fields may not contradict themselves. */
static const uint64_t kind_fields[EVENT_KIND_COUNT] = {
    [EVENT_REQUEST] = FIELDS_REQUEST,
    [EVENT_INCIDENT] = FIELDS_COMMON | FIELDS_WHERE | FIELD_BIT(STATE) | FIELD_BIT(NATURE) |
                       FIELD_BIT(COMPLAINT) | FIELD_BIT(SEVERITY) | FIELD_BIT(TITLE) |
                       FIELD_BIT(STARTED_AT),
    [EVENT_STATE] = FIELDS_COMMON | FIELDS_WHERE | FIELD_BIT(STATE) | FIELD_BIT(PREVIOUS),
    [EVENT_OUTCOME] = FIELDS_COMMON | FIELD_BIT(OF) | FIELD_BIT(OUTCOME) | FIELD_BIT(REASON),
    [EVENT_EXCLUSION] = FIELDS_COMMON | FIELDS_WHERE | FIELDS_SPAN | FIELD_BIT(INCIDENT) |
                        FIELD_BIT(REASON) | FIELD_BIT(AUTHOR) | FIELD_BIT(STATE),
    [EVENT_MAINTENANCE] = FIELDS_COMMON | FIELDS_WHERE | FIELDS_SPAN | FIELD_BIT(RRULE) |
                          FIELD_BIT(ZONE) | FIELD_BIT(STATE) | FIELD_BIT(REASON) |
                          FIELD_BIT(AUTHOR),
    [EVENT_ENGINE_DOWN] = FIELDS_COMMON | FIELDS_SPAN,
};

static bool read_common(struct decoder *decoder, const struct envelope *envelope,
                        struct record *record)
{
    if (!fields_time(decoder, FIELD_TS, &record->occurred_ns) ||
        !fields_name(decoder, FIELD_ID, &record->id) ||
        !fields_name(decoder, FIELD_SOURCE, &record->source) ||
        !fields_name(decoder, FIELD_CUSTOMER, &record->customer)) {
        return false;
    }
    if (decoder->settings.reads_received &&
        (!fields_unique(decoder, FIELD_BIT(RECEIVED)) ||
         !fields_time(decoder, FIELD_RECEIVED, &record->received_ns))) {
        return false;
    }
    if (fields_have(&decoder->fields, FIELD_TS)) {
        record->time_tokens[0] = decoder->fields.values[FIELD_TS].raw;
        record->time_token_count = 1;
    } else {
        decoder_time_from_envelope(record, envelope);
    }
    return true;
}

/* service and component, each a name or a list. */
static bool read_where(struct decoder *decoder, struct record *record)
{
    if (!fields_names(decoder, FIELD_SERVICE, record->services, &record->service_count) ||
        !fields_names(decoder, FIELD_COMPONENT, record->components, &record->component_count)) {
        return false;
    }
    if (record->service_count != 0) {
        record->service = record->services[0];
    }
    return true;
}

static bool read_outcome(struct decoder *decoder, struct record *record)
{
    int outcome = OUTCOME_NONE;
    if (!fields_word(decoder, FIELD_OUTCOME, outcome_from, OUTCOME_TABLE(WORD), &outcome)) {
        return false;
    }
    record->outcome = (enum outcome)outcome;
    if (record->outcome == OUTCOME_EXCLUDED) {
        record->aside = ASIDE_SENDER;
    }
    return true;
}

static bool read_state(struct decoder *decoder, int (*from)(struct text word), const char *words,
                       int absent, uint8_t *state_out)
{
    int state = absent;
    if (!fields_word(decoder, FIELD_STATE, from, words, &state)) {
        return false;
    }
    *state_out = (uint8_t)state;
    return true;
}

static bool read_latency(struct decoder *decoder, struct record *record)
{
    uint64_t given = decoder->fields.present & FIELDS_LATENCY;
    if (given == FIELD_BIT(LATENCY_MS)) {
        return fields_duration(decoder, FIELD_LATENCY_MS, 6, &record->latency_ns);
    }
    if ((given & (given - 1)) != 0) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE,
                              "only one of `latency_ms`, `latency_us`, `latency_s` may be given");
    }
    return fields_duration(decoder, FIELD_LATENCY_MS, 6, &record->latency_ns) &&
           fields_duration(decoder, FIELD_LATENCY_US, 3, &record->latency_ns) &&
           fields_duration(decoder, FIELD_LATENCY_S, 9, &record->latency_ns);
}

/* `count`, or `good` of `total`. */
static bool read_counts(struct decoder *decoder, struct record *record)
{
    const struct json_fields *fields = &decoder->fields;
    uint64_t total = 1;
    uint64_t good = 0;
    if ((fields->present & (FIELD_BIT(GOOD) | FIELD_BIT(TOTAL) | FIELD_BIT(COUNT))) == 0) {
        return true;
    }
    if (!fields_integer(decoder, FIELD_COUNT, 1, UINT32_MAX, &total) ||
        !fields_integer(decoder, FIELD_TOTAL, 0, UINT32_MAX, &total) ||
        !fields_integer(decoder, FIELD_GOOD, 0, UINT32_MAX, &good)) {
        return false;
    }
    record->total = (uint32_t)total;
    if ((fields->present & (FIELD_BIT(GOOD) | FIELD_BIT(TOTAL))) == 0) {
        return true;
    }
    if (!fields_have(fields, FIELD_TOTAL) || !fields_have(fields, FIELD_GOOD)) {
        return fields_missing(decoder, fields_have(fields, FIELD_GOOD) ? FIELD_TOTAL : FIELD_GOOD);
    }
    if ((fields->present & (FIELD_BIT(COUNT) | FIELD_BIT(OUTCOME))) != 0) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE,
                              "`good` and `total` stand instead of `outcome` and `count`");
    }
    if (good > total) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE, "`good` is above `total`: %llu of %llu",
                              (unsigned long long)good, (unsigned long long)total);
    }
    record->good = (uint32_t)good;
    record->flags |= EVENT_COUNTED;
    return true;
}

static bool read_status(struct decoder *decoder, struct record *record)
{
    uint64_t status = 0;
    if (!fields_integer(decoder, FIELD_STATUS, 0, UINT32_MAX, &status) ||
        !decoder_check_status(decoder, status)) {
        return false;
    }
    record->status = (uint16_t)status;
    return true;
}

static int class_from(struct text word)
{
    return text_is(word, "adhoc") ? 0 : text_is(word, "standing") ? EVENT_STANDING : -1;
}

static int scope_from(struct text word)
{
    return text_is(word, "in") ? 0 : text_is(word, "out") ? EVENT_OUT_OF_SCOPE : -1;
}

static bool read_flags(struct decoder *decoder, struct record *record)
{
    int class = 0;
    int scope = 0;
    if (!fields_word(decoder, FIELD_CLASS, class_from, " adhoc standing", &class) ||
        !fields_word(decoder, FIELD_SCOPE, scope_from, " in out", &scope)) {
        return false;
    }
    record->flags = (uint8_t)(record->flags | class | scope);
    return true;
}

static bool read_request_fields(struct decoder *decoder, struct record *record)
{
    if ((decoder->fields.present & FIELDS_RARE) == 0) {
        return fields_name(decoder, FIELD_SERVICE, &record->service) &&
               read_status(decoder, record) && read_latency(decoder, record);
    }
    return fields_name(decoder, FIELD_SERVICE, &record->service) && read_status(decoder, record) &&
           read_outcome(decoder, record) && read_latency(decoder, record) &&
           read_counts(decoder, record) && read_flags(decoder, record) &&
           fields_name(decoder, FIELD_END_USER, &record->end_user) &&
           fields_name(decoder, FIELD_CHANNEL, &record->channel) &&
           read_state(decoder, request_state_from, REQUEST_STATE_TABLE(WORD), REQUEST_STATE_NONE,
                      &record->state);
}

static bool read_request(struct decoder *decoder, struct record *record)
{
    if (!read_request_fields(decoder, record)) {
        return false;
    }
    if (record->service.length == 0) {
        return fields_missing(decoder, FIELD_SERVICE);
    }
    if (record->state != REQUEST_STATE_NONE && record->id.length == 0) {
        return decoder_refuse(decoder, REJECT_MISSING_FIELD,
                              "a request with `state` needs an `id`");
    }
    return true;
}

static bool read_incident(struct decoder *decoder, struct record *record)
{
    bool complaint = false;
    int nature = NATURE_NONE;
    int severity = SEVERITY_NONE;
    if (!read_where(decoder, record) ||
        !read_state(decoder, incident_state_from, INCIDENT_STATE_TABLE(WORD), INCIDENT_STATE_OPEN,
                    &record->state) ||
        !fields_boolean(decoder, FIELD_COMPLAINT, &complaint) ||
        !fields_word(decoder, FIELD_NATURE, nature_from, NATURE_TABLE(WORD), &nature) ||
        !fields_word(decoder, FIELD_SEVERITY, severity_from, SEVERITY_TABLE(WORD), &severity) ||
        !fields_string(decoder, FIELD_TITLE, &record->title) ||
        !fields_time(decoder, FIELD_STARTED_AT, &record->started_at_ns)) {
        return false;
    }
    if (record->id.length == 0) {
        return fields_missing(decoder, FIELD_ID);
    }
    if (complaint) {
        /* Whoever folds it takes it for potential unless somebody said otherwise before. */
        record->flags |= EVENT_COMPLAINT;
    }
    record->nature = (enum nature)nature;
    record->severity = (enum severity)severity;
    return true;
}

static bool read_service_state(struct decoder *decoder, struct record *record)
{
    int previous = SERVICE_STATE_NONE;
    if (!read_where(decoder, record) ||
        !read_state(decoder, service_state_from, SERVICE_STATE_TABLE(WORD), SERVICE_STATE_NONE,
                    &record->state) ||
        !fields_word(decoder, FIELD_PREVIOUS, service_state_from, SERVICE_STATE_TABLE(WORD),
                     &previous)) {
        return false;
    }
    if (record->state == SERVICE_STATE_NONE) {
        return fields_missing(decoder, FIELD_STATE);
    }
    if (record->service_count == 0 && record->component_count == 0) {
        return decoder_refuse(decoder, REJECT_MISSING_FIELD,
                              "a state needs a `service` or a `component`");
    }
    record->previous = (uint8_t)previous;
    return true;
}

static bool read_correction(struct decoder *decoder, struct record *record)
{
    if (!fields_name(decoder, FIELD_OF, &record->of) || !read_outcome(decoder, record) ||
        !fields_string(decoder, FIELD_REASON, &record->reason)) {
        return false;
    }
    if (record->of.length == 0) {
        return fields_missing(decoder, FIELD_OF);
    }
    return record->outcome != OUTCOME_NONE || fields_missing(decoder, FIELD_OUTCOME);
}

/* Reason and author of an exclusion or a maintenance, when start and end are read. */
static bool finish_span(struct decoder *decoder, struct record *record)
{
    if (!fields_string(decoder, FIELD_REASON, &record->reason) ||
        !fields_string(decoder, FIELD_AUTHOR, &record->author)) {
        return false;
    }
    if (record->start_ns != TIME_NONE && record->end_ns != TIME_NONE &&
        record->end_ns <= record->start_ns) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE, "`end` is not after `start`");
    }
    return true;
}

static bool read_span(struct decoder *decoder, struct record *record)
{
    return fields_time(decoder, FIELD_START, &record->start_ns) &&
           fields_time(decoder, FIELD_END, &record->end_ns) && finish_span(decoder, record);
}

/* The same by the clocks of a zone, where one is named. */
static bool read_local_span(struct decoder *decoder, struct record *record)
{
    const struct zone *zone;
    bool start_is_skipped;
    bool end_is_skipped;
    if (!fields_name(decoder, FIELD_ZONE, &record->zone)) {
        return false;
    }
    if (record->zone.length == 0) {
        return read_span(decoder, record);
    }
    zone_find *find = decoder->settings.find_zone;
    if (find == NULL || !find(record->zone, &zone)) {
        char excerpt[EXCERPT_SIZE];
        decoder_excerpt(record->zone, excerpt);
        return decoder_refuse(decoder, REJECT_BAD_VALUE,
                              "`zone`: %s is no time zone here; write a name such as Europe/Berlin",
                              excerpt);
    }
    if (!fields_local_time(decoder, FIELD_START, zone, &record->start_ns, &start_is_skipped) ||
        !fields_local_time(decoder, FIELD_END, zone, &record->end_ns, &end_is_skipped)) {
        return false;
    }
    if (start_is_skipped && fields_have(&decoder->fields, FIELD_RRULE)) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE,
                              "`start`: clocks skip that time; begin with another occurrence");
    }
    return finish_span(decoder, record);
}

static bool read_exclusion(struct decoder *decoder, struct record *record)
{
    if (!read_where(decoder, record) || !read_span(decoder, record) ||
        !fields_name(decoder, FIELD_INCIDENT, &record->incident) ||
        !read_state(decoder, exclusion_state_from, EXCLUSION_STATE_TABLE(WORD),
                    EXCLUSION_STATE_PROPOSED, &record->state)) {
        return false;
    }
    if (record->id.length == 0) {
        return fields_missing(decoder, FIELD_ID);
    }
    bool bounded = record->start_ns != TIME_NONE && record->end_ns != TIME_NONE;
    bool spans = bounded && (record->service_count != 0 || record->component_count != 0);
    bool says_what = record->incident.length != 0 || spans;
    /* A later word (approved, rejected, ...) on what was proposed may name the id alone. */
    if (!says_what && record->state == EXCLUSION_STATE_PROPOSED) {
        return decoder_refuse(decoder, REJECT_MISSING_FIELD,
                              "an exclusion needs `incident`, or `service`, `start` and `end`");
    }
    if (says_what && record->reason.length == 0) {
        return fields_missing(decoder, FIELD_REASON);
    }
    return true;
}

static bool read_maintenance(struct decoder *decoder, struct record *record)
{
    if (!read_where(decoder, record) || !read_local_span(decoder, record) ||
        !fields_string(decoder, FIELD_RRULE, &record->rrule) ||
        !read_state(decoder, maintenance_state_from, MAINTENANCE_STATE_TABLE(WORD),
                    MAINTENANCE_STATE_SCHEDULED, &record->state)) {
        return false;
    }
    if (record->id.length == 0) {
        return fields_missing(decoder, FIELD_ID);
    }
    if (record->state == MAINTENANCE_STATE_CANCELLED) {
        return true;
    }
    struct recurrence recurrence;
    const char *reason;
    if (record->rrule.length > RRULE_BYTES_MAX) {
        return decoder_refuse(decoder, REJECT_TOO_LONG, "`rrule` is longer than %d bytes",
                              RRULE_BYTES_MAX);
    }
    if (record->rrule.length != 0 && !recurrence_parse(record->rrule, &recurrence, &reason)) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE, "`rrule`: %s", reason);
    }
    if (record->start_ns == TIME_NONE) {
        return fields_missing(decoder, FIELD_START);
    }
    return record->end_ns != TIME_NONE || fields_missing(decoder, FIELD_END);
}

/* What a data directory knows of its own engine, as `nines store engine-down` prints it: for judging a
 * log offline. A running engine takes nobody's word for when it was there. */
static bool read_engine_down(struct decoder *decoder, struct record *record)
{
    if (!decoder->settings.reads_received) {
        return decoder_refuse(decoder, REJECT_BAD_VALUE,
                              "`kind`: only files may say when an engine was down, for `nines "
                              "evaluate`; a service's outage is an `incident` or a `state`");
    }
    if (!read_span(decoder, record)) {
        return false;
    }
    if (record->start_ns == TIME_NONE) {
        return fields_missing(decoder, FIELD_START);
    }
    return record->end_ns != TIME_NONE || fields_missing(decoder, FIELD_END);
}

static bool ndjson_read(struct decoder *decoder, const struct envelope *envelope,
                        struct record *record)
{
    int kind = EVENT_REQUEST;
    if (fields_have(&decoder->fields, FIELD_KIND) &&
        (!fields_unique(decoder, FIELD_BIT(KIND)) ||
         !fields_word(decoder, FIELD_KIND, event_kind_from, EVENT_KIND_TABLE(WORD), &kind))) {
        return false;
    }
    record->kind = (enum event_kind)kind;
    if (!fields_unique(decoder, kind_fields[kind]) || !read_common(decoder, envelope, record)) {
        return false;
    }
    switch (record->kind) {
    case EVENT_REQUEST:
        return read_request(decoder, record);
    case EVENT_INCIDENT:
        return read_incident(decoder, record);
    case EVENT_STATE:
        return read_service_state(decoder, record);
    case EVENT_OUTCOME:
        return read_correction(decoder, record);
    case EVENT_EXCLUSION:
        return read_exclusion(decoder, record);
    case EVENT_MAINTENANCE:
        return read_maintenance(decoder, record);
    case EVENT_ENGINE_DOWN:
        return read_engine_down(decoder, record);
    case EVENT_KIND_COUNT:
        break;
    }
    unreachable("event_kind_from answers kinds only");
}

/* {"nines":{"ack":true}}: does this stream ask for acknowledgements? Whatever else stands there is
 * left to later versions. */
static bool read_ack(const struct json_value *nines)
{
    bool ack = false;
    struct json_scan scan;
    json_scan_init(&scan, nines->raw);
    if (nines->type != JSON_OBJECT || !json_object_open(&scan)) {
        return false;
    }
    struct json_value key;
    struct json_value value;
    for (bool first = true; json_object_next(&scan, first, &key, &value) == JSON_STEP_ITEM;
         first = false) {
        if (text_is(key.raw, "ack")) {
            ack = value.type == JSON_TRUE;
        }
    }
    return ack;
}

/* Has it `kind` or `service`, the marks of our own records? */
static bool is_ours(const struct json_fields *fields)
{
    return (fields->present & (FIELD_BIT(KIND) | FIELD_BIT(SERVICE))) != 0;
}

static bool read_record(struct decoder *decoder, const struct envelope *envelope,
                        struct record *record)
{
    enum field_map map = decoder->settings.map;
    bool ours = is_ours(&decoder->fields);
    if (map == MAP_NGINX_JSON ||
        (map == MAP_AUTO && !ours && nginx_json_recognise(&decoder->fields))) {
        return nginx_json_read(decoder, envelope, record);
    }
    if (!ours) {
        return decoder_refuse(decoder, REJECT_MISSING_FIELD,
                              "neither `service` nor `kind`, and not a known access log");
    }
    return ndjson_read(decoder, envelope, record);
}

enum decode_result json_decode(struct decoder *decoder, struct text text,
                               const struct line_index *index, const struct envelope *envelope,
                               struct record *record, bool *ack_out)
{
    if (!json_fields_read(decoder, text, index)) {
        return DECODE_REJECT;
    }
    if (decoder->settings.map != MAP_NGINX_JSON && plain_request_read(decoder, record)) {
        return DECODE_RECORD;
    }
    /* A control line has nothing of a record in it. */
    if (fields_have(&decoder->fields, FIELD_NINES) && !is_ours(&decoder->fields)) {
        *ack_out = read_ack(&decoder->fields.values[FIELD_NINES]);
        return DECODE_CONTROL;
    }
    return read_record(decoder, envelope, record) ? DECODE_RECORD : DECODE_REJECT;
}
