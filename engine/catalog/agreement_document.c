#include "catalog/agreement_document.h"

#include <stdio.h>

#include "catalog/composites.h"
#include "catalog/credits.h"
#include "catalog/document.h"
#include "catalog/hours.h"
#include "catalog/objective.h"
#include "catalog/over.h"
#include "catalog/standing.h"

static const struct key_rule agreement_keys[] = {
    {"agreement", KEY_READ, NULL},   {"type", KEY_READ, NULL},
    {"provider", KEY_READ, NULL},    {"customer", KEY_READ, NULL},
    {"services", KEY_READ, NULL},    {"term", KEY_READ, NULL},
    {"over", KEY_READ, NULL},        {"objectives", KEY_READ, NULL},
    {"maintenance", KEY_READ, NULL}, {"project", KEY_READ, NULL},
    {"zone", KEY_READ, NULL},        {"hours", KEY_READ, NULL},
    {"profile", KEY_READ, NULL},     {"effective", KEY_READ, NULL},
    {"credits", KEY_READ, NULL},     {"supports", KEY_READ, NULL},
    {"standing", KEY_READ, NULL},    {"stakeholders", KEY_QUIET, NULL},
};
static const struct key_rule term_keys[] = {{"from", KEY_READ, NULL}, {"to", KEY_READ, NULL}};
static const struct key_rule maintenance_keys[] = {
    {"policy", KEY_READ, NULL},
    {"allowance", KEY_READ, NULL},
};

/* What is being read. */
struct agreement_reading {
    struct draft *draft;
    const struct reading *reading;
    const struct node *root;
    struct agreement agreement;
    struct objective_frame frame;
    struct reading own_reading; /* with the agreement's zone */
};

static bool read_identity(struct agreement_reading *self)
{
    struct agreement *agreement = &self->agreement;
    const struct node *name = node_find(self->root, "agreement");
    if (!read_name(self->reading, name, "agreement", &agreement->name)) {
        return false;
    }
    agreement->file = self->reading->file;
    agreement->line = name->key->line;
    agreement->column = name->column;
    agreement->version = 1;
    document_define(self->draft, self->reading, DEFINITION_AGREEMENT, agreement->name, name);
    return true;
}

static bool read_type(struct agreement_reading *self)
{
    const char *const words[] = {
        agreement_type_word(AGREEMENT_SLA),
        agreement_type_word(AGREEMENT_OLA),
        agreement_type_word(AGREEMENT_UC),
    };
    const struct node *node = node_find(self->root, "type");
    uint32_t index = AGREEMENT_SLA;
    bool well =
        node == NULL || read_word(self->reading, node, "type", words, COUNT_OF(words), &index);
    self->agreement.type = (enum agreement_type)index;
    return well;
}

static bool read_customer(struct agreement_reading *self)
{
    const struct node *node = node_find(self->root, "customer");
    if (node == NULL) {
        return true;
    }
    if (node->kind == NODE_SCALAR && text_is(node->text, "each")) {
        self->agreement.each_customer = true;
        return true;
    }
    if (!read_name(self->reading, node, "customer", &self->agreement.customer)) {
        return false;
    }
    document_define(self->draft, self->reading, MENTION_CUSTOMER, self->agreement.customer, node);
    return true;
}

static bool read_parties(struct agreement_reading *self)
{
    const struct node *provider =
        required_field(self->reading, self->root, "provider", "provider: my-team");
    const struct node *project = node_find(self->root, "project");
    bool well = provider != NULL &&
                read_name(self->reading, provider, "provider", &self->agreement.provider);
    well &=
        project == NULL || read_name(self->reading, project, "project", &self->agreement.project);
    well &= read_customer(self);
    return well;
}

static bool read_services(struct agreement_reading *self)
{
    struct agreement *agreement = &self->agreement;
    const struct node *node =
        required_field(self->reading, self->root, "services", "services: [checkout]");
    if (node == NULL || !read_names(self->reading, node, "services", &agreement->services,
                                    &agreement->service_count)) {
        return false;
    }
    document_mention_services(self->draft, self->reading, node, agreement->services);
    return true;
}

/* Before all dates: they begin in it. */
static bool read_clock_rules(struct agreement_reading *self)
{
    const struct node *zone = node_find(self->root, "zone");
    const struct node *hours = node_find(self->root, "hours");
    bool well = zone == NULL || read_zone(self->draft, self->reading, zone, &self->agreement.zone);
    well &= hours == NULL || read_hours(self->reading, hours, &self->agreement.hours);
    self->own_reading.zone = self->agreement.zone;
    return well;
}

static bool read_term(struct agreement_reading *self)
{
    struct span *term = &self->agreement.term;
    *term = (struct span){INT64_MIN, INT64_MAX};
    const struct node *node = node_find(self->root, "term");
    if (node == NULL) {
        return true;
    }
    if (!check_mapping(self->reading, node, "term", "`term: {from: 2026-01-01, to: 2027-01-01}`")) {
        return false;
    }
    check_keys(self->reading, node, "`term`", term_keys, COUNT_OF(term_keys));
    const struct node *from = node_find(node, "from");
    const struct node *to = node_find(node, "to");
    bool well = from == NULL || read_time(self->reading, from, "from", &term->start_ns);
    well &= to == NULL || read_time(self->reading, to, "to", &term->end_ns);
    /* With one side only there is nothing to compare, and no node of the other to point at. */
    if (well && from != NULL && to != NULL) {
        well = check_span(self->reading, to, *term, "from", "to");
    }
    return well;
}

/* From when on this version holds. */
static bool read_effective(struct agreement_reading *self)
{
    struct agreement *agreement = &self->agreement;
    const struct node *node = node_find(self->root, "effective");
    agreement->effective_ns = INT64_MIN;
    if (node != NULL && !read_time(self->reading, node, "effective", &agreement->effective_ns)) {
        return false;
    }
    if (node != NULL && agreement->effective_ns >= agreement->term.end_ns) {
        problem_error(self->reading->problems, place_of(self->reading, node),
                      "`effective` is not before the end of the term: this version would never "
                      "be in force; write an earlier time or a longer term");
        return false;
    }
    return true;
}

static bool read_profile(struct agreement_reading *self)
{
    const char *const words[PROFILE_COUNT] = {
        profile_word(PROFILE_DEFAULT), profile_word(PROFILE_ICINGA), profile_word(PROFILE_AWS),
        profile_word(PROFILE_AZURE),   profile_word(PROFILE_GCP),
    };
    const struct node *node = node_find(self->root, "profile");
    uint32_t index = PROFILE_DEFAULT;
    bool well =
        node == NULL || read_word(self->reading, node, "profile", words, PROFILE_COUNT, &index);
    self->agreement.profile = (enum profile)index;
    self->agreement.maintenance =
        index == PROFILE_ICINGA ? MAINTENANCE_COUNTS_AS_GOOD : MAINTENANCE_REMOVED;
    return well;
}

/* `4h per month`: a duration and a calendar period. */
static bool read_allowance(struct agreement_reading *self, const struct node *node)
{
    static const char *const units[] = {"day", "week", "month", "quarter", "year"};
    struct text text;
    if (node == NULL) {
        return true;
    }
    if (!read_scalar(self->reading, node, "allowance", &text)) {
        return false;
    }
    text = trimmed(text);
    for (uint32_t i = 0; i < COUNT_OF(units); i++) {
        char ending[16];
        int length = snprintf(ending, sizeof(ending), " per %s", units[i]);
        uint32_t tail = (uint32_t)length;
        if (text.length > tail && memcmp(text.bytes + text.length - tail, ending, tail) == 0) {
            struct text duration = trimmed((struct text){text.bytes, text.length - tail});
            self->agreement.allowance_unit = (enum calendar_unit)i;
            self->agreement.has_allowance =
                duration_parse(duration, &self->agreement.allowance_ns) ||
                text_is(duration, "0"); /* none at all: every maintenance counts */
        }
    }
    if (!self->agreement.has_allowance) {
        problem_error(self->reading->problems, place_of(self->reading, node),
                      "`allowance` must be a duration per day, week, month, quarter or year; "
                      "write it like 4h per month");
    }
    return self->agreement.has_allowance;
}

static bool read_maintenance_policy(struct agreement_reading *self)
{
    const char *const words[] = {
        maintenance_policy_word(MAINTENANCE_REMOVED),
        maintenance_policy_word(MAINTENANCE_COUNTS_AS_GOOD),
        maintenance_policy_word(MAINTENANCE_IGNORED),
    };
    const struct node *node = node_find(self->root, "maintenance");
    if (node == NULL) {
        return true;
    }
    if (!check_mapping(self->reading, node, "maintenance", "`maintenance: {policy: removed}`")) {
        return false;
    }
    check_keys(self->reading, node, "`maintenance`", maintenance_keys, COUNT_OF(maintenance_keys));
    const struct node *policy = node_find(node, "policy");
    uint32_t index = self->agreement.maintenance;
    bool well = policy == NULL ||
                read_word(self->reading, policy, "policy", words, COUNT_OF(words), &index);
    self->agreement.maintenance = (enum maintenance_policy)index;
    return read_allowance(self, node_find(node, "allowance")) && well;
}

static bool read_frame(struct agreement_reading *self)
{
    self->frame = (struct objective_frame){
        .over = {.kind = WINDOW_ROLLING, .length_ns = OVER_DEFAULT_NS},
        .over_known = true,
        .term = self->agreement.term,
        .has_customer = self->agreement.customer != NULL || self->agreement.each_customer,
        .no_data =
            self->agreement.profile == PROFILE_AWS || self->agreement.profile == PROFILE_AZURE
                ? NO_DATA_EMPTY_IS_GOOD
                : NO_DATA_UNKNOWN,
        .rounding =
            self->agreement.profile == PROFILE_GCP ? ROUNDING_FULL_MINUTES_ALIGNED : ROUNDING_EXACT,
    };
    const struct node *over = node_find(self->root, "over");
    if (over != NULL) {
        self->frame.over_known = read_over(self->reading, over, &self->frame.over);
    }
    return self->frame.over_known;
}

static bool read_objectives(struct agreement_reading *self)
{
    const struct node *node = required_field(self->reading, self->root, "objectives",
                                             "objectives: {availability: 99.9%}");
    if (node == NULL ||
        !check_mapping(self->reading, node, "objectives", "`objectives: {availability: 99.9%}`")) {
        return false;
    }
    if (node->count == 0) {
        problem_error(self->reading->problems, place_of(self->reading, node),
                      "`objectives` is empty; write at least one, e.g. `availability: 99.9%%`");
        return false;
    }
    struct objective *objectives =
        region_take(self->reading->kept, node->count * sizeof(*objectives));
    uint32_t count = 0;
    uint32_t scope = self->draft->scope_count++;
    for (const struct node *value = node->first; value != NULL; value = value->next) {
        if (read_objective(self->reading, value, &self->frame, &objectives[count])) {
            draft_define(self->draft, (struct definition){
                                          .kind = DEFINITION_OBJECTIVE,
                                          .scope = scope,
                                          .name = objectives[count].name,
                                          .place = place_of(self->reading, value->key),
                                      });
            count++;
        }
    }
    self->agreement.objectives = objectives;
    self->agreement.objective_count = count;
    return count == node->count &&
           composites_read(&(struct composite_list){.draft = self->draft,
                                                    .reading = self->reading,
                                                    .node = node,
                                                    .objectives = objectives,
                                                    .count = count,
                                                    .agreement = &self->agreement});
}

static bool read_supports(struct agreement_reading *self)
{
    struct agreement *agreement = &self->agreement;
    const struct node *node = node_find(self->root, "supports");
    if (agreement->name == NULL) {
        return false;
    }
    if (agreement->type == AGREEMENT_SLA && node != NULL && node->count != 0) {
        problem_warning(self->reading->problems, place_of_key(self->reading, node),
                        "`supports` has no effect in an SLA: agreements are underpinned by an OLA "
                        "or a UC; say `type: OLA`");
    }
    return document_mention_group(self->draft, self->reading, node, ARROW_SUPPORTS, agreement->name,
                                  &agreement->supports, &agreement->support_count);
}

static bool read_credit_terms(struct agreement_reading *self)
{
    const struct node *node = node_find(self->root, "credits");
    return node == NULL ||
           read_credits(self->reading, node, &self->agreement, &self->agreement.credits);
}

/* As written, without the line end behind `---` and the empty lines at the end. */
const char *agreement_keep_source(const struct reading *reading, struct text source)
{
    while (source.length > 0 && (source.bytes[0] == '\r' || source.bytes[0] == '\n')) {
        source.bytes++;
        source.length--;
    }
    while (source.length > 1 && source.bytes[source.length - 1] == '\n' &&
           source.bytes[source.length - 2] == '\n') {
        source.length--;
    }
    return region_string(reading->kept, source);
}

void agreement_read(struct draft *draft, const struct reading *reading, const struct node *root,
                    struct text source)
{
    struct agreement_reading self = {.draft = draft, .root = root, .own_reading = *reading};
    self.reading = &self.own_reading;
    uint32_t errors_before = reading->problems->error_count;
    check_keys(reading, root, "an agreement", agreement_keys, COUNT_OF(agreement_keys));
    bool well = read_identity(&self);
    well &= read_type(&self);
    well &= read_parties(&self);
    well &= read_services(&self);
    well &= read_clock_rules(&self);
    well &= read_term(&self);
    well &= read_effective(&self);
    well &= read_standing(reading, node_find(root, "standing"), &self.agreement);
    well &= read_profile(&self);
    well &= read_maintenance_policy(&self);
    well &= read_supports(&self);
    well &= read_frame(&self);
    if (read_objectives(&self)) {
        well &= read_credit_terms(&self);
    } else {
        well = false;
    }
    /* Keys that were refused have made no value unwell. */
    if (!well || reading->problems->error_count != errors_before) {
        return;
    }
    self.agreement.source_text = agreement_keep_source(reading, source);
    draft_add_agreement(draft, &self.agreement);
}
