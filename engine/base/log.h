/* The daemon's own messages, on stderr: one line each, with a time, or with the journal's `<N>`
 * level prefix when stderr is the journal (sd-daemon(3)). At most LOG_LINES_PER_SECOND lines of one
 * call site reach the output in a second; the rest are counted and told once, so that a flood of
 * bad frames cannot become a flood of log lines. Any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>
#include <stdint.h>

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_INFO = 6 };

#define LOG_LINES_PER_SECOND 10

/* One per call site; zero-initialised. */
struct log_site {
    _Atomic int64_t second;
    _Atomic uint32_t lines;
};

__attribute__((format(printf, 3, 4))) void log_write(struct log_site *site, enum log_level level,
                                                     const char *format, ...);

#define LOG_AT(level, ...)                                                                         \
    do {                                                                                           \
        static struct log_site log_site_here;                                                      \
        log_write(&log_site_here, level, __VA_ARGS__);                                             \
    } while (0)

#define log_error(...)   LOG_AT(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) LOG_AT(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    LOG_AT(LOG_INFO, __VA_ARGS__)

#endif
