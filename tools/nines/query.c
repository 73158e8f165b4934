#include "nines/query.h"

#include <stdio.h>

void query_begin(struct query *query, const char *path)
{
    text_buffer_init(&query->path);
    text_buffer_string(&query->path, path);
    query->has_parameters = false;
}

void query_end(struct query *query)
{
    text_buffer_fini(&query->path);
}

void query_segment(struct query *query, const char *segment)
{
    text_buffer_char(&query->path, '/');
    http_encode(&query->path, segment);
}

void query_parameter(struct query *query, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }
    text_buffer_format(&query->path, "%c%s=", query->has_parameters ? '&' : '?', name);
    http_encode(&query->path, value);
    query->has_parameters = true;
}

void query_instant(struct query *query, const char *name, int64_t ns)
{
    char text[CIVIL_TEXT_SIZE];
    civil_format(ns, text);
    query_parameter(query, name, text);
}

void query_question(struct query *query, const struct time_question *question,
                    const struct time_answer *answer)
{
    if (answer->is_period) {
        query_parameter(query, "period", question->period);
    } else if (answer->has_span) {
        query_instant(query, "from", answer->span.start_ns);
        query_instant(query, "to", answer->span.end_ns);
    } else if (answer->has_at) {
        query_instant(query, "at", answer->at_ns);
    }
}

/* What the daemon says about a refusal (RFC 9457). */
static void explain_refusal(const struct http_reply *reply, const char *base,
                            char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    json_t *problem = json_loadb(reply->body.bytes, reply->body.length, 0, NULL);
    const char *detail = json_text_at(problem, "detail");
    const char *title = json_text_at(problem, "title");
    if (detail[0] != '\0' || title[0] != '\0') {
        snprintf(message_out, HTTP_CLIENT_MESSAGE_SIZE, "%s (%ld)",
                 detail[0] != '\0' ? detail : title, reply->status);
    } else {
        snprintf(message_out, HTTP_CLIENT_MESSAGE_SIZE, "%s answers with status %ld: is it ninesd?",
                 base, reply->status);
    }
    json_decref(problem);
}

static enum status check_status(const struct http_reply *reply, const char *base,
                                char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    if (reply->status >= 200 && reply->status <= 299) {
        return STATUS_OK;
    }
    explain_refusal(reply, base, message_out);
    return reply->status == 404   ? STATUS_NOT_FOUND
           : reply->status == 503 ? STATUS_BUSY
                                  : STATUS_INVALID;
}

static enum status call(const struct http_call *call, struct http_reply *reply_out,
                        char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct http_reply reply;
    enum status status = http_call(call, &reply, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    status = check_status(&reply, call->base, message_out);
    if (status != STATUS_OK) {
        http_reply_fini(&reply);
        return status;
    }
    *reply_out = reply;
    return STATUS_OK;
}

enum status query_reply(const struct query *query, const char *base, struct http_reply *reply_out,
                        char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct http_call get = {.method = "GET", .base = base, .path = query->path.bytes};
    return call(&get, reply_out, message_out);
}

enum status query_read_json(const struct http_reply *reply, const char *base, json_t **value_out,
                            char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    json_error_t error;
    json_t *value =
        json_loadb(reply->body.bytes, reply->body.length, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(value)) {
        snprintf(message_out, HTTP_CLIENT_MESSAGE_SIZE,
                 "%s answers with something else than a JSON object%s%s: is it ninesd?", base,
                 value == NULL ? ": " : "", value == NULL ? error.text : "");
        json_decref(value);
        return STATUS_FOREIGN;
    }
    *value_out = value;
    return STATUS_OK;
}

static enum status call_json(const struct http_call *request, json_t **value_out,
                             char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct http_reply reply;
    enum status status = call(request, &reply, message_out);
    if (status == STATUS_OK) {
        status = query_read_json(&reply, request->base, value_out, message_out);
        http_reply_fini(&reply);
    }
    return status;
}

enum status query_json(const struct query *query, const char *base, json_t **value_out,
                       char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct http_call get = {.method = "GET", .base = base, .path = query->path.bytes};
    return call_json(&get, value_out, message_out);
}

enum status query_send(const struct query *query, const char *base, const char *method,
                       const json_t *body, json_t **value_out,
                       char message_out[HTTP_CLIENT_MESSAGE_SIZE])
{
    struct text_buffer text;
    text_buffer_init(&text);
    json_write(&text, body);
    struct http_call send = {
        .method = method,
        .base = base,
        .path = query->path.bytes,
        .body = {text.bytes, (uint32_t)text.length},
    };
    enum status status = call_json(&send, value_out, message_out);
    text_buffer_fini(&text);
    return status;
}
