/* The parts that need no engine. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "api/body.h"
#include "api/gate.h"
#include "api/idempotency.h"
#include "api/lane.h"
#include "api/problem.h"
#include "api/router.h"
#include "api/when.h"
#include "domain/civil.h"

/* Targets */

static bool parses(const char *raw, struct target *target)
{
    const char *problem = NULL;
    enum status status = target_parse(target, raw, &problem);
    cr_assert_eq(status == STATUS_INVALID, problem != NULL);
    return status == STATUS_OK;
}

Test(target, is_taken_apart_and_decoded)
{
    struct target target;
    cr_assert(parses("/v1/agreements/acme%20shop%2Feast?limit=1%30&x=a+b&empty=", &target));
    cr_assert_eq(target.segment_count, 3);
    cr_assert(text_is(target.segments[2], "acme shop/east"));
    cr_assert(text_is(target_parameter(&target, "limit"), "10"));
    cr_assert(text_is(target_parameter(&target, "x"), "a b"));
    cr_assert(text_given(target_parameter(&target, "empty")));
    cr_assert_not(text_given(target_parameter(&target, "none")));
    target_fini(&target);
}

Test(target, what_is_not_properly_encoded_is_refused)
{
    static const char *const bad[] = {
        "",          "v1",         "*",           "http://other/", "/%00",    "/%zz",
        "/%4",       "/%",         "/a%0d%0ab",   "/%ff",          "/%c0%af", "/?a=%00",
        "/?a=1&a=2", "/?a=%e2%82", "/x#fragment", "/\xff",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct target target;
        cr_assert_not(parses(bad[i], &target), "%s", bad[i]);
    }
}

Test(target, too_many_parameters_are_refused)
{
    char raw[1024] = "/?";
    for (int i = 0; i <= TARGET_PARAMETERS_MAX; i++) {
        snprintf(raw + strlen(raw), sizeof(raw) - strlen(raw), "p%d=1&", i);
    }
    struct target target;
    cr_assert_not(parses(raw, &target));
}

/* Routes */

static const struct route routes[] = {
    {.method = "GET", .path = "/"},
    {.method = "POST", .path = "/v1/events"},
    {.method = "HEAD", .path = "/v1/events"},
    {.method = "GET", .path = "/v1/reports/{agreement}/{objective}/evidence"},
};
static const struct route_table table = {routes, 4};

static struct route_match find(const char *method, const char *raw)
{
    static struct target target;
    target_fini(&target);
    cr_assert(parses(raw, &target));
    struct route_match match;
    route_find(&table, method, &target, &match);
    return match;
}

Test(router, finds_by_method_and_path)
{
    cr_assert_eq(find("GET", "/").route, &routes[0]);
    cr_assert_eq(find("HEAD", "/").route, &routes[0]);
    cr_assert_eq(find("POST", "/v1/events").route, &routes[1]);
    cr_assert_eq(find("HEAD", "/v1/events?x=1").route, &routes[2]);
    struct route_match match = find("GET", "/v1/reports/a%2Fb/c/evidence");
    cr_assert_eq(match.route, &routes[3]);
    cr_assert(text_is(match.names[0], "a/b"));
    cr_assert(text_is(match.names[1], "c"));
}

Test(router, known_paths_say_what_they_take)
{
    struct route_match match = find("GET", "/v1/events");
    cr_assert_null(match.route);
    cr_assert(match.path_known);
    cr_assert_str_eq(match.allow, "POST, HEAD");
    match = find("PUT", "/");
    cr_assert_str_eq(match.allow, "GET, HEAD");
}

Test(router, other_paths_are_unknown)
{
    static const char *const unknown[] = {
        "/v1",
        "/v1/events/",
        "//v1/events",
        "/v1/./events",
        "/v1/reports/a//evidence",
        "/V1/events",
        "/v1/reports/../b/evidence",
        "/a/b/c/d/e/f/g/h/i/j",
        "/v1/events;x",
    };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        cr_assert_not(find("GET", unknown[i]).path_known, "%s", unknown[i]);
    }
}

/* The gate */

static struct gate_facts good_facts(void)
{
    return (struct gate_facts){
        .method = "POST", .version = "HTTP/1.1", .host_count = 1, .host = "nines.example:4991"};
}

static void expect_gate(struct gate_facts facts, uint32_t status)
{
    struct gate_refusal refusal = gate_check(&facts);
    cr_assert_eq(refusal.status, status, "%u: %s", refusal.status,
                 refusal.detail == NULL ? "passes" : refusal.detail);
}

#define GATE(status, ...)                                                                          \
    do {                                                                                           \
        struct gate_facts facts = good_facts();                                                    \
        __VA_ARGS__;                                                                               \
        expect_gate(facts, status);                                                                \
    } while (0)

Test(gate, framing_that_is_in_doubt_is_refused)
{
    GATE(0, (void)0);
    GATE(0, facts.length_count = 1; facts.length = "5");
    GATE(400, facts.length_count = 2; facts.length = "5");
    GATE(400, facts.length_count = 1; facts.length = "5"; facts.transfer_count = 1;
         facts.transfer = "chunked");
    static const char *const lengths[] = {"",
                                          "+5",
                                          "-1",
                                          "0x10",
                                          "5 ",
                                          "5, 5",
                                          "5,5",
                                          "abc",
                                          "18446744073709551616",
                                          "99999999999999999999999"};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        GATE(400, facts.length_count = 1; facts.length = lengths[i]);
    }
    GATE(0, facts.transfer_count = 1; facts.transfer = "Chunked");
    GATE(400, facts.transfer_count = 2; facts.transfer = "chunked");
    GATE(400, facts.transfer_count = 1; facts.transfer = "chunked"; facts.version = "HTTP/1.0");
    static const char *const transfers[] = {"identity", "chunked, identity", "xchunked",
                                            "gzip, chunked"};
    for (size_t i = 0; i < sizeof(transfers) / sizeof(transfers[0]); i++) {
        GATE(501, facts.transfer_count = 1; facts.transfer = transfers[i]);
    }
    GATE(400, facts.malformed = true);
}

Test(gate, one_host_that_is_a_host)
{
    GATE(400, facts.host_count = 0);
    GATE(0, facts.host_count = 0; facts.version = "HTTP/1.0");
    GATE(400, facts.host_count = 2);
    GATE(0, facts.host = "[::1]:80");
    static const char *const hosts[] = {"", "a b", "a@b", "a/b", "a\tb", "a%00"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        GATE(400, facts.host = hosts[i]);
    }
}

Test(gate, sizes_versions_and_expectations)
{
    GATE(505, facts.version = "HTTP/2.0");
    GATE(505, facts.version = "HTTP/0.9");
    GATE(414, facts.target_bytes = 8193);
    GATE(431, facts.header_count = 101);
    GATE(431, facts.header_bytes_longest = 8193);
    GATE(431, facts.header_bytes = 32769);
    GATE(0, facts.expect_count = 1; facts.expect = "100-Continue");
    GATE(417, facts.expect_count = 1; facts.expect = "200-ok");
}

Test(gate, pages_of_other_sites_may_read_but_not_write)
{
    GATE(0, facts.origin_count = 1; facts.origin = "https://nines.example:4991");
    GATE(403, facts.origin_count = 1; facts.origin = "https://evil.example");
    GATE(403, facts.origin_count = 1; facts.origin = "null");
    GATE(0, facts.origin_count = 1; facts.origin = "https://evil.example"; facts.method = "GET");
    /* A name that was made to resolve to this machine. */
    GATE(403, facts.origin_count = 1; facts.origin = "http://nines.example:4991";
         facts.listens_on_loopback = true);
    GATE(0, facts.origin_count = 1; facts.host = "127.0.0.1:4991";
         facts.origin = "http://127.0.0.1:4991"; facts.listens_on_loopback = true);
    GATE(0, facts.origin_count = 1; facts.host = "localhost:4991";
         facts.origin = "http://localhost:4991"; facts.listens_on_loopback = true);
    GATE(403, facts.origin_count = 1; facts.host = "localhost.evil:4991";
         facts.origin = "http://localhost.evil:4991"; facts.listens_on_loopback = true);
}

/* For when */

#define NOW_NS (INT64_C(1780000000) * NS_PER_SECOND) /* 2026-05-28T20:26:40Z */

static bool when(const char *raw, struct when *when_out, char *detail)
{
    struct target target;
    cr_assert(parses(raw, &target));
    bool good = when_parse(&target, NOW_NS, NOW_NS + NS_PER_MINUTE, when_out, detail);
    target_fini(&target);
    return good;
}

Test(when, instants_periods_and_spans)
{
    struct when asked;
    char detail[WHEN_DETAIL_SIZE];
    cr_assert(when("/", &asked, detail));
    cr_assert_not(asked.given);
    cr_assert(when("/?at=2026-05-01T00:00:00%2B02:00", &asked, detail));
    cr_assert_eq(asked.at_ns, INT64_C(1777586400) * NS_PER_SECOND);
    cr_assert(when("/?at=2026-05-01T00:00:00+02:00", &asked, detail), "a plus that nobody escaped");
    cr_assert_eq(asked.at_ns, INT64_C(1777586400) * NS_PER_SECOND);
    cr_assert(when("/?at=1777586400", &asked, detail));
    cr_assert(when("/?period=2026-04", &asked, detail));
    cr_assert_eq(asked.at_ns, asked.window.span.end_ns);
    cr_assert(when("/?period=2026", &asked, detail));
    cr_assert_eq(asked.at_ns, NOW_NS, "a running period is judged as of now");
    cr_assert(when("/?from=2026-05-01&to=2026-05-02", &asked, detail));
    cr_assert_eq(asked.window.span.end_ns - asked.window.span.start_ns, NS_PER_DAY);
}

Test(when, what_makes_no_sense_is_refused_with_words)
{
    static const char *const bad[][2] = {
        {"/?at=soon", "at is not a time"},
        {"/?at=", "at is not a time"},
        {"/?at=2027-01-01", "future"},
        {"/?period=2026-13", "not a period"},
        {"/?period=2027", "future"},
        {"/?from=1&to=1", "end must be greater than start"},
        {"/?from=2&to=1", "end must be greater than start"},
        {"/?to=1", "go together"},
        {"/?from=2027-01-01&to=2028-01-01", "future"},
        {"/?at=1&period=2026", "exclude each other"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct when asked;
        char detail[WHEN_DETAIL_SIZE];
        cr_assert_not(when(bad[i][0], &asked, detail), "%s", bad[i][0]);
        cr_assert_not_null(strstr(detail, bad[i][1]), "%s: %s", bad[i][0], detail);
    }
}

/* Problems */

Test(problem, never_echoes_raw_bytes)
{
    struct answer answer = {0};
    problem(&answer, 400, "you sent %s", "a\r\nSet-Cookie: \x1b[31m \xff\"");
    cr_assert_str_eq(answer.body.bytes,
                     "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
                     "\"detail\":\"you sent a??Set-Cookie: ?[31m ?\\\"\"}\n");
    problem_add(&answer, ",\"more\":1");
    cr_assert_not_null(strstr(answer.body.bytes, ",\"more\":1}\n"));
    text_buffer_fini(&answer.body);
}

/* Unpacking */

static struct body_budget budget;

static size_t gzip(const void *bytes, size_t length, unsigned char *packed, size_t size)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = packed;
    stream.avail_out = (uInt)size;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return size - stream.avail_out;
}

Test(body, members_one_after_the_other_are_one_body)
{
    unsigned char packed[256];
    size_t length = gzip("hello ", 6, packed, sizeof(packed));
    length += gzip("world", 5, packed + length, sizeof(packed) - length);
    for (size_t step = 1; step <= length; step++) {
        struct body body;
        body_init(&body, &budget, CODING_GZIP);
        for (size_t at = 0; at < length; at += step) {
            body_add(&body, packed + at, length - at < step ? length - at : step);
        }
        body_end(&body);
        cr_assert_eq(body.state, BODY_OK);
        cr_assert_eq(body.length, 11);
        cr_assert_eq(memcmp(body.bytes, "hello world", 11), 0);
        body_fini(&body);
    }
    cr_assert_eq(budget.used, 0);
}

static enum body_state unpack_all(enum coding coding, const void *packed, size_t length)
{
    struct body body;
    body_init(&body, &budget, coding);
    body_add(&body, packed, length);
    body_end(&body);
    enum body_state state = body.state;
    body_fini(&body);
    return state;
}

Test(body, what_is_cut_off_or_followed_by_other_bytes_is_broken)
{
    unsigned char packed[256];
    size_t length = gzip("hello", 5, packed, sizeof(packed));
    for (size_t cut = 0; cut < length; cut++) {
        cr_assert_eq(unpack_all(CODING_GZIP, packed, cut), BODY_BROKEN, "%zu bytes", cut);
    }
    memcpy(packed + length, "tail", 4);
    cr_assert_eq(unpack_all(CODING_GZIP, packed, length + 4), BODY_BROKEN);
    cr_assert_eq(unpack_all(CODING_DEFLATE, packed, length), BODY_BROKEN);
    cr_assert_eq(unpack_all(CODING_ZSTD, packed, length), BODY_BROKEN);
}

Test(body, what_could_have_been_sent_plainly_is_taken_whatever_its_ratio)
{
    size_t size = UNPACK_FREE_BYTES;
    char *blanks = malloc(size + (1 << 20));
    memset(blanks, ' ', size + (1 << 20));
    unsigned char *packed = malloc(1 << 20);
    size_t length = gzip(blanks, size, packed, 1 << 20);
    cr_assert_gt(size / length, UNPACK_RATIO_MAX);
    cr_assert_eq(unpack_all(CODING_GZIP, packed, length), BODY_OK);
    length = gzip(blanks, size + (1 << 20), packed, 1 << 20);
    cr_assert_eq(unpack_all(CODING_GZIP, packed, length), BODY_TOO_LARGE);
    free(packed);
    free(blanks);
    cr_assert_eq(budget.used, 0);
}

Test(body, all_bodies_share_one_budget)
{
    size_t size = 8u << 20;
    char *bytes = calloc(1, size);
    struct body bodies[20];
    uint32_t refused = 0;
    for (uint32_t i = 0; i < 20; i++) {
        body_init(&bodies[i], &budget, CODING_NONE);
        body_add(&bodies[i], bytes, size);
        refused += bodies[i].state == BODY_NO_ROOM;
    }
    cr_assert_eq(refused, 20 - BODY_BUDGET_BYTES / size);
    for (uint32_t i = 0; i < 20; i++) {
        body_fini(&bodies[i]);
    }
    cr_assert_eq(budget.used, 0);
    free(bytes);
}

/* Idempotency */

Test(idempotency, the_oldest_answered_key_goes_first)
{
    struct idempotency *cache;
    cr_assert_eq(idempotency_open(&cache), STATUS_OK);
    struct text_buffer answer;
    text_buffer_init(&answer);
    char key[32];
    uint32_t place;
    for (int i = 0; i <= IDEMPOTENCY_KEYS_MAX; i++) {
        snprintf(key, sizeof(key), "key-%d", i);
        cr_assert_eq(idempotency_begin(cache, text_from(key), TEXT("b"), &place, &answer),
                     IDEMPOTENCY_NEW);
        cr_assert_eq(idempotency_begin(cache, text_from(key), TEXT("b"), &place, &answer),
                     IDEMPOTENCY_IN_FLIGHT);
        idempotency_keep(cache, place, text_from(key));
    }
    cr_assert_eq(idempotency_begin(cache, TEXT("key-1"), TEXT("b"), &place, &answer),
                 IDEMPOTENCY_REPEAT);
    cr_assert_str_eq(answer.bytes, "key-1");
    cr_assert_eq(idempotency_begin(cache, TEXT("key-1"), TEXT("c"), &place, &answer),
                 IDEMPOTENCY_CONFLICT);
    cr_assert_eq(idempotency_begin(cache, TEXT("key-0"), TEXT("b"), &place, &answer),
                 IDEMPOTENCY_NEW, "it made room for the last one");
    idempotency_drop(cache, place);
    text_buffer_fini(&answer);
    idempotency_close(cache);
}

Test(idempotency, places_in_flight_are_never_taken)
{
    struct idempotency *cache;
    cr_assert_eq(idempotency_open(&cache), STATUS_OK);
    char key[32];
    uint32_t place;
    for (int i = 0; i < IDEMPOTENCY_KEYS_MAX; i++) {
        snprintf(key, sizeof(key), "key-%d", i);
        cr_assert_eq(idempotency_begin(cache, text_from(key), TEXT("b"), &place, NULL),
                     IDEMPOTENCY_NEW);
    }
    cr_assert_eq(idempotency_begin(cache, TEXT("more"), TEXT("b"), &place, NULL), IDEMPOTENCY_FULL);
    idempotency_close(cache);
}

/* Lanes */

struct counted_job {
    struct lane_job job;
    _Atomic uint32_t *count;
};

static void add_one(void *context)
{
    struct counted_job *job = context;
    (*job->count)++;
}

Test(lane, nothing_runs_while_it_is_paused)
{
    struct lane *lane;
    _Atomic uint32_t runs = 0;
    cr_assert_eq(lane_open(&lane, "test-lane", 10), STATUS_OK);
    lane_pause(lane);
    struct counted_job job = {.job = {.run = add_one, .context = &job}, .count = &runs};
    cr_assert_eq(lane_push(lane, &job.job), STATUS_OK);
    cr_expect_eq(runs, 0);
    lane_resume(lane);
    lane_stop(lane);
    cr_expect_eq(runs, 1);
    lane_close(lane);
}

Test(lane, stopping_runs_what_is_queued_and_refuses_the_rest)
{
    struct lane *lane;
    _Atomic uint32_t count = 0;
    struct counted_job jobs[10];
    cr_assert_eq(lane_open(&lane, "test-lane", 10), STATUS_OK);
    for (uint32_t i = 0; i < 10; i++) {
        jobs[i] = (struct counted_job){{.run = add_one, .context = &jobs[i]}, &count};
        cr_assert_eq(lane_push(lane, &jobs[i].job), STATUS_OK);
    }
    lane_stop(lane);
    cr_assert_eq(count, 10);
    cr_assert_eq(lane_push(lane, &jobs[0].job), STATUS_STOPPED);
    lane_close(lane);
}
