/* OpenSLO v1 files: what they mean here, and where and how they are refused. */
#include "unit/catalog/load.h"

#define SERVICE "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: s}\n"
#define SLI                                                                                        \
    "apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: i}\n"                                     \
    "spec: {ratioMetric: {good: {metricSource: {type: nines}}, total: {metricSource: {type: "      \
    "nines}}}}\n"
/* Keys of `spec` follow, indented by two; in WITH the first of them is line 17. */
#define SLO(keys)                                                                                  \
    "apiVersion: openslo/v1\n"                                                                     \
    "kind: SLO\n"                                                                                  \
    "metadata: {name: a}\n"                                                                        \
    "spec:\n"                                                                                      \
    "  service: s\n"                                                                               \
    "  budgetingMethod: Occurrences\n" keys
#define WITH(keys) SERVICE "---\n" SLI "---\n" SLO("  indicatorRef: i\n" keys)
#define TARGET     "  objectives: [{target: 0.9}]\n"

static const struct agreement *only_agreement(const struct loaded *loaded)
{
    const struct agreement_set *set = catalog_set(loaded->catalog);
    cr_assert_eq(set->agreement_count, 1);
    return &set->agreements[0];
}

Test(catalog_openslo, an_slo_is_an_agreement_without_a_customer)
{
    struct loaded loaded = load_good(WITH("  objectives: [{target: 0.999}, {displayName: Fast one, "
                                          "targetPercent: 99.95}]\n"));
    cr_expect_str_eq(loaded.warnings.bytes, "");
    const struct agreement *agreement = only_agreement(&loaded);
    cr_expect_str_eq(agreement->name, "a");
    cr_expect_null(agreement->customer);
    cr_expect_not(agreement->each_customer);
    cr_expect_str_eq(agreement->provider, "s");
    cr_expect_eq(agreement->service_count, 1);
    cr_expect_str_eq(agreement->services[0], "s");
    cr_expect_eq(agreement->line, 10);
    cr_expect_eq(strncmp(agreement->source_text, "apiVersion: openslo/v1\nkind: SLO\n", 33), 0);
    cr_assert_eq(agreement->objective_count, 2);
    const struct objective *objectives = agreement->objectives;
    cr_expect_str_eq(objectives[0].name, "o1");
    cr_expect_eq(objectives[0].target_ppb, 999000000);
    cr_expect_str_eq(objectives[0].target_text, "99.9");
    cr_expect_str_eq(objectives[1].name, "Fast one");
    cr_expect_eq(objectives[1].target_ppb, 999500000);
    cr_expect(objectives[0].good.status_default);
    cr_expect_not(objectives[0].total.narrowed);
    cr_expect_eq(objectives[0].window.kind, WINDOW_ROLLING);
    cr_expect_eq(objectives[0].window.length_ns, 30 * NS_PER_DAY);
    cr_expect_eq(objectives[0].alert_count, 4, "our default alerts");
    cr_expect_eq(catalog_set(loaded.catalog)->service_count, 1);
    unload(&loaded);
}

Test(catalog_openslo, a_calendar_repeats_from_its_start)
{
    struct loaded loaded =
        load_good(WITH("  timeWindow: [{duration: 2w, calendar: {startTime: 2026-01-05 12:30:00, "
                       "timeZone: America/New_York}}]\n" TARGET));
    const struct agreement *agreement = only_agreement(&loaded);
    const struct window *window = &agreement->objectives[0].window;
    cr_expect_eq(window->kind, WINDOW_CALENDAR);
    cr_expect_eq(window->unit, CALENDAR_WEEK);
    cr_expect_eq(window->unit_count, 2);
    cr_expect_eq(window->anchor_time_ns, 12 * NS_PER_HOUR + 30 * NS_PER_MINUTE);
    cr_expect_str_eq(window->zone->name, "America/New_York");
    cr_expect_eq(agreement->zone, window->zone, "printed as the agreement's");
    unload(&loaded);
}

static const char full[] = SERVICE
    "---\n"
    "apiVersion: openslo/v1\nkind: AlertCondition\nmetadata: {name: fast}\n"
    "spec:\n"
    "  severity: Critical\n"
    "  condition: {kind: burnrate, op: gte, threshold: 7.2, lookbackWindow: 1h, alertAfter: 5m}\n"
    "---\n"
    "apiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {name: burns}\n"
    "spec: {alertWhenBreaching: True, conditions: [{conditionRef: fast}]}\n"
    "---\n" SLO("  indicator:\n"
                "    spec:\n"
                "      thresholdMetric: {metricSource: {type: nines, spec: {latency: ms, customer: "
                "acme}}}\n"
                "  objectives: [{op: lte, value: 0.25, target: 0.9}]\n"
                "  alertPolicies:\n"
                "    - alertPolicyRef: burns\n"
                "    - kind: AlertPolicy\n"
                "      spec:\n"
                "        conditions:\n"
                "          - spec: {severity: ticket, condition: {op: gte, threshold: 1, "
                "lookbackWindow: 3d}}\n");

Test(catalog_openslo, thresholds_and_alerts)
{
    struct loaded loaded = load_good(full);
    cr_expect_eq(line_count(&loaded.warnings), 1, "%s", loaded.warnings.bytes);
    cr_expect(says(&loaded.warnings, "10:76", "`alertAfter` becomes the short lookback"));
    const struct objective *objective = &only_agreement(&loaded)->objectives[0];
    cr_expect(objective->good.latency_given && objective->good.latency_inclusive);
    cr_expect_not(objective->good.status_default);
    cr_expect_eq(objective->good.latency_ns, 250000);
    cr_expect_str_eq(objective->total.customer, "acme");
    cr_expect(objective->alert_or_equal);
    cr_assert_eq(objective->alert_count, 2);
    const struct alert_pair *pair = objective->alerts;
    cr_expect_eq(pair[0].severity, ALERT_PAGE);
    cr_expect_eq(pair[0].long_ns, NS_PER_HOUR);
    cr_expect_eq(pair[0].short_ns, 5 * NS_PER_MINUTE);
    cr_expect_eq(pair[0].threshold_numerator, 36);
    cr_expect_eq(pair[0].threshold_denominator, 5);
    cr_expect_eq(pair[1].severity, ALERT_TICKET);
    cr_expect_eq(pair[1].short_ns, pair[1].long_ns, "nothing to wait for");
    unload(&loaded);
}

/* --expand prints a document of ours that means the same. */
Test(catalog_openslo, the_long_form_loads_as_the_same)
{
    struct text_buffer once;
    struct text_buffer twice;
    struct text_buffer sentences;
    text_buffer_init(&once);
    text_buffer_init(&twice);
    text_buffer_init(&sentences);
    struct loaded loaded = load_good(full);
    catalog_expand(only_agreement(&loaded), &once);
    catalog_explain(only_agreement(&loaded), &sentences);
    struct loaded again = load_good(once.bytes);
    catalog_expand(only_agreement(&again), &twice);
    cr_expect_str_eq(once.bytes, twice.bytes);
    static const char *const expected[] = {
        "90 % of requests of acme to s, over rolling 30 days",
        "A request is good when its latency is at most 0.25ms, but not when its sender says that",
        "Page when the burn rate over 1h and over 5m reaches 7.2",
        "Ticket when the burn rate over 3d reaches 1",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        cr_expect_not_null(strstr(sentences.bytes, expected[i]), "expected: %s\ngot: %s",
                           expected[i], sentences.bytes);
    }
    unload(&again);
    unload(&loaded);
    text_buffer_fini(&once);
    text_buffer_fini(&twice);
    text_buffer_fini(&sentences);
}

Test(catalog_openslo, unknown_kinds_warn)
{
    struct loaded loaded =
        load_good("apiVersion: openslo/v1\nkind: DataSource\nanything: [goes]\n---\n"
                  "apiVersion: openslo/v1\nkind: Servise\n");
    cr_expect_eq(line_count(&loaded.warnings), 2);
    cr_expect(says(&loaded.warnings, "2:7", "nines has no use for OpenSLO's kind `DataSource`"));
    cr_expect(says(&loaded.warnings, "6:7", "did you mean `Service`?"));
    cr_expect_eq(catalog_set(loaded.catalog)->service_count, 0);
    unload(&loaded);
}

Test(catalog_openslo, what_has_no_effect_is_said)
{
    struct loaded loaded = load_good(WITH(
        "  objectives: [{target: 0.9, op: gt, value: 1, timeSliceTarget: 0.9, timeSliceWindow: "
        "1m}]\n"));
    cr_expect_eq(line_count(&loaded.warnings), 4, "%s", loaded.warnings.bytes);
    cr_expect(says(&loaded.warnings, "17:30", "`op` has no effect with a ratioMetric"));
    cr_expect(says(&loaded.warnings, "17:48", "`timeSliceTarget` has no effect"));
    unload(&loaded);
}

Test(catalog_openslo, refused_documents)
{
    static const struct bad_row rows[] = {
        {"apiVersion: openslo/v1\n", "1:1", "`kind` is missing"},
        {"apiVersion: v1\nkind: Service\n", "1:13", "write the document in openslo/v1"},
        {"apiVersion: [openslo/v1]\nkind: Service\n", "1:13", "not a list"},
        {"- apiVersion: openslo/v1\n  kind: Service\n  metadata: {name: s}\n- kind: Service\n",
         "4:3", "`apiVersion` is missing"},
        {"apiVersion: openslo/v1\nkind: Service\n", "1:1", "`metadata` is missing"},
        {"apiVersion: openslo/v1\nkind: Service\nmetadata: s\n", "3:11", "must be a mapping"},
        {"apiVersion: openslo/v1\nkind: Service\nmetadata: {nam: s}\n", "3:12",
         "did you mean `name`?", 2},
        {SERVICE "spec: {owner: me}\n", "4:8", "unknown key `owner` in `spec` of a Service"},
        {SERVICE "specs: {}\n", "4:1", "did you mean `spec`?"},
        {SERVICE "---\n" SERVICE, "7:18", "service `s` is already defined at a.yaml:3"},
        {SERVICE "---\n" SLI "---\n" SLI, "12:18", "SLI `i` is already defined at a.yaml:7"},
        {"apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: i}\n", "1:1", "`spec` is missing"},
        {"apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: i}\nspec: {}\n", "4:1",
         "needs `ratioMetric` or `thresholdMetric`"},
        {SLO("  indicatorRef: i\n" TARGET), "5:12", "no document defines the Service `s`", 2},
        {SLO("  indicatorRef: i\n" TARGET), "7:17", "no document defines the SLI `i`", 2},
        {SERVICE "---\n" SLO(TARGET), "5:1", "the SLO has no indicator"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_openslo, refused_slos)
{
    static const struct bad_row rows[] = {
        {WITH(""), "13:1", "`objectives` is missing"},
        {WITH("  objectives: []\n"), "17:15", "a list of at least one"},
        {WITH("  objectives: [0.9]\n"), "17:16", "must be a mapping"},
        {WITH("  objectives: [{target: 0.9, target: 0.8}]\n"), "17:30", "twice"},
        {WITH("  objectives: [{target: 0.9, compositeWeight: 0}]\n"), "17:47", "must be above 0"},
        {WITH("  objectives: [{target: 0.9, compositeWeight: -1}]\n"), "17:47", "0 or more"},
        {WITH("  objectives: [{displayName: \"\", target: 0.9}]\n"), "17:30", "is empty"},
        {WITH("  timeWindow: [{duration: 1m, isRolling: true}]\n" TARGET), "17:27",
         "`1m` is shorter than 1 h, m is minutes"},
        {WITH("  timeWindow: [{duration: 30d, isRolling: maybe}]\n" TARGET), "17:43",
         "write true or false"},
        {WITH("  alertPolicies: burns\n" TARGET), "17:18", "must be a list"},
        {WITH("  alertPolicies: [burns]\n" TARGET), "17:19",
         "no document defines the AlertPolicy `burns`"},
        {WITH("  alertPolicies: [{spec: {conditions: [{conditionRef: c}]}}]\n" TARGET), "17:55",
         "no document defines the AlertCondition `c`"},
        {WITH("  objectives: [{target: 0.9, indicatorRef: i}]\n"), "16:3",
         "the SLO and its objectives both have an indicator"},
        /* Everything at once, from three objects that name each other. */
        {WITH("  timeWindow: [{duration: 1M}]\n  objectives: [{target: 99}]\n"
              "  alertPolicies: [{spec: {conditions: [{spec: {severity: page, condition: {op: le, "
              "threshold: 0, lookbackWindow: 1Y}}}]}}]\n"),
         "19:80", "`op`: unknown `le`", 5},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_openslo, more_than_eight_policies)
{
    struct text_buffer yaml;
    text_buffer_init(&yaml);
    text_buffer_string(&yaml, WITH(TARGET "  alertPolicies:\n"));
    for (uint32_t i = 0; i < 9; i++) {
        text_buffer_string(&yaml, "    - spec: {conditions: [{spec: {severity: page, condition: "
                                  "{op: gt, threshold: 2, lookbackWindow: 1h}}}]}\n");
    }
    struct loaded loaded = load_string(yaml.bytes);
    cr_expect_eq(loaded.status, STATUS_INVALID);
    cr_expect(says(&loaded.errors, "10:1", "more than 8 alert policies"));
    unload(&loaded);
    text_buffer_fini(&yaml);
}
