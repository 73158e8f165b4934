#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/intake.h"
#include "net/outbox.h"
#include "net/uring.h"

Test(net_uring, a_tag_survives_its_packing)
{
    struct uring_tag tag = {URING_CLOSE, 0xffffff, UINT32_MAX};
    struct uring_tag back = uring_tag_unpack(uring_tag_pack(tag));
    cr_expect_eq(back.op, tag.op);
    cr_expect_eq(back.index, tag.index);
    cr_expect_eq(back.generation, tag.generation);
}

Test(net_outbox, bytes_leave_in_the_order_they_came)
{
    static char in[NET_SEND_BYTES_MAX];
    static char out[NET_SEND_BYTES_MAX];
    struct outbox_pool *pool = malloc(sizeof(*pool));
    struct outbox outbox;
    size_t pushed = 0;
    size_t left = 0;
    for (size_t i = 0; i < sizeof(in); i++) {
        in[i] = (char)(i * 31 >> 3);
    }
    cr_assert_eq(outbox_pool_init(pool), STATUS_OK);
    outbox_init(&outbox);
    for (size_t step = 1; left < sizeof(in); step = step % 5000 + 7) {
        size_t part = step < sizeof(in) - pushed ? step : sizeof(in) - pushed;
        cr_assert_eq(outbox_push(&outbox, pool, in + pushed, part), STATUS_OK);
        pushed += part;
        const char *run;
        uint32_t length = outbox_peek(&outbox, pool, &run);
        length = length > 3 ? length - length / 3 : length; /* a short send */
        memcpy(out + left, run, length);
        outbox_sent(&outbox, pool, length);
        left += length;
    }
    cr_expect_eq(memcmp(in, out, sizeof(in)), 0);
    cr_expect_eq(pool->free_count, OUTBOX_BLOCK_COUNT);
    cr_expect_eq(pool->holder_count, 0);
    outbox_pool_fini(pool);
    free(pool);
}

Test(net_outbox, the_bound_is_exact_and_a_push_is_all_or_nothing)
{
    static char bytes[NET_SEND_BYTES_MAX + 1];
    struct outbox_pool *pool = malloc(sizeof(*pool));
    struct outbox outbox;
    cr_assert_eq(outbox_pool_init(pool), STATUS_OK);
    outbox_init(&outbox);
    cr_expect_eq(outbox_push(&outbox, pool, bytes, NET_SEND_BYTES_MAX + 1), STATUS_FULL);
    cr_expect_eq(outbox.length, 0);
    cr_expect_eq(outbox_push(&outbox, pool, bytes, NET_SEND_BYTES_MAX), STATUS_OK);
    cr_expect_eq(outbox_push(&outbox, pool, bytes, 1), STATUS_FULL);
    outbox_clear(&outbox, pool);
    cr_expect_eq(pool->free_count, OUTBOX_BLOCK_COUNT);
    outbox_pool_fini(pool);
    free(pool);
}

Test(net_outbox, greedy_ones_leave_a_block_for_each_of_the_others)
{
    static char bytes[NET_SEND_BYTES_MAX];
    static struct outbox outboxes[NET_CONNECTIONS_MAX];
    struct outbox_pool *pool = malloc(sizeof(*pool));
    uint32_t full = 0;
    cr_assert_eq(outbox_pool_init(pool), STATUS_OK);
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        outbox_init(&outboxes[i]);
    }
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX / 2; i++) {
        full += outbox_push(&outboxes[i], pool, bytes, sizeof(bytes)) == STATUS_FULL ? 1 : 0;
    }
    cr_expect_gt(full, 0);
    for (uint32_t i = NET_CONNECTIONS_MAX / 2; i < NET_CONNECTIONS_MAX; i++) {
        cr_expect_eq(outbox_push(&outboxes[i], pool, bytes, 100), STATUS_OK);
    }
    outbox_pool_fini(pool);
    free(pool);
}

static struct buffers *new_buffers(void)
{
    struct buffers *buffers = malloc(sizeof(*buffers));
    cr_assert_eq(buffers_init(buffers), STATUS_OK);
    buffers_offer(buffers, BUFFERS_OFFERED);
    return buffers;
}

static void end_buffers(struct buffers *buffers)
{
    cr_expect_eq(buffers_free_count(buffers), NET_BUFFER_COUNT, "all were given back");
    buffers_fini(buffers);
    free(buffers);
}

static void hold(struct intake *intake, struct buffers *buffers, uint16_t id, uint32_t length,
                 bool join)
{
    buffers_taken(buffers, id);
    intake_hold(intake, buffers, id, (struct buffer_rest){.length = length}, join);
    buffers_offer(buffers, BUFFERS_OFFERED);
}

Test(net_intake, a_starved_receive_is_not_armed_on_the_spot)
{
    struct buffers *buffers = new_buffers();
    struct intake intake;
    intake_init(&intake);
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_ARM);
    intake_armed(&intake, false);
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_NOTHING);
    cr_expect(intake_ended(&intake, -ENOBUFS));
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_NOTHING);
    intake.starved = false;
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_ARM);
    end_buffers(buffers);
}

Test(net_intake, one_that_holds_too_much_is_cancelled_once_and_armed_when_all_is_taken)
{
    struct buffers *buffers = new_buffers();
    struct intake intake;
    intake_init(&intake);
    intake_armed(&intake, false);
    for (uint16_t i = 0; i < INTAKE_HELD_MAX; i++) {
        hold(&intake, buffers, i, NET_BUFFER_BYTES, true);
        cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_NOTHING);
    }
    hold(&intake, buffers, INTAKE_HELD_MAX, NET_BUFFER_BYTES, true);
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_CANCEL);
    intake.cancel_sent = true;
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_NOTHING);
    cr_expect(intake_ended(&intake, -ECANCELED));
    for (uint16_t i = 0; i <= INTAKE_HELD_MAX; i++) {
        cr_expect_eq(intake.held_first, i, "in the order of arrival");
        cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_NOTHING);
        intake_advance(&intake, buffers, 1);
        intake_advance(&intake, buffers, NET_BUFFER_BYTES - 1);
    }
    cr_expect_eq(intake_step(&intake, buffers, true, false), INTAKE_ARM);
    end_buffers(buffers);
}

Test(net_intake, small_pieces_of_a_stream_are_joined_and_datagrams_are_not)
{
    struct buffers *buffers = new_buffers();
    struct intake stream;
    struct intake datagrams;
    intake_init(&stream);
    intake_init(&datagrams);
    memcpy(buffers_at(buffers, 0), "ab", 2);
    memcpy(buffers_at(buffers, 1), "cde", 3);
    hold(&stream, buffers, 0, 2, true);
    intake_advance(&stream, buffers, 1);
    hold(&stream, buffers, 1, 3, true);
    cr_expect_eq(stream.held_count, 1);
    cr_expect_eq(buffers->rests[0].length, 4);
    cr_expect_eq(memcmp(buffers_at(buffers, 0) + buffers->rests[0].start, "bcde", 4), 0);
    hold(&datagrams, buffers, 2, 0, false);
    hold(&datagrams, buffers, 3, 3, false);
    cr_expect_eq(datagrams.held_count, 2);
    intake_drop_all(&stream, buffers);
    intake_drop_all(&datagrams, buffers);
    end_buffers(buffers);
}

Test(net_intake, a_drain_is_dry_after_two_quiet_rounds_or_its_fill)
{
    struct buffers *buffers = new_buffers();
    struct intake intake;
    intake_init(&intake);
    intake_armed(&intake, false);
    cr_expect_eq(intake_step(&intake, buffers, true, true), INTAKE_CANCEL, "to arm without wait");
    cr_expect(intake_ended(&intake, -ECANCELED));
    uint32_t arms = 0;
    for (; !intake.dry; arms++) {
        intake.resting = false;
        cr_assert_eq(intake_step(&intake, buffers, true, true), INTAKE_ARM);
        intake_armed(&intake, true);
        if (arms == 1) {
            intake_drained(&intake, NET_BUFFER_BYTES);
        }
        cr_expect(intake_ended(&intake, -EAGAIN));
        /* One that received something goes on at once; an empty one rests, unless it was the last.
         */
        cr_expect_eq(intake.resting, arms != 1 && !intake.dry);
    }
    cr_expect_eq(arms, 5, "quiet, full, its end, quiet, quiet");
    intake_init(&intake);
    intake_drained(&intake, INTAKE_DRAIN_BYTES_MAX);
    cr_expect(intake.dry);
    end_buffers(buffers);
}
