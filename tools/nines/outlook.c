#include "nines/outlook.h"

#include <string.h>

#include "domain/decimal.h"
#include "nines/terminal.h"
#include "nines/words.h"

/* "12 more bad requests", "3 min more downtime". */
static void say_more_bad(const struct judgement *judgement, int128 units, struct text_buffer *out)
{
    char text[TERMINAL_COUNT_SIZE];
    if (judgement->unit == BUDGET_NS) {
        words_duration(out, (int64_t)units);
        text_buffer_string(out, " more downtime\n");
        return;
    }
    text_buffer_format(out, "%s more bad %s%s\n", terminal_count((uint64_t)units, text),
                       budget_unit_noun(judgement->unit), units == 1 ? "" : "s");
}

static int128 ceiling(int128 numerator, int128 denominator)
{
    return (numerator + denominator - 1) / denominator;
}

/* (bad + k) / (valid + k) > 1 - target, for the smallest k: each further bad request is one more of
 * all. A bad slice or moment replaces a good one that is still to come or leaves on the other side.
 */
static int128 bad_until_missed(const struct judgement *judgement, int64_t budget_ppb)
{
    int128 left = (int128)judgement->ratio_valid * budget_ppb - (int128)judgement->window.bad * PPB;
    if (budget_is_open(judgement->unit)) {
        return left / (PPB - budget_ppb) + 1;
    }
    return left / PPB + 1;
}

static void say_margin(const struct objective_report *report, int64_t budget_ppb,
                       struct text_buffer *out)
{
    text_buffer_string(out, "missed with ");
    say_more_bad(&report->judgement, bad_until_missed(&report->judgement, budget_ppb), out);
}

/* bad / (valid + k) <= 1 - target, for the smallest k. */
static int128 good_until_met(const struct judgement *judgement, int64_t budget_ppb)
{
    return ceiling((int128)judgement->window.bad * PPB, budget_ppb) -
           (int128)measure_valid(judgement->window);
}

/* "12 more good requests", "3 min more of uptime". */
static void say_more_good(const struct judgement *judgement, int128 units, struct text_buffer *out)
{
    char text[TERMINAL_COUNT_SIZE];
    if (judgement->unit == BUDGET_NS) {
        words_duration(out, (int64_t)units);
        text_buffer_string(out, " more of uptime without downtime\n");
        return;
    }
    text_buffer_format(out, "%s more good %s%s and no bad one\n",
                       terminal_count((uint64_t)units, text), budget_unit_noun(judgement->unit),
                       units == 1 ? "" : "s");
}

static void say_recovery(const struct objective_report *report, const json_t *json,
                         int64_t budget_ppb, struct text_buffer *out)
{
    const struct judgement *judgement = &report->judgement;
    bool rolls = report->over.kind == WINDOW_ROLLING;
    if (strcmp(json_text_at(json, "reason"), "cannot_recover_in_window") == 0) {
        text_buffer_string(out, "nothing that may still come in this window\n");
    } else if (budget_is_open(judgement->unit) || !rolls) {
        text_buffer_string(out, "met again after ");
        say_more_good(judgement, good_until_met(judgement, budget_ppb), out);
    }
    if (rolls) {
        text_buffer_string(out, "what is bad now leaves the window ");
        json_show(out, json, "over", "");
        text_buffer_string(out, " after it happened\n");
    }
}

/* A calendar window or a term that has ended. */
static bool is_over(const struct objective_report *report, const json_t *json)
{
    int64_t end_ns;
    int64_t at_ns;
    return report->over.kind != WINDOW_ROLLING && words_read_time(json, "window.end", &end_ns) &&
           words_read_time(json, "at", &at_ns) && at_ns >= end_ns;
}

static void say_credit(const json_t *json, struct text_buffer *out)
{
    if (!json_is_given(json, "credit.below")) {
        return;
    }
    text_buffer_string(out, "credit: ");
    words_percent(out, json, "credit.percent", "");
    text_buffer_string(out, ", for less than ");
    words_percent(out, json, "credit.below", "");
    text_buffer_char(out, '\n');
}

static void say_by_verdict(const struct objective_report *report, const json_t *json,
                           struct text_buffer *out)
{
    int64_t budget_ppb = PPB - report->objective->target_ppb;
    bool is_mean = report->objective->method == METHOD_RATIO_TIMESLICES; /* not used up by units */
    switch (report->judgement.verdict) {
    case VERDICT_NO_DATA:
        text_buffer_string(out, "the first events that count make a verdict\n");
        break;
    case VERDICT_UNKNOWN:
        text_buffer_string(out, "a verdict needs more of the time covered by events: ");
        words_percent(out, json, "coverage_percent", "?");
        text_buffer_string(out, " is\n");
        break;
    case VERDICT_MET:
    case VERDICT_AT_RISK:
        if (budget_ppb == 0) {
            text_buffer_string(out, "missed with the first that is bad\n");
        } else if (!is_mean) {
            say_margin(report, budget_ppb, out);
        }
        break;
    case VERDICT_BEHIND:
    case VERDICT_BREACHED:
        if (budget_ppb != 0 && !is_mean) {
            say_recovery(report, json, budget_ppb, out);
        }
        break;
    }
}

void outlook_say(const struct objective_report *report, const json_t *json, struct text_buffer *out)
{
    if (is_over(report, json)) {
        text_buffer_string(out,
                           "the window is over: only late events, corrections and exclusions\n");
    } else {
        say_by_verdict(report, json, out);
    }
    say_credit(json, out);
}
