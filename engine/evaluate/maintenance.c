#include "evaluate/maintenance.h"

#include <stdlib.h>

#include "base/panic.h"

void maintenance_register_fini(struct maintenance_register *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free(list->entries[i].services);
        free(list->entries[i].components);
        free(list->entries[i].starts);
        free(list->entries[i].reason);
        free(list->entries[i].author);
    }
    free(list->entries);
    *list = (struct maintenance_register){0};
}

static struct maintenance_entry *append(struct maintenance_register *list)
{
    if (list->count == list->size) {
        list->size = list->size == 0 ? 8 : list->size * 2;
        list->entries = realloc(list->entries, list->size * sizeof(*list->entries));
        assert(list->entries != NULL);
    }
    struct maintenance_entry *entry = &list->entries[list->count++];
    *entry = (struct maintenance_entry){0};
    return entry;
}

static void set_occurrences(struct maintenance_entry *entry, struct span span,
                            const struct recurrence *recurrence, const struct zone *zone)
{
    uint32_t room = recurrence == NULL ? 1 : recurrence->count;
    entry->span = span;
    entry->recurs = recurrence != NULL;
    if (entry->recurs) {
        entry->recurrence = *recurrence;
    }
    free(entry->starts);
    entry->starts = malloc(room * sizeof(*entry->starts));
    assert(entry->starts != NULL);
    entry->length_ns = span_length(span);
    entry->starts[0] = span.start_ns;
    entry->zone = zone;
    entry->start_count = recurrence == NULL ? 1
                                            : recurrence_starts(recurrence, zone, span.start_ns,
                                                                entry->starts, room);
}

void maintenance_add_document(struct maintenance_register *list,
                              const struct maintenance_document *document)
{
    struct maintenance_entry *entry = append(list);
    entry->document = document;
    list->names_components |= document->component_count != 0;
    set_occurrences(entry, document->span, document->recurrence, document->zone);
}

static void add_name(uint32_t **names, uint32_t *count, uint32_t name)
{
    *names = realloc(*names, (*count + 1) * sizeof(uint32_t));
    assert(*names != NULL);
    (*names)[(*count)++] = name;
}

/* A maintenance of components alone names no service. */
static void take_names(struct maintenance_entry *entry, const struct event *event,
                       struct text extra)
{
    entry->service_count = 0;
    entry->component_count = 0;
    if (event->service != NAME_NONE) {
        add_name(&entry->services, &entry->service_count, event->service);
    }
    uint32_t at = 0;
    uint32_t name;
    while (event_extra_name(extra, &at, EXTRA_SERVICE, &name)) {
        add_name(&entry->services, &entry->service_count, name);
    }
    at = 0;
    while (event_extra_name(extra, &at, EXTRA_COMPONENT, &name)) {
        add_name(&entry->components, &entry->component_count, name);
    }
}

static struct maintenance_entry *entry_of(struct maintenance_register *list, uint32_t id)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->entries[i].id == id && list->entries[i].document == NULL) {
            return &list->entries[i];
        }
    }
    struct maintenance_entry *entry = append(list);
    entry->id = id;
    entry->time_ns = INT64_MIN;
    return entry;
}

static void take_text(char **text, struct text extra, enum extra_tag tag)
{
    struct text given;
    free(*text);
    *text = NULL;
    if (event_extra_find(extra, tag, &given)) {
        *text = strndup(given.bytes, given.length);
        assert(*text != NULL);
    }
}

/* NULL: UTC. Decoders let no other name pass than those that are found. */
static const struct zone *zone_of(zone_find *find, struct text extra)
{
    struct text name;
    const struct zone *zone;
    bool found = event_extra_find(extra, EXTRA_ZONE, &name) && find != NULL && find(name, &zone);
    return found ? zone : NULL;
}

void maintenance_apply(struct maintenance_register *list, const struct event *event,
                       struct text extra, uint64_t position, zone_find *find)
{
    struct maintenance_entry *entry = entry_of(list, event->subject);
    bool newer = event->occurred_ns > entry->time_ns ||
                 (event->occurred_ns == entry->time_ns && position >= entry->position);
    if (!newer) {
        return;
    }
    entry->time_ns = event->occurred_ns;
    entry->position = position;
    entry->cancelled = event->state == MAINTENANCE_STATE_CANCELLED;
    if (entry->cancelled) {
        return;
    }
    entry->customer = event->customer;
    take_text(&entry->reason, extra, EXTRA_REASON);
    take_text(&entry->author, extra, EXTRA_AUTHOR);
    struct span span = {event_extra_time(extra, EXTRA_START), event_extra_time(extra, EXTRA_END)};
    struct text rule;
    struct recurrence recurrence;
    const char *reason;
    bool recurs = event_extra_find(extra, EXTRA_RRULE, &rule) &&
                  recurrence_parse(rule, &recurrence, &reason); /* decoders let no other pass */
    set_occurrences(entry, span, recurs ? &recurrence : NULL, zone_of(find, extra));
    take_names(entry, event, extra);
    list->names_components |= entry->component_count != 0;
}

static bool holds_text(const char *const *texts, uint32_t count, const char *text)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool holds_name(const uint32_t *names, uint32_t count, uint32_t name)
{
    for (uint32_t i = 0; name != NAME_NONE && i < count; i++) {
        if (names[i] == name) {
            return true;
        }
    }
    return false;
}

static bool holds_for(const struct maintenance_entry *entry, bool has_customer, uint32_t customer)
{
    return !entry->cancelled &&
           (entry->customer == NAME_NONE || !has_customer || entry->customer == customer);
}

bool maintenance_concerns(const struct maintenance_entry *entry, uint32_t service,
                          const char *service_text, bool has_customer, uint32_t customer)
{
    const struct maintenance_document *document = entry->document;
    return holds_for(entry, has_customer, customer) &&
           (document != NULL ? holds_text(document->services, document->service_count, service_text)
                             : holds_name(entry->services, entry->service_count, service));
}

bool maintenance_works_on(const struct maintenance_entry *entry, uint32_t component,
                          const char *component_text, bool has_customer, uint32_t customer)
{
    const struct maintenance_document *document = entry->document;
    return holds_for(entry, has_customer, customer) &&
           (document != NULL
                ? holds_text(document->components, document->component_count, component_text)
                : holds_name(entry->components, entry->component_count, component));
}

void maintenance_add_spans(const struct maintenance_entry *entry, struct span_set *spans)
{
    for (uint32_t i = 0; i < entry->start_count; i++) {
        int64_t start_ns = entry->starts[i];
        span_set_add(spans, (struct span){start_ns, start_ns + entry->length_ns});
    }
}

void maintenance_mask(const struct maintenance_register *list, uint32_t service,
                      const char *service_text, bool has_customer, uint32_t customer,
                      struct span_set *mask)
{
    span_set_clear(mask);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct maintenance_entry *entry = &list->entries[i];
        if (maintenance_concerns(entry, service, service_text, has_customer, customer)) {
            maintenance_add_spans(entry, mask);
        }
    }
    span_set_normalize(mask);
}

/* Starts are sorted and all are of one length: the last one before the instant reaches furthest. */
static bool holds(const struct maintenance_entry *entry, int64_t ns)
{
    uint32_t low = 0;
    uint32_t high = entry->start_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (entry->starts[middle] <= ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && ns - entry->starts[low - 1] < entry->length_ns;
}

const struct maintenance_entry *maintenance_at(const struct maintenance_register *list,
                                               uint32_t service, const char *service_text,
                                               bool has_customer, uint32_t customer, int64_t ns)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct maintenance_entry *entry = &list->entries[i];
        if (holds(entry, ns) &&
            maintenance_concerns(entry, service, service_text, has_customer, customer)) {
            return entry;
        }
    }
    return NULL;
}
