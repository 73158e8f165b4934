#include "unit/api/client.h"

#define AGREEMENTS                                                                                 \
    "agreement: shop\n"                                                                            \
    "provider: us\n"                                                                               \
    "services: [web, pay]\n"                                                                       \
    "objectives:\n"                                                                                \
    "  availability: 99%\n"                                                                        \
    "  uptime: {method: uptime, target: 99%}\n"                                                    \
    "---\n"                                                                                        \
    "agreement: mail\n"                                                                            \
    "provider: us\n"                                                                               \
    "services: [mail]\n"                                                                           \
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

TestSuite(incidents, .init = open_engine, .fini = close_engine);

static void expect(const char *method, const char *target, const char *body, int status,
                   const char *held)
{
    struct reply reply = request_with(engine.port, method, target, "", body, strlen(body));
    assert_status(reply, status);
    assert_holds(reply, held);
    reply_free(&reply);
}

Test(incidents, are_opened_acknowledged_and_resolved)
{
    struct reply reply = post(engine.port, "/v1/incidents",
                              "{\n \"id\": \"INC 7\",\n \"service\": [\"web\", \"pay\"],\n"
                              " \"ts\": 1767225600.123456789,\n \"title\": \"down\"\n}\n");
    assert_status(reply, 201);
    cr_assert_str_eq(reply_header(&reply, "Location"), "/v1/incidents/INC%207");
    assert_holds(reply, "{\"kind\":\"incident\",\"id\":\"INC 7\",\"service\":[\"web\",\"pay\"],"
                        "\"customer\":null,\"state\":\"open\",\"nature\":\"actual\","
                        "\"complaint\":false,\"severity\":\"major\",\"title\":\"down\","
                        "\"started_at\":\"2026-01-01T00:00:00.123456789Z\"");
    assert_holds(reply, "\"agreements\":[\"shop\"],\"standing\":null,\"position\":0}");
    reply_free(&reply);
    expect("PATCH", "/v1/incidents/INC%207",
           "{\"state\":\"acknowledged\",\"ts\":\"2026-01-01T00:10:00Z\"}", 200,
           "\"state\":\"acknowledged\"");
    expect("PATCH", "/v1/incidents/INC%207",
           "{\"state\":\"resolved\",\"ts\":\"2026-01-01T01:00:00Z\"}", 200,
           "\"end\":\"2026-01-01T01:00:00Z\"");
    expect("GET", "/v1/incidents/INC%207", "", 200, "\"age_s\":3599,\"promoted\":false");
    expect("GET", "/v1/incidents?state=open", "", 200, "\"incidents\":[],\"next\":null");
}

Test(incidents, the_same_one_again_is_no_new_one)
{
    const char *body = "{\"id\":\"a\",\"service\":\"web\",\"ts\":\"2026-01-01T00:00:00Z\"}";
    expect("POST", "/v1/incidents", body, 201, "\"state\":\"open\"");
    expect("POST", "/v1/incidents", body, 200, "\"state\":\"open\"");
    cr_assert_eq(committer_position(engine.committer), 1);
}

Test(incidents, a_complaint_is_promoted_once)
{
    expect("POST", "/v1/incidents", "{\"id\":\"c\",\"service\":\"web\",\"complaint\":true}", 201,
           "\"nature\":\"potential\",\"complaint\":true");
    expect("PATCH", "/v1/incidents/c", "{\"nature\":\"actual\"}", 200, "\"promoted\":true");
}

Test(incidents, bad_ones_are_refused_with_words)
{
    expect("POST", "/v1/incidents", "{\"id\":", 400, "line 1, column");
    expect("POST", "/v1/incidents", "[]", 400, "one JSON object");
    expect("POST", "/v1/incidents", "{}", 400, "id is missing");
    expect("POST", "/v1/incidents", "{\"id\":7}", 400, "id must be a string");
    expect("POST", "/v1/incidents", "{\"id\":\"a\",\"kind\":\"request\"}", 400, "kind must be");
    expect("POST", "/v1/incidents", "{\"id\":\"a\",\"service\":\"web\",\"severity\":\"bad\"}", 422,
           "\"code\":\"bad_value\"");
    expect("PATCH", "/v1/incidents/none", "{\"state\":\"resolved\"}", 404, "no such incident");
    expect("PATCH", "/v1/incidents/none", "{\"id\":\"other\"}", 400, "the one of the path");
    expect("GET", "/v1/incidents/none", "", 404, "no such incident");
    expect("GET", "/v1/incidents?state=closed", "", 400, "open or all");
    expect("POST", "/v1/incidents",
           "{\"id\":\"far\",\"service\":\"web\",\"ts\":\"2200-01-01T00:00:00Z\"}", 422,
           "not judged");
}

Test(incidents, come_in_pages_newest_first)
{
    for (int i = 0; i < 5; i++) {
        char body[128];
        snprintf(body, sizeof(body), "{\"id\":\"i%d\",\"service\":\"%s\"}", i,
                 i == 2 ? "mail" : "web");
        expect("POST", "/v1/incidents", body, 201, "\"state\":\"open\"");
    }
    expect("GET", "/v1/incidents?limit=2", "", 200, "\"id\":\"i4\"");
    expect("GET", "/v1/incidents?limit=2", "", 200, ",\"next\":\"3\"}");
    expect("GET", "/v1/incidents?limit=2&cursor=3", "", 200, "\"agreements\":[\"mail\"]");
    expect("GET", "/v1/incidents?limit=2&cursor=1", "", 200, "\"id\":\"i0\"");
    expect("GET", "/v1/incidents?limit=2&cursor=1", "", 200, ",\"next\":null}");
}

Test(incidents, are_there_after_a_restart)
{
    expect("POST", "/v1/incidents", "{\"id\":\"a\",\"service\":\"web\"}", 201,
           "\"state\":\"open\"");
    mini_engine_stop(&engine);
    mini_engine_start(&engine);
    expect("GET", "/v1/incidents?state=open", "", 200, "\"id\":\"a\"");
    expect("GET", "/metrics", "", 200,
           "nines_incidents_open{nature=\"actual\",severity=\"major\"} 1\n");
}

/* Alertmanager */

static char *sample(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/samples/%s", NINES_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    char *bytes = calloc(1, 65536);
    cr_assert_gt(fread(bytes, 1, 65535, file), 0);
    fclose(file);
    return bytes;
}

static void hook(const char *name, int status, const char *held)
{
    char *body = sample(name);
    expect("POST", "/v1/hooks/alertmanager", body, status, held);
    free(body);
}

Test(incidents, an_alert_opens_one_and_its_end_closes_it)
{
    hook("alertmanager-webhook-single-1-firing-BODY.json", 200, "\"accepted\":1,");
    expect("GET", "/v1/incidents", "", 200,
           "\"id\":\"f82b43a392a5a34b@2026-11-23T15:03:09.256Z\",\"service\":\"pay\"");
    expect("GET", "/v1/incidents", "", 200,
           "\"severity\":\"critical\",\"title\":\"Service pay is down\"");
    hook("alertmanager-webhook-single-1-firing-BODY.json", 200, "\"duplicates\":1,");
    hook("alertmanager-webhook-single-2-resolved-BODY.json", 200, "\"accepted\":1,");
    expect("GET", "/v1/incidents?state=open", "", 200, "\"incidents\":[]");
    expect("GET", "/v1/incidents", "", 200,
           "\"start\":\"2026-11-23T15:03:09.256Z\",\"end\":\"2026-");
}

Test(incidents, each_alert_of_a_group_has_its_own_state)
{
    hook("alertmanager-webhook-grouped-1-firing-BODY.json", 200, "\"rejected\":0,");
    hook("alertmanager-webhook-grouped-2-firing-BODY.json", 200, "\"rejected\":0,");
    hook("alertmanager-webhook-grouped-3-resolved-BODY.json", 200, "\"rejected\":0,");
    expect("GET", "/v1/incidents?state=open", "", 200, "\"incidents\":[]");
}

Test(incidents, the_end_of_an_unknown_alert_makes_a_closed_one)
{
    hook("alertmanager-webhook-single-2-resolved-BODY.json", 200, "\"accepted\":1,");
    expect("GET", "/v1/incidents", "", 200, "\"state\":\"resolved\"");
    expect("GET", "/v1/incidents", "", 200, "\"start\":\"2026-11-23T15:03:09.256Z\"");
}

Test(incidents, what_is_no_webhook_is_refused)
{
    expect("POST", "/v1/hooks/alertmanager", "nonsense", 400, "line 1");
    expect("POST", "/v1/hooks/alertmanager", "{}", 400, "not an Alertmanager webhook");
    expect("POST", "/v1/hooks/alertmanager", "{\"alerts\":[]}", 200, "\"accepted\":0");
    expect("POST", "/v1/hooks/alertmanager", "{\"alerts\":[{\"status\":\"firing\"}]}", 422,
           "missing_field");
}
