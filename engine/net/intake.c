#include "net/intake.h"

#include <errno.h>
#include <string.h>

#include "base/panic.h"

void intake_init(struct intake *intake)
{
    *intake = (struct intake){.held_first = BUFFERS_NONE, .held_last = BUFFERS_NONE};
}

static bool holds_too_much(const struct intake *intake, const struct buffers *buffers)
{
    return intake->held_count > INTAKE_HELD_MAX ||
           (intake->held_count > 0 && buffers_free_count(buffers) < INTAKE_SCARCE);
}

enum intake_step intake_step(const struct intake *intake, const struct buffers *buffers,
                             bool wanted, bool draining)
{
    if (!intake->armed) {
        bool may = !intake->starved && !intake->resting && !intake->dry && !intake_paused(intake);
        return wanted && may ? INTAKE_ARM : INTAKE_NOTHING;
    }
    bool must_end = !wanted || intake->dry || holds_too_much(intake, buffers) ||
                    (draining && !intake->armed_nowait);
    return must_end && !intake->cancel_sent ? INTAKE_CANCEL : INTAKE_NOTHING;
}

void intake_armed(struct intake *intake, bool draining)
{
    assert(!intake->armed);
    intake->armed = true;
    intake->armed_nowait = draining;
    intake->armed_receives = 0;
}

/* The socket has nothing at this moment. */
static void round_ended(struct intake *intake)
{
    bool quiet = intake->round_bytes < NET_BUFFER_BYTES;
    intake->quiet_rounds = quiet ? intake->quiet_rounds + 1 : 0;
    intake->round_bytes = 0;
    intake->dry = intake->dry || intake->quiet_rounds >= INTAKE_QUIET_ROUNDS;
    intake->resting = !intake->dry;
}

bool intake_ended(struct intake *intake, int result)
{
    assert(intake->armed);
    intake->armed = false;
    intake->cancel_sent = false;
    switch (result) {
    case -ENOBUFS:
        intake->starved = true;
        return true;
    case -EAGAIN:
        if (intake->armed_nowait && intake->armed_receives == 0) {
            round_ended(intake);
        }
        return true;
    case -ECANCELED:
    case -EINTR:
        return true;
    default:
        return false;
    }
}

void intake_drained(struct intake *intake, uint32_t length)
{
    intake->armed_receives++;
    intake->round_bytes += length;
    intake->drain_bytes += length;
    intake->dry = intake->dry || intake->drain_bytes >= INTAKE_DRAIN_BYTES_MAX;
}

static bool try_join(struct intake *intake, struct buffers *buffers, uint16_t id,
                     struct buffer_rest rest)
{
    struct buffer_rest *last = &buffers->rests[intake->held_last];
    if (rest.length > BUFFERS_SIZE - last->start - last->length) {
        return false;
    }
    memcpy(buffers_at(buffers, intake->held_last) + last->start + last->length,
           buffers_at(buffers, id) + rest.start, rest.length);
    last->length += rest.length;
    buffers_give(buffers, id);
    return true;
}

void intake_hold(struct intake *intake, struct buffers *buffers, uint16_t id,
                 struct buffer_rest rest, bool join)
{
    if (join && intake_paused(intake) && try_join(intake, buffers, id, rest)) {
        return;
    }
    rest.next = BUFFERS_NONE;
    buffers->rests[id] = rest;
    if (intake_paused(intake)) {
        buffers->rests[intake->held_last].next = id;
    } else {
        intake->held_first = id;
    }
    intake->held_last = id;
    intake->held_count++;
}

void intake_advance(struct intake *intake, struct buffers *buffers, uint32_t length)
{
    assert(intake_paused(intake));
    struct buffer_rest *first = &buffers->rests[intake->held_first];
    assert(length <= first->length);
    first->start += length;
    first->length -= length;
    if (first->length == 0) {
        intake_drop_first(intake, buffers);
    }
}

void intake_drop_first(struct intake *intake, struct buffers *buffers)
{
    assert(intake_paused(intake));
    uint16_t id = intake->held_first;
    intake->held_first = buffers->rests[id].next;
    intake->held_count--;
    if (intake->held_count == 0) {
        intake->held_last = BUFFERS_NONE;
    }
    buffers_give(buffers, id);
}

void intake_drop_all(struct intake *intake, struct buffers *buffers)
{
    while (intake_paused(intake)) {
        intake_drop_first(intake, buffers);
    }
}
