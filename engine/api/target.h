/* A request target (RFC 9112, origin form) taken apart, strictly: what stands between the slashes,
 * decoded, and the parameters behind the question mark. Pure.
 *
 *   /v1/reports/acme%20shop/fast/evidence?limit=10
 *     segments    v1 | reports | acme shop | fast | evidence
 *     parameters  limit = 10
 *
 * Slashes split before anything is decoded, so `%2F` never makes a segment. Refused: broken or zero
 * % escapes, control bytes, bytes that are not UTF-8, more segments or parameters than any route
 * has, a parameter given twice. `.`, `..` and empty segments are kept as they are: no route has
 * them (404).
 */
#ifndef API_TARGET_H
#define API_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define TARGET_BYTES_MAX      8192
#define TARGET_SEGMENTS_MAX   8
#define TARGET_PARAMETERS_MAX 32

struct target_parameter {
    struct text name;
    struct text value;
};

struct target {
    char *bytes; /* what the texts below point into */
    struct text segments[TARGET_SEGMENTS_MAX];
    uint32_t segment_count;
    bool too_many_segments; /* no route is that deep */
    struct target_parameter parameters[TARGET_PARAMETERS_MAX];
    uint32_t parameter_count;
};

/* STATUS_INVALID with *problem_out set; STATUS_NO_MEMORY. */
must_check enum status target_parse(struct target *target_out, const char *raw,
                                    const char **problem_out);
void target_fini(struct target *target);

/* TEXT_NONE when it is not given; given but empty has bytes. */
struct text target_parameter(const struct target *target, const char *name);
static inline bool text_given(struct text text)
{
    return text.bytes != NULL;
}

#endif
