/* What an agreement means, in sentences with exact numbers. */
#include <stdio.h>

#include "base/panic.h"
#include "catalog/alert_sentences.h"
#include "catalog/catalog.h"
#include "catalog/over.h"
#include "catalog/term_sentences.h"
#include "catalog/wording.h"
#include "domain/composite.h"

static void write_services(struct text_buffer *out, const struct agreement *agreement)
{
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        const char *joint = i == 0 ? "" : i + 1 == agreement->service_count ? " and " : ", ";
        text_buffer_format(out, "%s%s", joint, agreement->services[i]);
    }
}

/* "month", "2 weeks" */
static void write_units(struct text_buffer *out, const struct window *window)
{
    const struct window one = {.kind = WINDOW_CALENDAR, .unit = window->unit};
    char unit[32];
    window_format(&one, unit, sizeof(unit));
    uint32_t count = window_unit_count(window);
    if (count > 1) {
        text_buffer_format(out, "%u %ss", count, unit);
    } else {
        text_buffer_string(out, unit);
    }
}

/* "each calendar month (UTC)", "every 2 weeks (UTC) from 2026-01-05 12:30:00 on" */
static void write_period(struct text_buffer *out, const struct window *window)
{
    if (window_unit_count(window) > 1) {
        text_buffer_string(out, "every ");
    } else {
        text_buffer_string(out, "each calendar ");
    }
    write_units(out, window);
    text_buffer_format(out, " (%s)", window->zone == NULL ? "UTC" : window->zone->name);
    if (window->is_anchored) {
        char anchor[CIVIL_TEXT_SIZE];
        civil_format(window->anchor_days * NS_PER_DAY + window->anchor_time_ns, anchor);
        text_buffer_format(out, " from %.10s", anchor);
        if (window->anchor_time_ns != 0) {
            text_buffer_format(out, " %.8s", anchor + 11);
        }
        text_buffer_string(out, " on");
    }
}

/* "30 days", "1 hour"; what is neither as its parts */
static void write_length(struct text_buffer *out, int64_t ns)
{
    bool days = ns % NS_PER_DAY == 0;
    int64_t unit_ns = days ? NS_PER_DAY : NS_PER_HOUR;
    if (ns % unit_ns != 0) {
        write_span(out, ns);
        return;
    }
    text_buffer_format(out, "%lld %s%s", (long long)(ns / unit_ns), days ? "day" : "hour",
                       ns == unit_ns ? "" : "s");
}

/* "rolling 30 days", "each calendar month (UTC)" */
static void write_window(struct text_buffer *out, const struct window *window)
{
    switch (window->kind) {
    case WINDOW_ROLLING:
        text_buffer_string(out, "rolling ");
        write_length(out, window->length_ns);
        return;
    case WINDOW_CALENDAR:
        write_period(out, window);
        return;
    case WINDOW_TERM:
        text_buffer_string(out, "the term of the agreement");
        return;
    case WINDOW_SPAN:
        break; /* never in a document */
    }
    unreachable("window kind");
}

/* A length to give examples for; 0: none is known. Months count as 30 d, as for alerts; the words
 * say so. */
static int64_t example_ns(const struct window *window, struct span term)
{
    if (window->kind == WINDOW_TERM) {
        bool bounded = term.start_ns != INT64_MIN && term.end_ns != INT64_MAX;
        return bounded ? span_length(term) : 0;
    }
    return over_length_ns(window, term);
}

/* "43 m 12 s of 30 d", "... of a month of 30 d" */
static void write_example(struct text_buffer *out, const struct window *window, int64_t length_ns)
{
    text_buffer_string(out, " of ");
    if (window->kind == WINDOW_CALENDAR && window->unit >= CALENDAR_MONTH) {
        text_buffer_string(out, window_unit_count(window) > 1 ? "" : "a ");
        write_units(out, window);
        text_buffer_string(out, " of ");
    }
    write_span(out, length_ns);
}

/* "1 of 1,000": the budget as a fraction in lowest terms. */
static void write_budget_fraction(struct text_buffer *out, int64_t target_ppb)
{
    uint64_t numerator = (uint64_t)(PPB - target_ppb);
    uint64_t denominator = (uint64_t)PPB;
    uint64_t a = denominator;
    uint64_t b = numerator;
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    write_grouped(out, numerator / a);
    text_buffer_string(out, " of ");
    write_grouped(out, denominator / a);
}

/* "standing requests of acme to checkout" */
static void write_requests_of(struct text_buffer *out, const struct agreement *agreement,
                              const struct total_rule *total)
{
    static const char *const classes[] = {"", "ad hoc ", "standing "};
    text_buffer_format(out, "%srequests", classes[total->request_class]);
    if (agreement->each_customer) {
        text_buffer_string(out, " of each customer");
    } else if (agreement->customer != NULL) {
        text_buffer_format(out, " of %s", agreement->customer);
    } else if (total->customer != NULL) {
        text_buffer_format(out, " of %s", total->customer);
    }
    text_buffer_string(out, " to ");
    write_services(out, agreement);
}

/* --- the promise, by method --- */

static void promise_occurrences(struct text_buffer *out, const struct agreement *agreement,
                                const struct objective *objective)
{
    text_buffer_format(out, "%s %% of ", objective->target_text);
    write_requests_of(out, agreement, &objective->total);
    text_buffer_string(out, ", over ");
    write_window(out, &objective->window);
    if (objective->target_ppb == PPB) {
        text_buffer_string(out, ": none may fail.\n");
        return;
    }
    text_buffer_string(out, ": at most ");
    write_budget_fraction(out, objective->target_ppb);
    text_buffer_string(out, " may fail.\n");
}

static void promise_timeslices(struct text_buffer *out, const struct agreement *agreement,
                               const struct objective *objective)
{
    text_buffer_format(out, "%s %% of slices of ", objective->target_text);
    write_span(out, objective->slice_ns);
    text_buffer_string(out, " are good, over ");
    write_window(out, &objective->window);
    int64_t length_ns = example_ns(&objective->window, agreement->term);
    uint64_t slices = (uint64_t)(length_ns / objective->slice_ns);
    if (objective->target_ppb == PPB) {
        text_buffer_string(out, ": none may be bad");
    } else if (slices == 0) {
        text_buffer_string(out, ": at most ");
        write_budget_fraction(out, objective->target_ppb);
        text_buffer_string(out, " measured slices may be bad");
    } else {
        uint128 bad = (uint128)slices * (uint128)(PPB - objective->target_ppb) / (uint128)PPB;
        text_buffer_string(out, ": at most ");
        write_grouped(out, (uint64_t)bad);
        text_buffer_string(out, " of ");
        write_grouped(out, slices);
        text_buffer_string(out, " slices");
        write_example(out, &objective->window, length_ns);
        text_buffer_string(out, " may be bad");
    }
    text_buffer_string(out, ". A slice is good when at least ");
    write_percent(out, objective->slice_target_ppb);
    text_buffer_string(out, " % of its ");
    write_requests_of(out, agreement, &objective->total);
    text_buffer_string(out, " are good.\n");
}

static void promise_uptime(struct text_buffer *out, const struct agreement *agreement,
                           const struct objective *objective)
{
    write_services(out, agreement);
    text_buffer_format(out, " %s up for %s %% of the agreed time, over ",
                       agreement->service_count == 1 ? "is" : "are", objective->target_text);
    write_window(out, &objective->window);
    int64_t length_ns = example_ns(&objective->window, agreement->term);
    if (objective->target_ppb == PPB) {
        text_buffer_string(out, ": no downtime is allowed");
    } else if (length_ns == 0) {
        text_buffer_string(out, ": at most ");
        write_budget_fraction(out, objective->target_ppb);
        text_buffer_string(out, " parts of the time may be downtime");
    } else {
        /* Exact for whole seconds; a term may end between them: then what is shown is not above it.
         */
        int128 budget = (int128)length_ns * (int128)(PPB - objective->target_ppb) / PPB;
        text_buffer_string(out, ": downtime of at most ");
        write_span(out, (int64_t)budget);
        write_example(out, &objective->window, length_ns);
    }
    text_buffer_string(out, ". Downtime is the union of actual incidents of severity ");
    text_buffer_format(out, "%s%s and of `down` states.\n", severity_word(objective->severity),
                       objective->severity == SEVERITY_CRITICAL ? "" : " or above");
}

/* --- what else figures depend on --- */

static void explain_status(struct text_buffer *out, const struct good_rule *rule)
{
    if (rule->status_default) {
        text_buffer_string(out, "its status is below 500");
    } else {
        text_buffer_string(out, "its status is ");
        write_status(out, rule);
    }
}

static void explain_latency(struct text_buffer *out, const struct good_rule *rule)
{
    const char *side = rule->describes_bad       ? rule->latency_inclusive ? "at least" : "above"
                       : rule->latency_inclusive ? "at most"
                                                 : "below";
    text_buffer_format(out, "its latency is %s ", side);
    write_latency(out, rule->latency_ns);
}

/* What each part means, classify.c has: a missing status passes the default only, a missing latency
 * is never shown to be within a limit, nor above one. */
static void explain_good(struct text_buffer *out, const struct good_rule *rule)
{
    bool asks_status = rule->status_default || rule->status_count != 0;
    const char *joint = "";
    text_buffer_format(out, "  A request is %s when ", rule->describes_bad ? "bad" : "good");
    if (rule->outcome_required) {
        text_buffer_string(out, "its sender says so");
        joint = " and ";
    } else if (asks_status) {
        explain_status(out, rule);
        joint = " and ";
    }
    if (rule->latency_given) {
        text_buffer_string(out, joint);
        explain_latency(out, rule);
    }
    if (asks_status && !rule->outcome_required) {
        text_buffer_string(out, "; an outcome sent with it wins over its status");
    } else if (!rule->outcome_required) {
        text_buffer_format(out, "%s when its sender says that it is bad",
                           rule->describes_bad ? ", or" : ", but not");
    }
    text_buffer_string(out, ".\n");
}

/* What an empty window is. */
static void explain_nothing(struct text_buffer *out, const struct objective *objective)
{
    bool good = objective->no_data == NO_DATA_EMPTY_IS_GOOD;
    if (method_counts_incidents(objective->method)) {
        text_buffer_string(out, good ? "  A window without incidents counts as good.\n"
                                     : "  Without incidents there is no verdict.\n");
    } else if (objective->method == METHOD_UPTIME) {
        text_buffer_string(out,
                           good ? "  A window of which nothing is known counts as good.\n" : "");
    } else if (objective->method != METHOD_COMPOSITE) {
        text_buffer_string(out, good ? "  Time without requests counts as good.\n"
                                     : "  Without requests there is no verdict.\n");
    }
}

static void explain_policies(struct text_buffer *out, const struct objective *objective)
{
    if (objective->coverage_floor_ppb != 0) {
        text_buffer_string(out, "  With less than ");
        write_percent(out, objective->coverage_floor_ppb);
        text_buffer_string(
            out, " % of the time covered the verdict is unknown, and alerts stay as they are.\n");
    }
    explain_nothing(out, objective);
    if (objective->min_events != 0 && objective->method != METHOD_UPTIME) {
        text_buffer_string(out, "  With fewer than ");
        write_grouped(out, objective->min_events);
        text_buffer_format(out, " %s there is no verdict.\n",
                           method_has_slices(objective->method)         ? "measured slices"
                           : method_counts_incidents(objective->method) ? "incidents"
                                                                        : "requests");
    }
    if (objective->pre_term == PRE_TERM_GOOD) {
        text_buffer_string(out, "  Time before the term counts as good.\n");
    }
}

/* --- uptime --- */

static void explain_rounding(struct text_buffer *out, const struct objective *objective)
{
    static const char *const sentences[ROUNDING_COUNT] = {
        "", "  Only minutes of the clock that were down from end to end count.\n",
        "  Each outage counts as its whole minutes.\n",
        "  Every minute of the clock with any downtime in it counts whole.\n"};
    text_buffer_string(out, sentences[objective->rounding]);
    if (objective->min_run != 0) {
        text_buffer_format(out, "  Only runs of %llu or more bad minutes in a row count.\n",
                           (unsigned long long)objective->min_run);
    }
}

static void promise_ratios(struct text_buffer *out, const struct agreement *agreement,
                           const struct objective *objective)
{
    text_buffer_format(out, "%s %% of ", objective->target_text);
    write_requests_of(out, agreement, &objective->total);
    text_buffer_string(out, " are good, as the mean of the ratios of all slices of ");
    write_span(out, objective->slice_ns);
    text_buffer_string(out, ", over ");
    write_window(out, &objective->window);
    text_buffer_string(out, ": a quiet slice weighs as much as a busy one.\n");
}

/* How many may be late; ends the sentence. */
static void write_late(struct text_buffer *out, const struct objective *objective,
                       const char *things)
{
    if (objective->target_ppb == PPB) {
        text_buffer_string(out, ": none may be late.\n");
        return;
    }
    text_buffer_string(out, ": at most ");
    write_budget_fraction(out, objective->target_ppb);
    text_buffer_format(out, " %s may be late.\n", things);
}

static void explain_clock(struct text_buffer *out, const struct agreement *agreement)
{
    text_buffer_string(out, agreement->hours == NULL ? "  The clock runs day and night.\n"
                                                     : "  The clock runs in service hours only.\n");
}

static void promise_answers(struct text_buffer *out, const struct agreement *agreement,
                            const struct objective *objective)
{
    text_buffer_format(out, "%s %% of incidents of severity %s%s", objective->target_text,
                       severity_word(objective->severity),
                       objective->severity == SEVERITY_CRITICAL ? "" : " or above");
    if (agreement->each_customer) {
        text_buffer_string(out, " of each customer");
    } else if (agreement->customer != NULL) {
        text_buffer_format(out, " of %s", agreement->customer);
    }
    text_buffer_string(out, " at ");
    write_services(out, agreement);
    text_buffer_format(out, " are %s within ",
                       objective->method == METHOD_RESPONSE ? "acknowledged (or resolved)"
                                                            : "resolved");
    write_span(out, objective->within_ns);
    text_buffer_string(out, ", over ");
    write_window(out, &objective->window);
    write_late(out, objective, "incidents");
    text_buffer_string(out, "  An incident counts when it is answered or its limit is reached, "
                            "whichever comes first; potential ones do not count.\n");
    explain_clock(out, agreement);
}

static void promise_fulfilment(struct text_buffer *out, const struct agreement *agreement,
                               const struct objective *objective)
{
    text_buffer_format(out, "%s %% of ", objective->target_text);
    write_requests_of(out, agreement, &objective->total);
    text_buffer_string(out, " are fulfilled within ");
    write_span(out, objective->within_ns);
    text_buffer_string(out, ", over ");
    write_window(out, &objective->window);
    write_late(out, objective, "requests");
    text_buffer_string(out,
                       "  A request with a state counts when it is fulfilled, has failed or its "
                       "limit is reached, whichever comes first; what is withdrawn does not "
                       "count; while it is pending its clock stands.\n");
    explain_clock(out, agreement);
}

static void write_members(struct text_buffer *out, const struct composite *composite,
                          const char *between)
{
    for (uint32_t i = 0; i < composite->member_count; i++) {
        text_buffer_format(out, "%s%s",
                           i == 0                             ? ""
                           : i + 1 == composite->member_count ? between
                                                              : ", ",
                           composite->members[i].name);
        if (composite->combine != COMBINE_ANY_BAD) {
            char weight[DECIMAL_TEXT_SIZE];
            decimal_format_trimmed((int128)composite->members[i].weight, (int128)WEIGHT_ONE,
                                   WEIGHT_DECIMALS, weight);
            text_buffer_format(out, " (weight %s)", weight);
        }
    }
}

static void promise_composite(struct text_buffer *out, const struct objective *objective)
{
    static const char *const of_missing[MISSING_COUNT] = {"is left out", "counts as bad",
                                                          "counts as good"};
    const struct composite *composite = objective->composite;
    switch (composite->combine) {
    case COMBINE_ANY_BAD:
        text_buffer_format(out, "%s %% of the time none of ", objective->target_text);
        write_members(out, composite, " and ");
        text_buffer_string(out, " is bad");
        break;
    case COMBINE_WEIGHTED_MEAN:
        text_buffer_format(out, "%s %% as the weighted mean of ", objective->target_text);
        write_members(out, composite, " and ");
        break;
    case COMBINE_WEIGHTED_ERROR_SUM:
        text_buffer_format(out, "%s %% when what is missing from ", objective->target_text);
        write_members(out, composite, " and ");
        text_buffer_string(out, ", times its weight, is added up and taken from 100 %");
        break;
    }
    text_buffer_string(out, ", over ");
    write_window(out, &objective->window);
    text_buffer_format(out, ". Each member is judged over that window; one without data %s.\n",
                       of_missing[composite->missing]);
}

/* --- the whole --- */

static void explain_objective(struct text_buffer *out, const struct agreement *agreement,
                              const struct objective *objective)
{
    text_buffer_format(out, "Objective %s: ", objective->name);
    switch (objective->method) {
    case METHOD_OCCURRENCES:
        promise_occurrences(out, agreement, objective);
        break;
    case METHOD_TIMESLICES:
        promise_timeslices(out, agreement, objective);
        break;
    case METHOD_UPTIME:
        promise_uptime(out, agreement, objective);
        explain_rounding(out, objective);
        break;
    case METHOD_RATIO_TIMESLICES:
        promise_ratios(out, agreement, objective);
        break;
    case METHOD_RESPONSE:
    case METHOD_RESOLUTION:
        promise_answers(out, agreement, objective);
        break;
    case METHOD_FULFILMENT:
        promise_fulfilment(out, agreement, objective);
        break;
    case METHOD_COMPOSITE:
        promise_composite(out, objective);
        break;
    }
    if (method_judges_requests(objective->method)) {
        explain_good(out, &objective->good);
    }
    explain_policies(out, objective);
    explain_alerts(out, objective);
}

static void explain_term(struct text_buffer *out, struct span term)
{
    char time[CIVIL_TEXT_SIZE];
    if (term.start_ns != INT64_MIN) {
        civil_format(term.start_ns, time);
        text_buffer_format(out, ", from %s", time);
    }
    if (term.end_ns != INT64_MAX) {
        civil_format(term.end_ns, time);
        text_buffer_format(out, ", until before %s", time);
    }
    text_buffer_string(out, ".\n");
}

static void explain_version(struct text_buffer *out, const struct agreement *agreement)
{
    char time[CIVIL_TEXT_SIZE];
    if (agreement->version_count < 2 && agreement->effective_ns == INT64_MIN) {
        return;
    }
    if (agreement->version_count > 1) {
        text_buffer_format(out, "This is version %u of %u", agreement->version,
                           agreement->version_count);
    } else {
        text_buffer_string(out, "This version");
    }
    text_buffer_string(out, agreement->version_count > 1 ? ": it judges what occurs"
                                                         : " judges what occurs");
    if (agreement->in_force.start_ns != INT64_MIN) {
        civil_format(agreement->in_force.start_ns, time);
        text_buffer_format(out, " from %s", time);
    }
    if (agreement->in_force.end_ns != INT64_MAX) {
        civil_format(agreement->in_force.end_ns, time);
        text_buffer_format(out, " until before %s", time);
    }
    text_buffer_string(out, ".\n");
}

void catalog_explain(const struct agreement *agreement, struct text_buffer *out)
{
    if (agreement->of_project != NULL) {
        text_buffer_format(out, "Project %s has objectives over agreements.\n", agreement->name);
        for (uint32_t i = 0; i < agreement->objective_count; i++) {
            explain_objective(out, agreement, &agreement->objectives[i]);
        }
        return;
    }
    text_buffer_format(out, "Agreement %s (%s): %s promises %s the service%s ", agreement->name,
                       agreement_type_word(agreement->type), agreement->provider,
                       agreement->each_customer      ? "each customer by itself"
                       : agreement->customer != NULL ? agreement->customer
                                                     : "all customers together",
                       agreement->service_count == 1 ? "" : "s");
    write_services(out, agreement);
    explain_term(out, agreement->term);
    explain_version(out, agreement);
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        explain_objective(out, agreement, &agreement->objectives[i]);
    }
    explain_terms(out, agreement);
}
