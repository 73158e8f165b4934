/* What an access log's status says beyond the rule for good requests: clients that went away, and
 * connections that never asked for anything (WIRE section 0, "Classes"). */
#ifndef DECODE_JUDGEMENT_H
#define DECODE_JUDGEMENT_H

#include "domain/record.h"

/* From record->status and record->latency_ns. without_method: the log shows an empty request line.
 *   499 or none   the client gave up: bad if it had waited longer than abort_after, else set aside
 *   408           half a request: set aside
 *   400           set aside when without_method (port scans, TLS on a plain port)
 * Anything else is left to the agreement's rule. */
void judge_access(struct record *record, bool without_method, int64_t abort_after_ns);

#endif
