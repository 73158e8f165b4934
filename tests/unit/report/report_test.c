/* The example of CONTRACT section 5 as JSON, byte by byte, and the table. */
#include <criterion/criterion.h>

#include "domain/decimal.h"
#include "report/report_json.h"
#include "report/report_text.h"

static struct objective objective;
static const char *const services[] = {"checkout"};
static const struct agreement agreement = {
    .name = "acme-checkout",
    .provider = "shop-platform",
    .customer = "acme",
    .services = services,
    .service_count = 1,
    .term = {INT64_MIN, INT64_MAX},
    .version = 1,
};

/* 2026-06-01T00:00:00Z */
#define JUNE INT64_C(1780272000000000000)

static struct objective_report example(uint64_t good, uint64_t bad)
{
    objective = (struct objective){
        .name = "availability",
        .method = METHOD_OCCURRENCES,
        .target_ppb = 999000000,
        .target_text = "99.9",
        .window = {.kind = WINDOW_ROLLING, .length_ns = 30 * NS_PER_DAY},
        .alert_guard = true,
        .coverage_floor_ppb = 900000000,
    };
    objective_default_alerts(&objective);
    objective.alert_count = 1;
    struct measure window = {good, bad};
    struct evidence evidence = {
        .objective = &objective,
        .window = window,
        .lookbacks_long = {window},
        .lookbacks_short = {window},
        .unit = BUDGET_REQUESTS,
        .remaining_ns = INT64_MAX,
        .nominal_ns = 30 * NS_PER_DAY,
        .known_ns = 1,
    };
    struct objective_report report = {
        .agreement = &agreement,
        .objective = &objective,
        .position = 1000000,
        .at_ns = JUNE,
        .over = objective.window,
        .window = {JUNE - 30 * NS_PER_DAY, JUNE},
        .resolution_s = 60,
        .has_counts = true,
        .counts = {.good = good, .bad = bad},
        .by_policy = {window, window, window},
    };
    judge(&evidence, &report.judgement);
    return report;
}

static void expect_json(const struct objective_report *report, const char *expected)
{
    struct text_buffer out;
    text_buffer_init(&out);
    report_json(report, &out);
    cr_expect_str_eq(out.bytes, expected);
    text_buffer_fini(&out);
}

static void expect_holds(const struct objective_report *report, const char *part)
{
    struct text_buffer out;
    text_buffer_init(&out);
    report_json(report, &out);
    cr_expect(strstr(out.bytes, part) != NULL, "no %s in\n%s", part, out.bytes);
    text_buffer_fini(&out);
}

Test(report_json, the_example_of_the_contract)
{
    struct objective_report report = example(999300, 700);
    expect_json(
        &report,
        "{\"agreement\":\"acme-checkout\",\"customer\":\"acme\",\"version\":1,"
        "\"objective\":\"availability\",\"method\":\"occurrences\",\"target\":\"99.9\","
        "\"at\":\"2026-06-01T00:00:00Z\","
        "\"over\":\"30d\",\"window\":{\"kind\":\"rolling\",\"start\":\"2026-05-02T00:00:00Z\","
        "\"end\":\"2026-06-01T00:00:00Z\",\"resolution_s\":60},"
        "\"counts\":{\"good\":999300,\"bad\":700,\"excluded\":0,\"out_of_scope\":0,\"late\":0,"
        "\"excluded_by\":{\"maintenance\":0,\"hours\":0,\"term\":0,\"sender\":0,\"exclusion\":0,"
        "\"client_aborted\":0,\"no_request\":0}},"
        "\"time\":null,\"slices\":null,"
        "\"sli\":{\"numerator\":\"999300\",\"denominator\":\"1000000\",\"percent\":\"99.930000\"},"
        "\"coverage_percent\":\"100.000000\","
        "\"budget\":{\"unit\":\"requests\",\"total\":\"1000\",\"consumed_percent\":\"70.000000\","
        "\"remaining_percent\":\"30.000000\",\"remaining_percent_elapsed\":\"30.000000\"},"
        "\"burn\":\"0.7\",\"budget_lasts_s\":1110857,\"whole_budget_lasts_s\":3702857,"
        "\"alerts\":[{\"severity\":\"page\",\"long\":\"1h\",\"short\":\"5m\",\"threshold\":\"14."
        "4\","
        "\"long_burn\":\"0.7\",\"short_burn\":\"0.7\",\"firing\":false}],\"alert\":\"none\","
        "\"verdict\":\"met\",\"reason\":\"\",\"parts\":[],"
        "\"maintenance\":{\"removed\":\"99.930000\",\"counts_as_good\":\"99.930000\","
        "\"ignored\":\"99.930000\"},"
        "\"incidents\":{\"count\":0,\"open\":0,\"potential_open\":0,\"mttr_s\":null,\"mtbf_s\":"
        "null,"
        "\"mtbsi_s\":null,\"mtta_s\":null,\"potential_oldest_s\":null,\"promoted\":0},"
        "\"credit\":null,\"endangered_by\":[],\"latency_ms\":null,\"sealed\":false,"
        "\"restatements\":[]}");
}

static const struct latency_figures latency = {
    .count = 1000,
    .start_ns = INT64_C(1777680000000000000),
    .percentile_ns = {1200000, 3400000, 9100000, 40000000}};

Test(report_json, percentiles_of_latency)
{
    struct objective_report report = example(999300, 700);
    report.latency = latency;
    expect_holds(
        &report,
        "\"latency_ms\":{\"p50\":\"1.2\",\"p90\":\"3.4\",\"p99\":\"9.1\",\"p999\":\"40.0\"},"
        "\"latency_window\":{\"start\":\"2026-05-02T00:00:00Z\",\"requests\":1000},"
        "\"sealed\":false");
}

Test(report_json, an_overspent_budget_is_signed)
{
    struct objective_report report = example(998750, 1250);
    expect_holds(&report,
                 "\"consumed_percent\":\"125.000000\",\"remaining_percent\":\"-25.000000\"");
    expect_holds(&report, "\"verdict\":\"breached\",\"reason\":\"below_target\"");
    expect_holds(&report, "\"budget_lasts_s\":0,");
}

Test(report_json, without_data_there_is_no_figure)
{
    struct objective_report report = example(0, 0);
    expect_holds(&report, "\"sli\":null,");
    expect_holds(&report, "\"consumed_percent\":null,\"remaining_percent\":null,");
    expect_holds(&report, "\"verdict\":\"no_data\",\"reason\":\"no_valid_events\"");
    expect_holds(&report, "\"removed\":null,");
}

Test(report_json, a_target_of_100_has_no_burn_and_no_share)
{
    struct objective_report report = example(999, 1);
    objective.target_ppb = PPB;
    objective.target_text = "100";
    expect_holds(&report, "\"burn\":null,\"budget_lasts_s\":null,\"whole_budget_lasts_s\":null,");
    expect_holds(&report, "\"total\":\"0\",\"consumed_percent\":null");
    expect_holds(&report, "\"long_burn\":null");
}

/* Case T1. */
Test(report_json, t1_incident_figures)
{
    struct objective_report report = example(1, 0);
    report.incidents = (struct incident_figures){
        .count = 3,
        .downtime_ns = (uint64_t)(180 * NS_PER_MINUTE),
        .agreed_ns = (uint64_t)(30 * NS_PER_DAY),
        .acknowledged = 2,
        .acknowledge_ns = (uint64_t)(10 * NS_PER_MINUTE),
    };
    expect_holds(&report, "\"mttr_s\":3600,\"mtbf_s\":860400,\"mtbsi_s\":864000,\"mtta_s\":300,");
}

Test(report_json, large_numbers_are_strings)
{
    struct objective_report report = example(1, 0);
    report.has_time = true;
    report.time = (struct four_states){UINT64_MAX, 1, 2, 3};
    expect_holds(&report, "\"time\":{\"good_ns\":\"18446744073709551615\",\"bad_ns\":\"1\","
                          "\"excluded_ns\":\"2\",\"unknown_ns\":\"3\"}");
    report.has_slices = true;
    report.slices = (struct four_states){4, 5, 6, 7};
    expect_holds(&report, "\"slices\":{\"good\":4,\"bad\":5,\"excluded\":6,\"unknown\":7}");
}

Test(report_json, names_are_escaped_and_no_customer_is_null)
{
    struct objective_report report = example(1, 0);
    struct agreement other = agreement;
    other.name = "a \"quoted\" name";
    other.customer = NULL;
    report.agreement = &other;
    expect_holds(&report, "{\"agreement\":\"a \\\"quoted\\\" name\",\"customer\":null,");
}

Test(reports_json, a_list_of_reports)
{
    struct text_buffer out;
    text_buffer_init(&out);
    reports_json(NULL, 0, 7, NULL, &out);
    cr_expect_str_eq(out.bytes, "{\"position\":7,\"reports\":[]}\n");
    text_buffer_clear(&out);
    struct objective_report reports[2] = {example(1, 0), example(1, 0)};
    reports_json(reports, 2, 7, ",\"more\":1", &out);
    cr_expect_eq(strncmp(out.bytes, "{\"position\":7,\"reports\":[\n{", 27), 0);
    static const char ending[] = "\n],\"more\":1}\n";
    cr_expect_str_eq(out.bytes + out.length - strlen(ending), ending);
    text_buffer_fini(&out);
}

Test(report_table, one_line_an_objective)
{
    struct objective_report reports[2] = {example(999300, 700), example(998750, 1250)};
    struct text_buffer out;
    text_buffer_init(&out);
    report_table(reports, 2, false, &out);
    cr_expect_str_eq(
        out.bytes,
        "AGREEMENT                          PROMISED                  MEASURED   BUDGET LEFT  "
        "                VERDICT\n"
        "acme-checkout (acme) availability  99.9 %  30d            99.930000 %       +30.0 %  "
        "300 requests    MET\n"
        "acme-checkout (acme) availability  99.9 %  30d            99.875000 %       -25.0 %  "
        "250 over        BREACHED\n");
    text_buffer_fini(&out);
}

Test(report_table, no_control_character_of_a_customer_gets_through)
{
    struct objective_report report = example(1, 0);
    struct agreement other = *report.agreement;
    other.customer = "a\033[2J\302\233x";
    report.agreement = &other;
    struct text_buffer out;
    text_buffer_init(&out);
    report_table(&report, 1, false, &out);
    cr_expect(strstr(out.bytes, "acme-checkout (a?[2J??x) availability") != NULL, "%s", out.bytes);
    text_buffer_fini(&out);
}

Test(report_table, latencies_have_a_line_of_their_own)
{
    struct objective_report report = example(999300, 700);
    report.latency = latency;
    struct text_buffer out;
    text_buffer_init(&out);
    report_table(&report, 1, false, &out);
    cr_expect(strstr(out.bytes, "MET\n  latency of 1000 requests: p50 1.2 ms, p90 3.4 ms, p99 9.1 "
                                "ms, p99.9 40.0 ms\n") != NULL,
              "%s", out.bytes);
    text_buffer_fini(&out);
}

/* Case R1. */
static struct seal r1_seal(struct restatement *restatement)
{
    static char reason[] = "customer";
    *restatement = (struct restatement){
        .number = 1,
        .causes = 1u << CAUSE_LATE | 1u << CAUSE_EXCLUSION,
        .cause = CAUSE_EXCLUSION,
        .reason = reason,
        .position = 999,
        .at_ns = 1783247400 * NS_PER_SECOND,
        .judgement = example(999100, 1100).judgement,
    };
    return (struct seal){
        .at_ns = 1783123200 * NS_PER_SECOND,
        .position = 998,
        .restatements = restatement,
        .restatement_count = 1,
    };
}

Test(report_json, a_seal_and_what_restated_it)
{
    struct restatement restatement;
    struct objective_report today = example(999100, 1100);
    struct seal seal = r1_seal(&restatement);
    struct objective_report report = example(999100, 900);
    seal.restated = &today;
    report.seal = &seal;
    struct text_buffer out;
    text_buffer_init(&out);
    report_json(&report, &out);
    cr_expect(
        strstr(out.bytes,
               "\"sealed\":true,\"sealed_at\":\"2026-07-04T00:00:00Z\",\"sealed_position\":998,"
               "\"restatements\":[{\"number\":1,\"cause\":\"exclusion\",\"causes\":[\"late\","
               "\"exclusion\"],\"reason\":\"customer\",\"author\":null,\"position\":999,"
               "\"at\":\"2026-07-05T10:30:00Z\",\"sli\":{\"numerator\":\"999100\","
               "\"denominator\":\"1000200\",\"percent\":\"99.890022\"},"
               "\"verdict\":\"breached\"}],\"restated\":{\"agreement\":\"acme-checkout\",") != NULL,
        "%s", out.bytes);
    text_buffer_fini(&out);
}

Test(report_table, a_restatement_has_a_line_of_its_own)
{
    struct restatement restatement;
    struct seal seal = r1_seal(&restatement);
    struct objective_report report = example(999100, 900);
    report.seal = &seal;
    struct text_buffer out;
    text_buffer_init(&out);
    report_table(&report, 1, false, &out);
    cr_expect(strstr(out.bytes, "MET\n  sealed; restated 1 time, last 2026-07-05T10:30:00Z "
                                "(exclusion): 99.890022 %  BREACHED\n") != NULL,
              "%s", out.bytes);
    text_buffer_fini(&out);
}

Test(report_table, no_figure_is_a_dash_and_colours_are_asked_for)
{
    struct objective_report report = example(0, 0);
    struct text_buffer out;
    text_buffer_init(&out);
    report_table(&report, 1, true, &out);
    cr_expect(strstr(out.bytes, "            -             -  ") != NULL, "%s", out.bytes);
    cr_expect(strstr(out.bytes, "\033[2mNO DATA\033[0m\n") != NULL);
    text_buffer_fini(&out);
}
