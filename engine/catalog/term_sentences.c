#include "catalog/term_sentences.h"

#include "base/panic.h"
#include "catalog/hours.h"
#include "catalog/standing.h"
#include "catalog/wording.h"

static void explain_maintenance(struct text_buffer *out, const struct agreement *agreement)
{
    switch (agreement->maintenance) {
    case MAINTENANCE_REMOVED:
        text_buffer_string(out, "Announced maintenance leaves the figures.\n");
        return;
    case MAINTENANCE_COUNTS_AS_GOOD:
        text_buffer_string(out, "Announced maintenance counts as good.\n");
        return;
    case MAINTENANCE_IGNORED:
        text_buffer_string(out,
                           "Announced maintenance changes nothing: what fails in it counts.\n");
        return;
    }
    unreachable("maintenance policy");
}

static void explain_allowance(struct text_buffer *out, const struct agreement *agreement)
{
    if (!agreement->has_allowance || agreement->maintenance == MAINTENANCE_IGNORED) {
        return;
    }
    const struct window period = {.kind = WINDOW_CALENDAR, .unit = agreement->allowance_unit};
    char duration[32];
    char unit[32];
    duration_format(agreement->allowance_ns, duration, sizeof(duration));
    window_format(&period, unit, sizeof(unit));
    text_buffer_format(
        out, "At most %s of it per %s, the first; what exceeds that counts like any other time.\n",
        duration, unit);
}

static void explain_credits(struct text_buffer *out, const struct agreement *agreement)
{
    const struct credit_terms *terms = agreement->credits;
    if (terms == NULL) {
        return;
    }
    char period[32];
    window_format(&terms->period, period, sizeof(period));
    text_buffer_format(out, "Credit for each complete %s, by %s: ", period,
                       agreement->objectives[terms->objective].name);
    for (uint32_t i = 0; i < terms->tier_count; i++) {
        text_buffer_string(out, i == 0 ? "below " : ", below ");
        write_percent(out, terms->tiers[i].below_ppb);
        text_buffer_string(out, " % pays ");
        write_percent(out, terms->tiers[i].pays_ppb);
        text_buffer_string(out, " %");
    }
    text_buffer_string(out, " of the charge");
    if (terms->has_charge) {
        text_buffer_string(out, " of ");
        write_money(out, terms->charge_minor, terms->currency);
    }
    text_buffer_string(out, "; only the lowest bound that is missed applies");
    if (terms->has_minimum) {
        text_buffer_string(out, ", only what is more than ");
        write_money(out, terms->minimum_minor, terms->currency);
        text_buffer_string(out, " is paid");
    }
    if (terms->cap_ppb != PPB) {
        text_buffer_string(out, ", and never more than ");
        write_percent(out, terms->cap_ppb);
        text_buffer_string(out, " %");
    }
    text_buffer_string(out, ".\n");
}

static void explain_hours(struct text_buffer *out, const struct agreement *agreement)
{
    if (agreement->hours == NULL) {
        return;
    }
    text_buffer_string(out, "It holds in service hours only, ");
    for (uint32_t i = 0; i < agreement->hours->entry_count; i++) {
        char entry[HOURS_TEXT_SIZE];
        hours_format(&agreement->hours->entries[i], entry);
        text_buffer_format(out, "%s%s", i == 0 ? "" : " and ", entry);
    }
    text_buffer_format(out, " by the clocks of %s: what happens outside leaves the figures.\n",
                       agreement->zone == NULL ? "UTC" : agreement->zone->name);
}

void explain_terms(struct text_buffer *out, const struct agreement *agreement)
{
    explain_hours(out, agreement);
    explain_maintenance(out, agreement);
    explain_allowance(out, agreement);
    explain_credits(out, agreement);
    explain_standing(out, agreement);
    for (uint32_t i = 0; i < agreement->support_count; i++) {
        text_buffer_format(out, "Underpins the agreement %s.\n", agreement->supports[i]);
    }
    if (agreement->project != NULL) {
        text_buffer_format(out, "Part of the project %s.\n", agreement->project);
    }
    if (agreement->profile == PROFILE_ICINGA) {
        text_buffer_string(out, "Before its first known state a service was what it is now "
                                "(profile icinga).\n");
    }
}
