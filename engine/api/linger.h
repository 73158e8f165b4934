/* Refusing a body that its sender is still sending: when a socket is closed with bytes unread, the kernel
 * sends a reset, and the sender sees a broken connection instead of the 413 that it was told. So the
 * socket's last reader throws away what still comes, for a moment and up to a bound, on a thread of its own.
 */
#ifndef API_LINGER_H
#define API_LINGER_H

#include "base/status.h"

/* More are closed at once, as if there were no lingering. */
#define LINGER_SOCKETS_MAX 32
#define LINGER_NS          (3 * INT64_C(1000000000))
#define LINGER_BYTES_MAX   (64u << 20)

struct linger;

must_check enum status linger_open(struct linger **linger_out);
void linger_close(struct linger *linger);
/* Any thread. The answer has been written to fd; its owner may close it afterwards, a duplicate is kept. */
void linger_take(struct linger *linger, int fd);

#endif
