#include "store/batch_codec.h"

#include "base/hash.h"
#include "store_fixture.h"

/* The worked example of batch_codec.h. */
static const uint8_t example[] = {
    0x4e, 0x73, 0x29, 0xc3, 0x55, 0xbb, 0x93, 0x49, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02,
    0x01, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x84, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x84, 0x03, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x4e, 0x42, 0x41, 0x54,
    0x01, 0x00, 0x40, 0x00, 0x84, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06, 0x02, 0x68, 0x69,
};

static void example_fill(struct batch *batch)
{
    batch->position = 7;
    batch->received_ns = 1000;
    batch->event_count = 1;
    batch->text_length = 4;
    memcpy(batch->text, "\x06\x02hi", 4);
    batch->events[0] = (struct event){.occurred_ns = 900,
                                      .service = 1,
                                      .total = 1,
                                      .latency_ns = LATENCY_NONE,
                                      .extra_length = 4};
}

Test(batch_codec, the_worked_example_decodes)
{
    struct batch *batch = batch_new();
    struct batch *expected = batch_new();
    struct batch_header header;
    example_fill(expected);
    cr_assert_eq(batch_codec_decode(example, sizeof(example), batch, &header), STATUS_OK);
    cr_assert(batch_equal(batch, expected));
    cr_assert_eq(header.previous, UINT64_C(0x0102030405060708));
    cr_assert_eq(header.occurred_ns_min, 900);
    cr_assert_eq(header.occurred_ns_max, 900);
    batch_delete(batch);
    batch_delete(expected);
}

Test(batch_codec, the_worked_example_encodes)
{
    struct batch *batch = batch_new();
    uint8_t value[sizeof(example)];
    example_fill(batch);
    cr_assert_eq(batch_codec_size(batch), sizeof(example));
    uint64_t checksum = batch_codec_encode(batch, UINT64_C(0x0102030405060708), value);
    cr_assert_arr_eq(value, example, sizeof(example));
    cr_assert_eq(checksum, load_u64(example));
    batch_delete(batch);
}

Test(batch_codec, every_flipped_bit_is_damage)
{
    struct batch *batch = batch_new();
    struct batch_header header;
    for (size_t bit = 0; bit < sizeof(example) * 8; bit++) {
        uint8_t value[sizeof(example)];
        memcpy(value, example, sizeof(example));
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(batch_codec_decode(value, sizeof(value), batch, &header), STATUS_DAMAGED,
                     "bit %zu", bit);
    }
    batch_delete(batch);
}

Test(batch_codec, every_other_length_is_damage)
{
    struct batch *batch = batch_new();
    struct batch_header header;
    for (size_t length = 0; length < sizeof(example); length++) {
        /* Of its own size, so that a read beyond it is seen. */
        uint8_t *value = malloc(length + 1);
        memcpy(value, example, length);
        cr_assert_eq(batch_codec_decode(value, length, batch, &header), STATUS_DAMAGED);
        free(value);
    }
    batch_delete(batch);
}

static enum status decode_changed(size_t at, uint8_t byte)
{
    struct batch *batch = batch_new();
    struct batch_header header;
    uint8_t value[sizeof(example)];
    memcpy(value, example, sizeof(example));
    value[at] = byte;
    store_u64(value, hash_checksum(value + 8, sizeof(value) - 8));
    enum status status = batch_codec_decode(value, sizeof(value), batch, &header);
    batch_delete(batch);
    return status;
}

Test(batch_codec, a_whole_value_of_an_unknown_codec_is_newer)
{
    cr_assert_eq(decode_changed(60, 2), STATUS_VERSION);
}

Test(batch_codec, words_outside_their_vocabulary_are_damage_even_with_a_checksum)
{
    cr_assert_eq(decode_changed(64 + 56, EVENT_KIND_COUNT), STATUS_DAMAGED);
    cr_assert_eq(decode_changed(64 + 57, OUTCOME_COUNT), STATUS_DAMAGED);
    cr_assert_eq(decode_changed(64 + 62, SEVERITY_COUNT), STATUS_DAMAGED);
}

Test(batch_codec, extra_fields_beyond_the_text_are_damage_even_with_a_checksum)
{
    cr_assert_eq(decode_changed(64 + 48, 1), STATUS_DAMAGED);
    cr_assert_eq(decode_changed(64 + 52, 5), STATUS_DAMAGED);
}

Test(batch_codec, the_largest_batch_travels)
{
    struct batch *batch = batch_new();
    struct batch *read = batch_new();
    struct batch_header header;
    uint8_t *value = malloc(BATCH_VALUE_MAX);
    batch_fill(batch, 1, 0, BATCH_EVENTS_MAX, BATCH_TEXT_MAX, 100);
    cr_assert_eq(batch_codec_size(batch), BATCH_VALUE_MAX);
    batch_codec_encode(batch, 0, value);
    cr_assert_eq(batch_codec_decode(value, BATCH_VALUE_MAX, read, &header), STATUS_OK);
    cr_assert(batch_equal(batch, read));
    free(value);
    batch_delete(batch);
    batch_delete(read);
}
