#include <jansson.h>

#include "base/clock.h"
#include "domain/civil.h"
#include "unit/api/client.h"

#define AGREEMENTS                                                                                 \
    "agreement: shop\n"                                                                            \
    "provider: us\n"                                                                               \
    "services: [web]\n"                                                                            \
    "objectives:\n"                                                                                \
    "  availability: 99%\n"                                                                        \
    "  slices: {method: timeslices, slice: 1m, slice_target: 95%, target: 99%}\n"                  \
    "  uptime: {method: uptime, target: 99%}\n"

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

TestSuite(evidence, .init = open_engine, .fini = close_engine);

static json_t *fetch(const char *target)
{
    struct reply reply = get(engine.port, target);
    assert_status(reply, 200);
    json_error_t error;
    json_t *root = json_loads(reply.body, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(root, "%s in %s", error.text, reply.body);
    reply_free(&reply);
    return root;
}

static json_int_t number(const json_t *value)
{
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10)
                                 : json_integer_value(value);
}

/* What the items of all pages add up to, and how many of them are bad; checks that all pages tell of one figure. */
static json_int_t add_up(const char *path, json_int_t *figure_out, size_t *items_out)
{
    char target[512];
    json_int_t total = 0;
    *items_out = 0;
    snprintf(target, sizeof(target), "%s", path);
    for (int page = 0; page < 1000; page++) {
        json_t *root = fetch(target);
        json_int_t bad = number(json_object_get(json_object_get(root, "figure"), "bad"));
        cr_assert(page == 0 || bad == *figure_out, "the figure moved between pages");
        *figure_out = bad;
        json_t *items = json_object_get(root, "items");
        for (size_t i = 0; i < json_array_size(items); i++) {
            json_t *item = json_array_get(items, i);
            const char *sum = json_string_value(json_object_get(item, "counts_as"));
            total += number(json_object_get(item, "count"));
            *items_out += strcmp(sum, "bad") == 0 ? 1 : 0;
        }
        const char *next = json_string_value(json_object_get(root, "next"));
        if (next == NULL) {
            json_decref(root);
            return total;
        }
        snprintf(target, sizeof(target), "%s%scursor=%s", path, strchr(path, '?') ? "&" : "?",
                 next);
        json_decref(root);
    }
    cr_assert_fail("pages without end");
    return 0;
}

static void post_history(void)
{
    struct post_result result = mini_engine_post(
        &engine, "{\"service\":\"web\",\"status\":500,\"ts\":\"2026-03-01T00:00:00Z\"}\n"
                 "{\"service\":\"web\",\"status\":200,\"ts\":\"2026-03-01T00:00:00.1Z\"}\n"
                 "{\"service\":\"web\",\"status\":500,\"ts\":\"2026-03-01T00:00:00.5Z\"}\n"
                 "{\"service\":\"web\",\"status\":503,\"ts\":\"2026-03-01T00:00:00.6Z\"}\n"
                 "{\"service\":\"web\",\"status\":503,\"ts\":\"2026-03-01T00:00:02Z\"}\n"
                 "{\"service\":\"web\",\"good\":3,\"total\":10,\"ts\":\"2026-03-01T00:05:00Z\"}\n"
                 "{\"service\":\"web\",\"outcome\":\"bad\",\"ts\":\"2026-03-02T00:00:00Z\"}\n"
                 "{\"service\":\"web\",\"outcome\":\"excluded\",\"ts\":\"2026-03-02T00:00:01Z\"}\n"
                 "{\"service\":\"other\",\"status\":500,\"ts\":\"2026-03-02T00:00:02Z\"}\n");
    cr_assert_eq(result.accepted, 9);
}

Test(evidence, bad_requests_in_runs_add_up_to_the_figure)
{
    post_history();
    json_int_t bad;
    size_t items;
    json_int_t total =
        add_up("/v1/reports/shop/availability/evidence?at=2026-03-03T00:00:00Z", &bad, &items);
    cr_assert_eq(bad, 12);
    cr_assert_eq(total, bad);
    cr_assert_eq(items, 5);
}

Test(evidence, pages_tell_of_one_figure)
{
    post_history();
    json_int_t bad;
    size_t items;
    json_int_t total = add_up(
        "/v1/reports/shop/availability/evidence?at=2026-03-03T00:00:00Z&limit=2", &bad, &items);
    cr_assert_eq(total, bad);
    cr_assert_eq(items, 5);
}

Test(evidence, runs_say_what_went_wrong)
{
    post_history();
    json_t *root = fetch("/v1/reports/shop/availability/evidence?period=2026-03");
    json_t *first = json_array_get(json_object_get(root, "items"), 0);
    cr_assert_eq(number(json_object_get(first, "position")), 0);
    cr_assert_eq(number(json_object_get(first, "count")), 2);
    cr_assert_eq(number(json_object_get(first, "status")), 500);
    cr_assert_str_eq(json_string_value(json_object_get(first, "reason")), "status 500");
    cr_assert_str_eq(json_string_value(json_object_get(first, "start")), "2026-03-01T00:00:00Z");
    cr_assert_str_eq(json_string_value(json_object_get(first, "end")), "2026-03-01T00:00:00.500Z");
    json_decref(root);
}

Test(evidence, of_slices_is_that_of_their_requests)
{
    post_history();
    json_int_t bad;
    size_t items;
    json_int_t total =
        add_up("/v1/reports/shop/slices/evidence?at=2026-03-03T00:00:00Z", &bad, &items);
    cr_assert_eq(bad, 12);
    cr_assert_eq(total, bad);
}

Test(evidence, maintenance_is_no_evidence)
{
    post_history();
    mini_engine_post(&engine,
                     "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"web\","
                     "\"start\":\"2026-03-01T00:00:00Z\",\"end\":\"2026-03-01T00:00:01Z\"}");
    json_int_t bad;
    size_t items;
    json_int_t total =
        add_up("/v1/reports/shop/availability/evidence?at=2026-03-03T00:00:00Z", &bad, &items);
    cr_assert_eq(bad, 9);
    cr_assert_eq(total, bad);
}

Test(evidence, incidents_and_states_add_up_to_bad_time)
{
    mini_engine_post(
        &engine,
        "{\"kind\":\"incident\",\"id\":\"a\",\"service\":\"web\",\"ts\":\"2026-03-01T00:00:00Z\"}\n"
        "{\"kind\":\"incident\",\"id\":\"b\",\"service\":\"web\",\"ts\":\"2026-03-01T00:30:00Z\"}\n"
        "{\"kind\":\"incident\",\"id\":\"a\",\"service\":\"web\",\"state\":\"resolved\","
        "\"ts\":\"2026-03-01T01:00:00Z\"}\n"
        "{\"kind\":\"incident\",\"id\":\"b\",\"service\":\"web\",\"state\":\"resolved\","
        "\"ts\":\"2026-03-01T01:15:00Z\"}\n"
        "{\"kind\":\"incident\",\"id\":\"small\",\"service\":\"web\",\"severity\":\"info\","
        "\"ts\":\"2026-03-01T05:00:00Z\"}\n"
        "{\"kind\":\"state\",\"service\":\"web\",\"state\":\"down\",\"ts\":\"2026-03-01T01:10:"
        "00Z\"}\n"
        "{\"kind\":\"state\",\"service\":\"web\",\"state\":\"up\",\"ts\":\"2026-03-01T01:20:00Z\"}"
        "\n"
        "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"web\","
        "\"start\":\"2026-03-01T00:10:00Z\",\"end\":\"2026-03-01T00:20:00Z\"}\n");
    json_int_t bad;
    size_t items;
    json_int_t total =
        add_up("/v1/reports/shop/uptime/evidence?at=2026-03-03T00:00:00Z&limit=1", &bad, &items);
    cr_assert_eq(bad, 70 * INT64_C(60000000000), "from 00:00 to 01:20 without 10 minutes");
    cr_assert_eq(total, bad);
    cr_assert_eq(items, 3);
}

/* Sums of all items of one page under a key. */
static json_int_t sum_of(json_t *root, const char *key)
{
    json_int_t total = 0;
    json_t *items = json_object_get(root, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *value = json_object_get(json_array_get(items, i), key);
        total += value == NULL ? 0 : number(value);
    }
    return total;
}

static json_int_t figure_of(json_t *root, const char *key)
{
    return number(json_object_get(json_object_get(root, "figure"), key));
}

/* The first item of the type; NULL. */
static json_t *item_of(json_t *root, const char *type)
{
    json_t *items = json_object_get(root, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        if (strcmp(json_string_value(json_object_get(item, "type")), type) == 0) {
            return item;
        }
    }
    return NULL;
}

static const char *string_of(json_t *item, const char *key)
{
    const char *string = json_string_value(json_object_get(item, key));
    cr_assert_not_null(string, "no %s", key);
    return string;
}

Test(evidence, excluded_and_unknown_time_is_told_with_its_reasons)
{
    mini_engine_post(
        &engine,
        "{\"kind\":\"incident\",\"id\":\"a\",\"service\":\"web\",\"title\":\"disk\","
        "\"ts\":\"2026-03-01T00:00:00Z\"}\n"
        "{\"kind\":\"incident\",\"id\":\"a\",\"service\":\"web\",\"state\":\"resolved\","
        "\"ts\":\"2026-03-01T01:00:00Z\"}\n"
        "{\"kind\":\"exclusion\",\"id\":\"x\",\"service\":\"web\",\"state\":\"approved\","
        "\"start\":\"2026-03-01T00:30:00Z\",\"end\":\"2026-03-01T02:00:00Z\","
        "\"reason\":\"power cut\",\"author\":\"ann\"}\n"
        "{\"kind\":\"maintenance\",\"id\":\"m\",\"service\":\"web\",\"reason\":\"new disk\","
        "\"start\":\"2026-03-01T01:30:00Z\",\"end\":\"2026-03-01T03:00:00Z\"}\n"
        "{\"kind\":\"state\",\"service\":\"web\",\"state\":\"unknown\",\"previous\":\"up\","
        "\"ts\":\"2026-03-01T04:00:00Z\"}\n"
        "{\"kind\":\"state\",\"service\":\"web\",\"state\":\"up\",\"ts\":\"2026-03-01T05:00:00Z\"}"
        "\n");
    json_t *root = fetch("/v1/reports/shop/uptime/evidence?at=2026-03-03T00:00:00Z");
    cr_assert_eq(figure_of(root, "bad"), 30 * INT64_C(60000000000));
    cr_assert_eq(figure_of(root, "excluded"), 150 * INT64_C(60000000000));
    cr_assert_eq(figure_of(root, "unknown"), 60 * INT64_C(60000000000));
    cr_assert_eq(sum_of(root, "count"), figure_of(root, "bad"));
    cr_assert_eq(sum_of(root, "excluded"), figure_of(root, "excluded"));
    cr_assert_eq(sum_of(root, "unknown"), figure_of(root, "unknown"));
    json_t *incident = item_of(root, "incident");
    cr_assert_str_eq(string_of(incident, "reason"), "disk");
    cr_assert_str_eq(string_of(incident, "end"), "2026-03-01T01:00:00Z", "as it was");
    json_t *exclusion = item_of(root, "exclusion");
    cr_assert_str_eq(string_of(exclusion, "reason"), "power cut");
    cr_assert_str_eq(string_of(exclusion, "author"), "ann");
    cr_assert_eq(number(json_object_get(exclusion, "excluded")), 60 * INT64_C(60000000000),
                 "what is maintenance already counts there");
    json_t *maintenance = item_of(root, "maintenance");
    cr_assert_str_eq(string_of(maintenance, "id"), "m");
    cr_assert_str_eq(string_of(maintenance, "reason"), "new disk");
    cr_assert_eq(number(json_object_get(item_of(root, "state"), "position")), 4);
    json_decref(root);
}

Test(evidence, corrected_and_excluded_requests_tell_why)
{
    mini_engine_post(
        &engine,
        "{\"service\":\"web\",\"status\":200,\"id\":\"r1\",\"ts\":\"2026-03-01T00:00:00Z\"}\n"
        "{\"service\":\"web\",\"status\":500,\"ts\":\"2026-03-01T00:10:00Z\"}\n"
        "{\"service\":\"web\",\"status\":500,\"scope\":\"out\",\"ts\":\"2026-03-01T00:20:00Z\"}\n"
        "{\"kind\":\"outcome\",\"of\":\"r1\",\"outcome\":\"bad\",\"reason\":\"empty page\","
        "\"ts\":\"2026-03-01T01:00:00Z\"}\n"
        "{\"kind\":\"exclusion\",\"id\":\"x\",\"service\":\"web\",\"state\":\"approved\","
        "\"start\":\"2026-03-01T00:10:00Z\",\"end\":\"2026-03-01T00:11:00Z\","
        "\"reason\":\"load test\",\"author\":\"ann\"}\n");
    json_t *root = fetch("/v1/reports/shop/availability/evidence?at=2026-03-03T00:00:00Z");
    json_t *items = json_object_get(root, "items");
    cr_assert_eq(json_array_size(items), 3);
    json_t *corrected = json_array_get(items, 0);
    cr_assert_str_eq(string_of(corrected, "reason"), "empty page");
    cr_assert_str_eq(string_of(corrected, "corrected_to"), "bad");
    cr_assert_eq(number(json_object_get(corrected, "corrected_at")), 3);
    json_t *excluded = json_array_get(items, 1);
    cr_assert_str_eq(string_of(excluded, "excluded_by"), "exclusion");
    cr_assert_str_eq(string_of(excluded, "id"), "x");
    cr_assert_str_eq(string_of(excluded, "reason"), "load test");
    cr_assert_str_eq(string_of(json_array_get(items, 2), "counts_as"), "out_of_scope");
    cr_assert_eq(sum_of(root, "excluded"), figure_of(root, "excluded"));
    cr_assert_eq(sum_of(root, "out_of_scope"), figure_of(root, "out_of_scope"));
    json_decref(root);
}

Test(evidence, bad_slices_are_told_with_their_requests)
{
    post_history();
    json_t *root = fetch("/v1/reports/shop/slices/evidence?at=2026-03-03T00:00:00Z");
    cr_assert_eq(sum_of(root, "slices"), 3);
    json_t *slices = json_object_get(json_object_get(root, "figure"), "slices");
    cr_assert_eq(number(json_object_get(slices, "bad")), 3);
    json_t *slice = item_of(root, "slice");
    cr_assert_eq(number(json_object_get(slice, "position")), 0);
    cr_assert_str_eq(string_of(slice, "start"), "2026-03-01T00:00:00Z");
    cr_assert_eq(number(json_object_get(json_object_get(slice, "requests"), "bad")), 4);
    json_decref(root);
}

Test(evidence, pages_of_a_running_period_tell_of_one_figure)
{
    char line[256];
    char path[128];
    int64_t now_ns = clock_realtime_ns(clock_system());
    char text[CIVIL_TEXT_SIZE];
    civil_format(now_ns - NS_PER_SECOND, text);
    snprintf(line, sizeof(line),
             "{\"kind\":\"incident\",\"id\":\"i1\",\"service\":\"web\",\"ts\":\"%s\"}\n"
             "{\"kind\":\"incident\",\"id\":\"i2\",\"service\":\"web\",\"ts\":\"%s\"}\n",
             text, text);
    mini_engine_post(&engine, line);
    snprintf(path, sizeof(path), "/v1/reports/shop/uptime/evidence?period=%.4s&limit=1", text);
    json_int_t bad;
    size_t items;
    json_int_t total = add_up(path, &bad, &items); /* the incidents are open: time moves on */
    cr_assert_gt(bad, 0);
    cr_assert_eq(total, bad);
}

Test(evidence, bad_questions)
{
    static const struct {
        const char *target;
        int status;
    } rows[] = {
        {"/v1/reports/none/availability/evidence", 404},
        {"/v1/reports/shop/none/evidence", 404},
        {"/v1/reports/shop/availability/evidence?cursor=x", 400},
        {"/v1/reports/shop/availability/evidence?cursor=1-2", 400},
        {"/v1/reports/shop/availability/evidence?limit=5000", 400},
        {"/v1/reports/shop/availability/evidence?period=soon", 400},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reply reply = get(engine.port, rows[i].target);
        assert_status(reply, rows[i].status);
        reply_free(&reply);
    }
}

/* The rest of what there is to read */

Test(evidence, agreements_services_and_dead_letters_are_listed)
{
    mini_engine_post(&engine, "{\"service\":\"web\"}\n{\"service\":7}\n");
    json_t *root = fetch("/v1/agreements");
    json_t *shop = json_array_get(json_object_get(root, "agreements"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(shop, "agreement")), "shop");
    cr_assert_eq(json_array_size(json_object_get(shop, "objectives")), 3);
    json_decref(root);
    root = fetch("/v1/agreements/shop");
    cr_assert_not_null(
        strstr(json_string_value(json_object_get(root, "document")), "slice_target"));
    cr_assert_gt(json_string_length(json_object_get(root, "meaning")), 10);
    json_decref(root);
    root = fetch("/v1/services");
    json_t *web = json_array_get(json_object_get(root, "services"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(web, "service")), "web");
    cr_assert_eq(number(json_object_get(web, "good")), 1);
    json_decref(root);
    root = fetch("/v1/dead-letters");
    json_t *letter = json_array_get(json_object_get(root, "dead_letters"), 0);
    cr_assert_str_eq(json_string_value(json_object_get(letter, "reason")), "bad_type");
    json_decref(root);
    struct reply reply = get(engine.port, "/v1/agreements/none");
    assert_status(reply, 404);
    reply_free(&reply);
}

Test(evidence, the_index_and_openapi_name_every_path)
{
    json_t *index = fetch("/");
    json_t *paths = fetch("/openapi.json");
    json_t *endpoints = json_object_get(index, "endpoints");
    for (size_t i = 0; i < json_array_size(endpoints); i++) {
        const char *path = json_string_value(json_object_get(json_array_get(endpoints, i), "path"));
        cr_assert_not_null(json_object_get(json_object_get(paths, "paths"), path), "%s", path);
    }
    cr_assert_gt(json_array_size(endpoints), 15);
    json_decref(index);
    json_decref(paths);
}

/* `old` is gone since 2026. */
static void open_versions(void)
{
    struct mini_settings settings = {
        .agreements = "agreement: shop\nprovider: us\nservices: [web]\n"
                      "objectives: {old: 99%, both: 99%}\n"
                      "---\n"
                      "agreement: shop\nprovider: us\nservices: [web]\n"
                      "objectives: {both: 99%}\neffective: 2026-01-01T00:00:00Z\n"};
    mini_engine_open(&engine, &settings);
}

static void expect_status(const char *target, int status)
{
    struct reply reply = get(engine.port, target);
    assert_status(reply, status);
    reply_free(&reply);
}

Test(evidence, what_an_earlier_version_promised_is_told_of_its_time, .init = open_versions)
{
    expect_status("/v1/reports/shop/old/evidence?at=2025-12-31T00:00:00Z", 200);
    expect_status("/v1/reports/shop/old/evidence?at=2026-01-02T00:00:00Z", 404);
    expect_status("/v1/reports/shop/old/evidence", 404);
    expect_status("/v1/reports/shop/both/evidence", 200);
    expect_status("/v1/reports?objective=old&at=2025-12-31T00:00:00Z", 200);
    expect_status("/v1/reports?objective=old", 404);
}
