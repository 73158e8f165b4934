/* Numbers as JSON writes them, taken exactly: no double in between. */
#ifndef DECODE_JSON_NUMBER_H
#define DECODE_JSON_NUMBER_H

#include "base/bytes.h"

enum number_result {
    NUMBER_EXACT,
    NUMBER_CUT,       /* has digits below the scale: rounded down */
    NUMBER_NEGATIVE,  /* below zero; -0 is not */
    NUMBER_TOO_LARGE, /* beyond 63 bits */
    NUMBER_NOT,       /* not a number of JSON's grammar */
};

/* *value_out = text x 10^scale, for EXACT and CUT. `200`, `2e2` and `200.0` are all exactly 200. */
enum number_result json_number_scaled(struct text text, uint32_t scale, uint64_t *value_out);

#endif
