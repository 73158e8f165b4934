/* Errors as `application/problem+json` (RFC 9457):
 *   {"type":"about:blank","title":"Bad Request","status":400,"detail":"..."}
 * A detail may quote what a client sent: bytes outside printable ASCII become '?', so that nothing
 * raw is ever echoed. */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include "api/answer.h"

/* Replaces whatever the answer held. */
__attribute__((format(printf, 3, 4))) void problem(struct answer *answer, uint32_t status,
                                                   const char *detail, ...);
/* More members, `,"key":value` pairs of JSON, before the closing brace. */
void problem_add(struct answer *answer, const char *members);
/* 503 with Retry-After: the one status that every sender tries again (WIRE section 0). */
void problem_busy(struct answer *answer, const char *detail);

/* The reason phrase; "Error" for statuses that nobody here answers with. */
const char *status_phrase(uint32_t status);

#endif
