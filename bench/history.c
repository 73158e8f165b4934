/* bench-history [--series N] [--days N] [--every S] [--memory BYTES --data DIR]: what a long history leaves in memory. Each of N
 * services has a request every S seconds for so many days; one in a thousand is bad. Prints
 *
 *   bytes_per_series     what the resident memory grew by
 *   stored_per_series    bytes of rows in the row store
 *   updates_per_second   of CPU time, of judging that history (figures are published every minute of it)
 *   leaving_us           per series and hour: what it takes afterwards to let the oldest hours leave
 *                        all windows, a minute at a time, without new events; CPU time
 *
 * With --data old rows that take more than --memory bytes go to DIR/rollup, as in the daemon.
 */
#include "crowd.h"
#include "store/row_file.h"

#define NOW_NS INT64_C(1780000000000000000)

struct run {
    struct evaluator *evaluator;
    struct batch batch;
    int64_t published_ns;
    uint64_t events;
};

/* All services ask once; the batches are judged as of a second after. */
static void ask(struct run *run, uint32_t series, int64_t ns, uint64_t *random)
{
    struct batch *batch = &run->batch;
    for (uint32_t first = 0; first < series; first += BATCH_EVENTS_MAX) {
        uint32_t rest = series - first;
        batch->event_count = rest < BATCH_EVENTS_MAX ? rest : BATCH_EVENTS_MAX;
        batch->position = run->events;
        batch->received_ns = ns + NS_PER_SECOND;
        for (uint32_t i = 0; i < batch->event_count; i++) {
            batch->events[i] = (struct event){
                .service = 1 + first + i,
                .total = 1,
                .latency_ns = LATENCY_NONE,
                .status = random_next(random) % 1000 == 0 ? 500 : 200,
                .kind = EVENT_REQUEST,
                .occurred_ns = ns + (int64_t)(random_next(random) % NS_PER_SECOND),
            };
        }
        must(evaluator_apply(run->evaluator, batch, ns + NS_PER_SECOND), "evaluator_apply");
        run->events += batch->event_count;
    }
    if (ns - run->published_ns >= NS_PER_MINUTE) {
        evaluator_publish(run->evaluator);
        run->published_ns = ns;
    }
}

/* Of this process: others may take the machine meanwhile. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double let_leave(struct run *run, int64_t now_ns, uint32_t minutes)
{
    double start = cpu_seconds();
    for (uint32_t i = 1; i <= minutes; i++) {
        evaluator_advance(run->evaluator, now_ns + i * NS_PER_MINUTE);
    }
    return cpu_seconds() - start;
}

int main(int argc, char **argv)
{
    uint32_t series = (uint32_t)option_number(argc, argv, "--series", 200);
    int64_t days = (int64_t)option_number(argc, argv, "--days", 31);
    int64_t every_s = (int64_t)option_number(argc, argv, "--every", 60);
    struct crowd crowd;
    crowd_init(&crowd, series);
    static struct run run = {.published_ns = NOW_NS};
    must(batch_init(&run.batch), "batch_init");
    memset(run.batch.events, 1, BATCH_EVENTS_MAX * sizeof(*run.batch.events));
    uint64_t bytes_before = resident_bytes();
    struct scoreboard scoreboard;
    must(scoreboard_init(&scoreboard, series), "scoreboard_init");
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
    struct row_folder folder;
    const char *data = option_text(argc, argv, "--data");
    char message[STORE_MESSAGE_SIZE];
    if (data != NULL) {
        must(row_folder_make(&folder, data, message), "rollup");
        settings.rows = row_file_source(&folder, option_number(argc, argv, "--memory", 64u << 20));
    }
    must(evaluator_open(&run.evaluator, &settings), "evaluator_open");
    uint64_t random = 1;
    int64_t end_ns = NOW_NS + days * NS_PER_DAY;
    double start = cpu_seconds();
    for (int64_t ns = NOW_NS; ns < end_ns; ns += every_s * NS_PER_SECOND) {
        ask(&run, series, ns, &random);
    }
    double spent = cpu_seconds() - start;
    double bytes = (double)(resident_bytes() - bytes_before);
    double stored = (double)evaluator_row_bytes(run.evaluator).store;
    const uint32_t hours = 24;
    double leaving = let_leave(&run, end_ns, hours * 60);
    printf("{\"series\":%u,\"days\":%lld,\"every_s\":%lld,\"bytes_per_series\":%.0f,"
           "\"stored_per_series\":%.0f,\"updates_per_second\":%.0f,\"leaving_us\":%.2f}\n",
           series, (long long)days, (long long)every_s, bytes / series, stored / series,
           (double)run.events / spent, leaving * 1e6 / series / hours);
    evaluator_close(run.evaluator);
    scoreboard_fini(&scoreboard);
    batch_fini(&run.batch);
    crowd_fini(&crowd);
    return 0;
}
