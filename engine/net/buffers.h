/* One ring of provided buffers that all sockets receive into, and what is known of each buffer that
 * is out.
 *
 *   reserve (stack) ──buffers_offer──► the kernel's ring ──completion──► held by a source of bytes
 *        ▲                                                                        │
 *        └────────────────────────────buffers_give────────────────────────────────┘
 *
 * The kernel takes from its ring first in, first out. If all buffers were in it, a trickle of small
 * messages would walk through 16 MiB and touch every page, and every receive would miss the cache:
 * 8 streams of bulk took 2.4 GB per processor second with 256 in the ring, and 3.7 with 32. So only
 * BUFFERS_OFFERED are in it, and the buffer given back last is offered first. More when sources
 * starve; fewer while sources are paused, since one receive can take all that is offered before the
 * handler is asked for the first of it.
 *
 * A buffer is a little longer than NET_BUFFER_BYTES, so that the kernel's header of a datagram fits
 * in front of 64 KiB. The memory is mapped at once and touched as needed. One thread.
 */
#ifndef NET_BUFFERS_H
#define NET_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "net/net.h"
#include "net/uring.h"

#define BUFFERS_GROUP      0
#define BUFFERS_HEAD_BYTES 64
#define BUFFERS_SIZE       (NET_BUFFER_BYTES + BUFFERS_HEAD_BYTES)
/* Enough that one pass rarely ends for want of buffers; few enough to stay in the cache. */
#define BUFFERS_OFFERED        32
#define BUFFERS_OFFERED_PAUSED 8
#define BUFFERS_NONE           UINT16_MAX
_Static_assert((NET_BUFFER_COUNT & (NET_BUFFER_COUNT - 1)) == 0, "the kernel wants a power of two");
_Static_assert(NET_BUFFER_COUNT < BUFFERS_NONE, "ids are 16 bits");

/* The part of a buffer that a paused source has still to hand over. */
struct buffer_rest {
    uint32_t start;
    uint32_t length;
    uint16_t next; /* in the order of arrival; BUFFERS_NONE: the last */
    bool truncated;
};

struct buffers {
    char *bytes;
    struct io_uring_buf_ring *ring;
    uint32_t offered_count;
    uint32_t reserve_count;
    uint16_t reserve[NET_BUFFER_COUNT];
    struct buffer_rest rests[NET_BUFFER_COUNT];
};

must_check enum status buffers_init(struct buffers *buffers);
void buffers_fini(struct buffers *buffers);
/* To the kernel, as group BUFFERS_GROUP; ends with the ring. */
must_check enum status buffers_register(struct buffers *buffers, struct uring *uring,
                                        char message_out[NET_MESSAGE_SIZE]);

/* A completion says that the kernel filled this one. */
void buffers_taken(struct buffers *buffers, uint16_t id);
void buffers_give(struct buffers *buffers, uint16_t id);
/* Fills the kernel's ring up to `count` from the reserve. Once per pass. */
void buffers_offer(struct buffers *buffers, uint32_t count);
uint32_t buffers_free_count(const struct buffers *buffers);

static inline char *buffers_at(struct buffers *buffers, uint16_t id)
{
    return buffers->bytes + (size_t)id * BUFFERS_SIZE;
}

#endif
