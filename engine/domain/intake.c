#include "domain/intake.h"

#include "base/hash.h"
#include "base/panic.h"

/* What a batch looked like before a record was begun, to go back to when it does not fit. */
struct mark {
    uint32_t text_length;
    uint32_t new_name_count;
};

static bool text_append(struct batch *batch, const void *bytes, uint32_t length)
{
    if (BATCH_TEXT_MAX - batch->text_length < length) {
        return false;
    }
    memcpy(batch->text + batch->text_length, bytes, length);
    batch->text_length += length;
    return true;
}

/* The number of a name, or a new name of this batch. The few most recent new names are looked
 * through, so that a fresh service does not travel once per event. */
static bool name_number(struct batch *batch, const struct name_table *names, struct text text,
                        uint32_t *name_out)
{
    if (text.length == 0) {
        *name_out = NAME_NONE;
        return true;
    }
    uint32_t name = name_find(names, text);
    if (name != NAME_NONE) {
        *name_out = name;
        return true;
    }
    uint32_t oldest = batch->new_name_count > 16 ? batch->new_name_count - 16 : 0;
    for (uint32_t i = batch->new_name_count; i-- > oldest;) {
        struct text known = {batch->text + batch->new_names[i].offset, batch->new_names[i].length};
        if (text_equal(known, text)) {
            *name_out = NAME_NEW_BIT | i;
            return true;
        }
    }
    uint32_t offset = batch->text_length;
    if (batch->new_name_count == BATCH_NEW_NAMES_MAX ||
        !text_append(batch, text.bytes, text.length)) {
        return false;
    }
    uint32_t index = batch->new_name_count++;
    batch->new_names[index].offset = offset;
    batch->new_names[index].length = text.length;
    batch->new_names[index].name = NAME_NONE;
    *name_out = NAME_NEW_BIT | index;
    return true;
}

static bool extra_bytes(struct batch *batch, enum extra_tag tag, const void *bytes, uint32_t length)
{
    uint8_t head[2] = {(uint8_t)tag, (uint8_t)length};
    return text_append(batch, head, 2) && text_append(batch, bytes, length);
}

static bool extra_text(struct batch *batch, enum extra_tag tag, struct text text)
{
    if (text.length == 0) {
        return true;
    }
    return extra_bytes(batch, tag, text.bytes, text.length > 255 ? 255 : text.length);
}

static bool extra_time(struct batch *batch, enum extra_tag tag, int64_t ns)
{
    return ns == TIME_NONE || extra_bytes(batch, tag, &ns, sizeof(ns));
}

struct name_list {
    enum extra_tag tag;
    uint32_t names[RECORD_LIST_MAX];
    uint32_t count;
};

static bool list_numbers(struct batch *batch, const struct name_table *names,
                         const struct text *texts, uint32_t count, struct name_list *list)
{
    list->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!name_number(batch, names, texts[i], &list->names[i])) {
            return false;
        }
    }
    return true;
}

static bool extra_list(struct batch *batch, const struct name_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!extra_bytes(batch, list->tag, &list->names[i], sizeof(list->names[i]))) {
            return false;
        }
    }
    return true;
}

/* Names first (their text must not stand inside the extra fields), then the fields in one run. */
static bool write_extra(struct batch *batch, const struct record *record,
                        const struct name_table *names, struct event *event)
{
    struct name_list services = {.tag = EXTRA_SERVICE};
    struct name_list components = {.tag = EXTRA_COMPONENT};
    struct name_list incident = {.tag = EXTRA_INCIDENT};
    /* The first service stands in the event itself. */
    uint32_t more = record->service_count > 1 ? record->service_count - 1 : 0;
    if (!list_numbers(batch, names, record->services + 1, more, &services) ||
        !list_numbers(batch, names, record->components, record->component_count, &components) ||
        !list_numbers(batch, names, &record->incident, record->incident.length != 0, &incident)) {
        return false;
    }
    uint32_t start = batch->text_length;
    bool fits = extra_list(batch, &services) && extra_list(batch, &components) &&
                extra_list(batch, &incident) &&
                extra_time(batch, EXTRA_STARTED_AT, record->started_at_ns) &&
                extra_time(batch, EXTRA_START, record->start_ns) &&
                extra_time(batch, EXTRA_END, record->end_ns) &&
                extra_text(batch, EXTRA_TITLE, record->title) &&
                extra_text(batch, EXTRA_REASON, record->reason) &&
                extra_text(batch, EXTRA_AUTHOR, record->author) &&
                extra_text(batch, EXTRA_RRULE, record->rrule) &&
                extra_text(batch, EXTRA_ZONE, record->zone) &&
                extra_text(batch, EXTRA_OF, record->of) &&
                extra_text(batch, EXTRA_END_USER, record->end_user) &&
                extra_text(batch, EXTRA_CHANNEL, record->channel);
    if (fits && record->kind == EVENT_REQUEST && record->state != REQUEST_STATE_NONE) {
        fits = extra_text(batch, EXTRA_ID, record->id);
    }
    if (!fits) {
        return false;
    }
    event->extra_offset = start;
    event->extra_length = (uint16_t)(batch->text_length - start);
    assert(batch->text_length - start <= EXTRA_BYTES_MAX);
    return true;
}

uint64_t intake_request_fingerprint(struct text service, struct text id, uint64_t hash_key)
{
    uint64_t key = hash_keyed(service.bytes, service.length, hash_key);
    uint64_t hash = hash_keyed(id.bytes, id.length, key);
    return hash != 0 ? hash : 1;
}

/* What makes two events the same (SEMANTICS section 10): a plain request its service and id,
 * anything with a life its kind, source, id, state and time. 0: nothing to compare by. */
static uint64_t fingerprint(const struct record *record, struct text service, int64_t occurred_ns,
                            uint64_t hash_key)
{
    if (record->id.length == 0) {
        return 0;
    }
    if (record->kind == EVENT_REQUEST && record->state == REQUEST_STATE_NONE) {
        return intake_request_fingerprint(service, record->id, hash_key);
    }
    uint64_t life[3] = {(uint64_t)record->kind << 8 | record->state, (uint64_t)occurred_ns,
                        hash_keyed(record->source.bytes, record->source.length, hash_key)};
    uint64_t key = hash_keyed(life, sizeof(life), hash_key);
    uint64_t hash = hash_keyed(record->id.bytes, record->id.length, key);
    return hash != 0 ? hash : 1;
}

static bool has_extra(const struct record *record)
{
    return record->kind != EVENT_REQUEST || record->state != REQUEST_STATE_NONE ||
           record->end_user.length != 0 || record->channel.length != 0;
}

static bool build(struct batch *batch, const struct record *record, const struct name_table *names,
                  struct text service, struct event *event)
{
    /* An id is a name only where others refer to it; a request's id is its fingerprint. */
    struct text subject = record->kind == EVENT_REQUEST ? TEXT_NONE : record->id;
    if (!name_number(batch, names, service, &event->service) ||
        !name_number(batch, names, record->customer, &event->customer) ||
        !name_number(batch, names, record->source, &event->source) ||
        !name_number(batch, names, subject, &event->subject)) {
        return false;
    }
    return !has_extra(record) || write_extra(batch, record, names, event);
}

enum status intake_record(struct batch *batch, const struct record *record,
                          const struct name_table *names, const struct match_rules *rules,
                          uint64_t hash_key, int64_t occurred_ns)
{
    if (batch->event_count == BATCH_EVENTS_MAX) {
        return STATUS_FULL;
    }
    struct mark mark = {batch->text_length, batch->new_name_count};
    struct text service =
        record->kind == EVENT_REQUEST ? match_service(rules, record) : record->service;
    int64_t occurred = record->occurred_ns != TIME_NONE ? record->occurred_ns : occurred_ns;
    struct event *event = &batch->events[batch->event_count];
    *event = (struct event){
        .occurred_ns = occurred,
        .fingerprint = fingerprint(record, service, occurred, hash_key),
        .total = record->total,
        .good = record->good,
        .latency_ns = record->latency_ns,
        .status = record->status,
        .kind = (uint8_t)record->kind,
        .outcome = (uint8_t)record->outcome,
        .flags = record->flags,
        .state = record->state,
        .aside = (uint8_t)record->aside,
        .nature = (uint8_t)record->nature,
        .severity = (uint8_t)record->severity,
        .previous = record->previous,
    };
    if (!build(batch, record, names, service, event)) {
        batch->text_length = mark.text_length;
        batch->new_name_count = mark.new_name_count;
        return STATUS_FULL;
    }
    batch->event_count++;
    return STATUS_OK;
}

static bool resolve(const struct batch *batch, uint32_t *name)
{
    if ((*name & NAME_NEW_BIT) == 0) {
        return true;
    }
    *name = batch->new_names[*name & ~NAME_NEW_BIT].name;
    return *name != NAME_NONE;
}

static bool resolve_extra(struct batch *batch, struct event *event)
{
    bool found = true;
    uint32_t at = 0;
    enum extra_tag tag;
    struct text value;
    while (event_extra_next(batch_extra(batch, event), &at, &tag, &value)) {
        if (tag == EXTRA_SERVICE || tag == EXTRA_COMPONENT || tag == EXTRA_INCIDENT) {
            uint8_t *bytes = (uint8_t *)batch->text + (value.bytes - batch->text);
            uint32_t name = load_u32(bytes);
            found = resolve(batch, &name) && found;
            store_u32(bytes, name);
        }
    }
    return found;
}

void intake_resolve_names(struct batch *batch, struct name_table *names)
{
    if (batch->new_name_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < batch->new_name_count; i++) {
        struct text text = {batch->text + batch->new_names[i].offset, batch->new_names[i].length};
        if (name_add(names, text, &batch->new_names[i].name) != STATUS_OK) {
            batch->new_names[i].name = NAME_NONE; /* the table is full */
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        struct event *event = &batch->events[i];
        bool found = resolve(batch, &event->service);
        found = resolve(batch, &event->customer) && found;
        found = resolve(batch, &event->subject) && found;
        found = resolve(batch, &event->source) && found;
        found = resolve_extra(batch, event) && found;
        if (found) {
            batch->events[kept++] = *event;
        } else {
            batch->rejected[REJECT_NAMES_FULL]++;
        }
    }
    batch->event_count = kept;
    batch->new_name_count = 0;
}
