#include "domain/credit.h"

#include <stddef.h>

#include "base/panic.h"
#include "domain/agreement.h"
#include "domain/decimal.h"

static const struct credit_tier *lowest_tier(const struct credit_terms *terms, uint64_t good,
                                             uint64_t valid)
{
    const struct credit_tier *lowest = NULL;
    for (uint32_t i = 0; i < terms->tier_count; i++) {
        if ((uint128)good * (uint128)PPB < (uint128)valid * (uint128)terms->tiers[i].below_ppb) {
            lowest = &terms->tiers[i];
        }
    }
    return lowest;
}

static int64_t round_half_even(uint128 numerator, uint128 denominator)
{
    uint128 quotient = numerator / denominator;
    uint128 twice = numerator % denominator * 2;
    if (twice > denominator || (twice == denominator && quotient % 2 == 1)) {
        quotient++;
    }
    return (int64_t)quotient;
}

static int64_t amount_of(const struct credit_terms *terms, int64_t pays_ppb)
{
    if (!terms->has_charge) {
        return 0;
    }
    uint128 charge = (uint128)terms->charge_minor;
    /* The minimum is about the credit as it was promised: neither rounded nor cut. */
    if (terms->has_minimum &&
        charge * (uint128)pays_ppb <= (uint128)terms->minimum_minor * (uint128)PPB) {
        return 0;
    }
    int64_t paid_ppb = pays_ppb < terms->cap_ppb ? pays_ppb : terms->cap_ppb;
    return round_half_even(charge * (uint128)paid_ppb, (uint128)PPB);
}

void credit_of(const struct credit_terms *terms, uint64_t good, uint64_t valid,
               struct credit *credit_out)
{
    assert(good <= valid);
    *credit_out = (struct credit){0};
    const struct credit_tier *tier = lowest_tier(terms, good, valid);
    if (tier != NULL) {
        credit_out->due = true;
        credit_out->tier = *tier;
        credit_out->amount_minor = amount_of(terms, tier->pays_ppb);
    }
}

/* ISO 4217, current codes whose minor unit is not a hundredth. */
static const struct {
    const char *code;
    int digits;
} odd_currencies[] = {
    {"BIF", 0}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"ISK", 0}, {"JPY", 0}, {"KMF", 0},
    {"KRW", 0}, {"PYG", 0}, {"RWF", 0}, {"UGX", 0}, {"UYI", 0}, {"VND", 0}, {"VUV", 0},
    {"XAF", 0}, {"XOF", 0}, {"XPF", 0}, {"BHD", 3}, {"IQD", 3}, {"JOD", 3}, {"KWD", 3},
    {"LYD", 3}, {"OMR", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4},
};

int currency_digits(struct text code)
{
    if (code.length != 3) {
        return -1;
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (code.bytes[i] < 'A' || code.bytes[i] > 'Z') {
            return -1;
        }
    }
    for (size_t i = 0; i < sizeof(odd_currencies) / sizeof(odd_currencies[0]); i++) {
        if (text_is(code, odd_currencies[i].code)) {
            return odd_currencies[i].digits;
        }
    }
    return 2;
}
