/* nginx access logs, as JSON and as `combined` lines (WIRE section 1.4). */
#include "fixture.h"

static const char captured[] =
    "{\"ts\":\"2026-11-23T14:55:41+00:00\",\"msec\":1795445741.342,\"request_id\":"
    "\"d3ad81d543cd7eb3\","
    "\"remote_addr\":\"127.0.0.1\",\"host\":\"shop.example\",\"customer\":\"acme\",\"method\":"
    "\"GET\","
    "\"uri\":\"/ok\",\"proto\":\"HTTP/1.1\",\"status\":200,\"bytes\":6,\"request_time\":0.003,"
    "\"upstream_status\":\"502, 200\",\"ua\":\"q\\\"uo\\\\te \xC3\xA9 "
    "\xFF\\u0001\",\"completion\":\"OK\"}";

Test(nginx_json, host_is_the_service_and_msec_the_time)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, captured);
    ASSERT_RECORD(answer, decoder, captured);
    const struct record *record = &answer.record;
    cr_assert_eq(record->kind, EVENT_REQUEST);
    ASSERT_TEXT(record->service, "shop.example");
    ASSERT_TEXT(record->host, "shop.example");
    ASSERT_TEXT(record->customer, "acme");
    ASSERT_TEXT(record->id, "d3ad81d543cd7eb3");
    ASSERT_TEXT(record->path, "/ok");
    cr_assert_eq(record->status, 200);
    cr_assert_eq(record->latency_ns, 3000000);
    cr_assert_eq(record->occurred_ns, INT64_C(1795445741342000000));
    cr_assert_eq(record->outcome, OUTCOME_NONE);
    cr_assert_eq(record->time_token_count, 2);
    ASSERT_TEXT(record->time_tokens[0], "1795445741.342");
    ASSERT_TEXT(record->time_tokens[1], "2026-11-23T14:55:41+00:00");
    cr_assert_not(answer.notes.without_id);
    decoder_close(decoder);
}

struct judged {
    const char *line;
    const char *service;
    enum outcome outcome;
    enum aside aside;
};

Test(nginx_json, clients_that_went_away_and_connections_without_a_request)
{
    static const struct judged cases[] = {
        {"{\"host\":\"h\",\"status\":499,\"request_time\":0.399}", "h", OUTCOME_EXCLUDED,
         ASIDE_CLIENT_ABORTED},
        {"{\"host\":\"h\",\"status\":499,\"request_time\":5.000}", "h", OUTCOME_EXCLUDED,
         ASIDE_CLIENT_ABORTED},
        {"{\"host\":\"h\",\"status\":499,\"request_time\":5.001}", "h", OUTCOME_BAD, 0},
        {"{\"host\":\"h\",\"status\":499}", "h", OUTCOME_EXCLUDED, ASIDE_CLIENT_ABORTED},
        {"{\"host\":\"h\",\"status\":\"000\"}", "h", OUTCOME_EXCLUDED, ASIDE_CLIENT_ABORTED},
        {"{\"host\":\"h\",\"status\":408,\"method\":\"GET\"}", "h", OUTCOME_EXCLUDED,
         ASIDE_NO_REQUEST},
        {"{\"host\":\"\",\"status\":400,\"method\":\"\"}", "-", OUTCOME_EXCLUDED, ASIDE_NO_REQUEST},
        {"{\"host\":\"h\",\"status\":400,\"method\":\"\"}", "h", OUTCOME_EXCLUDED,
         ASIDE_NO_REQUEST},
        {"{\"host\":\"h\",\"status\":400,\"method\":\"GET\"}", "h", OUTCOME_NONE, 0},
        {"{\"host\":\"h\",\"status\":400}", "h", OUTCOME_NONE, 0},
        {"{\"host\":\"h\",\"status\":200,\"method\":\"\"}", "h", OUTCOME_NONE, 0},
        {"{\"host\":\"h\",\"status\":500}", "h", OUTCOME_NONE, 0},
        {"<190>Nov 23 14:55:41 edge: {\"host\":\"\",\"status\":400,\"method\":\"\"}", "edge",
         OUTCOME_EXCLUDED, ASIDE_NO_REQUEST},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer answer = ask(decoder, cases[i].line);
        ASSERT_RECORD(answer, decoder, cases[i].line);
        ASSERT_TEXT(answer.record.service, cases[i].service);
        cr_assert_eq(answer.record.outcome, cases[i].outcome, "%s", cases[i].line);
        cr_assert_eq(answer.record.aside, cases[i].aside, "%s", cases[i].line);
    }
    decoder_close(decoder);
}

Test(nginx_json, numbers_may_be_quoted_and_absent_values_empty)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(
        decoder,
        "{\"host\":\"h\",\"status\":\"200\",\"request_time\":\"0.003\",\"msec\":\"1795445741.342\","
        "\"customer\":\"\",\"request_id\":\"-\"}");
    ASSERT_RECORD(answer, decoder, "quoted");
    cr_assert_eq(answer.record.status, 200);
    cr_assert_eq(answer.record.latency_ns, 3000000);
    cr_assert_eq(answer.record.occurred_ns, INT64_C(1795445741342000000));
    cr_assert_eq(answer.record.customer.length, 0);
    cr_assert_eq(answer.record.id.length, 0);
    cr_assert(answer.notes.without_id);
    answer =
        ask(decoder, "{\"host\":\"h\",\"status\":200,\"request_time\":\"-\",\"ts\":1795445741}");
    ASSERT_RECORD(answer, decoder, "absent");
    cr_assert_eq(answer.record.latency_ns, LATENCY_NONE);
    cr_assert_eq(answer.record.occurred_ns, INT64_C(1795445741000000000));
    decoder_close(decoder);
}

Test(nginx_json, an_unreadable_time_costs_the_time_not_the_record)
{
    struct decoder *decoder = open_decoder();
    struct answer answer =
        ask(decoder, "{\"host\":\"h\",\"status\":200,\"msec\":\"x\",\"ts\":\"y\"}");
    ASSERT_RECORD(answer, decoder, "unreadable");
    cr_assert_eq(answer.record.occurred_ns, TIME_NONE);
    cr_assert(answer.record.time_unparsable);
    cr_assert(answer.notes.time_from_receipt);
    answer = ask(decoder, "{\"host\":\"h\",\"status\":200,\"msec\":\"x\",\"time_iso8601\":"
                          "\"2026-11-23T14:55:41+00:00\"}");
    ASSERT_RECORD(answer, decoder, "the second is readable");
    cr_assert_eq(answer.record.occurred_ns, INT64_C(1795445741000000000));
    cr_assert_not(answer.notes.time_from_receipt);
    cr_assert_eq(answer.record.time_token_count, 1);
    decoder_close(decoder);
}

Test(nginx_json, other_objects_are_not_taken_for_nginx)
{
    static const struct {
        const char *line;
        const char *word;
    } cases[] = {
        {"{\"json\":true,\"status\":503}", "missing_field"},
        {"{\"host\":\"h\"}", "missing_field"},
        {"{\"ts\":\"2026-08-24T05:14:16Z\",\"host\":\"api-7\",\"sev\":5,\"msg\":\"x\"}",
         "missing_field"},
        {"{\"status\":200,\"request_time\":0.1}", "missing_field"},
        {"{\"host\":\"h\",\"status\":99}", "bad_value"},
        {"{\"host\":\"h\",\"status\":\"abc\"}", "bad_value"},
        {"{\"host\":\"h\",\"status\":true}", "bad_type"},
        {"{\"host\":5,\"status\":200}", "bad_type"},
        {"{\"host\":\"h\",\"status\":200,\"request_time\":-1}", "bad_value"},
        {"{\"host\":\"\xFF\",\"status\":200}", "bad_utf8"},
        {"{\"host\":\"h\",\"kind\":\"request\",\"status\":200}", "missing_field"},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer answer = ask(decoder, cases[i].line);
        ASSERT_REJECT(answer, decoder, cases[i].word, cases[i].line);
    }
    decoder_close(decoder);
}

Test(nginx_json, a_map_that_is_asked_for_takes_every_object)
{
    struct decoder *decoder = open_decoder_with(
        (struct decode_settings){.map = MAP_NGINX_JSON, .abort_after_ns = NS_PER_SECOND});
    struct answer answer =
        ask(decoder, "{\"service\":\"s\",\"host\":\"h\",\"status\":499,\"request_time\":2}");
    ASSERT_RECORD(answer, decoder, "service first");
    ASSERT_TEXT(answer.record.service, "s");
    cr_assert_eq(answer.record.outcome, OUTCOME_BAD);
    decoder_close(decoder);
    decoder = open_decoder_with((struct decode_settings){.map = MAP_NINES});
    answer = ask(decoder, "{\"host\":\"h\",\"status\":200}");
    ASSERT_REJECT(answer, decoder, "missing_field", "nines");
    answer = ask(decoder, "10.0.0.1 - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 200 6");
    ASSERT_REJECT(answer, decoder, "unknown_format", "nines");
    decoder_close(decoder);
}

Test(access_log, a_combined_line)
{
    struct decoder *decoder = open_decoder();
    struct answer answer =
        ask(decoder, "127.0.0.1 - - [23/Nov/2026:14:55:42 +0000] \"GET /ok?q=a%20b&u=\\xC3 "
                     "HTTP/1.1\" 200 6 \"-\" \"q\\x22uo\\x5Cte\"");
    ASSERT_RECORD(answer, decoder, "combined");
    ASSERT_TEXT(answer.record.service, "access_log");
    ASSERT_TEXT(answer.record.path, "/ok?q=a%20b&u=\\xC3");
    cr_assert_eq(answer.record.status, 200);
    cr_assert_eq(answer.record.latency_ns, LATENCY_NONE);
    cr_assert_eq(answer.record.occurred_ns, INT64_C(1795445742000000000));
    cr_assert_eq(answer.record.time_token_count, 1);
    ASSERT_TEXT(answer.record.time_tokens[0], "23/Nov/2026:14:55:42 +0000");
    cr_assert(answer.notes.without_id);
    decoder_close(decoder);
}

struct access_line {
    const char *line;
    uint16_t status;
    enum outcome outcome;
    enum aside aside;
    const char *path;
};

Test(access_log, variants_and_judgements)
{
#define PREFIX "10.0.0.1 - - [23/Nov/2026:14:55:41 +0000] "
    static const struct access_line lines[] = {
        {PREFIX "\"GET /a HTTP/1.0\" 200 2326", 200, OUTCOME_NONE, 0, "/a"}, /* common */
        {PREFIX "\"GET /a HTTP/1.0\" 304 -", 304, OUTCOME_NONE, 0, "/a"},
        {PREFIX "\"GET /slow HTTP/1.1\" 499 0 \"-\" \"-\"", 499, OUTCOME_EXCLUDED,
         ASIDE_CLIENT_ABORTED, "/slow"},
        {PREFIX "\"GET /partial HTTP/1.1\" 408 0 \"-\" \"-\"", 408, OUTCOME_EXCLUDED,
         ASIDE_NO_REQUEST, "/partial"},
        {PREFIX "\"-\" 408 0", 408, OUTCOME_EXCLUDED, ASIDE_NO_REQUEST, ""},
        {PREFIX "\"\\x16\\x03\\x01\\x00 not http\" 400 157 \"-\" \"-\"", 400, OUTCOME_EXCLUDED,
         ASIDE_NO_REQUEST, ""},
        {PREFIX "\"\" 400 0 \"-\" \"-\"", 400, OUTCOME_EXCLUDED, ASIDE_NO_REQUEST, ""},
        {PREFIX "\"-\" 400 0 \"-\" \"-\"", 400, OUTCOME_EXCLUDED, ASIDE_NO_REQUEST, ""},
        {PREFIX "\"GET /bad HTTP/1.1\" 400 0 \"-\" \"-\"", 400, OUTCOME_NONE, 0, "/bad"},
        {PREFIX "\"GET\" 200 0", 200, OUTCOME_NONE, 0, ""},
        {PREFIX "\"GET /a\\\"b HTTP/1.1\" 200 0", 200, OUTCOME_NONE, 0,
         "/a\\\"b"}, /* Apache's escape */
        {PREFIX "\"GET / HTTP/1.1\" 000 0", 0, OUTCOME_EXCLUDED, ASIDE_CLIENT_ABORTED, "/"},
        {PREFIX "\"GET / HTTP/1.1\" - -", 0, OUTCOME_EXCLUDED, ASIDE_CLIENT_ABORTED, "/"},
        {PREFIX "\"GET / HTTP/1.1\" 200 5 \"cut off", 200, OUTCOME_NONE, 0, "/"},
        {"::1 - john [x] doe [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 500 5", 500,
         OUTCOME_NONE, 0, "/"},
        {"shop:443 10.0.0.1 - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 500 5", 500,
         OUTCOME_NONE, 0, "/"},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct answer answer = ask(decoder, lines[i].line);
        ASSERT_RECORD(answer, decoder, lines[i].line);
        cr_assert_eq(answer.record.status, lines[i].status, "%s", lines[i].line);
        cr_assert_eq(answer.record.outcome, lines[i].outcome, "%s", lines[i].line);
        cr_assert_eq(answer.record.aside, lines[i].aside, "%s", lines[i].line);
        ASSERT_TEXT(answer.record.path, lines[i].path);
        cr_assert_eq(answer.record.occurred_ns, INT64_C(1795445741000000000), "%s", lines[i].line);
    }
    decoder_close(decoder);
}

Test(access_log, an_unreadable_time_costs_the_time_not_the_record)
{
    static const char *const times[] = {"",
                                        "x",
                                        "30/Feb/2026:00:00:00 +0000",
                                        "23/Nov/2026:24:00:00 +0000",
                                        "23/Nov/2026:14:55:41 +9999",
                                        "23/Nov/2026:14:55:41 UTC",
                                        "23/Nop/2026:14:55:41 +0000",
                                        "23/Nov/9999:14:55:41 +0000"};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "a - - [%s] \"GET / HTTP/1.1\" 200 1", times[i]);
        struct answer answer = ask(decoder, line);
        ASSERT_RECORD(answer, decoder, line);
        cr_assert_eq(answer.record.occurred_ns, TIME_NONE, "%s", line);
        cr_assert(answer.notes.time_from_receipt, "%s", line);
        cr_assert_eq(answer.record.time_token_count, 0);
    }
    decoder_close(decoder);
}

Test(access_log, times_carry_their_zone)
{
    struct decoder *decoder =
        open_decoder_with((struct decode_settings){.zone_offset_ns = NS_PER_HOUR});
    static const char *const times[] = {"23/Nov/2026:14:55:41 +0000", "23/Nov/2026:16:25:41 +0130",
                                        "23/Nov/2026:07:55:41 -0700",
                                        "23/Nov/2026:14:55:41.000 +0000", "23/Nov/2026:15:55:41"};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "a - - [%s] \"GET / HTTP/1.1\" 200 1", times[i]);
        struct answer answer = ask(decoder, line);
        cr_assert_eq(answer.record.occurred_ns, INT64_C(1795445741000000000), "%s", line);
    }
    decoder_close(decoder);
}

Test(access_log, other_lines_are_unknown)
{
    static const struct {
        const char *line;
        const char *word;
    } cases[] = {
        {"hello", "unknown_format"},
        {"2026/11/23 14:55:40 [notice] 11052#11052: using the \"epoll\" event method",
         "unknown_format"},
        {"127.0.0.1:38864 [23/Nov/2026:14:58:53.791] plain dead/d1 0/1003/-1/-1/1003 503 217 - - "
         "SC-- "
         "1/1/0/0/2 0/0 {a|b} \"GET /dead HTTP/1.1\"",
         "unknown_format"},
        {"[2016-04-15T20:17:00.310Z] \"POST /api HTTP/2\" 204 - 154 0", "bad_json"},
        {"a - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 200 1", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\"", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\\", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 20 1", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 2000 1", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 200", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 200 x", "unknown_format"},
        {"a - - [23/Nov/2026:14:55:41 +0000] \"GET / HTTP/1.1\" 999 1", "bad_value"},
        {"00012 <13>a", "bad_frame"},
        {"+5 {\"service\":\"s\"}", "bad_frame"},
        {"zx\xDA\x01", "compressed"},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer answer = ask(decoder, cases[i].line);
        ASSERT_REJECT(answer, decoder, cases[i].word, cases[i].line);
    }
    struct answer answer = ask_bytes(decoder, (struct text){"\0\0\0", 3});
    ASSERT_REJECT(answer, decoder, "unknown_format", "NULs");
    decoder_close(decoder);
}
