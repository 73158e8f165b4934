#include "catalog/openslo_alert.h"

#include <strings.h>

#include "catalog/alerts.h"

static const struct key_rule object_keys[] = {
    {"apiVersion", KEY_READ, NULL},
    {"kind", KEY_READ, NULL},
    {"metadata", KEY_READ, NULL},
    {"spec", KEY_READ, NULL},
};
static const struct key_rule condition_spec_keys[] = {
    {"description", KEY_QUIET, NULL},
    {"severity", KEY_READ, NULL},
    {"condition", KEY_READ, NULL},
};
static const struct key_rule condition_keys[] = {
    {"kind", KEY_READ, NULL},       {"op", KEY_READ, NULL},
    {"threshold", KEY_READ, NULL},  {"lookbackWindow", KEY_READ, NULL},
    {"alertAfter", KEY_READ, NULL},
};
static const struct key_rule policy_keys[] = {
    {"description", KEY_QUIET, NULL},       {"alertWhenNoData", KEY_READ, NULL},
    {"alertWhenBreaching", KEY_READ, NULL}, {"alertWhenResolved", KEY_READ, NULL},
    {"conditions", KEY_READ, NULL},         {"notificationTargets", KEY_WARN, NULL},
};
static const struct key_rule condition_ref_keys[] = {
    {"conditionRef", KEY_READ, NULL},
};

/* --- conditions --- */

static bool read_severity(const struct reading *reading, const struct node *spec,
                          enum alert_severity *severity_out)
{
    static const struct {
        const char *word;
        enum alert_severity severity;
    } words[] = {
        {"page", ALERT_PAGE},     {"critical", ALERT_PAGE},  {"high", ALERT_PAGE},
        {"sev1", ALERT_PAGE},     {"p1", ALERT_PAGE},        {"ticket", ALERT_TICKET},
        {"medium", ALERT_TICKET}, {"warning", ALERT_TICKET}, {"low", ALERT_TICKET},
        {"info", ALERT_TICKET},   {"sev2", ALERT_TICKET},    {"p2", ALERT_TICKET},
        {"sev3", ALERT_TICKET},   {"p3", ALERT_TICKET},      {"sev4", ALERT_TICKET},
        {"p4", ALERT_TICKET},
    };
    const struct node *node = required_field(reading, spec, "severity", "severity: page");
    struct text text;
    if (node == NULL || !read_scalar(reading, node, "severity", &text)) {
        return false;
    }
    for (uint32_t i = 0; i < COUNT_OF(words); i++) {
        if (strcasecmp(text.bytes, words[i].word) == 0) {
            *severity_out = words[i].severity;
            return true;
        }
    }
    *severity_out = ALERT_TICKET;
    problem_warning(reading->problems, place_of(reading, node),
                    "`severity`: %s opens a ticket; to call somebody at once write page",
                    quoted(text).bytes);
    return true;
}

/* gt and gte; an older specification had no op, and meant above. */
static bool read_op(const struct reading *reading, const struct node *condition,
                    struct openslo_condition *self)
{
    static const char *const words[] = {"gt", "gte", "lt", "lte"};
    const struct node *node = node_find(condition, "op");
    uint32_t index = 0;
    if (node == NULL) {
        problem_warning(reading->problems, place_of_key(reading, condition),
                        "`op` is missing and read as gt: the alert is on above the threshold");
        return true;
    }
    if (!read_word(reading, node, "op", words, COUNT_OF(words), &index)) {
        return false;
    }
    self->or_equal = index == 1;
    self->quiet = index >= 2;
    if (self->quiet) {
        problem_warning(reading->problems, place_of(reading, node),
                        "`op`: with %s the alert would be on while little or nothing fails; it is "
                        "left out, write gt or gte",
                        words[index]);
    }
    return true;
}

static bool read_threshold(const struct reading *reading, const struct node *condition,
                           struct openslo_condition *self)
{
    const struct node *node = required_field(reading, condition, "threshold", "threshold: 14.4");
    int64_t billionths;
    if (node == NULL || !openslo_read_number(reading, node, "threshold", &billionths)) {
        return false;
    }
    self->threshold_place = place_of(reading, node);
    if (billionths == 0) {
        problem_error(reading->problems, self->threshold_place,
                      "`threshold`: a burn rate of 0 is passed by the first failure; write a rate "
                      "above 0, e.g. 14.4");
        return false;
    }
    alert_set_burn(&self->pair, billionths);
    return true;
}

static bool read_after(const struct reading *reading, const struct node *node,
                       struct alert_pair *pair)
{
    int64_t after_ns;
    pair->short_ns = pair->long_ns;
    if (node == NULL) {
        return true;
    }
    if (!openslo_read_duration(reading, node, "alertAfter", &after_ns)) {
        return false;
    }
    if (after_ns > pair->long_ns) {
        problem_error(reading->problems, place_of(reading, node),
                      "`alertAfter` is longer than `lookbackWindow`; write e.g. a twelfth of it");
        return false;
    }
    if (after_ns > 0) {
        pair->short_ns = after_ns;
        problem_warning(reading->problems, place_of_key(reading, node),
                        "`alertAfter` becomes the short lookback: the alert does not wait %s, it "
                        "is on while the burn rate over the last %s is above the threshold too",
                        quoted(node->text).bytes, quoted(node->text).bytes);
    }
    return true;
}

static bool read_lookbacks(const struct reading *reading, const struct node *condition,
                           struct openslo_condition *self)
{
    const struct node *node =
        required_field(reading, condition, "lookbackWindow", "lookbackWindow: 1h");
    if (node == NULL ||
        !openslo_read_duration(reading, node, "lookbackWindow", &self->pair.long_ns)) {
        return false;
    }
    self->lookback_place = place_of(reading, node);
    if (self->pair.long_ns == 0) {
        problem_error(reading->problems, self->lookback_place,
                      "`lookbackWindow` is empty; write e.g. 1h");
        return false;
    }
    return read_after(reading, node_find(condition, "alertAfter"), &self->pair);
}

static bool read_condition(const struct reading *reading, const struct node *spec,
                           struct openslo_condition *self)
{
    static const char *const kinds[] = {"burnrate"};
    const struct node *condition =
        required_field(reading, spec, "condition", "condition: {kind: burnrate, ...}");
    if (condition == NULL ||
        !check_mapping(reading, condition, "condition", "`condition: {kind: burnrate, ...}`")) {
        return false;
    }
    check_keys(reading, condition, "`condition`", condition_keys, COUNT_OF(condition_keys));
    const struct node *kind = node_find(condition, "kind");
    uint32_t index;
    bool well = kind == NULL || read_word(reading, kind, "kind", kinds, COUNT_OF(kinds), &index);
    well &= read_op(reading, condition, self);
    well &= read_threshold(reading, condition, self);
    well &= read_lookbacks(reading, condition, self);
    return well;
}

struct openslo_condition *openslo_read_condition(const struct reading *reading,
                                                 const struct node *object, bool is_inline)
{
    struct openslo_condition *self = region_take(reading->kept, sizeof(*self));
    self->place = place_of(reading, object);
    uint32_t errors_before = reading->problems->error_count;
    check_keys(reading, object, "an AlertCondition", object_keys, COUNT_OF(object_keys));
    bool well = openslo_read_name(reading, object, is_inline, &self->name);
    const struct node *spec = openslo_spec(reading, object, "spec: {severity: page, ...}");
    if (spec == NULL) {
        return self;
    }
    check_keys(reading, spec, "`spec` of an AlertCondition", condition_spec_keys,
               COUNT_OF(condition_spec_keys));
    well &= read_severity(reading, spec, &self->pair.severity);
    well &= read_condition(reading, spec, self);
    self->well = well && reading->problems->error_count == errors_before;
    return self;
}

/* --- policies --- */

static bool read_one_condition(const struct reading *reading, const struct node *item,
                               struct openslo_policy *self)
{
    if (!check_mapping(reading, item, "conditions", "`- conditionRef: fast-burn`")) {
        return false;
    }
    if (node_find(item, "conditionRef") == NULL) {
        self->condition = openslo_read_condition(reading, item, true);
        return self->condition->well;
    }
    check_keys(reading, item, "a reference", condition_ref_keys, COUNT_OF(condition_ref_keys));
    return openslo_read_reference(reading, item, "conditionRef", &self->condition_ref);
}

static bool read_conditions(const struct reading *reading, const struct node *spec,
                            struct openslo_policy *self)
{
    const struct node *list =
        required_field(reading, spec, "conditions", "conditions: [{conditionRef: fast-burn}]");
    if (list == NULL || list->kind == NODE_BROKEN) {
        return false;
    }
    if (list->kind != NODE_SEQUENCE || list->count != 1) {
        problem_error(
            reading->problems, place_of(reading, list),
            "`conditions` must be a list of exactly one condition; make an AlertPolicy of "
            "each");
        return false;
    }
    return read_one_condition(reading, list->first, self);
}

/* false where it is absent. */
static bool read_when(const struct reading *reading, const struct node *spec, const char *key,
                      bool *value)
{
    const struct node *node = node_find(spec, key);
    return node == NULL || read_bool(reading, node, key, value);
}

static bool read_occasions(const struct reading *reading, const struct node *spec,
                           struct openslo_policy *self)
{
    bool breaching = true;
    bool resolved = false;
    bool no_data = false;
    bool well = read_when(reading, spec, "alertWhenBreaching", &breaching);
    well &= read_when(reading, spec, "alertWhenResolved", &resolved);
    well &= read_when(reading, spec, "alertWhenNoData", &no_data);
    self->quiet = !breaching;
    if (!breaching) {
        problem_warning(reading->problems,
                        place_of_key(reading, node_find(spec, "alertWhenBreaching")),
                        "with `alertWhenBreaching: false` the policy makes no alert");
    }
    if (no_data) {
        problem_warning(reading->problems,
                        place_of_key(reading, node_find(spec, "alertWhenNoData")),
                        "`alertWhenNoData` makes no alert here; a `service:` document with "
                        "`expect: {every: 1m}` tells of silence");
    }
    return well;
}

struct openslo_policy *openslo_read_policy(const struct reading *reading, const struct node *object,
                                           bool is_inline)
{
    struct openslo_policy *self = region_take(reading->kept, sizeof(*self));
    uint32_t errors_before = reading->problems->error_count;
    check_keys(reading, object, "an AlertPolicy", object_keys, COUNT_OF(object_keys));
    bool well = openslo_read_name(reading, object, is_inline, &self->name);
    const struct node *spec = openslo_spec(reading, object, "spec: {conditions: [...]}");
    if (spec == NULL) {
        return self;
    }
    check_keys(reading, spec, "`spec` of an AlertPolicy", policy_keys, COUNT_OF(policy_keys));
    well &= read_occasions(reading, spec, self);
    well &= read_conditions(reading, spec, self);
    self->well = well && reading->problems->error_count == errors_before;
    return self;
}
