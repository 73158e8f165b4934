/* The long form of an agreement: what the reader understood, as a document that it understands
 * again. */
#include "catalog/catalog.h"
#include "catalog/hours.h"
#include "catalog/over.h"
#include "catalog/wording.h"
#include "domain/composite.h"

#define BURN_SCALE UINT64_C(1000000000)

/* Text that YAML and our reader take as it stands; anything else is quoted. */
static bool plain(struct text text)
{
    static const char *const reserved[] = {"null", "true", "false", "yes",    "no",
                                           "on",   "off",  "each",  "default"};
    for (uint32_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        bool inner = i > 0 && ((byte >= '0' && byte <= '9') || byte == '-' || byte == '.');
        if (!letter && !inner) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (text_is(text, reserved[i])) {
            return false;
        }
    }
    return text.length > 0;
}

/* A JSON string is a double-quoted scalar of YAML. */
void catalog_write_name(struct text_buffer *out, const char *name)
{
    struct text text = text_from(name);
    if (plain(text)) {
        text_buffer_text(out, text);
    } else {
        text_buffer_json(out, text);
    }
}

static void write_named(struct text_buffer *out, const char *key, const char *name)
{
    if (name != NULL) {
        text_buffer_format(out, "%s: ", key);
        catalog_write_name(out, name);
        text_buffer_char(out, '\n');
    }
}

static void write_services(struct text_buffer *out, const struct agreement *agreement)
{
    text_buffer_string(out, "services: [");
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ", ");
        catalog_write_name(out, agreement->services[i]);
    }
    text_buffer_string(out, "]\n");
}

static void write_term(struct text_buffer *out, struct span term)
{
    char time[CIVIL_TEXT_SIZE];
    if (term.start_ns == INT64_MIN && term.end_ns == INT64_MAX) {
        return;
    }
    text_buffer_string(out, "term:\n");
    if (term.start_ns != INT64_MIN) {
        civil_format(term.start_ns, time);
        text_buffer_format(out, "  from: %s\n", time);
    }
    if (term.end_ns != INT64_MAX) {
        civil_format(term.end_ns, time);
        text_buffer_format(out, "  to: %s\n", time);
    }
}

static void write_effective(struct text_buffer *out, const struct agreement *agreement)
{
    if (agreement->effective_ns != INT64_MIN) {
        char time[CIVIL_TEXT_SIZE];
        civil_format(agreement->effective_ns, time);
        text_buffer_format(out, "effective: %s\n", time);
    }
}

static void write_good(struct text_buffer *out, const struct good_rule *rule)
{
    const char *joint = "";
    text_buffer_string(out, rule->describes_bad ? "    bad: {" : "    good: {");
    if (rule->status_default || rule->status_count != 0) {
        text_buffer_string(out, "status: \"");
        write_status(out, rule);
        text_buffer_char(out, '"');
        joint = ", ";
    }
    if (rule->latency_given) {
        text_buffer_format(out, "%slatency: \"%c%s", joint, rule->describes_bad ? '>' : '<',
                           rule->latency_inclusive ? "=" : "");
        write_latency(out, rule->latency_ns);
        text_buffer_char(out, '"');
        joint = ", ";
    }
    if (rule->outcome_required) {
        text_buffer_format(out, "%soutcome: %s", joint, rule->describes_bad ? "bad" : "good");
    }
    text_buffer_string(out, "}\n");
}

static void write_total(struct text_buffer *out, const struct total_rule *total)
{
    const char *joint = "";
    if (!total->narrowed) {
        return;
    }
    text_buffer_string(out, "    total: {");
    if (total->request_class != CLASS_ANY) {
        text_buffer_format(out, "class: %s", request_class_word(total->request_class));
        joint = ", ";
    }
    if (total->customer != NULL) {
        text_buffer_format(out, "%scustomer: ", joint);
        catalog_write_name(out, total->customer);
    }
    text_buffer_string(out, "}\n");
}

/* As a burn rate where that is a decimal of nine digits, else as the share that it came from. */
static void write_threshold(struct text_buffer *out, const struct alert_pair *pair,
                            const struct window *window)
{
    int64_t share_ppb;
    if (BURN_SCALE % pair->threshold_denominator != 0 &&
        alert_share_ppb(pair, window, &share_ppb)) {
        text_buffer_string(out, "share: ");
        write_percent(out, share_ppb);
        text_buffer_char(out, '%');
        return;
    }
    char burn[DECIMAL_TEXT_SIZE];
    decimal_format_trimmed(pair->threshold_numerator, pair->threshold_denominator, 9, burn);
    text_buffer_format(out, "burn: %s", burn);
}

static void write_alerts(struct text_buffer *out, const struct objective *objective)
{
    if (objective->alert_count == 0) {
        text_buffer_string(out, "    alerts: none\n");
    } else {
        text_buffer_string(out, "    alerts:\n");
    }
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        const struct alert_pair *pair = &objective->alerts[i];
        char longer[32];
        char shorter[32];
        duration_format(pair->long_ns, longer, sizeof(longer));
        duration_format(pair->short_ns, shorter, sizeof(shorter));
        text_buffer_format(out, "      - {severity: %s, long: %s, short: %s, ",
                           alert_severity_word(pair->severity), longer, shorter);
        write_threshold(out, pair, &objective->window);
        text_buffer_string(out, "}\n");
    }
    text_buffer_format(out, "    alert_compare: \"%s\"\n", objective->alert_or_equal ? ">=" : ">");
    text_buffer_format(out, "    alert_guard: %s\n", objective->alert_guard ? "true" : "false");
}

static void write_composite(struct text_buffer *out, const struct objective *objective)
{
    const struct composite *composite = objective->composite;
    text_buffer_format(out, "    combine: %s\n    members: [", combine_word(composite->combine));
    for (uint32_t i = 0; i < composite->member_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ", ");
        catalog_write_name(out, composite->members[i].name);
    }
    text_buffer_string(out, "]\n");
    for (uint32_t i = 0; composite->combine != COMBINE_ANY_BAD && i < composite->member_count;
         i++) {
        char weight[DECIMAL_TEXT_SIZE];
        decimal_format_trimmed((int128)composite->members[i].weight, (int128)WEIGHT_ONE,
                               WEIGHT_DECIMALS, weight);
        text_buffer_format(out, "%s%s", i == 0 ? "    weights: [" : ", ", weight);
    }
    text_buffer_format(out, "%s    missing: %s\n    severity: %s\n",
                       composite->combine == COMBINE_ANY_BAD ? "" : "]\n",
                       missing_policy_word(composite->missing), severity_word(objective->severity));
}

static void write_method(struct text_buffer *out, const struct objective *objective)
{
    char over[OVER_TEXT_SIZE];
    over_format(&objective->window, over, sizeof(over));
    text_buffer_format(out, "    method: %s\n", method_word(objective->method));
    text_buffer_format(out, "    target: %s%%\n", objective->target_text);
    text_buffer_format(out, "    over: %s\n", over);
    if (objective->method == METHOD_COMPOSITE) {
        write_composite(out, objective);
        return;
    }
    if (objective->method == METHOD_UPTIME) {
        text_buffer_format(out, "    severity: %s\n", severity_word(objective->severity));
        text_buffer_format(out, "    rounding: %s\n", rounding_word(objective->rounding));
        if (objective->min_run != 0) {
            text_buffer_format(out, "    min_run: %llu\n", (unsigned long long)objective->min_run);
        }
        return;
    }
    if (method_has_limit(objective->method)) {
        char within[32];
        duration_format(objective->within_ns, within, sizeof(within));
        text_buffer_format(out, "    within: %s\n    severity: %s\n", within,
                           severity_word(objective->severity));
        write_total(out, &objective->total);
        return;
    }
    write_good(out, &objective->good);
    write_total(out, &objective->total);
    if (method_has_slices(objective->method)) {
        char slice[32];
        duration_format(objective->slice_ns, slice, sizeof(slice));
        text_buffer_format(out, "    slice: %s\n", slice);
    }
    if (objective->method == METHOD_TIMESLICES) {
        text_buffer_string(out, "    slice_target: ");
        write_percent(out, objective->slice_target_ppb);
        text_buffer_string(out, "%\n");
    }
}

static void write_clock_rules(struct text_buffer *out, const struct agreement *agreement)
{
    text_buffer_format(
        out, "zone: %s\nhours: ", agreement->zone == NULL ? "UTC" : agreement->zone->name);
    if (agreement->hours == NULL) {
        text_buffer_string(out, "always\n");
        return;
    }
    for (uint32_t i = 0; i < agreement->hours->entry_count; i++) {
        char entry[HOURS_TEXT_SIZE];
        hours_format(&agreement->hours->entries[i], entry);
        text_buffer_format(out, "%s\"%s\"", i == 0 ? "[" : ", ", entry);
    }
    text_buffer_string(out, "]\n");
}

static void write_objective(struct text_buffer *out, const struct objective *objective)
{
    text_buffer_string(out, "  ");
    catalog_write_name(out, objective->name);
    text_buffer_string(out, ":\n");
    write_method(out, objective);
    write_alerts(out, objective);
    text_buffer_format(out, "    no_data: %s\n",
                       objective->no_data == NO_DATA_UNKNOWN ? "unknown" : "empty_is_good");
    text_buffer_string(out, "    coverage_floor: ");
    write_percent(out, objective->coverage_floor_ppb);
    text_buffer_string(out, "%\n");
    if (method_judges_requests(objective->method)) {
        text_buffer_format(out, "    min_events: %llu\n",
                           (unsigned long long)objective->min_events);
    }
    text_buffer_format(out, "    pre_term: %s\n",
                       objective->pre_term == PRE_TERM_CLIP ? "clip" : "good");
}

static void write_credits(struct text_buffer *out, const struct agreement *agreement)
{
    const struct credit_terms *terms = agreement->credits;
    if (terms == NULL) {
        return;
    }
    char period[OVER_TEXT_SIZE];
    over_format(&terms->period, period, sizeof(period));
    text_buffer_string(out, "credits:\n  objective: ");
    catalog_write_name(out, agreement->objectives[terms->objective].name);
    text_buffer_format(out, "\n  period: %s\n  below: {", period);
    for (uint32_t i = 0; i < terms->tier_count; i++) {
        text_buffer_string(out, i == 0 ? "" : ", ");
        write_percent(out, terms->tiers[i].below_ppb);
        text_buffer_string(out, "%: ");
        write_percent(out, terms->tiers[i].pays_ppb);
        text_buffer_char(out, '%');
    }
    text_buffer_string(out, "}\n");
    if (terms->has_charge) {
        text_buffer_string(out, "  charge: ");
        write_money(out, terms->charge_minor, terms->currency);
        text_buffer_char(out, '\n');
    }
    if (terms->has_minimum) {
        text_buffer_string(out, "  minimum: ");
        write_money(out, terms->minimum_minor, terms->currency);
        text_buffer_char(out, '\n');
    }
    text_buffer_string(out, "  cap: ");
    write_percent(out, terms->cap_ppb);
    text_buffer_string(out, "%\n");
}

static void write_maintenance(struct text_buffer *out, const struct agreement *agreement)
{
    text_buffer_format(out, "maintenance:\n  policy: %s\n",
                       maintenance_policy_word(agreement->maintenance));
    if (agreement->has_allowance) {
        const struct window period = {.kind = WINDOW_CALENDAR, .unit = agreement->allowance_unit};
        char duration[32];
        char unit[32];
        duration_format(agreement->allowance_ns, duration, sizeof(duration));
        window_format(&period, unit, sizeof(unit));
        text_buffer_format(out, "  allowance: %s per %s\n", duration, unit);
    }
}

static void expand_project(const struct agreement *agreement, struct text_buffer *out)
{
    const struct project_document *project = agreement->of_project;
    write_named(out, "project", project->name);
    for (uint32_t i = 0; i < project->part_count; i++) {
        text_buffer_string(out, i == 0 ? "projects: [" : ", ");
        catalog_write_name(out, project->parts[i]);
    }
    text_buffer_string(out, project->part_count == 0 ? "objectives:\n" : "]\nobjectives:\n");
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        write_objective(out, &agreement->objectives[i]);
    }
}

static void write_standing(struct text_buffer *out, const struct agreement *agreement)
{
    for (uint32_t i = 0; i < agreement->standing_count; i++) {
        const struct standing_request *request = &agreement->standings[i];
        char within[32];
        duration_format(request->within_ns, within, sizeof(within));
        text_buffer_string(out, i == 0 ? "standing:\n  " : "  ");
        catalog_write_name(out, request->name);
        text_buffer_format(out, ": {schedule: \"%s\", within: %s}\n", request->schedule_text,
                           within);
    }
}

void catalog_expand(const struct agreement *agreement, struct text_buffer *out)
{
    if (agreement->of_project != NULL) {
        expand_project(agreement, out);
        return;
    }
    write_named(out, "agreement", agreement->name);
    text_buffer_format(out, "type: %s\n", agreement_type_word(agreement->type));
    write_named(out, "provider", agreement->provider);
    write_named(out, "customer", agreement->each_customer ? "each" : agreement->customer);
    write_services(out, agreement);
    write_term(out, agreement->term);
    write_effective(out, agreement);
    write_clock_rules(out, agreement);
    text_buffer_format(out, "profile: %s\nobjectives:\n", profile_word(agreement->profile));
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        write_objective(out, &agreement->objectives[i]);
    }
    write_maintenance(out, agreement);
    write_credits(out, agreement);
    write_standing(out, agreement);
    write_named(out, "project", agreement->project);
    for (uint32_t i = 0; i < agreement->support_count; i++) {
        text_buffer_string(out, i == 0 ? "supports: [" : ", ");
        catalog_write_name(out, agreement->supports[i]);
    }
    text_buffer_string(out, agreement->support_count == 0 ? "" : "]\n");
}

static bool same_text(struct text_buffer *a, struct text_buffer *b)
{
    bool same = a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
    text_buffer_clear(a);
    text_buffer_clear(b);
    return same;
}

static void write_rules(struct text_buffer *out, const struct agreement *agreement)
{
    write_named(out, "customer", agreement->each_customer ? "each" : agreement->customer);
    write_services(out, agreement);
    write_term(out, agreement->term);
    write_clock_rules(out, agreement);
    text_buffer_format(out, "profile: %s\n", profile_word(agreement->profile));
    write_maintenance(out, agreement);
    write_credits(out, agreement);
}

bool catalog_judge_alike(const struct agreement *a, const struct agreement *b)
{
    struct text_buffer left;
    struct text_buffer right;
    text_buffer_init(&left);
    text_buffer_init(&right);
    write_rules(&left, a);
    write_rules(&right, b);
    bool alike = same_text(&left, &right);
    for (uint32_t i = 0; i < a->objective_count && alike; i++) {
        const struct objective *other = agreement_objective(b, a->objectives[i].name);
        if (other != NULL) {
            write_objective(&left, &a->objectives[i]);
            write_objective(&right, other);
            alike = same_text(&left, &right);
        }
    }
    text_buffer_fini(&left);
    text_buffer_fini(&right);
    return alike;
}
