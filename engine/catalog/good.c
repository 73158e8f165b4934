#include "catalog/good.h"

#include <stdio.h>

#include "base/panic.h"
#include "domain/decimal.h"

#define STATUS_RANGES_MAX COUNT_OF(((struct good_rule *)NULL)->status)

static const struct key_rule good_keys[] = {
    {"status", KEY_READ, NULL},
    {"latency", KEY_READ, NULL},
    {"outcome", KEY_READ, NULL},
};

static const struct key_rule total_keys[] = {
    {"class", KEY_READ, NULL},
    {"customer", KEY_READ, NULL},
};

struct good_rule good_rule_default(void)
{
    return (struct good_rule){.status_default = true};
}

bool parse_latency(const struct reading *reading, const struct node *node, struct text text,
                   struct good_rule *rule)
{
    struct text limit = trimmed(text);
    char side = rule->describes_bad ? '>' : '<'; /* bad ones are the slow ones */
    bool inclusive = limit.length > 1 && limit.bytes[0] == side && limit.bytes[1] == '=';
    uint32_t sign = inclusive ? 2 : 1;
    int64_t ns;
    if (limit.length == 0 || limit.bytes[0] != side ||
        !duration_parse(trimmed((struct text){limit.bytes + sign, limit.length - sign}), &ns)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`latency`: %s is no limit of %s requests; write e.g. \"%c300ms\" or "
                      "\"%c=300ms\"",
                      quoted(limit).bytes, rule->describes_bad ? "bad" : "good", side, side);
        return false;
    }
    if (ns == 0 && !rule->describes_bad) {
        problem_error(reading->problems, place_of(reading, node),
                      "`latency`: a limit of 0 fails every request; write e.g. \"<=300ms\"");
        return false;
    }
    if (ns == 0 && inclusive) {
        problem_error(
            reading->problems, place_of(reading, node),
            "`latency`: a lower limit of 0 holds of every request; write e.g. \">=300ms\"");
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

/* `>=500`, `>499`: up to the highest status there is. */
static bool parse_upper_range(struct text text, uint16_t *low_out, uint16_t *high_out)
{
    bool inclusive = text.length > 1 && text.bytes[1] == '=';
    uint32_t sign = inclusive ? 2 : 1;
    uint16_t bound;
    if (!parse_status((struct text){text.bytes + sign, text.length - sign}, &bound) ||
        (!inclusive && bound == STATUS_MAX)) {
        return false;
    }
    *low_out = inclusive ? bound : (uint16_t)(bound + 1);
    *high_out = STATUS_MAX;
    return true;
}

/* `<500`, `<=499`, `200-299`, `304`; of bad ones `>=500` too. */
static bool parse_range(struct text text, bool of_bad, uint16_t *low_out, uint16_t *high_out)
{
    if (of_bad && text.length > 0 && text.bytes[0] == '>') {
        return parse_upper_range(text, low_out, high_out);
    }
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
    if (!parse_range(trimmed(text), rule->describes_bad, &low, &high)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`status`: %s is no status range; write e.g. \"%s\", \"200-299\" or 304",
                      quoted(text).bytes, rule->describes_bad ? ">=500" : "<500");
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
    if (!rule->describes_bad && rule->status_count == 1 && rule->status[0].low == 1 &&
        rule->status[0].high == 499) {
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
    const char *const words[] = {rule->describes_bad ? "bad" : "good"};
    uint32_t index;
    rule->outcome_required = read_word(reading, node, "outcome", words, COUNT_OF(words), &index);
    return rule->outcome_required;
}

static bool read_rule(const struct reading *reading, const struct node *node, const char *key,
                      const char *example, struct good_rule *rule)
{
    char owner[16];
    snprintf(owner, sizeof(owner), "`%s`", key);
    if (!check_mapping(reading, node, key, example)) {
        return false;
    }
    check_keys(reading, node, owner, good_keys, COUNT_OF(good_keys));
    const struct node *status = node_find(node, "status");
    const struct node *latency = node_find(node, "latency");
    const struct node *outcome = node_find(node, "outcome");
    if (node->count == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "%s is empty; write e.g. %s or leave it out", owner, example);
        return false;
    }
    struct text text;
    bool well = status == NULL || read_status(reading, status, rule);
    well &= latency == NULL || (read_scalar(reading, latency, "latency", &text) &&
                                parse_latency(reading, latency, text, rule));
    well &= outcome == NULL || read_outcome(reading, outcome, rule);
    return well;
}

bool read_good(const struct reading *reading, const struct node *node, struct good_rule *rule_out)
{
    struct good_rule rule = {0};
    bool well = read_rule(reading, node, "good", "{status: \"<500\"}", &rule);
    if (well) {
        *rule_out = rule;
    }
    return well;
}

bool read_bad(const struct reading *reading, const struct node *node, struct good_rule *rule_out)
{
    struct good_rule rule = {.describes_bad = true};
    bool well = read_rule(reading, node, "bad", "{status: \">=500\"}", &rule);
    if (well) {
        *rule_out = rule;
    }
    return well;
}

bool read_total_keys(const struct reading *reading, const struct node *node,
                     struct total_rule *total_out)
{
    const char *const words[] = {"", request_class_word(CLASS_ADHOC),
                                 request_class_word(CLASS_STANDING)};
    const struct node *class = node_find(node, "class");
    const struct node *customer = node_find(node, "customer");
    uint32_t index = CLASS_ANY;
    struct total_rule total = {.narrowed = class != NULL || customer != NULL};
    bool well = class == NULL || read_word(reading, class, "class", words, COUNT_OF(words), &index);
    well &= customer == NULL || read_name(reading, customer, "customer", &total.customer);
    total.request_class = (enum request_class)index;
    if (well) {
        *total_out = total;
    }
    return well;
}

bool read_total(const struct reading *reading, const struct node *node,
                struct total_rule *total_out)
{
    if (!check_mapping(reading, node, "total", "`total: {class: standing}`")) {
        return false;
    }
    check_keys(reading, node, "`total`", total_keys, COUNT_OF(total_keys));
    if (node->count == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`total` is empty; write e.g. {class: standing} or leave it out");
        return false;
    }
    return read_total_keys(reading, node, total_out);
}
