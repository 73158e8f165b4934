#include "report/finding_json.h"

#include <inttypes.h>

#include "domain/composite.h"
#include "domain/decimal.h"
#include "report/json_member.h"

static const char *const type_words[] = {"request",     "incident",    "state",     "silence",
                                         "engine_down", "maintenance", "exclusion", "hours",
                                         "slice",       "rounding",    "member",    "other"};
static const char *const sum_words[] = {"bad", "excluded", "unknown", "out_of_scope"};

_Static_assert(sizeof(type_words) / sizeof(type_words[0]) == FINDING_TYPE_COUNT,
               "a word for each type");

static void write_counts(const struct objective_report *report, struct text_buffer *out)
{
    const struct request_counts *counts = &report->counts;
    uint64_t excluded = 0;
    for (uint32_t i = 0; i < ASIDE_COUNT; i++) {
        excluded += counts->excluded_by[i];
    }
    text_buffer_format(out,
                       "\"unit\":\"%s\",\"bad\":%" PRIu64 ",\"good\":%" PRIu64
                       ",\"excluded\":%" PRIu64 ",\"out_of_scope\":%" PRIu64 ",\"excluded_by\":{",
                       method_counts_incidents(report->objective->method) ? "incidents"
                                                                          : "requests",
                       counts->bad, counts->good, excluded, counts->out_of_scope);
    for (uint32_t i = 0; i < ASIDE_COUNT; i++) {
        text_buffer_format(out, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",", aside_word((enum aside)i),
                           counts->excluded_by[i]);
    }
    text_buffer_char(out, '}');
}

static void write_sums(const struct objective_report *report, struct text_buffer *out)
{
    if (report->has_time) {
        const struct four_states *time = &report->time;
        text_buffer_format(out,
                           "\"unit\":\"ns\",\"bad\":\"%" PRIu64 "\",\"good\":\"%" PRIu64
                           "\",\"excluded\":\"%" PRIu64 "\",\"unknown\":\"%" PRIu64 "\"",
                           time->bad, time->good, time->excluded, time->unknown);
    } else if (report->has_counts) {
        write_counts(report, out);
    } else if (report->has_slices) {
        const struct four_states *slices = &report->slices;
        text_buffer_format(out,
                           "\"unit\":\"slices\",\"bad\":%" PRIu64 ",\"good\":%" PRIu64
                           ",\"excluded\":%" PRIu64 ",\"unknown\":%" PRIu64,
                           slices->bad, slices->good, slices->excluded, slices->unknown);
    } else {
        text_buffer_format(out,
                           "\"unit\":\"ratio\",\"bad\":\"%" PRIu64 "\",\"good\":\"%" PRIu64 "\"",
                           report->judgement.window.bad, report->judgement.window.good);
    }
    if (report->has_slices) {
        const struct four_states *slices = &report->slices;
        text_buffer_format(out,
                           ",\"slices\":{\"bad\":%" PRIu64 ",\"good\":%" PRIu64
                           ",\"excluded\":%" PRIu64 ",\"unknown\":%" PRIu64 "}",
                           slices->bad, slices->good, slices->excluded, slices->unknown);
    } else if (report->has_counts) {
        text_buffer_format(out, ",\"unknown_ns\":\"%" PRIu64 "\"",
                           report->judgement.coverage_all_ns - report->judgement.coverage_known_ns);
    }
}

void finding_json_figure(const struct objective_report *report, uint64_t position,
                         struct text_buffer *out)
{
    text_buffer_format(out, "\"position\":%" PRIu64 ",", position);
    json_member_string(out, "agreement", report->agreement->name);
    text_buffer_char(out, ',');
    json_member_string(out, "customer", report->agreement->customer);
    text_buffer_format(out, ",\"version\":%" PRIu32 ",", report->agreement->version);
    json_member_string(out, "objective", report->objective->name);
    text_buffer_format(out, ",\"method\":\"%s\",\"maintenance\":\"%s\",",
                       method_word(report->objective->method),
                       maintenance_policy_word(report->agreement->maintenance));
    json_member_time(out, "at", report->at_ns);
    text_buffer_string(out, ",\"window\":{");
    json_member_time(out, "start", report->window.start_ns);
    text_buffer_char(out, ',');
    json_member_time(out, "end", report->window.end_ns);
    text_buffer_string(out, "},\"figure\":{");
    write_sums(report, out);
    text_buffer_char(out, '}');
}

/* Is it what the whole figure is about, or slices beside requests, gaps beside both? */
static bool is_of_the_figure(const struct objective_report *report, const struct finding *finding)
{
    switch (finding->unit) {
    case BUDGET_NS:
        return report->has_time;
    case BUDGET_SLICES:
        return !report->has_counts;
    default:
        return true;
    }
}

static void write_share(const struct objective_report *report, const struct finding *finding,
                        struct text_buffer *out)
{
    bool is_text = report->has_time || finding->unit == BUDGET_RATIO;
    bool is_own = is_of_the_figure(report, finding);
    bool is_bad = is_own && finding->sum == FINDING_SUM_BAD;
    text_buffer_format(out, is_text ? "\"count\":\"%" PRIu64 "\"" : "\"count\":%" PRIu64,
                       is_bad ? finding->share : 0);
    if (is_own && !is_bad) {
        text_buffer_format(out, is_text ? ",\"%s\":\"%" PRIu64 "\"" : ",\"%s\":%" PRIu64,
                           sum_words[finding->sum], finding->share);
    }
    if (finding->unit == BUDGET_SLICES) {
        text_buffer_format(out, ",\"slices\":%" PRIu64, finding->share);
    } else if (!is_own && !finding->is_proposed) {
        text_buffer_format(out, ",\"unknown_ns\":\"%" PRIu64 "\"", finding->share);
    }
}

static void write_text(struct text_buffer *out, const char *key, struct text text)
{
    if (text.length != 0) {
        text_buffer_char(out, ',');
        json_member_text(out, key, text);
    }
}

static void write_request(const struct finding *finding, struct text_buffer *out)
{
    if (finding->status != 0) {
        text_buffer_format(out, ",\"status\":%u", finding->status);
    }
    if (finding->sum == FINDING_SUM_EXCLUDED) {
        text_buffer_format(out, ",\"excluded_by\":\"%s\"", aside_word(finding->aside));
    }
    if (finding->corrected) {
        text_buffer_format(out, ",\"corrected_to\":\"%s\",\"corrected_at\":%" PRIu64,
                           outcome_word(finding->outcome), finding->corrected_at);
    }
}

static void write_slice(const struct objective_report *report, const struct finding *finding,
                        struct text_buffer *out)
{
    text_buffer_format(out, ",\"requests\":{\"bad\":%" PRIu64 ",\"good\":%" PRIu64 "}",
                       finding->requests.bad, finding->requests.good);
    if (report->objective->method == METHOD_RATIO_TIMESLICES) {
        text_buffer_format(out, ",\"lacking\":\"%" PRIu64 "\"", finding->lacking);
    }
}

static void write_member(const struct finding *finding, struct text_buffer *out)
{
    char weight[DECIMAL_TEXT_SIZE];
    decimal_format_trimmed((int128)finding->weight, (int128)WEIGHT_ONE, WEIGHT_DECIMALS, weight);
    text_buffer_format(out, ",\"weight\":\"%s\",\"lacking\":\"%" PRIu64 "\"", weight,
                       finding->lacking);
}

static void write_reason(const struct finding *finding, struct text_buffer *out)
{
    text_buffer_string(out, ",\"reason\":");
    if (finding->reason.length != 0) {
        text_buffer_json(out, finding->reason);
    } else if (finding->type != FINDING_REQUEST) {
        text_buffer_json(out, text_from(type_words[finding->type]));
    } else if (finding->sum == FINDING_SUM_EXCLUDED) {
        text_buffer_json(out, text_from(aside_word(finding->aside)));
    } else if (finding->sum == FINDING_SUM_OUT_OF_SCOPE) {
        text_buffer_string(out, "\"out of scope\"");
    } else if (finding->outcome != OUTCOME_NONE) {
        text_buffer_format(out, "\"outcome %s\"", outcome_word(finding->outcome));
    } else if (finding->status != 0) {
        text_buffer_format(out, "\"status %u\"", finding->status);
    } else {
        text_buffer_string(out, "\"judged by latency or counts\"");
    }
}

void finding_json_item(const struct objective_report *report, const struct finding *finding,
                       struct text_buffer *out)
{
    text_buffer_format(out, "{\"type\":\"%s\",", type_words[finding->type]);
    if (finding->has_position) {
        text_buffer_format(out, "\"position\":%" PRIu64 ",", finding->position);
    } else {
        text_buffer_string(out, "\"position\":null,");
    }
    json_member_time(out, "start", finding->span.start_ns);
    text_buffer_char(out, ',');
    json_member_time(out, "end", finding->span.end_ns);
    text_buffer_format(out, ",\"counts_as\":\"%s\",", sum_words[finding->sum]);
    write_share(report, finding, out);
    if (finding->unit == BUDGET_REQUESTS || finding->unit == BUDGET_INCIDENTS) {
        write_request(finding, out);
    } else if (finding->type == FINDING_SLICE && report->has_counts) {
        write_slice(report, finding, out);
    } else if (finding->unit == BUDGET_RATIO) {
        write_member(finding, out);
    }
    if (finding->is_proposed) {
        text_buffer_string(out, ",\"proposed\":true");
    }
    if (finding->severity != SEVERITY_NONE) {
        text_buffer_format(out, ",\"severity\":\"%s\"", severity_word(finding->severity));
    }
    write_text(out, "id", finding->id);
    write_text(out, "service", finding->service);
    write_text(out, "component", finding->component);
    write_text(out, "incident", finding->incident);
    write_reason(finding, out);
    write_text(out, "author", finding->author);
    text_buffer_char(out, '}');
}
