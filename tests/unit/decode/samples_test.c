/* Every captured sample, counted exactly; and JSON lines that mean the same however they are
 * spaced. */
#include "fixture.h"

struct tally {
    uint32_t records;
    uint32_t blanks;
    uint32_t rejected[REJECT_COUNT];
    uint32_t set_aside;
    uint32_t from_receipt;
};

static void count(struct decoder *decoder, struct text bytes, struct tally *tally)
{
    struct answer answer = ask_bytes(decoder, bytes);
    switch (answer.result) {
    case DECODE_RECORD:
        tally->records++;
        tally->set_aside += answer.record.outcome == OUTCOME_EXCLUDED;
        tally->from_receipt += answer.notes.time_from_receipt;
        break;
    case DECODE_REJECT:
        tally->rejected[answer.reject]++;
        break;
    case DECODE_BLANK:
        tally->blanks++;
        break;
    case DECODE_CONTROL:
        cr_assert_fail("no sample has control records");
        break;
    }
}

static void count_stream(struct decoder *decoder, struct text sample, struct tally *tally)
{
    struct framer framer = {0};
    size_t at = 0;
    for (;;) {
        size_t consumed;
        struct text record;
        enum reject reject;
        enum frame_result result = frame_next(&framer, sample.bytes + at, sample.length - at, true,
                                              &consumed, &record, &reject);
        at += consumed;
        if (result == FRAME_RECORD) {
            count(decoder, record, tally);
        } else if (result != FRAME_MORE) {
            tally->rejected[reject]++;
        }
        if (result == FRAME_MORE || result == FRAME_CLOSE) {
            return;
        }
    }
}

/* `LENGTH:BYTES,` and a line feed, for each datagram. */
static void count_datagrams(struct decoder *decoder, struct text sample, struct tally *tally)
{
    const char *at = sample.bytes;
    const char *end = sample.bytes + sample.length;
    while (at < end) {
        char *bytes;
        unsigned long length = strtoul(at, &bytes, 10);
        cr_assert_eq(*bytes, ':');
        count(decoder, (struct text){bytes + 1, (uint32_t)length}, tally);
        at = bytes + 1 + length + 2;
    }
    cr_assert_eq(at, end);
}

static void tell(const struct tally *tally, char *out, size_t size)
{
    int used = snprintf(out, size, "%u records", tally->records);
    if (tally->set_aside != 0) {
        used += snprintf(out + used, size - (size_t)used, ", %u aside", tally->set_aside);
    }
    if (tally->from_receipt != 0) {
        used += snprintf(out + used, size - (size_t)used, ", %u at receipt", tally->from_receipt);
    }
    for (int i = 0; i < REJECT_COUNT; i++) {
        if (tally->rejected[i] != 0) {
            used += snprintf(out + used, size - (size_t)used, ", %u %s", tally->rejected[i],
                             reject_word((enum reject)i));
        }
    }
}

Test(samples, every_captured_file_is_counted_exactly)
{
    static const struct {
        const char *name;
        const char *expected;
    } samples[] = {
        /* 14 requests: 499, 408 and TLS on a plain port are set aside. */
        {"nginx-access-json.ndjson", "14 records, 3 aside"},
        {"nginx-access-combined.log", "14 records, 3 aside"},
        {"nginx-syslog-udp-combined.netstr", "14 records, 3 aside"},
        {"nginx-syslog-udp-json.netstr", "14 records, 3 aside"},
        {"nginx-syslog-udp-json-nohostname.netstr", "14 records, 3 aside"},
        {"nginx-syslog-unixdgram-json-nohostname.netstr", "14 records, 3 aside"},
        {"nginx-syslog-udp-errorlog.netstr", "0 records, 4 unknown_format"},
        /* Two combined lines; a JSON object without service. */
        {"rsyslog-omfwd-tcp-default.bin", "2 records, 1 missing_field, 6 unknown_format"},
        {"rsyslog-omfwd-udp-default.netstr", "2 records, 1 missing_field, 6 unknown_format"},
        {"rsyslog-omfwd-udp-forwardformat.netstr", "2 records, 1 missing_field, 6 unknown_format"},
        /* And one request in structured data. */
        {"rsyslog-omfwd-tcp-lf-rfc5424.bin", "3 records, 1 missing_field, 5 unknown_format"},
        {"rsyslog-omfwd-tcp-octet-rfc5424.bin", "3 records, 1 missing_field, 5 unknown_format"},
        {"rsyslog-omfwd-tcp-json.ndjson", "0 records, 9 missing_field"},
        {"rsyslog-omfwd-tcp-octet-zip-stream.bin", "0 records, 1 compressed"},
        {"rsyslog-omfwd-udp-zip-single.netstr",
         "0 records, 1 missing_field, 5 unknown_format, 3 compressed"},
        /* A line feed inside a message makes two lines of it, except in datagrams and counted
           frames. */
        {"syslogng-network-tcp-default.bin", "1 records, 1 missing_field, 7 unknown_format"},
        {"syslogng-network-tcp-syslog-protocol.bin",
         "2 records, 1 missing_field, 6 unknown_format"},
        {"syslogng-syslog-tcp-rfc5424-octet.bin", "2 records, 1 missing_field, 5 unknown_format"},
        {"syslogng-network-udp-default.netstr", "1 records, 1 missing_field, 6 unknown_format"},
        {"syslogng-syslog-udp-rfc5424.netstr", "2 records, 1 missing_field, 5 unknown_format"},
        {"syslogng-unix-dgram.netstr", "1 records, 1 missing_field, 6 unknown_format"},
        {"syslogng-network-tcp-json.ndjson", "0 records, 8 missing_field"},
        {"syslogng-http-ndjson-BODY.ndjson", "0 records, 4 missing_field"},
        /* HAProxy has no map yet; its JSON has numbers with a leading zero, or no service. */
        {"haproxy-tcpring-rfc3164-lf.bin",
         "0 records, 2 bad_json, 10 missing_field, 17 unknown_format"},
        {"haproxy-tcpring-rfc5424-octetcount.bin",
         "0 records, 2 bad_json, 10 missing_field, 17 unknown_format"},
        {"haproxy-udp-iso.netstr", "0 records, 40 unknown_format"},
        {"haproxy-udp-raw.netstr", "0 records, 2 bad_json, 10 missing_field, 28 unknown_format"},
        {"haproxy-udp-rfc3164.netstr",
         "0 records, 2 bad_json, 10 missing_field, 28 unknown_format"},
        {"haproxy-udp-rfc5424.netstr",
         "0 records, 2 bad_json, 10 missing_field, 28 unknown_format"},
        {"haproxy-unixdgram-rfc5424.netstr",
         "0 records, 2 bad_json, 10 missing_field, 28 unknown_format"},
        {"pino-applog.ndjson", "2 records"},
    };
    struct decoder *decoder = open_decoder();
    bool failed = false;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct text sample = read_sample(samples[i].name);
        struct tally tally = {0};
        if (strstr(samples[i].name, ".netstr") != NULL) {
            count_datagrams(decoder, sample, &tally);
        } else {
            count_stream(decoder, sample, &tally);
        }
        char told[300];
        tell(&tally, told, sizeof(told));
        if (strcmp(told, samples[i].expected) != 0) {
            failed = true;
            fprintf(stderr, "%s: expected %s, got %s\n", samples[i].name, samples[i].expected,
                    told);
        }
        free_sample(sample);
    }
    cr_assert_not(failed);
    decoder_close(decoder);
}

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* White space around every token of a JSON line (never inside strings, numbers or words). */
static struct text respace(struct text line, uint64_t *seed, char *out)
{
    static const char spaces[] = " \t\r ";
    uint32_t length = 0;
    bool inside = false;
    for (uint32_t i = 0; i < line.length; i++) {
        char byte = line.bytes[i];
        bool mark = !inside && strchr("{}[]:,", byte) != NULL;
        for (uint64_t left = mark ? random_next(seed) % 3 : 0; left > 0; left--) {
            out[length++] = spaces[random_next(seed) % 4];
        }
        out[length++] = byte;
        if (inside && byte == '\\') {
            out[length++] = line.bytes[++i];
        } else if (byte == '"') {
            inside = !inside;
        }
        for (uint64_t left = mark ? random_next(seed) % 3 : 0; left > 0; left--) {
            out[length++] = spaces[random_next(seed) % 4];
        }
    }
    return (struct text){out, length};
}

/* All of a record that a line of JSON can give, as text: two records are the same when these are.
 */
static void tell_answer(const struct answer *answer, char *out, size_t size)
{
    const struct record *r = &answer->record;
    if (answer->result != DECODE_RECORD) {
        snprintf(out, size, "result %d %s", (int)answer->result, reject_word(answer->reject));
        return;
    }
    int used = snprintf(out, size, "%d %lld %d %d %d %d %u %llu %u %u %d %d %d %d %u %u",
                        (int)r->kind, (long long)r->occurred_ns, r->time_unparsable,
                        (int)r->outcome, (int)r->aside, r->status, r->flags,
                        (unsigned long long)r->latency_ns, r->total, r->good, r->state, r->previous,
                        (int)r->nature, (int)r->severity, r->service_count, r->component_count);
    const struct text texts[] = {
        r->service, r->customer,       r->end_user,      r->id, r->source,   r->channel, r->title,
        r->reason,  r->author,         r->rrule,         r->of, r->incident, r->host,    r->path,
        r->tag,     r->time_tokens[0], r->time_tokens[1]};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        used += snprintf(out + used, size - (size_t)used, "|%.*s", (int)texts[i].length,
                         texts[i].length != 0 ? texts[i].bytes : "");
    }
    for (uint32_t i = 0; i < r->service_count; i++) {
        used += snprintf(out + used, size - (size_t)used, "|%.*s", (int)r->services[i].length,
                         r->services[i].bytes);
    }
}

static void assert_spaces_mean_nothing(struct decoder *decoder, struct text line, uint64_t *seed)
{
    static char plain[RECORD_BYTES_MAX + 1000];
    static char spaced[RECORD_BYTES_MAX + 1000];
    static char bytes[RECORD_BYTES_MAX];
    struct answer answer = ask_bytes(decoder, line);
    tell_answer(&answer, plain, sizeof(plain));
    for (int round = 0; round < 20; round++) {
        uint64_t before = *seed;
        answer = ask_bytes(decoder, respace(line, seed, bytes));
        tell_answer(&answer, spaced, sizeof(spaced));
        cr_assert_str_eq(spaced, plain, "seed %llu: %.*s", (unsigned long long)before,
                         (int)line.length, line.bytes);
    }
}

Test(samples, white_space_between_tokens_changes_no_record)
{
    static const char *const names[] = {"nginx-access-json.ndjson", "pino-applog.ndjson",
                                        "syslogng-network-tcp-json.ndjson",
                                        "rsyslog-omfwd-tcp-json.ndjson"};
    const char *given = getenv("NINES_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : UINT64_C(88172645463325252);
    struct decoder *decoder = open_decoder();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct text sample = read_sample(names[i]);
        struct framer framer = {0};
        size_t at = 0;
        for (;;) {
            size_t consumed;
            struct text record;
            enum reject reject;
            if (frame_next(&framer, sample.bytes + at, sample.length - at, true, &consumed, &record,
                           &reject) != FRAME_RECORD) {
                break;
            }
            at += consumed;
            assert_spaces_mean_nothing(decoder, record, &seed);
        }
        free_sample(sample);
    }
    assert_spaces_mean_nothing(
        decoder,
        TEXT("{\"kind\":\"exclusion\",\"id\":\"x\",\"service\":[\"a\",\"b\"],\"start\":1,"
             "\"end\":2.5,\"reason\":\"r\\n\",\"author\":\"me\",\"x\":[[],{\"y\":-0.1}]}"),
        &seed);
    decoder_close(decoder);
}

Test(samples, the_wire_page_example_of_nginx_in_detail)
{
    struct decoder *decoder = open_decoder();
    struct text sample = read_sample("nginx-access-json.ndjson");
    struct framer framer = {0};
    size_t at = 0;
    uint64_t latency_sum = 0;
    uint32_t statuses = 0;
    for (int i = 0; i < 14; i++) {
        size_t consumed;
        struct text record;
        enum reject reject;
        cr_assert_eq(frame_next(&framer, sample.bytes + at, sample.length - at, true, &consumed,
                                &record, &reject),
                     FRAME_RECORD);
        at += consumed;
        struct answer answer = ask_bytes(decoder, record);
        ASSERT_RECORD(answer, decoder, "a captured line");
        cr_assert_eq(answer.record.time_token_count, 2);
        cr_assert_eq(answer.record.id.length, 32);
        latency_sum += answer.record.latency_ns;
        statuses += answer.record.status;
    }
    /* Added up by hand from the file. */
    cr_assert_eq(latency_sum, UINT64_C(3424000000));
    cr_assert_eq(statuses, 200 * 5 + 204 + 500 + 503 + 502 + 502 + 504 + 499 + 400 + 408);
    free_sample(sample);
    decoder_close(decoder);
}
