#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "catalog/zone_register.h"
#include "domain/civil.h"
#include "nines/calendar.h"
#include "nines/words.h"

static void add(icalcomponent *event, icalproperty *property)
{
    assert(property != NULL);
    icalcomponent_add_property(event, property);
}

static void add_x(icalcomponent *event, const char *name, const char *value)
{
    icalproperty *property = icalproperty_new_x(value);
    assert(property != NULL);
    icalproperty_set_x_name(property, name);
    icalcomponent_add_property(event, property);
}

static struct icaltimetype in_utc(int64_t ns)
{
    int64_t seconds = floor_to(ns, NS_PER_SECOND) / NS_PER_SECOND;
    return icaltime_from_timet_with_zone((time_t)seconds, 0, icaltimezone_get_utc_timezone());
}

/* What the clocks of the zone show, with its name: libical's own zones are not asked. */
static void add_local(icalcomponent *event, icalproperty *property, struct icaltimetype shown,
                      const char *zone)
{
    shown.zone = NULL;
    icalproperty_set_value(property, icalvalue_new_datetime(shown));
    icalproperty_add_parameter(property, icalparameter_new_tzid(zone));
    add(event, property);
}

/* Whole seconds are all that iCalendar has; the rest goes beside it. */
static void add_times(icalcomponent *event, const json_t *entry)
{
    int64_t start_ns;
    int64_t end_ns;
    if (!words_read_time(entry, "start", &start_ns) || !words_read_time(entry, "end", &end_ns)) {
        return;
    }
    bool whole = start_ns % NS_PER_SECOND == 0 && end_ns % NS_PER_SECOND == 0;
    struct icaltimetype start = in_utc(start_ns);
    struct icaltimetype end = in_utc(whole ? end_ns : end_ns + NS_PER_SECOND);
    add(event, icalproperty_new_dtstamp(start));
    const struct zone *zone;
    if (json_is_given(entry, "zone") &&
        zone_register_find(text_from(json_text_at(entry, "zone")), &zone) && zone != NULL) {
        int64_t shown_end_ns = whole ? end_ns : end_ns + NS_PER_SECOND;
        add_local(event, icalproperty_new(ICAL_DTSTART_PROPERTY),
                  in_utc(zone_local_ns(zone, start_ns)), zone->name);
        add_local(event, icalproperty_new(ICAL_DTEND_PROPERTY),
                  in_utc(zone_local_ns(zone, shown_end_ns)), zone->name);
    } else {
        add(event, icalproperty_new_dtstart(start));
        add(event, icalproperty_new_dtend(end));
    }
    if (!whole) {
        add_x(event, "X-NINES-START", json_text_at(entry, "start"));
        add_x(event, "X-NINES-END", json_text_at(entry, "end"));
    }
}

static void add_rule(icalcomponent *event, const char *rule)
{
    icalvalue *value = icalvalue_new_from_string(ICAL_RECUR_VALUE, rule);
    icalproperty *property = icalproperty_new(ICAL_RRULE_PROPERTY);
    assert(value != NULL && property != NULL);
    icalproperty_set_value(property, value);
    icalcomponent_add_property(event, property);
}

/* ORGANIZER is for other programs: it must be an address, and its name has no escapes. */
static void add_author(icalcomponent *event, const char *author)
{
    icalproperty *organizer = icalproperty_new_organizer("urn:nines:author");
    if (strpbrk(author, "\"\r\n^") == NULL) {
        icalproperty_add_parameter(organizer, icalparameter_new_cn(author));
        add(event, organizer);
    } else {
        icalproperty_free(organizer);
    }
    add_x(event, "X-NINES-AUTHOR", author);
}

static icalcomponent *event_of(const json_t *entry)
{
    icalcomponent *event = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    bool cancelled = strcmp(json_text_at(entry, "state"), "cancelled") == 0;
    add(event, icalproperty_new_uid(json_text_at(entry, "id")));
    add_times(event, entry);
    if (json_is_given(entry, "rrule")) {
        add_rule(event, json_text_at(entry, "rrule"));
    }
    if (json_is_given(entry, "reason")) {
        add(event, icalproperty_new_summary(json_text_at(entry, "reason")));
    }
    if (json_is_given(entry, "author")) {
        add_author(event, json_text_at(entry, "author"));
    }
    add(event, icalproperty_new_status(cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    size_t index;
    json_t *service;
    json_array_foreach(json_at(entry, "service"), index, service)
    {
        add_x(event, "X-NINES-SERVICE", json_string_value(service));
    }
    if (json_is_given(entry, "customer")) {
        add_x(event, "X-NINES-CUSTOMER", json_text_at(entry, "customer"));
    }
    return event;
}

void calendar_write(const json_t *maintenance, struct text_buffer *out)
{
    icalcomponent *calendar = icalcomponent_new_vcalendar();
    add(calendar, icalproperty_new_version("2.0"));
    add(calendar, icalproperty_new_prodid("-//nines//maintenance//EN"));
    size_t index;
    json_t *entry;
    json_array_foreach(maintenance, index, entry)
    {
        if (json_is_given(entry, "start")) { /* one that was only ever cancelled has no time */
            icalcomponent_add_component(calendar, event_of(entry));
        }
    }
    char *text = icalcomponent_as_ical_string_r(calendar);
    assert(text != NULL);
    text_buffer_string(out, text);
    free(text);
    icalcomponent_free(calendar);
}
