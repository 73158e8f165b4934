/* Asking the daemon: a path, and the JSON it answers with. Shared by every command that talks to
 * the API. */
#ifndef NINES_QUERY_H
#define NINES_QUERY_H

#include "nines/endpoint.h"
#include "nines/http_client.h"
#include "nines/json_view.h"
#include "nines/value_option.h"

/* Builds `/v1/...`: segments and parameters are encoded. */
struct query {
    struct text_buffer path;
    bool has_parameters;
};
void query_begin(struct query *query, const char *path);
void query_end(struct query *query);
void query_segment(struct query *query, const char *segment);
/* value NULL: nothing. */
void query_parameter(struct query *query, const char *name, const char *value);
void query_instant(struct query *query, const char *name, int64_t ns);
/* at, period, from and to. */
void query_question(struct query *query, const struct time_question *question,
                    const struct time_answer *answer);

/* A 2xx answer. Not STATUS_OK: the message says why; STATUS_NOT_FOUND for 404. */
must_check enum status query_reply(const struct query *query, const char *base,
                                   struct http_reply *reply_out,
                                   char message_out[HTTP_CLIENT_MESSAGE_SIZE]);
/* The same, read as JSON. The caller gives the value back (json_decref). */
must_check enum status query_json(const struct query *query, const char *base, json_t **value_out,
                                  char message_out[HTTP_CLIENT_MESSAGE_SIZE]);
/* Sends JSON; the answer is read as JSON. */
must_check enum status query_send(const struct query *query, const char *base, const char *method,
                                  const json_t *body, json_t **value_out,
                                  char message_out[HTTP_CLIENT_MESSAGE_SIZE]);
/* The bytes of an answer as JSON. */
must_check enum status query_read_json(const struct http_reply *reply, const char *base,
                                       json_t **value_out,
                                       char message_out[HTTP_CLIENT_MESSAGE_SIZE]);

#endif
