/* What documents mean: from text to the structs of domain/. */
#include "unit/catalog/load.h"

static const char contract[] =
    "service: checkout\n"
    "match: {host: checkout.shop.example}\n"
    "---\n"
    "agreement: acme-checkout\n"
    "type: SLA\n"
    "provider: shop-platform\n"
    "customer: acme\n"
    "services: [checkout]\n"
    "term: {from: 2026-01-01, to: 2027-01-01}\n"
    "zone: UTC\n"
    "hours: always\n"
    "over: 30d\n"
    "objectives:\n"
    "  availability: 99.9%\n"
    "  fast: 99% < 300ms\n"
    "  minutes: {method: timeslices, slice: 1m, slice_target: 95%, target: 99.5%}\n"
    "  uptime: {method: uptime, target: 99.9%, over: term, severity: major}\n"
    "maintenance: {policy: counts_as_good}\n"
    "project: payments\n"
    "supports: []\n"
    "---\n"
    "maintenance: m-2026-07\n"
    "services: [checkout]\n"
    "start: 2026-07-04T02:00:00Z\n"
    "end: 2026-07-04T03:00:00+00:00\n"
    "reason: new disks\n"
    "author: ada\n";

Test(catalog_accepted, one_agreement_for_each_customer)
{
    struct loaded loaded = load_good("agreement: a\nprovider: p\nservices: [s]\ncustomer: each\n"
                                     "objectives:\n  o: 99\n");
    const struct agreement *agreement = &catalog_set(loaded.catalog)->agreements[0];
    cr_expect(agreement->each_customer);
    cr_expect_null(agreement->customer, "it is no customer's name");
    unload(&loaded);
}

Test(catalog_accepted, versions_of_one_agreement)
{
    struct loaded loaded = load_good(
        AGREEMENT("  o: {target: 99, over: week}\n") "effective: 2026-07-01\n---\n" AGREEMENT(
            "  o: {target: 98, over: month}\n  p: 97\n"));
    const struct agreement_set *set = catalog_set(loaded.catalog);
    const int64_t july = INT64_C(1782864000) * NS_PER_SECOND;
    cr_assert_eq(set->agreement_count, 1, "one name, one agreement");
    const struct agreement *last = &set->agreements[0];
    cr_expect_eq(last->version, 2);
    cr_expect_eq(last->in_force.start_ns, july);
    cr_expect_eq(last->in_force.end_ns, INT64_MAX);
    cr_assert_eq(last->earlier_count, 1);
    const struct agreement *earlier = &last->earlier[0];
    cr_expect_eq(earlier->version, 1);
    cr_expect_eq(earlier->in_force.start_ns, INT64_MIN);
    cr_expect_eq(earlier->in_force.end_ns, july);
    cr_expect_eq(earlier->objectives[0].target_ppb, 98 * PPB / 100, "its own target");
    cr_expect_eq(earlier->objectives[0].window.unit, CALENDAR_WEEK, "over the window of today");
    cr_expect_eq(earlier->objectives[1].window.kind, WINDOW_ROLLING);
    cr_expect_eq(agreement_at(last, july - 1)->version, 1);
    cr_expect_eq(agreement_at(last, july)->version, 2);
    catalog_enter(loaded.catalog, july - 1);
    cr_expect_eq(set->agreements[0].version, 1);
    cr_expect_eq(set->agreements[0].objectives[0].window.unit, CALENDAR_MONTH);
    cr_expect_eq(set->agreements[0].earlier_count, 0);
    catalog_enter(loaded.catalog, july);
    cr_expect_eq(set->agreements[0].version, 2, "and forth");
    unload(&loaded);
}

Test(catalog_accepted, the_agreement_of_the_contract)
{
    struct loaded loaded = load_good(contract);
    cr_expect_str_eq(loaded.warnings.bytes, "");
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_eq(set->agreement_count, 1);
    const struct agreement *agreement = &set->agreements[0];
    cr_expect_str_eq(agreement->name, "acme-checkout");
    cr_expect_str_eq(agreement->provider, "shop-platform");
    cr_expect_str_eq(agreement->customer, "acme");
    cr_expect_str_eq(agreement->project, "payments");
    cr_expect_str_eq(agreement->file, "a.yaml");
    cr_expect_eq(agreement->line, 4);
    cr_expect_eq(agreement->version, 1);
    cr_expect_eq(agreement->type, AGREEMENT_SLA);
    cr_expect_eq(agreement->maintenance, MAINTENANCE_COUNTS_AS_GOOD);
    cr_expect_eq(agreement->service_count, 1);
    cr_expect_str_eq(agreement->services[0], "checkout");
    cr_expect_eq(agreement->term.start_ns, INT64_C(1767225600) * NS_PER_SECOND);
    cr_expect_eq(agreement->term.end_ns, INT64_C(1798761600) * NS_PER_SECOND);
    cr_assert_eq(agreement->objective_count, 4);
    unload(&loaded);
}

Test(catalog_accepted, the_objectives_of_the_contract)
{
    struct loaded loaded = load_good(contract);
    const struct objective *objectives = catalog_set(loaded.catalog)->agreements[0].objectives;
    cr_expect_str_eq(objectives[0].name, "availability");
    cr_expect_eq(objectives[0].method, METHOD_OCCURRENCES);
    cr_expect_eq(objectives[0].target_ppb, 999000000);
    cr_expect_str_eq(objectives[0].target_text, "99.9");
    cr_expect_eq(objectives[0].window.kind, WINDOW_ROLLING);
    cr_expect_eq(objectives[0].window.length_ns, 30 * NS_PER_DAY);
    cr_expect(objectives[0].good.status_default);
    cr_expect_eq(objectives[0].alert_count, 4);
    cr_expect_eq(objectives[0].alerts[0].threshold_numerator, 72);
    cr_expect_eq(objectives[0].alerts[0].threshold_denominator, 5);
    cr_expect(objectives[0].alert_guard);
    cr_expect_not(objectives[0].alert_or_equal);
    cr_expect_eq(objectives[0].coverage_floor_ppb, 900000000);
    cr_expect_eq(objectives[0].line, 14);

    cr_expect(objectives[1].good.status_default, "the short form adds to the default rule");
    cr_expect(objectives[1].good.latency_given);
    cr_expect_not(objectives[1].good.latency_inclusive);
    cr_expect_eq(objectives[1].good.latency_ns, 300000000);

    cr_expect_eq(objectives[2].method, METHOD_TIMESLICES);
    cr_expect_eq(objectives[2].slice_ns, NS_PER_MINUTE);
    cr_expect_eq(objectives[2].slice_target_ppb, 950000000);

    cr_expect_eq(objectives[3].method, METHOD_UPTIME);
    cr_expect_eq(objectives[3].window.kind, WINDOW_TERM);
    cr_expect_eq(objectives[3].severity, SEVERITY_MAJOR);
    unload(&loaded);
}

Test(catalog_accepted, services_and_maintenance_of_the_contract)
{
    struct loaded loaded = load_good(contract);
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_eq(set->service_count, 1);
    cr_expect_str_eq(set->services[0].name, "checkout");
    cr_expect_eq(set->services[0].line, 1);
    cr_assert_eq(set->match.count, 1);
    cr_expect_str_eq(set->match.rules[0].host, "checkout.shop.example");
    cr_expect_null(set->match.rules[0].path);
    cr_expect_str_eq(set->match.rules[0].target, "checkout");
    cr_assert_eq(set->maintenance_count, 1);
    cr_expect_str_eq(set->maintenances[0].id, "m-2026-07");
    cr_expect_str_eq(set->maintenances[0].services[0], "checkout");
    cr_expect_str_eq(set->maintenances[0].reason, "new disks");
    cr_expect_str_eq(set->maintenances[0].author, "ada");
    cr_expect_eq(span_length(set->maintenances[0].span), NS_PER_HOUR);
    unload(&loaded);
}

Test(catalog_accepted, targets_are_exact_and_printed_short)
{
    static const struct {
        const char *yaml;
        int64_t ppb;
        const char *text;
    } rows[] = {
        {AGREEMENT("  o: 99.9%\n"), 999000000, "99.9"},
        {AGREEMENT("  o: 99.9\n"), 999000000, "99.9"},
        {AGREEMENT("  o: \"99.90 %\"\n"), 999000000, "99.9"},
        {AGREEMENT("  o: 99.99900000000%\n"), 999990000, "99.999"},
        {AGREEMENT("  o: 99.9999999\n"), 999999999, "99.9999999"},
        {AGREEMENT("  o: 100%\n"), 1000000000, "100"},
        {AGREEMENT("  o: 100.0\n"), 1000000000, "100"},
        {AGREEMENT("  o: 0.0000001%\n"), 1, "0.0000001"},
        {OBJECTIVE("    target: 50\n"), 500000000, "50"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct loaded loaded = load_good(rows[i].yaml);
        const struct objective *objective =
            &catalog_set(loaded.catalog)->agreements[0].objectives[0];
        cr_expect_eq(objective->target_ppb, rows[i].ppb, "%s", rows[i].yaml);
        cr_expect_str_eq(objective->target_text, rows[i].text);
        unload(&loaded);
    }
}

Test(catalog_accepted, windows)
{
    static const struct {
        const char *yaml;
        struct window window;
    } rows[] = {
        {AGREEMENT("  o: 99\n"), {WINDOW_ROLLING, 30 * NS_PER_DAY, 0}},
        {AGREEMENT("  o: 99\n") "over: 1h\n", {WINDOW_ROLLING, NS_PER_HOUR, 0}},
        {AGREEMENT("  o: 99\n") "over: 4w\n", {WINDOW_ROLLING, 28 * NS_PER_DAY, 0}},
        {AGREEMENT("  o: 99\n") "over: 3660d\n", {WINDOW_ROLLING, 3660 * NS_PER_DAY, 0}},
        {AGREEMENT("  o: 99\n") "over: day\n", {WINDOW_CALENDAR, 0, CALENDAR_DAY}},
        {AGREEMENT("  o: 99\n") "over: week\n", {WINDOW_CALENDAR, 0, CALENDAR_WEEK}},
        {AGREEMENT("  o: 99\n") "over: month\n", {WINDOW_CALENDAR, 0, CALENDAR_MONTH}},
        {AGREEMENT("  o: 99\n") "over: quarter\n", {WINDOW_CALENDAR, 0, CALENDAR_QUARTER}},
        {AGREEMENT("  o: {target: 99, over: year}\n") "over: day\n",
         {WINDOW_CALENDAR, 0, CALENDAR_YEAR}},
        {AGREEMENT("  o: 99\n") "over: term\n", {WINDOW_TERM, 0, 0}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct loaded loaded = load_good(rows[i].yaml);
        const struct window *window =
            &catalog_set(loaded.catalog)->agreements[0].objectives[0].window;
        cr_expect_eq(window->kind, rows[i].window.kind, "%s", rows[i].yaml);
        cr_expect_eq(window->length_ns, rows[i].window.length_ns, "%s", rows[i].yaml);
        cr_expect_eq(window->unit, rows[i].window.unit, "%s", rows[i].yaml);
        unload(&loaded);
    }
}

Test(catalog_accepted, slices_that_divide)
{
    static const char *const rows[] = {
        "slice: 1s, over: 1h",    "slice: 5m, over: 7d",      "slice: 7d, over: week",
        "slice: 24h, over: year", "slice: 1h, over: quarter", "slice: 11m, over: term",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char yaml[256];
        snprintf(yaml, sizeof(yaml),
                 AGREEMENT("  o: {target: 99, method: timeslices, slice_target: 100, %s}\n"),
                 rows[i]);
        struct loaded loaded = load_good(yaml);
        unload(&loaded);
    }
}

static struct good_rule good_of(const char *rule)
{
    char yaml[256];
    snprintf(yaml, sizeof(yaml), AGREEMENT("  o: {target: 99, good: %s}\n"), rule);
    struct loaded loaded = load_good(yaml);
    struct good_rule good = catalog_set(loaded.catalog)->agreements[0].objectives[0].good;
    unload(&loaded);
    return good;
}

Test(catalog_accepted, good_rules)
{
    struct good_rule good = good_of("{status: \"<500\"}");
    cr_expect(good.status_default && good.status_count == 0);
    good = good_of("{status: \"<400\"}");
    cr_expect(!good.status_default && good.status_count == 1);
    cr_expect(good.status[0].low == 1 && good.status[0].high == 399);
    good = good_of("{status: \"<=404\"}");
    cr_expect_eq(good.status[0].high, 404);
    good = good_of("{status: \"200-299, 304\"}");
    cr_expect_eq(good.status_count, 2);
    cr_expect(good.status[0].low == 200 && good.status[0].high == 299);
    cr_expect(good.status[1].low == 304 && good.status[1].high == 304);
    good = good_of("{status: [200, \"301-302\"]}");
    cr_expect_eq(good.status_count, 2);
    cr_expect(good.status[1].low == 301 && good.status[1].high == 302);
    good = good_of("{latency: \"<=1.5s\"}");
    cr_expect(!good.status_default && good.status_count == 0 && good.latency_inclusive);
    cr_expect_eq(good.latency_ns, 1500000000);
    good = good_of("{outcome: good}");
    cr_expect(good.outcome_required && !good.status_default && !good.latency_given);
    good = good_of("{status: 200, latency: \"< 1ms\", outcome: good}");
    cr_expect(good.outcome_required && good.status_count == 1 && good.latency_given);
}

Test(catalog_accepted, explicit_alerts)
{
    struct loaded loaded =
        load_good(OBJECTIVE("    target: 99.9\n    alert_compare: \">=\"\n    alert_guard: false\n"
                            "    alerts:\n"
                            "      - {severity: page, long: 1h, short: 5m, burn: 14.4}\n"
                            "      - {severity: ticket, long: 3d, short: 6h, share: 10%}\n"
                            "      - {severity: page, long: 1h, short: 1s, burn: 1000}\n"));
    const struct objective *objective = &catalog_set(loaded.catalog)->agreements[0].objectives[0];
    cr_assert_eq(objective->alert_count, 3);
    cr_expect(objective->alert_or_equal);
    cr_expect_not(objective->alert_guard);
    cr_expect_eq(objective->alerts[0].severity, ALERT_PAGE);
    cr_expect_eq(objective->alerts[0].long_ns, NS_PER_HOUR);
    cr_expect_eq(objective->alerts[0].short_ns, 5 * NS_PER_MINUTE);
    cr_expect_eq(objective->alerts[0].threshold_numerator, 72);
    cr_expect_eq(objective->alerts[0].threshold_denominator, 5);
    cr_expect_eq(objective->alerts[1].severity, ALERT_TICKET);
    cr_expect_eq(objective->alerts[1].threshold_numerator, 1);
    cr_expect_eq(objective->alerts[1].threshold_denominator, 1);
    cr_expect_eq(objective->alerts[2].threshold_numerator, 1000);
    unload(&loaded);
}

Test(catalog_accepted, lookbacks_up_to_the_real_length_of_long_windows)
{
    struct loaded loaded = load_good(OBJECTIVE("    {target: 99, over: year, alerts: [{severity: "
                                               "page, long: 60d, short: 1d, burn: 2}]}\n"));
    unload(&loaded);
}

Test(catalog_accepted, other_settings)
{
    struct loaded loaded = load_good(OBJECTIVE("    {target: 99, no_data: empty_is_good, pre_term: "
                                               "good, coverage_floor: 85.5%, min_events: 100,\n"
                                               "     alerts: none}\n"));
    const struct objective *objective = &catalog_set(loaded.catalog)->agreements[0].objectives[0];
    cr_expect_eq(objective->no_data, NO_DATA_EMPTY_IS_GOOD);
    cr_expect_eq(objective->pre_term, PRE_TERM_GOOD);
    cr_expect_eq(objective->coverage_floor_ppb, 855000000);
    cr_expect_eq(objective->min_events, 100);
    cr_expect_eq(objective->alert_count, 0);
    unload(&loaded);
}

Test(catalog_accepted, an_absent_term_and_customer_have_no_bounds)
{
    struct loaded loaded = load_good(AGREEMENT("  o: 99\n"));
    const struct agreement *agreement = &catalog_set(loaded.catalog)->agreements[0];
    cr_expect_eq(agreement->term.start_ns, INT64_MIN);
    cr_expect_eq(agreement->term.end_ns, INT64_MAX);
    cr_expect_null(agreement->customer);
    cr_expect_null(agreement->project);
    cr_expect_eq(agreement->maintenance, MAINTENANCE_REMOVED);
    unload(&loaded);
}

Test(catalog_accepted, lists_of_patterns_are_rules_of_their_own)
{
    struct loaded loaded =
        load_good("service: s\nmatch: {host: [a, b], path: [/x/*, /y/*], tag: t}\n---\n"
                  "service: t\nmatch:\n  service: other\n");
    const struct match_rules *match = &catalog_set(loaded.catalog)->match;
    cr_assert_eq(match->count, 5);
    static const char *const hosts[] = {"a", "a", "b", "b"};
    static const char *const paths[] = {"/x/*", "/y/*", "/x/*", "/y/*"};
    for (uint32_t i = 0; i < 4; i++) {
        cr_expect_str_eq(match->rules[i].host, hosts[i]);
        cr_expect_str_eq(match->rules[i].path, paths[i]);
        cr_expect_str_eq(match->rules[i].tag, "t");
        cr_expect_str_eq(match->rules[i].target, "s");
    }
    cr_expect_str_eq(match->rules[4].service, "other");
    cr_expect_str_eq(match->rules[4].target, "t");
    unload(&loaded);
}

Test(catalog_accepted, warnings)
{
    static const struct {
        const char *yaml;
        const char *place;
        const char *fragment;
    } rows[] = {
        {AGREEMENT("  o: 99\n") "supports: [b]\n---\nagreement: b\nprovider: p\nservices: [s]\n"
                                "objectives: {o: 99}\n",
         "6:1", "`supports` has no effect in an SLA"},
        {AGREEMENT("  o: 99\n  c: {method: composite, combine: weighted_mean, members: [o], "
                   "target: 9, min_events: 1}\n"),
         "6:75", "`min_events` has no effect"},
        {AGREEMENT("  o: 0.999\n"), "5:6", "read as a percentage, not as a fraction"},
        {OBJECTIVE("    {target: 99, method: uptime, min_events: 5}\n"), "6:34",
         "`min_events` has no effect"},
        {AGREEMENT("  o: 99\n  O: 99\n"), "6:3", "objective `O` differs only in case from `o`"},
        {AGREEMENT("  o: 99\n") "---\nservice: S\n", "7:10",
         "service `S` differs only in case from `s`"},
        {"service: s\n---\nmaintenance: m\nservice: t\nstart: 2026-01-01\nend: 2026-01-02\n",
         "4:10", "names the service `t`"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct loaded loaded = load_good(rows[i].yaml);
        cr_expect(says(&loaded.warnings, rows[i].place, rows[i].fragment),
                  "expected %s: %s\ngot %s", rows[i].place, rows[i].fragment,
                  loaded.warnings.bytes);
        unload(&loaded);
    }
}

Test(catalog_accepted, harmless_keys_warn_of_nothing)
{
    static const char *const rows[] = {
        "service: s\nowner: me\nfrom: 2026-01-01\nto: 2027-01-01\n",
        AGREEMENT("  o: 99\n") "type: UC\nproject: x\nsupports: []\nstakeholders: [me]\nprofile: "
                               "default\n",
        AGREEMENT("  o: 99\n  p: 99\n") "---\nagreement: b\nprovider: p\nservices: "
                                        "[s]\nobjectives: {o: 99}\n",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct loaded loaded = load_good(rows[i]);
        cr_expect_str_eq(loaded.warnings.bytes, "");
        unload(&loaded);
    }
}
