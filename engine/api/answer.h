/* What goes back for a request: filled by a handler, sent by http.c. */
#ifndef API_ANSWER_H
#define API_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text_buffer.h"

#define MEDIA_JSON        "application/json"
#define MEDIA_PROBLEM     "application/problem+json"
#define MEDIA_TEXT        "text/plain; charset=utf-8"
#define MEDIA_CSV         "text/csv; charset=utf-8"
#define MEDIA_METRICS     "text/plain; version=0.0.4; charset=utf-8"
#define MEDIA_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct answer {
    uint32_t status;
    const char *media; /* static */
    struct text_buffer body;
    uint32_t retry_after_s; /* 0: does not say */
    bool close;             /* the connection, after it */
    /* Headers that few answers have; "" for none. */
    char allow[64];
    const char *accept_encoding; /* of a 415; NULL: none */
    char location[512];
};

/* A good answer whose body the handler appends to answer->body. */
static inline void answer_begin(struct answer *answer, uint32_t status, const char *media)
{
    answer->status = status;
    answer->media = media;
    text_buffer_clear(&answer->body);
}

#endif
