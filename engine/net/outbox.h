/* Bytes on their way out: for each connection a queue of small blocks from one shared pool.
 *
 *   head block [sent | in flight or waiting] → block → ... → tail block [waiting | free]
 *
 * Bounds: NET_SEND_BYTES_MAX for a connection. The pool has a block for every connection, and as
 * many again for whoever needs more; the last free blocks are kept for connections that hold none,
 * so that slow readers cannot silence the others. The memory is mapped at once, touched as needed.
 *
 * One send is in flight at a time: order is kept, and its bytes stay where they are until
 * outbox_sent.
 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "net/net.h"

#define NET_SEND_BYTES_MAX 65536
#define OUTBOX_BLOCK_BYTES 4096
#define OUTBOX_BLOCK_COUNT (NET_CONNECTIONS_MAX + NET_CONNECTIONS_MAX)
#define OUTBOX_BLOCK_NONE  UINT16_MAX
_Static_assert(OUTBOX_BLOCK_COUNT < OUTBOX_BLOCK_NONE, "block numbers are 16 bits");

struct outbox_pool {
    char *bytes;
    uint32_t free_count;
    uint32_t holder_count; /* outboxes with at least one block */
    uint16_t free_first;
    uint16_t next[OUTBOX_BLOCK_COUNT];
};

struct outbox {
    uint32_t length;     /* bytes waiting, in flight included */
    uint32_t head_start; /* first byte in the head block */
    uint32_t tail_end;   /* end of the last byte in the tail block */
    uint16_t head;
    uint16_t tail;
};

must_check enum status outbox_pool_init(struct outbox_pool *pool);
void outbox_pool_fini(struct outbox_pool *pool);

void outbox_init(struct outbox *outbox);
/* All or nothing. STATUS_FULL: the connection's bound or the pool's. */
must_check enum status outbox_push(struct outbox *outbox, struct outbox_pool *pool,
                                   const char *bytes, size_t length);
/* The run to send next; 0: nothing. */
uint32_t outbox_peek(const struct outbox *outbox, const struct outbox_pool *pool,
                     const char **bytes_out);
/* The first `length` bytes of the peeked run are out. */
void outbox_sent(struct outbox *outbox, struct outbox_pool *pool, uint32_t length);
/* Not while a send is in flight. */
void outbox_clear(struct outbox *outbox, struct outbox_pool *pool);

#endif
