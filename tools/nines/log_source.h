/* The bytes of one log file, unpacked on the way: gzip and zstd are told by their magic bytes.
 *
 * Streams: memory does not grow with the file. A pipe that has nothing at the moment is an answer
 * of its own (SOURCE_WAIT), so that one thread can feed a socket meanwhile. */
#ifndef NINES_LOG_SOURCE_H
#define NINES_LOG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct log_source;

enum source_result {
    SOURCE_BYTES,
    SOURCE_WAIT, /* nothing now: poll log_source_fd */
    SOURCE_END,
    SOURCE_FAILED, /* log_source_message says why */
};

/* fd: borrowed, read from where it stands. */
must_check enum status log_source_open(struct log_source **source_out, int fd);
void log_source_close(struct log_source *source);

/* Up to size bytes. may_wait: block instead of answering SOURCE_WAIT. */
enum source_result log_source_read(struct log_source *source, bool may_wait, char *bytes,
                                   size_t size, size_t *length_out);
const char *log_source_message(const struct log_source *source);
int log_source_fd(const struct log_source *source);

#endif
