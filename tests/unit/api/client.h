/* A raw HTTP client: what a test sends is what goes over the wire, byte for byte. Every wait ends.
 */
#ifndef UNIT_API_CLIENT_H
#define UNIT_API_CLIENT_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/mini_engine.h"

#define CLIENT_BYTES_MAX (4u << 20)

struct client {
    int fd;
    char *bytes; /* read and not yet taken */
    size_t length;
};

struct reply {
    int status;    /* 0: the connection was closed instead */
    char *head;    /* status line and fields */
    char *body;    /* terminated */
    size_t length; /* of the body */
    bool closed;   /* the server closed the connection behind it */
};

static inline void client_open(struct client *client, uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct timeval patience = {.tv_sec = 20};
    *client = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    cr_assert_geq(client->fd, 0);
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(client->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    client->bytes = malloc(CLIENT_BYTES_MAX);
    cr_assert_not_null(client->bytes);
}

static inline void client_close(struct client *client)
{
    close(client->fd);
    free(client->bytes);
}

/* False: the peer takes no more. */
static inline bool client_send(struct client *client, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t sent = send(client->fd, at, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* False at the end of the connection. */
static inline bool client_read(struct client *client)
{
    cr_assert_lt(client->length, CLIENT_BYTES_MAX - 1);
    ssize_t got =
        recv(client->fd, client->bytes + client->length, CLIENT_BYTES_MAX - 1 - client->length, 0);
    client->length += got > 0 ? (size_t)got : 0;
    client->bytes[client->length] = '\0';
    return got > 0;
}

/* The value of a header of the reply, in memory of its own; "" when it is not there. */
static inline const char *reply_header(const struct reply *reply, const char *name)
{
    static char value[1024];
    size_t length = strlen(name);
    value[0] = '\0';
    for (const char *line = strstr(reply->head, "\r\n"); line != NULL && line[2] != '\0';
         line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
            sscanf(line + 2 + length + 1, " %1023[^\r]", value);
        }
    }
    return value;
}

static inline void take(struct client *client, size_t length)
{
    client->length -= length;
    memmove(client->bytes, client->bytes + length, client->length + 1);
}

/* Reads one reply; is_head: it has no body. 100 Continue is passed over. */
static inline struct reply client_reply(struct client *client, bool is_head)
{
    struct reply reply = {0};
    char *end;
    while ((end = client->length == 0 ? NULL : strstr(client->bytes, "\r\n\r\n")) == NULL) {
        if (!client_read(client)) {
            reply.head = strdup("");
            reply.body = strdup("");
            reply.closed = true;
            return reply;
        }
    }
    size_t head = (size_t)(end + 4 - client->bytes);
    reply.head = strndup(client->bytes, head);
    sscanf(reply.head, "HTTP/1.%*c %d", &reply.status);
    take(client, head);
    if (reply.status == 100) {
        free(reply.head);
        return client_reply(client, is_head);
    }
    reply.length = is_head ? 0 : strtoul(reply_header(&reply, "Content-Length"), NULL, 10);
    while (client->length < reply.length && client_read(client)) {
    }
    cr_assert_geq(client->length, reply.length, "a body is shorter than announced");
    reply.body = strndup(client->bytes, reply.length);
    if (client->length > 0) {
        take(client, reply.length);
    }
    reply.closed = strcasecmp(reply_header(&reply, "Connection"), "close") == 0;
    return reply;
}

static inline void reply_free(struct reply *reply)
{
    free(reply->head);
    free(reply->body);
}

/* Sends the bytes on a connection of their own and reads one reply. */
static inline struct reply exchange(uint16_t port, const void *bytes, size_t length)
{
    struct client client;
    client_open(&client, port);
    (void)client_send(&client, bytes, length);
    struct reply reply = client_reply(&client, length > 4 && memcmp(bytes, "HEAD", 4) == 0);
    client_close(&client);
    return reply;
}

static inline struct reply exchange_text(uint16_t port, const char *request)
{
    return exchange(port, request, strlen(request));
}

/* One request with its framing; fields: further header lines, each with CR LF. */
static inline struct reply request_with(uint16_t port, const char *method, const char *target,
                                        const char *fields, const void *body, size_t length)
{
    char head[12288];
    int head_length = snprintf(
        head, sizeof(head), "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%sContent-Length: %zu\r\n\r\n",
        method, target, port, fields, length);
    cr_assert_lt((size_t)head_length, sizeof(head));
    char *whole = malloc((size_t)head_length + length + 1);
    cr_assert_not_null(whole);
    memcpy(whole, head, (size_t)head_length);
    if (length > 0) {
        memcpy(whole + head_length, body, length);
    }
    struct reply reply = exchange(port, whole, (size_t)head_length + length);
    free(whole);
    return reply;
}

static inline struct reply get(uint16_t port, const char *target)
{
    char request[12288];
    int length = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n",
                          target, port);
    cr_assert_lt((size_t)length, sizeof(request));
    return exchange(port, request, (size_t)length);
}

static inline struct reply post(uint16_t port, const char *target, const char *body)
{
    return request_with(port, "POST", target, "", body, strlen(body));
}

#define assert_status(reply, expected)                                                             \
    cr_assert_eq((reply).status, expected, "expected %d, got %d: %s%s", expected, (reply).status,  \
                 (reply).head, (reply).body)
#define assert_holds(reply, text)                                                                  \
    cr_assert_not_null(strstr((reply).body, text), "no %s in: %s", text, (reply).body)

#endif
