/* Content-Encoding taken off, in a stream and with limits: gzip, deflate (zlib) and zstd.
 *
 * A body may grow to UNPACKED_BYTES_MAX, and beyond UNPACK_FREE_BYTES only UNPACK_RATIO_MAX times
 * as fast as packed bytes come in: what could have been sent plainly is taken whatever its ratio, a
 * bomb is refused long before it is large. Concatenated gzip members and zstd frames are one body.
 * One owner.
 */
#ifndef API_UNPACK_H
#define API_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

#define UNPACKED_BYTES_MAX (64u << 20)
#define UNPACK_FREE_BYTES  (16u << 20)
#define UNPACK_RATIO_MAX   200
/* What a stream may need beside its output: zstd's window (ZSTD_d_windowLogMax 23) dominates. */
#define UNPACK_WORK_BYTES (9u << 20)

enum coding { CODING_NONE, CODING_GZIP, CODING_DEFLATE, CODING_ZSTD };

enum unpack_result {
    UNPACK_OK,
    UNPACK_BROKEN,    /* not what it says it is: 400 */
    UNPACK_TOO_LARGE, /* 413 */
    UNPACK_NO_MEMORY, /* the sink had no room: 503 */
};

/* Takes unpacked bytes; false: no room. */
typedef bool unpack_sink(void *context, const void *bytes, size_t length);

struct unpack;

/* The coding that a Content-Encoding value names; -1 for none that we know. NULL is CODING_NONE. */
int coding_from(const char *value);

/* coding: not CODING_NONE. */
must_check enum status unpack_open(struct unpack **unpack_out, enum coding coding,
                                   unpack_sink *sink, void *context);
void unpack_close(struct unpack *unpack);
enum unpack_result unpack_feed(struct unpack *unpack, const void *bytes, size_t length);
/* All was fed: UNPACK_BROKEN when the stream is not at an end. */
enum unpack_result unpack_end(const struct unpack *unpack);

#endif
