#include <criterion/criterion.h>

#include "domain/agreement.h"

static const struct credit_terms terms = {
    .tiers = {{PPB / 1000 * 999, PPB / 10}, {PPB / 100 * 99, PPB / 4}, {PPB / 100 * 95, PPB}},
    .tier_count = 3,
    .has_charge = true,
    .charge_minor = 1000,
    .cap_ppb = PPB,
    .currency = "USD",
};

static struct credit credit_at(uint64_t good, uint64_t valid)
{
    struct credit credit;
    credit_of(&terms, good, valid, &credit);
    return credit;
}

Test(credit, only_the_lowest_bound_that_is_missed_applies)
{
    cr_expect_eq(credit_at(9989, 10000).amount_minor, 100);
    cr_expect_eq(credit_at(9899, 10000).amount_minor, 250);
    cr_expect_eq(credit_at(9499, 10000).amount_minor, 1000);
}

Test(credit, a_bound_is_not_below_itself)
{
    cr_expect_not(credit_at(999, 1000).due);
    cr_expect_eq(credit_at(99, 100).tier.below_ppb, PPB / 1000 * 999);
    cr_expect(credit_at(998999999999, 1000000000000).due);
}

Test(credit, nothing_valid_owes_nothing)
{
    cr_expect_not(credit_at(0, 0).due);
    cr_expect_eq(credit_at(0, 0).amount_minor, 0);
}

Test(credit, the_largest_counts_do_not_overflow)
{
    cr_expect_not(credit_at(UINT64_MAX, UINT64_MAX).due);
    cr_expect_eq(credit_at(0, UINT64_MAX).amount_minor, 1000);
}

Test(credit, minor_units_are_those_of_the_currency)
{
    cr_expect_eq(currency_digits(text_from("USD")), 2);
    cr_expect_eq(currency_digits(text_from("JPY")), 0);
    cr_expect_eq(currency_digits(text_from("BHD")), 3);
    cr_expect_eq(currency_digits(text_from("CLF")), 4);
    cr_expect_eq(currency_digits(text_from("usd")), -1);
    cr_expect_eq(currency_digits(text_from("EURO")), -1);
}
