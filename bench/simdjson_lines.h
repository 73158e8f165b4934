/* The same lines by simdjson's on-demand parser, for comparison (simdjson_lines.cpp; where it is installed). */
#ifndef BENCH_SIMDJSON_LINES_H
#define BENCH_SIMDJSON_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What must be readable behind the bytes. */
size_t simdjson_padding(void);
/* Takes ts, service, customer, status and latency_ms out of each line of bytes[0 .. length): all: by a
 * walk over every member; else by looking for these five in the order in which they stand. Answers
 * how many lines had all. *sum_out: something that depends on every value. */
uint64_t simdjson_take(const char *bytes, size_t length, bool all, uint64_t *sum_out);
const char *simdjson_name(void);

#ifdef __cplusplus
}
#endif

#endif
