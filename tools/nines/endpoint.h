/* Where the daemon is: said on the command line, read from DATA/endpoints.json, or where it is by
 * default (CONTRACT section 1). */
#ifndef NINES_ENDPOINT_H
#define NINES_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "nines/options.h"

#define ENDPOINT_URL_SIZE 512
#define ENDPOINT_HTTP     "http://127.0.0.1:4991"
#define ENDPOINT_INGEST   "tcp://127.0.0.1:4990"

/* Options of every command that talks to the HTTP API. */
struct endpoint_options {
    const char *url;
    const char *data;
};
#define ENDPOINT_ROWS(options)                                                                     \
    {"url", OPTION_STRING, &(options)->url, "URL", "the daemon; default " ENDPOINT_HTTP},          \
    {                                                                                              \
        "data", OPTION_STRING, &(options)->data, "DIR",                                            \
            "its data directory, whose endpoints.json knows its address"                           \
    }

/* The base url, without a slash at its end. Answers an exit code: EXIT_OK, or it complained. */
int endpoint_base(const struct endpoint_options *options, char url_out[ENDPOINT_URL_SIZE]);
/* The first tcp address, else the first unix one. data: NULL for the default. Likewise. */
int endpoint_ingest(const char *data, char url_out[ENDPOINT_URL_SIZE]);

#endif
