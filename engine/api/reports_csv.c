#include "api/reports_csv.h"

#include <inttypes.h>

#include "domain/decimal.h"

static void put_raw(struct text_buffer *out, const char *text)
{
    text_buffer_char(out, ',');
    text_buffer_string(out, text);
}

/* A quoted field. One that begins like a formula gets an apostrophe, or a spreadsheet would run it.
 */
static void put_text(struct text_buffer *out, const char *text)
{
    text_buffer_string(out, strchr("=+-@", text[0]) != NULL && text[0] != '\0' ? "\"'" : "\"");
    for (; *text != '\0'; text++) {
        text_buffer_string(out, *text == '"' ? "\"" : "");
        text_buffer_char(out, *text);
    }
    text_buffer_char(out, '"');
}

static void put_time(struct text_buffer *out, int64_t ns)
{
    char text[CIVIL_TEXT_SIZE] = "";
    if (ns != INT64_MIN && ns != INT64_MAX) {
        civil_format(ns, text);
    }
    put_raw(out, text);
}

static void put_identity(const struct objective_report *report, struct text_buffer *out)
{
    const struct agreement *agreement = report->agreement;
    char over[32];
    window_format(&report->over, over, sizeof(over));
    put_text(out, agreement->name);
    text_buffer_char(out, ',');
    put_text(out, agreement->customer == NULL ? "" : agreement->customer);
    text_buffer_format(out, ",%u,", agreement->version);
    put_text(out, report->objective->name);
    put_raw(out, method_word(report->objective->method));
    put_raw(out, report->objective->target_text);
    put_time(out, report->at_ns);
    put_raw(out, over);
    put_time(out, report->window.start_ns);
    put_time(out, report->window.end_ns);
}

static void put_measure(const struct objective_report *report, struct text_buffer *out)
{
    const struct judgement *judgement = &report->judgement;
    uint64_t valid = measure_valid(judgement->window);
    char percent[DECIMAL_TEXT_SIZE] = "";
    if (judgement->has_sli && valid == 0) {
        memcpy(percent, "100.000000", sizeof("100.000000"));
    } else if (judgement->has_sli) {
        decimal_format_percent(judgement->window.good, valid, report->objective->target_ppb,
                               percent);
    }
    text_buffer_format(out, ",%s,%" PRIu64 ",%" PRIu64 ",%s", budget_unit_word(judgement->unit),
                       judgement->window.good, judgement->window.bad, percent);
}

/* What is left of the budget against the full window, as in the JSON; empty where there is none. */
static void put_budget(const struct objective_report *report, struct text_buffer *out)
{
    const struct judgement *judgement = &report->judgement;
    int128 budget = (int128)judgement_budgets(report->objective, judgement).full;
    char remaining[DECIMAL_TEXT_SIZE] = "";
    if (judgement->has_sli && budget != 0 && measure_valid(judgement->window) != 0) {
        int128 used = (int128)judgement->window.bad * PPB;
        decimal_format_fraction((budget - used) * 100, budget, 6, remaining);
    }
    put_raw(out, remaining);
}

static void put_latency(const struct latency_figures *latency, struct text_buffer *out)
{
    for (uint32_t i = 0; i < LATENCY_PERCENTILES; i++) {
        char text[DECIMAL_TEXT_SIZE] = "";
        if (latency->count != 0) {
            decimal_format_ms(latency->percentile_ns[i], text);
        }
        put_raw(out, text);
    }
}

static void put_report(const struct objective_report *report, uint64_t position,
                       struct text_buffer *out)
{
    put_identity(report, out);
    put_measure(report, out);
    put_budget(report, out);
    put_raw(out, report_alert_word(report));
    put_raw(out, verdict_word(report->judgement.verdict));
    put_raw(out, verdict_reason_word(report->judgement.reason));
    text_buffer_format(out, ",%" PRIu64, position);
    put_latency(&report->latency, out);
    text_buffer_string(out, "\r\n");
}

void reports_csv(const struct objective_report *reports, uint32_t count, uint64_t position,
                 struct text_buffer *out)
{
    text_buffer_string(out,
                       "agreement,customer,version,objective,method,target,at,over,window_start,"
                       "window_end,unit,good,bad,sli_percent,budget_remaining_percent,alert,"
                       "verdict,reason,position,latency_p50_ms,latency_p90_ms,latency_p99_ms,"
                       "latency_p999_ms\r\n");
    for (uint32_t i = 0; i < count; i++) {
        put_report(&reports[i], position, out);
    }
}
