/* Urls of ingest sockets, read and written.
 *
 *   tcp://127.0.0.1:4990   udp://[::1]:514   tcp://localhost:0   unix:///run/nines/ingest.sock
 *   unixgram:///dev/log
 *
 * Hosts are numeric (or `localhost`, which is 127.0.0.1): a name that must be looked up would make
 * the start depend on a resolver. Pure.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/status.h"
#include "net/net.h"

enum address_kind { ADDRESS_TCP, ADDRESS_UDP, ADDRESS_UNIX, ADDRESS_UNIXGRAM };

struct address {
    enum address_kind kind;
    socklen_t length;
    struct sockaddr_storage storage;
};

/* STATUS_INVALID with a message that quotes the url. */
must_check enum status address_parse(const char *url, struct address *address_out,
                                     char message_out[NET_MESSAGE_SIZE]);
void address_format(const struct address *address, char url_out[NET_ADDRESS_SIZE]);
/* The path of a unix address; NULL for others. */
const char *address_path(const struct address *address);

static inline bool address_is_stream(const struct address *address)
{
    return address->kind == ADDRESS_TCP || address->kind == ADDRESS_UNIX;
}

#endif
