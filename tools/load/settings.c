#include "load/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/lines.h"

enum kind { KIND_FLAG, KIND_WORD, KIND_NUMBER, KIND_RATIO, KIND_DURATION };

struct row {
    const char *name;
    enum kind kind;
    void *target;
    const char *value; /* what --help calls it */
    uint64_t min;
    uint64_t max;
    const char *help;
};

#define ROWS_MAX 32

static uint32_t make_rows(struct settings *s, struct row rows[ROWS_MAX])
{
    const struct row table[] = {
        {"url", KIND_WORD, &s->url, "URL", 0, 0,
         "where to send: tcp://HOST:PORT, or http://HOST:PORT with --format http "
         "(tcp://127.0.0.1:4990, http://127.0.0.1:4991)"},
        {"data", KIND_WORD, &s->data, "DIR", 0, 0,
         "take the addresses from DIR/endpoints.json of a running ninesd"},
        {"format", KIND_WORD, &s->format_word, "WORD", 0, 0, "ndjson (default) or http"},
        {"rate", KIND_NUMBER, &s->rate, "N", 0, 1000000000,
         "lines a second over all connections, sent on schedule whatever the engine does; 0 "
         "(default): flat out"},
        {"connections", KIND_NUMBER, &s->connections, "N", 1, LOAD_CONNECTIONS_MAX,
         "connections (1)"},
        {"threads", KIND_NUMBER, &s->threads, "N", 1, LOAD_THREADS_MAX,
         "sending threads, each with its share of the connections (1)"},
        {"services", KIND_NUMBER, &s->services, "N", 1, LINES_SERVICES_MAX, "services (3)"},
        {"customers", KIND_NUMBER, &s->customers, "N", 0, LINES_CUSTOMERS_MAX,
         "customers; 0: lines name none (100)"},
        {"errors", KIND_RATIO, &s->errors, "RATIO", 0, 1, "share of status 500 (0.001)"},
        {"duration", KIND_DURATION, &s->duration_ns, "TIME", 1000000, UINT64_C(86400000000000),
         "how long to send: 500ms, 10s (default), 5m"},
        {"count", KIND_NUMBER, &s->count, "N", 1, UINT64_C(1000000000000),
         "how many lines to send, instead of --duration"},
        {"line-bytes", KIND_NUMBER, &s->line_bytes, "N", 1, LINES_BYTES_MAX,
         "length of a line with its line feed (190)"},
        {"ids", KIND_FLAG, &s->ids, NULL, 0, 0, "every line has an id of its own"},
        {"time", KIND_WORD, &s->time_word, "WORD", 0, 0,
         "how lines say when: rfc3339 (default), ns, none"},
        {"batch", KIND_NUMBER, &s->batch_lines, "N", 1, 100000,
         "lines of one body with --format http (1000)"},
        {"no-acks", KIND_FLAG, &s->no_acks, NULL, 0, 0, "do not ask for acknowledgements"},
        {"http", KIND_WORD, &s->http, "URL", 0, 0,
         "the engine's HTTP address, for --wait-evaluated (or from --data)"},
        {"wait-evaluated", KIND_FLAG, &s->wait_evaluated, NULL, 0, 0,
         "after the last acknowledgement wait until /v1/status says that all of it is judged"},
        {"verdict-latency", KIND_WORD, &s->verdict_url, "URL", 0, 0,
         "measure the time from a request's intended send to its verdict at URL/metrics; needs "
         "--rate and the agreements of --print-agreements"},
        {"verdict-every", KIND_DURATION, &s->verdict_every_ns, "TIME", 100000,
         UINT64_C(60000000000), "time between two marked requests (10ms)"},
        {"drain", KIND_DURATION, &s->drain_ns, "TIME", 1000000, UINT64_C(3600000000000),
         "how long to wait for what is late at the end (30s)"},
        {"seed", KIND_NUMBER, &s->seed, "N", 0, UINT64_MAX,
         "the same seed makes the same services and statuses (from the clock)"},
        {"null", KIND_FLAG, &s->nothing_sent, NULL, 0, 0,
         "make the lines and send nothing: the generator's own limit"},
        {"print-agreements", KIND_FLAG, &s->print_agreements, NULL, 0, 0,
         "print agreements about --services services, for the engine under test, and stop"},
        {"json", KIND_FLAG, &s->json, NULL, 0, 0, "print the result as JSON"},
    };
    _Static_assert(sizeof(table) / sizeof(table[0]) <= ROWS_MAX, "make ROWS_MAX larger");
    memcpy(rows, table, sizeof(table));
    return sizeof(table) / sizeof(table[0]);
}

static void print_help(const struct row *rows, uint32_t count)
{
    printf(
        "usage: nines-load [options]\n\n"
        "Sends requests to a nines engine and measures how long it takes until they are durable.\n"
        "With --rate latency counts from the instant at which a line was to be sent, so a slow\n"
        "engine cannot hide behind a waiting sender.\n\noptions:\n");
    for (uint32_t i = 0; i < count; i++) {
        char left[40];
        snprintf(left, sizeof(left), "--%s %s", rows[i].name,
                 rows[i].value == NULL ? "" : rows[i].value);
        printf("  %-24s %s\n", left, rows[i].help);
    }
    printf("  %-24s %s\n  %-24s %s\n", "--help", "this text", "--version", "the version");
    printf("\nExit codes: 0 ok, 1 failed (also when something was not acknowledged), 2 usage.\n");
}

static bool read_number(const char *text, uint64_t *number_out, const char **end_out)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (end == text || text[0] == '-' || errno != 0) {
        return false;
    }
    *number_out = number;
    *end_out = end;
    return true;
}

static bool read_duration(const char *text, uint64_t *ns_out)
{
    static const struct {
        const char *unit;
        uint64_t ns;
    } units[] = {{"us", 1000},
                 {"ms", 1000000},
                 {"s", 1000000000},
                 {"m", 60000000000ULL},
                 {"h", 3600000000000ULL}};
    const char *unit;
    if (!read_number(text, ns_out, &unit) || *ns_out > 1000000000) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            *ns_out *= units[i].ns;
            return true;
        }
    }
    return false;
}

static bool set_value(const struct row *row, const char *text)
{
    const char *end = "";
    uint64_t number = 0;
    if (row->kind == KIND_WORD) {
        *(const char **)row->target = text;
        return true;
    }
    if (row->kind == KIND_RATIO) {
        char *ratio_end;
        double ratio = strtod(text, &ratio_end);
        *(double *)row->target = ratio;
        return ratio_end != text && *ratio_end == '\0' && ratio >= 0 && ratio <= 1;
    }
    bool good = row->kind == KIND_DURATION ? read_duration(text, &number)
                                           : read_number(text, &number, &end);
    if (!good || *end != '\0' || number < row->min || number > row->max) {
        return false;
    }
    memcpy(row->target, &number, sizeof(number)); /* uint64_t, or int64_t nanoseconds */
    return true;
}

static const struct row *find_row(const struct row *rows, uint32_t count, const char *name,
                                  size_t length)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool read_flags(const struct row *rows, uint32_t count, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : "";
        const char *equals = strchr(name, '=');
        size_t length = equals == NULL ? strlen(name) : (size_t)(equals - name);
        const struct row *row = find_row(rows, count, name, length);
        if (row == NULL) {
            fprintf(stderr, "nines-load: unknown option %s; see nines-load --help\n", argv[i]);
            return false;
        }
        if (row->kind == KIND_FLAG) {
            *(bool *)row->target = true;
            continue;
        }
        const char *value = equals != NULL ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (value == NULL || !set_value(row, value)) {
            fprintf(stderr, "nines-load: --%s: %s is not a good %s: %s\n", row->name,
                    value == NULL ? "nothing" : value, row->value, row->help);
            return false;
        }
    }
    return true;
}

static bool usage(const char *message)
{
    fprintf(stderr, "nines-load: %s\n", message);
    return false;
}

static struct lines_settings lines_of(const struct settings *settings, enum lines_time time)
{
    return (struct lines_settings){
        .customers = (uint32_t)settings->customers, .time = time, .ids = settings->ids};
}

/* What the single values cannot tell. */
static bool check_together(struct settings *settings)
{
    if (strcmp(settings->format_word, "http") == 0) {
        settings->format = LOAD_HTTP;
    } else if (strcmp(settings->format_word, "ndjson") != 0) {
        return usage("--format is ndjson or http");
    }
    enum lines_time time = LINES_TIME_RFC3339;
    if (strcmp(settings->time_word, "ns") == 0) {
        time = LINES_TIME_NS;
    } else if (strcmp(settings->time_word, "none") == 0) {
        time = LINES_TIME_NONE;
    } else if (strcmp(settings->time_word, "rfc3339") != 0) {
        return usage("--time is rfc3339, ns or none");
    }
    struct lines_settings lines = lines_of(settings, time);
    if (settings->line_bytes < lines_bytes_min(&lines)) {
        fprintf(stderr, "nines-load: --line-bytes: such lines take at least %u bytes\n",
                lines_bytes_min(&lines));
        return false;
    }
    if (settings->verdict_url != NULL && settings->rate == 0) {
        return usage("--verdict-latency needs --rate: flat out there is no intended time");
    }
    if (settings->format == LOAD_HTTP && settings->no_acks) {
        return usage("--no-acks does not go with --format http: each body is answered");
    }
    if (settings->threads > settings->connections) {
        settings->threads = settings->connections;
    }
    return true;
}

enum settings_result settings_read(struct settings *settings, int argc, char **argv)
{
    *settings = (struct settings){
        .format_word = "ndjson",
        .time_word = "rfc3339",
        .connections = 1,
        .threads = 1,
        .services = 3,
        .customers = 100,
        .errors = 0.001,
        .duration_ns = INT64_C(10000000000),
        .line_bytes = 190,
        .batch_lines = 1000,
        .verdict_every_ns = INT64_C(10000000),
        .drain_ns = INT64_C(30000000000),
    };
    struct row rows[ROWS_MAX];
    uint32_t count = make_rows(settings, rows);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(rows, count);
            return SETTINGS_DONE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("nines-load %s\n", NINES_VERSION);
            return SETTINGS_DONE;
        }
    }
    return read_flags(rows, count, argc, argv) && check_together(settings) ? SETTINGS_RUN
                                                                           : SETTINGS_USAGE;
}
