#include <zlib.h>
#include <zstd.h>

#include "unit/api/client.h"

#define AGREEMENT                                                                                  \
    "agreement: shop\n"                                                                            \
    "provider: us\n"                                                                               \
    "services: [web]\n"                                                                            \
    "objectives:\n"                                                                                \
    "  availability: 99%\n"

static struct mini_engine engine;

static void open_engine(void)
{
    struct mini_settings settings = {.agreements = AGREEMENT};
    mini_engine_open(&engine, &settings);
}

static void close_engine(void)
{
    mini_engine_close(&engine);
}

TestSuite(events, .init = open_engine, .fini = close_engine);

#define GOOD_RECORD "{\"service\":\"web\",\"status\":200}\n"
#define BAD_RECORD  "{\"service\":\"web\",\"status\":500}\n"

static void expect_post(const char *body, int status, const char *held)
{
    struct reply reply = post(engine.port, "/v1/events", body);
    assert_status(reply, status);
    assert_holds(reply, held);
    reply_free(&reply);
}

Test(events, are_durable_when_answered)
{
    expect_post(GOOD_RECORD BAD_RECORD, 200,
                "{\"accepted\":2,\"rejected\":0,\"duplicates\":0,\"errors\":[],\"position\":2}");
    cr_assert_eq(committer_position(engine.committer), 2);
}

Test(events, come_as_an_array_or_one_after_the_other)
{
    expect_post("[{\"service\":\"web\"},{\"service\":\"web\"}]", 200, "\"accepted\":2");
    expect_post("{\"service\":\"web\"}{\"service\":\"web\"}", 200, "\"accepted\":2");
}

Test(events, a_bad_record_does_not_fail_its_batch)
{
    expect_post(GOOD_RECORD "{\"service\":7}\n" GOOD_RECORD, 200,
                "{\"accepted\":2,\"rejected\":1,\"duplicates\":0,\"errors\":[{\"index\":1,\"code\":"
                "\"bad_type\"");
}

Test(events, repeats_are_counted_as_duplicates)
{
    const char *body = "{\"service\":\"web\",\"id\":\"one\"}";
    expect_post(body, 200, "\"accepted\":1");
    expect_post(body, 200, "{\"accepted\":0,\"rejected\":0,\"duplicates\":1");
}

Test(events, what_is_no_json_at_all_is_400)
{
    expect_post("hello\nworld\n", 400, "\"code\":\"unknown_format\"");
    expect_post("", 400, "empty");
    expect_post(" \n\n", 400, "empty");
}

Test(events, what_is_json_but_of_no_use_is_422)
{
    expect_post("{\"service\":7}", 422, "\"code\":\"bad_type\"");
}

Test(events, an_empty_array_is_nothing_and_no_error)
{
    expect_post("[]", 200, "\"accepted\":0");
}

Test(events, head_says_that_events_are_taken)
{
    struct reply reply = request_with(engine.port, "HEAD", "/v1/events", "", "", 0);
    assert_status(reply, 200);
    reply_free(&reply);
}

Test(events, the_content_type_is_ignored)
{
    struct reply reply = request_with(engine.port, "POST", "/v1/events",
                                      "Content-Type: application/x-www-form-urlencoded\r\n",
                                      GOOD_RECORD, strlen(GOOD_RECORD));
    assert_status(reply, 200);
    reply_free(&reply);
}

Test(events, come_in_chunks)
{
    struct reply reply = exchange_text(engine.port, "POST /v1/events HTTP/1.1\r\nHost: a\r\n"
                                                    "Transfer-Encoding: chunked\r\n\r\n"
                                                    "A\r\n{\"service\"\r\n"
                                                    "7\r\n:\"web\"}\r\n"
                                                    "0\r\n\r\n");
    assert_status(reply, 200);
    assert_holds(reply, "\"accepted\":1");
    reply_free(&reply);
}

Test(events, one_that_expects_to_be_told_is_told_to_continue)
{
    struct client client;
    client_open(&client, engine.port);
    const char *head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                       "Content-Length: 17\r\n\r\n";
    cr_assert(client_send(&client, head, strlen(head)));
    while (client.length < 12 && client_read(&client)) {
    }
    cr_assert_eq(strncmp(client.bytes, "HTTP/1.1 100", 12), 0, "%s", client.bytes);
    cr_assert(client_send(&client, "{\"service\":\"web\"}", 17));
    struct reply reply = client_reply(&client, false);
    assert_status(reply, 200);
    reply_free(&reply);
    client_close(&client);
}

Test(events, stay_on_one_connection)
{
    struct client client;
    client_open(&client, engine.port);
    const char *request = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n"
                          "{\"service\":\"web\"}";
    for (int i = 0; i < 3; i++) {
        cr_assert(client_send(&client, request, strlen(request)));
        struct reply reply = client_reply(&client, false);
        assert_status(reply, 200);
        reply_free(&reply);
    }
    client_close(&client);
}

/* Packed bodies */

static size_t pack_gzip(const void *bytes, size_t length, void *packed, size_t size)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = packed;
    stream.avail_out = (uInt)size;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t packed_length = size - stream.avail_out;
    deflateEnd(&stream);
    return packed_length;
}

static struct reply post_packed(const char *coding, const void *packed, size_t length)
{
    char field[64];
    snprintf(field, sizeof(field), "Content-Encoding: %s\r\n", coding);
    return request_with(engine.port, "POST", "/v1/events", field, packed, length);
}

Test(events, come_packed_by_gzip_and_zstd)
{
    char packed[512];
    size_t length = pack_gzip(GOOD_RECORD, strlen(GOOD_RECORD), packed, sizeof(packed));
    struct reply reply = post_packed("gzip", packed, length);
    assert_status(reply, 200);
    assert_holds(reply, "\"accepted\":1");
    reply_free(&reply);
    length = ZSTD_compress(packed, sizeof(packed), GOOD_RECORD, strlen(GOOD_RECORD), 3);
    reply = post_packed("zstd", packed, length);
    assert_status(reply, 200);
    reply_free(&reply);
}

Test(events, a_broken_packing_is_400_and_an_unknown_one_415)
{
    struct reply reply = post_packed("gzip", "not gzip", 8);
    assert_status(reply, 400);
    reply_free(&reply);
    reply = post_packed("br", "x", 1);
    assert_status(reply, 415);
    cr_assert_str_eq(reply_header(&reply, "Accept-Encoding"), "gzip, deflate, zstd");
    reply_free(&reply);
    reply = post_packed("gzip, gzip", "x", 1);
    assert_status(reply, 415);
    reply_free(&reply);
}

Test(events, a_bomb_is_413)
{
    size_t size = 100u << 20;
    char *zeros = calloc(1, size);
    char *packed = malloc(1 << 20);
    size_t length = pack_gzip(zeros, size, packed, 1 << 20);
    struct reply reply = post_packed("gzip", packed, length);
    assert_status(reply, 413);
    reply_free(&reply);
    free(packed);
    free(zeros);
}

/* Too large */

Test(events, a_body_announced_too_large_is_413_before_it_is_read)
{
    struct client client;
    client_open(&client, engine.port);
    const char *head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n";
    cr_assert(client_send(&client, head, strlen(head)));
    struct reply reply = client_reply(&client, false);
    assert_status(reply, 413);
    cr_assert(reply.closed);
    reply_free(&reply);
    cr_assert_not(client_read(&client), "the connection is closed");
    client_close(&client);
}

Test(events, a_sender_that_does_not_wait_hears_the_413_too)
{
    struct client client;
    client_open(&client, engine.port);
    const char *head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n";
    char *body = calloc(1, 20000000);
    cr_assert(client_send(&client, head, strlen(head)));
    cr_assert(client_send(&client, body, 20000000), "nobody resets the connection");
    struct reply reply = client_reply(&client, false);
    assert_status(reply, 413);
    reply_free(&reply);
    client_close(&client);
    free(body);
}

Test(events, chunks_that_grow_too_large_are_413)
{
    struct client client;
    client_open(&client, engine.port);
    const char *head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    cr_assert(client_send(&client, head, strlen(head)));
    static char chunk[65536 + 16];
    int length = snprintf(chunk, sizeof(chunk), "10000\r\n");
    memset(chunk + length, ' ', 65536);
    memcpy(chunk + length + 65536, "\r\n", 2);
    for (int i = 0; i < 300; i++) {
        if (!client_send(&client, chunk, (size_t)length + 65538)) {
            break;
        }
    }
    struct reply reply = client_reply(&client, false);
    assert_status(reply, 413);
    reply_free(&reply);
    client_close(&client);
}

Test(events, a_large_body_of_many_batches_is_taken_whole)
{
    size_t record = strlen(GOOD_RECORD);
    uint32_t count = 100000;
    char *body = malloc(record * count + 1);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(body + i * record, GOOD_RECORD, record + 1);
    }
    expect_post(body, 200, "\"accepted\":100000,");
    free(body);
}

/* Idempotency-Key */

static void expect_keyed(const char *body, int status, const char *held)
{
    struct reply reply = request_with(engine.port, "POST", "/v1/events",
                                      "Idempotency-Key: batch-1\r\n", body, strlen(body));
    assert_status(reply, status);
    assert_holds(reply, held);
    reply_free(&reply);
}

Test(events, a_batch_with_a_key_counts_once)
{
    expect_keyed(GOOD_RECORD, 200, "\"accepted\":1");
    expect_keyed(GOOD_RECORD, 200, "\"accepted\":1");
    cr_assert_eq(committer_position(engine.committer), 1);
    expect_keyed(BAD_RECORD, 422, "another body");
}

Test(events, a_refused_batch_frees_its_key)
{
    expect_keyed("{\"service\":7}", 422, "can be used");
    expect_keyed(GOOD_RECORD, 200, "\"accepted\":1");
}

/* Not now */

Test(events, are_refused_while_draining)
{
    api_drain(engine.api);
    struct reply reply = post(engine.port, "/v1/events", GOOD_RECORD);
    assert_status(reply, 503);
    cr_assert_str_eq(reply_header(&reply, "Retry-After"), "1");
    cr_assert_str_eq(reply_header(&reply, "Content-Type"), "application/problem+json");
    reply_free(&reply);
    reply = get(engine.port, "/readyz");
    assert_status(reply, 503);
    assert_holds(reply, "draining");
    reply_free(&reply);
}

Test(events, are_refused_after_the_commit_thread_has_stopped)
{
    committer_stop(engine.committer);
    while (true) {
        struct reply reply = post(engine.port, "/v1/events", GOOD_RECORD);
        int status = reply.status;
        reply_free(&reply);
        if (status == 503) {
            break; /* what came before the stop was seen is stored */
        }
        cr_assert_eq(status, 200);
    }
    struct reply reply = get(engine.port, "/v1/reports");
    assert_status(reply, 503);
    reply_free(&reply);
}
