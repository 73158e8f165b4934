#include "catalog/good.h"

#include "base/panic.h"
#include "domain/decimal.h"

#define STATUS_RANGES_MAX COUNT_OF(((struct good_rule *)NULL)->status)

static const struct key_rule good_keys[] = {
    {"status", KEY_READ, NULL},
    {"latency", KEY_READ, NULL},
    {"outcome", KEY_READ, NULL},
};

struct good_rule good_rule_default(void)
{
    return (struct good_rule){.status_default = true};
}

bool parse_latency(const struct reading *reading, const struct node *node, struct text text,
                   struct good_rule *rule)
{
    struct text limit = trimmed(text);
    bool inclusive = limit.length > 1 && limit.bytes[0] == '<' && limit.bytes[1] == '=';
    uint32_t sign = inclusive ? 2 : 1;
    int64_t ns;
    if (limit.length == 0 || limit.bytes[0] != '<' ||
        !duration_parse(trimmed((struct text){limit.bytes + sign, limit.length - sign}), &ns)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`latency`: %s is no limit; write e.g. \"<300ms\" or \"<=300ms\"",
                      quoted(limit).bytes);
        return false;
    }
    if (ns == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`latency`: a limit of 0 fails every request; write e.g. \"<=300ms\"");
        return false;
    }
    rule->latency_given = true;
    rule->latency_inclusive = inclusive;
    rule->latency_ns = (uint64_t)ns;
    return true;
}

static bool parse_status(struct text text, uint16_t *status_out)
{
    int64_t value;
    if (!decimal_parse(trimmed(text), 0, &value) || value < 1 || value > STATUS_MAX) {
        return false;
    }
    *status_out = (uint16_t)value;
    return true;
}

/* `<500`, `<=499`, `200-299`, `304`. */
static bool parse_range(struct text text, uint16_t *low_out, uint16_t *high_out)
{
    if (text.length > 0 && text.bytes[0] == '<') {
        bool inclusive = text.length > 1 && text.bytes[1] == '=';
        uint32_t sign = inclusive ? 2 : 1;
        uint16_t bound;
        if (!parse_status((struct text){text.bytes + sign, text.length - sign}, &bound) ||
            (!inclusive && bound == 1)) {
            return false;
        }
        *low_out = 1;
        *high_out = inclusive ? bound : (uint16_t)(bound - 1);
        return true;
    }
    const char *dash = text.length == 0 ? NULL : memchr(text.bytes, '-', text.length);
    if (dash == NULL) {
        bool single = parse_status(text, low_out);
        *high_out = *low_out;
        return single;
    }
    uint32_t before = (uint32_t)(dash - text.bytes);
    return parse_status((struct text){text.bytes, before}, low_out) &&
           parse_status((struct text){dash + 1, text.length - before - 1}, high_out) &&
           *low_out <= *high_out;
}

static bool add_range(const struct reading *reading, const struct node *node, struct text text,
                      struct good_rule *rule)
{
    uint16_t low = 0;
    uint16_t high = 0;
    if (!parse_range(trimmed(text), &low, &high)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`status`: %s is no status range; write e.g. \"<500\", \"200-299\" or 304",
                      quoted(text).bytes);
        return false;
    }
    if (rule->status_count == STATUS_RANGES_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`status` has more than %u ranges; join neighbours, e.g. \"200-299\"",
                      STATUS_RANGES_MAX);
        return false;
    }
    rule->status[rule->status_count].low = low;
    rule->status[rule->status_count].high = high;
    rule->status_count++;
    return true;
}

static bool add_ranges(const struct reading *reading, const struct node *node, struct text text,
                       struct good_rule *rule)
{
    while (true) {
        const char *comma = text.length == 0 ? NULL : memchr(text.bytes, ',', text.length);
        uint32_t length = comma == NULL ? text.length : (uint32_t)(comma - text.bytes);
        if (!add_range(reading, node, (struct text){text.bytes, length}, rule)) {
            return false;
        }
        if (comma == NULL) {
            return true;
        }
        text = (struct text){comma + 1, text.length - length - 1};
    }
}

static bool read_status(const struct reading *reading, const struct node *node,
                        struct good_rule *rule)
{
    struct text text;
    if (node->kind == NODE_SEQUENCE && node->count > 0) {
        for (const struct node *item = node->first; item != NULL; item = item->next) {
            if (!read_scalar(reading, item, "status", &text) ||
                !add_ranges(reading, item, text, rule)) {
                return false;
            }
        }
        return true;
    }
    if (!read_scalar(reading, node, "status", &text) || !add_ranges(reading, node, text, rule)) {
        return false;
    }
    /* The default written out is the default: it does not fail a request without a status. */
    if (rule->status_count == 1 && rule->status[0].low == 1 && rule->status[0].high == 499) {
        rule->status_default = true;
        rule->status_count = 0;
        rule->status[0].low = 0;
        rule->status[0].high = 0;
    }
    return true;
}

static bool read_outcome(const struct reading *reading, const struct node *node,
                         struct good_rule *rule)
{
    static const char *const words[] = {"good"};
    uint32_t index;
    rule->outcome_required = read_word(reading, node, "outcome", words, COUNT_OF(words), &index);
    return rule->outcome_required;
}

bool read_good(const struct reading *reading, const struct node *node, struct good_rule *rule_out)
{
    if (!check_mapping(reading, node, "good", "`good: {status: \"<500\"}`")) {
        return false;
    }
    check_keys(reading, node, "`good`", good_keys, COUNT_OF(good_keys));
    const struct node *status = node_find(node, "status");
    const struct node *latency = node_find(node, "latency");
    const struct node *outcome = node_find(node, "outcome");
    if (node->count == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`good` is empty; write e.g. {status: \"<500\"} or leave it out");
        return false;
    }
    struct good_rule rule = {0};
    struct text text;
    bool well = status == NULL || read_status(reading, status, &rule);
    well &= latency == NULL || (read_scalar(reading, latency, "latency", &text) &&
                                parse_latency(reading, latency, text, &rule));
    well &= outcome == NULL || read_outcome(reading, outcome, &rule);
    if (well) {
        *rule_out = rule;
    }
    return well;
}
