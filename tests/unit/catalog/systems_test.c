/* Components and requirements: what is refused, where, and the order of the set. */
#include "unit/catalog/load.h"

Test(catalog_systems, refusals_have_places)
{
    static const struct bad_row rows[] = {
        {"service: s\nrequires: {all: [db]}\n", "2:18", "no document defines the component `db`"},
        {"component: c\nrequires: [d, e]\n", "2:12", "no document defines the component `d`", 2},
        {"component: c\nrequires: [c]\n", "2:12", "break the circle"},
        {"component: c\nrequires: [d]\n---\ncomponent: d\nrequires: {any: [c]}\n", "5:18",
         "`d` requires `c`, which requires it"},
        {"component: c\n---\nservice: s\nrequires: {any: [c, c]}\n", "4:21", "listed twice"},
        {"component: c\n---\nservice: s\nrequires: {at_least: 2, of: [c]}\n", "4:22",
         "`at_least` must be 1 to 1"},
        {"component: c\n---\nservice: s\nrequires: {at_least: 0, of: [c]}\n", "4:22",
         "`at_least` must be 1 to 1"},
        {"service: s\nrequires: {at_least: 1}\n", "2:1", "`of` is missing"},
        {"service: s\nrequires: {all: [], any: []}\n", "2:11", "is one of `all`, `any`"},
        {"service: s\nrequires: {}\n", "2:11", "is one of `all`, `any`"},
        {"service: s\nrequires: {every: [c]}\n", "2:12", "unknown key `every`"},
        {"service: s\nrequires: []\n", "2:11", "a list of 1 to 256"},
        {"component: c\nfrom: 2026-02-01\nto: 2026-01-01\n", "3:5", "`to`"},
        {"service: s\nexpect: 1m\n", "2:9", "`expect` must be a mapping"},
        {"service: s\nexpect: {stale_after: 5m}\n", "2:1", "`every` is missing"},
        {"service: s\nexpect: {every: 0s}\n", "2:17", "at least 1s"},
        {"service: s\nexpect: {every: 1m, stale_aftr: 5m}\n", "2:21",
         "did you mean `stale_after`?"},
        {"service: s\nexpect: {every: 4000d}\n", "2:17", "longer than 3660d"},
        {"component: c\nowner: []\n", "2:8", "not a list"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_systems, states_hold_five_times_as_long_as_is_expected)
{
    struct loaded loaded = load_good("service: s\nexpect: {every: 1m}\n---\n"
                                     "service: t\nexpect: {every: 1m, stale_after: 90s}\n");
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_expect_eq(set->services[0].every_ns, 60 * NS_PER_SECOND);
    cr_expect_eq(set->services[0].stale_after_ns, 300 * NS_PER_SECOND);
    cr_expect_eq(set->services[1].stale_after_ns, 90 * NS_PER_SECOND);
    unload(&loaded);
}

/* Documents may come in any order; in the set each stands behind those that it requires. */
Test(catalog_systems, required_ones_come_first)
{
    struct loaded loaded = load_good("service: s\nrequires: [top, {any: [left, right]}]\n---\n"
                                     "component: top\nrequires: [left, right]\n---\n"
                                     "component: left\nrequires: [root]\nowner: customer\n---\n"
                                     "component: right\nrequires: [root]\nfrom: 1970-01-02\n---\n"
                                     "component: root\n");
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_str_eq(loaded.warnings.bytes, "");
    cr_assert_eq(set->component_count, 4);
    for (uint32_t i = 0; i < set->component_count; i++) {
        const struct requirement *requires = set->components[i].requires;
        for (uint32_t j = 0; requires != NULL && j < requires->part_count; j++) {
            cr_expect_lt(requires->parts[j].component, i);
        }
    }
    cr_expect_str_eq(set->components[0].name, "root");
    cr_expect_str_eq(set->components[3].name, "top");
    const struct requirement *requires = set->services[0].requires;
    cr_assert_eq(requires->kind, REQUIRE_ALL);
    cr_expect_eq(requires->parts[0].component, 3);
    cr_expect_eq(requires->parts[1].kind, REQUIRE_AT_LEAST);
    cr_expect_eq(requires->parts[1].at_least, 1);
    uint32_t right = requires->parts[1].parts[1].component;
    cr_expect_eq(set->components[right].validity.start_ns, NS_PER_DAY);
    unload(&loaded);
}
