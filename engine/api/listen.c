#include "api/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 512

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool parse_port(const char *text, uint16_t *port_out)
{
    char *end;
    errno = 0;
    unsigned long port = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || port > 65535) {
        return false;
    }
    *port_out = (uint16_t)port;
    return true;
}

/* Splits at the last colon; brackets around a v6 address go. */
static bool split(const char *listen, char host[64], uint16_t *port_out)
{
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || !parse_port(colon + 1, port_out)) {
        return false;
    }
    size_t length = (size_t)(colon - listen);
    if (length >= 2 && listen[0] == '[' && colon[-1] == ']') {
        listen++;
        length -= 2;
    }
    if (length >= 64) {
        return false;
    }
    memcpy(host, listen, length);
    host[length] = '\0';
    return true;
}

static bool parse(const char *listen, union any_address *address, socklen_t *length_out)
{
    char host[64];
    uint16_t port;
    if (!split(listen, host, &port)) {
        return false;
    }
    memset(address, 0, sizeof(*address));
    const char *v4 = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    if (inet_pton(AF_INET, v4, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        *length_out = sizeof(address->v4);
        return true;
    }
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    *length_out = sizeof(address->v6);
    return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1;
}

static void describe(int fd, struct listen_socket *socket_out)
{
    union any_address address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t length = sizeof(address);
    char host[INET6_ADDRSTRLEN] = "?";
    uint16_t port = 0;
    bool v6 = false;
    if (getsockname(fd, &address.any, &length) == 0) {
        v6 = address.any.sa_family == AF_INET6;
        port = ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port);
        inet_ntop(address.any.sa_family,
                  v6 ? (const void *)&address.v6.sin6_addr : (const void *)&address.v4.sin_addr,
                  host, sizeof(host));
        socket_out->is_loopback = v6 ? IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr)
                                     : ntohl(address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    snprintf(socket_out->address, sizeof(socket_out->address), v6 ? "[%s]:%u" : "%s:%u", host,
             port);
}

enum status listen_open(struct listen_socket *socket_out, const char *listen_on, char *message_out,
                        size_t message_size)
{
    union any_address address = {.any = {.sa_family = AF_UNSPEC}};
    socklen_t length;
    if (!parse(listen_on, &address, &length)) {
        snprintf(message_out, message_size,
                 "%s is not ADDR:PORT; write 127.0.0.1:4991, [::1]:4991 or localhost:4991",
                 listen_on);
        return STATUS_INVALID;
    }
    int one = 1;
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        bind(fd, &address.any, length) != 0 || listen(fd, BACKLOG) != 0) {
        enum status status = errno == EADDRINUSE ? STATUS_BUSY
                             : errno == EACCES   ? STATUS_DENIED
                                                 : STATUS_IO;
        snprintf(message_out, message_size, "%s: %s", listen_on, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    *socket_out = (struct listen_socket){.fd = fd};
    describe(fd, socket_out);
    return STATUS_OK;
}
