/* RELIABILITY V-60 to V-84: requests that are not what they should be. */
#include "unit/api/client.h"

static struct mini_engine engine;

static void open_engine(void)
{
    struct mini_settings settings = {.agreements = NULL};
    mini_engine_open(&engine, &settings);
}

static void close_engine(void)
{
    mini_engine_close(&engine);
}

TestSuite(hostile, .init = open_engine, .fini = close_engine);

/* A request as it goes over the wire, and the status that it gets; 0: closed without an answer. */
struct wire_row {
    const char *request;
    int status;
};

static void expect_rows(const struct wire_row *rows, size_t count, bool closes)
{
    for (size_t i = 0; i < count; i++) {
        struct client client;
        client_open(&client, engine.port);
        (void)client_send(&client, rows[i].request, strlen(rows[i].request));
        struct reply reply = client_reply(&client, strncmp(rows[i].request, "HEAD", 4) == 0);
        cr_assert_eq(reply.status, rows[i].status, "%s: %d, not %d: %s", rows[i].request,
                     reply.status, rows[i].status, reply.body);
        if (closes) {
            cr_assert_not(client_read(&client), "still open after %s", rows[i].request);
        }
        reply_free(&reply);
        client_close(&client);
    }
}

#define EXPECT_ROWS(rows, closes) expect_rows(rows, sizeof(rows) / sizeof((rows)[0]), closes)
#define HOST                      "Host: a\r\n"
#define BODY                      "{\"service\":\"web\"}"

Test(hostile, framing_in_doubt_is_400_and_closed)
{
    static const struct wire_row rows[] = {
        {"POST /v1/events HTTP/1.1\r\n" HOST
         "Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST /v1/events HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\nContent-Length: 17\r\n\r\n0\r\n\r\n",
         400},
        {"POST /v1/events HTTP/1.1\r\n" HOST
         "Content-Length: 17\r\nContent-Length: 17\r\n\r\n" BODY,
         400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Content-Length: 17\r\nContent-Length: 5\r\n\r\n" BODY,
         400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Content-Length: 17, 17\r\n\r\n" BODY, 400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Content-Length: +17\r\n\r\n" BODY, 400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n" BODY, 400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Content-Length: 0x11\r\n\r\n" BODY, 400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Content-Length: abc\r\n\r\n" BODY, 400},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET /healthz HTTP/1.1\r\n\r\n", 400},
        {"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET /healthz HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
    };
    EXPECT_ROWS(rows, true);
}

Test(hostile, transfer_codings_other_than_chunked_are_refused)
{
    static const struct wire_row rows[] = {
        {"POST /v1/events HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", 501},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n", 501},
        {"POST /v1/events HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST /v1/events HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    };
    EXPECT_ROWS(rows, true);
}

Test(hostile, methods_and_paths)
{
    static const struct wire_row rows[] = {
        {"PUT /v1/events HTTP/1.1\r\n" HOST "\r\n", 405},
        {"DELETE /v1/reports HTTP/1.1\r\n" HOST "\r\n", 405},
        {"TRACE / HTTP/1.1\r\n" HOST "\r\n", 405},
        {"GET /v1/events HTTP/1.1\r\n" HOST "\r\n", 405},
        {"AAAA / HTTP/1.1\r\n" HOST "\r\n", 501},
        {"AAAAAAAAAAAAAAAAAAAA /nothing HTTP/1.1\r\n" HOST "\r\n", 501},
        {"get / HTTP/1.1\r\n" HOST "\r\n", 501},
        {"GET /../etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
        {"GET /%2e%2e/etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404},
        {"GET //healthz HTTP/1.1\r\n" HOST "\r\n", 404},
        {"GET /healthz%00 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /%zz HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /%ff HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /healthz;x HTTP/1.1\r\n" HOST "\r\n", 404},
        {"GET http://other.example/healthz HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /v1/status?limit=1&limit=2 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /v1/incidents?limit=-1 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /v1/incidents?limit=0 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /v1/incidents?limit=2147483648 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /v1/incidents?cursor=x HTTP/1.1\r\n" HOST "\r\n", 400},
    };
    EXPECT_ROWS(rows, false);
}

Test(hostile, a_known_path_says_which_methods_it_takes)
{
    struct reply reply = exchange_text(engine.port, "PUT /v1/events HTTP/1.1\r\n" HOST "\r\n");
    assert_status(reply, 405);
    cr_assert_str_eq(reply_header(&reply, "Allow"), "POST, HEAD");
    cr_assert_str_eq(reply_header(&reply, "X-Content-Type-Options"), "nosniff");
    reply_free(&reply);
}

Test(hostile, expectations_and_versions)
{
    static const struct wire_row rows[] = {
        {"POST /v1/events HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 17\r\n\r\n", 417},
        {"GET / HTTP/1.0\r\n\r\n", 200},
    };
    EXPECT_ROWS(rows, true);
}

Test(hostile, a_request_hidden_in_a_body_is_no_request)
{
    struct client client;
    client_open(&client, engine.port);
    const char *request = "GET /healthz HTTP/1.1\r\n" HOST "Content-Length: 40\r\n\r\n"
                          "POST /v1/events HTTP/1.1\r\n" HOST "\r\n..."
                          "GET /readyz HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    cr_assert(client_send(&client, request, strlen(request)));
    struct reply reply = client_reply(&client, false);
    assert_status(reply, 200);
    reply_free(&reply);
    reply = client_reply(&client, false);
    assert_status(reply, 200);
    assert_holds(reply, "ok\n");
    reply_free(&reply);
    cr_assert_not(client_read(&client), "there are two answers");
    client_close(&client);
}

Test(hostile, pipelined_requests_are_answered_in_order)
{
    struct client client;
    client_open(&client, engine.port);
    const char *one = "GET /healthz HTTP/1.1\r\n" HOST "\r\n";
    const char *other = "GET /v1/none HTTP/1.1\r\n" HOST "\r\n";
    for (int i = 0; i < 100; i++) {
        cr_assert(client_send(&client, i % 2 == 0 ? one : other, strlen(i % 2 == 0 ? one : other)));
    }
    for (int i = 0; i < 100; i++) {
        struct reply reply = client_reply(&client, false);
        assert_status(reply, i % 2 == 0 ? 200 : 404);
        reply_free(&reply);
    }
    client_close(&client);
}

static void expect_field(const char *name, size_t length, int status)
{
    char *request = malloc(length + 200);
    int head = sprintf(request, "GET /healthz HTTP/1.1\r\n" HOST "%s: ", name);
    memset(request + head, 'x', length);
    strcpy(request + head + length, "\r\n\r\n");
    struct reply reply = exchange_text(engine.port, request);
    assert_status(reply, status);
    reply_free(&reply);
    free(request);
}

Test(hostile, headers_beyond_measure_are_431)
{
    expect_field("X-Long", 4000, 200);
    expect_field("X-Long", 9000, 431);
    char request[8000] = "GET /healthz HTTP/1.1\r\n" HOST;
    for (int i = 0; i < 101; i++) {
        snprintf(request + strlen(request), sizeof(request) - strlen(request), "X-%d: 1\r\n", i);
    }
    strcat(request, "\r\n");
    struct reply reply = exchange_text(engine.port, request);
    assert_status(reply, 431);
    reply_free(&reply);
}

Test(hostile, a_target_beyond_measure_is_414)
{
    char request[10000] = "GET /";
    memset(request + 5, 'a', 9000);
    strcpy(request + 9005, " HTTP/1.1\r\n" HOST "\r\n");
    struct reply reply = exchange_text(engine.port, request);
    assert_status(reply, 414);
    reply_free(&reply);
}

Test(hostile, pages_of_other_sites_may_not_write)
{
    struct reply reply = request_with(engine.port, "POST", "/v1/events",
                                      "Origin: http://evil.example\r\n", BODY, strlen(BODY));
    assert_status(reply, 403);
    reply_free(&reply);
    char field[64];
    snprintf(field, sizeof(field), "Origin: http://127.0.0.1:%u\r\n", engine.port);
    reply = request_with(engine.port, "POST", "/v1/events", field, BODY, strlen(BODY));
    assert_status(reply, 200);
    reply_free(&reply);
}

Test(hostile, other_protocols_get_one_error_or_nothing)
{
    static const struct wire_row rows[] = {
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400},
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400},
        {"EHLO mail.example\r\n\r\n", 400},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client client;
        client_open(&client, engine.port);
        cr_assert(client_send(&client, rows[i].request, strlen(rows[i].request)));
        shutdown(client.fd, SHUT_WR);
        struct reply reply = client_reply(&client, false);
        cr_assert(reply.status == 0 || reply.status >= 400, "%d", reply.status);
        reply_free(&reply);
        client_close(&client);
    }
    struct reply reply = get(engine.port, "/healthz");
    assert_status(reply, 200);
    reply_free(&reply);
}

Test(hostile, errors_do_not_echo_what_was_sent)
{
    struct reply reply = get(engine.port, "/v1/reports?%3Cscript%3E%C3%A9=1");
    assert_status(reply, 400);
    assert_holds(reply, "<script>??");
    cr_assert_str_eq(reply_header(&reply, "Content-Type"), "application/problem+json");
    reply_free(&reply);
}

Test(hostile, chunks_that_are_none_are_refused)
{
    static const char *const sizes[] = {"-1", "0x5", "+5", "ffffffffffffffff", "fffffffffffffffff",
                                        "",   "zz"};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char request[256];
        snprintf(request, sizeof(request),
                 "POST /v1/events HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                 "%s\r\nhello\r\n0\r\n\r\n",
                 sizes[i]);
        struct client client;
        client_open(&client, engine.port);
        cr_assert(client_send(&client, request, strlen(request)));
        shutdown(client.fd, SHUT_WR);
        struct reply reply = client_reply(&client, false);
        cr_assert(reply.status == 0 || reply.status >= 400, "%s: %d", sizes[i], reply.status);
        reply_free(&reply);
        client_close(&client);
    }
}

/* libmicrohttpd 0.9.75 takes these before our gate can see them. Here so that a change shows; see
 * engine/api/README.md. None of them changes where a body begins or ends. */
Test(hostile, known_leniencies_of_the_library)
{
    static const struct wire_row rows[] = {
        {"GET /healthz HTTP/1.1\r\n" HOST "X: a\r\n folded\r\n\r\n", 200},
        {"GET /healthz HTTP/1.1\nHost: a\n\n", 200},
        {"GET  /healthz HTTP/1.1\r\n" HOST "\r\n", 200},
        {"GET /healthz HTTP/1.1\r\n" HOST ": b\r\n\r\n", 200},
    };
    EXPECT_ROWS(rows, false);
}
