#include <jansson.h>

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

/* What the items of all pages add up to; checks that all pages tell of one figure. */
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
            total += number(json_object_get(json_array_get(items, i), "count"));
            (*items_out)++;
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
