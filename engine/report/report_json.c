#include "report/report_json.h"

#include "domain/decimal.h"
#include "report/json_member.h"

static const char *window_kind(const struct objective_report *report)
{
    return report->over.kind == WINDOW_ROLLING    ? "rolling"
           : report->over.kind == WINDOW_CALENDAR ? "calendar"
           : report->over.kind == WINDOW_SPAN     ? "span"
                                                  : "term";
}

static void write_window(const struct objective_report *report, struct text_buffer *out)
{
    char over[32];
    window_format(&report->over, over, sizeof(over));
    text_buffer_format(out, "\"over\":\"%s\",\"window\":{\"kind\":\"%s\",", over,
                       window_kind(report));
    json_member_time(out, "start", report->window.start_ns);
    text_buffer_char(out, ',');
    json_member_time(out, "end", report->window.end_ns);
    text_buffer_format(out, ",\"resolution_s\":%lld},", (long long)report->resolution_s);
}

static void write_counts(const struct objective_report *report, struct text_buffer *out)
{
    if (!report->has_counts) {
        text_buffer_string(out, "\"counts\":null,");
        return;
    }
    const struct request_counts *counts = &report->counts;
    uint64_t excluded = 0;
    for (uint32_t i = 0; i < ASIDE_COUNT; i++) {
        excluded += counts->excluded_by[i];
    }
    text_buffer_format(out,
                       "\"counts\":{\"good\":%llu,\"bad\":%llu,\"excluded\":%llu,"
                       "\"out_of_scope\":%llu,\"late\":%llu,\"excluded_by\":{",
                       (unsigned long long)counts->good, (unsigned long long)counts->bad,
                       (unsigned long long)excluded, (unsigned long long)counts->out_of_scope,
                       (unsigned long long)counts->late);
    for (uint32_t i = 0; i < ASIDE_COUNT; i++) {
        text_buffer_format(out, "%s\"%s\":%llu", i == 0 ? "" : ",", aside_word((enum aside)i),
                           (unsigned long long)counts->excluded_by[i]);
    }
    text_buffer_string(out, "}},");
}

static void write_states(const struct objective_report *report, struct text_buffer *out)
{
    if (report->has_time) {
        const struct four_states *time = &report->time;
        text_buffer_format(out,
                           "\"time\":{\"good_ns\":\"%llu\",\"bad_ns\":\"%llu\","
                           "\"excluded_ns\":\"%llu\",\"unknown_ns\":\"%llu\"},",
                           (unsigned long long)time->good, (unsigned long long)time->bad,
                           (unsigned long long)time->excluded, (unsigned long long)time->unknown);
    } else {
        text_buffer_string(out, "\"time\":null,");
    }
    if (report->has_slices) {
        const struct four_states *slices = &report->slices;
        text_buffer_format(
            out, "\"slices\":{\"good\":%llu,\"bad\":%llu,\"excluded\":%llu,\"unknown\":%llu},",
            (unsigned long long)slices->good, (unsigned long long)slices->bad,
            (unsigned long long)slices->excluded, (unsigned long long)slices->unknown);
    } else {
        text_buffer_string(out, "\"slices\":null,");
    }
}

static void percent_text(int64_t target_ppb, struct measure measure, char out[DECIMAL_TEXT_SIZE])
{
    uint64_t valid = measure_valid(measure);
    if (valid == 0) {
        memcpy(out, "100.000000", sizeof("100.000000")); /* only where empty counts as good */
        return;
    }
    decimal_format_percent(measure.good, valid, target_ppb, out);
}

static void write_sli(bool has_sli, struct measure window, int64_t target_ppb,
                      struct text_buffer *out)
{
    if (!has_sli) {
        text_buffer_string(out, "\"sli\":null,");
        return;
    }
    char percent[DECIMAL_TEXT_SIZE];
    percent_text(target_ppb, window, percent);
    text_buffer_format(out,
                       "\"sli\":{\"numerator\":\"%llu\",\"denominator\":\"%llu\","
                       "\"percent\":\"%s\"},",
                       (unsigned long long)window.good, (unsigned long long)measure_valid(window),
                       percent);
}

static void write_coverage(const struct objective_report *report, struct text_buffer *out)
{
    const struct judgement *judgement = &report->judgement;
    char coverage[DECIMAL_TEXT_SIZE] = "100.000000";
    if (judgement->coverage_all_ns != 0) {
        decimal_format_percent(judgement->coverage_known_ns, judgement->coverage_all_ns,
                               report->objective->coverage_floor_ppb, coverage);
    }
    text_buffer_format(out, "\"coverage_percent\":\"%s\",", coverage);
}

/* 100 * bad / budget or what is left of 100, with six decimals. */
static void budget_percent(const struct judgement *judgement, uint128 units, bool remaining,
                           char out[DECIMAL_TEXT_SIZE])
{
    int128 budget = (int128)units;
    int128 used = (int128)judgement->window.bad * PPB;
    int128 part = remaining ? budget - used : used;
    decimal_format_fraction(part * 100, budget, 6, out);
    if (part < budget && text_is(text_from(out), "100.000000")) {
        memcpy(out, "99.999999", sizeof("99.999999")); /* 100 % is never reached from below */
    }
}

static void write_budget(const struct objective_report *report, struct text_buffer *out)
{
    const struct judgement *judgement = &report->judgement;
    struct budgets budgets = judgement_budgets(report->objective, judgement);
    char total[DECIMAL_TEXT_SIZE];
    decimal_format_trimmed((int128)budgets.total, PPB, 9, total);
    text_buffer_format(out, "\"budget\":{\"unit\":\"%s\",\"total\":\"%s\",",
                       budget_unit_word(judgement->unit), total);
    if (report->objective->target_ppb == PPB || budgets.full == 0 || budgets.elapsed == 0 ||
        !judgement->has_sli) {
        text_buffer_string(out, "\"consumed_percent\":null,\"remaining_percent\":null,"
                                "\"remaining_percent_elapsed\":null},");
        return;
    }
    char consumed[DECIMAL_TEXT_SIZE];
    char remaining[DECIMAL_TEXT_SIZE];
    char elapsed[DECIMAL_TEXT_SIZE];
    budget_percent(judgement, budgets.full, false, consumed);
    budget_percent(judgement, budgets.full, true, remaining);
    budget_percent(judgement, budgets.elapsed, true, elapsed);
    text_buffer_format(out,
                       "\"consumed_percent\":\"%s\",\"remaining_percent\":\"%s\","
                       "\"remaining_percent_elapsed\":\"%s\"},",
                       consumed, remaining, elapsed);
}

/* bad / valid / B, at most nine decimals; null with a 100 % target. */
static void write_burn(const struct objective_report *report, const char *key,
                       struct measure measure, struct text_buffer *out)
{
    int64_t budget_ppb = PPB - report->objective->target_ppb;
    uint64_t valid = measure_valid(measure);
    if (budget_ppb == 0) {
        text_buffer_format(out, "\"%s\":null", key);
        return;
    }
    char burn[DECIMAL_TEXT_SIZE] = "0";
    if (valid != 0) {
        decimal_format_trimmed((int128)measure.bad * PPB, (int128)valid * budget_ppb, 9, burn);
    }
    text_buffer_format(out, "\"%s\":\"%s\"", key, burn);
}

static void write_seconds(const char *key, int64_t seconds, struct text_buffer *out)
{
    if (seconds < 0) {
        text_buffer_format(out, "\"%s\":null", key);
    } else {
        text_buffer_format(out, "\"%s\":%lld", key, (long long)seconds);
    }
}

static void write_alerts(const struct objective_report *report, struct text_buffer *out)
{
    const struct objective *objective = report->objective;
    text_buffer_string(out, "\"alerts\":[");
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        const struct alert_pair *pair = &objective->alerts[i];
        const struct alert_state *state = &report->judgement.alerts[i];
        char long_text[32];
        char short_text[32];
        char threshold[DECIMAL_TEXT_SIZE];
        duration_format(pair->long_ns, long_text, sizeof(long_text));
        duration_format(pair->short_ns, short_text, sizeof(short_text));
        decimal_format_trimmed((int128)pair->threshold_numerator,
                               (int128)pair->threshold_denominator, 9, threshold);
        text_buffer_format(
            out, "%s{\"severity\":\"%s\",\"long\":\"%s\",\"short\":\"%s\",\"threshold\":\"%s\",",
            i == 0 ? "" : ",", alert_severity_word(pair->severity), long_text, short_text,
            threshold);
        write_burn(report, "long_burn", state->long_measure, out);
        text_buffer_char(out, ',');
        write_burn(report, "short_burn", state->short_measure, out);
        text_buffer_format(out, ",\"firing\":%s}", state->firing ? "true" : "false");
    }
    if (report->expects_signs) {
        text_buffer_format(
            out,
            "%s{\"severity\":\"" ALERT_SILENT_WORD "\",\"long\":null,\"short\":null,"
            "\"threshold\":null,\"long_burn\":null,\"short_burn\":null,\"firing\":%s}",
            objective->alert_count == 0 ? "" : ",", report->silent ? "true" : "false");
    }
    text_buffer_format(out, "],\"alert\":\"%s\",", report_alert_word(report));
    if (report->silent) {
        text_buffer_string(out, "\"silent\":true,");
    }
}

static void write_policies(const struct objective_report *report, struct text_buffer *out)
{
    text_buffer_string(out, "\"maintenance\":{");
    for (uint32_t policy = 0; policy < 3; policy++) {
        const char *word = maintenance_policy_word((enum maintenance_policy)policy);
        struct measure measure = report->by_policy[policy];
        bool empty_is_good = report->objective->no_data == NO_DATA_EMPTY_IS_GOOD;
        text_buffer_format(out, "%s\"%s\":", policy == 0 ? "" : ",", word);
        if (measure_valid(measure) == 0 && !empty_is_good) {
            text_buffer_string(out, "null");
        } else {
            char percent[DECIMAL_TEXT_SIZE];
            percent_text(report->objective->target_ppb, measure, percent);
            text_buffer_format(out, "\"%s\"", percent);
        }
    }
    text_buffer_string(out, "},");
}

static void write_incidents(const struct objective_report *report, struct text_buffer *out)
{
    const struct incident_figures *figures = &report->incidents;
    if (report->agreement->of_project != NULL) {
        text_buffer_string(out, "\"incidents\":null,"); /* its agreements tell them */
        return;
    }
    text_buffer_format(out, "\"incidents\":{\"count\":%llu,\"open\":%llu,\"potential_open\":%llu,",
                       (unsigned long long)figures->count, (unsigned long long)figures->open,
                       (unsigned long long)figures->potential_open);
    int64_t mttr_s = -1;
    int64_t mtbf_s = -1;
    int64_t mtbsi_s = -1;
    int64_t mtta_s = -1;
    if (figures->count != 0) {
        int64_t count = (int64_t)figures->count;
        int64_t up_ns = (int64_t)figures->agreed_ns - (int64_t)figures->downtime_ns;
        mttr_s = (int64_t)figures->downtime_ns / count / NS_PER_SECOND;
        mtbf_s = up_ns > 0 ? up_ns / count / NS_PER_SECOND : 0;
        mtbsi_s = (int64_t)figures->agreed_ns / count / NS_PER_SECOND;
    }
    if (figures->acknowledged != 0) {
        mtta_s = (int64_t)(figures->acknowledge_ns / figures->acknowledged) / NS_PER_SECOND;
    }
    write_seconds("mttr_s", mttr_s, out);
    text_buffer_char(out, ',');
    write_seconds("mtbf_s", mtbf_s, out);
    text_buffer_char(out, ',');
    write_seconds("mtbsi_s", mtbsi_s, out);
    text_buffer_char(out, ',');
    write_seconds("mtta_s", mtta_s, out);
    text_buffer_char(out, ',');
    write_seconds("potential_oldest_s",
                  figures->has_potential_age ? (int64_t)(figures->potential_age_ns / NS_PER_SECOND)
                                             : -1,
                  out);
    text_buffer_format(out, ",\"promoted\":%llu", (unsigned long long)figures->promoted);
    text_buffer_string(out, "},");
}

static void write_credit(const struct objective_report *report, struct text_buffer *out)
{
    if (!report->has_credit) {
        text_buffer_string(out, "\"credit\":null,");
        return;
    }
    const struct credit_terms *terms = report->credit_terms;
    const struct credit *credit = &report->credit;
    char percent[DECIMAL_TEXT_SIZE];
    decimal_format_fraction((int128)credit->tier.pays_ppb * 100, PPB, 6, percent);
    text_buffer_format(out, "\"credit\":{\"percent\":\"%s\",", percent);
    if (credit->due) {
        char below[DECIMAL_TEXT_SIZE];
        decimal_format_target(credit->tier.below_ppb, below);
        text_buffer_format(out, "\"below\":\"%s\",", below);
    } else {
        text_buffer_string(out, "\"below\":null,");
    }
    if (terms->has_charge) {
        text_buffer_format(out, "\"amount_minor\":%lld,\"currency\":\"%s\"},",
                           (long long)credit->amount_minor, terms->currency);
    } else {
        text_buffer_string(out, "\"amount_minor\":null,\"currency\":null},");
    }
}

static void write_latency(const struct objective_report *report, struct text_buffer *out)
{
    static const char *const names[LATENCY_PERCENTILES] = {"p50", "p90", "p99", "p999"};
    const struct latency_figures *latency = &report->latency;
    if (latency->count == 0) {
        text_buffer_string(out, "\"latency_ms\":null,");
        return;
    }
    for (uint32_t i = 0; i < LATENCY_PERCENTILES; i++) {
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_ms(latency->percentile_ns[i], text);
        text_buffer_format(out, "%s\"%s\":\"%s\"", i == 0 ? "\"latency_ms\":{" : ",", names[i],
                           text);
    }
    text_buffer_string(out, "},\"latency_window\":{");
    json_member_time(out, "start", latency->start_ns);
    text_buffer_format(out, ",\"requests\":%llu},", (unsigned long long)latency->count);
}

static void write_part(const struct report_part *part, struct text_buffer *out)
{
    char text[DECIMAL_TEXT_SIZE];
    text_buffer_format(out, "{\"version\":%u,", part->version);
    json_member_time(out, "start", part->span.start_ns);
    text_buffer_char(out, ',');
    json_member_time(out, "end", part->span.end_ns);
    text_buffer_format(out, ",\"target\":\"%s\",", part->target_text);
    write_sli(part->has_sli, part->window, part->target_ppb, out);
    decimal_format_trimmed((int128)part->budget, PPB, 9, text);
    text_buffer_format(out,
                       "\"budget\":{\"unit\":\"%s\",\"total\":\"%s\"},\"verdict\":\"%s\","
                       "\"reason\":\"%s\"}",
                       budget_unit_word(part->unit), text, verdict_word(part->verdict),
                       verdict_reason_word(part->reason));
}

static void write_parts(const struct objective_report *report, struct text_buffer *out)
{
    text_buffer_string(out, "\"parts\":[");
    for (uint32_t i = 0; i < report->part_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        write_part(&report->parts[i], out);
    }
    text_buffer_string(out, "],");
}

static void write_restatement(const struct objective_report *report,
                              const struct restatement *restatement, struct text_buffer *out)
{
    text_buffer_format(out, "{\"number\":%u,\"cause\":\"%s\",\"causes\":[", restatement->number,
                       restatement_cause_word(restatement->cause));
    const char *separator = "";
    for (enum restatement_cause cause = 0; cause < CAUSE_COUNT; cause++) {
        if ((restatement->causes >> cause & 1) != 0) {
            text_buffer_format(out, "%s\"%s\"", separator, restatement_cause_word(cause));
            separator = ",";
        }
    }
    text_buffer_string(out, "],");
    json_member_string(out, "reason", restatement->reason);
    text_buffer_char(out, ',');
    json_member_string(out, "author", restatement->author);
    text_buffer_format(out, ",\"position\":%llu,", (unsigned long long)restatement->position);
    json_member_time(out, "at", restatement->at_ns);
    text_buffer_char(out, ',');
    write_sli(restatement->judgement.has_sli, restatement->judgement.window,
              report->objective->target_ppb, out);
    text_buffer_format(out, "\"verdict\":\"%s\"}", verdict_word(restatement->judgement.verdict));
}

static void write_seal(const struct objective_report *report, struct text_buffer *out)
{
    const struct seal *seal = report->seal;
    if (seal == NULL) {
        text_buffer_string(out, "\"sealed\":false,\"restatements\":[]");
        return;
    }
    text_buffer_string(out, "\"sealed\":true,");
    json_member_time(out, "sealed_at", seal->at_ns);
    text_buffer_format(out, ",\"sealed_position\":%llu,\"restatements\":[",
                       (unsigned long long)seal->position);
    for (uint32_t i = 0; i < seal->restatement_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        write_restatement(report, &seal->restatements[i], out);
    }
    text_buffer_char(out, ']');
    if (seal->restatement_count != 0) {
        text_buffer_string(out, ",\"restated\":");
        report_json(seal->restated, out);
    }
}

void report_json(const struct objective_report *report, struct text_buffer *out)
{
    const struct agreement *agreement = report->agreement;
    const struct objective *objective = report->objective;
    const struct judgement *judgement = &report->judgement;
    text_buffer_char(out, '{');
    if (agreement->of_project != NULL) {
        json_member_string(out, "project", agreement->name);
        text_buffer_char(out, ',');
    }
    json_member_string(out, "agreement", agreement->of_project == NULL ? agreement->name : NULL);
    text_buffer_char(out, ',');
    json_member_string(out, "customer", agreement->customer);
    text_buffer_format(out, ",\"version\":%u,", agreement->version);
    json_member_string(out, "objective", objective->name);
    text_buffer_format(out, ",\"method\":\"%s\",\"target\":\"%s\",", method_word(objective->method),
                       objective->target_text);
    json_member_time(out, "at", report->at_ns);
    text_buffer_char(out, ',');
    write_window(report, out);
    write_counts(report, out);
    write_states(report, out);
    write_sli(judgement->has_sli, judgement->window, report->objective->target_ppb, out);
    write_coverage(report, out);
    write_budget(report, out);
    write_burn(report, "burn", judgement->burn, out);
    text_buffer_char(out, ',');
    write_seconds("budget_lasts_s", judgement_budget_lasts_s(objective, judgement), out);
    text_buffer_char(out, ',');
    write_seconds("whole_budget_lasts_s", judgement_whole_budget_lasts_s(objective, judgement),
                  out);
    text_buffer_char(out, ',');
    write_alerts(report, out);
    text_buffer_format(out, "\"verdict\":\"%s\",\"reason\":\"%s\",",
                       verdict_word(judgement->verdict), verdict_reason_word(judgement->reason));
    write_parts(report, out);
    write_policies(report, out);
    write_incidents(report, out);
    write_credit(report, out);
    text_buffer_string(out, "\"endangered_by\":[");
    for (uint32_t i = 0; i < report->endangered_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ",");
        text_buffer_json(out, text_from(report->endangered_by[i]));
    }
    text_buffer_string(out, "],");
    write_latency(report, out);
    write_seal(report, out);
    text_buffer_char(out, '}');
}

void reports_json(const struct objective_report *reports, uint32_t count, uint64_t position,
                  const char *more, struct text_buffer *out)
{
    text_buffer_format(out, "{\"position\":%llu,\"reports\":[", (unsigned long long)position);
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_string(out, i == 0 ? "\n" : ",\n");
        report_json(&reports[i], out);
    }
    text_buffer_string(out, count == 0 ? "]" : "\n]");
    text_buffer_string(out, more == NULL ? "" : more);
    text_buffer_string(out, "}\n");
}
