#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* $JOURNAL_STREAM holds "device:inode" of the stream that systemd connected to the journal. */
static bool stderr_is_journal(void)
{
    static _Atomic int answer; /* 0 unknown, 1 no, 2 yes; relaxed: any thread computes the same */
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == 0) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long device;
        unsigned long long inode;
        struct stat status;
        known = stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
                        fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
                        status.st_ino == inode
                    ? 2
                    : 1;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == 2;
}

/* Relaxed throughout: the limit is a courtesy; a line more or less at a second's edge costs
 * nothing. */
static bool within_limit(struct log_site *site, int64_t second, uint32_t *missed_out)
{
    *missed_out = 0;
    if (atomic_load_explicit(&site->second, memory_order_relaxed) != second) {
        atomic_store_explicit(&site->second, second, memory_order_relaxed);
        uint32_t before = atomic_exchange_explicit(&site->lines, 0, memory_order_relaxed);
        *missed_out = before > LOG_LINES_PER_SECOND ? before - LOG_LINES_PER_SECOND : 0;
    }
    return atomic_fetch_add_explicit(&site->lines, 1, memory_order_relaxed) < LOG_LINES_PER_SECOND;
}

void log_write(struct log_site *site, enum log_level level, const char *format, ...)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint32_t missed;
    if (!within_limit(site, now.tv_sec, &missed)) {
        return;
    }
    char line[1024];
    size_t used;
    if (stderr_is_journal()) {
        used = (size_t)snprintf(line, sizeof(line), "<%d>", (int)level);
    } else {
        struct tm utc;
        gmtime_r(&now.tv_sec, &utc);
        used = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &utc);
        used += (size_t)snprintf(line + used, sizeof(line) - used, "%s",
                                 level == LOG_ERROR     ? "error: "
                                 : level == LOG_WARNING ? "warning: "
                                                        : "");
    }
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + used, sizeof(line) - used - 64, format, arguments);
    va_end(arguments);
    if (more > 0) {
        size_t room = sizeof(line) - used - 64 - 1;
        used += (size_t)more < room ? (size_t)more : room;
    }
    if (missed > 0) {
        used +=
            (size_t)snprintf(line + used, sizeof(line) - used, " (%u like this not shown)", missed);
    }
    line[used++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored; /* nobody is left to tell */
}
