/* The io_uring instance: what we ask of the kernel, how we wait, and how completions name their
 * target.
 *
 * Made by the thread that uses it (SINGLE_ISSUER | DEFER_TASKRUN: completions are produced only
 * while that thread is inside `enter`, so that one pass takes many and nothing interrupts it).
 * Sockets of connections are direct descriptors: slots of the ring's own table, no process
 * descriptors.
 *
 * Failures: EINTR, EAGAIN and EBUSY of `enter` are transient. A completion queue that overflows
 * loses nothing (NODROP); it is counted, since it says that the loop was too slow.
 */
#ifndef NET_URING_H
#define NET_URING_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "net/net.h"

/* Submissions of one pass; more go out in a second `enter`. */
#define URING_ENTRIES 1024
/* Completions: a receive and a send for each connection. */
#define URING_COMPLETIONS (2 * NET_CONNECTIONS_MAX)
/* Slots of the table above the connections: those accepted beyond the maximum live there until
 * closed. */
#define URING_FILES_SPARE 64
#define URING_FILES_MAX   (NET_CONNECTIONS_MAX + URING_FILES_SPARE)

enum uring_op {
    URING_WAKE = 1,
    URING_TICK,
    URING_ACCEPT,
    URING_DATAGRAM,
    URING_RECEIVE,
    URING_SEND,
    URING_SHUTDOWN,
    URING_CLOSE,
    URING_REFUSE, /* the close of a connection that found no room */
    URING_CANCEL,
};

/* What travels as user_data: op (8 bits), index (24), generation (32). */
struct uring_tag {
    enum uring_op op;
    uint32_t index;
    uint32_t generation;
};

struct uring {
    struct io_uring ring;
    uint32_t wait_flags;
    uint32_t files; /* slots of the table */
    uint64_t overflows;
};

uint64_t uring_tag_pack(struct uring_tag tag);
struct uring_tag uring_tag_unpack(uint64_t user_data);

/* Tries what we need on a ring of full size, so that RLIMIT_MEMLOCK speaks up here.
 * STATUS_UNSUPPORTED, _DENIED, _NO_MEMORY or _IO. */
must_check enum status uring_probe(char message_out[NET_MESSAGE_SIZE]);
must_check enum status uring_open(struct uring *uring, char message_out[NET_MESSAGE_SIZE]);
void uring_close(struct uring *uring);

/* NULL: the queue is full even after a submission; try in the next pass. The tag is set after the
 * prep functions (they clear it), by uring_tag_set. */
struct io_uring_sqe *uring_sqe(struct uring *uring);
void uring_tag_set(struct io_uring_sqe *sqe, struct uring_tag tag);
/* Cancels the operation that carries the tag. False: queue full. */
must_check bool uring_cancel(struct uring *uring, struct uring_tag tag);

/* Submits what is queued and, when `block`, waits for at least one completion. */
must_check enum status uring_wait(struct uring *uring, bool block,
                                  char message_out[NET_MESSAGE_SIZE]);

#endif
