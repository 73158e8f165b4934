#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* "unixgram://" and the longest path fit. */
_Static_assert(NET_ADDRESS_SIZE >= 11 + sizeof(((struct sockaddr_un *)0)->sun_path), "");

#define HOST_SIZE (INET6_ADDRSTRLEN + 2)

static const char *const schemes[] = {[ADDRESS_TCP] = "tcp://",
                                      [ADDRESS_UDP] = "udp://",
                                      [ADDRESS_UNIX] = "unix://",
                                      [ADDRESS_UNIXGRAM] = "unixgram://"};

static enum status refuse(const char *url, const char *reason, char message_out[NET_MESSAGE_SIZE])
{
    snprintf(message_out, NET_MESSAGE_SIZE, "%.140s: %s", url, reason);
    return STATUS_INVALID;
}

/* Digits only, no sign, no blank, at most 65535. */
static bool parse_port(const char *text, uint16_t *port_out)
{
    uint32_t port = 0;
    size_t length = strlen(text);
    if (length == 0 || length > 5) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    *port_out = (uint16_t)port;
    return port <= UINT16_MAX;
}

static bool parse_v6(const char *host, size_t length, uint16_t port, struct address *address_out)
{
    char text[HOST_SIZE];
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address_out->storage;
    memcpy(text, host + 1, length - 2);
    text[length - 2] = '\0';
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(port);
    address_out->length = sizeof(*in6);
    return inet_pton(AF_INET6, text, &in6->sin6_addr) == 1;
}

static bool parse_v4(const char *host, size_t length, uint16_t port, struct address *address_out)
{
    char text[HOST_SIZE];
    struct sockaddr_in *in = (struct sockaddr_in *)&address_out->storage;
    memcpy(text, host, length);
    text[length] = '\0';
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    address_out->length = sizeof(*in);
    return inet_pton(AF_INET, strcmp(text, "localhost") == 0 ? "127.0.0.1" : text, &in->sin_addr) ==
           1;
}

static enum status parse_inet(const char *url, const char *rest, struct address *address_out,
                              char message_out[NET_MESSAGE_SIZE])
{
    const char *colon = strrchr(rest, ':');
    uint16_t port;
    if (colon == NULL || !parse_port(colon + 1, &port)) {
        return refuse(url, "expected HOST:PORT with a port of 0 to 65535", message_out);
    }
    size_t length = (size_t)(colon - rest);
    bool bracketed = length >= 2 && rest[0] == '[' && rest[length - 1] == ']';
    bool known = length < HOST_SIZE && (bracketed ? parse_v6(rest, length, port, address_out)
                                                  : parse_v4(rest, length, port, address_out));
    if (!known) {
        return refuse(url, "HOST must be a numeric IPv4 address, an [IPv6] address or localhost",
                      message_out);
    }
    return STATUS_OK;
}

static enum status parse_path(const char *url, const char *path, struct address *address_out,
                              char message_out[NET_MESSAGE_SIZE])
{
    struct sockaddr_un *un = (struct sockaddr_un *)&address_out->storage;
    if (path[0] != '/') {
        return refuse(url, "the path must be absolute (unix:///run/nines/ingest.sock)",
                      message_out);
    }
    size_t length = strlen(path);
    if (length >= sizeof(un->sun_path)) {
        snprintf(message_out, NET_MESSAGE_SIZE,
                 "%.60s...: the path of a unix socket has at most %zu bytes, this one %zu", url,
                 sizeof(un->sun_path) - 1, length);
        return STATUS_INVALID;
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, length + 1);
    address_out->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return STATUS_OK;
}

enum status address_parse(const char *url, struct address *address_out,
                          char message_out[NET_MESSAGE_SIZE])
{
    for (size_t kind = 0; kind < sizeof(schemes) / sizeof(schemes[0]); kind++) {
        size_t length = strlen(schemes[kind]);
        if (strncmp(url, schemes[kind], length) != 0) {
            continue;
        }
        struct address address = {.kind = (enum address_kind)kind};
        bool inet = kind == ADDRESS_TCP || kind == ADDRESS_UDP;
        enum status status = inet ? parse_inet(url, url + length, &address, message_out)
                                  : parse_path(url, url + length, &address, message_out);
        if (status == STATUS_OK) {
            *address_out = address;
        }
        return status;
    }
    return refuse(url, "expected tcp://, udp://, unix:// or unixgram://", message_out);
}

void address_format(const struct address *address, char url_out[NET_ADDRESS_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "";
    const char *scheme = schemes[address->kind];
    if (address->storage.ss_family == AF_UNIX) {
        snprintf(url_out, NET_ADDRESS_SIZE, "%s%s", scheme, address_path(address));
    } else if (address->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address->storage;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        snprintf(url_out, NET_ADDRESS_SIZE, "%s[%s]:%u", scheme, host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address->storage;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        snprintf(url_out, NET_ADDRESS_SIZE, "%s%s:%u", scheme, host, ntohs(in->sin_port));
    }
}

const char *address_path(const struct address *address)
{
    if (address->storage.ss_family != AF_UNIX) {
        return NULL;
    }
    return ((const struct sockaddr_un *)&address->storage)->sun_path;
}
