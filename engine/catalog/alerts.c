#include "catalog/alerts.h"

#include <stdio.h>

#include "catalog/over.h"
#include "domain/decimal.h"

/* Burn rates have at most this many decimals, here and in reports. */
#define BURN_DECIMALS 9
#define BURN_SCALE    UINT64_C(1000000000)

static const struct key_rule pair_keys[] = {
    {"severity", KEY_READ, NULL}, {"long", KEY_READ, NULL},  {"short", KEY_READ, NULL},
    {"burn", KEY_READ, NULL},     {"share", KEY_READ, NULL},
};

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void alert_set_burn(struct alert_pair *pair, int64_t billionths)
{
    uint64_t divisor = common_divisor((uint64_t)billionths, BURN_SCALE);
    pair->threshold_numerator = (uint64_t)billionths / divisor;
    pair->threshold_denominator = BURN_SCALE / divisor;
}

static bool read_burn(const struct reading *reading, const struct node *node,
                      struct alert_pair *pair)
{
    struct text text;
    int64_t billionths;
    if (!read_scalar(reading, node, "burn", &text)) {
        return false;
    }
    if (!decimal_parse(text, BURN_DECIMALS, &billionths) || billionths == 0) {
        problem_error(
            reading->problems, place_of(reading, node),
            "`burn`: %s is no burn rate; write a number above 0 with at most %d decimals, "
            "e.g. 14.4",
            quoted(text).bytes, BURN_DECIMALS);
        return false;
    }
    alert_set_burn(pair, billionths);
    return true;
}

static bool read_threshold(const struct reading *reading, const struct node *item,
                           const struct objective *objective, struct alert_pair *pair)
{
    const struct node *burn = node_find(item, "burn");
    const struct node *share = node_find(item, "share");
    if ((burn == NULL) == (share == NULL)) {
        problem_error(
            reading->problems, place_of(reading, item),
            "an alert needs either `burn` or `share`; write e.g. `burn: 14.4` or `share: 2%%`");
        return false;
    }
    if (burn != NULL) {
        return read_burn(reading, burn, pair);
    }
    int64_t share_ppb;
    if (!read_percent(reading, share, "share", &share_ppb)) {
        return false;
    }
    alert_threshold_from_share(pair, share_ppb, window_alert_length_ns(&objective->window));
    return true;
}

bool alert_check_lookback(struct problems *problems, struct place place, const char *key,
                          const struct objective *objective, struct span term,
                          const struct alert_pair *pair)
{
    if (pair->long_ns < over_length_ns(&objective->window, term)) {
        return true;
    }
    char lookback[32];
    char over[32];
    duration_format(pair->long_ns, lookback, sizeof(lookback));
    window_format(&objective->window, over, sizeof(over));
    problem_error(problems, place, "`%s`: %s is not shorter than the window (%s); shorten it", key,
                  lookback, over);
    return false;
}

bool alert_check_threshold(struct problems *problems, struct place place, const char *key,
                           const struct objective *objective, const struct alert_pair *pair)
{
    if (!alert_threshold_unreachable(pair, objective->target_ppb)) {
        return true;
    }
    char threshold[DECIMAL_TEXT_SIZE];
    char highest[DECIMAL_TEXT_SIZE];
    decimal_format_trimmed(pair->threshold_numerator, pair->threshold_denominator, 9, threshold);
    decimal_format_trimmed(PPB, PPB - objective->target_ppb, 3, highest);
    problem_error(problems, place,
                  "a burn rate of %s can never be exceeded: with a target of %s %% it is at most "
                  "%s; lower it or lengthen `%s`",
                  threshold, objective->target_text, highest, key);
    return false;
}

static bool read_lookbacks(const struct reading *reading, const struct node *item,
                           const struct objective *objective, struct span term,
                           struct alert_pair *pair)
{
    const struct node *longer = required_field(reading, item, "long", "long: 1h");
    const struct node *shorter = required_field(reading, item, "short", "short: 5m");
    bool well = longer != NULL && read_seconds(reading, longer, "long", &pair->long_ns);
    well &= shorter != NULL && read_seconds(reading, shorter, "short", &pair->short_ns);
    if (!well) {
        return false;
    }
    if (pair->short_ns > pair->long_ns) {
        problem_error(reading->problems, place_of(reading, shorter),
                      "`short` must not be longer than `long` (%s); write e.g. a twelfth of it",
                      quoted(longer->text).bytes);
        return false;
    }
    return alert_check_lookback(reading->problems, place_of(reading, longer), "long", objective,
                                term, pair);
}

static bool read_severity(const struct reading *reading, const struct node *item,
                          struct alert_pair *pair)
{
    /* As in enum alert_severity; nobody alerts at `none`. */
    static const char *const words[] = {"", "ticket", "page"};
    const struct node *node = required_field(reading, item, "severity", "severity: page");
    uint32_t index;
    if (node == NULL || !read_word(reading, node, "severity", words, COUNT_OF(words), &index)) {
        return false;
    }
    pair->severity = (enum alert_severity)index;
    return true;
}

static bool check_reachable(const struct reading *reading, const struct node *item,
                            const struct objective *objective, const struct alert_pair *pair)
{
    const struct node *burn = node_find(item, "burn");
    const struct node *share = node_find(item, "share");
    return alert_check_threshold(reading->problems, place_of(reading, burn != NULL ? burn : share),
                                 "long", objective, pair);
}

static bool read_pair(const struct reading *reading, const struct node *item, struct span term,
                      struct objective *objective)
{
    if (!check_mapping(reading, item, "alerts",
                       "`- {severity: page, long: 1h, short: 5m, burn: 14.4}`")) {
        return false;
    }
    check_keys(reading, item, "an alert", pair_keys, COUNT_OF(pair_keys));
    struct alert_pair pair = {0};
    bool well = read_severity(reading, item, &pair);
    well &= read_lookbacks(reading, item, objective, term, &pair);
    /* A share means nothing without its lookback. */
    well = well && read_threshold(reading, item, objective, &pair) &&
           check_reachable(reading, item, objective, &pair);
    if (well) {
        objective->alerts[objective->alert_count++] = pair;
    }
    return well;
}

static bool read_pairs(const struct reading *reading, const struct node *node, struct span term,
                       struct objective *objective)
{
    if (node->count > ALERT_PAIRS_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`alerts` has %u pairs; at most %d, remove some", node->count,
                      ALERT_PAIRS_MAX);
        return false;
    }
    bool well = true;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        well &= read_pair(reading, item, term, objective);
    }
    return well;
}

bool read_alerts(const struct reading *reading, const struct node *node, struct span term,
                 struct objective *objective)
{
    static const char *const words[] = {"default", "none"};
    objective->alert_count = 0;
    if (node != NULL && node->kind == NODE_SEQUENCE) {
        return read_pairs(reading, node, term, objective);
    }
    uint32_t index = 0;
    if (node != NULL && node->kind == NODE_MAPPING) {
        problem_error(reading->problems, place_of(reading, node),
                      "`alerts` must be a list; write e.g. "
                      "`- {severity: page, long: 1h, short: 5m, burn: 14.4}`");
        return false;
    }
    if (node != NULL && !read_word(reading, node, "alerts", words, COUNT_OF(words), &index)) {
        return false;
    }
    if (index == 0) {
        objective_default_alerts(objective);
    }
    return true;
}
