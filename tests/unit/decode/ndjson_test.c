/* Our own records: kinds, fields, types and vocabularies (CONTRACT section 3; V-36 .. V-38, V-41 ..
 * V-46). */
#include "fixture.h"

struct line {
    const char *line;
    const char *word; /* of the rejection; NULL: it is a record */
};

static void assert_lines(const struct line *lines, size_t count)
{
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < count; i++) {
        struct answer answer = ask(decoder, lines[i].line);
        if (lines[i].word != NULL) {
            ASSERT_REJECT(answer, decoder, lines[i].word, lines[i].line);
        } else {
            ASSERT_RECORD(answer, decoder, lines[i].line);
        }
    }
    decoder_close(decoder);
}

#define ASSERT_LINES(lines) assert_lines(lines, sizeof(lines) / sizeof((lines)[0]))

Test(ndjson, a_request_with_everything)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(
        decoder,
        "{\"kind\":\"request\",\"ts\":\"2026-06-01T00:00:00.123456789Z\",\"id\":\"r-1\","
        "\"source\":\"web\",\"service\":\"checkout\",\"customer\":\"acme\",\"end_user\":\"u7\","
        "\"status\":503,\"outcome\":\"good\",\"latency_ms\":12.5,\"class\":\"standing\","
        "\"scope\":\"out\",\"count\":3,\"state\":\"pending\",\"channel\":\"phone\",\"more\":[1]}");
    ASSERT_RECORD(answer, decoder, "everything");
    const struct record *record = &answer.record;
    cr_assert_eq(record->kind, EVENT_REQUEST);
    cr_assert_eq(record->occurred_ns, INT64_C(1780272000123456789));
    ASSERT_TEXT(record->id, "r-1");
    ASSERT_TEXT(record->source, "web");
    ASSERT_TEXT(record->service, "checkout");
    ASSERT_TEXT(record->customer, "acme");
    ASSERT_TEXT(record->end_user, "u7");
    ASSERT_TEXT(record->channel, "phone");
    cr_assert_eq(record->status, 503);
    cr_assert_eq(record->outcome, OUTCOME_GOOD);
    cr_assert_eq(record->latency_ns, 12500000);
    cr_assert_eq(record->flags, EVENT_STANDING | EVENT_OUT_OF_SCOPE);
    cr_assert_eq(record->total, 3);
    cr_assert_eq(record->state, REQUEST_STATE_PENDING);
    cr_assert_eq(record->time_token_count, 1);
    ASSERT_TEXT(record->time_tokens[0], "2026-06-01T00:00:00.123456789Z");
    cr_assert_not(answer.notes.without_id);
    decoder_close(decoder);
}

Test(ndjson, the_least_request_has_the_defaults)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, "{\"service\":\"s\"}");
    ASSERT_RECORD(answer, decoder, "least");
    const struct record *record = &answer.record;
    cr_assert_eq(record->kind, EVENT_REQUEST);
    cr_assert_eq(record->occurred_ns, TIME_NONE);
    cr_assert_eq(record->latency_ns, LATENCY_NONE);
    cr_assert_eq(record->total, 1);
    cr_assert_eq(record->status, 0);
    cr_assert_eq(record->flags, 0);
    cr_assert_eq(record->outcome, OUTCOME_NONE);
    cr_assert_eq(record->service_count, 0);
    cr_assert_eq(record->component_count, 0);
    cr_assert_eq(record->start_ns, TIME_NONE);
    cr_assert_eq(record->end_ns, TIME_NONE);
    cr_assert_eq(record->started_at_ns, TIME_NONE);
    cr_assert_eq(record->time_token_count, 0);
    cr_assert(answer.notes.without_id);
    cr_assert_not(answer.notes.time_from_receipt);
    decoder_close(decoder);
}

Test(ndjson, texts_without_escapes_point_into_the_input)
{
    struct decoder *decoder = open_decoder();
    static const char line[] = "{\"service\":\"s\",\"ts\":1780272000,\"id\":\"x\"}";
    struct record record;
    enum reject reject;
    bool ack;
    cr_assert_eq(decode_record(decoder, text_from(line), NOW, &record, &reject, &ack),
                 DECODE_RECORD);
    cr_assert_eq(record.service.bytes, line + 12);
    cr_assert_eq(record.id.bytes, strstr(line, "x\"}"));
    cr_assert_eq(record.time_tokens[0].bytes, line + 20);
    cr_assert_eq(record.time_tokens[0].length, 10);
    decoder_close(decoder);
}

/* Every field against every type: the wrong ones reject the record, null too. */
Test(ndjson, a_wrong_type_rejects_in_every_field)
{
    enum { NAME = 1, NUMBER = 2, BOOLEAN = 4, LIST = 8 };
    static const struct {
        const char *begin;
        const char *field;
        int allowed;
    } cases[] = {
        {"\"service\":\"s\"", "kind", NAME},
        {"\"service\":\"s\"", "ts", NAME | NUMBER},
        {"\"service\":\"s\"", "id", NAME},
        {"\"service\":\"s\"", "source", NAME},
        {"\"status\":200", "service", NAME},
        {"\"service\":\"s\"", "customer", NAME},
        {"\"service\":\"s\"", "end_user", NAME},
        {"\"service\":\"s\"", "channel", NAME},
        {"\"service\":\"s\"", "status", NUMBER},
        {"\"service\":\"s\"", "outcome", NAME},
        {"\"service\":\"s\"", "latency_ms", NUMBER},
        {"\"service\":\"s\"", "latency_us", NUMBER},
        {"\"service\":\"s\"", "latency_s", NUMBER},
        {"\"service\":\"s\"", "class", NAME},
        {"\"service\":\"s\"", "scope", NAME},
        {"\"service\":\"s\"", "count", NUMBER},
        {"\"service\":\"s\"", "state", NAME},
        {"\"service\":\"s\",\"good\":1", "total", NUMBER},
        {"\"service\":\"s\",\"total\":1", "good", NUMBER},
        {"\"kind\":\"incident\",\"id\":\"i\"", "service", NAME | LIST},
        {"\"kind\":\"incident\",\"id\":\"i\"", "component", NAME | LIST},
        {"\"kind\":\"incident\",\"id\":\"i\"", "state", NAME},
        {"\"kind\":\"incident\",\"id\":\"i\"", "nature", NAME},
        {"\"kind\":\"incident\",\"id\":\"i\"", "complaint", BOOLEAN},
        {"\"kind\":\"incident\",\"id\":\"i\"", "severity", NAME},
        {"\"kind\":\"incident\",\"id\":\"i\"", "title", NAME},
        {"\"kind\":\"incident\",\"id\":\"i\"", "started_at", NAME | NUMBER},
        {"\"kind\":\"incident\"", "id", NAME},
        {"\"kind\":\"state\",\"state\":\"up\"", "service", NAME | LIST},
        {"\"kind\":\"state\",\"service\":\"s\",\"state\":\"up\"", "previous", NAME},
        {"\"kind\":\"outcome\",\"outcome\":\"good\"", "of", NAME},
        {"\"kind\":\"outcome\",\"of\":\"r\",\"outcome\":\"good\"", "reason", NAME},
        {"\"kind\":\"exclusion\",\"id\":\"x\",\"reason\":\"r\"", "incident", NAME},
        {"\"kind\":\"maintenance\",\"id\":\"m\",\"end\":99999999999999", "start", NAME | NUMBER},
        {"\"kind\":\"maintenance\",\"id\":\"m\",\"start\":1", "end", NAME | NUMBER},
        {"\"kind\":\"maintenance\",\"id\":\"m\",\"start\":1,\"end\":2", "rrule", NAME},
        {"\"kind\":\"maintenance\",\"id\":\"m\",\"start\":1,\"end\":2", "author", NAME},
    };
    static const struct {
        const char *value;
        int type;
    } values[] = {{"\"a\"", NAME}, {"1", NUMBER}, {"true", BOOLEAN}, {"false", BOOLEAN},
                  {"null", 0},     {"{}", 0},     {"[\"a\"]", LIST}, {"[]", LIST}};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            char line[300];
            snprintf(line, sizeof(line), "{%s,\"%s\":%s}", cases[i].begin, cases[i].field,
                     values[j].value);
            struct answer answer = ask(decoder, line);
            bool allowed = (cases[i].allowed & values[j].type) != 0;
            bool bad_type = answer.result == DECODE_REJECT && answer.reject == REJECT_BAD_TYPE;
            cr_assert_eq(bad_type, !allowed, "%s: %s", line, decoder_detail(decoder));
        }
    }
    decoder_close(decoder);
}

Test(ndjson, required_fields)
{
    static const struct line lines[] = {
        {"{}", "missing_field"},
        {"{\"status\":200}", "missing_field"},
        {"{\"kind\":\"request\"}", "missing_field"},
        {"{\"service\":\"\"}", "missing_field"},
        {"{\"service\":\"s\",\"state\":\"opened\"}", "missing_field"},
        {"{\"service\":\"s\",\"state\":\"opened\",\"id\":\"\"}", "missing_field"},
        {"{\"service\":\"s\",\"state\":\"opened\",\"id\":\"r\"}", NULL},
        {"{\"service\":\"s\",\"good\":1}", "missing_field"},
        {"{\"service\":\"s\",\"total\":1}", "missing_field"},
        {"{\"kind\":\"incident\"}", "missing_field"},
        {"{\"kind\":\"incident\",\"id\":\"i\"}", NULL},
        {"{\"kind\":\"state\",\"service\":\"s\"}", "missing_field"},
        {"{\"kind\":\"state\",\"state\":\"up\"}", "missing_field"},
        {"{\"kind\":\"state\",\"state\":\"up\",\"service\":[]}", "missing_field"},
        {"{\"kind\":\"state\",\"state\":\"up\",\"service\":\"s\"}", NULL},
        {"{\"kind\":\"state\",\"state\":\"up\",\"component\":\"c\"}", NULL},
        {"{\"kind\":\"outcome\",\"of\":\"r\"}", "missing_field"},
        {"{\"kind\":\"outcome\",\"outcome\":\"bad\"}", "missing_field"},
        {"{\"kind\":\"outcome\",\"of\":\"r\",\"outcome\":\"bad\"}", NULL},
        {"{\"kind\":\"exclusion\",\"incident\":\"i\",\"reason\":\"r\"}", "missing_field"},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"reason\":\"r\"}", "missing_field"},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"incident\":\"i\"}", "missing_field"},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"incident\":\"i\",\"reason\":\"customer\"}", NULL},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"service\":\"s\",\"start\":1,\"reason\":\"r\"}",
         "missing_field"},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"start\":1,\"end\":2,\"reason\":\"r\"}",
         "missing_field"},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"service\":\"s\",\"start\":1,\"end\":2,\"reason\":"
         "\"r\"}",
         NULL},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"state\":\"approved\"}", NULL},
        {"{\"kind\":\"maintenance\",\"start\":1,\"end\":2}", "missing_field"},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"start\":1}", "missing_field"},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"end\":1}", "missing_field"},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"s\",\"start\":1,\"end\":2}", NULL},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"state\":\"cancelled\"}", NULL},
    };
    ASSERT_LINES(lines);
}

Test(ndjson, values_outside_their_range_or_vocabulary)
{
    static const struct line lines[] = {
        {"{\"kind\":\"requests\",\"service\":\"s\"}", "bad_value"},
        {"{\"kind\":\"\",\"service\":\"s\"}", "bad_value"},
        {"{\"kind\":\"Request\",\"service\":\"s\"}", "bad_value"},
        {"{\"service\":\"s\",\"status\":99}", "bad_value"},
        {"{\"service\":\"s\",\"status\":100}", NULL},
        {"{\"service\":\"s\",\"status\":599}", NULL},
        {"{\"service\":\"s\",\"status\":600}", "bad_value"},
        {"{\"service\":\"s\",\"status\":1000}", "bad_value"},
        {"{\"service\":\"s\",\"status\":65736}", "bad_value"}, /* 200 in 16 bits */
        {"{\"service\":\"s\",\"status\":-200}", "bad_value"},
        {"{\"service\":\"s\",\"status\":200.5}", "bad_value"},
        {"{\"service\":\"s\",\"status\":200.0}", NULL},
        {"{\"service\":\"s\",\"status\":0}", NULL},
        {"{\"service\":\"s\",\"outcome\":\"ok\"}", "bad_value"},
        {"{\"service\":\"s\",\"outcome\":\"\"}", "bad_value"},
        {"{\"service\":\"s\",\"class\":\"x\"}", "bad_value"},
        {"{\"service\":\"s\",\"scope\":\"x\"}", "bad_value"},
        {"{\"service\":\"s\",\"state\":\"done\",\"id\":\"r\"}", "bad_value"},
        {"{\"service\":\"s\",\"count\":0}", "bad_value"},
        {"{\"service\":\"s\",\"count\":-1}", "bad_value"},
        {"{\"service\":\"s\",\"count\":1.5}", "bad_value"},
        {"{\"service\":\"s\",\"count\":4294967295}", NULL},
        {"{\"service\":\"s\",\"count\":4294967296}", "bad_value"},
        {"{\"service\":\"s\",\"count\":9223372036854775808}", "bad_value"},
        {"{\"service\":\"s\",\"count\":18446744073709551617}", "bad_value"},
        {"{\"service\":\"s\",\"count\":1e400}", "bad_value"},
        {"{\"service\":\"s\",\"good\":150,\"total\":100}", "bad_value"},
        {"{\"service\":\"s\",\"good\":100,\"total\":100}", NULL},
        {"{\"service\":\"s\",\"good\":-1,\"total\":100}", "bad_value"},
        {"{\"service\":\"s\",\"good\":1,\"total\":4294967296}", "bad_value"},
        {"{\"service\":\"s\",\"good\":1,\"total\":2,\"outcome\":\"good\"}", "bad_value"},
        {"{\"service\":\"s\",\"good\":1,\"total\":2,\"count\":2}", "bad_value"},
        {"{\"service\":\"s\",\"latency_ms\":-1}", "bad_value"},
        {"{\"service\":\"s\",\"latency_ms\":-0.0000001}", "bad_value"},
        {"{\"service\":\"s\",\"latency_ms\":-0}", NULL},
        {"{\"service\":\"s\",\"latency_us\":9223372036854775807}", "bad_value"},
        {"{\"service\":\"s\",\"latency_s\":9223372036}", NULL},
        {"{\"service\":\"s\",\"latency_s\":9223372037}", "bad_value"},
        {"{\"service\":\"s\",\"latency_ms\":1e400}", "bad_value"},
        {"{\"service\":\"s\",\"latency_ms\":1,\"latency_s\":0.001}", "bad_value"},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"state\":\"closed\"}", "bad_value"},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"nature\":\"real\"}", "bad_value"},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"severity\":\"page\"}", "bad_value"},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"service\":[\"a\",\"\"]}", "bad_value"},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"service\":[\"a\",1]}", "bad_type"},
        {"{\"kind\":\"state\",\"service\":\"s\",\"state\":\"degraded\"}", "bad_value"},
        {"{\"kind\":\"state\",\"service\":\"s\",\"state\":\"up\",\"previous\":\"x\"}", "bad_value"},
        {"{\"kind\":\"outcome\",\"of\":\"r\",\"outcome\":\"x\"}", "bad_value"},
        {"{\"kind\":\"exclusion\",\"id\":\"x\",\"state\":\"x\"}", "bad_value"},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"start\":2,\"end\":1}", "bad_value"},
        {"{\"kind\":\"engine_down\",\"start\":1,\"end\":2}", "bad_value"}, /* files only */
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"start\":2,\"end\":2}", "bad_value"},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"start\":1,\"end\":2,\"state\":\"x\"}",
         "bad_value"},
    };
    ASSERT_LINES(lines);
}

Test(ndjson, times_that_cannot_be_read_reject_the_record)
{
    static const struct line lines[] = {
        {"{\"service\":\"s\",\"ts\":\"\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"yesterday\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"2026-02-30T00:00:00Z\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"2026-01-01T24:00:00Z\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"2026-01-01T00:00:00\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"2026-01-01T00:00:00+99:99\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"2026-01-01T00:00:00.\xB7"
         "89Z\"}",
         "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"10000-01-01T00:00:00Z\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"9999-01-01T00:00:00Z\"}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":1e400}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":99999999999999999999}", "bad_time"},
        {"{\"service\":\"s\",\"ts\":\"1969-12-31T23:59:59Z\"}", NULL},
        {"{\"service\":\"s\",\"ts\":\"2026-12-31T23:59:60Z\"}", NULL},
        {"{\"service\":\"s\",\"ts\":\"2038-01-19T03:14:08Z\"}", NULL},
        {"{\"kind\":\"incident\",\"id\":\"i\",\"started_at\":\"x\"}", "bad_time"},
        {"{\"kind\":\"maintenance\",\"id\":\"m\",\"start\":\"x\",\"end\":2}", "bad_time"},
    };
    ASSERT_LINES(lines);
}

Test(ndjson, times_in_all_units)
{
    static const char *const times[] = {"\"2026-06-01T00:00:00Z\"",
                                        "\"2026-06-01T02:00:00+02:00\"",
                                        "\"2026-06-01 00:00:00.000Z\"",
                                        "1780272000",
                                        "1780272000.000",
                                        "1780272000000",
                                        "1780272000000000",
                                        "1780272000000000000",
                                        "\"1780272000\"",
                                        "\"1780272000.0\"",
                                        "\"1780272000000\"",
                                        "\"2026-06-01T00:00:00\\u005a\""};
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"service\":\"s\",\"ts\":%s}", times[i]);
        struct answer answer = ask(decoder, line);
        ASSERT_RECORD(answer, decoder, line);
        cr_assert_eq(answer.record.occurred_ns, INT64_C(1780272000000000000), "%s", line);
        cr_assert_eq(answer.record.time_token_count, 1);
    }
    decoder_close(decoder);
}

Test(ndjson, latencies_are_exact_nanoseconds_rounded_down)
{
    static const struct {
        const char *field;
        uint64_t ns;
    } cases[] = {
        {"\"latency_ms\":12.5", 12500000},
        {"\"latency_ms\":0.0000019", 1},
        {"\"latency_us\":1", 1000},
        {"\"latency_us\":0.9999", 999},
        {"\"latency_s\":0.3", 300000000},
        {"\"latency_s\":0.1", 100000000},
        {"\"latency_s\":1e-9", 1},
        {"\"latency_ms\":1.5e3", UINT64_C(1500000000)},
        {"\"latency_ms\":300.000000", 300000000},
        {"\"latency_ms\":0", 0},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{\"service\":\"s\",%s}", cases[i].field);
        struct answer answer = ask(decoder, line);
        ASSERT_RECORD(answer, decoder, line);
        cr_assert_eq(answer.record.latency_ns, cases[i].ns, "%s", line);
    }
    decoder_close(decoder);
}

Test(ndjson, counts_of_good_and_total)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, "{\"service\":\"s\",\"good\":9,\"total\":10,\"id\":\"b\"}");
    ASSERT_RECORD(answer, decoder, "counts");
    cr_assert_eq(answer.record.good, 9);
    cr_assert_eq(answer.record.total, 10);
    cr_assert_eq(answer.record.flags, EVENT_COUNTED);
    decoder_close(decoder);
}

Test(ndjson, an_excluded_outcome_is_the_senders_word)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, "{\"service\":\"s\",\"outcome\":\"excluded\"}");
    cr_assert_eq(answer.record.outcome, OUTCOME_EXCLUDED);
    cr_assert_eq(answer.record.aside, ASIDE_SENDER);
    decoder_close(decoder);
}

Test(ndjson, an_incident)
{
    struct decoder *decoder = open_decoder();
    struct answer answer =
        ask(decoder,
            "{\"title\":\"Tills \\u0026 cards\",\"id\":\"INC-7\",\"service\":[\"pay\",\"cards\"],"
            "\"component\":\"db-a\",\"severity\":\"critical\",\"state\":\"acknowledged\","
            "\"nature\":\"actual\",\"started_at\":\"2026-06-01T00:00:00Z\",\"kind\":\"incident\"}");
    ASSERT_RECORD(answer, decoder, "incident");
    const struct record *record = &answer.record;
    cr_assert_eq(record->kind, EVENT_INCIDENT);
    ASSERT_TEXT(record->id, "INC-7");
    cr_assert_eq(record->service_count, 2);
    ASSERT_TEXT(record->service, "pay");
    ASSERT_TEXT(record->services[0], "pay");
    ASSERT_TEXT(record->services[1], "cards");
    cr_assert_eq(record->component_count, 1);
    ASSERT_TEXT(record->components[0], "db-a");
    cr_assert_eq(record->severity, SEVERITY_CRITICAL);
    cr_assert_eq(record->state, INCIDENT_STATE_ACKNOWLEDGED);
    cr_assert_eq(record->nature, NATURE_ACTUAL);
    cr_assert_eq(record->started_at_ns, INT64_C(1780272000000000000));
    ASSERT_TEXT(record->title, "Tills & cards");
    cr_assert_not(answer.notes.without_id);
    decoder_close(decoder);
}

Test(ndjson, an_incident_is_open_by_default_and_a_complaint_says_nothing_of_its_nature)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, "{\"kind\":\"incident\",\"id\":\"i\"}");
    cr_assert_eq(answer.record.state, INCIDENT_STATE_OPEN);
    cr_assert_eq(answer.record.nature, NATURE_NONE);
    cr_assert_eq(answer.record.flags, 0);
    answer = ask(decoder, "{\"kind\":\"incident\",\"id\":\"i\",\"complaint\":true}");
    cr_assert_eq(answer.record.nature, NATURE_NONE);
    cr_assert_eq(answer.record.flags, EVENT_COMPLAINT);
    answer = ask(decoder,
                 "{\"kind\":\"incident\",\"id\":\"i\",\"complaint\":true,\"nature\":\"actual\"}");
    cr_assert_eq(answer.record.nature, NATURE_ACTUAL);
    answer = ask(decoder, "{\"kind\":\"incident\",\"id\":\"i\",\"complaint\":false}");
    cr_assert_eq(answer.record.nature, NATURE_NONE);
    cr_assert_eq(answer.record.flags, 0);
    decoder_close(decoder);
}

Test(ndjson, lists_hold_32_names)
{
    struct decoder *decoder = open_decoder();
    for (int count = 32; count <= 33; count++) {
        char line[1000] = "{\"kind\":\"incident\",\"id\":\"i\",\"component\":[";
        for (int i = 0; i < count; i++) {
            sprintf(line + strlen(line), "%s\"c%d\"", i > 0 ? "," : "", i);
        }
        strcat(line, "]}");
        struct answer answer = ask(decoder, line);
        if (count == 32) {
            ASSERT_RECORD(answer, decoder, line);
            cr_assert_eq(answer.record.component_count, 32);
            ASSERT_TEXT(answer.record.components[31], "c31");
        } else {
            ASSERT_REJECT(answer, decoder, "bad_value", line);
        }
    }
    decoder_close(decoder);
}

Test(ndjson, state_outcome_exclusion_and_maintenance)
{
    struct decoder *decoder = open_decoder();
    struct answer answer = ask(decoder, "{\"kind\":\"state\",\"service\":\"s\",\"state\":\"down\","
                                        "\"previous\":\"up\",\"ts\":5}");
    ASSERT_RECORD(answer, decoder, "state");
    cr_assert_eq(answer.record.kind, EVENT_STATE);
    cr_assert_eq(answer.record.state, SERVICE_STATE_DOWN);
    cr_assert_eq(answer.record.previous, SERVICE_STATE_UP);
    ASSERT_TEXT(answer.record.service, "s");

    answer = ask(decoder,
                 "{\"kind\":\"outcome\",\"of\":\"r-1\",\"outcome\":\"bad\",\"reason\":\"refund\"}");
    ASSERT_RECORD(answer, decoder, "outcome");
    cr_assert_eq(answer.record.kind, EVENT_OUTCOME);
    ASSERT_TEXT(answer.record.of, "r-1");
    cr_assert_eq(answer.record.outcome, OUTCOME_BAD);
    ASSERT_TEXT(answer.record.reason, "refund");

    answer = ask(decoder,
                 "{\"kind\":\"exclusion\",\"id\":\"x\",\"service\":[\"a\",\"b\"],\"start\":1,"
                 "\"end\":\"1970-01-01T00:00:02Z\",\"reason\":\"customer\",\"author\":\"bob\"}");
    ASSERT_RECORD(answer, decoder, "exclusion");
    cr_assert_eq(answer.record.kind, EVENT_EXCLUSION);
    cr_assert_eq(answer.record.state, EXCLUSION_STATE_PROPOSED);
    cr_assert_eq(answer.record.service_count, 2);
    cr_assert_eq(answer.record.start_ns, NS_PER_SECOND);
    cr_assert_eq(answer.record.end_ns, 2 * NS_PER_SECOND);
    ASSERT_TEXT(answer.record.author, "bob");

    answer = ask(decoder,
                 "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"s\",\"start\":1,\"end\":2,"
                 "\"rrule\":\"FREQ=DAILY\",\"customer\":\"acme\"}");
    ASSERT_RECORD(answer, decoder, "maintenance");
    cr_assert_eq(answer.record.kind, EVENT_MAINTENANCE);
    cr_assert_eq(answer.record.state, MAINTENANCE_STATE_SCHEDULED);
    ASSERT_TEXT(answer.record.rrule, "FREQ=DAILY");
    ASSERT_TEXT(answer.record.customer, "acme");
    decoder_close(decoder);
}

static bool find_one_zone(struct text name, const struct zone **zone_out)
{
    static const struct zone east = {.name = "Some/East", .first_offset_s = 7200};
    *zone_out = &east;
    return text_is(name, east.name);
}

Test(ndjson, maintenance_goes_by_the_clocks_of_a_zone)
{
    struct decoder *decoder =
        open_decoder_with((struct decode_settings){.find_zone = find_one_zone});
    struct answer answer = ask(
        decoder, "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"s\",\"zone\":\"Some/East\","
                 "\"start\":\"1970-01-01T02:00:01\",\"end\":\"1970-01-01T00:00:02Z\"}");
    ASSERT_RECORD(answer, decoder, "local and not");
    cr_assert_eq(answer.record.start_ns, NS_PER_SECOND);
    cr_assert_eq(answer.record.end_ns, 2 * NS_PER_SECOND);
    ASSERT_TEXT(answer.record.zone, "Some/East");
    answer = ask(decoder, "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"s\",\"zone\":\"X\","
                          "\"start\":1,\"end\":2}");
    cr_assert_eq(answer.result, DECODE_REJECT);
    cr_assert_eq(answer.reject, REJECT_BAD_VALUE);
    decoder_close(decoder);
    decoder = open_decoder();
    answer = ask(decoder,
                 "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"s\",\"zone\":\"Some/East\","
                 "\"start\":1,\"end\":2}");
    cr_assert_eq(answer.result, DECODE_REJECT, "nobody knows zones");
    decoder_close(decoder);
}

Test(ndjson, fields_of_other_kinds_are_unknown_fields)
{
    static const struct line lines[] = {
        {"{\"service\":\"s\",\"date\":\"garbage\",\"time\":true,\"start\":{},\"title\":5}", NULL},
        {"{\"kind\":\"state\",\"service\":\"s\",\"state\":\"up\",\"status\":\"x\",\"latency_ms\":"
         "null}",
         NULL},
    };
    ASSERT_LINES(lines);
}

Test(ndjson, the_control_record_asks_for_acknowledgements)
{
    struct {
        const char *line;
        bool ack;
    } cases[] = {
        {"{\"nines\":{\"ack\":true}}", true},
        {" { \"nines\" : { \"ack\" : true , \"version\" : 2 } } ", true},
        {"{\"nines\":{\"ack\":false}}", false},
        {"{\"nines\":{}}", false},
        {"{\"nines\":{\"other\":[1]}}", false},
        {"{\"nines\":1}", false},
    };
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer answer = ask(decoder, cases[i].line);
        cr_assert_eq(answer.result, DECODE_CONTROL, "%s", cases[i].line);
        cr_assert_eq(answer.ack, cases[i].ack, "%s", cases[i].line);
    }
    struct answer answer = ask(decoder, "{\"nines\":{\"ack\":tru}}");
    ASSERT_REJECT(answer, decoder, "bad_json", "tru");
    answer = ask(decoder, "{\"nines\":{\"ack\":true},\"service\":\"s\"}");
    ASSERT_RECORD(answer, decoder, "a record with an unknown field");
    decoder_close(decoder);
}

Test(ndjson, the_names_of_maps_are_those_of_the_configuration)
{
    cr_assert_eq(field_map_from(TEXT("nginx-json")), MAP_NGINX_JSON);
    cr_assert_eq(field_map_from(TEXT("nginx-combined")), MAP_NGINX_COMBINED);
    cr_assert_eq(field_map_from(TEXT("auto")), MAP_AUTO);
    cr_assert_eq(field_map_from(TEXT("haproxy-http")), -1);
    cr_assert_str_eq(field_map_word(MAP_NGINX_JSON), "nginx-json");
}
