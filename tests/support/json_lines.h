/* Lines of JSON for tests: such as programs send, such as nobody should send, and broken ones. */
#ifndef SUPPORT_JSON_LINES_H
#define SUPPORT_JSON_LINES_H

#include "base/bytes.h"
#include "support/random.h"

#define JSON_LINE_BYTES_MAX 8192

/* One object, mostly well-formed, into out; its length. */
uint32_t json_line_write(struct random *random, char out[JSON_LINE_BYTES_MAX]);

/* Some bytes changed, lost or more; at most JSON_LINE_SPOILED_MAX more. The new length. */
#define JSON_LINE_SPOILED_MAX 16
uint32_t json_line_spoil(struct random *random, char *bytes, uint32_t length);

#endif
