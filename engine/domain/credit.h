/* What a missed promise costs: the tiers of a service credit, and the credit that a figure gives.
 *
 * `below: {99.9: 10%, 99: 25%}` means: below 99.9 pays 10 %, below 99 pays 25 %; exactly the lowest
 * bound that the figure is below applies, never a sum. A bound itself is not below itself. Money is
 * an integer of the currency's minor units: cents, whole yen, thousandths of a Bahraini dinar.
 * Source: SEMANTICS section 11; the digits of currencies are those of ISO 4217. Pure.
 */
#ifndef DOMAIN_CREDIT_H
#define DOMAIN_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "domain/window.h"

#define CREDIT_TIERS_MAX 16

struct credit_tier {
    int64_t below_ppb; /* 0 < below <= 1e9 */
    int64_t pays_ppb;  /* of the charge */
};

struct credit_terms {
    uint32_t objective;                         /* its index in the agreement */
    struct window period;                       /* a calendar one */
    struct credit_tier tiers[CREDIT_TIERS_MAX]; /* bounds fall, percentages rise */
    uint32_t tier_count;
    bool has_charge;
    int64_t charge_minor;
    bool has_minimum;
    int64_t minimum_minor; /* a credit must be greater than this, before it is rounded */
    int64_t cap_ppb;       /* of the charge; 1e9: nothing is cut off */
    char currency[4];      /* "" without a charge */
};

/* What one period gives. */
struct credit {
    bool due; /* some tier applies */
    struct credit_tier tier;
    int64_t amount_minor;
};

/* good out of valid units; valid 0: nothing was promised, or nothing can be said: no credit. */
void credit_of(const struct credit_terms *terms, uint64_t good, uint64_t valid,
               struct credit *credit_out);

/* How many decimals the currency's amounts have; -1: not three capital letters. */
int currency_digits(struct text code);

#endif
