/* What nines says an agreement means, and the long form it prints. */
#include "unit/catalog/load.h"

static char *explained(const char *yaml)
{
    struct loaded loaded = load_good(yaml);
    struct text_buffer out;
    text_buffer_init(&out);
    catalog_explain(&catalog_set(loaded.catalog)->agreements[0], &out);
    unload(&loaded);
    return text_buffer_take(&out);
}

static char *expanded(const char *yaml)
{
    struct loaded loaded = load_good(yaml);
    struct text_buffer out;
    text_buffer_init(&out);
    catalog_expand(&catalog_set(loaded.catalog)->agreements[0], &out);
    unload(&loaded);
    return text_buffer_take(&out);
}

Test(catalog_sentences, promises_and_budgets_are_exact)
{
    static const struct {
        const char *yaml;
        const char *sentence;
    } rows[] = {
        {AGREEMENT("  o: 99.9\n") "customer: acme\n",
         "Objective o: 99.9 % of requests of acme to s, over rolling 30 days: at most 1 of "
         "1,000 may fail.\n"},
        {AGREEMENT("  o: 99.95\n"), "at most 1 of 2,000 may fail"},
        {AGREEMENT("  o: 97.12345\n"), "at most 57,531 of 2,000,000 may fail"},
        {AGREEMENT("  o: 99.9999999\n"), "at most 1 of 1,000,000,000 may fail"},
        {AGREEMENT("  o: 100\n"), "rolling 30 days: none may fail.\n"},
        {AGREEMENT("  o: 99\n") "over: month\n",
         "over each calendar month (UTC): at most 1 of 100"},
        {AGREEMENT("  o: 99\n") "effective: 2026-07-01\n",
         "This version judges what occurs from 2026-07-01T00:00:00Z.\n"},
        {AGREEMENT("  o: 99\n") "effective: 2026-07-01\n---\n" AGREEMENT("  o: 98\n"),
         "This is version 2 of 2: it judges what occurs from 2026-07-01T00:00:00Z.\n"},
        /* CASES E1, E2, E2c, E2d. */
        {AGREEMENT("  o: {method: uptime, target: 99.9}\n"), "at most 43 m 12 s of 30 d."},
        {AGREEMENT("  o: {method: uptime, target: 99.9, over: 28d}\n"),
         "at most 40 m 19.2 s of 28 d."},
        {AGREEMENT("  o: {method: uptime, target: 99.9, over: 7d}\n"),
         "at most 10 m 4.8 s of 7 d."},
        {AGREEMENT("  o: {method: uptime, target: 99.9, over: 90d}\n"),
         "at most 2 h 9 m 36 s of 90 d."},
        {AGREEMENT("  o: {method: uptime, target: 99.999}\n"), "at most 25.92 s of 30 d."},
        {AGREEMENT("  o: {method: uptime, target: 99.999, over: week}\n"),
         "at most 6.048 s of 7 d."},
        {AGREEMENT("  o: {method: uptime, target: 99.5, over: month}\n"),
         "at most 3 h 36 m of a month of 30 d."},
        {AGREEMENT("  o: {method: uptime, target: 100}\n"), "no downtime is allowed."},
        {AGREEMENT(
             "  o: {method: uptime, target: 99.9, over: term}\n") "term: {from: 2026-01-01}\n",
         "over the term of the agreement: at most 1 of 1,000 parts of the time may be downtime."},
        {AGREEMENT("  o: {method: timeslices, target: 99.5, slice: 1m, slice_target: 95}\n"),
         "99.5 % of slices of 1 m are good, over rolling 30 days: at most 216 of 43,200 slices of "
         "30 "
         "d may be "
         "bad. A slice is good when at least 95 % of its requests to s are good.\n"},
        {AGREEMENT(
             "  o: {method: timeslices, target: 99.5, slice: 5m, slice_target: 100, over: day}\n"),
         "at most 1 of 288 slices of 1 d may be bad"},
        {AGREEMENT("  o: {method: response, target: 99, within: 15m}\n"),
         "99 % of incidents of severity minor or above at s are acknowledged (or resolved) within "
         "15 m, over rolling 30 days: at most 1 of 100 incidents may be late.\n"},
        {AGREEMENT("  o: {method: resolution, target: 100, within: 4h, severity: critical}\n"),
         "100 % of incidents of severity critical at s are resolved within 4 h, over rolling 30 "
         "days: "
         "none may be late.\n"},
        {AGREEMENT("  o: 99\n") "standing: {reports: {schedule: \"FREQ=WEEKLY;BYDAY=MO\", within: "
                                "4h}}\n",
         "Standing request reports: to be delivered by the schedule FREQ=WEEKLY;BYDAY=MO (UTC), "
         "within 4 h; a delivery that has not come by then is an incident of severity major until "
         "it comes or the next one is due. A delivery is a request of class standing.\n"},
        {AGREEMENT("  o: {method: fulfilment, target: 95, within: 2d, total: {class: adhoc}}\n"),
         "95 % of ad hoc requests to s are fulfilled within 2 d, over rolling 30 days: at most 1 "
         "of "
         "20 "
         "requests may be late.\n"},
        {AGREEMENT("  o: {method: resolution, target: 100, within: 4h}\n") "hours: [Mon-Fri "
                                                                           "08:00-20:00]\n",
         "The clock runs in service hours only."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = explained(rows[i].yaml);
        cr_expect_not_null(strstr(text, rows[i].sentence), "expected: %s\ngot: %s",
                           rows[i].sentence, text);
        free(text);
    }
}

Test(catalog_sentences, good_requests_and_alerts)
{
    static const struct {
        const char *yaml;
        const char *sentence;
    } rows[] = {
        {AGREEMENT("  o: 99.9\n"), "A request is good when its status is below 500; an outcome"},
        {AGREEMENT("  o: 99% < 300ms\n"),
         "its status is below 500 and its latency is below 300ms;"},
        {AGREEMENT("  o: {target: 99, good: {status: \"200-299,304\", latency: \"<=0.5ms\"}}\n"),
         "its status is 200-299,304 and its latency is at most 0.5ms;"},
        {AGREEMENT("  o: {target: 99, good: {outcome: good}}\n"), "when its sender says so."},
        {AGREEMENT("  o: 99.9\n"),
         "  Page when the burn rate over 1h and over 5m exceeds 14.4 (2 % of the budget within "
         "1h).\n"
         "  Page when the burn rate over 6h and over 30m exceeds 6 (5 % of the budget within 6h).\n"
         "  Ticket when the burn rate over 1d and over 2h exceeds 3 (10 % of the budget within "
         "1d).\n"
         "  Ticket when the burn rate over 3d and over 6h exceeds 1 (10 % of the budget within "
         "3d).\n"
         "  An alert needs"},
        {AGREEMENT("  o: 99.9\n") "over: 28d\n",
         "exceeds 0.933333333 (10 % of the budget within 3d)"},
        {AGREEMENT("  o: {target: 99, alert_compare: \">=\"}\n"), "over 5m reaches 14.4"},
        {AGREEMENT("  o: 90\n"),
         "The default page over 1h is left out: with this target the burn rate"},
        {AGREEMENT("  o: 99.9\n") "over: day\n",
         "The default ticket over 1d is left out: it is not shorter than the window."},
        {AGREEMENT("  o: {target: 99, alerts: none}\n"), "No burn alerts.\n"},
        {AGREEMENT("  o: 100\n"), "With a target of 100 % the first bad unit alerts.\n"},
        {AGREEMENT("  o: 99\n"), "Announced maintenance leaves the figures.\n"},
        {AGREEMENT("  o: 99\n"), "With less than 90 % of the time covered the verdict is unknown, "
                                 "and alerts stay as they are.\n  Without requests there is no "
                                 "verdict.\n"},
        {AGREEMENT("  o: {target: 99, min_events: 1000, no_data: empty_is_good, coverage_floor: "
                   "0}\n"),
         "its status.\n  Time without requests counts as good.\n  With fewer than 1,000 requests "
         "there is no verdict.\n"},
        {AGREEMENT("  o: {method: timeslices, target: 99, slice: 1m, slice_target: 90, min_events: "
                   "5}\n"),
         "With fewer than 5 measured slices there is no verdict."},
        {AGREEMENT("  o: {method: uptime, target: 99, no_data: empty_is_good}\n"),
         "A window of which nothing is known counts as good."},
        {AGREEMENT("  o: {target: 99, pre_term: good}\n"), "Time before the term counts as good."},
        {AGREEMENT("  o: 99\n") "maintenance: {policy: ignored, allowance: 4h per month}\n",
         "what fails in it counts.\n"},
        {AGREEMENT("  o: 99\n") "project: p1\n", "Part of the project p1.\n"},
        {AGREEMENT("  o: 99\n") "credits: {objective: o, period: month, below: {99: 10%}, charge: "
                                "1000 USD, minimum: 1 USD}\n",
         "pays 10 % of the charge of 1000.00 USD; only the lowest bound that is missed applies, "
         "only what is more than 1.00 USD is paid.\n"},
        {AGREEMENT("  o: {target: 99, over: 1h, alerts: none}\n"), "over rolling 1 hour: "},
        {AGREEMENT("  o: {target: 99, over: 90m, alerts: none}\n"), "over rolling 1 h 30 m: "},
        {AGREEMENT("  o: {target: 99, over: {every: 2M, anchor: 2026-01-05T12:30:00}}\n"),
         "over every 2 months (UTC) from 2026-01-05 12:30:00 on: "},
        {AGREEMENT("  o: {target: 99, bad: {status: \">=500,429\", latency: \">1s\"}, total: "
                   "{class: standing, customer: acme}}\n"),
         "of standing requests of acme to s, over rolling 30 days: at most 1 of 100 may fail.\n  A "
         "request is bad when its status is >=500,429 and its latency is above 1s; an outcome sent "
         "with it wins over its status.\n"},
        {AGREEMENT("  o: {target: 99, bad: {latency: \">=1s\"}}\n"),
         "is bad when its latency is at least 1s, or when its sender says that it is bad.\n"},
        {AGREEMENT("  o: {target: 99, good: {latency: \"<1s\"}}\n"),
         "latency is below 1s, but not when its sender says that it is bad.\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = explained(rows[i].yaml);
        cr_expect_not_null(strstr(text, rows[i].sentence), "expected: %s\ngot: %s",
                           rows[i].sentence, text);
        free(text);
    }
}

Test(catalog_sentences, alerts_switched_off_are_not_called_left_out)
{
    char *text = explained(AGREEMENT("  o: {target: 99, alerts: none}\n"));
    cr_expect_null(strstr(text, "left out"), "%s", text);
    free(text);
}

Test(catalog_sentences, the_long_form)
{
    char *text = expanded("agreement: \"7 a: b\"\nprovider: p\ncustomer: \"\xc3\xa4 # \\\"x\"\n"
                          "services: [s, \"null\"]\nterm: {from: 2026-01-01}\n"
                          "objectives:\n  o: 99% < 300ms\nproject: x\n");
    cr_expect_str_eq(text, "agreement: \"7 a: b\"\n"
                           "type: SLA\n"
                           "provider: p\n"
                           "customer: \"\xc3\xa4 # \\\"x\"\n"
                           "services: [s, \"null\"]\n"
                           "term:\n"
                           "  from: 2026-01-01T00:00:00Z\n"
                           "zone: UTC\n"
                           "hours: always\n"
                           "profile: default\n"
                           "objectives:\n"
                           "  o:\n"
                           "    method: occurrences\n"
                           "    target: 99%\n"
                           "    over: 30d\n"
                           "    good: {status: \"<500\", latency: \"<300ms\"}\n"
                           "    alerts:\n"
                           "      - {severity: page, long: 1h, short: 5m, burn: 14.4}\n"
                           "      - {severity: page, long: 6h, short: 30m, burn: 6}\n"
                           "      - {severity: ticket, long: 1d, short: 2h, burn: 3}\n"
                           "      - {severity: ticket, long: 3d, short: 6h, burn: 1}\n"
                           "    alert_compare: \">\"\n"
                           "    alert_guard: true\n"
                           "    no_data: unknown\n"
                           "    coverage_floor: 90%\n"
                           "    min_events: 0\n"
                           "    pre_term: clip\n"
                           "maintenance:\n"
                           "  policy: removed\n"
                           "project: x\n");
    free(text);
}

Test(catalog_sentences, the_long_form_is_read_as_the_same)
{
    static const char *const rows[] = {
        AGREEMENT("  o: 99.9\n"),
        AGREEMENT("  o: 99.9\n") "over: 28d\n", /* 14/15 is no decimal: printed as its share */
        AGREEMENT("  o: 50\n") "over: day\n",
        AGREEMENT("  o: 100\n") "over: term\nterm: {from: 2026-01-01, to: 2026-01-02}\n",
        AGREEMENT("  o: {target: 0.0000001%, coverage_floor: 0, alerts: none}\n"),
        AGREEMENT("  o: {target: 99, coverage_floor: 0.123456789}\n"),
        AGREEMENT("  o: {target: 99, good: {latency: \"<0.000001ms\"}}\n"),
        AGREEMENT("  o: {target: 99, good: {status: \"<=499\"}}\n"),
        AGREEMENT("  o: {target: 99, good: {status: [\"<400\", 404], outcome: good}}\n"),
        AGREEMENT("  o: {target: 99, alerts: [{severity: page, long: 7s, short: 1s, share: "
                  "0.0000001%}]}\n"),
        AGREEMENT("  o: {target: 99, alerts: [{severity: page, long: 7s, short: 1s, burn: "
                  "0.123456789}]}\n"),
        AGREEMENT("  \"true\": {method: timeslices, slice: 90s, slice_target: 12.5, target: 1%, "
                  "over: 1h}\n"),
        AGREEMENT(
            "  \"a\\\\\\\"\xe2\x82\xac: [\": {method: uptime, severity: info, target: 99.9}\n"),
        AGREEMENT("  o: {method: response, severity: critical, target: 99.9, within: 90s}\n"),
        AGREEMENT("  o: {method: resolution, target: 99.9, within: 2d}\n"),
        AGREEMENT("  o: 99\n") "standing:\n  a b: {schedule: \"FREQ=DAILY\", within: 90m}\n"
                               "  \"true\": {schedule: \"FREQ=DAILY;BYDAY=MO,TU\", within: 1d}\n",
        AGREEMENT("  o: {method: fulfilment, target: 95, within: 2d, total: {class: adhoc}}\n"),
        AGREEMENT("  o: 99\n") "term: {to: 2026-01-01T00:00:00.123456789Z}\ntype: OLA\n"
                               "maintenance: {policy: ignored}\ncustomer: \"~\"\n",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *once = expanded(rows[i]);
        char *twice = expanded(once);
        cr_expect_str_eq(twice, once, "%s", rows[i]);
        free(twice);
        free(once);
    }
}
