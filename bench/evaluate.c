/* bench-evaluate [--series N] [--seconds N] [--latency 1]: the evaluator alone, on one core: batches of requests
 * to N services, each with one agreement with one objective (99.9 % over 30 days, default alerts),
 * published to a scoreboard as in the daemon. With --latency 1 every request brings a latency, spread
 * over three decades, of which percentiles are kept. Time passes by one microsecond an event. One event is
 * one update.
 *
 * Time is CPU time. As in a worker that is never idle, figures are published after a pause. Only
 * evaluator_apply and evaluator_publish are timed; between two calls the events get their new times. The first
 * requests to each service (which make the evaluator find out whom they concern) are timed apart:
 * first_seconds. bytes_per_series is what the resident memory grew by, scoreboard included.
 */
#include "crowd.h"

#define BATCHES  16
#define EVENT_NS 1000
#define NOW_NS   INT64_C(1780000000000000000)

/* 1 ms times two random factors: most are short, some are long. */
static uint64_t some_latency(uint64_t *random)
{
    uint64_t r = random_next(random);
    return (1000 + (r & 1023)) *
           (1000 + (((r >> 16 & 255) * (r >> 32 & 255) * (r >> 40 & 255)) >> 12));
}

static void make_batch(struct batch *batch, uint32_t series, bool latency, uint64_t *random)
{
    must(batch_init(batch), "batch_init");
    for (uint32_t i = 0; i < BATCH_EVENTS_MAX; i++) {
        uint64_t r = random_next(random);
        batch->events[i] = (struct event){
            .service = 1 + (uint32_t)(((r >> 32) * series) >> 32), /* names are 1 .. series */
            .total = 1,
            .latency_ns = latency ? some_latency(random) : LATENCY_NONE,
            .status = (r & 1023) == 0 ? 500 : 200,
            .kind = EVENT_REQUEST,
        };
    }
    batch->event_count = BATCH_EVENTS_MAX;
}

static void place(struct batch *batch, int64_t now_ns, uint64_t position)
{
    batch->position = position;
    batch->received_ns = now_ns;
    for (uint32_t i = 0; i < BATCH_EVENTS_MAX; i++) {
        batch->events[i].occurred_ns = now_ns - (BATCH_EVENTS_MAX - i) * EVENT_NS;
    }
}

struct run {
    struct evaluator *evaluator;
    double published;
    int64_t now_ns;
    uint64_t events;
    double spent;
};

static void apply(struct run *run, struct batch *batch)
{
    run->now_ns += BATCH_EVENTS_MAX * EVENT_NS;
    place(batch, run->now_ns, run->events);
    double start = seconds_used();
    must(evaluator_apply(run->evaluator, batch, run->now_ns), "evaluator_apply");
    double end = seconds_used();
    double since = run->spent + end - start - run->published;
    if (since * 1e9 >= (double)evaluator_publish_pause_ns(run->evaluator)) {
        evaluator_publish(run->evaluator);
        end = seconds_used();
        run->published = run->spent + end - start;
    }
    run->spent += end - start;
    run->events += BATCH_EVENTS_MAX;
}

int main(int argc, char **argv)
{
    uint32_t series = (uint32_t)option_number(argc, argv, "--series", 3);
    bool latency = option_number(argc, argv, "--latency", 0) != 0;
    double seconds = (double)option_number(argc, argv, "--seconds", 2);
    struct crowd crowd;
    crowd_init(&crowd, series);
    static struct batch batches[BATCHES];
    uint64_t random = 1;
    for (uint32_t i = 0; i < BATCHES; i++) {
        make_batch(&batches[i], series, latency, &random);
    }
    uint64_t bytes_before = resident_bytes();
    struct scoreboard scoreboard;
    must(scoreboard_init(&scoreboard, series), "scoreboard_init");
    struct evaluator *evaluator;
    struct evaluator_settings settings = {
        .set = &crowd.set,
        .names = crowd.names,
        .history = {.scan = no_history},
        .shard_count = 1,
        .now_ns = NOW_NS,
        .max_future_ns = INT64_MAX,
        .retention_ns = INT64_MAX,
        .publish = publish,
        .publish_context = &scoreboard,
    };
    must(evaluator_open(&evaluator, &settings), "evaluator_open");
    struct run run = {.evaluator = evaluator, .now_ns = NOW_NS};
    for (uint32_t i = 0; i < BATCHES; i++) {
        apply(&run, &batches[i]);
    }
    double first = run.spent;
    uint64_t first_events = run.events;
    for (uint64_t i = 0; run.spent - first < seconds; i++) {
        apply(&run, &batches[i % BATCHES]);
    }
    printf("{\"series\":%u,\"updates_per_second\":%.0f,\"first_seconds\":%.6f,"
           "\"bytes_per_series\":%.0f}\n",
           series, (double)(run.events - first_events) / (run.spent - first), first,
           (double)(resident_bytes() - bytes_before) / series);
    evaluator_close(evaluator);
    scoreboard_fini(&scoreboard);
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch_fini(&batches[i]);
    }
    crowd_fini(&crowd);
    return 0;
}
