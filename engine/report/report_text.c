#include "report/report_text.h"

#include <stdio.h>

#include "domain/decimal.h"

#define NAME_SIZE 512 /* three names of at most NAME_BYTES_MAX */

static const char *verdict_title(enum verdict verdict)
{
    static const char *const titles[VERDICT_COUNT] = {"NO DATA", "UNKNOWN", "MET",
                                                      "AT RISK", "BEHIND",  "BREACHED"};
    return titles[verdict];
}

static const char *verdict_colour(enum verdict verdict)
{
    static const char *const colours[VERDICT_COUNT] = {"\033[2m",  "\033[35m", "\033[32m",
                                                       "\033[33m", "\033[33m", "\033[1;31m"};
    return colours[verdict];
}

/* "+9.6 %" of the full window's budget. */
static void percent_left(const struct objective_report *report, char *out, size_t size)
{
    const struct judgement *judgement = &report->judgement;
    int128 budget = (int128)judgement_budgets(report->objective, judgement).full;
    if (budget == 0 || !judgement->has_sli) {
        snprintf(out, size, "-");
        return;
    }
    char text[DECIMAL_TEXT_SIZE];
    decimal_format_fraction((budget - (int128)judgement->window.bad * PPB) * 100, budget, 1, text);
    snprintf(out, size, "%s%s %%", text[0] == '-' ? "" : "+", text);
}

static void span_words(int64_t ns, char *out, size_t size)
{
    int64_t seconds = ns / NS_PER_SECOND;
    if (seconds >= 86400) {
        snprintf(out, size, "%lldd %lldh", (long long)(seconds / 86400),
                 (long long)(seconds % 86400 / 3600));
    } else if (seconds >= 3600) {
        snprintf(out, size, "%lldh %lldm", (long long)(seconds / 3600),
                 (long long)(seconds % 3600 / 60));
    } else if (seconds >= 60) {
        snprintf(out, size, "%lldm %llds", (long long)(seconds / 60), (long long)(seconds % 60));
    } else {
        snprintf(out, size, "%llds", (long long)seconds);
    }
}

/* How many units may still go bad, or are over. */
static void units_left(const struct objective_report *report, char *out, size_t size)
{
    const struct judgement *judgement = &report->judgement;
    out[0] = '\0';
    if (!judgement->has_sli || judgement->unit == BUDGET_RATIO ||
        report->objective->method == METHOD_RATIO_TIMESLICES) {
        return; /* a mean is not used up by whole slices */
    }
    int128 budget = (int128)judgement_budgets(report->objective, judgement).full;
    int128 left = budget - (int128)judgement->window.bad * PPB;
    bool over = left < 0;
    int64_t units = (int64_t)((over ? -left : left) / PPB); /* whole ones */
    if (judgement->unit == BUDGET_NS) {
        char words[32];
        span_words(units, words, sizeof(words));
        snprintf(out, size, "%s%s", words, over ? " over" : "");
    } else {
        const char *unit = budget_unit_noun(judgement->unit);
        snprintf(out, size, "%lld %s", (long long)units, over ? "over" : unit);
        if (!over && units != 1) {
            strncat(out, "s", size - strlen(out) - 1);
        }
    }
}

static void measured(const struct objective_report *report, const struct judgement *judgement,
                     char *out, size_t size)
{
    uint64_t valid = measure_valid(judgement->window);
    if (!judgement->has_sli || valid == 0) {
        snprintf(out, size, judgement->has_sli ? "100.000000 %%" : "-");
        return;
    }
    char percent[DECIMAL_TEXT_SIZE];
    decimal_format_percent(judgement->window.good, valid, report->objective->target_ppb, percent);
    snprintf(out, size, "%s %%", percent);
}

/* A line of its own, where requests carried a latency. */
static void latency_line(const struct latency_figures *latency, struct text_buffer *out)
{
    if (latency->count == 0) {
        return;
    }
    char text[LATENCY_PERCENTILES][DECIMAL_TEXT_SIZE];
    for (uint32_t i = 0; i < LATENCY_PERCENTILES; i++) {
        decimal_format_ms(latency->percentile_ns[i], text[i]);
    }
    text_buffer_format(
        out, "  latency of %llu request%s: p50 %s ms, p90 %s ms, p99 %s ms, p99.9 %s ms\n",
        (unsigned long long)latency->count, latency->count == 1 ? "" : "s", text[0], text[1],
        text[2], text[3]);
}

/* A line of its own, where what came in after the seal changed the figure. */
static void restatement_line(const struct objective_report *report, bool colour,
                             struct text_buffer *out)
{
    if (report->seal == NULL || report->seal->restatement_count == 0) {
        return;
    }
    const struct seal *seal = report->seal;
    const struct restatement *last = &seal->restatements[seal->restatement_count - 1];
    enum verdict verdict = last->judgement.verdict;
    char sli[80];
    char at[CIVIL_TEXT_SIZE];
    measured(report, &last->judgement, sli, sizeof(sli));
    civil_format(floor_to(last->at_ns, NS_PER_SECOND), at);
    text_buffer_format(
        out, "  sealed; restated %u time%s, last %s (%s): %s  %s%s%s\n", last->number,
        last->number == 1 ? "" : "s", at, restatement_cause_word(last->cause), sli,
        colour ? verdict_colour(verdict) : "", verdict_title(verdict), colour ? "\033[0m" : "");
}

/* Customers are named by events too: no control character gets to the terminal. */
static void make_printable(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        bool is_c1 = at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0;
        if (is_c1) {
            at[1] = '?';
        }
        if (is_c1 || *at < 0x20 || *at == 0x7F) {
            *at = '?';
        }
    }
}

/* `acme-checkout (acme) availability`. */
static void name_of(const struct objective_report *report, char *out, size_t size)
{
    const char *customer = report->agreement->customer;
    if (customer == NULL) {
        snprintf(out, size, "%s %s", report->agreement->name, report->objective->name);
    } else {
        snprintf(out, size, "%s (%s) %s", report->agreement->name, customer,
                 report->objective->name);
    }
    make_printable(out);
}

static int name_width(const struct objective_report *reports, uint32_t count)
{
    size_t width = 16;
    for (uint32_t i = 0; i < count; i++) {
        char name[NAME_SIZE];
        name_of(&reports[i], name, sizeof(name));
        width = strlen(name) > width ? strlen(name) : width;
    }
    return (int)(width > 64 ? 64 : width);
}

void report_table(const struct objective_report *reports, uint32_t count, bool colour,
                  struct text_buffer *out)
{
    int width = name_width(reports, count);
    text_buffer_format(out, "%-*s  %-19s  %13s  %12s  %-14s  %s\n", width, "AGREEMENT", "PROMISED",
                       "MEASURED", "BUDGET LEFT", "", "VERDICT");
    for (uint32_t i = 0; i < count; i++) {
        const struct objective_report *report = &reports[i];
        char name[NAME_SIZE];
        char over[32];
        char promised[64];
        char sli[80];
        char left[80];
        char units[64];
        name_of(report, name, sizeof(name));
        window_format(&report->over, over, sizeof(over));
        snprintf(promised, sizeof(promised), "%s %%  %s", report->objective->target_text, over);
        measured(report, &report->judgement, sli, sizeof(sli));
        percent_left(report, left, sizeof(left));
        units_left(report, units, sizeof(units));
        enum verdict verdict = report->judgement.verdict;
        text_buffer_format(out, "%-*.*s  %-19s  %13s  %12s  %-14s  %s%s%s\n", width, width, name,
                           promised, sli, left, units, colour ? verdict_colour(verdict) : "",
                           verdict_title(verdict), colour ? "\033[0m" : "");
        latency_line(&report->latency, out);
        restatement_line(report, colour, out);
    }
}
