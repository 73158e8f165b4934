/* Refusing a body that its sender is still sending: when a socket is closed with bytes unread, the
 * kernel sends a reset, and the sender sees a broken connection instead of the 413 that it was
 * told. So the socket's last reader throws away what still comes, for a moment and up to a bound,
 * on a thread of its own.
 */
#ifndef API_FAREWELL_H
#define API_FAREWELL_H

#include "base/status.h"

/* More are closed at once, as if there were no lingering. */
#define FAREWELL_SOCKETS_MAX 32
#define FAREWELL_NS          (3 * INT64_C(1000000000))
#define FAREWELL_BYTES_MAX   (64u << 20)

struct farewell;

must_check enum status farewell_open(struct farewell **farewell_out);
void farewell_close(struct farewell *farewell);
/* Any thread. The answer has been written to fd; its owner may close it afterwards, a duplicate is
 * kept. */
void farewell_take(struct farewell *farewell, int fd);

#endif
