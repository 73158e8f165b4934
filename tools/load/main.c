/* nines-load: sends requests to a nines engine on schedule or flat out, and measures. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/thread.h"
#include "load/sender.h"
#include "load/summary.h"
#include "load/target.h"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

static _Atomic bool stop_asked;

static void on_signal(int number)
{
    (void)number;
    atomic_store_explicit(&stop_asked, true, memory_order_relaxed);
}

static int64_t now_monotonic_ns(void)
{
    return clock_monotonic_ns(clock_system());
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Agreements */

static void print_agreements(const struct settings *settings)
{
    for (uint32_t i = 0; i < settings->services; i++) {
        char service[16];
        lines_service_name(i, service);
        printf("agreement: load-%s\nprovider: nines-load\nservices: [%s]\nobjectives: "
               "{availability: 99.9%%, fast: 99%% < 300ms}\n---\n",
               service, service);
    }
    printf(
        "agreement: %s\nprovider: nines-load\nservices: [%s]\nobjectives: {availability: 99.9%%}\n",
        VERDICT_AGREEMENT, LINES_MARKER_SERVICE);
}

/* Nothing but making lines */

static int run_null(const struct settings *settings)
{
    struct lines lines;
    struct lines_settings line_settings = stream_lines(settings, 0);
    uint32_t chunk = CHUNK_BYTES / line_settings.line_bytes;
    char *buffer = malloc((size_t)chunk * line_settings.line_bytes);
    if (buffer == NULL) {
        return EXIT_FAILED;
    }
    lines_init(&lines, &line_settings);
    lines_prepare(&lines, buffer, chunk);
    int64_t start_ns = now_monotonic_ns();
    int64_t now_ns = start_ns;
    uint64_t made = 0;
    while (settings->count > 0 ? made < settings->count
                               : now_ns - start_ns < settings->duration_ns) {
        int64_t real_ns = clock_realtime_ns(clock_system());
        lines_fill(&lines, buffer, chunk, real_ns, 100.0);
        made += chunk;
        now_ns = now_monotonic_ns();
    }
    free(buffer);
    static struct histogram none;
    struct summary summary = {
        .settings = settings,
        .sent = made,
        .bytes = made * settings->line_bytes,
        .send_seconds = (double)(now_ns - start_ns) / 1e9,
        .seconds = (double)(now_ns - start_ns) / 1e9,
        .cpu_seconds = cpu_seconds(),
        .complete = true,
        .latency = &none,
    };
    settings->json ? summary_print_json(&summary) : summary_print(&summary);
    return EXIT_OK;
}

/* A run against an engine */

struct load {
    const struct settings *settings;
    struct target target;
    struct stream *streams;
    uint32_t stream_count; /* opened */
    struct sender *senders;
    struct verdict *verdict; /* NULL: not asked */
    int64_t start_ns;
    int64_t deadline_ns;
};

static void close_load(struct load *load)
{
    for (uint32_t i = 0; i < load->stream_count; i++) {
        stream_close(&load->streams[i]);
    }
    if (load->verdict != NULL) {
        verdict_close(load->verdict);
    }
    free(load->verdict);
    free(load->streams);
    free(load->senders);
}

/* The streams of sender number `index`: from the first to before the next one's first. */
static uint32_t first_stream(const struct settings *settings, uint64_t index)
{
    return (uint32_t)(settings->connections * index / settings->threads);
}

static bool open_streams(struct load *load)
{
    const struct settings *settings = load->settings;
    for (uint32_t t = 0; t < settings->threads; t++) {
        struct sender *sender = &load->senders[t];
        uint32_t first = first_stream(settings, t);
        *sender = (struct sender){
            .streams = load->streams + first,
            .stream_count = first_stream(settings, t + 1) - first,
            .stop = &stop_asked,
        };
        for (uint32_t i = 0; i < sender->stream_count; i++) {
            struct stream_plan plan = {
                .settings = settings,
                .latency = &sender->latency,
                .verdict = first + i == 0 ? load->verdict : NULL,
                .index = first + i,
                .host = load->target.host,
                .port = load->target.port,
            };
            load->stream_count++;
            if (!stream_open(&load->streams[first + i], &plan)) {
                return false;
            }
        }
    }
    return true;
}

static bool open_load(struct load *load)
{
    const struct settings *settings = load->settings;
    if (!target_find(settings, &load->target)) {
        return false;
    }
    if (settings->verdict_url != NULL) {
        load->verdict = malloc(sizeof(*load->verdict));
        if (load->verdict == NULL || !verdict_open(load->verdict, settings->verdict_url)) {
            return false;
        }
    }
    load->streams = calloc(settings->connections, sizeof(*load->streams));
    load->senders = calloc(settings->threads, sizeof(*load->senders));
    return load->streams != NULL && load->senders != NULL && open_streams(load);
}

/* When the run is to be over at the latest, late acknowledgements included. */
static int64_t deadline_of(const struct settings *settings, int64_t start_ns)
{
    int64_t sending_ns = settings->duration_ns;
    if (settings->count > 0 && settings->rate > 0) {
        sending_ns = (int64_t)((double)settings->count * 1e9 / (double)settings->rate);
    } else if (settings->count > 0) {
        return INT64_MAX; /* as long as something moves */
    }
    return start_ns + sending_ns + settings->drain_ns;
}

static bool run_senders(struct load *load)
{
    const struct settings *settings = load->settings;
    load->start_ns = now_monotonic_ns();
    load->deadline_ns = deadline_of(settings, load->start_ns);
    int64_t realtime_offset_ns = clock_realtime_ns(clock_system()) - load->start_ns;
    if (load->verdict != NULL && !verdict_start(load->verdict)) {
        return false;
    }
    uint32_t started = 0;
    while (started < settings->threads) {
        struct sender *sender = &load->senders[started];
        sender->start_ns = load->start_ns;
        sender->deadline_ns = load->deadline_ns;
        sender->patience_ns = settings->drain_ns;
        sender->progress_ns = load->start_ns;
        sender->realtime_offset_ns = realtime_offset_ns;
        if (thread_start(&sender->thread, "load-sender", sender_run, sender) != STATUS_OK) {
            atomic_store_explicit(&stop_asked, true, memory_order_relaxed);
            break;
        }
        started++;
    }
    for (uint32_t i = 0; i < started; i++) {
        thread_join(load->senders[i].thread);
    }
    if (load->verdict != NULL) {
        verdict_finish(load->verdict, now_monotonic_ns() + settings->drain_ns);
    }
    return started == settings->threads;
}

static double seconds_since(int64_t start_ns, int64_t end_ns)
{
    return end_ns > start_ns ? (double)(end_ns - start_ns) / 1e9 : 0;
}

static void add_streams(struct summary *summary, const struct load *load)
{
    int64_t sent_ns = load->start_ns;
    int64_t answer_ns = load->start_ns;
    for (uint32_t i = 0; i < load->stream_count; i++) {
        const struct stream *stream = &load->streams[i];
        bool whole = stream->send_at == stream->send_end && stream->made == stream->planned;
        summary->sent += stream->made;
        summary->acknowledged += stream->acknowledged;
        summary->durable += stream->durable;
        summary->bytes += stream->bytes_sent;
        summary->complete = summary->complete && whole && stream->done && !stream->failed;
        sent_ns = stream->last_sent_ns > sent_ns ? stream->last_sent_ns : sent_ns;
        answer_ns = stream->last_answer_ns > answer_ns ? stream->last_answer_ns : answer_ns;
    }
    summary->send_seconds = seconds_since(load->start_ns, sent_ns);
    summary->seconds = seconds_since(load->start_ns, answer_ns);
    if (load->settings->no_acks) {
        summary->seconds = summary->send_seconds;
    }
}

static int tell(const struct load *load, bool complete)
{
    const struct settings *settings = load->settings;
    static struct histogram latency;
    struct summary summary = {
        .settings = settings,
        .planned = settings->count,
        .complete = complete,
        .latency = &latency,
        .verdict = load->verdict,
    };
    for (uint32_t i = 0; i < settings->threads; i++) {
        histogram_merge(&latency, &load->senders[i].latency);
        summary.complete = summary.complete && !load->senders[i].timed_out;
    }
    add_streams(&summary, load);
    if (load->verdict != NULL) {
        uint32_t expected = atomic_load_explicit(&load->verdict->expected, memory_order_relaxed);
        summary.complete =
            summary.complete && !load->verdict->failed && load->verdict->seen == expected;
    }
    if (settings->wait_evaluated && summary.complete) {
        summary.complete =
            target_wait_evaluated(&load->target, now_monotonic_ns() + settings->drain_ns);
        summary.evaluated_seconds = seconds_since(load->start_ns, now_monotonic_ns());
    }
    summary.cpu_seconds = cpu_seconds();
    settings->json ? summary_print_json(&summary) : summary_print(&summary);
    return summary.complete ? EXIT_OK : EXIT_FAILED;
}

static int run_load(const struct settings *settings)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct load load = {.settings = settings};
    int code = EXIT_FAILED;
    if (open_load(&load)) {
        bool complete = run_senders(&load);
        code = tell(&load, complete);
    }
    close_load(&load);
    return code;
}

int main(int argc, char **argv)
{
    static struct settings settings;
    enum settings_result result = settings_read(&settings, argc, argv);
    if (result != SETTINGS_RUN) {
        return result == SETTINGS_DONE ? EXIT_OK : EXIT_USAGE;
    }
    if (settings.seed == 0) {
        settings.seed = (uint64_t)clock_realtime_ns(clock_system()) % 1000000000000;
    }
    if (settings.print_agreements) {
        print_agreements(&settings);
        return EXIT_OK;
    }
    return settings.nothing_sent ? run_null(&settings) : run_load(&settings);
}
