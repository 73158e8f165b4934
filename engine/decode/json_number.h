/* Numbers as JSON writes them, taken exactly: no double in between. */
#ifndef DECODE_JSON_NUMBER_H
#define DECODE_JSON_NUMBER_H

#include "base/bytes.h"
#include "decode/digits.h"

enum number_result {
    NUMBER_EXACT,
    NUMBER_CUT,       /* has digits below the scale: rounded down */
    NUMBER_NEGATIVE,  /* below zero; -0 is not */
    NUMBER_TOO_LARGE, /* beyond 63 bits */
    NUMBER_NOT,       /* not a number of JSON's grammar */
};

/* *value_out = text x 10^scale, for EXACT and CUT. `200`, `2e2` and `200.0` are all exactly 200. */
enum number_result json_number_scaled(struct text text, uint32_t scale, uint64_t *value_out);

/* The same for the usual number: `text`, of JSON's grammar, has at most eight bytes, digits and
 * perhaps a point, none of its digits below the scale (0 to 9). False: not such a one, which says
 * nothing. The bytes from `floor` on are readable. */
static inline bool json_number_short(struct text text, const char *floor, uint32_t scale,
                                     uint64_t *value_out)
{
    static const uint32_t powers[] = {1,      10,      100,      1000,      10000,
                                      100000, 1000000, 10000000, 100000000, 1000000000};
    const char *end = text.bytes + text.length;
    if (text.length - 1 > 7 || end - floor < 8) {
        return false;
    }
    uint64_t digits = digits_ending(end, text.length);
    uint64_t strangers = digits_strangers(digits);
    if (strangers != 0) {
        /* A point: what is before it moves up by one byte. */
        uint32_t place = (uint32_t)__builtin_ctzll(strangers) & ~7u;
        uint32_t below = 7 - place / 8; /* how many digits stand behind it */
        if ((digits >> place & 0xFF) != ('.' ^ '0') || (strangers & (strangers - 1)) != 0 ||
            below > scale) {
            return false;
        }
        uint64_t before = digits & ((UINT64_C(1) << place) - 1);
        uint64_t behind = place == 56 ? 0 : digits >> (place + 8) << (place + 8);
        digits = before << 8 | behind;
        scale -= below;
    }
    *value_out = (uint64_t)digits_sum(digits) * powers[scale];
    return true;
}

#endif
