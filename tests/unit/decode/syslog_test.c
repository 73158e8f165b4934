/* Syslog headers of all kinds around records (WIRE section 1.3; V-54 .. V-59). */
#include "fixture.h"

#define JSON "{\"service\":\"s\"}"
#define T0   INT64_C(1795445741000000000) /* 2026-11-23T14:55:41Z */

struct header {
    const char *line;
    const char *tag;
    int64_t ns;
};

Test(syslog, every_kind_of_header_around_a_record)
{
    static const struct header headers[] = {
        {"<190>Nov 23 14:55:41 vm nginx: " JSON, "nginx", T0},
        {"<190>Nov 23 14:55:41 nginx: " JSON, "nginx", T0}, /* nohostname */
        {"<134>Nov 23 14:55:41 localhost hap[25891]: " JSON, "hap", T0},
        {"<134>1 2026-11-23T14:55:41.000000+00:00 - hap 25891 - - " JSON, "hap", T0},
        {"<165>Nov 23 14:55:41 api-7 checkout[8710] " JSON, "checkout", T0}, /* no colon */
        {"<165>Nov 23 14:55:41 api-7 checkout " JSON, "checkout", T0},
        {"<165>2026-11-23T07:55:41.000003-07:00 api-7 checkout[8710] " JSON, "checkout", T0 + 3000},
        {"<165>Nov 23 14:55:41.000003 api-7 checkout[8710]: " JSON, "checkout", T0 + 3000},
        {"<13>1 2026-11-23T14:55:41Z - - - - - " JSON, "", T0},
        {"<13>1 - - - - - - " JSON, "", TIME_NONE},
        {"<13>1 2026-11-23T14:55:41Z h app 1 ID47 [a@1 k=\"q\\\"uo\\\\te\\]x\"][b@2] "
         "\xEF\xBB\xBF" JSON,
         "app", T0},
        {"<13>1 2026-11-23T14:55:41Z h app 1 ID47 -   " JSON, "app", T0},
        {"<0>Nov 23 14:55:41 h t: \xEF\xBB\xBF" JSON, "t", T0},
        {"<191>Nov 23 14:55:41 h t:" JSON, "t", T0},
        {"<13>Nov 23 14:55:41 " JSON, "", T0},
        {"<13>Nov 23 14:55:41 h " JSON, "", T0},
        {"<13>" JSON, "", TIME_NONE},
        {"<13>h t: " JSON, "t", TIME_NONE},
        {"<13>Nov 23 14:55:41 fe80::1 t: " JSON, "t", T0},
        {"<13>Dec  1 00:00:00 h t: " JSON, "t", INT64_C(1796083200000000000)},
        {"<13>Nov 23 14:55:41 h t: " JSON "\n", "t", T0},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct answer answer = ask(decoder, headers[i].line);
        ASSERT_RECORD(answer, decoder, headers[i].line);
        ASSERT_TEXT(answer.record.service, "s");
        ASSERT_TEXT(answer.record.tag, headers[i].tag);
        cr_assert_eq(answer.record.occurred_ns, headers[i].ns, "%s", headers[i].line);
        cr_assert_eq(answer.record.time_token_count, 0);
        cr_assert_not(answer.notes.time_from_receipt);
    }
    decoder_close(decoder);
}

Test(syslog, the_records_own_time_and_service_win_over_the_header)
{
    struct decoder *decoder = open_decoder();
    struct answer answer =
        ask(decoder, "<190>Nov 23 14:55:41 vm nginx: {\"service\":\"s\",\"ts\":1780272000}");
    cr_assert_eq(answer.record.occurred_ns, INT64_C(1780272000000000000));
    ASSERT_TEXT(answer.record.time_tokens[0], "1780272000");
    answer = ask(decoder, "<190>Feb 30 14:55:41 vm nginx: {\"service\":\"s\",\"ts\":1780272000}");
    ASSERT_RECORD(answer, decoder, "a header time that is not needed");
    cr_assert_not(answer.notes.time_from_receipt);
    answer = ask(decoder, "<190>Nov 23 14:55:41 vm nginx: {\"service\":\"s\",\"ts\":\"x\"}");
    ASSERT_REJECT(answer, decoder, "bad_time", "our own ts");
    decoder_close(decoder);
}

Test(syslog, combined_lines_have_the_tag_as_service)
{
#define COMBINED "10.0.0.1 - - [23/Nov/2026:14:55:41 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x\""
    static const struct header headers[] = {
        {"<134>Aug 24 05:14:17 web-2 nginx: " COMBINED, "nginx", T0},
        {"<134>Aug 24 05:14:17 nginx: " COMBINED, "nginx", T0},
        {"<134>1 2026-08-24T05:14:17+00:00 web-2 nginx - - -  " COMBINED, "nginx", T0},
        {"<134>2026-08-24T05:14:17+00:00 web-2 nginx: " COMBINED, "nginx", T0},
        {"<134>Aug 24 05:14:17 web-2 " COMBINED, "", T0},
        {"<134>Aug 24 05:14:17 " COMBINED, "", T0},
        {"<134>" COMBINED, "", T0},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct answer answer = ask(decoder, headers[i].line);
        ASSERT_RECORD(answer, decoder, headers[i].line);
        ASSERT_TEXT(answer.record.tag, headers[i].tag);
        ASSERT_TEXT(answer.record.service, headers[i].tag[0] != '\0' ? "nginx" : "access_log");
        ASSERT_TEXT(answer.record.path, "/a");
        cr_assert_eq(answer.record.occurred_ns, headers[i].ns, "%s", headers[i].line);
    }
    decoder_close(decoder);
}

Test(syslog, a_garbled_time_costs_the_time_not_the_record)
{
    static const char *const lines[] = {
        "<13>1 2026-08-24T05:14:18.\xB7"
        "89Z h app p m - " JSON, /* rsyslog 8.2302 */
        "<13>2026-08-24T05:14:18.\xB7"
        "89Z h app[p] " JSON,
        "<13>1 2026-02-30T00:00:00Z h app p m - " JSON,
        "<13>Feb 30 05:14:18 h app: " JSON,
        "<13>Jan  0 05:14:18 h app: " JSON,
        "<13>Jan  1 24:14:18 h app: " JSON,
        "<13>Feb 29 05:14:18 h app: " JSON, /* no leap year is near */
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct answer answer = ask(decoder, lines[i]);
        ASSERT_RECORD(answer, decoder, lines[i]);
        ASSERT_TEXT(answer.record.tag, "app");
        cr_assert_eq(answer.record.occurred_ns, TIME_NONE, "%s", lines[i]);
        cr_assert(answer.record.time_unparsable, "%s", lines[i]);
        cr_assert(answer.notes.time_from_receipt, "%s", lines[i]);
    }
    decoder_close(decoder);
}

static int64_t nearest(struct decoder *decoder, const char *time, const char *now)
{
    char line[200];
    snprintf(line, sizeof(line), "<13>%s h t: " JSON, time);
    int64_t now_ns = 0;
    cr_assert(civil_parse_rfc3339(text_from(now), &now_ns), "%s", now);
    struct record record;
    enum reject reject;
    bool ack;
    cr_assert_eq(decode_record(decoder, text_from(line), now_ns, &record, &reject, &ack),
                 DECODE_RECORD);
    return record.occurred_ns;
}

Test(syslog, a_time_without_year_is_the_one_nearest_to_now)
{
    static const struct {
        const char *time;
        const char *now;
        const char *expected;
    } cases[] = {
        {"Nov 23 14:55:41", "2026-11-23T15:00:00Z", "2026-11-23T14:55:41Z"},
        {"Dec 31 23:59:59", "2027-01-01T00:00:01Z", "2026-12-31T23:59:59Z"},
        {"Jan  1 00:00:01", "2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z"},
        {"Jan 1 00:00:01", "2026-12-31T23:59:59Z", "2027-01-01T00:00:01Z"},
        {"Dec 30 23:59:59", "2027-01-01T00:00:01Z", "2026-12-30T23:59:59Z"},
        {"Feb 29 12:00:00", "2028-02-29T12:00:01Z", "2028-02-29T12:00:00Z"},
        {"Feb 29 12:00:00", "2029-02-01T00:00:00Z", "2028-02-29T12:00:00Z"},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[CIVIL_TEXT_SIZE];
        civil_format(nearest(decoder, cases[i].time, cases[i].now), text);
        cr_assert_str_eq(text, cases[i].expected, "%s", cases[i].time);
    }
    decoder_close(decoder);
}

Test(syslog, a_time_without_zone_is_in_the_configured_zone)
{
    struct decoder *decoder =
        open_decoder_with((struct decode_settings){.zone_offset_ns = 2 * NS_PER_HOUR});
    cr_assert_eq(nearest(decoder, "Nov 23 16:55:41", "2026-11-23T15:00:00Z"), T0);
    decoder_close(decoder);
}

Test(syslog, structured_data_may_be_the_request)
{
    struct decoder *decoder = open_decoder();
    struct answer answer =
        ask(decoder,
            "<165>1 2026-08-24T05:14:15.000003-07:00 api-7 tag 8710 ID47 [other x=\"1\"][sla@32473 "
            "service=\"check\\\"out\" status=\"200\" dur_ms=\"12.5\" id=\"r1\"] GET /pay ok");
    ASSERT_RECORD(answer, decoder, "structured data");
    ASSERT_TEXT(answer.record.service, "check\"out");
    ASSERT_TEXT(answer.record.id, "r1");
    cr_assert_eq(answer.record.status, 200);
    cr_assert_eq(answer.record.latency_ns, 12500000);
    char text[CIVIL_TEXT_SIZE];
    civil_format(answer.record.occurred_ns, text);
    cr_assert_str_eq(text, "2026-08-24T12:14:15.000003Z");
    /* The message wins where it is a record itself. */
    answer =
        ask(decoder, "<165>1 - h t - - [sla@1 service=\"a\" status=\"200\"] {\"service\":\"b\"}");
    ASSERT_TEXT(answer.record.service, "b");
    /* No message at all. */
    answer = ask(decoder, "<165>1 - h t - - [sla@1 service=\"a\" status=\"200\"]");
    ASSERT_RECORD(answer, decoder, "no message");
    answer = ask(decoder, "<165>1 - h t - - [sla@1 service=\"a\" status=\"99\"]");
    ASSERT_REJECT(answer, decoder, "bad_value", "status");
    answer = ask(decoder, "<165>1 - h t - - [sla@1 service=\"\xFF\" status=\"200\"]");
    ASSERT_REJECT(answer, decoder, "bad_utf8", "service");
    answer = ask(decoder, "<165>1 - h t - - [other@1 service=\"a\" status=\"200\"] x");
    ASSERT_REJECT(answer, decoder, "unknown_format", "of somebody else");
    decoder_close(decoder);
}

Test(syslog, broken_headers_are_bad_syslog)
{
    static const char *const lines[] = {"<",
                                        "<>",
                                        "<192>x",
                                        "<999>x",
                                        "<-1>x",
                                        "<44444444444444444444>x",
                                        "<13",
                                        "<13 x",
                                        "<x>x",
                                        "<13>0 x",
                                        "<13>2 2026-11-23T14:55:41Z h a p m - x",
                                        "<13>11111111111111111111 x",
                                        "<13>1 2026-11-23T14:55:41Z",
                                        "<13>1 2026-11-23T14:55:41Z h a p m",
                                        "<13>1 2026-11-23T14:55:41Z h a p m ",
                                        "<13>1 - h a p m x",
                                        "<13>1 - h a p m [",
                                        "<13>1 - h a p m [a",
                                        "<13>1 - h a p m [a b",
                                        "<13>1 - h a p m [a b=",
                                        "<13>1 - h a p m [a b=\"c",
                                        "<13>1 - h a p m [a b=\"c\\\"",
                                        "<13>1 - h a p m [a b=\"c\"",
                                        "<13>1 - h a p m [a b=\"c\\]\"",
                                        "<13>1 - h a p m [a b=\"c\"]x",
                                        "<13>1 - h a p m [] x",
                                        "<13>1  h a p m - x"};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct answer answer = ask(decoder, lines[i]);
        ASSERT_REJECT(answer, decoder, "bad_syslog", lines[i]);
    }
    decoder_close(decoder);
}

Test(syslog, other_messages_are_unknown_formats)
{
    static const char *const lines[] = {
        "<13>",
        "<13> ",
        "<13>x",
        "<13>1 ",
        "<13>Nov 23 14:55:41",
        "<13>Nov 23 14:55:41 ",
        "<13>Nov 23 14:55:41 h",
        "<13>Nov 23 14:55:41 h t",
        "<13>Nov 23 14:55:41 h t:",
        "<13>Nov 23 14:55:41 h t[",
        "<13>Nov 23 14:59:53 no header at all just text",
        "<13>1 - - - - - -",
        "<13>1 - - - - - - ",
        "<13>1 - - - - - - nil everything",
        "<134>Nov 23 14:58:53 localhost hap[25891]: Server a/b is DOWN."};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct answer answer = ask(decoder, lines[i]);
        ASSERT_REJECT(answer, decoder, "unknown_format", lines[i]);
    }
    decoder_close(decoder);
}

Test(syslog, long_fields_and_many_parameters)
{
    struct decoder *decoder = open_decoder();
    static char line[RECORD_BYTES_MAX + 1];
    static const uint32_t lengths[] = {48, 128, 255, 10000};
    for (size_t i = 0; i < 4; i++) {
        size_t length = (size_t)snprintf(line, sizeof(line), "<13>1 - ");
        memset(line + length, 'h', lengths[i]);
        length += lengths[i];
        line[length++] = ' ';
        memset(line + length, 'a', lengths[i]);
        length += lengths[i];
        snprintf(line + length, sizeof(line) - length, " - - - " COMBINED);
        struct answer answer = ask(decoder, line);
        if (lengths[i] <= NAME_BYTES_MAX) {
            ASSERT_RECORD(answer, decoder, line);
        } else {
            ASSERT_REJECT(answer, decoder, "too_long", line);
        }
    }
    size_t length = (size_t)snprintf(line, sizeof(line), "<13>1 - h t - - [sla@1");
    for (int i = 0; i < 10000; i++) {
        length += (size_t)snprintf(line + length, sizeof(line) - length, " a=\"\"");
    }
    snprintf(line + length, sizeof(line) - length, " service=\"s\" status=\"200\"] x");
    struct answer answer = ask(decoder, line);
    ASSERT_RECORD(answer, decoder, "10,000 parameters");
    decoder_close(decoder);
}

Test(syslog, trailing_nuls_belong_to_the_transport)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask_bytes(decoder, TEXT("<13>Nov 23 14:55:41 h t: " JSON "\0\0"));
    ASSERT_RECORD(answer, decoder, "NULs");
    answer = ask_bytes(decoder, TEXT("<13>\0"));
    ASSERT_REJECT(answer, decoder, "unknown_format", "only NULs");
    decoder_close(decoder);
}
