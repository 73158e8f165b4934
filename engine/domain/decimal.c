#include "domain/decimal.h"

#include <stdio.h>

#include "base/panic.h"

bool decimal_parse(struct text text, uint32_t scale, int64_t *value_out)
{
    int64_t value = 0;
    bool point = false;
    bool any = false;
    uint32_t places = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        if (byte == '.') {
            if (point || !any) {
                return false;
            }
            point = true;
            any = false; /* a point needs a digit behind it */
            continue;
        }
        if (byte < '0' || byte > '9') {
            return false;
        }
        any = true;
        if (point && places == scale) {
            if (byte != '0') {
                return false; /* would have to be rounded */
            }
            continue;
        }
        places += point ? 1 : 0;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, byte - '0', &value)) {
            return false;
        }
    }
    for (; places < scale; places++) {
        if (__builtin_mul_overflow(value, 10, &value)) {
            return false;
        }
    }
    if (!any) {
        return false;
    }
    *value_out = value;
    return true;
}

uint128 divide_half_even(uint128 numerator, uint128 denominator)
{
    uint128 quotient = numerator / denominator;
    uint128 twice = numerator % denominator * 2;
    bool up = twice > denominator || (twice == denominator && (quotient & 1) != 0);
    return quotient + (up ? 1 : 0);
}

/* Little-endian limbs: four factors of 128 bits and the trial quotient of a division. */
#define WIDE_LIMBS 10

struct wide {
    uint64_t limbs[WIDE_LIMBS];
};

static void wide_multiply(struct wide *wide, uint128 factor)
{
    const uint64_t halves[2] = {(uint64_t)factor, (uint64_t)(factor >> 64)};
    struct wide product = {{0}};
    for (uint32_t half = 0; half < 2; half++) {
        uint64_t carry = 0;
        for (uint32_t i = 0; i + half < WIDE_LIMBS; i++) {
            uint128 sum = (uint128)wide->limbs[i] * halves[half] + product.limbs[i + half] + carry;
            product.limbs[i + half] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        assert(carry == 0);
    }
    *wide = product;
}

static struct wide wide_from(const struct wide_product *product)
{
    assert(product->count <= WIDE_FACTORS_MAX);
    struct wide wide = {{1}};
    for (uint32_t i = 0; i < product->count; i++) {
        wide_multiply(&wide, product->factors[i]);
    }
    return wide;
}

static int wide_order(const struct wide *a, const struct wide *b)
{
    for (uint32_t i = WIDE_LIMBS; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) {
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
        }
    }
    return 0;
}

int wide_compare(const struct wide_product *left, const struct wide_product *right)
{
    struct wide a = wide_from(left);
    struct wide b = wide_from(right);
    return wide_order(&a, &b);
}

uint64_t wide_divide(const struct wide_product *numerator, const struct wide_product *denominator,
                     uint64_t quotient_max)
{
    struct wide target = wide_from(numerator);
    struct wide unit = wide_from(denominator);
    /* The largest q with q * denominator <= numerator, bit by bit: cold path, plainly right. */
    uint64_t low = 0;
    uint64_t high = quotient_max;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2 + 1;
        struct wide trial = unit;
        wide_multiply(&trial, middle);
        if (wide_order(&trial, &target) <= 0) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

void decimal_format_u128(uint128 value, char out[DECIMAL_TEXT_SIZE])
{
    char digits[DECIMAL_TEXT_SIZE];
    uint32_t count = 0;
    do {
        digits[count++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = digits[count - 1 - i];
    }
    out[count] = '\0';
}

/* `scaled` is a number times 10^digits. */
static void write_scaled(bool negative, uint128 scaled, uint32_t digits,
                         char out[DECIMAL_TEXT_SIZE])
{
    uint128 unit = 1;
    for (uint32_t i = 0; i < digits; i++) {
        unit *= 10;
    }
    char whole[DECIMAL_TEXT_SIZE];
    decimal_format_u128(scaled / unit, whole);
    const char *sign = negative && scaled != 0 ? "-" : "";
    if (digits == 0) {
        snprintf(out, DECIMAL_TEXT_SIZE, "%s%.40s", sign, whole);
        return;
    }
    assert(digits <= 18);
    snprintf(out, DECIMAL_TEXT_SIZE, "%s%.40s.%0*llu", sign, whole, (int)digits,
             (unsigned long long)(scaled % unit));
}

/* numerator / denominator * 10^digits, rounded half-even. Long division digit by digit, so that no
 * intermediate value passes 128 bits as long as denominator < 2^124. */
static uint128 scale_half_even(uint128 numerator, uint128 denominator, uint32_t digits)
{
    uint128 quotient = numerator / denominator;
    uint128 rest = numerator % denominator;
    for (uint32_t i = 0; i < digits; i++) {
        rest *= 10;
        quotient = quotient * 10 + rest / denominator;
        rest %= denominator;
    }
    uint128 twice = rest * 2;
    if (twice > denominator || (twice == denominator && (quotient & 1) != 0)) {
        quotient++;
    }
    return quotient;
}

void decimal_format_fraction(int128 numerator, int128 denominator, uint32_t digits,
                             char out[DECIMAL_TEXT_SIZE])
{
    assert(denominator > 0);
    bool negative = numerator < 0;
    uint128 magnitude = negative ? (uint128)-numerator : (uint128)numerator;
    write_scaled(negative, scale_half_even(magnitude, (uint128)denominator, digits), digits, out);
}

void decimal_format_trimmed(int128 numerator, int128 denominator, uint32_t digits,
                            char out[DECIMAL_TEXT_SIZE])
{
    decimal_format_fraction(numerator, denominator, digits, out);
    if (digits == 0) {
        return;
    }
    size_t length = strlen(out);
    while (out[length - 1] == '0') {
        length--;
    }
    if (out[length - 1] == '.') {
        length--;
    }
    out[length] = '\0';
    if (text_is(text_from(out), "-0")) {
        snprintf(out, DECIMAL_TEXT_SIZE, "0");
    }
}

void decimal_format_percent(uint128 numerator, uint128 denominator, int64_t ceiling_ppb,
                            char out[DECIMAL_TEXT_SIZE])
{
    assert(denominator > 0);
    /* In units of the last digit printed, 100 % is 1e8 and a target of p parts per billion is p
     * / 10. */
    const uint128 hundred = 100000000;
    uint128 rounded = scale_half_even(numerator * 100, denominator, 6);
    bool below_ceiling = numerator * 1000000000 < denominator * (uint128)ceiling_ppb;
    bool reaches_ceiling = rounded * 10 >= (uint128)ceiling_ppb;
    bool reaches_hundred = numerator < denominator && rounded >= hundred;
    if ((below_ceiling && reaches_ceiling) || reaches_hundred) {
        rounded -= 1; /* what cutting off gives: rounding can have added one unit at most */
    }
    write_scaled(false, rounded, 6, out);
}

void decimal_format_target(int64_t ppb, char out[DECIMAL_TEXT_SIZE])
{
    decimal_format_trimmed((int128)ppb * 100, 1000000000, 7, out);
}

void decimal_format_ms(uint64_t ns, char out[DECIMAL_TEXT_SIZE])
{
    decimal_format_trimmed(ns, 1000000, 6, out);
    if (strchr(out, '.') == NULL) {
        strcat(out, ".0"); /* of 14 digits at most */
    }
}
