#include "load/summary.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
    const char *name;
    const char *key; /* in JSON */
    double share;
} percentiles[] = {
    {"p50", "p50", 0.5}, {"p90", "p90", 0.9}, {"p99", "p99", 0.99}, {"p99.9", "p999", 0.999}};
#define PERCENTILES (sizeof(percentiles) / sizeof(percentiles[0]))

static double per_second(uint64_t count, double seconds)
{
    return seconds > 0 ? (double)count / seconds : 0;
}

static void print_latency(const char *what, const struct histogram *histogram)
{
    printf("%-14s", what);
    for (size_t i = 0; i < PERCENTILES; i++) {
        printf(" %s %.3f", percentiles[i].name,
               (double)histogram_percentile_ns(histogram, percentiles[i].share) / 1e6);
    }
    printf(" max %.3f ms (%" PRIu64 " samples)\n", (double)histogram->max_ns / 1e6,
           histogram->count);
}

void summary_print(const struct summary *summary)
{
    const struct settings *settings = summary->settings;
    printf("sent           %" PRIu64 " lines, %" PRIu64
           " bytes in %.3f s: %.0f lines/s, %.1f MB/s\n",
           summary->sent, summary->bytes, summary->send_seconds,
           per_second(summary->sent, summary->send_seconds),
           per_second(summary->bytes, summary->send_seconds) / 1e6);
    if (!settings->nothing_sent && !settings->no_acks) {
        printf("acknowledged   %" PRIu64 " lines, durable %" PRIu64 " in %.3f s: %.0f lines/s\n",
               summary->acknowledged, summary->durable, summary->seconds,
               per_second(summary->durable, summary->seconds));
        print_latency(settings->rate > 0 ? "send-to-durable" : "made-to-durable", summary->latency);
    }
    if (summary->evaluated_seconds > 0) {
        printf("evaluated      in %.3f s: %.0f lines/s\n", summary->evaluated_seconds,
               per_second(summary->sent, summary->evaluated_seconds));
    }
    if (summary->verdict != NULL) {
        print_latency("event-to-verdict", &summary->verdict->latency);
        print_latency("poll", &summary->verdict->poll);
    }
    printf("generator      %.3f CPU seconds\n", summary->cpu_seconds);
    if (!summary->complete) {
        printf("INCOMPLETE: not everything was sent and acknowledged\n");
    }
}

static void print_latency_json(const char *name, const struct histogram *histogram)
{
    printf(",\"%s\":{\"samples\":%" PRIu64, name, histogram->count);
    for (size_t i = 0; i < PERCENTILES; i++) {
        printf(",\"%s\":%.6f", percentiles[i].key,
               (double)histogram_percentile_ns(histogram, percentiles[i].share) / 1e6);
    }
    printf(",\"max\":%.6f}", (double)histogram->max_ns / 1e6);
}

void summary_print_json(const struct summary *summary)
{
    const struct settings *settings = summary->settings;
    printf("{\"format\":\"%s\",\"time\":\"%s\",\"rate\":%" PRIu64 ",\"connections\":%" PRIu64
           ",\"threads\":%" PRIu64 ",\"services\":%" PRIu64 ",\"customers\":%" PRIu64
           ",\"line_bytes\":%" PRIu64 ",\"ids\":%s,\"seed\":%" PRIu64 ",",
           settings->format_word, settings->time_word, settings->rate, settings->connections,
           settings->threads, settings->services, settings->customers, settings->line_bytes,
           settings->ids ? "true" : "false", settings->seed);
    printf("\"complete\":%s,\"planned\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"acknowledged\":%" PRIu64
           ",\"durable\":%" PRIu64 ",\"bytes\":%" PRIu64
           ",\"send_seconds\":%.6f,\"seconds\":%.6f,\"lines_per_second\":%.0f,"
           "\"bytes_per_second\":%.0f,\"cpu_seconds\":%.6f",
           summary->complete ? "true" : "false", summary->planned, summary->sent,
           summary->acknowledged, summary->durable, summary->bytes, summary->send_seconds,
           summary->seconds, per_second(summary->sent, summary->seconds),
           per_second(summary->bytes, summary->seconds), summary->cpu_seconds);
    if (summary->evaluated_seconds > 0) {
        printf(",\"evaluated_seconds\":%.6f,\"evaluated_per_second\":%.0f",
               summary->evaluated_seconds, per_second(summary->sent, summary->evaluated_seconds));
    }
    print_latency_json("durable_ms", summary->latency);
    if (summary->verdict != NULL) {
        print_latency_json("verdict_ms", &summary->verdict->latency);
        print_latency_json("poll_ms", &summary->verdict->poll);
    }
    printf("}\n");
}
