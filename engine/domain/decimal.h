/* Exact decimals: percentages, targets and rates without a double.
 *
 * Source: SEMANTICS section 2. A target is parts per billion; a percentage is printed from the
 * exact fraction, rounded half-even, except that rounding may never reach `ceiling` (the target) or
 * 100 % from below: then it is cut off.
 */
#ifndef DOMAIN_DECIMAL_H
#define DOMAIN_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

#define DECIMAL_TEXT_SIZE 64

/* Reads digits[.digits] times 10^scale exactly; false when it is not a plain decimal, has more
 * digits than the scale holds (trailing zeros are free), or passes 64 bits. No sign, no exponent.
 */
bool decimal_parse(struct text text, uint32_t scale, int64_t *value_out);

/* The product of the left factors against that of the right ones: -1, 0, 1. Exact: 512 bits, so
 * four full factors of 128 bits fit on each side. */
#define WIDE_FACTORS_MAX 4
struct wide_product {
    uint128 factors[WIDE_FACTORS_MAX]; /* unused ones 0 */
    uint32_t count;
};
int wide_compare(const struct wide_product *left, const struct wide_product *right);
/* floor(numerator product / denominator product), at most `quotient_max`; denominator not 0. */
uint64_t wide_divide(const struct wide_product *numerator, const struct wide_product *denominator,
                     uint64_t quotient_max);

/* numerator / denominator rounded half-even; twice the denominator fits into 128 bits. */
uint128 divide_half_even(uint128 numerator, uint128 denominator);

/* A signed fraction with `digits` decimals, rounded half-even: 12.3456, -3.10, 0.00 (never -0). */
void decimal_format_fraction(int128 numerator, int128 denominator, uint32_t digits,
                             char out[DECIMAL_TEXT_SIZE]);
/* As above with trailing zeros (and a bare point) cut: rates, thresholds. */
void decimal_format_trimmed(int128 numerator, int128 denominator, uint32_t digits,
                            char out[DECIMAL_TEXT_SIZE]);
/* 100 * numerator / denominator with six decimals, 0 <= numerator <= denominator; never rounded up
 * to ceiling_ppb or to 100 from below. */
void decimal_format_percent(uint128 numerator, uint128 denominator, int64_t ceiling_ppb,
                            char out[DECIMAL_TEXT_SIZE]);
/* Parts per billion as a percentage without trailing zeros: 999000000 -> "99.9". */
void decimal_format_target(int64_t ppb, char out[DECIMAL_TEXT_SIZE]);
/* Nanoseconds as milliseconds with at least one decimal: 1.2, 40.0, 0.0005. */
void decimal_format_ms(uint64_t ns, char out[DECIMAL_TEXT_SIZE]);
/* Unsigned 128-bit in decimal. */
void decimal_format_u128(uint128 value, char out[DECIMAL_TEXT_SIZE]);

#endif
