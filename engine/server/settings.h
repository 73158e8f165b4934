/* How the daemon is configured: built-in < file < environment NINES_* < flags.
 *
 * One table lists every setting with its default, bounds and help; the file, the environment,
 * --help and
 * --print-config all come from it. Unknown keys, duplicate keys and values out of range are errors
 * with file:line:column (or the flag's or variable's name).
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "base/text_buffer.h"
#include "decode/decode.h"

#define SETTINGS_LIST_MAX 64
#define SETTINGS_TEXT_MAX 1024

struct ingest_setting {
    char url[SETTINGS_TEXT_MAX];
    enum field_map map;
};

struct settings {
    char data[SETTINGS_TEXT_MAX];
    struct ingest_setting ingest[SETTINGS_LIST_MAX];
    uint32_t ingest_count;
    char http[SETTINGS_TEXT_MAX]; /* ADDR:PORT */
    char agreements[SETTINGS_LIST_MAX][SETTINGS_TEXT_MAX];
    uint32_t agreement_count;
    uint64_t workers;     /* 0: auto */
    int64_t retention_ns; /* INT64_MAX: keep all */
    int64_t max_future_ns;
    int64_t grace_ns;
    int64_t abort_after_ns;
    uint64_t dedupe_bytes;
    uint64_t rollup_bytes;
    uint64_t names_max;
    uint64_t open_requests_max;
    uint64_t each_max;
    uint64_t segment_bytes; /* of the first segment */
    uint64_t segment_bytes_max;
};

enum settings_result {
    SETTINGS_RUN,
    SETTINGS_DONE,  /* --help, --version, --print-config: printed */
    SETTINGS_CHECK, /* --check-config: load agreements too, then stop */
    SETTINGS_USAGE, /* exit 64; printed */
    SETTINGS_BAD,   /* exit 78; printed */
};

/* Reads everything; prints errors to stderr. */
enum settings_result settings_read(struct settings *settings, int argc, char **argv,
                                   const char *version);

#endif
