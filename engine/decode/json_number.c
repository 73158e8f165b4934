#include "decode/json_number.h"

/* Beyond any shift that the digits of a 64 KiB record could balance. */
#define EXPONENT_MAX 1000000

struct number {
    struct text whole;
    struct text fraction;
    int64_t exponent;
    bool negative;
};

static struct text take_digits(const char **at, const char *end)
{
    const char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9') {
        (*at)++;
    }
    return (struct text){start, (uint32_t)(*at - start)};
}

static bool take_exponent(const char **at, const char *end, int64_t *exponent_out)
{
    bool negative = false;
    if (*at < end && (**at == '+' || **at == '-')) {
        negative = **at == '-';
        (*at)++;
    }
    struct text digits = take_digits(at, end);
    int64_t exponent = 0;
    for (uint32_t i = 0; i < digits.length && exponent <= EXPONENT_MAX; i++) {
        exponent = exponent * 10 + (digits.bytes[i] - '0');
    }
    *exponent_out = negative ? -exponent : exponent;
    return digits.length != 0;
}

static bool split(struct text text, struct number *number_out)
{
    const char *at = text.bytes;
    const char *end = text.bytes + text.length;
    *number_out = (struct number){0};
    if (at < end && *at == '-') {
        number_out->negative = true;
        at++;
    }
    number_out->whole = take_digits(&at, end);
    if (number_out->whole.length == 0 ||
        (number_out->whole.length > 1 && number_out->whole.bytes[0] == '0')) {
        return false;
    }
    if (at < end && *at == '.') {
        at++;
        number_out->fraction = take_digits(&at, end);
        if (number_out->fraction.length == 0) {
            return false;
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (!take_exponent(&at, end, &number_out->exponent)) {
            return false;
        }
    }
    return at == end;
}

/* The value so far, and how many more digits belong in front of the scaled point. */
struct sum {
    uint64_t value;
    int64_t keep;
    bool cut;
    bool too_large;
};

static void sum_digit(struct sum *sum, unsigned digit)
{
    if (sum->keep <= 0) {
        sum->cut = sum->cut || digit != 0;
        return;
    }
    sum->keep--;
    if (sum->value > ((uint64_t)INT64_MAX - digit) / 10) {
        sum->too_large = true;
        return;
    }
    sum->value = sum->value * 10 + digit;
}

enum number_result json_number_scaled(struct text text, uint32_t scale, uint64_t *value_out)
{
    struct number number;
    if (!split(text, &number)) {
        return NUMBER_NOT;
    }
    struct sum sum = {.keep = number.whole.length + number.exponent + scale};
    for (uint32_t i = 0; i < number.whole.length; i++) {
        sum_digit(&sum, (unsigned)(number.whole.bytes[i] - '0'));
    }
    for (uint32_t i = 0; i < number.fraction.length; i++) {
        sum_digit(&sum, (unsigned)(number.fraction.bytes[i] - '0'));
    }
    while (sum.keep > 0 && sum.value != 0 && !sum.too_large) {
        sum_digit(&sum, 0);
    }
    if (number.negative && (sum.value != 0 || sum.cut || sum.too_large)) {
        return NUMBER_NEGATIVE;
    }
    if (sum.too_large) {
        return NUMBER_TOO_LARGE;
    }
    *value_out = sum.value;
    return sum.cut ? NUMBER_CUT : NUMBER_EXACT;
}
