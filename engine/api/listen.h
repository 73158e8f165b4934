/* The listening socket of the HTTP side: ADDR:PORT, numeric or localhost, [v6] in brackets, port 0
 * picks. */
#ifndef API_LISTEN_H
#define API_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct listen_socket {
    int fd;
    bool is_loopback;
    char address[96]; /* ADDR:PORT as chosen, [v6] in brackets */
};

/* message_out: for people; set on failure. */
must_check enum status listen_open(struct listen_socket *socket_out, const char *listen,
                                   char *message_out, size_t message_size);

#endif
