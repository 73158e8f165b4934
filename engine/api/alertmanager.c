#include "api/alertmanager.h"

#include <jansson.h>
#include <stdio.h>

static const char *member(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* Alertmanager writes Go's zero time for "not ended". */
static bool is_zero_time(const char *time)
{
    return time == NULL || strncmp(time, "0001-01-01T00:00:00", 19) == 0;
}

static const char *severity_of(const char *label)
{
    static const struct {
        const char *label;
        const char *severity;
    } severities[] = {
        {"critical", "critical"}, {"page", "critical"}, {"error", "major"},  {"high", "major"},
        {"major", "major"},       {"warning", "minor"}, {"ticket", "minor"}, {"minor", "minor"},
        {"low", "minor"},         {"info", "info"},     {"none", "info"},
    };
    for (size_t i = 0; label != NULL && i < sizeof(severities) / sizeof(severities[0]); i++) {
        if (strcmp(severities[i].label, label) == 0) {
            return severities[i].severity;
        }
    }
    return NULL;
}

static void put(struct text_buffer *out, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        text_buffer_format(out, ",\"%s\":", name);
        text_buffer_json(out, text_from(value));
    }
}

static void put_id(struct text_buffer *out, const char *fingerprint, const char *starts)
{
    if (fingerprint == NULL || is_zero_time(starts)) {
        return; /* without an id the decoder refuses the record, and says so */
    }
    struct text_buffer id;
    text_buffer_init(&id);
    text_buffer_format(&id, "%s@%s", fingerprint, starts);
    put(out, "id", id.bytes);
    text_buffer_fini(&id);
}

static void put_times(struct text_buffer *out, const json_t *alert, bool resolved)
{
    const char *starts = member(alert, "startsAt");
    const char *ends = member(alert, "endsAt");
    if (!is_zero_time(starts)) {
        put(out, "started_at", starts);
    }
    const char *ts = resolved ? ends : starts;
    if (!is_zero_time(ts)) {
        put(out, "ts", ts);
    }
}

static void put_alert(struct text_buffer *out, const json_t *alert)
{
    const json_t *labels = json_object_get(alert, "labels");
    const json_t *annotations = json_object_get(alert, "annotations");
    const char *status = member(alert, "status");
    const char *service = member(labels, "service");
    const char *summary = member(annotations, "summary");
    bool resolved = status != NULL && strcmp(status, "resolved") == 0;
    text_buffer_format(out, "{\"kind\":\"incident\",\"source\":\"alertmanager\",\"state\":\"%s\"",
                       resolved ? "resolved" : "open");
    put_id(out, member(alert, "fingerprint"), member(alert, "startsAt"));
    put_times(out, alert, resolved);
    put(out, "service", service != NULL && service[0] != '\0' ? service : member(labels, "job"));
    put(out, "customer", member(labels, "customer"));
    put(out, "severity", severity_of(member(labels, "severity")));
    put(out, "title",
        summary != NULL && summary[0] != '\0' ? summary : member(labels, "alertname"));
    text_buffer_char(out, '}');
}

static enum status write_alerts(const json_t *root, struct text_buffer *out,
                                struct alertmanager_notes *notes, char *detail)
{
    const json_t *alerts = json_object_get(root, "alerts");
    if (!json_is_array(alerts)) {
        snprintf(detail, ALERTMANAGER_DETAIL_SIZE,
                 "not an Alertmanager webhook: an object with a list `alerts` is expected");
        return STATUS_INVALID;
    }
    json_int_t truncated = json_integer_value(json_object_get(root, "truncatedAlerts"));
    notes->alerts = (uint32_t)json_array_size(alerts);
    notes->truncated = truncated > 0 && truncated < UINT32_MAX ? (uint32_t)truncated : 0;
    text_buffer_char(out, '[');
    for (size_t i = 0; i < json_array_size(alerts); i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        put_alert(out, json_array_get(alerts, i));
    }
    text_buffer_char(out, ']');
    return STATUS_OK;
}

enum status alertmanager_records(struct text body, struct text_buffer *records_out,
                                 struct alertmanager_notes *notes_out,
                                 char detail_out[ALERTMANAGER_DETAIL_SIZE])
{
    json_error_t error;
    *notes_out = (struct alertmanager_notes){0};
    json_t *root = json_loadb(body.bytes, body.length, 0, &error);
    if (root == NULL) {
        snprintf(detail_out, ALERTMANAGER_DETAIL_SIZE, "line %d, column %d: %s", error.line,
                 error.column, error.text);
        return STATUS_INVALID;
    }
    enum status status = write_alerts(root, records_out, notes_out, detail_out);
    json_decref(root);
    return status;
}
