/* One request to the daemon's HTTP API and its whole answer: libcurl, bounded in time and size.
 *
 * Every failure is a message for people that names the address and says what to do: nobody there,
 * no HTTP there, an answer that ends early or is too large, a refusal (problem+json). Proxies of
 * the environment are not used: the daemon is ours, and mostly on this very machine. */
#ifndef NINES_HTTP_CLIENT_H
#define NINES_HTTP_CLIENT_H

#include "base/bytes.h"
#include "base/status.h"
#include "base/text_buffer.h"

#define HTTP_CLIENT_MESSAGE_SIZE 1024

struct http_call {
    const char *method;
    const char *base; /* http://HOST:PORT */
    const char *path; /* from the slash on, encoded */
    struct text body; /* JSON; TEXT_NONE: none */
};

struct http_reply {
    long status;
    char media[64]; /* without parameters; "" when it was not said */
    struct text_buffer body;
};

/* STATUS_OK: there is a whole answer, whatever its status; the caller ends it with http_reply_fini.
 */
must_check enum status http_call(const struct http_call *call, struct http_reply *reply_out,
                                 char message_out[HTTP_CLIENT_MESSAGE_SIZE]);
void http_reply_fini(struct http_reply *reply);

/* Appends a segment of a path or a value of a query, percent-encoded. */
void http_encode(struct text_buffer *out, const char *text);

#endif
