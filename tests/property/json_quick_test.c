/* The quick ways of the decoder against the strict and slow ones: the same record, or the same
 * rejection in the same words, for any line and on every path of this machine. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/decoder.h"
#include "decode/json_number.h"
#include "decode/time_memo.h"
#include "domain/civil.h"
#include "support/json_judge.h"
#include "support/json_lines.h"
#include "support/random.h"

#define NOW INT64_C(1795446000000000000)

struct answer {
    enum decode_result result;
    enum reject reject;
    bool ack;
    struct record record;
};

static struct answer ask(struct decoder *decoder, struct text line)
{
    struct answer answer = {.reject = REJECT_COUNT};
    answer.result = decode_record(decoder, line, NOW, &answer.record, &answer.reject, &answer.ack);
    return answer;
}

static bool same_texts(const struct record *a, const struct record *b)
{
    bool same = text_equal(a->service, b->service) && text_equal(a->customer, b->customer) &&
                text_equal(a->end_user, b->end_user) && text_equal(a->id, b->id) &&
                text_equal(a->source, b->source) && text_equal(a->channel, b->channel) &&
                text_equal(a->title, b->title) && text_equal(a->reason, b->reason) &&
                text_equal(a->author, b->author) && text_equal(a->rrule, b->rrule) &&
                text_equal(a->of, b->of) && text_equal(a->incident, b->incident) &&
                text_equal(a->host, b->host) && text_equal(a->path, b->path) &&
                text_equal(a->tag, b->tag) && a->service_count == b->service_count &&
                a->component_count == b->component_count &&
                a->time_token_count == b->time_token_count;
    for (uint32_t i = 0; same && i < a->service_count; i++) {
        same = text_equal(a->services[i], b->services[i]);
    }
    for (uint32_t i = 0; same && i < a->component_count; i++) {
        same = text_equal(a->components[i], b->components[i]);
    }
    for (uint32_t i = 0; same && i < a->time_token_count; i++) {
        same = a->time_tokens[i].bytes == b->time_tokens[i].bytes &&
               a->time_tokens[i].length == b->time_tokens[i].length;
    }
    return same;
}

static bool same_record(const struct record *a, const struct record *b)
{
    return same_texts(a, b) && a->kind == b->kind && a->occurred_ns == b->occurred_ns &&
           a->time_unparsable == b->time_unparsable && a->received_ns == b->received_ns &&
           a->outcome == b->outcome && a->aside == b->aside && a->status == b->status &&
           a->latency_ns == b->latency_ns && a->total == b->total && a->good == b->good &&
           a->flags == b->flags && a->state == b->state && a->previous == b->previous &&
           a->nature == b->nature && a->severity == b->severity &&
           a->started_at_ns == b->started_at_ns && a->start_ns == b->start_ns &&
           a->end_ns == b->end_ns;
}

static bool same_answer(const struct answer *a, const struct answer *b)
{
    return a->result == b->result && a->reject == b->reject && a->ack == b->ack &&
           (a->result != DECODE_RECORD || same_record(&a->record, &b->record));
}

static struct decoder *open_decoder(void)
{
    struct decoder *decoder = NULL;
    cr_assert_eq(decoder_open(&decoder, NULL), STATUS_OK);
    return decoder;
}

/* One that goes along this path; NULL: not on this machine. */
static struct decoder *open_quick(enum line_index_path path)
{
    struct decoder *decoder = open_decoder();
    if (!decoder_choose_path(decoder, path)) {
        decoder_close(decoder);
        return NULL;
    }
    return decoder;
}

static struct decoder *open_strict(void)
{
    struct decoder *decoder = open_decoder();
    decoder->read_quickly = NULL;
    return decoder;
}

/* Lines of a stream have others behind them, which the quick way loads bytes of, and an index of the
 * framer's. */
static struct answer ask_framed(struct decoder *decoder, struct line_index *index, struct text line,
                                uint32_t behind)
{
    static char *buffer;
    struct answer answer = {.reject = REJECT_COUNT};
    struct framer framer = {.index = index, .begun = true};
    size_t consumed;
    struct text record;
    enum reject reject;
    free(buffer); /* the texts of the record pointed into it */
    buffer = malloc((size_t)line.length + 1 + behind);
    memcpy(buffer, line.bytes, line.length);
    buffer[line.length] = '\n';
    memset(buffer + line.length + 1, '0', behind);
    enum frame_result result =
        frame_next(&framer, buffer, line.length + 1 + behind, false, &consumed, &record, &reject);
    cr_assert_eq(result, FRAME_RECORD);
    cr_assert_eq(consumed, line.length + 1);
    answer.result =
        decode_framed(decoder, record, index, NOW, &answer.record, &answer.reject, &answer.ack);
    return answer;
}

static void assert_answers(const struct answer *given, const struct decoder *quick,
                           const struct answer *expected, const struct decoder *strict,
                           struct text line)
{
    cr_assert(same_answer(given, expected), "%.*s\nquick: %d %s\nstrict: %d %s", (int)line.length,
              line.bytes, (int)given->result, decoder_detail(quick), (int)expected->result,
              decoder_detail(strict));
    cr_assert_str_eq(decoder_detail(quick), decoder_detail(strict), "%.*s", (int)line.length,
                     line.bytes);
}

struct pair {
    struct decoder *quick;
    struct decoder *strict;
    struct line_index index;
    uint32_t records;
};

static bool pair_open(struct pair *pair, enum line_index_path path)
{
    *pair = (struct pair){.quick = open_quick(path)};
    if (pair->quick == NULL) {
        cr_log_info("path %d: not on this machine", (int)path);
        return false;
    }
    pair->strict = open_strict();
    cr_assert(line_index_init(&pair->index, path));
    return true;
}

static void pair_close(struct pair *pair)
{
    decoder_close(pair->quick);
    decoder_close(pair->strict);
}

/* behind: bytes of the same buffer behind the line; UINT32_MAX: the line comes alone. */
static void assert_same(struct pair *pair, struct text line, uint32_t behind)
{
    /* In memory of its very size: AddressSanitizer sees a byte read too far. */
    char *copy = malloc(line.length != 0 ? line.length : 1);
    memcpy(copy, line.bytes, line.length);
    struct text text = {copy, line.length};
    struct answer expected = ask(pair->strict, text);
    bool whole = memchr(copy, '\n', line.length) == NULL &&
                 (line.length == 0 || (copy[line.length - 1] != '\r' && copy[0] > '9'));
    struct answer given;
    if (behind == UINT32_MAX || !whole) {
        given = ask(pair->quick, text);
    } else {
        given = ask_framed(pair->quick, &pair->index, text, behind);
        for (uint32_t i = 0; i < given.record.time_token_count && given.result == DECODE_RECORD;
             i++) {
            given.record.time_tokens[i].bytes += copy - pair->quick->input;
        }
    }
    assert_answers(&given, pair->quick, &expected, pair->strict, text);
    pair->records += given.result == DECODE_RECORD ? 1 : 0;
    free(copy);
}

/* Families of lines: one as it is, and then changed here and there, so that shapes fit, and fit in
 * part. */
Test(json_quick, every_path_agrees_with_the_strict_scan)
{
    struct random random = random_seeded("json_quick");
    for (int path = 0; path < LINE_INDEX_PATH_COUNT; path++) {
        struct pair pair;
        if (!pair_open(&pair, (enum line_index_path)path)) {
            continue;
        }
        static char family[JSON_LINE_BYTES_MAX];
        uint32_t family_length = 0;
        for (uint32_t round = 0; round < 60000; round++) {
            static char bytes[JSON_LINE_BYTES_MAX];
            if (round % 4 == 0) {
                family_length = json_line_write(&random, family);
            }
            memcpy(bytes, family, family_length);
            uint32_t length = round % 4 == 0 || random_once_in(&random, 2)
                                  ? family_length
                                  : json_line_spoil(&random, bytes, family_length);
            uint32_t behind =
                random_once_in(&random, 4) ? UINT32_MAX : (uint32_t)random_below(&random, 80);
            assert_same(&pair, (struct text){bytes, length}, behind);
        }
        cr_assert_gt(pair.records, 1000);
        pair_close(&pair);
    }
}

/* One byte different, one more, one less, or cut off, at every place of a line as programs write
 * them; each after the line itself, whose shape it then nearly has. */
Test(json_quick, no_single_byte_makes_a_difference)
{
    static const char line[] =
        "{\"ts\":\"2026-11-23T14:55:41.123456Z\", \"service\":\"svc\\/1\",\"customer\":\"cust-1\","
        "\"status\":200,\"bytes\":12,\"latency_ms\":1.0377,\"path\":\"/"
        "a\",\"tags\":[1,{\"a\":\"}\"}]}";
    static const char others[] = "\"\\{}[]:,0-.eE \t\x01\x7F\xC3Z";
    const uint32_t length = sizeof(line) - 1;
    for (int path = 0; path < LINE_INDEX_PATH_COUNT; path++) {
        struct pair pair;
        if (!pair_open(&pair, (enum line_index_path)path)) {
            continue;
        }
        for (uint32_t at = 0; at < length; at++) {
            assert_same(&pair, (struct text){line, length}, 64);
            assert_same(&pair, (struct text){line, at}, 64);
            for (uint32_t i = 0; i < sizeof(others) - 1; i++) {
                char changed[sizeof(line) + 1];
                memcpy(changed, line, length);
                changed[at] = others[i];
                assert_same(&pair, (struct text){line, length}, 64);
                assert_same(&pair, (struct text){changed, length}, 64);
                memcpy(changed + at + 1, line + at, length - at);
                assert_same(&pair, (struct text){line, length}, 64);
                assert_same(&pair, (struct text){changed, length + 1}, 64);
            }
        }
        cr_assert_gt(pair.records, 1000);
        pair_close(&pair);
    }
}

/* What the property above cannot show: that the quick way is gone at all. */
Test(json_quick, ordinary_lines_are_not_given_up)
{
    static const char *const lines[] = {
        "{\"ts\":\"2026-11-23T14:55:41.123Z\",\"service\":\"s\",\"status\":200}",
        "{\"service\": \"s\", \"status\": 200, \"ok\": true, \"none\": null}",
        "{\"service\":\"s\",\"path\":\"\\/a\\/b\",\"agent\":\"x \\\"y\\\" \\\\\"}",
        "{\"service\":\"Gr\xC3\xBC\xC3\x9F\",\"agent\":\"\xFF\"}",
        "{\"service\":\"s\",\"req\":{\"method\":\"GET\",\"ids\":[1,2]},\"status\":-0}",
    };
    for (int path = 0; path < LINE_INDEX_PATH_COUNT; path++) {
        struct pair pair;
        if (!pair_open(&pair, (enum line_index_path)path)) {
            continue;
        }
        struct decoder *decoder = pair.quick;
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
            size_t length = strlen(lines[i]);
            pair.index.scan(&pair.index, lines[i], length);
            cr_assert(decoder->read_quickly(&decoder->shape, &pair.index, &decoder->keys,
                                            &decoder->fields),
                      "%s", lines[i]);
        }
        pair_close(&pair);
    }
}

/* The second of two alike does not meet the walk: its shape is known. */
Test(json_quick, a_line_like_the_one_before_has_its_shape)
{
    static const char line[] = "{\"service\":\"s\",\"status\":200,\"x\":\"\"}\n"
                               "                                                    ";
    for (int path = 0; path < LINE_INDEX_PATH_COUNT; path++) {
        struct pair pair;
        if (!pair_open(&pair, (enum line_index_path)path)) {
            continue;
        }
        struct decoder *decoder = pair.quick;
        pair.index.scan(&pair.index, line, sizeof(line) - 1);
        cr_assert(
            decoder->read_quickly(&decoder->shape, &pair.index, &decoder->keys, &decoder->fields));
        cr_assert_eq(decoder->shape.count, 4);
        /* Nobody looks up keys any more: without them, the same fields. */
        static const struct field_index no_keys;
        cr_assert(decoder->read_quickly(&decoder->shape, &pair.index, &no_keys, &decoder->fields));
        cr_assert_eq(decoder->fields.present, FIELD_BIT(SERVICE) | FIELD_BIT(STATUS));
        pair_close(&pair);
    }
}

/* Quick and strict might be wrong alike: somebody else's parser on the same lines. */
Test(json_quick, and_jansson_agrees)
{
    struct random random = random_seeded("json_judge");
    struct decoder *deciders[] = {open_decoder(), open_strict()};
    static char bytes[JSON_LINE_BYTES_MAX];
    uint32_t valid = 0;
    for (uint32_t round = 0; round < 60000; round++) {
        uint32_t length = json_line_write(&random, bytes);
        length = random_once_in(&random, 2) ? json_line_spoil(&random, bytes, length) : length;
        if (length != 0 && bytes[0] == '{') {
            valid += json_judge(deciders[round % 2], (struct text){bytes, length}) ? 1 : 0;
        }
    }
    cr_assert_gt(valid, 10000);
    decoder_close(deciders[0]);
    decoder_close(deciders[1]);
}

Test(time_memo, agrees_with_the_calendar)
{
    struct random random = random_seeded("time_memo");
    static const char bytes[] = "0123456789:-+.TZz ";
    struct time_memo memo = {0};
    uint32_t parsed = 0;
    for (uint32_t round = 0; round < 300000; round++) {
        char text[CIVIL_TEXT_SIZE + 8];
        civil_format(
            random_between(&random, INT64_C(1795446000000000000), INT64_C(1795646000000000000)),
            text);
        size_t length = strlen(text);
        if (random_once_in(&random, 3)) {
            text[random_below(&random, length)] = bytes[random_below(&random, sizeof(bytes) - 1)];
        }
        if (random_once_in(&random, 10)) {
            length = random_below(&random, length);
        }
        char *copy = malloc(length != 0 ? length : 1);
        memcpy(copy, text, length);
        struct text time = {copy, (uint32_t)length};
        int64_t expected_ns = 0;
        int64_t given_ns = 0;
        bool expected = civil_parse_time(time, &expected_ns);
        cr_assert_eq(time_memo_parse(&memo, time, &given_ns), expected, "%.*s", (int)length, copy);
        cr_assert_eq(given_ns, expected_ns, "%.*s", (int)length, copy);
        parsed += expected ? 1 : 0;
        free(copy);
    }
    cr_assert_gt(parsed, 100000);
}

/* All short numbers of the grammar, at any scale. */
Test(json_number, the_short_way_agrees_with_the_long_one)
{
    struct random random = random_seeded("json_number");
    uint32_t taken = 0;
    for (uint32_t round = 0; round < 300000; round++) {
        char text[40];
        uint64_t whole = random_below(&random, UINT64_C(1) << random_below(&random, 30));
        if (random_once_in(&random, 2)) {
            snprintf(text, sizeof(text), "........%llu", (unsigned long long)whole);
        } else {
            snprintf(text, sizeof(text), "........%llu.%0*llu", (unsigned long long)whole % 100000,
                     1 + (int)random_below(&random, 7),
                     (unsigned long long)random_below(&random, 10));
        }
        struct text number = {text + 8, (uint32_t)strlen(text) - 8};
        if (random_once_in(&random, 10)) {
            text[8 + random_below(&random, number.length)] = random_once_in(&random, 2) ? 'e' : '-';
        }
        uint32_t scale = (uint32_t)random_below(&random, 10);
        uint64_t expected = 0;
        uint64_t given = 0;
        enum number_result result = json_number_scaled(number, scale, &expected);
        if (result == NUMBER_NOT) {
            continue; /* the scan has refused it */
        }
        if (json_number_short(number, text, scale, &given)) {
            cr_assert_eq(result, NUMBER_EXACT, "%s at %u", number.bytes, scale);
            cr_assert_eq(given, expected, "%s at %u", number.bytes, scale);
            taken++;
        }
    }
    cr_assert_gt(taken, 100000);
}
