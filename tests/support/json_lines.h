/* Lines of JSON for tests: such as programs send, such as nobody should send, and broken ones. */
#ifndef SUPPORT_JSON_LINES_H
#define SUPPORT_JSON_LINES_H

#include "base/bytes.h"
#include "support/random.h"

#define JSON_LINE_BYTES_MAX 8192

/* One object (possibly spoiled, one in `spoiled_once_in`; 0: never) into out; its length. */
uint32_t json_line_write(struct random *random, uint32_t spoiled_once_in,
                         char out[JSON_LINE_BYTES_MAX]);

#endif
