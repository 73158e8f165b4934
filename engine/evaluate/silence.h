/* Signs of life of a service that is expected to give some (`expect: {every: D}`): where two of them
 * are further apart than D, and since the last one when D has passed, nobody knows how it was.
 *
 * Signs are kept as runs in which each comes within D of the one before: a steady service is one
 * run, and a sign is one comparison. One owner. Source: SEMANTICS section 8. */
#ifndef EVALUATE_SILENCE_H
#define EVALUATE_SILENCE_H

#include "domain/span_set.h"

struct signs {
    int64_t every_ns;     /* 0: nothing is expected */
    struct span_set runs; /* from the first sign to one past the last */
};

void signs_fini(struct signs *signs);
/* In any order. */
void signs_take(struct signs *signs, int64_t ns);
/* Is the service silent at now? Never before its first sign. */
bool signs_are_silent(const struct signs *signs, int64_t now_ns);
/* The last sign; INT64_MIN: none. */
int64_t signs_last(const struct signs *signs);
/* When it will be silent if no sign comes; INT64_MAX: it is already, or nothing is expected. */
int64_t signs_due(const struct signs *signs, int64_t now_ns);
/* Adds the silent spans as of now; a last one has no end. */
void signs_silence(const struct signs *signs, int64_t now_ns, struct span_set *silence);

#endif
