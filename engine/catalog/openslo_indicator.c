#include "catalog/openslo_indicator.h"

#include "catalog/good.h"

static const struct key_rule object_keys[] = {
    {"apiVersion", KEY_READ, NULL},
    {"kind", KEY_READ, NULL},
    {"metadata", KEY_READ, NULL},
    {"spec", KEY_READ, NULL},
};
static const struct key_rule spec_keys[] = {
    {"description", KEY_QUIET, NULL},
    {"ratioMetric", KEY_READ, NULL},
    {"thresholdMetric", KEY_READ, NULL},
};
static const struct key_rule ratio_keys[] = {
    {"good", KEY_READ, NULL},    {"bad", KEY_READ, NULL}, {"total", KEY_READ, NULL},
    {"counter", KEY_READ, NULL}, {"raw", KEY_READ, NULL}, {"rawType", KEY_READ, NULL},
};
static const struct key_rule metric_keys[] = {
    {"metricSource", KEY_READ, NULL},
};
static const struct key_rule source_keys[] = {
    {"type", KEY_READ, NULL},
    {"spec", KEY_READ, NULL},
    {"metricSourceRef", KEY_QUIET, NULL},
};
static const struct key_rule threshold_keys[] = {
    {"latency", KEY_READ, NULL},
    {"class", KEY_READ, NULL},
    {"customer", KEY_READ, NULL},
};

static bool is_nothing(const struct node *node)
{
    return node == NULL || node->kind == NODE_NULL ||
           (node->kind == NODE_MAPPING && node->count == 0);
}

/* The `spec` of `key: {metricSource: {type: nines, spec: ...}}`; NULL where it says nothing. False
 * after a complaint. */
static bool read_source(const struct reading *reading, const struct node *metric, const char *key,
                        const char *example, const struct node **spec_out)
{
    *spec_out = NULL;
    if (!check_mapping(reading, metric, key, "`metricSource: {type: nines}`")) {
        return false;
    }
    check_keys(reading, metric, "a metric", metric_keys, COUNT_OF(metric_keys));
    const struct node *source =
        required_field(reading, metric, "metricSource", "metricSource: {type: nines}");
    if (source == NULL ||
        !check_mapping(reading, source, "metricSource", "`metricSource: {type: nines}`")) {
        return false;
    }
    check_keys(reading, source, "`metricSource`", source_keys, COUNT_OF(source_keys));
    const struct node *type = required_field(reading, source, "type", "type: nines");
    struct text text;
    if (type == NULL || !read_scalar(reading, type, "type", &text)) {
        return false;
    }
    if (!text_is(text, "nines")) {
        problem_error(reading->problems, place_of(reading, type),
                      "`type`: nines does not ask %s, it judges the requests that it receives; "
                      "write `type: nines`, and of %s requests e.g. `spec: %s`",
                      quoted(text).bytes, key, example);
        return false;
    }
    const struct node *spec = node_find(source, "spec");
    if (!is_nothing(spec)) {
        *spec_out = spec;
    }
    return true;
}

/* --- ratioMetric --- */

static bool read_judging(const struct reading *reading, const struct node *good,
                         const struct node *bad, struct good_rule *rule)
{
    const struct node *spec;
    bool well = true;
    if (good != NULL) {
        well = read_source(reading, good, "good", "{status: \"<500\"}", &spec);
        well = well && (spec == NULL || read_good(reading, spec, rule));
    }
    if (bad != NULL) {
        bool bad_well = read_source(reading, bad, "bad", "{status: \">=500\"}", &spec);
        well &= bad_well && (spec == NULL || read_bad(reading, spec, rule));
    }
    return well;
}

static bool read_ratio_total(const struct reading *reading, const struct node *ratio,
                             struct total_rule *total)
{
    const struct node *node =
        required_field(reading, ratio, "total", "total: {metricSource: {type: nines}}");
    const struct node *spec;
    return node != NULL && read_source(reading, node, "total", "{class: adhoc}", &spec) &&
           (spec == NULL || read_total(reading, spec, total));
}

static bool refuse_raw(const struct reading *reading, const struct node *ratio)
{
    const struct node *raw = node_find(ratio, "raw");
    if (raw == NULL) {
        raw = node_find(ratio, "rawType");
    }
    if (raw == NULL) {
        return false;
    }
    problem_error(reading->problems, place_of_key(reading, raw),
                  "`%.*s`: nines counts requests, it reads no ratios; give `good` (or `bad`) and "
                  "`total`",
                  (int)raw->key->text.length, raw->key->text.bytes);
    return true;
}

static bool read_ratio(const struct reading *reading, const struct node *ratio,
                       struct openslo_indicator *indicator)
{
    if (!check_mapping(reading, ratio, "ratioMetric",
                       "`good` and `total`, each with a `metricSource: {type: nines}`")) {
        return false;
    }
    check_keys(reading, ratio, "`ratioMetric`", ratio_keys, COUNT_OF(ratio_keys));
    const struct node *counter = node_find(ratio, "counter");
    const struct node *good = node_find(ratio, "good");
    const struct node *bad = node_find(ratio, "bad");
    bool is_counter; /* of metrics; requests are counted anyhow */
    bool well = counter == NULL || read_bool(reading, counter, "counter", &is_counter);
    if (refuse_raw(reading, ratio)) {
        return false;
    }
    if ((good == NULL) == (bad == NULL)) {
        problem_error(reading->problems, place_of_key(reading, bad != NULL ? bad : ratio),
                      good == NULL ? "`ratioMetric` needs `good` or `bad`; add e.g. `good: "
                                     "{metricSource: {type: nines, spec: {status: \"<500\"}}}`"
                                   : "`good` and `bad` are both given; keep one of them: what is "
                                     "not bad is good");
        well = false;
    }
    well &= read_judging(reading, good, bad, &indicator->good);
    well &= read_ratio_total(reading, ratio, &indicator->total);
    return well;
}

/* --- thresholdMetric --- */

static bool read_threshold(const struct reading *reading, const struct node *metric,
                           struct openslo_indicator *indicator)
{
    static const char *const units[] = {"us", "ms", "s"};
    static const int64_t unit_ns[] = {NS_PER_US, NS_PER_MS, NS_PER_SECOND};
    const struct node *spec;
    indicator->is_threshold = true;
    if (!read_source(reading, metric, "thresholdMetric", "{latency: ms}", &spec)) {
        return false;
    }
    if (spec == NULL) {
        problem_error(reading->problems, place_of_key(reading, metric),
                      "`thresholdMetric`: nines measures one value of a request, its latency; add "
                      "`spec: {latency: ms}` for a `value` in milliseconds");
        return false;
    }
    if (!check_mapping(reading, spec, "spec", "`spec: {latency: ms}`")) {
        return false;
    }
    check_keys(reading, spec, "`spec` of a thresholdMetric", threshold_keys,
               COUNT_OF(threshold_keys));
    const struct node *latency = required_field(reading, spec, "latency", "latency: ms");
    uint32_t unit = 0;
    bool well =
        latency != NULL && read_word(reading, latency, "latency", units, COUNT_OF(units), &unit);
    indicator->unit_ns = unit_ns[unit];
    return read_total_keys(reading, spec, &indicator->total) && well;
}

/* --- both --- */

static bool read_spec(const struct reading *reading, const struct node *object,
                      struct openslo_indicator *indicator)
{
    const struct node *spec = openslo_spec(reading, object, "spec: {ratioMetric: ...}");
    if (spec == NULL) {
        return false;
    }
    check_keys(reading, spec, "`spec` of an SLI", spec_keys, COUNT_OF(spec_keys));
    const struct node *ratio = node_find(spec, "ratioMetric");
    const struct node *threshold = node_find(spec, "thresholdMetric");
    if ((ratio == NULL) == (threshold == NULL)) {
        problem_error(reading->problems,
                      place_of_key(reading, threshold != NULL ? threshold : spec),
                      ratio == NULL ? "an SLI needs `ratioMetric` or `thresholdMetric`; add one"
                                    : "`ratioMetric` and `thresholdMetric` are both given; keep "
                                      "one of them");
        return false;
    }
    return ratio != NULL ? read_ratio(reading, ratio, indicator)
                         : read_threshold(reading, threshold, indicator);
}

struct openslo_indicator *openslo_read_indicator(const struct reading *reading,
                                                 const struct node *object, bool is_inline)
{
    struct openslo_indicator *indicator = region_take(reading->kept, sizeof(*indicator));
    indicator->good = good_rule_default();
    if (!check_mapping(reading, object, "indicator", "`indicator: {spec: {ratioMetric: ...}}`")) {
        return indicator;
    }
    uint32_t errors_before = reading->problems->error_count;
    check_keys(reading, object, "an SLI", object_keys, COUNT_OF(object_keys));
    bool well = openslo_read_name(reading, object, is_inline, &indicator->name);
    well &= read_spec(reading, object, indicator);
    indicator->well = well && reading->problems->error_count == errors_before;
    return indicator;
}
