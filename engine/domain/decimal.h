/* Exact decimals: percentages, targets and rates without a double.
 *
 * Source: SEMANTICS section 2. A target is parts per billion; a percentage is printed from the exact
 * fraction, rounded half-even, except that rounding may never reach `ceiling` (the target) or 100 % from
 * below: then it is cut off.
 */
#ifndef DOMAIN_DECIMAL_H
#define DOMAIN_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

#define DECIMAL_TEXT_SIZE 64

/* Reads digits[.digits] times 10^scale exactly; false when it is not a plain decimal, has more digits than
 * the scale holds (trailing zeros are free), or passes 64 bits. No sign, no exponent. */
bool decimal_parse(struct text text, uint32_t scale, int64_t *value_out);

/* -1, 0, 1: a/b against c/d; b, d > 0. Exact for all 64-bit values and beyond (compares products of up to
 * three factors a side, 256 bits). */
int wide_compare(const uint64_t left[3], const uint64_t right[3]);
int wide_compare_many(const uint64_t *left, uint32_t left_count, const uint64_t *right,
                      uint32_t right_count);

/* A signed fraction with `digits` decimals, rounded half-even: 12.3456, -3.10, 0.00 (never -0). */
void decimal_format_fraction(int128 numerator, int128 denominator, uint32_t digits,
                             char out[DECIMAL_TEXT_SIZE]);
/* As above with trailing zeros (and a bare point) cut: rates, thresholds. */
void decimal_format_trimmed(int128 numerator, int128 denominator, uint32_t digits,
                            char out[DECIMAL_TEXT_SIZE]);
/* 100 * numerator / denominator with six decimals, 0 <= numerator <= denominator; never rounded up to
 * ceiling_ppb or to 100 from below. */
void decimal_format_percent(uint128 numerator, uint128 denominator, int64_t ceiling_ppb,
                            char out[DECIMAL_TEXT_SIZE]);
/* Parts per billion as a percentage without trailing zeros: 999000000 -> "99.9". */
void decimal_format_target(int64_t ppb, char out[DECIMAL_TEXT_SIZE]);
/* Unsigned 128-bit in decimal. */
void decimal_format_u128(uint128 value, char out[DECIMAL_TEXT_SIZE]);

#endif
