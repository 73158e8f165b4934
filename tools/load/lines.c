#include "load/lines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/panic.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define TIME_TEXT     "2026-01-01T00:00:00.000000Z"
#define TIME_DIGITS   "1700000000000000000"
#define ID_TEXT       "00000000-000000000000"

static const char pairs[201] = "00010203040506070809101112131415161718192021222324"
                               "25262728293031323334353637383940414243444546474849"
                               "50515253545556575859606162636465666768697071727374"
                               "75767778798081828384858687888990919293949596979899";

/* Milliseconds that services take, all of one width: from a fast cache to a slow report. */
#define LATENCY_COUNT 64
#define LATENCY_WIDTH 6
static const char latencies[LATENCY_COUNT][LATENCY_WIDTH + 1] = {
    "0.8121", "0.9143", "1.0377", "1.1210", "1.2094", "1.3357", "1.4622", "1.5999",
    "1.7005", "1.8423", "1.9777", "2.1045", "2.2941", "2.4410", "2.6033", "2.8115",
    "3.0042", "3.2219", "3.4500", "3.7181", "3.9904", "4.2733", "4.6001", "4.9377",
    "5.3120", "5.7045", "6.1188", "6.5999", "7.0812", "7.6003", "8.1777", "8.8010",
    "9.4777", "10.211", "10.998", "11.841", "12.771", "13.771", "14.882", "16.004",
    "17.331", "18.744", "20.301", "22.012", "23.872", "25.944", "28.270", "30.871",
    "33.745", "37.001", "40.666", "44.799", "49.501", "54.820", "60.944", "67.999",
    "76.220", "85.814", "97.110", "110.52", "126.71", "171.39", "310.20", "840.07",
};

/* Characters without a terminator: fields of a line. */
static inline void put(char *at, const char *bytes, size_t length)
{
    memcpy(at, bytes, length);
}

static inline char *put_pair(char *at, uint32_t value)
{
    memcpy(at, pairs + (size_t)2 * value, 2);
    return at + 2;
}

static inline char *put_6(char *at, uint32_t value)
{
    at = put_pair(at, value / 10000);
    at = put_pair(at, value / 100 % 100);
    return put_pair(at, value % 100);
}

/* Adds text to the template; the offset is that of its first byte. */
static uint32_t append(char *template, uint32_t *length, const char *text)
{
    uint32_t at = *length;
    size_t bytes = strlen(text);
    assert(at + bytes <= LINES_BYTES_MAX);
    put(template + at, text, bytes);
    *length += (uint32_t)bytes;
    return at;
}

/* Everything before the filler in the path; returns its length. */
static uint32_t build_head(struct lines *lines)
{
    const struct lines_settings *settings = &lines->settings;
    char *template = lines->template;
    uint32_t length = 0;
    append(template, &length, "{");
    if (settings->time == LINES_TIME_RFC3339) {
        append(template, &length, "\"ts\":\"");
        lines->time_at = append(template, &length, TIME_TEXT "\",");
    } else if (settings->time == LINES_TIME_NS) {
        append(template, &length, "\"ts\":");
        lines->time_at = append(template, &length, TIME_DIGITS ",");
    }
    if (settings->ids) {
        append(template, &length, "\"id\":\"");
        lines->id_at = append(template, &length, ID_TEXT "\",");
    }
    append(template, &length, "\"service\":\"");
    lines->service_at = append(template, &length, "svc-00000\",");
    if (settings->customers > 0) {
        append(template, &length, "\"customer\":\"");
        lines->customer_at = append(template, &length, "cust-000000\",");
    }
    append(template, &length, "\"status\":");
    lines->status_at = append(template, &length, "200,\"latency_ms\":");
    lines->latency_at = append(template, &length, "1.0000,\"method\":\"GET\",\"path\":\"/api/");
    return length;
}

static const char tail[] = "\",\"bytes\":51234}\n";

uint32_t lines_bytes_min(const struct lines_settings *settings)
{
    struct lines lines = {.settings = *settings};
    return build_head(&lines) + (uint32_t)strlen(tail);
}

static uint64_t next_random(struct lines *lines)
{
    /* xorshift64* (Vigna 2014): two or three cycles, good enough to choose services with. */
    uint64_t x = lines->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    lines->random = x;
    return x * UINT64_C(2685821657736338717);
}

void lines_init(struct lines *lines, const struct lines_settings *settings)
{
    assert(settings->line_bytes >= lines_bytes_min(settings));
    assert(settings->line_bytes <= LINES_BYTES_MAX);
    assert(settings->services >= 1 && settings->services <= LINES_SERVICES_MAX);
    *lines = (struct lines){.settings = *settings, .second = INT64_MIN};
    lines->random = settings->seed * 2 + 1;
    lines->errors_of_2_32 = (uint32_t)fmin(settings->errors * 4294967296.0, 4294967295.0);
    static const char filler[] = "v1/orders/by-date/2026/november/page-of-results/";
    uint32_t length = build_head(lines);
    uint32_t tail_at = settings->line_bytes - (uint32_t)strlen(tail);
    for (uint32_t i = 0; length < tail_at; i++) {
        lines->template[length++] = filler[i % (sizeof(filler) - 1)];
    }
    append(lines->template, &length, tail);
    if (lines->id_at != 0) {
        char run[9];
        snprintf(run, sizeof(run), "%08x", (uint32_t)next_random(lines));
        memcpy(lines->template + lines->id_at, run, 8);
    }
    for (uint32_t i = 0; i < 8; i++) {
        (void)next_random(lines); /* neighbouring seeds begin alike */
    }
}

void lines_prepare(const struct lines *lines, char *buffer, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        memcpy(buffer + (size_t)i * lines->settings.line_bytes, lines->template,
               lines->settings.line_bytes);
    }
}

static void render_second(struct lines *lines, int64_t second)
{
    lines->second = second;
    if (lines->settings.time == LINES_TIME_NS) {
        snprintf(lines->second_text, sizeof(lines->second_text), "%010lld", (long long)second);
        return;
    }
    time_t seconds = (time_t)second;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(lines->second_text, sizeof(lines->second_text), "%Y-%m-%dT%H:%M:%S.", &parts);
}

static void put_time(struct lines *lines, char *at, int64_t ns)
{
    int64_t second = ns / NS_PER_SECOND;
    uint32_t rest = (uint32_t)(ns % NS_PER_SECOND);
    if (second != lines->second) {
        render_second(lines, second);
    }
    if (lines->settings.time == LINES_TIME_RFC3339) {
        memcpy(at, lines->second_text, 20);
        put_6(at + 20, rest / 1000);
        return;
    }
    memcpy(at, lines->second_text, 10);
    at = put_6(at + 10, rest / 1000);
    uint32_t last = rest % 1000;
    at[0] = (char)('0' + last / 100);
    put_pair(at + 1, last % 100);
}

static void put_id(struct lines *lines, char *at)
{
    uint64_t id = lines->id_next++;
    at = put_6(at + 9, (uint32_t)(id / 1000000 % 1000000));
    put_6(at, (uint32_t)(id % 1000000));
}

/* A number below bound from 32 random bits. */
static inline uint32_t below(uint32_t random, uint32_t bound)
{
    return (uint32_t)(((uint64_t)random * bound) >> 32);
}

void lines_fill(struct lines *lines, char *buffer, uint32_t count, int64_t from_ns, double step_ns)
{
    const struct lines_settings *settings = &lines->settings;
    char *line = buffer;
    double offset_ns = 0;
    for (uint32_t i = 0; i < count; i++, line += settings->line_bytes, offset_ns += step_ns) {
        uint64_t random = next_random(lines);
        uint64_t more = random * UINT64_C(0x9E3779B97F4A7C15);
        if (lines->time_at != 0) {
            put_time(lines, line + lines->time_at, from_ns + (int64_t)offset_ns);
        }
        if (lines->id_at != 0) {
            put_id(lines, line + lines->id_at);
        }
        uint32_t service = below((uint32_t)(random >> 32), settings->services);
        /* "svc-" again, in case the line was a marker. */
        put(line + lines->service_at, "svc-", 4);
        line[lines->service_at + 4] = (char)('0' + service / 10000);
        put_pair(put_pair(line + lines->service_at + 5, service / 100 % 100), service % 100);
        if (lines->customer_at != 0) {
            put_6(line + lines->customer_at + 5, below((uint32_t)random, settings->customers));
        }
        bool failed = (uint32_t)(more >> 32) < lines->errors_of_2_32;
        put(line + lines->status_at, failed ? "500" : "200", 3);
        memcpy(line + lines->latency_at, latencies[(more >> 24) % LATENCY_COUNT], LATENCY_WIDTH);
    }
}

void lines_mark(const struct lines *lines, char *buffer, uint32_t index)
{
    char *line = buffer + (size_t)index * lines->settings.line_bytes;
    put(line + lines->service_at, LINES_MARKER_SERVICE, strlen(LINES_MARKER_SERVICE));
    put(line + lines->status_at, "500", 3);
}

void lines_service_name(uint32_t service, char name_out[16])
{
    snprintf(name_out, 16, "svc-%05u", service % LINES_SERVICES_MAX);
}
