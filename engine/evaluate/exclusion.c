#include "evaluate/exclusion.h"

#include <stdlib.h>

#include "base/panic.h"

void exclusion_register_fini(struct exclusion_register *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free(list->entries[i].services);
        free(list->entries[i].reason);
        free(list->entries[i].author);
    }
    free(list->entries);
    *list = (struct exclusion_register){0};
}

const struct exclusion *exclusion_find(const struct exclusion_register *list, uint32_t id)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->entries[i].id == id) {
            return &list->entries[i];
        }
    }
    return NULL;
}

static struct exclusion *entry_of(struct exclusion_register *list, uint32_t id)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->entries[i].id == id) {
            return &list->entries[i];
        }
    }
    if (list->count == list->size) {
        list->size = list->size == 0 ? 8 : list->size * 2;
        list->entries = realloc(list->entries, list->size * sizeof(*list->entries));
        assert(list->entries != NULL);
    }
    const struct said never = {INT64_MIN, 0};
    struct exclusion *entry = &list->entries[list->count++];
    *entry = (struct exclusion){.id = id,
                                .state_said = never,
                                .subject_said = never,
                                .reason_said = never,
                                .author_said = never};
    return entry;
}

/* Is it the last word? Then it is kept as that. */
static bool is_last(struct said *known, struct said now)
{
    if (now.time_ns < known->time_ns ||
        (now.time_ns == known->time_ns && now.position < known->position)) {
        return false;
    }
    *known = now;
    return true;
}

static void take_text(char **text, struct said *known, struct said now, struct text extra,
                      enum extra_tag tag)
{
    struct text given;
    if (event_extra_find(extra, tag, &given) && is_last(known, now)) {
        free(*text);
        *text = strndup(given.bytes, given.length);
        assert(*text != NULL);
    }
}

static void add_service(struct exclusion *entry, uint32_t service)
{
    uint32_t *services =
        realloc(entry->services, (entry->service_count + 1) * sizeof(*entry->services));
    assert(services != NULL);
    entry->services = services;
    services[entry->service_count++] = service;
}

static void take_services(struct exclusion *entry, const struct event *event, struct text extra)
{
    entry->service_count = 0;
    add_service(entry, event->service);
    uint32_t at = 0;
    uint32_t service;
    while (event_extra_name(extra, &at, EXTRA_SERVICE, &service)) {
        add_service(entry, service);
    }
}

/* What it is about, where the event says so. */
static void take_subject(struct exclusion *entry, const struct event *event, struct text extra,
                         struct said now)
{
    struct text incident;
    bool of_incident = event_extra_find(extra, EXTRA_INCIDENT, &incident);
    struct span span = {event_extra_time(extra, EXTRA_START), event_extra_time(extra, EXTRA_END)};
    bool of_services =
        event->service != NAME_NONE && span.start_ns != TIME_NONE && span.end_ns != TIME_NONE;
    if ((!of_incident && !of_services) || !is_last(&entry->subject_said, now)) {
        return;
    }
    entry->incident = of_incident ? load_u32((const uint8_t *)incident.bytes) : NAME_NONE;
    entry->customer = event->customer;
    entry->service_count = 0;
    if (!of_incident) {
        entry->span = span;
        take_services(entry, event, extra);
    }
}

void exclusion_apply(struct exclusion_register *list, const struct event *event, struct text extra,
                     uint64_t position)
{
    struct exclusion *entry = entry_of(list, event->subject);
    struct said now = {event->occurred_ns, position};
    if (is_last(&entry->state_said, now)) {
        entry->state = (enum exclusion_state)event->state;
        if (entry->subject_said.time_ns == INT64_MIN) {
            entry->customer = event->customer;
        }
    }
    take_subject(entry, event, extra, now);
    take_text(&entry->reason, &entry->reason_said, now, extra, EXTRA_REASON);
    take_text(&entry->author, &entry->author_said, now, extra, EXTRA_AUTHOR);
}

bool exclusion_is_approved(const struct exclusion *entry, bool has_customer, uint32_t customer)
{
    return entry->state == EXCLUSION_STATE_APPROVED &&
           (entry->customer == NAME_NONE || !has_customer || entry->customer == customer);
}

bool exclusion_of_incident(const struct exclusion_register *list, uint32_t incident,
                           bool has_customer, uint32_t customer)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct exclusion *entry = &list->entries[i];
        if (exclusion_incident(entry) == incident &&
            exclusion_is_approved(entry, has_customer, customer)) {
            return true;
        }
    }
    return false;
}

static bool concerns(const struct incident *incident, uint32_t service, bool has_customer,
                     uint32_t customer)
{
    return !incident->cancelled && incident_names_service(incident, service) &&
           (incident->customer == NAME_NONE || !has_customer || incident->customer == customer);
}

static void add_incident(const struct incident *incident, struct span_set *mask)
{
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        span_set_add(mask, (struct span){interval->actual_from_ns, interval->span.end_ns});
    }
}

static bool names(const struct exclusion *entry, uint32_t service)
{
    for (uint32_t i = 0; i < entry->service_count; i++) {
        if (entry->services[i] == service) {
            return true;
        }
    }
    return false;
}

void exclusion_add(const struct exclusion *entry, const struct incident_ledger *incidents,
                   uint32_t service, bool has_customer, uint32_t customer, struct span_set *mask)
{
    if (service == NAME_NONE || !exclusion_is_approved(entry, has_customer, customer)) {
        return;
    }
    if (exclusion_incident(entry) != NAME_NONE) {
        const struct incident *incident = incident_find(incidents, exclusion_incident(entry));
        if (incident != NULL && concerns(incident, service, has_customer, customer)) {
            add_incident(incident, mask);
        }
    } else if (names(entry, service)) {
        span_set_add(mask, entry->span);
    }
}

void exclusion_mask(const struct exclusion_register *list, const struct incident_ledger *incidents,
                    uint32_t service, bool has_customer, uint32_t customer, struct span_set *mask)
{
    span_set_clear(mask);
    for (uint32_t i = 0; i < list->count; i++) {
        exclusion_add(&list->entries[i], incidents, service, has_customer, customer, mask);
    }
    span_set_normalize(mask);
}

const struct exclusion *exclusion_at(const struct exclusion_register *list,
                                     const struct incident_ledger *incidents, uint32_t service,
                                     bool has_customer, uint32_t customer, int64_t ns)
{
    const struct exclusion *found = NULL;
    struct span_set mask = {0};
    for (uint32_t i = 0; i < list->count && found == NULL; i++) {
        span_set_clear(&mask);
        exclusion_add(&list->entries[i], incidents, service, has_customer, customer, &mask);
        span_set_normalize(&mask);
        found = span_set_holds(&mask, ns) ? &list->entries[i] : NULL;
    }
    span_set_fini(&mask);
    return found;
}
