#include "load/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/thread.h"

/* Between two polls. Shorter makes the bound tighter and the load of polling heavier: at 0.5 ms an
 * engine on two cores spends a quarter of one on answering. */
#define PAUSE_NS 2000000L

/* The marker's failures as published. False: no such line. */
static bool find_count(const char *metrics, uint64_t *count_out)
{
    static const char name[] = "\nnines_events_total{";
    for (const char *line = strstr(metrics, name); line != NULL; line = strstr(line + 1, name)) {
        const char *end = strchr(line + 1, '\n');
        const char *brace = strchr(line, '}');
        const char *agreement = strstr(line, "agreement=\"" VERDICT_AGREEMENT "\"");
        const char *class = strstr(line, "class=\"bad\"");
        if (end == NULL || brace == NULL || agreement == NULL) {
            return false;
        }
        if (agreement < brace && class != NULL && class < brace) {
            *count_out = (uint64_t)strtod(brace + 1, NULL);
            return true;
        }
    }
    return false;
}

static bool poll_count(struct verdict *verdict, uint64_t *count_out)
{
    return http_client_get(&verdict->client, "/metrics") && verdict->client.status == 200 &&
           find_count(verdict->client.body, count_out);
}

bool verdict_open(struct verdict *verdict, const char *url)
{
    memset(verdict, 0, sizeof(*verdict));
    if (!http_client_init(&verdict->client, url)) {
        fprintf(stderr, "nines-load: --verdict-latency: %s is not http://HOST:PORT\n", url);
        return false;
    }
    if (!poll_count(verdict, &verdict->bad_before)) {
        fprintf(stderr,
                "nines-load: %s/metrics has no nines_events_total of the agreement %s; give "
                "ninesd the agreements of nines-load --print-agreements\n",
                url, VERDICT_AGREEMENT);
        return false;
    }
    return true;
}

void verdict_close(struct verdict *verdict)
{
    http_client_fini(&verdict->client);
}

bool verdict_expect(struct verdict *verdict, int64_t intended_ns)
{
    uint32_t expected = atomic_load_explicit(&verdict->expected, memory_order_relaxed);
    if (expected == LOAD_MARKERS_MAX) {
        return false;
    }
    verdict->intended_ns[expected] = intended_ns;
    /* [M] the poller may now read intended_ns[expected] */
    atomic_store_explicit(&verdict->expected, expected + 1, memory_order_release);
    return true;
}

static void note_seen(struct verdict *verdict, uint64_t count, int64_t now_ns)
{
    /* [M] */
    uint32_t expected = atomic_load_explicit(&verdict->expected, memory_order_acquire);
    while (verdict->seen < expected && verdict->seen < count - verdict->bad_before) {
        histogram_add(&verdict->latency, now_ns - verdict->intended_ns[verdict->seen], 1);
        verdict->seen++;
    }
}

static bool is_over(struct verdict *verdict, int64_t now_ns)
{
    /* [S] deadline_ns may be read */
    if (!atomic_load_explicit(&verdict->stopping, memory_order_acquire)) {
        return false;
    }
    return now_ns > verdict->deadline_ns ||
           verdict->seen == atomic_load_explicit(&verdict->expected, memory_order_relaxed);
}

static void *poll_run(void *argument)
{
    struct verdict *verdict = argument;
    int64_t now_ns = clock_monotonic_ns(clock_system());
    while (!is_over(verdict, now_ns)) {
        int64_t began_ns = now_ns;
        uint64_t count;
        if (!poll_count(verdict, &count) || count < verdict->bad_before) {
            fprintf(stderr, "nines-load: /metrics stopped answering as before\n");
            verdict->failed = true;
            return NULL;
        }
        now_ns = clock_monotonic_ns(clock_system());
        note_seen(verdict, count, now_ns);
        histogram_add(&verdict->poll, now_ns - began_ns, 1);
        struct timespec pause = {.tv_nsec = PAUSE_NS};
        nanosleep(&pause, NULL);
        now_ns = clock_monotonic_ns(clock_system());
    }
    return NULL;
}

bool verdict_start(struct verdict *verdict)
{
    return thread_start(&verdict->thread, "load-verdict", poll_run, verdict) == STATUS_OK;
}

void verdict_finish(struct verdict *verdict, int64_t deadline_ns)
{
    verdict->deadline_ns = deadline_ns;
    /* [S] the poller may now read deadline_ns */
    atomic_store_explicit(&verdict->stopping, true, memory_order_release);
    thread_join(verdict->thread);
}
