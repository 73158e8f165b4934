/* What documents may not say, and where and how they are told. */
#include "unit/catalog/load.h"

Test(catalog_refused, kinds_of_documents)
{
    static const struct bad_row rows[] = {
        {"servise: x\n", "1:1", "unknown kind of document `servise`; did you mean `service`?"},
        {"foo: x\n", "1:1", "the first key must be service, component"},
        {"provider: p\nagreement: a\n", "1:1", "move `agreement` to the top"},
        {"- a\n- b\n", "1:1", "a document is a mapping"},
        {"hello\n", "1:1", "a document is a mapping"},
        {"{}\n", "1:1", "a document is a mapping"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, keys_of_agreements)
{
    static const struct bad_row rows[] = {
        {HEAD "objectves: {o: 99}\n", "4:1", "did you mean `objectives`?", 2},
        {HEAD "objectves: {o: 99}\n", "1:1", "`objectives` is missing", 2},
        {AGREEMENT("  o: 99\n") "colour: red\n", "6:1", "unknown key `colour` in an agreement"},
        {AGREEMENT("  o: 99\n") "\"\\e[31m\": red\n", "6:1", "unknown key `\\x1b[31m`"},
        {"agreement: a\n", "1:1", "`provider` is missing", 3},
        {"agreement: a\n", "1:1", "`services` is missing", 3},
        {"agreement:\nprovider: p\nservices: [s]\nobjectives: {o: 9}\n", "1:11",
         "`agreement` has no value"},
        {"agreement: \"\"\nprovider: p\nservices: [s]\nobjectives: {o: 9}\n", "1:12", "is empty"},
        {"agreement: [a]\nprovider: p\nservices: [s]\nobjectives: {o: 9}\n", "1:12", "not a list"},
        {"agreement: {a: b}\nprovider: p\nservices: [s]\nobjectives: {o: 9}\n", "1:12",
         "not a mapping"},
        {"agreement: \"a\\u0007\"\nprovider: p\nservices: [s]\nobjectives: {o: 9}\n", "1:12",
         "control character"},
        {"agreement: \"a\\u0085\"\nprovider: p\nservices: [s]\nobjectives: {o: 9}\n", "1:12",
         "control character"},
        {AGREEMENT("  o: 99\n") "type: SLO\n", "6:7", "did you mean `SLA`?"},
        {AGREEMENT("  o: 99\n") "type: contract\n", "6:7", "write SLA, OLA or UC"},
        {"agreement: a\nprovider: p\nservices: s\nobjectives: {o: 9}\n", "3:11",
         "`services: [checkout]`"},
        {"agreement: a\nprovider: p\nservices: []\nobjectives: {o: 9}\n", "3:11",
         "at least one name"},
        {"agreement: a\nprovider: p\nservices: [s, t, s]\nobjectives: {o: 9}\n", "3:18",
         "`s` is listed twice"},
        {"agreement: a\nprovider: p\nservices: [s, [t]]\nobjectives: {o: 9}\n", "3:15",
         "not a list"},
        {HEAD "objectives: {}\n", "4:13", "`objectives` is empty"},
        {HEAD "objectives: [99]\n", "4:13", "`objectives` must be a mapping"},
        {HEAD "objectives:\n", "4:12", "`objectives` must be a mapping"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, names_of_129_bytes)
{
    struct text_buffer yaml;
    text_buffer_init(&yaml);
    for (uint32_t length = 128; length <= 129; length++) {
        text_buffer_clear(&yaml);
        text_buffer_string(&yaml, "service: ");
        for (uint32_t i = 0; i < length; i++) {
            text_buffer_char(&yaml, 'x');
        }
        struct loaded loaded = load_string(yaml.bytes);
        cr_expect_eq(loaded.status, length == 128 ? STATUS_OK : STATUS_INVALID);
        cr_expect_eq(says(&loaded.errors, "1:10", "129 bytes long"), length == 129);
        unload(&loaded);
    }
    text_buffer_fini(&yaml);
}

Test(catalog_refused, terms)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 99\n") "term: 2026\n", "6:7", "`term` must be a mapping"},
        {AGREEMENT("  o: 99\n") "term: {form: 2026-01-01}\n", "6:8", "did you mean `from`?"},
        {AGREEMENT("  o: 99\n") "term: {from: tomorrow}\n", "6:14", "neither a date nor a time"},
        {AGREEMENT("  o: 99\n") "term: {from: 2026-02-30}\n", "6:14", "neither a date nor a time"},
        {AGREEMENT("  o: 99\n") "term: {from: 2026-01-02, to: 2026-01-01}\n", "6:30",
         "after `from`"},
        {AGREEMENT("  o: 99\n") "term: {from: 2026-01-01, to: 2026-01-01}\n", "6:30",
         "after `from`"},
        {AGREEMENT("  o: 99\n") "term: {from: 1700-01-01, to: 2200-01-01}\n", "6:30",
         "200 years after `from`"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, keys_of_another_method)
{
    static const struct bad_row rows[] = {
        {OBJECTIVE("    {target: 99, method: uptime, rounding: minutes}\n"), "6:44",
         "write exact, full_minutes_aligned, full_minutes_elapsed or minutes_touched"},
        {OBJECTIVE("    {target: 99, method: uptime, min_run: ten}\n"), "6:43", "`min_run`"},
        {OBJECTIVE("    {target: 99, rounding: exact}\n"), "6:18", "add `method: uptime`"},
        {OBJECTIVE("    {target: 99, min_run: 10}\n"), "6:18", "add `method: uptime`"},
        {OBJECTIVE("    {target: 99, method: ratio_timeslices, slice: 5m, slice_target: 9}\n"),
         "6:55", "each slice counts by its own ratio"},
        {OBJECTIVE("    {target: 99, method: ratio_timeslices}\n"), "5:3", "slice: 1m"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, what_this_version_does_not_evaluate)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 99\n") "hours: [Mon-Fri 8-20]\n", "6:9", "Mon-Fri 08:00-20:00"},
        {AGREEMENT("  o: 99\n") "hours: []\n", "6:8", "1 to 32 entries"},
        {AGREEMENT("  o: 99\n") "zone: Europe/Atlantis\n", "6:7", "no time zone of this system"},
        {AGREEMENT("  o: 99\n") "zone: ../UTC\n", "6:7", "no time zone of this system"},
        {AGREEMENT("  o: 99\n") "profile: nagios\n", "6:10", "`profile`"},
        {AGREEMENT("  o: 99\n") "effective: soon\n", "6:12", "neither a date nor a time"},
        {AGREEMENT("  o: 99\n") "term: {to: 2026-01-01}\neffective: 2026-01-01\n", "7:12",
         "never be in force"},
        {AGREEMENT("  o: 99\n") "---\n" AGREEMENT("  o: 98\n"), "7:12",
         "say from when this version holds"},
        {AGREEMENT("  o: 99\n") "effective: 2026-01-01\n---\n" AGREEMENT(
             "  o: 98\n") "effective: 2026-01-01T00:00:00Z\n",
         "8:12", "has a version effective from 2026-01-01T00:00:00Z already"},
        {AGREEMENT("  o: 99\n") "maintenance: {allowance: 4h}\n", "6:26",
         "write it like 4h per month"},
        {AGREEMENT("  o: 99\n") "over: {every: month, anchor: 2025-02-30}\n", "6:30", "not a date"},
        {OBJECTIVE("    {target: 99, over: {every: month}}\n"), "6:18", "anchor: 2025-03-31"},
        {"maintenance: m\nservice: s\nstart: 2026-01-01\nend: 2026-01-02\nrrule: FREQ=HOURLY\n",
         "5:8", "FREQ must be DAILY, WEEKLY or MONTHLY"},
        {"maintenance: m\nservice: s\nzone: Europe/Berlin\nstart: 2026-03-29T02:30:00\n"
         "end: 2026-03-29T04:00:00\nrrule: FREQ=DAILY\n",
         "4:8", "the clocks of Europe/Berlin skip"},
        {"maintenance: m\nservice: s\nstart: 2026-03-29T02:30:00\nend: 2026-03-30\n", "3:8",
         "has no offset from UTC"},
        {"maintenance: m\nservice: s\nzone: Nowhere/City\nstart: 2026-03-29\nend: 2026-03-30\n",
         "3:7", "no time zone of this system"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, targets)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 0\n"), "5:6", "`target` is 0"},
        {AGREEMENT("  o: 0.0%\n"), "5:6", "`target` is 0"},
        {AGREEMENT("  o: 100.0001%\n"), "5:6", "above 100"},
        {AGREEMENT("  o: 101\n"), "5:6", "above 100"},
        {AGREEMENT("  o: 99999999999999999999\n"), "5:6", "above 100"},
        {AGREEMENT("  o: 99.99999999\n"), "5:6", "more than 7 decimals"},
        {AGREEMENT("  o: 0.00000001%\n"), "5:6", "more than 7 decimals"},
        {AGREEMENT("  o: -1\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: +99\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: 1e1\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: .nan\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: 99.%\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: 99%%\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: \"\"\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: three nines\n"), "5:6", "not a percentage"},
        {AGREEMENT("  o: [99]\n"), "5:6", "an objective is a percentage or a mapping"},
        {AGREEMENT("  o:\n"), "5:5", "an objective is a percentage or a mapping"},
        {AGREEMENT("  \"\": 99\n"), "5:3", "`objective` is empty"},
        {OBJECTIVE("    method: occurrences\n"), "5:3", "`target` is missing"},
        {OBJECTIVE("    target: [99]\n"), "6:13", "not a list"},
        {OBJECTIVE("    target: 99\n    tagret: 98\n"), "7:5", "did you mean `target`?"},
        {OBJECTIVE("    target: 99\n    method: timeslice\n"), "7:13",
         "did you mean `timeslices`?"},
        {OBJECTIVE("    target: 99\n    method: guess\n"), "7:13",
         "write occurrences, timeslices, uptime, ratio_timeslices, response, resolution, "
         "fulfilment or composite"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, windows)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 99\n") "over: 1m\n", "6:7", "a month is `month`"},
        {AGREEMENT("  o: 99\n") "over: 1M\n", "6:7", "a month is `month`"},
        {AGREEMENT("  o: 99\n") "over: 3Q\n", "6:7", "no fixed length"},
        {AGREEMENT("  o: 99\n") "over: 1Y\n", "6:7", "no fixed length"},
        {OBJECTIVE("    {target: 99, over: 59m}\n"), "6:24", "shorter than 1 h"},
        {OBJECTIVE("    {target: 99, over: 3599s}\n"), "6:24", "shorter than 1 h"},
        {OBJECTIVE("    {target: 99, over: 0s}\n"), "6:24", "shorter than 1 h"},
        {OBJECTIVE("    {target: 99, over: 3600500ms}\n"), "6:24", "not whole seconds"},
        {OBJECTIVE("    {target: 99, over: 3661d}\n"), "6:24", "write `term`"},
        {OBJECTIVE("    {target: 99, over: 300000000000d}\n"), "6:24", "no window"},
        {OBJECTIVE("    {target: 99, over: -30d}\n"), "6:24", "no window"},
        {OBJECTIVE("    {target: 99, over: 30}\n"), "6:24", "no window"},
        {OBJECTIVE("    {target: 99, over: mounth}\n"), "6:24", "did you mean `month`?"},
        {OBJECTIVE("    {target: 99, over: [30d]}\n"), "6:24", "not a list"},
        {OBJECTIVE("    {target: 99, method: uptime, over: term}\n"), "5:3", "needs a start"},
    };
    CHECK_BAD_ROWS(rows);
}

#define SLICED(keys) OBJECTIVE("    {target: 99, method: timeslices, " keys "}\n")

Test(catalog_refused, slices)
{
    static const struct bad_row rows[] = {
        {SLICED("slice_target: 95"), "5:3", "`slice` is missing"},
        {SLICED("slice: 1m"), "5:3", "`slice_target` is missing"},
        {SLICED("slice: 1m, slice_target: 0"), "6:63", "`slice_target` is 0"},
        {SLICED("slice: 11m, slice_target: 95, over: 7d"), "6:45", "do not divide 7d"},
        {SLICED("slice: 7m, slice_target: 95, over: day"), "6:45", "do not divide 1d"},
        {SLICED("slice: 11m, slice_target: 95, over: week"), "6:45", "do not divide 7d"},
        {SLICED("slice: 7d, slice_target: 95, over: month"), "6:45", "do not divide 1d"},
        {SLICED("slice: 31d, slice_target: 95, over: 30d"), "6:45", "do not divide 30d"},
        {SLICED("slice: 500ms, slice_target: 95"), "6:45", "whole seconds"},
        {SLICED("slice: 0s, slice_target: 95"), "6:45", "whole seconds"},
        {SLICED("slice: 1, slice_target: 95"), "6:45", "not a duration"},
        {SLICED("slice: 1 minute, slice_target: 95"), "6:45", "not a duration"},
        {SLICED("slice: 7h, slice_target: 95, over: term") "term: {from: 2026-01-01, to: "
                                                           "2026-01-02}\n",
         "6:45", "do not divide 1d"},
        {OBJECTIVE("    {target: 99, slice: 1m}\n"), "6:18", "add `method: timeslices`"},
        {OBJECTIVE("    {target: 99, slice_target: 95}\n"), "6:18", "add `method: timeslices`"},
        {OBJECTIVE("    {target: 99, method: uptime, good: {status: \"<500\"}}\n"), "6:34",
         "uptime counts incidents"},
        {OBJECTIVE("    {target: 99, method: uptime, severity: high}\n"), "6:44",
         "write info, minor, major or critical"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, limits)
{
    static const struct bad_row rows[] = {
        {OBJECTIVE("    {target: 99, method: response}\n"), "5:3", "`within` is missing"},
        {OBJECTIVE("    {target: 99, method: resolution, within: 0s}\n"), "6:46", "`within`"},
        {OBJECTIVE("    {target: 99, method: resolution, within: 1500ms}\n"), "6:46",
         "whole seconds"},
        {OBJECTIVE("    {target: 99, method: resolution, within: soon}\n"), "6:46",
         "not a duration"},
        {OBJECTIVE("    {target: 99, method: resolution, within: 8785h}\n"), "6:46",
         "longer than 366 d"},
        {OBJECTIVE("    {target: 99, method: resolution, within: 4h, good: {latency: <1s}}\n"),
         "6:50", "what comes `within` its limit is good"},
        {OBJECTIVE("    {target: 99, within: 4h}\n"), "6:18", "add `method: fulfilment`"},
    };
    CHECK_BAD_ROWS(rows);
}

#define STANDING(request) AGREEMENT("  o: 99\n") "standing: {r: " request "}\n"

Test(catalog_refused, standing_requests)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 99\n") "standing: weekly\n", "6:11", "must be a mapping"},
        {STANDING("weekly"), "6:15", "must be a mapping"},
        {STANDING("{}"), "6:12", "`schedule` is missing", 2},
        {STANDING("{schedule: FREQ=DAILY}"), "6:12", "`within` is missing"},
        {STANDING("{schedule: daily, within: 4h}"), "6:26", "FREQ=WEEKLY;BYDAY=MO"},
        {STANDING("{schedule: FREQ=HOURLY, within: 4h}"), "6:26", "FREQ must be"},
        {STANDING("{schedule: FREQ=WEEKLY, within: 4h}"), "6:26", "term: {from"},
        {STANDING("{schedule: FREQ=DAILY, within: 367d}"), "6:46", "longer than 366 d"},
        {STANDING("{schedule: FREQ=DAILY, within: 4h, service: s}"), "6:50", "`service`"},
    };
    CHECK_BAD_ROWS(rows);
}

#define GOOD(rule) OBJECTIVE("    {target: 99, good: " rule "}\n")

Test(catalog_refused, good_rules)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 99% < fast\n"), "5:6", "no limit"},
        {AGREEMENT("  o: 99% < 0ms\n"), "5:6", "limit of 0"},
        {AGREEMENT("  o: 99% <\n"), "5:6", "no limit"},
        {AGREEMENT("  o: < 300ms\n"), "5:6", "not a percentage"},
        {GOOD("200"), "6:24", "`good` must be a mapping"},
        {GOOD("{}"), "6:24", "`good` is empty"},
        {GOOD("{latncy: \"<1s\"}"), "6:25", "did you mean `latency`?"},
        {GOOD("{latency: 300ms}"), "6:34", "no limit"},
        {GOOD("{latency: \"<300\"}"), "6:34", "no limit"},
        {GOOD("{latency: [\"<1s\"]}"), "6:34", "not a list"},
        {GOOD("{status: ok}"), "6:33", "no status range"},
        {GOOD("{status: \">500\"}"), "6:33", "no status range"},
        {GOOD("{status: \"<1\"}"), "6:33", "no status range"},
        {GOOD("{status: \"299-200\"}"), "6:33", "no status range"},
        {GOOD("{status: \"200,\"}"), "6:33", "no status range"},
        {GOOD("{status: 65536}"), "6:33", "no status range"},
        {GOOD("{status: [200, x]}"), "6:39", "no status range"},
        {GOOD("{status: \"1,2,3,4,5,6,7,8,9\"}"), "6:33", "more than 8 ranges"},
        {GOOD("{outcome: bad}"), "6:34", "write good"},
    };
    CHECK_BAD_ROWS(rows);
}

#define OF_BAD(rest) OBJECTIVE("    {target: 99, " rest "}\n")

Test(catalog_refused, bad_and_total)
{
    static const struct bad_row rows[] = {
        {OF_BAD("bad: {}"), "6:23", "`bad` is empty; write e.g. {status: \">=500\"}"},
        {OF_BAD("bad: 500"), "6:23", "`bad` must be a mapping"},
        {OF_BAD("bad: {latency: \"<1s\"}"), "6:33",
         "no limit of bad requests; write e.g. \">300ms\""},
        {OF_BAD("bad: {latency: \">=0s\"}"), "6:33", "holds of every request"},
        {OF_BAD("bad: {status: \">65535\"}"), "6:32", "write e.g. \">=500\""},
        {OF_BAD("bad: {outcome: good}"), "6:33", "write bad"},
        {OF_BAD("bad: {status: 500}, good: {status: 200}"), "6:18",
         "`good` and `bad` are both given"},
        {OF_BAD("total: all"), "6:25", "`total` must be a mapping"},
        {OF_BAD("total: {}"), "6:25", "`total` is empty"},
        {OF_BAD("total: {clas: adhoc}"), "6:26", "did you mean `class`?"},
        {OF_BAD("total: {class: robot}"), "6:33", "write adhoc or standing"},
        {OF_BAD("total: {customer: [a]}"), "6:36", "not a list"},
        {OF_BAD("method: uptime, bad: {status: 500}"), "6:34", "uptime counts incidents"},
        {OF_BAD("method: uptime, total: {class: adhoc}"), "6:34", "uptime counts incidents"},
        {OF_BAD("total: {customer: b}") "customer: a\n", "6:26", "names its customer already"},
        {OF_BAD("total: {customer: b}") "customer: each\n", "6:26", "names its customer already"},
        {OF_BAD("over: {every: 1m, anchor: 2026-01-05}"), "6:32", "m would be minutes"},
        {OF_BAD("over: {every: moth, anchor: 2026-01-05}"), "6:32", "did you mean `month`?"},
        {OF_BAD("over: {every: 1M, anchor: 2026-01-05T25:00:00}"), "6:44", "not a date"},
        {OF_BAD("over: {every: 1M, anchor: 2026-01-05T12:00:00Z}"), "6:44", "by the zone's clocks"},
    };
    CHECK_BAD_ROWS(rows);
}

#define ALERT(pair) OBJECTIVE("    target: 99.9\n    alerts:\n      - " pair "\n")

Test(catalog_refused, alerts)
{
    static const struct bad_row rows[] = {
        {OBJECTIVE("    {target: 99, alerts: defualt}\n"), "6:26", "did you mean `default`?"},
        {OBJECTIVE("    {target: 99, alerts: {long: 1h}}\n"), "6:26", "`alerts` must be a list"},
        {ALERT("page"), "8:9", "must be a mapping"},
        {ALERT("{severity: page, long: 1h, short: 0m, burn: 2}"), "8:43", "at least 1s"},
        {ALERT("{severity: page, long: 1h, short: 2h, burn: 2}"), "8:43", "longer than `long`"},
        {ALERT("{severity: page, long: 30d, short: 1h, burn: 2}"), "8:32",
         "not shorter than the window"},
        {ALERT("{severity: page, long: 1h, short: 500ms, burn: 2}"), "8:43", "whole seconds"},
        {ALERT("{severity: page, long: 1h, short: 5m}"), "8:9", "either `burn` or `share`"},
        {ALERT("{severity: page, long: 1h, short: 5m, burn: 2, share: 2%}"), "8:9",
         "either `burn` or `share`"},
        {ALERT("{severity: page, long: 1h, short: 5m, burn: 0}"), "8:53", "no burn rate"},
        {ALERT("{severity: page, long: 1h, short: 5m, burn: -2}"), "8:53", "no burn rate"},
        {ALERT("{severity: page, long: 1h, short: 5m, burn: 1.0000000001}"), "8:53",
         "no burn rate"},
        {ALERT("{severity: page, long: 1h, short: 5m, burn: 1000.1}"), "8:53",
         "a burn rate of 1000.1 can never be exceeded: with a target of 99.9 % it is at most 1000"},
        {ALERT("{severity: none, long: 1h, short: 5m, burn: 2}"), "8:20", "write ticket or page"},
        {ALERT("{severity: page, short: 5m, burn: 2}"), "8:9", "`long` is missing"},
        {ALERT("{severity: page, long: 1h, burn: 2}"), "8:9", "`short` is missing"},
        {ALERT("{long: 1h, short: 5m, burn: 2}"), "8:9", "`severity` is missing"},
        {ALERT("{severity: page, lnog: 1h, short: 5m, burn: 2}"), "8:26", "did you mean `long`?",
         2},
        {OBJECTIVE(
             "    target: 90\n    alerts: [{severity: page, long: 1h, short: 5m, share: 2%}]\n"),
         "7:59",
         "a burn rate of 14.4 can never be exceeded: with a target of 90 % it is at most 10"},
        {OBJECTIVE("    target: 99\n    alerts: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"), "7:13",
         "at most 8"},
        {OBJECTIVE("    {target: 99, alert_compare: \"<\"}\n"), "6:33", "write > or >="},
        {OBJECTIVE("    {target: 99, alert_guard: yes}\n"), "6:31", "true or false"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, policies)
{
    static const struct bad_row rows[] = {
        {OBJECTIVE("    {target: 99, no_data: good}\n"), "6:27", "write unknown or empty_is_good"},
        {OBJECTIVE("    {target: 99, pre_term: clib}\n"), "6:28", "did you mean `clip`?"},
        {OBJECTIVE("    {target: 99, coverage_floor: 90}\n"), "6:34", "write e.g. 0.9 or 90%"},
        {OBJECTIVE("    {target: 99, coverage_floor: 101%}\n"), "6:34", "fraction of 0 to 1"},
        {OBJECTIVE("    {target: 99, coverage_floor: 0.1234567891}\n"), "6:34",
         "fraction of 0 to 1"},
        {OBJECTIVE("    {target: 99, min_events: -1}\n"), "6:30", "not a whole number"},
        {OBJECTIVE("    {target: 99, min_events: 1.5}\n"), "6:30", "not a whole number"},
        {OBJECTIVE("    {target: 99, min_events: 18446744073709551616}\n"), "6:30",
         "not a whole number"},
        {AGREEMENT("  o: 99\n") "maintenance: removed\n", "6:14",
         "`maintenance: {policy: removed}`"},
        {AGREEMENT("  o: 99\n") "maintenance: {policy: remove}\n", "6:23",
         "did you mean `removed`?"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, services_and_maintenance)
{
    static const struct bad_row rows[] = {
        {"service: s\nmatch: a\n", "2:8", "`match` must be a mapping"},
        {"service: s\nmatch: {}\n", "2:8", "`match` is empty"},
        {"service: s\nmatch: {hots: a}\n", "2:9", "did you mean `host`?"},
        {"service: s\nmatch: {host: \"\"}\n", "2:15", "pattern of 1 to"},
        {"service: s\nmatch: {host: []}\n", "2:15", "not a list"},
        {"service: s\nmatch: {host: [a, {b: c}]}\n", "2:19", "not a mapping"},
        {"service: s\nrequire: [db]\n", "2:1", "did you mean `requires`?"},
        {"component: c\nownr: x\n", "2:1", "did you mean `owner`?"},
        {"project: c\nmembers: x\n", "2:1", "unknown key `members`"},
        {"maintenance: m\n", "1:1", "`services` is missing", 3},
        {"maintenance: m\nservice: s\nstart: 2026-01-02\nend: 2026-01-02\n", "4:6",
         "after `start`"},
        {"maintenance: m\nservice: s\nstart: soon\nend: 2026-01-02\n", "3:8", "neither a date"},
        {"maintenance: m\ncomponent: x\nstart: 2026-01-01\nend: 2026-01-02\n", "2:12",
         "no document defines the component"},
        {"component: x\n---\nmaintenance: m\ncomponents: [x, y]\nstart: 2026-01-01\nend: "
         "2026-01-02\n",
         "4:17", "no document defines the component"},
        {"maintenance: m\ncomponent: x\ncomponents: [t]\nstart: 2026-01-01\nend: 2026-01-02\n",
         "2:1", "both given"},
        {"maintenance: m\nservice: s\nservices: [t]\nstart: 2026-01-01\nend: 2026-01-02\n", "2:1",
         "both given"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, names_given_twice)
{
    static const struct bad_row rows[] = {
        {AGREEMENT("  o: 99\n") "---\n" AGREEMENT("  o: 98\n"), "7:12",
         "agreement `a` is already defined at a.yaml:1"},
        {"service: s\n---\nservice: s\n---\nservice: s\n", "3:10",
         "service `s` is already defined at a.yaml:1", 2},
        {"maintenance: m\nservice: s\nstart: 2026-01-01\nend: 2026-01-02\n---\n"
         "maintenance: m\nservice: s\nstart: 2026-01-01\nend: 2026-01-02\n",
         "6:14", "maintenance `m` is already defined"},
        {"component: c\n---\ncomponent: c\n", "3:12", "component `c` is already defined"},
        {"project: c\n---\nproject: c\n", "3:10", "project `c` is already defined"},
    };
    CHECK_BAD_ROWS(rows);
}

Test(catalog_refused, all_errors_are_told_at_once)
{
    struct loaded loaded = load_string("agreement: a\nprovder: p\nservices: s\nobjectives:\n  o: "
                                       "101\n  p: {target: 99, over: 1m}\n"
                                       "---\nservice: [x]\n");
    static const char *const places[] = {"1:1", "2:1", "3:11", "5:6", "6:25", "8:10"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        cr_expect(says(&loaded.errors, places[i], ""), "%s in\n%s", places[i], loaded.errors.bytes);
    }
    cr_expect_eq(line_count(&loaded.errors), 6);
    unload(&loaded);
}

Test(catalog_refused, a_hundred_errors_are_shown_and_the_rest_counted)
{
    struct text_buffer yaml;
    text_buffer_init(&yaml);
    for (uint32_t i = 0; i < 250; i++) {
        text_buffer_string(&yaml, "--- {bad: 1}\n");
    }
    struct loaded loaded = load_string(yaml.bytes);
    cr_expect_eq(line_count(&loaded.errors), 101);
    cr_expect_not_null(strstr(loaded.errors.bytes, "\n... and 150 more errors\n"));
    unload(&loaded);
    text_buffer_fini(&yaml);
}

Test(catalog_refused, messages_are_short_and_printable)
{
    struct text_buffer yaml;
    text_buffer_init(&yaml);
    text_buffer_string(&yaml, "\"\\e[31m\xf0\x9f\x98\x80");
    for (uint32_t i = 0; i < 5000; i++) {
        text_buffer_string(&yaml, "\xc3\xa4%s%n");
    }
    text_buffer_string(&yaml, "\": 1\n");
    struct loaded loaded = load_string(yaml.bytes);
    cr_expect_eq(loaded.status, STATUS_INVALID);
    cr_expect_leq(loaded.errors.length, 256 + sizeof("a.yaml:1:1: "));
    for (size_t i = 0; i + 1 < loaded.errors.length; i++) {
        cr_expect(loaded.errors.bytes[i] >= 0x20 && loaded.errors.bytes[i] <= 0x7e);
    }
    unload(&loaded);
    text_buffer_fini(&yaml);
}
