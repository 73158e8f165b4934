#include "catalog/credits.h"

#include "catalog/over.h"
#include "catalog/words.h"
#include "domain/composite.h"
#include "domain/decimal.h"

static const struct key_rule credit_keys[] = {
    {"objective", KEY_READ, NULL}, {"period", KEY_READ, NULL},  {"below", KEY_READ, NULL},
    {"charge", KEY_READ, NULL},    {"minimum", KEY_READ, NULL}, {"cap", KEY_READ, NULL},
};

/* Beyond any invoice, and far enough below 64 bits for every product with it to fit into 128. */
#define CHARGE_MINOR_MAX INT64_C(1000000000000000000)

static bool read_named_objective(const struct reading *reading, const struct node *node,
                                 const struct agreement *agreement, uint32_t *index_out)
{
    const char *name;
    if (!read_name(reading, node, "objective", &name)) {
        return false;
    }
    const char **names = region_take(reading->kept, agreement->objective_count * sizeof(*names));
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        names[i] = agreement->objectives[i].name;
        if (strcmp(names[i], name) == 0) {
            *index_out = i;
            return true;
        }
    }
    const char *nearest = nearest_word(text_from(name), names, agreement->objective_count);
    problem_error(reading->problems, place_of(reading, node),
                  "`objective`: the agreement has no objective %s; %s%s%s",
                  quoted(text_from(name)).bytes, nearest != NULL ? "did you mean `" : "name one",
                  nearest != NULL ? nearest : " of its `objectives`", nearest != NULL ? "`?" : "");
    return false;
}

/* Slices divide the period, also those of a composite's members. place: where it is written, or what
 * leaves it out. */
static bool check_slices(const struct reading *reading, const struct node *place,
                         const struct objective *objective, const struct agreement *agreement,
                         const struct window *period)
{
    const struct composite *composite = objective->composite;
    for (uint32_t i = 0; composite != NULL && i < composite->member_count; i++) {
        const struct objective *member =
            agreement_objective(agreement, composite->members[i].objective);
        if (!check_slices(reading, place, member, agreement, period)) {
            return false;
        }
    }
    return !method_has_slices(objective->method) ||
           check_slice(reading, place, "period", objective->slice_ns, period, agreement->term);
}

static bool read_period(const struct reading *reading, const struct node *credits,
                        const struct agreement *agreement, struct credit_terms *terms)
{
    const struct node *node = node_find(credits, "period");
    struct window *period = &terms->period;
    *period =
        (struct window){.kind = WINDOW_CALENDAR, .unit = CALENDAR_MONTH, .zone = reading->zone};
    if (node != NULL && !read_over(reading, node, period)) {
        return false;
    }
    if (period->kind != WINDOW_CALENDAR) {
        problem_error(reading->problems, place_of(reading, node),
                      "`period` must be day, week, month, quarter or year: credits are for whole "
                      "periods");
        return false;
    }
    return check_slices(reading, node != NULL ? node : credits,
                        &agreement->objectives[terms->objective], agreement, period);
}

/* --- tiers --- */

static void insert_tier(struct credit_terms *terms, const struct node **places,
                        struct credit_tier tier, const struct node *place)
{
    uint32_t at = terms->tier_count++;
    while (at > 0 && terms->tiers[at - 1].below_ppb < tier.below_ppb) {
        terms->tiers[at] = terms->tiers[at - 1];
        places[at] = places[at - 1];
        at--;
    }
    terms->tiers[at] = tier;
    places[at] = place;
}

static bool check_tiers(const struct reading *reading, const struct credit_terms *terms,
                        const struct node *const *places)
{
    bool well = true;
    for (uint32_t i = 1; i < terms->tier_count; i++) {
        const struct credit_tier *higher = &terms->tiers[i - 1];
        const struct credit_tier *lower = &terms->tiers[i];
        char bound[DECIMAL_TEXT_SIZE];
        char above[DECIMAL_TEXT_SIZE];
        char pays[DECIMAL_TEXT_SIZE];
        decimal_format_target(lower->below_ppb, bound);
        decimal_format_target(higher->below_ppb, above);
        decimal_format_target(higher->pays_ppb, pays);
        if (lower->below_ppb == higher->below_ppb) {
            problem_error(reading->problems, place_of_key(reading, places[i]),
                          "`below`: the bound %s %% is there twice; keep one of them", bound);
            well = false;
        } else if (lower->pays_ppb <= higher->pays_ppb) {
            problem_error(reading->problems, place_of(reading, places[i]),
                          "`below`: percentages must rise as bounds fall; %s must pay more than "
                          "the %s %% of %s",
                          bound, pays, above);
            well = false;
        }
    }
    return well;
}

static bool read_tiers(const struct reading *reading, const struct node *node,
                       struct credit_terms *terms)
{
    if (!check_mapping(reading, node, "below", "`below: {99.9: 10%, 99: 25%}`")) {
        return false;
    }
    if (node->count == 0 || node->count > CREDIT_TIERS_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`below` has %s; write 1 to %d bounds, e.g. {99.9: 10%%, 99: 25%%}",
                      node->count == 0 ? "no bound" : "too many bounds", CREDIT_TIERS_MAX);
        return false;
    }
    const struct node *places[CREDIT_TIERS_MAX];
    bool well = true;
    for (const struct node *value = node->first; value != NULL; value = value->next) {
        struct credit_tier tier;
        bool fit = parse_percent(reading, value->key, value->key->text, "below", &tier.below_ppb);
        fit &= read_percent(reading, value, "below", &tier.pays_ppb);
        if (fit) {
            insert_tier(terms, places, tier, value);
        }
        well &= fit;
    }
    return well && check_tiers(reading, terms, places);
}

/* --- money --- */

static void refuse_money(const struct reading *reading, const struct node *node, const char *what,
                         struct text text)
{
    problem_error(reading->problems, place_of(reading, node),
                  "`%s`: %s is no amount; write a number and a currency, e.g. 1000.00 USD", what,
                  quoted(text).bytes);
}

/* `1000.00 USD`, exactly, in minor units; more decimals than the currency has are refused. */
static bool read_money(const struct reading *reading, const struct node *node, const char *what,
                       int64_t *minor_out, char currency_out[4])
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    text = trimmed(text);
    if (text.length < 5 || (text.bytes[text.length - 4] != ' ')) {
        refuse_money(reading, node, what, text);
        return false;
    }
    struct text code = {text.bytes + text.length - 3, 3};
    struct text number = trimmed((struct text){text.bytes, text.length - 4});
    int digits = currency_digits(code);
    int64_t any;
    if (digits < 0 || !decimal_parse(number, 9, &any)) {
        refuse_money(reading, node, what, text);
        return false;
    }
    if (!decimal_parse(number, (uint32_t)digits, minor_out)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: amounts in %.3s have %d decimals; write no more than that", what,
                      code.bytes, digits);
        return false;
    }
    if (*minor_out > CHARGE_MINOR_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: %s is more than any invoice; is it spelled right?", what,
                      quoted(text).bytes);
        return false;
    }
    memcpy(currency_out, code.bytes, 3);
    currency_out[3] = '\0';
    return true;
}

static bool read_charge(const struct reading *reading, const struct node *node,
                        struct credit_terms *terms)
{
    if (!read_money(reading, node, "charge", &terms->charge_minor, terms->currency)) {
        return false;
    }
    if (terms->charge_minor == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`charge` is 0; write what the service costs in a period, or leave it out");
        return false;
    }
    terms->has_charge = true;
    return true;
}

static bool read_minimum(const struct reading *reading, const struct node *node,
                         const struct node *charge, struct credit_terms *terms)
{
    char currency[4];
    if (!read_money(reading, node, "minimum", &terms->minimum_minor, currency)) {
        return false;
    }
    if (charge == NULL) {
        problem_error(reading->problems, place_of_key(reading, node),
                      "`minimum` needs a `charge`, e.g. charge: 1000.00 USD");
        return false;
    }
    if (terms->has_charge && strcmp(currency, terms->currency) != 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`minimum` is in %s and `charge` in %s; write both in one currency", currency,
                      terms->currency);
        return false;
    }
    terms->has_minimum = true;
    return true;
}

/* --- the whole --- */

bool read_credits(const struct reading *reading, const struct node *node,
                  const struct agreement *agreement, const struct credit_terms **terms_out)
{
    if (!check_mapping(reading, node, "credits",
                       "`credits: {objective: availability, below: {99.9: 10%}}`")) {
        return false;
    }
    check_keys(reading, node, "`credits`", credit_keys, COUNT_OF(credit_keys));
    struct credit_terms *terms = region_take(reading->kept, sizeof(*terms));
    terms->cap_ppb = PPB;
    const struct node *objective =
        required_field(reading, node, "objective", "objective: availability");
    const struct node *below = required_field(reading, node, "below", "below: {99.9: 10%}");
    bool named =
        objective != NULL && read_named_objective(reading, objective, agreement, &terms->objective);
    bool well = named && read_period(reading, node, agreement, terms);
    well &= below != NULL && read_tiers(reading, below, terms);
    const struct node *charge = node_find(node, "charge");
    const struct node *minimum = node_find(node, "minimum");
    const struct node *cap = node_find(node, "cap");
    well &= charge == NULL || read_charge(reading, charge, terms);
    well &= minimum == NULL || read_minimum(reading, minimum, charge, terms);
    well &= cap == NULL || read_percent(reading, cap, "cap", &terms->cap_ppb);
    *terms_out = terms;
    return well;
}
