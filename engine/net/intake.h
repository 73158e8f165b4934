/* One socket's receiving side: is a multishot receive armed, may it be, and which filled buffers
 * does the socket hold because the handler had no room. The same for streams and datagram sockets;
 * pure bookkeeping, the owners speak to the ring.
 *
 * Back-pressure policy. A source that holds bytes is paused: it is offered nothing new until the
 * handler took them.
 *
 *  1. Its receive stays armed, up to INTAKE_HELD_MAX buffers: a short pause costs no cancel.
 *
 *  2. Beyond that, or when fewer than INTAKE_SCARCE buffers are free for all, it is cancelled:
 *     the rest waits in the kernel's socket buffer, and the sender's window closes.
 *
 *  3. Bytes of a stream that fit behind what its last held buffer has are copied there: a paused
 *     stream of small messages does not pin 64 KiB for each.
 *
 *  4. A receive that ends for want of buffers is starved: its owner arms it again, first come first
 *     served, when buffers are free, never on the spot.
 *
 * What remains: a handler that refuses many sources for ever, and takes from others, can let the
 * refused ones hold all buffers (INTAKE_SCARCE and BUFFERS_OFFERED_PAUSED keep that to a few each).
 * Nothing short of a copy elsewhere would help, and that would only move the bound.
 *
 * Draining (net_stop). Receives are armed with MSG_DONTWAIT: they take what is there and end with
 * EAGAIN. Linux ends them after some 32 receives too, so only an end without any receive says
 * "empty"; after others the receive is armed again at once. A source is dry after
 * INTAKE_QUIET_ROUNDS such ends, a rest apart, with less than a buffer of bytes between them: the
 * rest lets a sender whose window was closed send what its own kernel still held. A source that
 * gave INTAKE_DRAIN_BYTES_MAX is dry too: all that was sent before the stop fits in that.
 */
#ifndef NET_INTAKE_H
#define NET_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/buffers.h"

#define INTAKE_HELD_MAX     4
#define INTAKE_SCARCE       (NET_BUFFER_COUNT / 4)
#define INTAKE_QUIET_ROUNDS 2
/* A sender's and our own kernel buffer at their usual maximum: tcp_wmem 4 MiB + tcp_rmem 6 MiB, or
 * 8 MiB of datagrams; rounded up. */
#define INTAKE_DRAIN_BYTES_MAX (16 * 1024 * 1024)

struct intake {
    bool armed;
    bool armed_nowait;
    bool cancel_sent;
    bool starved;
    bool resting; /* until the next tick */
    bool dry;
    uint8_t quiet_rounds;
    uint16_t held_first;
    uint16_t held_last;
    uint16_t held_count;
    uint32_t armed_receives; /* of a draining receive, since it was armed */
    uint32_t round_bytes;    /* since the last rest */
    uint64_t drain_bytes;
};

enum intake_step { INTAKE_NOTHING, INTAKE_ARM, INTAKE_CANCEL };

void intake_init(struct intake *intake);
/* What to submit now. wanted: the owner can use bytes at all. */
enum intake_step intake_step(const struct intake *intake, const struct buffers *buffers,
                             bool wanted, bool draining);
void intake_armed(struct intake *intake, bool draining);
/* The receive ended with this result (no IORING_CQE_F_MORE). False: the result is the owner's
 * affair (end of stream, error). */
bool intake_ended(struct intake *intake, int result);
/* So many bytes came in while draining. */
void intake_drained(struct intake *intake, uint32_t length);

static inline bool intake_paused(const struct intake *intake)
{
    return intake->held_count > 0;
}

/* Keeps the part [start, start + length) of a filled buffer. join: a stream, pieces may be copied
 * together.
 */
void intake_hold(struct intake *intake, struct buffers *buffers, uint16_t id,
                 struct buffer_rest rest, bool join);
/* The first held part lost `length` bytes to the handler; gives the buffer back when all are gone.
 */
void intake_advance(struct intake *intake, struct buffers *buffers, uint32_t length);
/* The first held buffer goes back, whatever it has. */
void intake_drop_first(struct intake *intake, struct buffers *buffers);
void intake_drop_all(struct intake *intake, struct buffers *buffers);

#endif
