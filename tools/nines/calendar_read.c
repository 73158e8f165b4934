#include <inttypes.h>
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/panic.h"
#include "catalog/tzif.h"
#include "domain/civil.h"
#include "domain/event.h"
#include "domain/recurrence.h"
#include "nines/calendar.h"

/* One occurrence that an event of its own describes. */
struct moved {
    const char *uid;
    int64_t ns; /* when it would have been */
};

struct reading {
    const char *text;
    const struct calendar_settings *settings;
    struct text_buffer *errors;
    struct region zones;
    struct moved *moved;
    uint32_t moved_count;
    json_t *events;
    uint32_t event_index; /* of the VEVENT at hand, in the file */
    bool cancels;         /* METHOD:CANCEL of the calendar at hand */
    bool more;
    int64_t *starts; /* room for RECURRENCE_OCCURRENCES_MAX */
};

/* Lines: libical knows none */

static bool starts_with(const char *line, const char *word)
{
    size_t length = strlen(word);
    return strncasecmp(line, word, length) == 0 && strchr(":;\r\n", line[length]) != NULL;
}

/* Where the property of the event at hand stands; else where the event begins. */
static uint32_t line_of(const struct reading *reading, const char *property)
{
    uint32_t number = 0;
    uint32_t event_line = 0;
    uint32_t events = 0;
    uint32_t depth = 0; /* inside the event: of alarms */
    const char *line = reading->text;
    while (*line != '\0') {
        number++;
        if (event_line == 0) {
            if (strncasecmp(line, "BEGIN:VEVENT", 12) == 0 && events++ == reading->event_index) {
                event_line = number;
            }
        } else if (strncasecmp(line, "BEGIN:", 6) == 0) {
            depth++;
        } else if (strncasecmp(line, "END:", 4) == 0) {
            if (depth-- == 0) {
                break;
            }
        } else if (depth == 0 && starts_with(line, property)) {
            return number;
        }
        const char *end = strchr(line, '\n');
        if (end == NULL) {
            break;
        }
        line = end + 1;
    }
    return event_line;
}

__attribute__((format(printf, 3, 4))) static void
complain(struct reading *reading, const char *property, const char *format, ...)
{
    char detail[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof(detail), format, arguments);
    va_end(arguments);
    text_buffer_format(reading->errors, "%s:%" PRIu32 ": %s\n", reading->settings->path,
                       line_of(reading, property), detail);
}

/* Times */

/* The system's zone of the name; libical's own are not asked. False: complained. */
static bool find_zone(struct reading *reading, icalproperty *property, const char *name,
                      const struct zone **zone_out)
{
    icalparameter *parameter = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    const char *tzid = parameter == NULL ? NULL : icalparameter_get_tzid(parameter);
    *zone_out = reading->settings->zone;
    if (tzid == NULL) {
        return true;
    }
    /* "/freeassociation.sourceforge.net/Europe/Berlin": some put a prefix before the name. */
    for (const char *part = tzid; part != NULL; part = strchr(part, '/')) {
        part += *part == '/' ? 1 : 0;
        if (tzif_load(&reading->zones, text_from(part), zone_out) == STATUS_OK) {
            return true;
        }
    }
    complain(reading, name,
             "%s: no time zone '%s' here; write one of the system's, as Europe/Berlin", name, tzid);
    return false;
}

static int64_t local_ns(struct icaltimetype time)
{
    int64_t days = civil_days((struct civil_date){
        .year = time.year, .month = (uint32_t)time.month, .day = (uint32_t)time.day});
    int64_t seconds = time.is_date ? 0 : time.hour * 3600 + time.minute * 60 + time.second;
    return days * NS_PER_DAY + seconds * NS_PER_SECOND;
}

/* An instant, and the zone it was told in (NULL: UTC). */
struct told {
    int64_t ns;
    const struct zone *zone;
    bool is_date;
    bool is_skipped; /* by the clocks of its zone */
};

static bool read_time(struct reading *reading, icalproperty *property, const char *name,
                      struct told *told_out)
{
    struct icaltimetype time = icalvalue_get_datetimedate(icalproperty_get_value(property));
    told_out->zone = NULL;
    told_out->is_date = time.is_date != 0;
    if (!icaltime_is_utc(time) && !find_zone(reading, property, name, &told_out->zone)) {
        return false;
    }
    told_out->ns = zone_utc_ns(told_out->zone, local_ns(time));
    told_out->is_skipped = !zone_has_local(told_out->zone, local_ns(time));
    return true;
}

/* Texts */

static const char *x_text(icalcomponent *event, const char *name)
{
    for (icalproperty *property = icalcomponent_get_first_property(event, ICAL_X_PROPERTY);
         property != NULL; property = icalcomponent_get_next_property(event, ICAL_X_PROPERTY)) {
        if (strcasecmp(icalproperty_get_x_name(property), name) == 0) {
            return icalproperty_get_x(property);
        }
    }
    return NULL;
}

static const char *author_of(icalcomponent *event)
{
    const char *author = x_text(event, "X-NINES-AUTHOR");
    icalproperty *organizer = icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
    if (author != NULL || organizer == NULL) {
        return author;
    }
    icalparameter *name = icalproperty_get_first_parameter(organizer, ICAL_CN_PARAMETER);
    if (name != NULL && icalparameter_get_cn(name) != NULL) {
        return icalparameter_get_cn(name);
    }
    const char *address = icalproperty_get_organizer(organizer);
    return address != NULL && strncasecmp(address, "mailto:", 7) == 0 ? address + 7 : address;
}

static void set_string(json_t *event, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        json_object_set_new(event, key, json_string(value));
    }
}

static void set_time(json_t *event, const char *key, int64_t ns)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(ns, text);
    set_string(event, key, text);
}

/* NULL: none. */
static json_t *services_of(const struct reading *reading, icalcomponent *event)
{
    if (json_array_size(reading->settings->services) != 0) {
        return json_deep_copy(reading->settings->services);
    }
    json_t *services = json_array();
    for (icalproperty *property = icalcomponent_get_first_property(event, ICAL_X_PROPERTY);
         property != NULL; property = icalcomponent_get_next_property(event, ICAL_X_PROPERTY)) {
        if (strcasecmp(icalproperty_get_x_name(property), "X-NINES-SERVICE") == 0) {
            json_array_append_new(services, json_string(icalproperty_get_x(property)));
        }
    }
    if (json_array_size(services) == 0) {
        json_decref(services);
        return NULL;
    }
    return services;
}

/* One VEVENT, taken apart. */
struct entry {
    icalcomponent *component;
    const char *uid;
    struct told start;
    int64_t length_ns;         /* of the first occurrence */
    int64_t days;              /* of the calendar, as part of its length: not all are as long */
    struct told recurrence_id; /* its ns: TIME_NONE where it is none */
    bool cancelled;
    bool recurs;
    struct recurrence recurrence;
    json_t *services;
};

/* What ends by the clock is as long each time; days are days of the calendar [RFC 5545 3.8.5.3]. */
static int64_t end_of(const struct entry *entry, int64_t start_ns)
{
    int64_t first_ns = entry->start.ns;
    const struct zone *zone = entry->start.zone;
    int64_t first_days_ns =
        zone_utc_ns(zone, zone_local_ns(zone, first_ns) + entry->days * NS_PER_DAY) - first_ns;
    int64_t days_ns =
        zone_utc_ns(zone, zone_local_ns(zone, start_ns) + entry->days * NS_PER_DAY) - start_ns;
    return start_ns + entry->length_ns - first_days_ns + days_ns;
}

static void add_event(struct reading *reading, const struct entry *entry, const char *id,
                      int64_t start_ns, const char *rule)
{
    json_t *event = json_object();
    const char *customer = reading->settings->customer;
    set_string(event, "kind", "maintenance");
    set_string(event, "id", id);
    set_string(event, "state", entry->cancelled ? "cancelled" : "scheduled");
    if (!entry->cancelled) {
        json_object_set(event, "service", entry->services);
        set_time(event, "start", start_ns);
        set_time(event, "end", end_of(entry, start_ns));
        set_string(event, "rrule", rule);
        if (rule != NULL && entry->start.zone != NULL) {
            set_string(event, "zone", entry->start.zone->name);
        }
        set_string(event, "reason", icalcomponent_get_summary(entry->component));
        set_string(event, "author", author_of(entry->component));
        set_string(event, "customer",
                   customer != NULL ? customer : x_text(entry->component, "X-NINES-CUSTOMER"));
    }
    json_array_append_new(reading->events, event);
}

static void add_occurrence(struct reading *reading, const struct entry *entry, int64_t told_ns,
                           int64_t start_ns)
{
    char id[2 * NAME_BYTES_MAX];
    char text[CIVIL_TEXT_SIZE];
    civil_format(told_ns, text); /* 2026-07-04T02:00:00Z */
    snprintf(id, sizeof(id), "%s/%.4s%.2s%.2sT%.2s%.2s%.2sZ", entry->uid, text, text + 5, text + 8,
             text + 11, text + 14, text + 17);
    if (strlen(id) > NAME_BYTES_MAX) {
        complain(reading, "UID", "UID: too long to name its occurrences by");
        return;
    }
    add_event(reading, entry, id, start_ns, NULL);
}

/* Recurrence */

static bool is_moved(const struct reading *reading, const struct entry *entry, int64_t ns)
{
    for (uint32_t i = 0; i < reading->moved_count; i++) {
        if (reading->moved[i].ns == ns && strcmp(reading->moved[i].uid, entry->uid) == 0) {
            return true;
        }
    }
    return false;
}

/* False: complained. */
static bool is_left_out(struct reading *reading, const struct entry *entry, int64_t ns, bool *out)
{
    *out = is_moved(reading, entry, ns);
    for (icalproperty *property =
             icalcomponent_get_first_property(entry->component, ICAL_EXDATE_PROPERTY);
         property != NULL;
         property = icalcomponent_get_next_property(entry->component, ICAL_EXDATE_PROPERTY)) {
        struct told told;
        if (!read_time(reading, property, "EXDATE", &told)) {
            return false;
        }
        int64_t local = zone_local_ns(entry->start.zone, ns);
        int64_t day = zone_local_ns(told.zone, told.ns);
        *out |= told.is_date ? floor_to(local, NS_PER_DAY) == day : told.ns == ns;
    }
    return true;
}

/* The engine takes the rule itself: nothing is left out or moved, each is as long. */
static bool is_plain(const struct reading *reading, const struct entry *entry)
{
    bool moved = false;
    for (uint32_t i = 0; i < reading->moved_count; i++) {
        moved |= strcmp(reading->moved[i].uid, entry->uid) == 0;
    }
    return (entry->start.zone == NULL || entry->days == 0) && !moved &&
           icalcomponent_get_first_property(entry->component, ICAL_EXDATE_PROPERTY) == NULL;
}

static void add_each(struct reading *reading, const struct entry *entry)
{
    uint32_t count = recurrence_starts(&entry->recurrence, entry->start.zone, entry->start.ns,
                                       reading->starts, RECURRENCE_OCCURRENCES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        int64_t ns = reading->starts[i];
        bool left_out;
        if (ns > reading->settings->through_ns) {
            reading->more = true;
            return;
        }
        if (!is_left_out(reading, entry, ns, &left_out)) {
            return;
        }
        if (!left_out) {
            add_occurrence(reading, entry, ns, ns);
        }
    }
}

/* False: complained. */
static bool read_rule(struct reading *reading, struct entry *entry)
{
    static const struct {
        icalproperty_kind kind;
        const char *name;
    } refused[] = {{ICAL_RDATE_PROPERTY, "RDATE"}, {ICAL_EXRULE_PROPERTY, "EXRULE"}};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (icalcomponent_get_first_property(entry->component, refused[i].kind) != NULL) {
            complain(reading, refused[i].name, "%s is not understood; write an event of its own",
                     refused[i].name);
            return false;
        }
    }
    icalproperty *property =
        icalcomponent_get_first_property(entry->component, ICAL_RRULE_PROPERTY);
    if (property == NULL) {
        return true;
    }
    const char *reason;
    const char *rule = icalproperty_get_value_as_string(property);
    entry->recurs = true;
    if (!recurrence_parse(text_from(rule), &entry->recurrence, &reason)) {
        complain(reading, "RRULE", "RRULE: %s", reason);
        return false;
    }
    if (entry->start.is_skipped) {
        complain(reading, "DTSTART",
                 "DTSTART: clocks skip that time; begin with another occurrence");
        return false;
    }
    if (icalcomponent_get_next_property(entry->component, ICAL_RRULE_PROPERTY) != NULL) {
        complain(reading, "RRULE", "RRULE: only one is understood");
        return false;
    }
    return true;
}

/* Start and end */

static bool exact_time(icalcomponent *event, const char *name, int64_t *ns_out)
{
    const char *text = x_text(event, name);
    return text != NULL && civil_parse_rfc3339(text_from(text), ns_out);
}

static bool read_end(struct reading *reading, struct entry *entry, int64_t *end_out)
{
    icalproperty *end = icalcomponent_get_first_property(entry->component, ICAL_DTEND_PROPERTY);
    icalproperty *duration =
        icalcomponent_get_first_property(entry->component, ICAL_DURATION_PROPERTY);
    struct told told;
    if (end != NULL) {
        bool read = read_time(reading, end, "DTEND", &told);
        *end_out = told.ns;
        if (read && told.is_date) {
            entry->days = (zone_local_ns(told.zone, told.ns) -
                           zone_local_ns(entry->start.zone, entry->start.ns)) /
                          NS_PER_DAY;
        }
        return read;
    }
    int64_t local = zone_local_ns(entry->start.zone, entry->start.ns);
    if (duration != NULL) {
        struct icaldurationtype length = icalproperty_get_duration(duration);
        int64_t days = (int64_t)length.weeks * 7 + length.days;
        int64_t seconds =
            (int64_t)length.hours * 3600 + (int64_t)length.minutes * 60 + length.seconds;
        /* Days are days of the calendar, the rest is exact [RFC 5545 3.3.6]. */
        *end_out =
            zone_utc_ns(entry->start.zone, local + days * NS_PER_DAY) + seconds * NS_PER_SECOND;
        *end_out = length.is_neg ? entry->start.ns : *end_out;
        entry->days = days;
        return true;
    }
    if (entry->start.is_date) {
        entry->days = 1;
        *end_out = zone_utc_ns(entry->start.zone, local + NS_PER_DAY);
        return true;
    }
    complain(reading, "DTSTART", "no DTEND and no DURATION: when does it end?");
    return false;
}

static bool read_span(struct reading *reading, struct entry *entry)
{
    icalproperty *start = icalcomponent_get_first_property(entry->component, ICAL_DTSTART_PROPERTY);
    int64_t end_ns;
    if (start == NULL) {
        complain(reading, "DTSTART", "no DTSTART");
        return false;
    }
    if (!read_time(reading, start, "DTSTART", &entry->start) ||
        !read_end(reading, entry, &end_ns)) {
        return false;
    }
    (void)exact_time(entry->component, "X-NINES-START", &entry->start.ns);
    (void)exact_time(entry->component, "X-NINES-END", &end_ns);
    entry->length_ns = end_ns - entry->start.ns;
    if (entry->length_ns <= 0) {
        complain(reading, "DTEND", "its end must be greater than its start");
        return false;
    }
    return true;
}

/* Events */

static bool is_cancelled(const struct reading *reading, icalcomponent *component)
{
    icalproperty *status = icalcomponent_get_first_property(component, ICAL_STATUS_PROPERTY);
    return reading->cancels ||
           (status != NULL && icalproperty_get_status(status) == ICAL_STATUS_CANCELLED);
}

/* Libical puts what it cannot read aside, under a name of its own. */
static bool has_errors(struct reading *reading, icalcomponent *component)
{
    bool any = false;
    for (icalproperty *property =
             icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);
         property != NULL;
         property = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY)) {
        const char *detail = icalproperty_get_xlicerror(property);
        const char *in = strstr(detail, " in ");
        char name[32] = "";
        if (in != NULL) {
            snprintf(name, sizeof(name), "%.*s", (int)strcspn(in + 4, " "), in + 4);
        }
        complain(reading, name, "%s", detail);
        any = true;
    }
    return any;
}

static bool read_uid(struct reading *reading, struct entry *entry)
{
    entry->uid = icalcomponent_get_uid(entry->component);
    if (entry->uid == NULL || entry->uid[0] == '\0' || strlen(entry->uid) > NAME_BYTES_MAX) {
        complain(reading, "UID", "UID must have 1 to %d bytes: it is the maintenance's id",
                 NAME_BYTES_MAX);
        return false;
    }
    return true;
}

static void take_entry(struct reading *reading, const struct entry *entry)
{
    char rule[RECURRENCE_TEXT_SIZE];
    if (entry->recurrence_id.ns != TIME_NONE) {
        add_occurrence(reading, entry, entry->recurrence_id.ns, entry->start.ns);
    } else if (!entry->recurs) {
        add_event(reading, entry, entry->uid, entry->start.ns, NULL);
    } else if (is_plain(reading, entry)) {
        recurrence_format(&entry->recurrence, rule);
        add_event(reading, entry, entry->uid, entry->start.ns, rule);
    } else {
        add_each(reading, entry);
    }
}

static void take_event(struct reading *reading, icalcomponent *component)
{
    struct entry entry = {.component = component,
                          .recurrence_id = {.ns = TIME_NONE},
                          .cancelled = is_cancelled(reading, component)};
    icalproperty *id = icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY);
    if (has_errors(reading, component) || !read_uid(reading, &entry) ||
        !read_span(reading, &entry) || !read_rule(reading, &entry) ||
        (id != NULL && !read_time(reading, id, "RECURRENCE-ID", &entry.recurrence_id))) {
        return;
    }
    entry.services = services_of(reading, component);
    if (entry.services == NULL && !entry.cancelled) {
        complain(reading, "UID", "no service: say --services NAME");
        return;
    }
    take_entry(reading, &entry);
    json_decref(entry.services);
}

/* Before the events themselves: which occurrences are described apart. */
static void note_moved(struct reading *reading, icalcomponent *component)
{
    icalproperty *id = icalcomponent_get_first_property(component, ICAL_RECURRENCEID_PROPERTY);
    struct told told;
    if (id == NULL || icalcomponent_get_uid(component) == NULL ||
        !read_time(reading, id, "RECURRENCE-ID", &told)) {
        return;
    }
    reading->moved = realloc(reading->moved, (reading->moved_count + 1) * sizeof(*reading->moved));
    assert(reading->moved != NULL);
    reading->moved[reading->moved_count++] =
        (struct moved){icalcomponent_get_uid(component), told.ns};
}

typedef void event_visit(struct reading *reading, icalcomponent *component);

static void walk(struct reading *reading, icalcomponent *component, event_visit *visit)
{
    if (icalcomponent_isa(component) == ICAL_VEVENT_COMPONENT) {
        visit(reading, component);
        reading->event_index++;
        return;
    }
    if (icalcomponent_isa(component) == ICAL_VCALENDAR_COMPONENT) {
        reading->cancels = icalcomponent_get_method(component) == ICAL_METHOD_CANCEL;
    }
    icalcompiter parts = icalcomponent_begin_component(component, ICAL_ANY_COMPONENT);
    for (; icalcompiter_deref(&parts) != NULL; icalcompiter_next(&parts)) {
        walk(reading, icalcompiter_deref(&parts), visit);
    }
}

static void walk_all(struct reading *reading, icalcomponent *root, event_visit *visit)
{
    reading->event_index = 0;
    reading->cancels = false;
    walk(reading, root, visit);
}

json_t *calendar_read(const char *text, const struct calendar_settings *settings,
                      struct text_buffer *errors, bool *more_out)
{
    struct reading reading = {
        .text = text,
        .settings = settings,
        .errors = errors,
        .events = json_array(),
        .starts = malloc(RECURRENCE_OCCURRENCES_MAX * sizeof(int64_t)),
    };
    assert(reading.starts != NULL);
    region_init(&reading.zones);
    icalerror_set_errors_are_fatal(0);
    icalcomponent *root = icalparser_parse_string(text);
    if (root == NULL) {
        text_buffer_format(errors, "%s: not an iCalendar file\n", settings->path);
    } else {
        walk_all(&reading, root, note_moved);
        if (errors->length == 0) {
            walk_all(&reading, root, take_event);
        }
        icalcomponent_free(root);
    }
    region_fini(&reading.zones);
    free(reading.moved);
    free(reading.starts);
    *more_out = reading.more;
    if (errors->length != 0) {
        json_decref(reading.events);
        return NULL;
    }
    return reading.events;
}
