/* What nines-load is told to do: one table of options, from which --help comes too. */
#ifndef LOAD_SETTINGS_H
#define LOAD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#define LOAD_CONNECTIONS_MAX 1024
#define LOAD_THREADS_MAX     64
/* Markers of one run: every 10 ms for ten minutes, and some. */
#define LOAD_MARKERS_MAX 65536

enum load_format { LOAD_NDJSON, LOAD_HTTP };

struct settings {
    const char *url;
    const char *data;
    const char *http;
    const char *format_word;
    const char *time_word;
    const char *verdict_url;
    enum load_format format;
    uint64_t rate; /* lines per second over all connections; 0: flat out */
    uint64_t connections;
    uint64_t threads;
    uint64_t services;
    uint64_t customers;
    double errors;
    int64_t duration_ns;
    uint64_t count; /* 0: as long as duration_ns */
    uint64_t line_bytes;
    uint64_t batch_lines; /* of one HTTP body */
    int64_t verdict_every_ns;
    int64_t drain_ns;
    uint64_t seed;
    bool ids;
    bool no_acks;
    bool wait_evaluated;
    bool nothing_sent; /* --null */
    bool print_agreements;
    bool json;
};

enum settings_result { SETTINGS_RUN, SETTINGS_DONE, SETTINGS_USAGE };

/* Errors and help are printed. Strings are borrowed from argv. */
enum settings_result settings_read(struct settings *settings, int argc, char **argv);

#endif
