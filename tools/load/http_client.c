#include "load/http_client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/panic.h"

bool address_split(const char *url, const char *scheme, char host_out[256], char port_out[16])
{
    size_t scheme_length = strlen(scheme);
    if (strncmp(url, scheme, scheme_length) != 0 || strncmp(url + scheme_length, "://", 3) != 0) {
        return false;
    }
    const char *host = url + scheme_length + 3;
    const char *end = host + strcspn(host, "/");
    const char *colon = end;
    while (colon > host && *colon != ':') {
        colon--;
    }
    if (colon == host || end - colon < 2 || end - colon > 15 || colon - host > 255) {
        return false;
    }
    const char *host_end = colon;
    if (*host == '[' && host_end[-1] == ']') {
        host++;
        host_end--;
    }
    snprintf(host_out, 256, "%.*s", (int)(host_end - host), host);
    snprintf(port_out, 16, "%.*s", (int)(end - colon - 1), colon + 1);
    return true;
}

int address_connect(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed != 0) {
        fprintf(stderr, "nines-load: %s: %s\n", host, gai_strerror(failed));
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            int reason = errno;
            close(fd);
            fd = -1;
            errno = reason;
        }
    }
    freeaddrinfo(found);
    if (fd < 0) {
        fprintf(stderr, "nines-load: cannot connect to %s port %s: %s\n", host, port,
                strerror(errno));
        return -1;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

bool http_client_init(struct http_client *client, const char *url)
{
    *client = (struct http_client){.fd = -1};
    return address_split(url, "http", client->host, client->port);
}

static void disconnect(struct http_client *client)
{
    if (client->fd >= 0) {
        close(client->fd);
        client->fd = -1;
    }
}

void http_client_fini(struct http_client *client)
{
    disconnect(client);
    free(client->bytes);
    client->bytes = NULL;
}

static bool connect_if_needed(struct http_client *client)
{
    if (client->fd >= 0) {
        return true;
    }
    client->fd = address_connect(client->host, client->port);
    struct timeval timeout = {.tv_sec = HTTP_TIMEOUT_S};
    if (client->fd >= 0) {
        setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    }
    return client->fd >= 0;
}

/* Some more bytes; false at the end, at an error or beyond the bound. */
static bool receive(struct http_client *client)
{
    if (client->size - client->length < 4096) {
        size_t size = client->size == 0 ? 65536 : client->size * 2;
        char *bytes = size > 2 * (size_t)HTTP_BODY_MAX ? NULL : realloc(client->bytes, size);
        if (bytes == NULL) {
            return false;
        }
        client->bytes = bytes;
        client->size = size;
    }
    ssize_t got;
    do {
        /* One byte is left for the terminator. */
        got =
            recv(client->fd, client->bytes + client->length, client->size - client->length - 1, 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return false;
    }
    client->length += (size_t)got;
    client->bytes[client->length] = '\0';
    return true;
}

static const char *header_value(const char *header, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = strstr(header, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            return line + length + 1 + strspn(line + length + 1, " ");
        }
    }
    return NULL;
}

/* Joins the chunks in place; false: cut short or not chunks. */
static bool receive_chunks(struct http_client *client, size_t at)
{
    size_t to = at;
    for (size_t from = at;;) {
        char *line_end;
        while ((line_end = client->length > from ? strstr(client->bytes + from, "\r\n") : NULL) ==
               NULL) {
            if (!receive(client)) {
                return false;
            }
        }
        size_t chunk = strtoul(client->bytes + from, NULL, 16);
        size_t start = (size_t)(line_end - client->bytes) + 2;
        while (client->length < start + chunk + 2) {
            if (chunk > HTTP_BODY_MAX || !receive(client)) {
                return false;
            }
        }
        memmove(client->bytes + to, client->bytes + start, chunk);
        to += chunk;
        from = start + chunk + 2;
        if (chunk == 0) {
            client->bytes[to] = '\0';
            client->body_length = to - at;
            return true;
        }
    }
}

static bool receive_body(struct http_client *client, size_t at)
{
    client->bytes[at - 2] = '\0'; /* the header is text of its own now */
    const char *length = header_value(client->bytes, "content-length");
    const char *encoding = header_value(client->bytes, "transfer-encoding");
    if (encoding != NULL && strncasecmp(encoding, "chunked", 7) == 0) {
        return receive_chunks(client, at);
    }
    size_t wanted = length == NULL ? 0 : strtoul(length, NULL, 10);
    if (wanted > HTTP_BODY_MAX) {
        return false;
    }
    while (client->length < at + wanted) {
        if (!receive(client)) {
            return false;
        }
    }
    client->bytes[at + wanted] = '\0';
    client->body_length = wanted;
    return true;
}

static bool receive_answer(struct http_client *client)
{
    client->length = 0;
    char *end = NULL;
    while (end == NULL) {
        if (client->length > HTTP_HEADER_MAX || !receive(client)) {
            return false;
        }
        end = strstr(client->bytes, "\r\n\r\n");
    }
    size_t at = (size_t)(end - client->bytes) + 4;
    if (sscanf(client->bytes, "HTTP/1.%*c %d", &client->status) != 1 || !receive_body(client, at)) {
        return false;
    }
    client->body = client->bytes + at;
    const char *connection = header_value(client->bytes, "connection");
    if (connection != NULL && strncasecmp(connection, "close", 5) == 0) {
        disconnect(client);
    }
    return true;
}

static bool send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

bool http_client_get(struct http_client *client, const char *path)
{
    char request[1024];
    int length = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", path,
                          client->host, client->port);
    assert(length > 0 && (size_t)length < sizeof(request));
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!connect_if_needed(client)) {
            return false;
        }
        if (send_all(client->fd, request, (size_t)length) && receive_answer(client)) {
            return true;
        }
        disconnect(client); /* the engine may have closed a connection that stood idle */
    }
    return false;
}
