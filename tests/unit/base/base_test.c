/* The small things that everything stands on. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/event_count.h"
#include "base/hash.h"
#include "base/ring_spsc.h"
#include "base/seqcount.h"
#include "base/text_buffer.h"
#include "base/utf8.h"

Test(ring_spsc, gives_back_in_order_and_wraps)
{
    struct ring_spsc ring;
    int things[7];
    cr_assert_eq(ring_spsc_init(&ring, 4), STATUS_OK);
    cr_expect_null(ring_spsc_pop(&ring));
    uint32_t in = 0;
    uint32_t out = 0;
    for (uint32_t round = 0; round < 1000; round++) {
        for (uint32_t i = 0; i < 1 + round % 4; i++) {
            if (ring_spsc_push(&ring, &things[in % 7]) == STATUS_OK) {
                in++;
            }
        }
        for (uint32_t i = 0; i < 1 + round % 3 && out < in; i++) {
            cr_assert_eq(ring_spsc_pop(&ring), &things[out % 7]);
            out++;
        }
        cr_assert_eq(ring_spsc_count(&ring), in - out);
    }
    ring_spsc_fini(&ring);
}

Test(ring_spsc, holds_as_many_as_it_has_slots)
{
    struct ring_spsc ring;
    int thing;
    cr_assert_eq(ring_spsc_init(&ring, 2), STATUS_OK);
    cr_expect_eq(ring_spsc_push(&ring, &thing), STATUS_OK);
    cr_expect_eq(ring_spsc_push(&ring, &thing), STATUS_OK);
    cr_expect_eq(ring_spsc_push(&ring, &thing), STATUS_FULL);
    cr_expect_eq(ring_spsc_pop(&ring), &thing);
    cr_expect_eq(ring_spsc_push(&ring, &thing), STATUS_OK);
    cr_expect_eq(ring_spsc_push(&ring, &thing), STATUS_FULL);
    ring_spsc_fini(&ring);
}

Test(event_count, a_wake_after_prepare_ends_the_wait_at_once, .timeout = 10)
{
    struct event_count event_count = {0};
    uint32_t key = event_count_prepare(&event_count);
    event_count_wake(&event_count);
    event_count_wait(&event_count, key, -1);
    cr_expect_eq(event_count.waiters, 0);
}

Test(event_count, a_time_out_ends_it_and_leaves_nobody_waiting, .timeout = 10)
{
    struct event_count event_count = {0};
    uint32_t key = event_count_prepare(&event_count);
    event_count_wait(&event_count, key, 1000);
    cr_expect_eq(event_count.waiters, 0);
    (void)event_count_prepare(&event_count);
    event_count_cancel(&event_count);
    cr_expect_eq(event_count.waiters, 0);
}

Test(seqcount, reads_what_was_written_last)
{
    struct seqcount seqcount = {0};
    _Atomic uint64_t words[3] = {0};
    uint64_t read[3];
    for (uint64_t i = 1; i < 10; i++) {
        seqcount_write(&seqcount, words, (uint64_t[]){i, i * i, ~i}, 3);
        seqcount_read(&seqcount, words, read, 3);
        cr_expect(read[0] == i && read[1] == i * i && read[2] == ~i);
    }
}

Test(arena, keeps_its_bound_and_aligns)
{
    struct arena arena;
    cr_assert_eq(arena_init(&arena, 4096), STATUS_OK);
    const uint8_t *first = arena_take(&arena, 1);
    const uint8_t *second = arena_take(&arena, 17);
    cr_assert(first != NULL && second != NULL);
    cr_expect_eq((uintptr_t)second % 16, 0);
    cr_expect_eq(second - first, 16);
    cr_expect_eq(first[0], 0);
    cr_expect_null(arena_take(&arena, 4096 - 48 + 1));
    cr_expect_null(arena_take(&arena, SIZE_MAX), "the sum must not wrap");
    cr_expect_not_null(arena_take(&arena, 4096 - 48));
    cr_expect_null(arena_take(&arena, 1));
    arena_fini(&arena);
}

Test(arena, cleared_pages_read_as_zero)
{
    uint8_t *pages = pages_reserve(8192);
    cr_assert_not_null(pages);
    memset(pages, 7, 8192);
    pages_clear(pages, 8192);
    cr_expect(pages[0] == 0 && pages[8191] == 0);
    pages_release(pages, 8192);
}

Test(text_buffer, a_json_string_is_escaped)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"line\nfeed\ttab\x01\x7f", "\"line\\nfeed\\u0009tab\\u0001\\u007f\""},
        {"Z\xC3\xBCrich \xF0\x9F\x98\x80", "\"Z\xC3\xBCrich \xF0\x9F\x98\x80\""},
        {"cut \xC3", "\"cut \xEF\xBF\xBD\""},
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text_buffer buffer;
        text_buffer_init(&buffer);
        text_buffer_json(&buffer, text_from(cases[i].in));
        cr_expect_str_eq(buffer.bytes, cases[i].out);
        text_buffer_fini(&buffer);
    }
}

Test(text_buffer, grows_and_stays_terminated)
{
    struct text_buffer buffer;
    text_buffer_init(&buffer);
    for (uint32_t i = 0; i < 1000; i++) {
        text_buffer_format(&buffer, "%u,", i);
        cr_assert_eq(strlen(buffer.bytes), buffer.length);
    }
    cr_expect_eq(buffer.length, 10 * 2 + 90 * 3 + 900 * 4);
    text_buffer_clear(&buffer);
    cr_expect_str_eq(buffer.bytes, "");
    text_buffer_char(&buffer, 'x');
    char *taken = text_buffer_take(&buffer);
    cr_expect_str_eq(taken, "x");
    cr_expect_null(buffer.bytes);
    free(taken);
    taken = text_buffer_take(&buffer);
    cr_expect_str_eq(taken, "", "nothing was appended");
    free(taken);
}

Test(utf8, table_3_7_of_unicode)
{
    static const struct {
        const char *bytes;
        uint32_t length; /* 0: not well-formed */
    } cases[] = {
        {"\x7F", 1},
        {"\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC2\x80", 2},
        {"\xC2\x7F", 0},
        {"\xC2\xC0", 0},
        {"\xDF\xBF", 2},
        {"\xE0\x9F\xBF", 0},
        {"\xE0\xA0\x80", 3},
        {"\xEC\xBF\xBF", 3},
        {"\xED\x9F\xBF", 3},
        {"\xED\xA0\x80", 0},
        {"\xEE\x80\x80", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xEF\xBF", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF0\x90\x80\x80", 4},
        {"\xF3\xBF\xBF\xBF", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},
        {"\xF1\x80\x80", 0},
        {"\xF1\x80\x80\x41", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t available = (uint32_t)strlen(cases[i].bytes);
        cr_expect_eq(utf8_length(cases[i].bytes, available), cases[i].length, "case %zu", i);
        cr_expect_eq(utf8_valid(cases[i].bytes, available), cases[i].length == available);
        cr_expect_eq(utf8_length(cases[i].bytes, 0), 0);
    }
    cr_expect(utf8_valid("", 0));
}

Test(hash, a_checksum_is_the_same_for_ever)
{
    /* Reference values of XXH3_64bits with seed 0: they are in files on disk. */
    cr_expect_eq(hash_checksum("", 0), UINT64_C(0x2D06800538D394C2));
    cr_expect_eq(hash_checksum("abc", 3), UINT64_C(0x78AF5F94892F3950));
    cr_expect_eq(hash_keyed("abc", 3, 0), hash_checksum("abc", 3));
    cr_expect_neq(hash_keyed("abc", 3, 1), hash_checksum("abc", 3));
    cr_expect_neq(hash_key_random(), 0);
}

Test(bytes, numbers_are_little_endian)
{
    uint8_t bytes[8];
    store_u64(bytes, UINT64_C(0x0102030405060708));
    cr_expect_eq(bytes[0], 8);
    cr_expect_eq(load_u64(bytes), UINT64_C(0x0102030405060708));
    cr_expect_eq(load_u32(bytes), 0x05060708u);
    cr_expect_eq(load_u16(bytes), 0x0708u);
    cr_expect(text_equal(TEXT_NONE, TEXT("")));
    cr_expect_not(text_is(TEXT("ab"), "abc"));
}
