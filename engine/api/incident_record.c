#include "api/incident_record.h"

#include <jansson.h>
#include <stdio.h>

static enum status complain(char *detail, const char *text)
{
    snprintf(detail, INCIDENT_DETAIL_SIZE, "%s", text);
    return STATUS_INVALID;
}

/* Behind the opening brace, and whether the object is empty. */
static const char *inside(struct text body, bool *empty_out)
{
    const char *at = memchr(body.bytes, '{', body.length);
    const char *end = body.bytes + body.length;
    at++; /* jansson found an object: there is a brace */
    const char *next = at;
    while (next < end && strchr(" \t\r\n", *next) != NULL) {
        next++;
    }
    *empty_out = *next == '}';
    return at;
}

static enum status check_kind(const json_t *object, char *detail)
{
    const json_t *kind = json_object_get(object, "kind");
    bool good =
        kind == NULL || (json_is_string(kind) && strcmp(json_string_value(kind), "incident") == 0);
    return good ? STATUS_OK : complain(detail, "kind must be incident, or left out");
}

static enum status check_id(const json_t *object, struct text id_given, char *id_out, char *detail)
{
    const json_t *id = json_object_get(object, "id");
    if (id != NULL && !json_is_string(id)) {
        return complain(detail, "id must be a string");
    }
    struct text own = TEXT_NONE;
    if (id != NULL) {
        own = (struct text){json_string_value(id), (uint32_t)json_string_length(id)};
    }
    if (id != NULL && id_given.bytes != NULL && !text_equal(own, id_given)) {
        return complain(detail, "id must be the one of the path, or left out");
    }
    struct text used = id_given.bytes != NULL ? id_given : own;
    if (used.length == 0) {
        return complain(detail, "id is missing");
    }
    snprintf(id_out, INCIDENT_ID_SIZE, "%.*s", (int)used.length, used.bytes);
    return STATUS_OK;
}

static void write_record(const json_t *object, struct text body, struct text id_given,
                         struct text_buffer *out)
{
    bool empty;
    const char *rest = inside(body, &empty);
    text_buffer_string(out, "[{");
    const char *comma = "";
    if (json_object_get(object, "kind") == NULL) {
        text_buffer_string(out, "\"kind\":\"incident\"");
        comma = ",";
    }
    if (json_object_get(object, "id") == NULL && id_given.bytes != NULL) {
        text_buffer_format(out, "%s\"id\":", comma);
        text_buffer_json(out, id_given);
        comma = ",";
    }
    text_buffer_string(out, empty ? "" : comma);
    text_buffer_append(out, rest, (size_t)(body.bytes + body.length - rest));
    text_buffer_char(out, ']');
}

enum status incident_record(struct text body, struct text id_given, struct text_buffer *records_out,
                            char id_out[INCIDENT_ID_SIZE], char detail_out[INCIDENT_DETAIL_SIZE])
{
    json_error_t error;
    json_t *object = json_loadb(body.bytes, body.length, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL) {
        snprintf(detail_out, INCIDENT_DETAIL_SIZE, "line %d, column %d: %s", error.line,
                 error.column, error.text);
        return STATUS_INVALID;
    }
    enum status status = STATUS_OK;
    if (!json_is_object(object)) {
        status = complain(detail_out, "the body must be one JSON object");
    }
    status = status == STATUS_OK ? check_kind(object, detail_out) : status;
    status = status == STATUS_OK ? check_id(object, id_given, id_out, detail_out) : status;
    if (status == STATUS_OK) {
        write_record(object, body, id_given, records_out);
    }
    json_decref(object);
    return status;
}
