/* Whom a name concerns: by name, by the rules of services, once per agreement. */
#include <criterion/criterion.h>

#include "base/text_buffer.h"
#include "catalog/catalog.h"
#include "evaluate/routing.h"

static const char documents[] = "service: shop\n"
                                "match: {host: [\"*.shop.example\", shop.example]}\n"
                                "---\n"
                                "service: cart\n"
                                "match: {host: \"cart.*\"}\n"
                                "---\n"
                                "agreement: all\nprovider: p\nservices: [cart, shop]\n"
                                "objectives: {o: 99%}\n"
                                "---\n"
                                "agreement: shop-only\nprovider: p\nservices: [shop]\n"
                                "objectives: {o: 99%}\n"
                                "---\n"
                                "agreement: other\nprovider: p\nservices: [other]\n"
                                "objectives: {o: 99%}\n";

struct fixture {
    struct catalog *catalog;
    struct name_table *names;
    struct routing routing;
};

static void set_up(struct fixture *fixture, uint32_t shard, uint32_t shards)
{
    struct text_buffer errors;
    struct text_buffer warnings;
    text_buffer_init(&errors);
    text_buffer_init(&warnings);
    cr_assert_eq(
        catalog_load_text(&fixture->catalog, "test.yaml", text_from(documents), &errors, &warnings),
        STATUS_OK, "%s", errors.bytes);
    text_buffer_fini(&errors);
    text_buffer_fini(&warnings);
    cr_assert_eq(name_table_open(&fixture->names, 64, 1), STATUS_OK);
    cr_assert_eq(routing_init(&fixture->routing, catalog_set(fixture->catalog), fixture->names,
                              shard, shards),
                 STATUS_OK);
}

static void tear_down(struct fixture *fixture)
{
    routing_fini(&fixture->routing);
    name_table_close(fixture->names);
    catalog_free(fixture->catalog);
}

/* "agreement/service ..." in order; "-" before it when no document names the service. */
static void expect_route(struct fixture *fixture, const char *name, const char *expected)
{
    uint32_t number;
    cr_assert_eq(name_add(fixture->names, text_from(name), &number), STATUS_OK);
    struct routing *routing = &fixture->routing;
    const struct route route = *routing_of(routing, number);
    struct text_buffer told;
    text_buffer_init(&told);
    text_buffer_string(&told, route.service == 0 ? "-" : "");
    for (uint32_t i = 0; i < route.count; i++) {
        const struct target *target = &routing->targets[route.first + i];
        const struct agreement *agreement = routing->agreements[target->resident];
        text_buffer_format(&told, "%s%s/%s", i == 0 ? "" : " ", agreement->name,
                           agreement->services[target->service]);
    }
    text_buffer_char(&told, '\0');
    cr_expect_str_eq(told.bytes, expected, "%s", name);
    text_buffer_fini(&told);
}

Test(routing, a_name_concerns_the_agreements_that_name_its_service)
{
    struct fixture fixture;
    set_up(&fixture, 0, 1);
    expect_route(&fixture, "shop", "all/shop shop-only/shop");
    expect_route(&fixture, "cart", "all/cart");
    expect_route(&fixture, "other", "other/other");
    expect_route(&fixture, "nobody", "-");
    tear_down(&fixture);
}

Test(routing, rules_give_a_host_to_its_service)
{
    struct fixture fixture;
    set_up(&fixture, 0, 1);
    expect_route(&fixture, "shop.example", "all/shop shop-only/shop");
    expect_route(&fixture, "www.shop.example", "all/shop shop-only/shop");
    expect_route(&fixture, "shop.example.org", "-");
    tear_down(&fixture);
}

/* A host that two services claim counts once in an agreement about both: for the first it names. */
Test(routing, once_per_agreement)
{
    struct fixture fixture;
    set_up(&fixture, 0, 1);
    expect_route(&fixture, "cart.shop.example", "all/cart shop-only/shop");
    tear_down(&fixture);
}

Test(routing, a_shard_knows_only_its_own_agreements)
{
    struct fixture fixture;
    set_up(&fixture, 1, 2);
    expect_route(&fixture, "shop", "shop-only/shop");
    expect_route(&fixture, "other", ""); /* named by a document, judged elsewhere */
    tear_down(&fixture);
}
