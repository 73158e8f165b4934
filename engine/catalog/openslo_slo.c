#include "catalog/openslo_slo.h"

#include <stdio.h>

#include "base/panic.h"
#include "catalog/agreement_document.h"
#include "catalog/document.h"
#include "catalog/objective.h"
#include "catalog/openslo_alert.h"
#include "catalog/openslo_composite.h"
#include "catalog/openslo_indicator.h"
#include "catalog/openslo_window.h"
#include "catalog/over.h"
#include "domain/decimal.h"

#define OVER_DEFAULT (30 * NS_PER_DAY)

static const struct key_rule object_keys[] = {
    {"apiVersion", KEY_READ, NULL},
    {"kind", KEY_READ, NULL},
    {"metadata", KEY_READ, NULL},
    {"spec", KEY_READ, NULL},
};
static const struct key_rule spec_keys[] = {
    {"description", KEY_QUIET, NULL}, {"service", KEY_READ, NULL},
    {"indicator", KEY_READ, NULL},    {"indicatorRef", KEY_READ, NULL},
    {"timeWindow", KEY_READ, NULL},   {"budgetingMethod", KEY_READ, NULL},
    {"objectives", KEY_READ, NULL},   {"alertPolicies", KEY_READ, NULL},
};
static const struct key_rule objective_keys[] = {
    {"displayName", KEY_READ, NULL},     {"op", KEY_READ, NULL},
    {"value", KEY_READ, NULL},           {"target", KEY_READ, NULL},
    {"targetPercent", KEY_READ, NULL},   {"timeSliceTarget", KEY_READ, NULL},
    {"timeSliceWindow", KEY_READ, NULL}, {"indicator", KEY_READ, NULL},
    {"indicatorRef", KEY_READ, NULL},    {"compositeWeight", KEY_READ, NULL},
};
static const struct key_rule policy_ref_keys[] = {
    {"alertPolicyRef", KEY_READ, NULL},
};

/* What is being read. */
struct slo_reading {
    struct draft *draft;
    const struct reading *reading;
    const struct node *spec;
    struct openslo_slo *slo;
    struct objective_frame frame;
    enum method method;
    bool method_known;
    uint32_t scope; /* of the objectives' names */
};

/* --- indicators --- */

/* `indicator` or `indicatorRef` of the SLO or of one objective; neither is well here. */
static bool read_indicator(const struct reading *reading, const struct node *mapping,
                           const struct openslo_indicator **indicator_out,
                           struct openslo_reference *reference_out)
{
    const struct node *node = node_find(mapping, "indicator");
    bool well = openslo_read_reference(reading, mapping, "indicatorRef", reference_out);
    if (node == NULL) {
        return well;
    }
    *indicator_out = openslo_read_indicator(reading, node, true);
    if (node_find(mapping, "indicatorRef") != NULL) {
        problem_error(reading->problems, place_of_key(reading, node),
                      "`indicator` and `indicatorRef` are both given; keep one of them");
        return false;
    }
    return well && (*indicator_out)->well;
}

/* --- objectives --- */

/* 0 < fraction <= 1, in parts per billion. */
static bool read_fraction(const struct reading *reading, const struct node *node, const char *key,
                          const char *remedy, int64_t *ppb_out)
{
    if (!openslo_read_number(reading, node, key, ppb_out)) {
        return false;
    }
    if (*ppb_out == 0 || *ppb_out > PPB) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is a fraction above 0 and at most 1, not %s; write %s", key,
                      quoted(node->text).bytes, remedy);
        return false;
    }
    return true;
}

static bool read_target(const struct reading *reading, const struct node *node,
                        struct objective *objective)
{
    const struct node *target = node_find(node, "target");
    const struct node *percent = node_find(node, "targetPercent");
    int64_t ppb;
    if ((target == NULL) == (percent == NULL)) {
        problem_error(reading->problems, place_of(reading, target != NULL ? target->key : node),
                      target == NULL ? "`target` is missing; add e.g. `target: 0.999` or "
                                       "`targetPercent: 99.9`"
                                     : "`target` and `targetPercent` are both given; keep one");
        return false;
    }
    if (target != NULL ? !read_fraction(reading, target, "target",
                                        "e.g. 0.999, or `targetPercent: 99.9`", &ppb)
                       : !read_percent(reading, percent, "targetPercent", &ppb)) {
        return false;
    }
    objective_set_target(reading, objective, ppb);
    return true;
}

/* A number alone is minutes. */
static bool read_slice(struct slo_reading *self, const struct node *node,
                       struct objective *objective)
{
    struct text text;
    int64_t minutes;
    if (!read_scalar(self->reading, node, "timeSliceWindow", &text)) {
        return false;
    }
    if (decimal_parse(text, 0, &minutes) && minutes <= OVER_DAYS_MAX * 24 * 60) {
        objective->slice_ns = minutes * NS_PER_MINUTE;
    } else if (!openslo_read_duration(self->reading, node, "timeSliceWindow",
                                      &objective->slice_ns)) {
        return false;
    }
    if (objective->slice_ns == 0) {
        problem_error(self->reading->problems, place_of(self->reading, node),
                      "`timeSliceWindow` is empty; write e.g. 1m");
        return false;
    }
    return !self->frame.over_known ||
           check_slice(self->reading, node, "timeSliceWindow", objective->slice_ns,
                       &objective->window, self->frame.term);
}

static void without_effect(struct slo_reading *self, const struct node *node, const char *key)
{
    const struct node *value = node_find(node, key);
    if (value != NULL) {
        problem_warning(self->reading->problems, place_of_key(self->reading, value),
                        "`%s` has no effect with this budgetingMethod", key);
    }
}

static bool read_slices(struct slo_reading *self, const struct node *node,
                        struct objective *objective)
{
    if (!method_has_slices(objective->method)) {
        without_effect(self, node, "timeSliceWindow");
        without_effect(self, node, "timeSliceTarget");
        return true;
    }
    const struct node *slice =
        required_field(self->reading, node, "timeSliceWindow", "timeSliceWindow: 1m");
    bool well = slice != NULL && read_slice(self, slice, objective);
    if (objective->method == METHOD_RATIO_TIMESLICES) {
        without_effect(self, node, "timeSliceTarget");
        return well;
    }
    const struct node *target =
        required_field(self->reading, node, "timeSliceTarget", "timeSliceTarget: 0.95");
    return target != NULL &&
           read_fraction(self->reading, target, "timeSliceTarget", "e.g. 0.95",
                         &objective->slice_target_ppb) &&
           well;
}

static bool read_comparison(const struct reading *reading, const struct node *node,
                            struct openslo_objective *objective)
{
    /* As in enum openslo_op. */
    static const char *const words[] = {"", "lt", "lte", "gt", "gte"};
    const struct node *op = node_find(node, "op");
    const struct node *value = node_find(node, "value");
    uint32_t index = OP_NONE;
    bool well = op == NULL || read_word(reading, op, "op", words, COUNT_OF(words), &index);
    well &=
        value == NULL || openslo_read_number(reading, value, "value", &objective->value_billionths);
    objective->op = (enum openslo_op)index;
    objective->op_place = place_of(reading, op != NULL ? op->key : node);
    objective->has_value = value != NULL;
    objective->value_place = place_of(reading, value != NULL ? value->key : node);
    return well;
}

static bool read_weight(const struct reading *reading, const struct node *node,
                        struct openslo_objective *objective)
{
    const struct node *weight = node_find(node, "compositeWeight");
    if (weight == NULL) {
        return true;
    }
    objective->weight_place = place_of(reading, weight);
    if (!openslo_read_number(reading, weight, "compositeWeight", &objective->weight_billionths)) {
        return false;
    }
    if (objective->weight_billionths == 0) {
        problem_error(reading->problems, objective->weight_place,
                      "`compositeWeight` must be above 0; write e.g. 0.5, or remove the objective");
        return false;
    }
    return true;
}

/* displayName, else its place in the list. */
static bool read_objective_name(struct slo_reading *self, const struct node *node, uint32_t number,
                                const char **name_out)
{
    const struct node *display = node_find(node, "displayName");
    if (display != NULL) {
        if (!read_name(self->reading, display, "displayName", name_out)) {
            return false;
        }
    } else {
        char name[16];
        snprintf(name, sizeof(name), "o%u", number);
        *name_out = region_string(self->reading->kept, text_from(name));
    }
    draft_define(self->draft,
                 (struct definition){
                     .kind = DEFINITION_DISPLAY_NAME,
                     .scope = self->scope,
                     .name = *name_out,
                     .place = place_of(self->reading, display != NULL ? display : node),
                 });
    return true;
}

static bool read_slo_objective(struct slo_reading *self, const struct node *node, uint32_t number,
                               struct openslo_objective *objective)
{
    const struct reading *reading = self->reading;
    objective->objective = objective_default(&self->frame);
    objective->objective.method = self->method;
    objective->objective.line = node->line;
    objective->place = place_of(reading, node);
    if (!check_mapping(reading, node, "objectives", "`- target: 0.999`")) {
        return false;
    }
    check_keys(reading, node, "an objective", objective_keys, COUNT_OF(objective_keys));
    bool well = read_objective_name(self, node, number, &objective->objective.name);
    well &= read_target(reading, node, &objective->objective);
    well &= !self->method_known || read_slices(self, node, &objective->objective);
    well &= read_comparison(reading, node, objective);
    well &= read_weight(reading, node, objective);
    well &= read_indicator(reading, node, &objective->indicator, &objective->indicator_ref);
    return well;
}

static bool read_objectives(struct slo_reading *self)
{
    const struct node *list =
        required_field(self->reading, self->spec, "objectives", "objectives: [{target: 0.999}]");
    if (list == NULL || list->kind == NODE_BROKEN) {
        return false;
    }
    if (list->kind != NODE_SEQUENCE || list->count == 0) {
        problem_error(self->reading->problems, place_of(self->reading, list),
                      "`objectives` must be a list of at least one; write e.g. `- target: 0.999`");
        return false;
    }
    struct openslo_slo *slo = self->slo;
    slo->objectives = region_take(self->reading->kept, list->count * sizeof(*slo->objectives));
    bool well = true;
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        uint32_t index = slo->objective_count++;
        well &= read_slo_objective(self, item, index + 1, &slo->objectives[index]);
    }
    if (openslo_is_composite(slo)) {
        draft_define(self->draft, (struct definition){
                                      .kind = DEFINITION_DISPLAY_NAME,
                                      .scope = self->scope,
                                      .name = OPENSLO_COMPOSITE,
                                      .place = place_of_key(self->reading, list),
                                  });
    }
    return well;
}

/* --- the rest of `spec` --- */

static bool read_method(struct slo_reading *self)
{
    static const char *const words[] = {"Occurrences", "Timeslices", "RatioTimeslices"};
    static const enum method methods[] = {METHOD_OCCURRENCES, METHOD_TIMESLICES,
                                          METHOD_RATIO_TIMESLICES};
    const struct node *node = required_field(self->reading, self->spec, "budgetingMethod",
                                             "budgetingMethod: Occurrences");
    uint32_t index;
    self->method_known = node != NULL && read_word(self->reading, node, "budgetingMethod", words,
                                                   COUNT_OF(words), &index);
    self->method = self->method_known ? methods[index] : METHOD_OCCURRENCES;
    return self->method_known;
}

static bool read_service(struct slo_reading *self)
{
    const struct node *node =
        required_field(self->reading, self->spec, "service", "service: checkout");
    struct openslo_slo *slo = self->slo;
    if (node == NULL ||
        !openslo_read_reference(self->reading, self->spec, "service", &slo->service)) {
        return false;
    }
    const char **services = region_take(self->reading->kept, sizeof(*services));
    services[0] = slo->service.name;
    slo->agreement.services = services;
    slo->agreement.service_count = 1;
    slo->agreement.provider = slo->service.name;
    return true;
}

/* `- alertPolicyRef: x`, `- x`, or a whole policy. */
static bool read_policy(struct slo_reading *self, const struct node *item,
                        struct openslo_policy_use *use)
{
    if (item->kind == NODE_SCALAR) {
        use->reference.place = place_of(self->reading, item);
        return read_name(self->reading, item, "alertPolicies", &use->reference.name);
    }
    if (!check_mapping(self->reading, item, "alertPolicies", "`- alertPolicyRef: burns`")) {
        return false;
    }
    if (node_find(item, "alertPolicyRef") != NULL) {
        check_keys(self->reading, item, "a reference", policy_ref_keys, COUNT_OF(policy_ref_keys));
        return openslo_read_reference(self->reading, item, "alertPolicyRef", &use->reference);
    }
    use->policy = openslo_read_policy(self->reading, item, true);
    return use->policy->well;
}

static bool read_policies(struct slo_reading *self)
{
    const struct node *list = node_find(self->spec, "alertPolicies");
    if (list == NULL || list->kind == NODE_NULL) {
        return true;
    }
    if (list->kind != NODE_SEQUENCE) {
        if (list->kind != NODE_BROKEN) {
            problem_error(self->reading->problems, place_of(self->reading, list),
                          "`alertPolicies` must be a list; write e.g. `- alertPolicyRef: burns`");
        }
        return false;
    }
    struct openslo_slo *slo = self->slo;
    slo->policies = region_take(self->reading->kept, list->count * sizeof(*slo->policies));
    bool well = true;
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        well &= read_policy(self, item, &slo->policies[slo->policy_count++]);
    }
    return well;
}

/* Where the SLO's own indicator stands. */
static void note_indicator(struct slo_reading *self)
{
    const struct node *node = node_find(self->spec, "indicator");
    if (node == NULL) {
        node = node_find(self->spec, "indicatorRef");
    }
    if (node != NULL) {
        self->slo->indicator_place = place_of_key(self->reading, node);
    }
}

static bool read_spec(struct slo_reading *self)
{
    const struct reading *reading = self->reading;
    struct openslo_slo *slo = self->slo;
    check_keys(reading, self->spec, "`spec` of an SLO", spec_keys, COUNT_OF(spec_keys));
    self->frame = (struct objective_frame){
        .over = {.kind = WINDOW_ROLLING, .length_ns = OVER_DEFAULT},
        .term = {INT64_MIN, INT64_MAX},
        .no_data = NO_DATA_UNKNOWN,
        .rounding = ROUNDING_EXACT,
    };
    self->frame.over_known =
        openslo_read_window(self->draft, reading, self->spec, &self->frame.over);
    slo->agreement.zone = self->frame.over.zone;
    slo->composite_frame = objective_default(&self->frame);
    slo->composite_frame.line = self->spec->line;
    bool well = read_service(self);
    well &= read_indicator(reading, self->spec, &slo->indicator, &slo->indicator_ref);
    note_indicator(self);
    well &= read_method(self);
    well &= read_objectives(self);
    well &= read_policies(self);
    return well && self->frame.over_known;
}

struct openslo_slo *openslo_read_slo(struct draft *draft, const struct reading *reading,
                                     const struct node *object, struct text source)
{
    struct openslo_slo *slo = region_take(reading->kept, sizeof(*slo));
    struct slo_reading self = {.draft = draft, .reading = reading, .slo = slo};
    uint32_t errors_before = reading->problems->error_count;
    slo->place = place_of(reading, object);
    slo->agreement = (struct agreement){
        .term = {INT64_MIN, INT64_MAX},
        .version = 1,
        .effective_ns = INT64_MIN,
        .file = reading->file,
        .line = object->line,
        .source_text = agreement_keep_source(reading, source),
    };
    self.scope = draft->scope_count++;
    check_keys(reading, object, "an SLO", object_keys, COUNT_OF(object_keys));
    bool well = openslo_read_name(reading, object, false, &slo->agreement.name);
    self.spec = openslo_spec(reading, object, "spec: {service: checkout, ...}");
    well &= self.spec != NULL && read_spec(&self);
    slo->well = well && reading->problems->error_count == errors_before;
    return slo;
}
