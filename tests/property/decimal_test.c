/* Exact decimals against slow arithmetic on decimal digits. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "domain/decimal.h"
#include "support/random.h"

/* Natural numbers as base-2^32 limbs, multiplied by hand. 32 limbs: 1024 bits. */
#define LIMBS 32
struct natural {
    uint32_t limbs[LIMBS];
};

static struct natural natural_from(uint128 value)
{
    struct natural natural = {{0}};
    for (uint32_t i = 0; i < 4; i++) {
        natural.limbs[i] = (uint32_t)(value >> (32 * i));
    }
    return natural;
}

static struct natural natural_times(const struct natural *a, const struct natural *b)
{
    struct natural product = {{0}};
    for (uint32_t i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; i + j < LIMBS; j++) {
            uint64_t sum = (uint64_t)a->limbs[i] * b->limbs[j] + product.limbs[i + j] + carry;
            product.limbs[i + j] = (uint32_t)sum;
            carry = sum >> 32;
        }
    }
    return product;
}

static int natural_compare(const struct natural *a, const struct natural *b)
{
    for (uint32_t i = LIMBS; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) {
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
        }
    }
    return 0;
}

static struct natural natural_product(const struct wide_product *product)
{
    struct natural result = natural_from(1);
    for (uint32_t i = 0; i < product->count; i++) {
        struct natural factor = natural_from(product->factors[i]);
        result = natural_times(&result, &factor);
    }
    return result;
}

static uint128 any_factor(struct random *random)
{
    uint128 high = random_once_in(random, 3) ? random_next(random) : 0;
    uint128 value = high << 64 | random_next(random);
    return random_once_in(random, 20)   ? ~(uint128)0
           : random_once_in(random, 20) ? 0
                                        : value >> random_below(random, 100);
}

static struct wide_product any_product(struct random *random)
{
    struct wide_product product = {.count = (uint32_t)random_below(random, WIDE_FACTORS_MAX + 1)};
    for (uint32_t i = 0; i < product.count; i++) {
        product.factors[i] = any_factor(random);
    }
    return product;
}

Test(wide, compares_as_the_products_do)
{
    struct random random = random_seeded("wide compare");
    for (uint32_t round = 0; round < 20000; round++) {
        struct wide_product a = any_product(&random);
        struct wide_product b = any_product(&random);
        if (random_once_in(&random, 4)) {
            /* The same product in another order, perhaps off by one. */
            b = a;
            for (uint32_t i = 0; i < a.count; i++) {
                b.factors[i] = a.factors[a.count - 1 - i];
            }
            if (b.count > 0 && random_once_in(&random, 2)) {
                b.factors[0] += 1;
            }
        }
        struct natural slow_a = natural_product(&a);
        struct natural slow_b = natural_product(&b);
        cr_assert_eq(wide_compare(&a, &b), natural_compare(&slow_a, &slow_b));
    }
}

Test(wide, a_quotient_is_the_largest_that_fits)
{
    struct random random = random_seeded("wide divide");
    for (uint32_t round = 0; round < 5000; round++) {
        struct wide_product numerator = any_product(&random);
        struct wide_product denominator = any_product(&random);
        uint64_t most = random_once_in(&random, 2) ? INT64_MAX : random_magnitude(&random);
        struct natural top = natural_product(&numerator);
        struct natural bottom = natural_product(&denominator);
        struct natural zero = natural_from(0);
        if (natural_compare(&bottom, &zero) == 0) {
            continue;
        }
        uint64_t quotient = wide_divide(&numerator, &denominator, most);
        cr_assert_leq(quotient, most);
        struct natural factor = natural_from(quotient);
        struct natural back = natural_times(&bottom, &factor);
        cr_assert_leq(natural_compare(&back, &top), 0);
        factor = natural_from((uint128)quotient + 1);
        back = natural_times(&bottom, &factor);
        cr_assert(quotient == most || natural_compare(&back, &top) > 0);
    }
}

/* numerator / denominator with 6 decimals as an integer of millionths, half-even; 128 bits suffice.
 */
static uint128 percent_millionths(uint64_t numerator, uint64_t denominator)
{
    uint128 scaled = (uint128)numerator * 100000000;
    uint128 quotient = scaled / denominator;
    uint128 twice = scaled % denominator * 2;
    return twice > denominator || (twice == denominator && quotient % 2 == 1) ? quotient + 1
                                                                              : quotient;
}

Test(decimal, a_percentage_is_half_even_but_never_reaches_the_target_from_below)
{
    struct random random = random_seeded("decimal percent");
    uint32_t cut = 0;
    for (uint32_t round = 0; round < 100000; round++) {
        uint64_t denominator = random_magnitude(&random) | 1;
        uint64_t few = random_below(&random, 1 + (random_magnitude(&random) >> 32));
        uint64_t numerator = random_once_in(&random, 2) ? denominator - few % denominator
                                                        : random_next(&random) % (denominator);
        int64_t ceiling = 1 + (int64_t)random_below(&random, 1000000000);
        if (random_once_in(&random, 3)) {
            /* A target close above the figure. */
            ceiling = (int64_t)((uint128)numerator * 1000000000 / denominator) + 1;
            ceiling = ceiling > 1000000000 ? 1000000000 : ceiling;
        }
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_percent(numerator, denominator, ceiling, text);
        uint128 expected = percent_millionths(numerator, denominator);
        bool below = (uint128)numerator * 1000000000 < (uint128)denominator * (uint64_t)ceiling;
        bool reaches = (below && expected * 10 >= (uint64_t)ceiling) ||
                       (numerator < denominator && expected == 100000000);
        cut += reaches ? 1 : 0;
        expected = reaches ? (uint128)numerator * 100000000 / denominator : expected;
        char slow[DECIMAL_TEXT_SIZE];
        snprintf(slow, sizeof(slow), "%llu.%06llu", (unsigned long long)(expected / 1000000),
                 (unsigned long long)(expected % 1000000));
        cr_assert_str_eq(text, slow, "%llu of %llu, target %lld", (unsigned long long)numerator,
                         (unsigned long long)denominator, (long long)ceiling);
    }
    cr_assert_gt(cut, 100, "the case that matters happened");
}

Test(decimal, a_signed_fraction_is_half_even_and_never_minus_nothing)
{
    struct random random = random_seeded("decimal fraction");
    for (uint32_t round = 0; round < 100000; round++) {
        int64_t numerator = (int64_t)random_magnitude(&random) >> 1;
        int64_t denominator = (int64_t)(random_magnitude(&random) >> 20) + 1;
        numerator = random_once_in(&random, 2) ? -numerator : numerator;
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_fraction(numerator, denominator, 3, text);
        int128 scaled = (int128)(numerator < 0 ? -(int128)numerator : numerator) * 1000;
        int128 quotient = scaled / denominator;
        int128 twice = scaled % denominator * 2;
        quotient += twice > denominator || (twice == denominator && quotient % 2 == 1) ? 1 : 0;
        char whole[DECIMAL_TEXT_SIZE];
        decimal_format_u128((uint128)(quotient / 1000), whole);
        char slow[DECIMAL_TEXT_SIZE + 8];
        snprintf(slow, sizeof(slow), "%s%s.%03d", numerator < 0 && quotient != 0 ? "-" : "", whole,
                 (int)(quotient % 1000));
        cr_assert_str_eq(text, slow);
    }
}

Test(decimal, what_is_formatted_as_a_target_is_read_back)
{
    struct random random = random_seeded("decimal target");
    for (uint32_t round = 0; round < 100000; round++) {
        int64_t ppb = 1 + (int64_t)(random_magnitude(&random) % 1000000000);
        char text[DECIMAL_TEXT_SIZE];
        decimal_format_target(ppb, text);
        int64_t back;
        cr_assert(decimal_parse(text_from(text), 7, &back), "%s", text);
        cr_assert_eq(back, ppb, "%s", text);
    }
}
