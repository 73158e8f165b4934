/* NDJSON request lines, made as fast as memory allows: all lines have one layout and one length, so
 * a buffer is filled with copies of a template once, and making the next lines means patching a few
 * fields in place.
 *
 *   {"ts":"2026-11-23T14:55:41.123456Z","id":"8d2f01c7-003-000000000017","service":"svc-00002",
 *    "customer":"cust-000041","status":200,"latency_ms":12.345,"method":"GET","path":"/api/...","bytes":51234}
 *      ^ts          ^id       ^service       ^customer        ^status          ^latency
 *
 * One writer per connection: it owns a random state and the number of the next id.
 */
#ifndef LOAD_LINES_H
#define LOAD_LINES_H

#include <stdbool.h>
#include <stdint.h>

/* Widths of the number in a name, hence the bounds. */
#define LINES_SERVICES_MAX  100000
#define LINES_CUSTOMERS_MAX 1000000
#define LINES_BYTES_MAX     4096

/* The service of marked lines (see verdict.h); as long as every other service's name. */
#define LINES_MARKER_SERVICE "svc-marks"

enum lines_time { LINES_TIME_RFC3339, LINES_TIME_NS, LINES_TIME_NONE };

struct lines_settings {
    uint32_t line_bytes; /* with the line feed */
    uint32_t services;   /* at least 1 */
    uint32_t customers;  /* 0: no customer field */
    double errors;       /* share of status 500 */
    enum lines_time time;
    bool ids;
    uint64_t seed; /* of this connection; also makes its ids different from those of other runs */
};

struct lines {
    struct lines_settings settings;
    char template[LINES_BYTES_MAX];
    /* Offsets of what is patched; 0: not there. */
    uint32_t time_at;
    uint32_t id_at;
    uint32_t service_at;
    uint32_t customer_at;
    uint32_t status_at;
    uint32_t latency_at;
    uint32_t errors_of_2_32; /* a line fails when its random number is below */
    uint64_t random;
    uint64_t id_next;
    int64_t second; /* whose text is in second_text */
    char second_text[24];
};

/* The shortest line_bytes that these settings allow. */
uint32_t lines_bytes_min(const struct lines_settings *settings);
/* line_bytes is at least lines_bytes_min() and at most LINES_BYTES_MAX. */
void lines_init(struct lines *lines, const struct lines_settings *settings);
/* Puts `count` templates into the buffer (count * line_bytes). Once per buffer. */
void lines_prepare(const struct lines *lines, char *buffer, uint32_t count);
/* Makes the first `count` lines of a prepared buffer new. Their times are from_ns, from_ns +
 * step_ns, ... (nanoseconds since the epoch). */
void lines_fill(struct lines *lines, char *buffer, uint32_t count, int64_t from_ns, double step_ns);
/* Makes one filled line a marker: a failed request to LINES_MARKER_SERVICE. */
void lines_mark(const struct lines *lines, char *buffer, uint32_t index);
/* The name of service number `service`, as lines carry it. */
void lines_service_name(uint32_t service, char name_out[16]);

#endif
