/* The grammar of JSON, strictly: V-34, V-35, V-39, V-40. */
#include "decode/json_number.h"
#include "decode/json_scan.h"
#include "fixture.h"

struct line {
    const char *line;
    const char *word; /* of the rejection */
};

static void assert_rejected(const struct line *lines, size_t count)
{
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < count; i++) {
        struct answer answer = ask(decoder, lines[i].line);
        ASSERT_REJECT(answer, decoder, lines[i].word, lines[i].line);
        cr_assert_gt(strlen(decoder_detail(decoder)), 0);
        cr_assert_leq(strlen(decoder_detail(decoder)), 160);
        for (const char *at = decoder_detail(decoder); *at != '\0'; at++) {
            cr_assert(*at >= 0x20 && *at < 0x7F, "%s", lines[i].line);
        }
    }
    decoder_close(decoder);
}

#define ASSERT_REJECTED(lines) assert_rejected(lines, sizeof(lines) / sizeof((lines)[0]))

/* Puts a value where its meaning does not matter, only its grammar. */
static struct answer ask_value(struct decoder *decoder, const char *value)
{
    char line[1024];
    snprintf(line, sizeof(line), "{\"service\":\"s\",\"x\":%s}", value);
    return ask(decoder, line);
}

Test(json, values_of_the_grammar_are_accepted)
{
    static const char *const values[] = {"0",
                                         "-0",
                                         "0.0",
                                         "-1",
                                         "1.5",
                                         "1e5",
                                         "1E+5",
                                         "1e-5",
                                         "-0.5e10",
                                         "123456789012345678901234567890",
                                         "1e400",
                                         "true",
                                         "false",
                                         "null",
                                         "\"\"",
                                         "\"a\"",
                                         "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                         "\"\\u0000\\u00e9\\uD83D\\uDE00\"",
                                         "\"\\ud800\"",
                                         "\"\x7F\"",
                                         "\"\xFF\xC0\x80\"",
                                         "[]",
                                         "[ ]",
                                         "{}",
                                         "{ }",
                                         "[1,2]",
                                         "[1 , 2]",
                                         "{\"a\":1,\"b\":[{}]}",
                                         "[[],[[]],{}]",
                                         " 1 ",
                                         "\t1\r",
                                         "\"\xE2\x80\xA8\xE2\x80\xAE\"",
                                         "{\"\":1}",
                                         "{\"a\":1,\"a\":2}",
                                         "\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\""};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct answer answer = ask_value(decoder, values[i]);
        ASSERT_RECORD(answer, decoder, values[i]);
    }
    decoder_close(decoder);
}

Test(json, everything_else_is_bad_json)
{
    static const char *const values[] = {"",
                                         "01",
                                         "00",
                                         "-01",
                                         "013",
                                         "+1",
                                         ".5",
                                         "1.",
                                         "1.e5",
                                         "1e",
                                         "1e+",
                                         "-",
                                         "--1",
                                         "0x1",
                                         "1 2",
                                         "1a",
                                         "NaN",
                                         "nan",
                                         "Infinity",
                                         "-Infinity",
                                         "tru",
                                         "True",
                                         "truex",
                                         "nul",
                                         "undefined",
                                         "'a'",
                                         "a",
                                         "\"",
                                         "\"a",
                                         "\"\\\"",
                                         "\"\\x\"",
                                         "\"\\u12\"",
                                         "\"\\u12g4\"",
                                         "\"\\",
                                         "\"a\nb\"",
                                         "\"a\tb\"",
                                         "\"\x01\"",
                                         "[",
                                         "]",
                                         "[1",
                                         "[1,",
                                         "[1,]",
                                         "[,1]",
                                         "[1 2]",
                                         "[1,,2]",
                                         "{",
                                         "{\"a\"",
                                         "{\"a\":",
                                         "{\"a\":1",
                                         "{\"a\":1,",
                                         "{\"a\":1,}",
                                         "{,}",
                                         "{a:1}",
                                         "{'a':1}",
                                         "{\"a\" 1}",
                                         "{\"a\":}",
                                         "{\"a\"::1}",
                                         "{1:2}",
                                         "[1}",
                                         "{\"a\":1]",
                                         "1//",
                                         "1\",\"y\":2\"", /* an even number of stray quotes */
                                         "/*c*/1",
                                         "1/*c*/",
                                         "\v1",
                                         "\xC2\xA0"
                                         "1",
                                         "\xEF\xBB\xBF"
                                         "1"};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct answer answer = ask_value(decoder, values[i]);
        ASSERT_REJECT(answer, decoder, "bad_json", values[i]);
    }
    decoder_close(decoder);
}

Test(json, a_record_is_one_whole_object)
{
    static const struct line lines[] = {
        {"{\"service\":\"s\"", "bad_json"},
        {"{\"service\":\"s\"}}", "bad_json"},
        {"{\"service\":\"s\"} x", "bad_json"},
        {"{\"service\":\"s\"}{\"service\":\"s\"}", "bad_json"},
        {"{\"service\":\"s\"},", "bad_json"},
        {"{\"service\":\"s\",}", "bad_json"},
        {"{", "bad_json"},
        {"{}", "missing_field"},
        {"[]", "bad_json"},
        {"[{\"service\":\"s\"}]", "bad_json"},
        {"[", "bad_json"},
        {"null", "unknown_format"},
        {"\"service\"", "unknown_format"},
        {"\xEF\xBB\xBF{\"service\":\"s\"}", "unknown_format"},
    };
    ASSERT_REJECTED(lines);
}

Test(json, white_space_around_a_record_is_nothing)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, " \t{ \"service\" :\r\n\"s\" , \"status\": 200 } \r\n");
    ASSERT_RECORD(answer, decoder, "spaced");
    ASSERT_TEXT(answer.record.service, "s");
    cr_assert_eq(answer.record.status, 200);
    cr_assert_eq(ask(decoder, "").result, DECODE_BLANK);
    cr_assert_eq(ask(decoder, " \t\r\n").result, DECODE_BLANK);
    decoder_close(decoder);
}

static struct answer ask_nested(struct decoder *decoder, const char *open, const char *close,
                                size_t levels)
{
    static char line[RECORD_BYTES_MAX];
    size_t length = (size_t)snprintf(line, sizeof(line), "{\"service\":\"s\",\"x\":");
    for (size_t i = 0; i < levels; i++) {
        length += (size_t)snprintf(line + length, sizeof(line) - length, "%s", open);
    }
    length += (size_t)snprintf(line + length, sizeof(line) - length, "1");
    for (size_t i = 0; i < levels; i++) {
        length += (size_t)snprintf(line + length, sizeof(line) - length, "%s", close);
    }
    snprintf(line + length, sizeof(line) - length, "}");
    return ask(decoder, line);
}

Test(json, sixteen_levels_pass_and_seventeen_are_too_deep)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask_nested(decoder, "[", "]", 15);
    ASSERT_RECORD(answer, decoder, "[ x 15");
    answer = ask_nested(decoder, "[", "]", 16);
    ASSERT_REJECT(answer, decoder, "too_deep", "[ x 16");
    answer = ask_nested(decoder, "{\"a\":", "}", 15);
    ASSERT_RECORD(answer, decoder, "{ x 15");
    answer = ask_nested(decoder, "{\"a\":", "}", 16);
    ASSERT_REJECT(answer, decoder, "too_deep", "{ x 16");
    static char brackets[60000];
    memset(brackets, '[', sizeof(brackets) - 1);
    answer = ask(decoder, brackets);
    ASSERT_REJECT(answer, decoder, "too_deep", "60,000 brackets");
    decoder_close(decoder);
}

Test(json, the_detail_names_column_and_cause)
{
    struct decoder *decoder = open_decoder();
    (void)ask(decoder, "{\"service\":\"s\" \"status\":200}");
    cr_assert_str_eq(decoder_detail(decoder), "column 16: expected ',' or '}'");
    (void)ask(decoder, "  {\"ms\":013}");
    cr_assert_str_eq(
        decoder_detail(decoder),
        "column 9: a number with a leading zero (HAProxy's %ms writes them: put it in quotes)");
    (void)ask(decoder, "{\"service\":\"s\",\"status\":\"200\"}");
    cr_assert_str_eq(decoder_detail(decoder), "field `status`: expected an integer, got a string");
    (void)ask(decoder, "{\"service\":\"s\",\"outcome\":\"o\x01k\"}");
    cr_assert_str_eq(decoder_detail(decoder), "column 28: a control character inside a string");
    (void)ask(decoder, "{\"service\":\"s\",\"outcome\":\"o\\u001b[31m\"}");
    cr_assert_str_eq(decoder_detail(decoder),
                     "field `outcome`: o?[31m is none of: good bad excluded");
    decoder_close(decoder);
}

Test(json, escapes_say_the_same_as_bytes)
{
    struct {
        const char *escaped;
        const char *plain;
    } cases[] = {
        {"a\\/b", "a/b"},
        {"\\u0061", "a"},
        {"caf\\u00e9", "caf\xC3\xA9"},
        {"\\u20AC\\uD83D\\ude00!", "\xE2\x82\xAC\xF0\x9F\x98\x80!"},
        {"q\\\"uo\\\\te", "q\"uo\\te"},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"s\\u0065rvice\":\"%s\"}", cases[i].escaped);
        struct answer answer = ask(decoder, line);
        ASSERT_RECORD(answer, decoder, line);
        ASSERT_TEXT(answer.record.service, cases[i].plain);
    }
    decoder_close(decoder);
}

Test(json, names_are_utf8_without_nul)
{
    static const struct line lines[] = {
        {"{\"service\":\"\xFF\"}", "bad_utf8"},
        {"{\"service\":\"\xC0\xAF\"}", "bad_utf8"},         /* overlong */
        {"{\"service\":\"\xED\xA0\x80\"}", "bad_utf8"},     /* a surrogate in bytes */
        {"{\"service\":\"\xF4\x90\x80\x80\"}", "bad_utf8"}, /* above U+10FFFF */
        {"{\"service\":\"abc\xC3\"}", "bad_utf8"},
        {"{\"service\":\"\\ud800\"}", "bad_utf8"},
        {"{\"service\":\"\\udc00\\ud800\"}", "bad_utf8"},
        {"{\"service\":\"s\",\"id\":\"\\ud800x\"}", "bad_utf8"},
        {"{\"service\":\"s\",\"customer\":\"\xFF\"}", "bad_utf8"},
        {"{\"service\":\"a\\u0000b\"}", "bad_value"},
        {"{\"service\":\"0123456789\\u0000\"}", "bad_value"},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"service\":[\"a\",\"\xFF\"]}", "bad_utf8"},
    };
    ASSERT_REJECTED(lines);
}

Test(json, odd_but_valid_names_are_names)
{
    static const char *const names[] = {
        "../x",         "%n",           "{{7*7}}", "a b",
        "\xE2\x80\xAE", "\xE2\x80\xA8", "-",       "Gr\xC3\xBC\xC3\x9F",
        "<script>"};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"service\":\"%s\"}", names[i]);
        struct answer answer = ask(decoder, line);
        ASSERT_RECORD(answer, decoder, line);
        ASSERT_TEXT(answer.record.service, names[i]);
    }
    decoder_close(decoder);
}

Test(json, names_have_at_most_128_bytes_after_unescaping)
{
    struct decoder *decoder = open_decoder();
    for (int length = 127; length <= 129; length++) {
        for (int escaped = 0; escaped < 2; escaped++) {
            char line[2000] = "{\"service\":\"";
            for (int i = 0; i < length; i++) {
                strcat(line, escaped ? "\\u0061" : "a");
            }
            strcat(line, "\"}");
            struct answer answer = ask(decoder, line);
            if (length <= 128) {
                ASSERT_RECORD(answer, decoder, line);
                cr_assert_eq(answer.record.service.length, (uint32_t)length);
            } else {
                ASSERT_REJECT(answer, decoder, "too_long", line);
            }
        }
    }
    decoder_close(decoder);
}

Test(json, a_record_of_64_kib_passes_and_one_byte_more_is_too_large)
{
    struct decoder *decoder = open_decoder();
    static char line[RECORD_BYTES_MAX + 2];
    static const char begin[] = "{\"service\":\"s\",\"x\":\"";
    for (size_t length = RECORD_BYTES_MAX; length <= RECORD_BYTES_MAX + 1; length++) {
        memset(line, 'a', length);
        memcpy(line, begin, sizeof(begin) - 1);
        memcpy(line + length - 2, "\"}", 3);
        struct answer answer = ask(decoder, line);
        if (length == RECORD_BYTES_MAX) {
            ASSERT_RECORD(answer, decoder, "64 KiB");
        } else {
            ASSERT_REJECT(answer, decoder, "too_large", "64 KiB + 1");
        }
    }
    decoder_close(decoder);
}

Test(json, escaped_text_of_a_whole_record_fits_the_scratch_memory)
{
    struct decoder *decoder = open_decoder();
    static char line[RECORD_BYTES_MAX + 1];
    size_t length = (size_t)snprintf(line, sizeof(line),
                                     "{\"kind\":\"incident\",\"id\":\"\\u0069\",\"title\":\"");
    while (length + 4 <= RECORD_BYTES_MAX) {
        memcpy(line + length, "\\n", 2);
        length += 2;
    }
    memcpy(line + length, "\"}", 3);
    struct answer answer = ask(decoder, line);
    ASSERT_RECORD(answer, decoder, "many escapes");
    cr_assert_gt(answer.record.title.length, 30000);
    decoder_close(decoder);
}

Test(json, duplicate_known_keys_must_agree)
{
    static const struct line lines[] = {
        {"{\"service\":\"a\",\"service\":\"b\"}", "duplicate_key"},
        {"{\"service\":\"a\",\"status\":200,\"status\":500}", "duplicate_key"},
        {"{\"service\":\"a\",\"status\":200,\"status\":\"200\"}", "duplicate_key"},
        {"{\"kind\":\"request\",\"kind\":\"incident\",\"service\":\"a\"}", "duplicate_key"},
        {"{\"service\":\"a\",\"s\\u0065rvice\":\"b\"}", "duplicate_key"},
        {"{\"status\":200,\"host\":\"a\",\"host\":\"b\"}", "duplicate_key"},
    };
    ASSERT_REJECTED(lines);
    static const char *const tolerated[] = {
        "{\"service\":\"a\",\"service\":\"a\"}",
        "{\"service\":\"a\",\"service\":\"\\u0061\"}",
        "{\"service\":\"a\",\"x\":1,\"x\":2}",
        /* Not a field of a request. */
        "{\"service\":\"a\",\"host\":\"a\",\"host\":\"b\",\"title\":1,\"title\":2}",
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(tolerated) / sizeof(tolerated[0]); i++) {
        struct answer answer = ask(decoder, tolerated[i]);
        ASSERT_RECORD(answer, decoder, tolerated[i]);
    }
    decoder_close(decoder);
}

Test(json_number, is_exact_or_says_that_it_is_not)
{
    static const struct {
        const char *text;
        uint32_t scale;
        enum number_result result;
        uint64_t value;
    } cases[] = {
        {"0", 0, NUMBER_EXACT, 0},
        {"-0", 0, NUMBER_EXACT, 0},
        {"-0.000", 9, NUMBER_EXACT, 0},
        {"200", 0, NUMBER_EXACT, 200},
        {"200.0", 0, NUMBER_EXACT, 200},
        {"2e2", 0, NUMBER_EXACT, 200},
        {"20000e-2", 0, NUMBER_EXACT, 200},
        {"0.0002E+6", 0, NUMBER_EXACT, 200},
        {"200.5", 0, NUMBER_CUT, 200},
        {"9007199254740993", 0, NUMBER_EXACT, UINT64_C(9007199254740993)}, /* 2^53 + 1 */
        {"9223372036854775807", 0, NUMBER_EXACT, INT64_MAX},
        {"9223372036854775808", 0, NUMBER_TOO_LARGE, 0},
        {"18446744073709551616", 0, NUMBER_TOO_LARGE, 0},
        {"1e400", 0, NUMBER_TOO_LARGE, 0},
        {"1e99999999999999999999", 0, NUMBER_TOO_LARGE, 0},
        {"0e99999999999999999999", 0, NUMBER_EXACT, 0},
        {"1e-400", 9, NUMBER_CUT, 0},
        {"0.003", 9, NUMBER_EXACT, 3000000},
        {"12.5", 6, NUMBER_EXACT, 12500000},
        {"0.0000000019", 9, NUMBER_CUT, 1},
        {"1.9999999999", 9, NUMBER_CUT, 1999999999},
        {"-1", 0, NUMBER_NEGATIVE, 0},
        {"-1e-400", 0, NUMBER_NEGATIVE, 0},
        {"-1e400", 0, NUMBER_NEGATIVE, 0},
        {"", 0, NUMBER_NOT, 0},
        {"-", 0, NUMBER_NOT, 0},
        {"01", 0, NUMBER_NOT, 0},
        {"+1", 0, NUMBER_NOT, 0},
        {"1.", 0, NUMBER_NOT, 0},
        {".5", 0, NUMBER_NOT, 0},
        {"1e", 0, NUMBER_NOT, 0},
        {"1 ", 0, NUMBER_NOT, 0},
        {"0x1", 0, NUMBER_NOT, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 0;
        enum number_result result =
            json_number_scaled(text_from(cases[i].text), cases[i].scale, &value);
        cr_assert_eq(result, cases[i].result, "%s: %d", cases[i].text, (int)result);
        cr_assert_eq(value, cases[i].value, "%s: %llu", cases[i].text, (unsigned long long)value);
    }
    char digits[401];
    memset(digits, '9', 400);
    digits[400] = '\0';
    uint64_t value = 0;
    cr_assert_eq(json_number_scaled(text_from(digits), 0, &value), NUMBER_TOO_LARGE);
}
