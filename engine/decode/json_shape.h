/* What the last line looked like: the bytes between its values.
 *
 *     {"ts":"2026-11-23T14:55:41Z","service":"pay","status":200,"path":"/a"}
 *     ------                     -------------   -----------   ---------  --
 *     step 0, a string           1, a string     2, a number   3          4, the end
 *
 * Why: who writes a log writes the same keys in the same order, line after line. A line that has the
 * bytes of a step where the line before had them has the same key there, as well formed as it was:
 * one comparison takes the place of scanning and looking up the key.
 */
#ifndef DECODE_JSON_SHAPE_H
#define DECODE_JSON_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#define JSON_SHAPE_STEPS_MAX 24
/* Of a step; a longer one ends the shape. */
#define JSON_SHAPE_BYTES 32

enum json_shape_next {
    JSON_SHAPE_UNKNOWN, /* what follows has to be walked: no line fits such a step */
    JSON_SHAPE_STRING,  /* the step ends with the opening quote */
    JSON_SHAPE_NUMBER,
    JSON_SHAPE_END, /* the step ends the line */
};

struct json_shape_step {
    char bytes[JSON_SHAPE_BYTES];
    uint32_t mask; /* one bit for each byte that counts */
    uint16_t length;
    uint8_t next;
    uint8_t field; /* FIELD_NONE: a key of no meaning */
};

struct json_shape {
    uint32_t count; /* while it is learned: steps so far */
    /* Fields whose values are strings, and numbers; of a shape that has its END. */
    uint64_t strings;
    uint64_t numbers;
    struct json_shape_step steps[JSON_SHAPE_STEPS_MAX + 1];
};

/* That of no line. */
void json_shape_init(struct json_shape *shape);

#endif
