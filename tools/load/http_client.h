/* A small HTTP/1.1 client over one kept connection: GET, and the reading of answers. For status,
 * metrics and posts of the engine under test; blocking, with time-outs. Bodies by Content-Length or
 * chunked.
 */
#ifndef LOAD_HTTP_CLIENT_H
#define LOAD_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_TIMEOUT_S 30
/* Of the header of an answer. */
#define HTTP_HEADER_MAX 16384
/* Of a body: /metrics of some ten thousand objectives. */
#define HTTP_BODY_MAX (64 << 20)

struct http_client {
    int fd; /* -1: not connected */
    char host[256];
    char port[16];
    char *bytes; /* header and body as received */
    size_t length;
    size_t size;
    int status;
    const char *body; /* borrowed until the next call; terminated */
    size_t body_length;
};

/* scheme://HOST:PORT, HOST perhaps in brackets. False: it has another shape. */
bool address_split(const char *url, const char *scheme, char host_out[256], char port_out[16]);
/* A connected TCP socket with TCP_NODELAY, or -1 after a message on stderr. */
int address_connect(const char *host, const char *port);

/* Does not connect yet. False: the URL is not http://HOST:PORT. */
bool http_client_init(struct http_client *client, const char *url);
void http_client_fini(struct http_client *client);
/* True with status and body when there was an answer, whatever its status. Reconnects once. */
bool http_client_get(struct http_client *client, const char *path);

#endif
