#include "api/incident_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/panic.h"
#include "domain/civil.h"
#include "evaluate/each.h"

static void *copied(const void *array, uint32_t count, size_t element)
{
    void *copy = malloc((size_t)count * element + 1);
    assert(copy != NULL);
    if (count > 0) {
        memcpy(copy, array, (size_t)count * element);
    }
    return copy;
}

void incident_view_take(struct incident_view *view, const struct incident *incident)
{
    *view = (struct incident_view){
        .id = incident->id,
        .customer = incident->customer,
        .services =
            copied(incident->services, incident->service_count, sizeof(*incident->services)),
        .service_count = incident->service_count,
        .intervals =
            copied(incident->intervals, incident->interval_count, sizeof(*incident->intervals)),
        .interval_count = incident->interval_count,
        .title = incident->title == NULL ? NULL : strdup(incident->title),
        .nature = incident->nature,
        .severity = incident->severity,
        .acknowledged_ns = incident->acknowledged_ns,
        .position = incident->position,
        .cancelled = incident->cancelled,
        .complaint = incident->complaint,
        .promoted = incident->promoted,
    };
}

void incident_view_fini(struct incident_view *view)
{
    free(view->services);
    free(view->intervals);
    free(view->title);
    *view = (struct incident_view){0};
}

static const struct incident_interval *last_interval(const struct incident_view *view)
{
    return view->interval_count == 0 ? NULL : &view->intervals[view->interval_count - 1];
}

static enum incident_state state_of(const struct incident_view *view)
{
    const struct incident_interval *last = last_interval(view);
    if (view->cancelled) {
        return INCIDENT_STATE_CANCELLED;
    }
    if (last == NULL || last->span.end_ns != INT64_MAX) {
        return INCIDENT_STATE_RESOLVED;
    }
    bool acknowledged =
        view->acknowledged_ns != INT64_MAX && view->acknowledged_ns >= last->span.start_ns;
    return acknowledged ? INCIDENT_STATE_ACKNOWLEDGED : INCIDENT_STATE_OPEN;
}

/* From its first start to its end; to now while it is open. */
static int64_t age_s(const struct incident_view *view, int64_t at_ns)
{
    const struct incident_interval *last = last_interval(view);
    if (last == NULL) {
        return 0;
    }
    int64_t end_ns = last->span.end_ns == INT64_MAX ? at_ns : last->span.end_ns;
    int64_t age_ns = end_ns - view->intervals[0].span.start_ns;
    return age_ns < 0 ? 0 : age_ns / NS_PER_SECOND;
}

static void write_name(struct text_buffer *out, const char *key, struct text text)
{
    text_buffer_format(out, "\"%s\":", key);
    if (text.length == 0) {
        text_buffer_string(out, "null");
    } else {
        text_buffer_json(out, text);
    }
}

/* One service as a string, several as a list, as they are sent. */
static void write_services(const struct incident_view *view, const struct name_table *names,
                           struct text_buffer *out)
{
    if (view->service_count == 1) {
        write_name(out, "service", name_text(names, view->services[0]));
        return;
    }
    text_buffer_string(out, "\"service\":[");
    for (uint32_t i = 0; i < view->service_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        text_buffer_json(out, name_text(names, view->services[i]));
    }
    text_buffer_char(out, ']');
}

static void write_instant(struct text_buffer *out, const char *key, int64_t ns)
{
    char text[CIVIL_TEXT_SIZE];
    if (ns == INT64_MAX || ns == INT64_MIN) {
        text_buffer_format(out, "\"%s\":null", key);
    } else {
        civil_format(ns, text);
        text_buffer_format(out, "\"%s\":\"%s\"", key, text);
    }
}

static void write_intervals(const struct incident_view *view, struct text_buffer *out)
{
    text_buffer_string(out, ",\"intervals\":[");
    for (uint32_t i = 0; i < view->interval_count; i++) {
        const struct incident_interval *interval = &view->intervals[i];
        text_buffer_string(out, i == 0 ? "{" : ",{");
        write_instant(out, "start", interval->span.start_ns);
        text_buffer_char(out, ',');
        write_instant(out, "end", interval->span.end_ns);
        text_buffer_char(out, ',');
        write_instant(out, "actual_from", interval->actual_from_ns);
        text_buffer_char(out, '}');
    }
    text_buffer_char(out, ']');
}

/* Of `customer: each` there is one agreement for every customer, all with one name. */
static bool told_before(const struct agreement_set *set, const bool *concerns, uint32_t place)
{
    const struct agreement *agreement = &set->agreements[place];
    for (uint32_t i = place; each_is_added(agreement) && i-- > 0;) {
        if (concerns[i] && strcmp(set->agreements[i].name, agreement->name) == 0) {
            return true;
        }
    }
    return false;
}

static void write_agreements(const struct agreement_set *set, const bool *concerns,
                             struct text_buffer *out)
{
    text_buffer_string(out, ",\"agreements\":[");
    const char *comma = "";
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        if (concerns[i] && !told_before(set, concerns, i)) {
            text_buffer_string(out, comma);
            text_buffer_json(out, text_from(set->agreements[i].name));
            comma = ",";
        }
    }
    text_buffer_char(out, ']');
}

void incident_view_json(const struct incident_view *view, const struct name_table *names,
                        const struct agreement_set *set, const bool *concerns, int64_t at_ns,
                        struct text_buffer *out)
{
    text_buffer_string(out, "{\"kind\":\"incident\",");
    write_name(out, "id", name_text(names, view->id));
    text_buffer_char(out, ',');
    write_services(view, names, out);
    text_buffer_char(out, ',');
    write_name(out, "customer", name_text(names, view->customer));
    text_buffer_format(out,
                       ",\"state\":\"%s\",\"nature\":\"%s\",\"complaint\":%s,\"severity\":\"%s\",",
                       incident_state_word(state_of(view)), nature_word(view->nature),
                       view->complaint ? "true" : "false", severity_word(view->severity));
    write_name(out, "title", view->title == NULL ? TEXT_NONE : text_from(view->title));
    text_buffer_char(out, ',');
    write_instant(out, "started_at",
                  view->interval_count == 0 ? INT64_MIN : view->intervals[0].span.start_ns);
    text_buffer_char(out, ',');
    write_instant(out, "acknowledged_at", view->acknowledged_ns);
    write_intervals(view, out);
    text_buffer_format(out, ",\"age_s\":%" PRId64 ",\"promoted\":%s", age_s(view, at_ns),
                       view->promoted ? "true" : "false");
    write_agreements(set, concerns, out);
    text_buffer_format(out, ",\"standing\":null,\"position\":%" PRIu64 "}", view->position);
}

/* Missed deliveries */

void missed_view_id(const struct missed_view *view, struct text_buffer *out)
{
    const struct agreement *agreement = view->agreement;
    char text[CIVIL_TEXT_SIZE];
    civil_format(floor_to(view->span.start_ns, NS_PER_SECOND), text); /* 2026-06-08T04:00:00Z */
    text_buffer_string(out, agreement->name);
    if (each_is_added(agreement)) {
        text_buffer_format(out, "@%s", agreement->customer);
    }
    text_buffer_format(out, "/%s/%.4s%.2s%.2sT%.2s%.2s%.2sZ", view->request->name, text, text + 5,
                       text + 8, text + 11, text + 14, text + 17);
}

static void write_agreed_services(const struct agreement *agreement, struct text_buffer *out)
{
    bool many = agreement->service_count != 1;
    text_buffer_string(out, many ? "\"service\":[" : "\"service\":");
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        text_buffer_json(out, text_from(agreement->services[i]));
    }
    text_buffer_string(out, many ? "]," : ",");
}

void missed_view_json(const struct missed_view *view, int64_t at_ns, struct text_buffer *out)
{
    const struct agreement *agreement = view->agreement;
    bool is_open = view->span.end_ns == INT64_MAX;
    int64_t age_ns = (is_open ? at_ns : view->span.end_ns) - view->span.start_ns;
    struct text_buffer text;
    text_buffer_init(&text);
    missed_view_id(view, &text);
    text_buffer_string(out, "{\"kind\":\"incident\",");
    write_name(out, "id", (struct text){text.bytes, (uint32_t)text.length});
    text_buffer_char(out, ',');
    write_agreed_services(agreement, out);
    write_name(out, "customer",
               agreement->customer == NULL ? TEXT_NONE : text_from(agreement->customer));
    text_buffer_format(out,
                       ",\"state\":\"%s\",\"nature\":\"actual\",\"complaint\":false,"
                       "\"severity\":\"%s\",",
                       incident_state_word(is_open ? INCIDENT_STATE_OPEN : INCIDENT_STATE_RESOLVED),
                       severity_word(SEVERITY_MAJOR));
    text_buffer_clear(&text);
    text_buffer_format(&text, "%s did not come in time", view->request->name);
    write_name(out, "title", (struct text){text.bytes, (uint32_t)text.length});
    text_buffer_char(out, ',');
    write_instant(out, "started_at", view->span.start_ns);
    text_buffer_string(out, ",\"acknowledged_at\":null,\"intervals\":[{");
    write_instant(out, "start", view->span.start_ns);
    text_buffer_char(out, ',');
    write_instant(out, "end", view->span.end_ns);
    text_buffer_char(out, ',');
    write_instant(out, "actual_from", view->span.start_ns);
    text_buffer_format(out, "}],\"age_s\":%" PRId64 ",\"promoted\":false,\"agreements\":[",
                       age_ns / NS_PER_SECOND);
    text_buffer_json(out, text_from(agreement->name));
    text_buffer_string(out, "],");
    write_name(out, "standing", text_from(view->request->name));
    text_buffer_string(out, ",\"position\":null}");
    text_buffer_fini(&text);
}
