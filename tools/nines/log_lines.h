/* The records of log files, one after the other, cut and decoded by the code of the daemon, so that
 * both sides count the same lines.
 *
 * Not here: sending them (feed.h) and moving their times (time_shift.h). */
#ifndef NINES_LOG_LINES_H
#define NINES_LOG_LINES_H

#include <sys/types.h>

#include "decode/decode.h"
#include "nines/log_source.h"

struct log_input {
    const char *name;
    int fd;
    off_t start; /* where a regular file was when it was opened */
};

struct log_lines;

enum lines_result {
    LINES_RECORD,
    LINES_WAIT, /* nothing now: poll log_lines_fd */
    LINES_END,
    LINES_FAILED, /* log_lines_message says why */
};

struct log_line {
    struct text bytes; /* without its line end; never blank; borrowed until the next call */
    bool is_known;     /* `record` holds what it says; else the daemon will reject it */
    struct record record;
};

/* Left out, because a daemon would not count them as lines of a log. */
struct log_lines_skipped {
    uint64_t control;  /* {"nines":...}: meant for the connection that first carried it */
    uint64_t unframed; /* too long, or no record at all */
};

/* inputs: borrowed, read from their start. now_ns: for syslog times without a year. */
must_check enum status log_lines_open(struct log_lines **lines_out, const struct log_input *inputs,
                                      uint32_t input_count, int64_t now_ns);
void log_lines_close(struct log_lines *lines);
/* may_wait: block instead of answering LINES_WAIT. */
enum lines_result log_lines_next(struct log_lines *lines, bool may_wait, struct log_line *line_out);
const char *log_lines_message(const struct log_lines *lines);
int log_lines_fd(const struct log_lines *lines);
struct log_lines_skipped log_lines_skipped(const struct log_lines *lines);

#endif
