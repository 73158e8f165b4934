#include "catalog/objective.h"

#include "base/panic.h"
#include "catalog/alerts.h"
#include "catalog/good.h"
#include "catalog/over.h"
#include "domain/decimal.h"

#define COVERAGE_FLOOR_DEFAULT (PPB / 10 * 9)
#define COVERAGE_DECIMALS      9

static const struct key_rule objective_keys[] = {
    {"method", KEY_READ, NULL},        {"target", KEY_READ, NULL},
    {"over", KEY_READ, NULL},          {"good", KEY_READ, NULL},
    {"bad", KEY_READ, NULL},           {"total", KEY_READ, NULL},
    {"slice", KEY_READ, NULL},         {"slice_target", KEY_READ, NULL},
    {"severity", KEY_READ, NULL},      {"alerts", KEY_READ, NULL},
    {"alert_compare", KEY_READ, NULL}, {"alert_guard", KEY_READ, NULL},
    {"no_data", KEY_READ, NULL},       {"coverage_floor", KEY_READ, NULL},
    {"min_events", KEY_READ, NULL},    {"pre_term", KEY_READ, NULL},
    {"rounding", KEY_READ, NULL},      {"min_run", KEY_READ, NULL},
    {"within", KEY_READ, NULL},        {"combine", KEY_READ, NULL},
    {"members", KEY_READ, NULL},       {"weights", KEY_READ, NULL},
    {"missing", KEY_READ, NULL},
};

struct objective objective_default(const struct objective_frame *frame)
{
    return (struct objective){
        .in_force = {INT64_MIN, INT64_MAX},
        .is_first = true,
        .method = frame->composites_only ? METHOD_COMPOSITE : METHOD_OCCURRENCES,
        .window = frame->over,
        .good = good_rule_default(),
        .severity = SEVERITY_MINOR,
        .alert_guard = true,
        .no_data = frame->no_data,
        .pre_term = PRE_TERM_CLIP,
        .coverage_floor_ppb = COVERAGE_FLOOR_DEFAULT,
    };
}

void objective_set_target(const struct reading *reading, struct objective *objective, int64_t ppb)
{
    char text[DECIMAL_TEXT_SIZE];
    decimal_format_target(ppb, text);
    objective->target_ppb = ppb;
    objective->target_text = region_string(reading->kept, text_from(text));
}

/* --- the parts of the long form --- */

static bool read_method(const struct reading *reading, const struct node *mapping,
                        enum method *method_out)
{
    const char *const words[] = {
        method_word(METHOD_OCCURRENCES), method_word(METHOD_TIMESLICES),
        method_word(METHOD_UPTIME),      method_word(METHOD_RATIO_TIMESLICES),
        method_word(METHOD_RESPONSE),    method_word(METHOD_RESOLUTION),
        method_word(METHOD_FULFILMENT),  method_word(METHOD_COMPOSITE),
    };
    const struct node *node = node_find(mapping, "method");
    if (node == NULL) {
        return true;
    }
    uint32_t index;
    if (!read_word(reading, node, "method", words, COUNT_OF(words), &index)) {
        return false;
    }
    *method_out = (enum method)index;
    return true;
}

static bool read_target(const struct reading *reading, const struct node *mapping,
                        struct objective *objective)
{
    const struct node *node = required_field(reading, mapping, "target", "target: 99.9%");
    int64_t ppb;
    if (node == NULL || !read_percent(reading, node, "target", &ppb)) {
        return false;
    }
    objective_set_target(reading, objective, ppb);
    return true;
}

/* A key that would be ignored with this method, though its writer means something by it. */
static bool misplaced(const struct reading *reading, const struct node *mapping, const char *key,
                      const char *remedy)
{
    const struct node *node = node_find(mapping, key);
    if (node == NULL) {
        return false;
    }
    problem_error(reading->problems, place_of_key(reading, node),
                  "`%s` has no meaning with this method; %s", key, remedy);
    return true;
}

static void without_effect(const struct reading *reading, const struct node *mapping,
                           const char *key, enum method method)
{
    const struct node *node = node_find(mapping, key);
    if (node != NULL) {
        problem_warning(reading->problems, place_of_key(reading, node),
                        "`%s` has no effect with method %s", key, method_word(method));
    }
}

static bool read_slices(const struct reading *reading, const struct node *mapping,
                        const struct objective_frame *frame, struct objective *objective)
{
    const struct node *slice = required_field(reading, mapping, "slice", "slice: 1m");
    bool well = slice != NULL && read_seconds(reading, slice, "slice", &objective->slice_ns);
    well = well && (!frame->over_known || check_slice(reading, slice, "slice", objective->slice_ns,
                                                      &objective->window, frame->term));
    if (objective->method == METHOD_RATIO_TIMESLICES) {
        return !misplaced(reading, mapping, "slice_target", "each slice counts by its own ratio") &&
               well;
    }
    const struct node *target =
        required_field(reading, mapping, "slice_target", "slice_target: 95%");
    bool target_well = target != NULL &&
                       read_percent(reading, target, "slice_target", &objective->slice_target_ppb);
    return well && target_well;
}

/* Which incidents are downtime, and, with every method, which ones the incident figures count. */
static bool read_severity(const struct reading *reading, const struct node *mapping,
                          struct objective *objective)
{
    /* As in enum severity. */
    static const char *const words[] = {"", "info", "minor", "major", "critical"};
    const struct node *severity = node_find(mapping, "severity");
    uint32_t index = SEVERITY_MINOR;
    bool well = severity == NULL ||
                read_word(reading, severity, "severity", words, COUNT_OF(words), &index);
    objective->severity = (enum severity)index;
    return well;
}

static bool read_uptime(const struct reading *reading, const struct node *mapping,
                        const struct objective_frame *frame, struct objective *objective)
{
    const char *const words[ROUNDING_COUNT] = {
        rounding_word(ROUNDING_EXACT),
        rounding_word(ROUNDING_FULL_MINUTES_ALIGNED),
        rounding_word(ROUNDING_FULL_MINUTES_ELAPSED),
        rounding_word(ROUNDING_MINUTES_TOUCHED),
    };
    const struct node *rounding = node_find(mapping, "rounding");
    const struct node *min_run = node_find(mapping, "min_run");
    uint32_t index = frame->rounding;
    bool well =
        rounding == NULL || read_word(reading, rounding, "rounding", words, ROUNDING_COUNT, &index);
    well &= min_run == NULL || read_count(reading, min_run, "min_run", &objective->min_run);
    objective->rounding = (enum rounding)index;
    if (objective->window.kind == WINDOW_TERM && frame->over_known &&
        frame->term.start_ns == INT64_MIN) {
        problem_error(reading->problems, place_of_key(reading, mapping),
                      "`over: term` of an uptime objective needs a start; add "
                      "`term: {from: 2026-01-01}` to the agreement");
        well = false;
    }
    return well;
}

/* Which requests count. */
static bool narrow_requests(const struct reading *reading, const struct node *mapping,
                            const struct objective_frame *frame, struct objective *objective)
{
    const struct node *total = node_find(mapping, "total");
    if (total != NULL && !read_total(reading, total, &objective->total)) {
        return false;
    }
    if (objective->total.customer != NULL && frame->has_customer) {
        problem_error(reading->problems, place_of_key(reading, node_find(total, "customer")),
                      "the agreement names its customer already; remove `customer` here");
        return false;
    }
    return true;
}

/* Which requests count, and which of them are good. */
static bool read_requests(const struct reading *reading, const struct node *mapping,
                          const struct objective_frame *frame, struct objective *objective)
{
    const struct node *good = node_find(mapping, "good");
    const struct node *bad = node_find(mapping, "bad");
    bool well = good == NULL || read_good(reading, good, &objective->good);
    well &= bad == NULL || read_bad(reading, bad, &objective->good);
    if (good != NULL && bad != NULL) {
        problem_error(reading->problems, place_of_key(reading, bad),
                      "`good` and `bad` are both given; keep one of them: what is not bad is good");
        well = false;
    }
    return narrow_requests(reading, mapping, frame, objective) && well;
}

/* `within`: what is answered up to then is good. */
static bool read_limit(const struct reading *reading, const struct node *mapping,
                       const struct objective_frame *frame, struct objective *objective)
{
    const struct node *within = required_field(reading, mapping, "within", "within: 4h");
    bool well = within != NULL && read_limit_length(reading, within, &objective->within_ns);
    well &= !misplaced(reading, mapping, "good", "what comes `within` its limit is good");
    well &= !misplaced(reading, mapping, "bad", "what comes `within` its limit is good");
    if (method_counts_incidents(objective->method)) {
        return !misplaced(reading, mapping, "total", "`severity` says which incidents count") &&
               well;
    }
    return narrow_requests(reading, mapping, frame, objective) && well;
}

/* What a composite is made of is read when all objectives are known (composites.h). */
static bool read_composite_keys(const struct reading *reading, const struct node *mapping,
                                const struct objective *objective)
{
    static const char *const of_members[] = {"good",         "bad",      "total",   "slice",
                                             "slice_target", "rounding", "min_run", "within"};
    static const char *const of_composites[] = {"combine", "members", "weights", "missing"};
    bool well = true;
    if (objective->method == METHOD_COMPOSITE) {
        for (uint32_t i = 0; i < COUNT_OF(of_members); i++) {
            well &= !misplaced(reading, mapping, of_members[i], "its members say it");
        }
        without_effect(reading, mapping, "min_events", objective->method);
        return well;
    }
    for (uint32_t i = 0; i < COUNT_OF(of_composites); i++) {
        well &= !misplaced(reading, mapping, of_composites[i], "add `method: composite`");
    }
    return well;
}

/* What only some methods have. */
static bool read_by_method(const struct reading *reading, const struct node *mapping,
                           const struct objective_frame *frame, struct objective *objective)
{
    bool well = read_severity(reading, mapping, objective);
    well &= read_composite_keys(reading, mapping, objective);
    if (objective->method == METHOD_COMPOSITE) {
        return well;
    }
    if (method_has_slices(objective->method)) {
        well &= read_slices(reading, mapping, frame, objective);
    } else {
        well &= !misplaced(reading, mapping, "slice", "add `method: timeslices`");
        well &= !misplaced(reading, mapping, "slice_target", "add `method: timeslices`");
    }
    if (objective->method == METHOD_UPTIME) {
        well &= read_uptime(reading, mapping, frame, objective);
        well &= !misplaced(reading, mapping, "good", "uptime counts incidents, not requests");
        well &= !misplaced(reading, mapping, "bad", "uptime counts incidents, not requests");
        well &= !misplaced(reading, mapping, "total", "uptime counts incidents, not requests");
        without_effect(reading, mapping, "min_events", objective->method);
    } else {
        well &= !misplaced(reading, mapping, "rounding", "add `method: uptime`");
        well &= !misplaced(reading, mapping, "min_run", "add `method: uptime`");
    }
    if (method_has_limit(objective->method)) {
        well &= read_limit(reading, mapping, frame, objective);
    } else {
        well &= !misplaced(reading, mapping, "within", "add `method: fulfilment`");
    }
    if (method_judges_requests(objective->method)) {
        well &= read_requests(reading, mapping, frame, objective);
    }
    return well;
}

/* 0.9 is a fraction here and 90% a percentage (CONTRACT section 4); 0 is no floor. */
static bool read_coverage_floor(const struct reading *reading, const struct node *node,
                                int64_t *ppb_out)
{
    struct text text;
    if (!read_scalar(reading, node, "coverage_floor", &text)) {
        return false;
    }
    bool percent = text.length > 0 && text.bytes[text.length - 1] == '%';
    uint32_t decimals = percent ? COVERAGE_DECIMALS - 2 : COVERAGE_DECIMALS;
    struct text number = trimmed((struct text){text.bytes, text.length - (percent ? 1 : 0)});
    int64_t ppb;
    if (!decimal_parse(number, decimals, &ppb) || ppb > PPB) {
        problem_error(reading->problems, place_of(reading, node),
                      "`coverage_floor`: %s is not a fraction of 0 to 1; write e.g. 0.9 or 90%%",
                      quoted(text).bytes);
        return false;
    }
    *ppb_out = ppb;
    return true;
}

static bool read_policies(const struct reading *reading, const struct node *mapping,
                          struct objective *objective)
{
    static const char *const no_data_words[] = {"unknown", "empty_is_good"};
    static const char *const pre_term_words[] = {"clip", "good"};
    const struct node *no_data = node_find(mapping, "no_data");
    const struct node *pre_term = node_find(mapping, "pre_term");
    const struct node *coverage = node_find(mapping, "coverage_floor");
    const struct node *min_events = node_find(mapping, "min_events");
    uint32_t no_data_index = objective->no_data;
    uint32_t pre_term_index = PRE_TERM_CLIP;
    bool well = no_data == NULL || read_word(reading, no_data, "no_data", no_data_words,
                                             COUNT_OF(no_data_words), &no_data_index);
    well &= pre_term == NULL || read_word(reading, pre_term, "pre_term", pre_term_words,
                                          COUNT_OF(pre_term_words), &pre_term_index);
    well &=
        coverage == NULL || read_coverage_floor(reading, coverage, &objective->coverage_floor_ppb);
    well &=
        min_events == NULL || read_count(reading, min_events, "min_events", &objective->min_events);
    objective->no_data = (enum no_data_policy)no_data_index;
    objective->pre_term = (enum pre_term_policy)pre_term_index;
    return well;
}

static bool read_alerting(const struct reading *reading, const struct node *mapping,
                          const struct objective_frame *frame, struct objective *objective)
{
    static const char *const compare_words[] = {">", ">="};
    const struct node *compare = node_find(mapping, "alert_compare");
    const struct node *guard = node_find(mapping, "alert_guard");
    uint32_t index = 0;
    bool well = compare == NULL || read_word(reading, compare, "alert_compare", compare_words,
                                             COUNT_OF(compare_words), &index);
    well &= guard == NULL || read_bool(reading, guard, "alert_guard", &objective->alert_guard);
    objective->alert_or_equal = index == 1;
    return read_alerts(reading, node_find(mapping, "alerts"), frame->term, objective) && well;
}

/* --- both forms --- */

static void refuse_plain(const struct reading *reading, const struct node *node)
{
    problem_error(reading->problems, place_of(reading, node),
                  "objectives of a project are composites over agreements; write e.g. {combine: "
                  "weighted_mean, members: [acme-checkout/availability], target: 99.9%%}");
}

static bool read_long(const struct reading *reading, const struct node *node,
                      const struct objective_frame *outer, struct objective *objective)
{
    check_keys(reading, node, "an objective", objective_keys, COUNT_OF(objective_keys));
    struct objective_frame frame = *outer;
    const struct node *over = node_find(node, "over");
    if (!read_method(reading, node, &objective->method)) {
        return false; /* which other keys make sense depends on it */
    }
    if (frame.composites_only && objective->method != METHOD_COMPOSITE) {
        refuse_plain(reading, node_find(node, "method"));
        return false;
    }
    if (over != NULL) {
        frame.over_known = read_over(reading, over, &frame.over);
        objective->window = frame.over;
    }
    bool well = over == NULL || frame.over_known;
    bool target_well = read_target(reading, node, objective);
    well &= read_by_method(reading, node, &frame, objective);
    well &= read_policies(reading, node, objective);
    if (target_well && frame.over_known) {
        well &= read_alerting(reading, node, &frame, objective);
    }
    return well && target_well;
}

static bool read_short(const struct reading *reading, const struct node *node,
                       const struct objective_frame *frame, struct objective *objective)
{
    if (frame->composites_only) {
        refuse_plain(reading, node);
        return false;
    }
    struct text text = node->text;
    const char *limit = text.length == 0 ? NULL : memchr(text.bytes, '<', text.length);
    uint32_t before = limit == NULL ? text.length : (uint32_t)(limit - text.bytes);
    int64_t ppb;
    bool well = parse_percent(reading, node, (struct text){text.bytes, before}, "target", &ppb);
    if (limit != NULL) {
        struct text rest = {limit, text.length - before};
        well &= parse_latency(reading, node, rest, &objective->good);
    }
    if (!well) {
        return false;
    }
    objective_set_target(reading, objective, ppb);
    return !frame->over_known || read_alerts(reading, NULL, frame->term, objective);
}

bool read_objective(const struct reading *reading, const struct node *node,
                    const struct objective_frame *frame, struct objective *objective_out)
{
    struct objective objective = objective_default(frame);
    objective.line = node->key->line;
    bool named = read_name(reading, node->key, "objective", &objective.name);
    bool well;
    switch (node->kind) {
    case NODE_MAPPING:
        well = read_long(reading, node, frame, &objective);
        break;
    case NODE_SCALAR:
        well = read_short(reading, node, frame, &objective);
        break;
    default:
        well = false;
        if (node->kind != NODE_BROKEN) {
            problem_error(reading->problems, place_of(reading, node),
                          "an objective is a percentage or a mapping; write e.g. 99.9%% or "
                          "{method: occurrences, target: 99.9%%}");
        }
        break;
    }
    if (!named || !well) {
        return false;
    }
    *objective_out = objective;
    return true;
}
