#include "unit/api/client.h"

#define AGREEMENTS                                                                                 \
    "agreement: shop\n"                                                                            \
    "provider: us\n"                                                                               \
    "services: [web]\n"                                                                            \
    "objectives:\n"                                                                                \
    "  availability: 99%\n"                                                                        \
    "  uptime: {method: uptime, target: 99%}\n"                                                    \
    "---\n"                                                                                        \
    "agreement: acme\n"                                                                            \
    "provider: us\n"                                                                               \
    "customer: acme\n"                                                                             \
    "services: [web]\n"                                                                            \
    "objectives:\n"                                                                                \
    "  availability: 99%\n"

static struct mini_engine engine;

static void open_engine(void)
{
    struct mini_settings settings = {.agreements = AGREEMENTS};
    mini_engine_open(&engine, &settings);
}

static void close_engine(void)
{
    mini_engine_close(&engine);
}

TestSuite(reading, .init = open_engine, .fini = close_engine);

static void expect(const char *target, int status, const char *held)
{
    struct reply reply = get(engine.port, target);
    assert_status(reply, status);
    assert_holds(reply, held);
    reply_free(&reply);
}

static void post_three(void)
{
    struct reply reply = post(engine.port, "/v1/events",
                              "{\"service\":\"web\",\"status\":200,\"customer\":\"acme\"}\n"
                              "{\"service\":\"web\",\"status\":200}\n"
                              "{\"service\":\"web\",\"status\":500}\n"
                              "{\"service\":\"nobody\"}\n"
                              "{\"service\":7}\n");
    assert_status(reply, 200);
    reply_free(&reply);
}

Test(reading, a_report_holds_what_was_posted_before)
{
    post_three();
    expect("/v1/reports?agreement=shop&objective=availability", 200,
           "\"counts\":{\"good\":2,\"bad\":1,");
    expect("/v1/reports?agreement=acme", 200, "\"counts\":{\"good\":1,\"bad\":0,");
    expect("/v1/reports", 200, "{\"position\":4,\"reports\":[");
}

Test(reading, a_report_survives_a_restart)
{
    post_three();
    mini_engine_stop(&engine);
    mini_engine_start(&engine);
    expect("/v1/reports?agreement=shop&objective=availability", 200,
           "\"counts\":{\"good\":2,\"bad\":1,");
    expect("/v1/status", 200,
           "\"conservation\":{\"received\":5,\"stored\":4,\"duplicate\":0,\"rejected\":{"
           "\"bad_type\":1},\"shed\":{},\"in_flight\":0}");
}

Test(reading, another_instant_is_judged_from_the_log)
{
    struct reply reply =
        post(engine.port, "/v1/events",
             "{\"service\":\"web\",\"ts\":\"2026-03-10T12:00:00Z\"}\n"
             "{\"service\":\"web\",\"ts\":\"2026-03-20T12:00:00Z\",\"status\":500}\n");
    assert_status(reply, 200);
    reply_free(&reply);
    expect("/v1/reports?agreement=shop&objective=availability&at=2026-03-11T00:00:00Z", 200,
           "\"counts\":{\"good\":1,\"bad\":0,");
    expect("/v1/reports?agreement=shop&objective=availability&period=2026-03", 200,
           "\"counts\":{\"good\":1,\"bad\":1,");
    expect("/v1/reports?agreement=shop&objective=availability&from=2026-03-15&to=2026-03-21", 200,
           "\"counts\":{\"good\":0,\"bad\":1,");
    expect("/v1/reports?objective=availability&at=2026-03-11T01:00:00+01:00", 200,
           "\"position\":2");
}

Test(reading, bad_questions_are_400_and_say_why)
{
    expect("/v1/reports?at=yesterday", 400, "at is not a time");
    expect("/v1/reports?period=2026-13", 400, "period is not a period");
    expect("/v1/reports?from=2026-02-01&to=2026-01-01", 400, "end must be greater than start");
    expect("/v1/reports?from=2026-02-01", 400, "from and to go together");
    expect("/v1/reports?at=2026-01-01&period=2026", 400, "exclude each other");
    expect("/v1/reports?at=2200-01-01", 400, "future");
    expect("/v1/reports?format=xml", 400, "format must be");
    expect("/v1/reports?colour=red", 400, "no such parameter: colour");
    expect("/v1/reports?at=1&at=1", 400, "twice");
}

Test(reading, unknown_names_are_404)
{
    expect("/v1/reports?agreement=nobody", 404, "no such agreement");
    expect("/v1/reports?agreement=shop&objective=none", 404, "no such objective");
    expect("/v1/nothing", 404, "no such path");
    expect("/v1/events/", 404, "no such path");
    expect("/v1/../v1/status", 404, "no such path");
}

Test(reading, csv_has_a_line_per_objective)
{
    post_three();
    struct reply reply = get(engine.port, "/v1/reports?format=csv");
    assert_status(reply, 200);
    cr_assert_str_eq(reply_header(&reply, "Content-Type"), "text/csv; charset=utf-8");
    assert_holds(reply, "\r\n\"shop\",\"\",1,\"availability\",occurrences,99,");
    assert_holds(reply, ",requests,2,1,66.666667,");
    reply_free(&reply);
}

Test(reading, status_adds_up)
{
    post_three();
    expect("/v1/status", 200, "{\"positions\":{\"received\":4,\"durable\":4,\"evaluated\":4}");
    expect("/v1/status", 200,
           "\"conservation\":{\"received\":5,\"stored\":4,\"duplicate\":0,\"rejected\":{"
           "\"bad_type\":1},\"shed\":{},\"in_flight\":0}");
    expect("/v1/status", 200, "\"unmatched\":1,");
}

Test(reading, head_has_the_head_of_get)
{
    struct client client;
    client_open(&client, engine.port);
    static const char *const targets[] = {"/v1/reports", "/v1/status", "/metrics",
                                          "/healthz",    "/readyz",    "/v1/none"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char request[128];
        snprintf(request, sizeof(request), "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n", targets[i]);
        cr_assert(client_send(&client, request, strlen(request)));
        struct reply reply = client_reply(&client, true);
        assert_status(reply, i < 5 ? 200 : 404);
        reply_free(&reply);
    }
    client_close(&client);
}

Test(reading, health_and_readiness)
{
    expect("/healthz", 200, "ok\n");
    expect("/readyz", 200, "ok\n");
    atomic_store(&engine.not_ready, "the disk is full");
    expect("/readyz", 503, "not ready: the disk is full\n");
}

Test(reading, metrics_show_the_figures)
{
    post_three();
    expect("/v1/status", 200,
           "\"evaluated\":4"); /* a question through the workers: all is published */
    expect("/metrics", 200,
           "nines_events_total{agreement=\"shop\",objective=\"availability\",class=\"good\"} 2\n");
    expect("/metrics", 200, "nines_position{stage=\"evaluated\"} 4\n");
    expect("/metrics", 200, "nines_dead_letters_total{reason=\"bad_type\"} 1\n");
    expect("/metrics", 200, "nines_requests_total{service=\"web\",class=\"bad\"} 1\n");
    expect("/metrics", 200, "nines_build_info{version=\"0.0.0-test\",revision=\"\"} 1\n");
}

Test(reading, metrics_come_as_openmetrics_when_asked)
{
    struct reply reply = request_with(
        engine.port, "GET", "/metrics",
        "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n", "", 0);
    assert_status(reply, 200);
    cr_assert_str_eq(reply_header(&reply, "Content-Type"),
                     "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_holds(reply, "# TYPE nines_events counter\n");
    assert_holds(reply, "# TYPE nines_build info\n");
    cr_assert_str_eq(reply.body + reply.length - 6, "# EOF\n");
    reply_free(&reply);
}

/* promtool comes with Debian's prometheus; without it there is nothing to ask. */
Test(reading, promtool_finds_nothing_to_say)
{
    if (system("command -v promtool >/dev/null 2>&1") != 0) {
        cr_skip_test("promtool is not installed");
    }
    post_three();
    struct reply reply = get(engine.port, "/metrics");
    assert_status(reply, 200);
    FILE *promtool = popen("promtool check metrics 2>&1", "w");
    cr_assert_not_null(promtool);
    fwrite(reply.body, 1, reply.length, promtool);
    cr_assert_eq(pclose(promtool), 0);
    reply_free(&reply);
}
