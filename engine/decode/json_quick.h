/* The members of an ordinary line, quickly.
 *
 * Almost every record is one flat object on one line: keys and strings between quotes, numbers, a
 * word, here and there a small container. This walks such a line along its quotes (line_index.h) and
 * notes the values of known keys, as the strict scan (json_scan.h) does member by member:
 *
 *     shape    as long as the line has the bytes between its values that the last line had
 *     walk     from there on, key by key; what it meets is the new shape
 *
 * It accepts nothing that the strict scan refuses, and what it notes is the same; but it may give up,
 * which says nothing: then the strict scan judges the line, finds the fault, or takes what is merely
 * rare (control characters as white space, escaped or repeated keys, numbers with an exponent, a
 * handful of bytes). tests/property/json_quick_test.c holds the two against each other.
 */
#ifndef DECODE_JSON_QUICK_H
#define DECODE_JSON_QUICK_H

#include "decode/json_fields.h"
#include "decode/json_shape.h"
#include "decode/line_index.h"

typedef bool json_quick_read(struct json_shape *shape, const struct line_index *index,
                             const struct field_index *keys, struct json_fields *fields);

/* By the instructions that the index of this path needs anyway. It answers false when it gives up:
 * then *fields says nothing. index: of a line that begins with a '{'. */
json_quick_read *json_quick_read_by(enum line_index_path path);

/* Shorter lines are given up. */
#define JSON_QUICK_BYTES_MIN 16

#endif
