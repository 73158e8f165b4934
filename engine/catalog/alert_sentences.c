#include "catalog/alert_sentences.h"

#include "catalog/wording.h"
#include "domain/decimal.h"

/* The default pairs before any is left out (domain/agreement.c, SEMANTICS section 9), for the note.
 */
static const struct {
    enum alert_severity severity;
    int64_t long_ns;
} default_pairs[] = {
    {ALERT_PAGE, NS_PER_HOUR},
    {ALERT_PAGE, 6 * NS_PER_HOUR},
    {ALERT_TICKET, NS_PER_DAY},
    {ALERT_TICKET, 3 * NS_PER_DAY},
};
#define DEFAULT_PAIR_COUNT (sizeof(default_pairs) / sizeof(default_pairs[0]))

static void explain_pair(struct text_buffer *out, const struct objective *objective,
                         const struct alert_pair *pair)
{
    char longer[32];
    char shorter[32];
    char threshold[DECIMAL_TEXT_SIZE];
    int64_t share_ppb;
    duration_format(pair->long_ns, longer, sizeof(longer));
    duration_format(pair->short_ns, shorter, sizeof(shorter));
    decimal_format_trimmed(pair->threshold_numerator, pair->threshold_denominator, 9, threshold);
    text_buffer_format(out, "  %s when the burn rate over %s",
                       pair->severity == ALERT_PAGE ? "Page" : "Ticket", longer);
    if (pair->short_ns != pair->long_ns) {
        text_buffer_format(out, " and over %s", shorter);
    }
    text_buffer_format(out, " %s %s", objective->alert_or_equal ? "reaches" : "exceeds", threshold);
    if (alert_share_ppb(pair, &objective->window, &share_ppb)) {
        text_buffer_string(out, " (");
        write_percent(out, share_ppb);
        text_buffer_format(out, " %% of the budget within %s)", longer);
    }
    text_buffer_string(out, ".\n");
}

static bool alerts_are_default(const struct objective *objective)
{
    struct objective other = *objective;
    objective_default_alerts(&other);
    if (other.alert_count != objective->alert_count) {
        return false;
    }
    for (uint32_t i = 0; i < other.alert_count; i++) {
        const struct alert_pair *a = &objective->alerts[i];
        const struct alert_pair *b = &other.alerts[i];
        if (a->severity != b->severity || a->long_ns != b->long_ns || a->short_ns != b->short_ns ||
            a->threshold_numerator != b->threshold_numerator ||
            a->threshold_denominator != b->threshold_denominator) {
            return false;
        }
    }
    return true;
}

static bool has_pair(const struct objective *objective, int64_t long_ns)
{
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        if (objective->alerts[i].long_ns == long_ns) {
            return true;
        }
    }
    return false;
}

static void explain_left_out(struct text_buffer *out, const struct objective *objective)
{
    if (!alerts_are_default(objective)) {
        return;
    }
    for (uint32_t i = 0; i < DEFAULT_PAIR_COUNT; i++) {
        int64_t long_ns = default_pairs[i].long_ns;
        if (has_pair(objective, long_ns)) {
            continue;
        }
        char longer[32];
        duration_format(long_ns, longer, sizeof(longer));
        bool too_long = long_ns >= window_alert_length_ns(&objective->window);
        text_buffer_format(out, "  The default %s over %s is left out: %s.\n",
                           alert_severity_word(default_pairs[i].severity), longer,
                           too_long ? "it is not shorter than the window"
                                    : "with this target the burn rate cannot exceed its threshold");
    }
}

void explain_alerts(struct text_buffer *out, const struct objective *objective)
{
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        explain_pair(out, objective, &objective->alerts[i]);
    }
    if (objective->alert_count == 0) {
        text_buffer_string(out, "  No burn alerts.\n");
    }
    explain_left_out(out, objective);
    if (objective->target_ppb == PPB && objective->alert_count != 0) {
        text_buffer_string(out, "  With a target of 100 % the first bad unit alerts.\n");
    } else if (objective->alert_guard && objective->alert_count != 0) {
        text_buffer_string(out, "  An alert needs at least 10 bad events, or 1 % of the window's "
                                "budget, in its long lookback.\n");
    }
}
