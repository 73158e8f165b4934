#include "nines/store_dump.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/panic.h"
#include "domain/civil.h"
#include "domain/decimal.h"

static void add_text(struct text_buffer *out, const char *key, struct text text)
{
    if (text.length > 0) {
        text_buffer_format(out, ",\"%s\":", key);
        text_buffer_json(out, text);
    }
}

/* "" (no value) is left out. */
static void add_word(struct text_buffer *out, const char *key, const char *word)
{
    if (word[0] != '\0') {
        text_buffer_format(out, ",\"%s\":\"%s\"", key, word);
    }
}

static void add_time(struct text_buffer *out, const char *key, int64_t ns)
{
    char text[CIVIL_TEXT_SIZE];
    if (ns != TIME_NONE) {
        civil_format(ns, text);
        text_buffer_format(out, ",\"%s\":\"%s\"", key, text);
    }
}

static const char *state_word(const struct event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_REQUEST:
        return request_state_word((enum request_state)event->state);
    case EVENT_INCIDENT:
        return incident_state_word((enum incident_state)event->state);
    case EVENT_STATE:
        return service_state_word((enum service_state)event->state);
    case EVENT_EXCLUSION:
        return exclusion_state_word((enum exclusion_state)event->state);
    case EVENT_MAINTENANCE:
        return maintenance_state_word((enum maintenance_state)event->state);
    case EVENT_OUTCOME:
    case EVENT_ENGINE_DOWN:
    case EVENT_KIND_COUNT:
        break;
    }
    return "";
}

static void add_request(const struct event *event, struct text_buffer *out)
{
    if (event->status != 0) {
        text_buffer_format(out, ",\"status\":%u", event->status);
    }
    if (event->latency_ns != LATENCY_NONE) {
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_trimmed((int128)event->latency_ns, 1000000, 6, text);
        text_buffer_format(out, ",\"latency_ms\":%s", text);
    }
    if ((event->flags & EVENT_COUNTED) != 0) {
        text_buffer_format(out, ",\"good\":%u,\"total\":%u", event->good, event->total);
    } else if (event->total != 1) {
        text_buffer_format(out, ",\"count\":%u", event->total);
    }
    if ((event->flags & EVENT_OUT_OF_SCOPE) != 0) {
        text_buffer_string(out, ",\"scope\":\"out\"");
    }
    if ((event->flags & EVENT_STANDING) != 0) {
        text_buffer_string(out, ",\"class\":\"standing\"");
    }
}

static void add_incident(const struct event *event, struct text_buffer *out)
{
    add_word(out, "nature", nature_word((enum nature)event->nature));
    add_word(out, "severity", severity_word((enum severity)event->severity));
    if ((event->flags & EVENT_COMPLAINT) != 0) {
        text_buffer_string(out, ",\"complaint\":true");
    }
}

/* The names with this tag, behind the one that the event itself holds. */
static void add_names(const char *key, uint32_t first, struct text extra, enum extra_tag wanted,
                      const struct name_table *names, struct text_buffer *out)
{
    uint32_t at = 0;
    uint32_t count = 0;
    enum extra_tag tag;
    struct text value;
    struct text_buffer list;
    text_buffer_init(&list);
    if (first != NAME_NONE) {
        text_buffer_json(&list, name_text(names, first));
        count++;
    }
    while (event_extra_next(extra, &at, &tag, &value)) {
        if (tag == wanted && value.length == 4) {
            text_buffer_string(&list, count++ == 0 ? "" : ",");
            text_buffer_json(&list, name_text(names, load_u32((const uint8_t *)value.bytes)));
        }
    }
    if (count > 0) {
        text_buffer_format(out, count == 1 ? ",\"%s\":%s" : ",\"%s\":[%s]", key, list.bytes);
    }
    text_buffer_fini(&list);
}

static void add_extra(struct text extra, const struct name_table *names, struct text_buffer *out)
{
    static const struct {
        enum extra_tag tag;
        const char *key;
    } texts[] = {
        {EXTRA_TITLE, "title"},     {EXTRA_REASON, "reason"}, {EXTRA_AUTHOR, "author"},
        {EXTRA_RRULE, "rrule"},     {EXTRA_OF, "of"},         {EXTRA_END_USER, "end_user"},
        {EXTRA_CHANNEL, "channel"}, {EXTRA_ZONE, "zone"},
    };
    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct text value;
        if (event_extra_find(extra, texts[i].tag, &value)) {
            add_text(out, texts[i].key, value);
        }
    }
    add_time(out, "started_at", event_extra_time(extra, EXTRA_STARTED_AT));
    add_time(out, "start", event_extra_time(extra, EXTRA_START));
    add_time(out, "end", event_extra_time(extra, EXTRA_END));
    add_names("incident", NAME_NONE, extra, EXTRA_INCIDENT, names, out);
}

static void add_id(const struct event *event, struct text extra, const struct name_table *names,
                   struct text_buffer *out)
{
    struct text id = name_text(names, event->subject);
    if (id.length == 0 && !event_extra_find(extra, EXTRA_ID, &id)) {
        id = TEXT_NONE;
    }
    add_text(out, "id", id);
    if (event->fingerprint != 0) {
        text_buffer_format(out, ",\"fingerprint\":\"%016" PRIx64 "\"", event->fingerprint);
    }
}

void store_dump_event(const struct batch *batch, uint32_t index, const struct name_table *names,
                      struct text_buffer *out)
{
    const struct event *event = &batch->events[index];
    struct text extra = batch_extra(batch, event);
    enum event_kind kind = (enum event_kind)event->kind;
    text_buffer_format(out, "{\"position\":%" PRIu64, batch->position + index);
    add_time(out, "received", batch->received_ns);
    add_word(out, "kind", event_kind_word(kind));
    add_time(out, "ts", event->occurred_ns);
    add_id(event, extra, names, out);
    add_names("service", event->service, extra, EXTRA_SERVICE, names, out);
    add_names("component", NAME_NONE, extra, EXTRA_COMPONENT, names, out);
    add_text(out, "customer", name_text(names, event->customer));
    add_text(out, "source", name_text(names, event->source));
    add_word(out, "state", state_word(event));
    add_word(out, "previous", service_state_word((enum service_state)event->previous));
    add_word(out, "outcome", outcome_word((enum outcome)event->outcome));
    if (event->outcome == OUTCOME_EXCLUDED) {
        add_word(out, "excluded_by", aside_word((enum aside)event->aside));
    }
    if (kind == EVENT_REQUEST) {
        add_request(event, out);
    } else if (kind == EVENT_INCIDENT) {
        add_incident(event, out);
    }
    add_extra(extra, names, out);
    text_buffer_string(out, "}\n");
}

void store_dump_absences(const struct span_set *absences, struct text_buffer *out)
{
    for (uint32_t i = 0; i < absences->count; i++) {
        text_buffer_format(out, "{\"kind\":\"%s\"", event_kind_word(EVENT_ENGINE_DOWN));
        add_time(out, "start", absences->spans[i].start_ns);
        add_time(out, "end", absences->spans[i].end_ns);
        text_buffer_string(out, "}\n");
    }
}

uint64_t store_dump_hash_event(uint64_t hash, const struct batch *batch, uint32_t index)
{
    struct event event = batch->events[index];
    struct text extra = batch_extra(batch, &event);
    event.fingerprint = event.fingerprint != 0;
    event.extra_offset = 0; /* where it lies is the batch's affair */
    hash = hash_keyed(&event, sizeof(event), hash);
    return extra.length > 0 ? hash_keyed(extra.bytes, extra.length, hash) : hash;
}

uint64_t store_dump_hash_names(uint64_t hash, const struct name_table *names)
{
    uint32_t count = name_count(names);
    for (uint32_t name = 1; name <= count; name++) {
        struct text text = name_text(names, name);
        hash = hash_keyed(text.bytes, text.length, hash);
    }
    return hash;
}
