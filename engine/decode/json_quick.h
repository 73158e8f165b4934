/* The members of an ordinary line, quickly.
 *
 * Almost every record is one flat object on one line: keys and strings between quotes, numbers, a
 * word, here and there a small container. This walks such a line along its quotes (quote_index.h)
 * and notes the values of known keys, as the strict scan (json_scan.h) does member by member.
 *
 * It accepts nothing that the strict scan refuses, and what it notes is the same; but it may give
 * up, which says nothing: then the strict scan judges the line, finds the fault, or takes what is
 * merely rare (control characters as white space, escaped or repeated keys, numbers with an
 * exponent, a handful of bytes). tests/property/json_quick_test.c holds the two against each other.
 */
#ifndef DECODE_JSON_QUICK_H
#define DECODE_JSON_QUICK_H

#include "decode/json_fields.h"
#include "decode/quote_index.h"

struct json_quick {
    quote_scan *scan;
    bool (*read)(const struct field_index *keys, const struct quote_index *quotes, struct text line,
                 struct json_fields *fields);
    struct quote_index quotes;
};

/* False: this machine has no such path. */
bool json_quick_open(struct json_quick *quick, enum quote_path path);
/* line: begins with a '{'. False: given up, and *fields says nothing. */
bool json_quick_read(struct json_quick *quick, const struct field_index *keys, struct text line,
                     struct json_fields *fields);

/* Shorter lines are given up. */
#define JSON_QUICK_BYTES_MIN 16

#endif
