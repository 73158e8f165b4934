/* Facts about cutting streams into records: V-33, V-50 .. V-53, V-57. */
#include <stdarg.h>

#include "fixture.h"

/* What a framer says about a whole stream, as text: records in quotes, rejections by their word. */
struct story {
    char text[4096];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void tell(struct story *story, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(story->text + story->length, sizeof(story->text) - story->length,
                            format, arguments);
    va_end(arguments);
    cr_assert(written >= 0 && (size_t)written < sizeof(story->text) - story->length);
    story->length += (size_t)written;
}

static void tell_record(struct story *story, struct text record)
{
    if (record.length > 100) {
        tell(story, "[%u bytes]", record.length);
        return;
    }
    tell(story, "\"");
    for (uint32_t i = 0; i < record.length; i++) {
        unsigned char byte = (unsigned char)record.bytes[i];
        tell(story, byte >= 0x20 && byte < 0x7F ? "%c" : "\\%02x", byte);
    }
    tell(story, "\"");
}

/* Takes what can be taken of bytes[from .. to); answers where the rest begins. False: closed. */
static bool take(struct framer *framer, const char *bytes, size_t *from, size_t to, bool at_end,
                 struct story *story)
{
    for (;;) {
        size_t consumed = 0;
        struct text record = TEXT_NONE;
        enum reject reject = REJECT_COUNT;
        /* Memory of the very size, for AddressSanitizer. */
        size_t length = to - *from;
        char *copy = malloc(length != 0 ? length : 1);
        memcpy(copy, bytes + *from, length);
        enum frame_result result =
            frame_next(framer, copy, length, at_end, &consumed, &record, &reject);
        cr_assert_leq(consumed, length);
        *from += consumed;
        if (result == FRAME_RECORD) {
            tell_record(story, record);
        } else if (result == FRAME_REJECT || result == FRAME_CLOSE) {
            tell(story, "(%s%s)", result == FRAME_CLOSE ? "close: " : "", reject_word(reject));
        }
        free(copy);
        if (result == FRAME_CLOSE) {
            return false;
        }
        if (result == FRAME_MORE && (consumed == 0 || *from == to)) {
            return true;
        }
    }
}

/* cuts: rising positions; the stream arrives in the pieces between them. */
static struct story run(struct text stream, const size_t *cuts, size_t cut_count)
{
    struct story story = {0};
    struct framer framer = {0};
    size_t from = 0;
    for (size_t i = 0; i < cut_count; i++) {
        size_t to = cuts[i] < stream.length ? cuts[i] : stream.length;
        if (to < from) {
            continue;
        }
        if (!take(&framer, stream.bytes, &from, to, false, &story)) {
            return story;
        }
    }
    if (take(&framer, stream.bytes, &from, stream.length, false, &story)) {
        (void)take(&framer, stream.bytes, &from, stream.length, true, &story);
    }
    return story;
}

static void assert_same_for_every_split(struct text stream, const char *expected)
{
    for (size_t cut = 0; cut <= stream.length; cut++) {
        struct story story = run(stream, &cut, 1);
        cr_assert_str_eq(story.text, expected, "cut at %zu", cut);
    }
    size_t *cuts = malloc(stream.length * sizeof(*cuts) + 1);
    for (size_t i = 0; i < stream.length; i++) {
        cuts[i] = i + 1;
    }
    struct story story = run(stream, cuts, stream.length);
    cr_assert_str_eq(story.text, expected, "byte by byte");
    free(cuts);
}

struct stream {
    const char *bytes;
    const char *expected;
};

static void assert_streams(const struct stream *streams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_same_for_every_split(text_from(streams[i].bytes), streams[i].expected);
    }
}

#define ASSERT_STREAMS(streams) assert_streams(streams, sizeof(streams) / sizeof((streams)[0]))

Test(frame, lines_end_at_the_line_feed)
{
    static const struct stream streams[] = {
        {"", ""},
        {"{}\n", "\"{}\""},
        {"{}\r\n{}\n", "\"{}\"\"{}\""},
        {"a\rb\n", "\"a\\0db\""},
        {"\n\r\n{}\n", "\"\"\"\"\"{}\""},
        {"<13>a\n<14>b\n", "\"<13>a\"\"<14>b\""},
    };
    ASSERT_STREAMS(streams);
}

Test(frame, a_last_line_without_line_feed_is_a_record)
{
    static const struct stream streams[] = {
        {"{}\n{\"a\"", "\"{}\"\"{\"a\"\""},
        {"a\r", "\"a\""},
        {"12", "\"12\""},
        {"12 ", "\"12 \""},
    };
    ASSERT_STREAMS(streams);
}

Test(frame, octet_counted_records_need_no_line_feed)
{
    static const struct stream streams[] = {
        {"5 <13>a7 <14>b\nc", "\"<13>a\"\"<14>b\\0ac\""},
        {"6 <13>a\n6 <14>b\n", "\"<13>a\"\"<14>b\""},
        {"7 <13>a\r\n", "\"<13>a\""},
        {"2 {}\n2 {}\n",
         "\"{}\"\"\"\"{}\"\"\""}, /* the count leaves out the line feed: blank records */
        {"2 {}{}\n2 []", "\"{}\"\"{}\"\"[]\""}, /* mixed on one connection */
    };
    ASSERT_STREAMS(streams);
}

Test(frame, broken_octet_counts_are_plain_lines)
{
    static const struct stream streams[] = {
        {"0 <13>a\n{}\n", "\"0 <13>a\"\"{}\""},
        {"00012 <13>a\n{}\n", "\"00012 <13>a\"\"{}\""},
        {"-1 <13>a\n{}\n", "\"-1 <13>a\"\"{}\""},
        {"+5 <13>a\n{}\n", "\"+5 <13>a\"\"{}\""},
        {"99999999999999999999 <13>a\n{}\n", "\"99999999999999999999 <13>a\"\"{}\""},
        {"12345678 {}\n{}\n", "\"12345678 {}\"\"{}\""},
        {"10.0.0.1 - - [x]\n{}\n", "\"10.0.0.1 - - [x]\"\"{}\""},
        {"12 plain text\n{}\n", "\"12 plain text\"\"{}\""},
        {"12\n{}\n", "\"12\"\"{}\""},
    };
    ASSERT_STREAMS(streams);
}

Test(frame, ten_thousand_digits_are_one_line)
{
    char *bytes = malloc(10002);
    memset(bytes, '7', 10000);
    memcpy(bytes + 10000, "\nx", 2);
    static const size_t cuts[] = {1, 7, 8, 9, 5000, 10000, 10001};
    struct story story = run((struct text){bytes, 10002}, cuts, 7);
    cr_assert_str_eq(story.text, "[10000 bytes]\"x\"");
    free(bytes);
}

Test(frame, a_cut_octet_frame_is_truncated)
{
    static const struct stream streams[] = {
        {"9 <13>a", "(truncated)"},
        {"2 {}9 <", "\"{}\"(truncated)"},
    };
    ASSERT_STREAMS(streams);
}

Test(frame, tls_and_compression_close_the_stream)
{
    static const struct stream streams[] = {
        {"\x16\x03\x01\x02", "(close: tls)"},
        {"x\xDA\xEC\xDA?", "(close: compressed)"},
        {"zx\xDA", "(close: compressed)"},
        {"x\x9C", "(close: compressed)"},
        {"\x89N9S\x01\0\0\0", "(close: native_frames)"},
        /* Text that begins with these letters, and the same bytes later on, are not. */
        {"x", "\"x\""},
        {"z", "\"z\""},
        {"xyz\nzeus - - [\n", "\"xyz\"\"zeus - - [\""},
        {"{}\n\x16\x03\n", "\"{}\"\"\\16\\03\""},
    };
    ASSERT_STREAMS(streams);
}

static struct text filled(size_t length, char byte, const char *behind)
{
    char *bytes = malloc(length + strlen(behind) + 1);
    memset(bytes, byte, length);
    memcpy(bytes + length, behind, strlen(behind) + 1);
    return (struct text){bytes, (uint32_t)(length + strlen(behind))};
}

Test(frame, a_record_of_the_limit_passes_and_one_byte_more_is_rejected_once)
{
    static const size_t cuts[] = {1,
                                  1000,
                                  RECORD_BYTES_MAX - 1,
                                  RECORD_BYTES_MAX,
                                  RECORD_BYTES_MAX + 1,
                                  RECORD_BYTES_MAX + 2};
    struct {
        size_t length;
        const char *behind;
        const char *expected;
    } cases[] = {
        {RECORD_BYTES_MAX, "\n{}\n", "[65536 bytes]\"{}\""},
        {RECORD_BYTES_MAX, "\r\n{}\n", "[65536 bytes]\"{}\""},
        {RECORD_BYTES_MAX, "\r", "[65536 bytes]"},
        {RECORD_BYTES_MAX, "\r{\n{}\n", "(too_large)\"{}\""},
        {RECORD_BYTES_MAX + 1, "\n{}\n", "(too_large)\"{}\""},
        {RECORD_BYTES_MAX + 1, "\r\n{}\n", "(too_large)\"{}\""},
        {1000000, "\n{}\n", "(too_large)\"{}\""},
        {1000000, "", "(too_large)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text stream = filled(cases[i].length, 'a', cases[i].behind);
        for (size_t first = 0; first <= 6; first++) {
            struct story story = run(stream, cuts + first, 6 - first);
            cr_assert_str_eq(story.text, cases[i].expected, "case %zu, cut %zu", i, first);
        }
        free_sample(stream);
    }
}

Test(frame, a_too_large_octet_frame_is_skipped_by_its_count)
{
    struct text body = filled(69994, 'a', "<13>\n\n{}\n2 {}");
    char *bytes = malloc(body.length + 7);
    memcpy(bytes, "70000 <", 7);
    memcpy(bytes + 7, body.bytes, body.length);
    struct text stream = {bytes, body.length + 7};
    for (size_t cut = 0; cut < stream.length; cut += 997) {
        struct story story = run(stream, &cut, 1);
        /* 70000 bytes from the '<' on: up to and with the first line feed. */
        cr_assert_str_eq(story.text, "(too_large)\"\"\"{}\"\"{}\"", "cut at %zu", cut);
    }
    free(bytes);
    free_sample(body);
}

Test(frame, the_captured_streams_are_split_independent)
{
    static const char *const names[] = {
        "rsyslog-omfwd-tcp-octet-rfc5424.bin", "syslogng-network-tcp-default.bin",
        "syslogng-syslog-tcp-rfc5424-octet.bin", "haproxy-tcpring-rfc5424-octetcount.bin"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct text sample = read_sample(names[i]);
        struct story whole = run(sample, NULL, 0);
        cr_assert_gt(whole.length, 20);
        for (size_t cut = 1; cut < sample.length; cut += 7) {
            struct story story = run(sample, &cut, 1);
            cr_assert_str_eq(story.text, whole.text, "%s cut at %zu", names[i], cut);
        }
        free_sample(sample);
    }
}

Test(frame, binary_garbage_neither_stalls_nor_crashes)
{
    uint64_t seed = 88172645463325252;
    for (int round = 0; round < 200; round++) {
        char bytes[600];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            /* Mostly what frames are made of. */
            static const char alphabet[] = "0123456789 <{[\n\r";
            bytes[i] =
                seed >> 60 < 13 ? alphabet[(seed >> 32) % (sizeof(alphabet) - 1)] : (char)seed;
        }
        struct text stream = {bytes, sizeof(bytes)};
        struct framer framer = {0};
        size_t from = 0;
        while (from < stream.length) {
            size_t consumed;
            struct text record;
            enum reject reject;
            enum frame_result result = frame_next(&framer, bytes + from, sizeof(bytes) - from, true,
                                                  &consumed, &record, &reject);
            if (result == FRAME_CLOSE) {
                break;
            }
            cr_assert(consumed > 0, "seed round %d stalls at %zu", round, from);
            from += consumed;
        }
    }
}
