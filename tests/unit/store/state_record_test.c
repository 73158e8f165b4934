#include "store/state_record.h"

#include "base/hash.h"
#include "store_fixture.h"

static const struct segment_format format_some = {.hash_key = UINT64_C(0x1122334455667788),
                                                  .created_ns = 1000,
                                                  .number = 3,
                                                  .position_first = 500,
                                                  .previous = 9};

Test(state_record, a_format_travels)
{
    uint8_t value[SEGMENT_FORMAT_SIZE];
    struct segment_format read;
    segment_format_encode(&format_some, value);
    cr_assert_eq(segment_format_decode(value, sizeof(value), &read), STATUS_OK);
    cr_assert_eq(memcmp(&read, &format_some, sizeof(read)), 0);
}

Test(state_record, the_bytes_stand_where_the_header_says)
{
    uint8_t value[SEGMENT_FORMAT_SIZE];
    segment_format_encode(&format_some, value);
    cr_assert_eq(memcmp(value, "nineslog\x01\0\0\0\0\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11", 24),
                 0);
    cr_assert_eq(load_u64(value + 32), 3);
    cr_assert_eq(load_u64(value + 40), 500);
    cr_assert_eq(load_u64(value + 48), 9);
    cr_assert_eq(load_u64(value + 56), hash_checksum(value, 56));
}

Test(state_record, a_flipped_bit_of_a_format_is_noticed)
{
    for (size_t bit = 0; bit < SEGMENT_FORMAT_SIZE * 8; bit++) {
        uint8_t value[SEGMENT_FORMAT_SIZE];
        struct segment_format read;
        segment_format_encode(&format_some, value);
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum status status = segment_format_decode(value, sizeof(value), &read);
        cr_assert_eq(status, bit < 64 ? STATUS_FOREIGN : STATUS_DAMAGED, "bit %zu", bit);
    }
}

Test(state_record, a_newer_format_may_be_longer)
{
    uint8_t value[SEGMENT_FORMAT_SIZE + 32] = {0};
    struct segment_format read;
    segment_format_encode(&format_some, value);
    store_u32(value + 8, SEGMENT_FORMAT_VERSION + 1);
    store_u64(value + sizeof(value) - 8, hash_checksum(value, sizeof(value) - 8));
    cr_assert_eq(segment_format_decode(value, sizeof(value), &read), STATUS_VERSION);
}

static struct commit_record commit_some(void)
{
    struct commit_record commit = {
        .commit_number = 1, .position_next = 2, .last_checksum = 3, .name_count = 4};
    commit.counters = (struct store_counters){.received = 5,
                                              .stored = 6,
                                              .duplicate = 7,
                                              .without_id = 8,
                                              .time_from_receipt = UINT64_MAX};
    commit.counters.rejected[0] = 9;
    commit.counters.rejected[REJECT_COUNT - 1] = 10;
    commit.counters.shed[SHED_COUNT - 1] = 11;
    return commit;
}

Test(state_record, a_commit_record_travels)
{
    uint8_t value[COMMIT_RECORD_SIZE];
    struct commit_record commit = commit_some();
    struct commit_record read;
    commit_record_encode(&commit, value);
    cr_assert_eq(commit_record_decode(value, sizeof(value), &read), STATUS_OK);
    cr_assert_eq(read.commit_number, 1);
    cr_assert_eq(read.position_next, 2);
    cr_assert_eq(read.last_checksum, 3);
    cr_assert_eq(read.name_count, 4);
    cr_assert_eq(memcmp(&read.counters, &commit.counters, sizeof(read.counters)), 0);
}

Test(state_record, a_flipped_bit_of_a_commit_record_is_damage)
{
    struct commit_record commit = commit_some();
    for (size_t bit = 0; bit < (size_t)COMMIT_RECORD_SIZE * 8; bit++) {
        uint8_t value[COMMIT_RECORD_SIZE];
        struct commit_record read;
        commit_record_encode(&commit, value);
        value[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(commit_record_decode(value, sizeof(value), &read), STATUS_DAMAGED);
    }
}

/* A list of reasons that grew since the record was written: the new ones count 0. */
Test(state_record, an_older_commit_record_with_fewer_reasons_is_read)
{
    uint8_t value[80 + 8 * 2 + 8] = {0};
    struct commit_record read;
    store_u32(value, 1);
    store_u32(value + 4, 1);
    store_u64(value + 80, 21);
    store_u64(value + 88, 22);
    store_u64(value + 96, hash_checksum(value, 96));
    cr_assert_eq(commit_record_decode(value, sizeof(value), &read), STATUS_OK);
    cr_assert_eq(read.counters.rejected[0], 21);
    cr_assert_eq(read.counters.rejected[1], 0);
    cr_assert_eq(read.counters.shed[0], 22);
}

Test(state_record, a_commit_record_with_unknown_reasons_is_newer)
{
    uint8_t value[COMMIT_RECORD_SIZE + 8] = {0};
    struct commit_record read;
    store_u32(value, REJECT_COUNT + 1);
    store_u32(value + 4, SHED_COUNT);
    store_u64(value + sizeof(value) - 8, hash_checksum(value, sizeof(value) - 8));
    cr_assert_eq(commit_record_decode(value, sizeof(value), &read), STATUS_VERSION);
}
