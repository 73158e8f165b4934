/* The whole engine on fakes, from one seed: single thread, virtual time, every choice from one
 * generator, so that the same seed gives the same trace.
 *
 *   senders ─► fake net ─► receiver ─┐
 *           └► bodies ──► poster ────┴► committer ─► the log (crashes live here) ─► workers ─►
 * reports
 *
 * A run: random lives of the engine under faults, then the liveness phase (no faults: all drains
 * within bounds), then the reports, then the same reports from restarts with 1 to 4 workers, byte
 * by byte. While a commit runs, senders, ring and workers go on, as they do in threads. After each
 * step the cheap invariants hold, or the run aborts. What is left to judge (the figures, against
 * the oracle) is printed as one JSON object for run.py.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/panic.h"
#include "domain/civil.h"
#include "sim/sim_senders.h"

#define STEPS_PER_LINE    9
#define DRAIN_STEPS_MAX   60000
#define DRAIN_NS_MAX      (10 * NS_PER_SECOND)
#define SNAPSHOTS_MAX     2
#define RESTART_WORKERS   4
#define STOP_STEPS_MAX    20000
#define AFTER_FAILURE_MAX 20

enum ending { ENDING_NONE, ENDING_CRASH, ENDING_FAILURE };

struct simulation {
    uint64_t seed;
    struct random random;
    struct sim_options options;
    struct sim_agreements agreements;
    struct catalog *catalog;
    struct fake_clock clock;
    struct sim_log log;
    struct sim_lines lines;
    struct sim_engine engine;
    struct sim_senders senders;
    struct sim_cases cases;
    struct sim_query query;
    bool faults;
    bool refuses; /* the disk is gone: the engine ends */
    enum ending ending;
    uint64_t trace;
    uint64_t steps;
    uint64_t published[SIM_SERIES_MAX];
    struct text_buffer events;    /* as stored, with their lines */
    struct text_buffer snapshots; /* reports within the run */
    uint32_t snapshot_count;
};

static int64_t now_ns(const struct simulation *simulation)
{
    return clock_realtime_ns(&simulation->clock.clock);
}

static bool chance(struct simulation *simulation, uint32_t percent)
{
    return random_below(&simulation->random, 100) < percent;
}

static void note(struct simulation *simulation, uint64_t what)
{
    uint64_t words[] = {what, simulation->log.position_next, (uint64_t)now_ns(simulation),
                        simulation->engine.runs ? sim_engine_received(&simulation->engine) : 0,
                        simulation->random.state};
    simulation->trace = hash_keyed(words, sizeof(words), simulation->trace);
}

/* The log */

static void count_event(struct simulation *simulation, const struct sim_batch *batch,
                        const struct event *event)
{
    struct sim_cases *cases = &simulation->cases;
    cases->late += event->occurred_ns < batch->received_ns - NS_PER_MINUTE;
    cases->held_back += event->kind == EVENT_REQUEST && event->occurred_ns >= now_ns(simulation);
    cases->without_id += event->fingerprint == 0;
    cases->incident += event->kind == EVENT_INCIDENT;
    cases->state += event->kind == EVENT_STATE;
    if (event->kind == EVENT_MAINTENANCE) {
        struct text extra = {batch->text + event->extra_offset, event->extra_length};
        bool ahead = event_extra_time(extra, EXTRA_START) >= now_ns(simulation);
        cases->maintenance_ahead += ahead;
        cases->maintenance_retroactive += !ahead;
        cases->maintenance_cancelled += event->state == MAINTENANCE_STATE_CANCELLED;
    }
}

static void stored(void *context, const struct sim_batch *batch, uint32_t event_index)
{
    struct simulation *simulation = context;
    const struct event *event = &batch->events[event_index];
    uint32_t number = sim_lines_find(&simulation->lines, &simulation->log, batch, event);
    const struct sim_line *line = &simulation->lines.lines[number];
    struct sim_line *first = &simulation->lines.lines[line->key];
    assert(line->is_good);
    assert(line->sent > 0);
    assert(first->stored_at == SIM_NOT_STORED); /* each id, and each line, at most once */
    first->stored_at = batch->position + event_index;
    count_event(simulation, batch, event);
    text_buffer_format(&simulation->events,
                       "%s{\"position\":%" PRIu64
                       ",\"number\":%u,\"key\":%u,\"received_ns\":%" PRId64 ",\"line\":",
                       simulation->events.length == 0 ? "" : ",\n", first->stored_at, number,
                       line->key, batch->received_ns);
    struct text text = {line->text.bytes, (uint32_t)line->text.length};
    text_buffer_json(&simulation->events, text);
    text_buffer_char(&simulation->events, '}');
}

static void check(struct simulation *simulation);

/* What other threads do while the commit thread is in a commit. */
static void meanwhile(struct simulation *simulation)
{
    uint64_t count = random_below(&simulation->random, simulation->options.during_commit_max + 1);
    for (uint64_t i = 0; i < count; i++) {
        switch (random_below(&simulation->random, 3)) {
        case 0:
            sim_senders_step(&simulation->senders);
            break;
        case 1:
            (void)sim_engine_ring_step(&simulation->engine);
            break;
        default:
            (void)sim_engine_work_step(&simulation->engine,
                                       (uint32_t)random_below(&simulation->random, 4));
        }
        check(simulation);
    }
    fake_clock_advance(&simulation->clock, random_between(&simulation->random, 0, 3 * NS_PER_MS));
}

static enum sim_commit decide(void *context)
{
    struct simulation *simulation = context;
    const struct sim_options *options = &simulation->options;
    if (simulation->refuses) {
        return SIM_COMMIT_LOST;
    }
    meanwhile(simulation);
    if (!simulation->faults) {
        return SIM_COMMIT_WORKS;
    }
    if (chance(simulation, options->full_percent)) {
        simulation->cases.no_space++;
        return SIM_COMMIT_FULL;
    }
    if (chance(simulation, options->crash_before_percent)) {
        simulation->cases.crash_before_commit++;
        simulation->ending = ENDING_CRASH;
        return SIM_COMMIT_LOST;
    }
    if (chance(simulation, options->crash_after_percent)) {
        simulation->cases.crash_after_commit++;
        simulation->ending = ENDING_CRASH;
        return SIM_COMMIT_STORED;
    }
    if (chance(simulation, options->io_percent)) {
        simulation->ending = ENDING_FAILURE;
        bool lost = chance(simulation, 50);
        simulation->cases.io_failure_lost += lost;
        simulation->cases.io_failure_stored += !lost;
        return lost ? SIM_COMMIT_LOST : SIM_COMMIT_STORED;
    }
    return SIM_COMMIT_WORKS;
}

/* Invariants */

static void check_published(struct simulation *simulation)
{
    const struct scoreboard *scoreboard = worker_pool_scoreboard(simulation->engine.workers);
    assert(scoreboard->count <= SIM_SERIES_MAX);
    for (uint32_t i = 0; i < scoreboard->count; i++) {
        struct published published;
        scoreboard_read(scoreboard, i, &published);
        assert(published.position <= simulation->log.position_next); /* shown means durable */
        assert(published.position >= simulation->published[i]);
        assert(published.at_ns <= now_ns(simulation));
        simulation->published[i] = published.position;
    }
}

static void check(struct simulation *simulation)
{
    struct sim_engine *engine = &simulation->engine;
    sim_senders_check(&simulation->senders);
    check_published(simulation);
    (void)sim_engine_in_flight(engine);
    assert(committer_position(engine->committer) <= simulation->log.position_next);
    assert(worker_pool_position(engine->workers) <= committer_position(engine->committer));
    simulation->cases.starved += receiver_is_starved(engine->receiver);
}

/* Lives */

static void begin_life(struct simulation *simulation, uint32_t workers)
{
    memset(simulation->published, 0, sizeof(simulation->published));
    simulation->refuses = false;
    simulation->ending = ENDING_NONE;
    simulation->query.asked = false;
    sim_engine_start(&simulation->engine, workers);
    check(simulation);
}

static void end_life(struct simulation *simulation)
{
    simulation->refuses = true;
    sim_senders_cut_off(&simulation->senders);
    sim_engine_end(&simulation->engine);
    sim_senders_cut_off_bodies(&simulation->senders);
}

static void restart(struct simulation *simulation)
{
    end_life(simulation);
    fake_clock_advance(&simulation->clock, random_between(&simulation->random, 1, NS_PER_SECOND));
    uint32_t workers = chance(simulation, 50) ? simulation->options.workers
                                              : 1 + (uint32_t)random_below(&simulation->random, 4);
    begin_life(simulation, workers);
    note(simulation, 1000 + workers);
}

/* After a failed commit the other threads go on for a moment, and nothing more is acknowledged that
 * is not in the log. */
static void fail(struct simulation *simulation)
{
    uint64_t count = random_below(&simulation->random, AFTER_FAILURE_MAX);
    for (uint64_t i = 0; i < count; i++) {
        if (random_once_in(&simulation->random, 2)) {
            sim_senders_step(&simulation->senders);
        } else {
            (void)sim_engine_ring_step(&simulation->engine);
        }
        check(simulation);
    }
    restart(simulation);
}

/* One round of everything; true when something was done. */
static bool run_idle(struct simulation *simulation)
{
    struct sim_engine *engine = &simulation->engine;
    bool any = sim_engine_ring_step(engine);
    any = sim_engine_commit_step(engine) || any;
    for (uint32_t i = 0; i < worker_pool_size(engine->workers); i++) {
        any = sim_engine_work_step(engine, i) || any;
    }
    check(simulation);
    return any;
}

/* SIGTERM: nothing new is read; what was received is committed and judged. */
static void stop(struct simulation *simulation)
{
    simulation->cases.orderly_stop++;
    struct sim_engine *engine = &simulation->engine;
    simulation->faults = false;
    uint32_t during = simulation->options.during_commit_max;
    simulation->options.during_commit_max = 0;
    for (uint32_t i = 0; run_idle(simulation) || !receiver_is_drained(engine->receiver) ||
                         sim_engine_in_flight(engine) > 0;
         i++) {
        assert(i < STOP_STEPS_MAX);
        sim_engine_touched(engine);
        fake_clock_advance(&simulation->clock, 10 * NS_PER_MS);
        if (i > 100 && sim_engine_in_flight(engine) == 0) {
            break; /* ticks go on */
        }
    }
    simulation->options.during_commit_max = during;
    simulation->faults = true;
    restart(simulation);
}

/* Questions within the run: their answers are judged too. */
static void query_step(struct simulation *simulation)
{
    struct sim_query *query = &simulation->query;
    if (!query->asked) {
        sim_engine_ask(&simulation->engine, query);
        return;
    }
    if (!sim_query_answered(query)) {
        return;
    }
    simulation->cases.query_within_run++;
    assert(query->positions[0] <= simulation->log.position_next);
    query->asked = false;
    if (simulation->snapshot_count < SNAPSHOTS_MAX && chance(simulation, 60)) {
        text_buffer_string(&simulation->snapshots, simulation->snapshot_count++ == 0 ? "" : ",");
        sim_query_write(query, simulation->catalog, &simulation->snapshots);
    }
}

/* The run */

static void line_step(struct simulation *simulation)
{
    struct sim_lines *lines = &simulation->lines;
    struct random *random = &simulation->random;
    if (lines->count > 0 && chance(simulation, simulation->options.repeat_percent)) {
        uint32_t number = (uint32_t)random_below(random, lines->count);
        if (lines->lines[number].is_good && lines->lines[number].has_id) {
            simulation->cases.repeat++;
            sim_senders_give(&simulation->senders, number);
            return;
        }
    }
    if (lines->count < simulation->options.lines) {
        uint32_t number = sim_lines_draw(lines, random, now_ns(simulation));
        simulation->cases.variant += lines->lines[number].key != number;
        sim_senders_give(&simulation->senders, number);
    }
}

static void time_step(struct simulation *simulation)
{
    static const int64_t steps_ns[] = {2 * NS_PER_MS, 50 * NS_PER_MS, 5 * NS_PER_SECOND,
                                       20 * NS_PER_SECOND};
    int64_t step_ns = steps_ns[simulation->options.step_scale];
    fake_clock_advance(&simulation->clock, random_between(&simulation->random, 0, step_ns));
}

static void deaf_step(struct simulation *simulation)
{
    simulation->cases.deaf_client++;
    simulation->senders.was_deaf = true;
    simulation->engine.net.refuses_sends = true;
    (void)sim_engine_ring_step(&simulation->engine);
    simulation->engine.net.refuses_sends = false;
}

static void step(struct simulation *simulation)
{
    struct sim_engine *engine = &simulation->engine;
    uint64_t what = random_below(&simulation->random, 24);
    simulation->steps++;
    if (what < 4) {
        line_step(simulation);
    } else if (what < 13) {
        sim_senders_step(&simulation->senders);
    } else if (what < 16) {
        (void)sim_engine_ring_step(engine);
    } else if (what < 19) {
        (void)sim_engine_commit_step(engine);
    } else if (what < 23) {
        (void)sim_engine_work_step(engine, (uint32_t)random_below(&simulation->random, 4));
    } else if (chance(simulation, simulation->options.deaf_percent)) {
        deaf_step(simulation);
    }
    time_step(simulation);
    check(simulation);
    note(simulation, what);
}

static void fault_step(struct simulation *simulation)
{
    if (simulation->ending == ENDING_CRASH) {
        restart(simulation);
    } else if (simulation->ending == ENDING_FAILURE) {
        fail(simulation);
    } else if (random_below(&simulation->random, 10000) < simulation->options.crash_per_10000) {
        simulation->cases.crash_elsewhere++;
        restart(simulation);
    } else if (random_below(&simulation->random, 10000) < simulation->options.stop_per_10000 ||
               simulation->engine.net.connection_count == FAKE_NET_CONNECTIONS) {
        stop(simulation);
    }
}

static void run_with_faults(struct simulation *simulation)
{
    uint64_t count = (uint64_t)simulation->options.lines * STEPS_PER_LINE;
    for (uint64_t i = 0; i < count; i++) {
        step(simulation);
        if (simulation->query.asked ||
            random_below(&simulation->random, 10000) < simulation->options.query_per_10000) {
            query_step(simulation);
        }
        fault_step(simulation);
    }
}

/* Faults off: everything that was begun ends, soon. */
static void drain(struct simulation *simulation)
{
    struct sim_engine *engine = &simulation->engine;
    if (engine->net.connection_count > FAKE_NET_CONNECTIONS / 2) {
        stop(simulation); /* places for those who come again */
    }
    simulation->faults = false;
    simulation->senders.is_draining = true;
    int64_t until_ns = now_ns(simulation) + DRAIN_NS_MAX;
    for (uint32_t i = 0;
         !sim_senders_done(&simulation->senders) || sim_engine_in_flight(engine) > 0 ||
         worker_pool_position(engine->workers) < simulation->log.position_next;
         i++) {
        if (i == DRAIN_STEPS_MAX || now_ns(simulation) > until_ns) {
            fprintf(stderr,
                    "seed %" PRIu64 ": does not drain: senders done %d, in flight %" PRIu64
                    ", starved %d, storage full %d\n",
                    simulation->seed, sim_senders_done(&simulation->senders),
                    sim_engine_in_flight(engine), receiver_is_starved(engine->receiver),
                    committer_storage_full(engine->committer));
            sim_senders_show(&simulation->senders);
            unreachable("when faults stop, all drains");
        }
        sim_senders_step(&simulation->senders);
        bool any = run_idle(simulation);
        fake_clock_advance(&simulation->clock, any ? 10 * NS_PER_US : NS_PER_MS);
        note(simulation, 2000);
    }
    if (simulation->query.asked) {
        while (!sim_query_answered(&simulation->query)) {
            assert(run_idle(simulation));
        }
        simulation->query.asked = false;
    }
}

/* The end */

static void ask_now(struct simulation *simulation, struct text_buffer *out)
{
    struct sim_query *query = &simulation->query;
    sim_engine_ask(&simulation->engine, query);
    for (uint32_t i = 0; !sim_query_answered(query); i++) {
        assert(i < STOP_STEPS_MAX);
        (void)run_idle(simulation);
    }
    assert(query->positions[0] == simulation->log.position_next);
    sim_query_write(query, simulation->catalog, out);
    query->asked = false;
}

/* The same log gives the same bytes, whoever judges it. */
static void compare_restarts(struct simulation *simulation, const struct text_buffer *final)
{
    int64_t at_ns = simulation->query.query.at_ns;
    for (uint32_t workers = 1; workers <= RESTART_WORKERS; workers++) {
        end_life(simulation);
        fake_clock_set_realtime(&simulation->clock, at_ns); /* asked for the same instant */
        begin_life(simulation, workers);
        struct text_buffer again;
        text_buffer_init(&again);
        ask_now(simulation, &again);
        if (strcmp(again.bytes, final->bytes) != 0) {
            fprintf(stderr, "live:\n%s\nafter a restart with %u workers:\n%s\n", final->bytes,
                    workers, again.bytes);
            unreachable("same log, same figures");
        }
        text_buffer_fini(&again);
    }
}

static void check_lines(const struct simulation *simulation)
{
    uint64_t keys_stored = 0;
    for (uint32_t i = 0; i < simulation->lines.count; i++) {
        const struct sim_line *line = &simulation->lines.lines[i];
        const struct sim_line *first = &simulation->lines.lines[line->key];
        keys_stored += line->stored_at != SIM_NOT_STORED;
        assert(!line->acknowledged || first->stored_at != SIM_NOT_STORED);
    }
    assert(keys_stored == simulation->log.position_next);
}

static void write_acknowledged(const struct simulation *simulation)
{
    const char *comma = "";
    printf("\"acknowledged\":[");
    for (uint32_t i = 0; i < simulation->lines.count; i++) {
        if (simulation->lines.lines[i].acknowledged) {
            printf("%s{\"number\":%u,\"key\":%u}", comma, i, simulation->lines.lines[i].key);
            comma = ",";
        }
    }
    printf("],\n");
}

static void write_cases(const struct simulation *simulation)
{
    const char *comma = "";
    printf("\"cases\":{");
#define X(name)                                                                                    \
    printf("%s\"" #name "\":%" PRIu64, comma, simulation->cases.name);                             \
    comma = ",";
    SIM_CASES(X)
#undef X
    printf("},\n");
}

static const char *or_nothing(const struct text_buffer *buffer)
{
    return buffer->bytes == NULL ? "" : buffer->bytes;
}

static void print(const struct simulation *simulation, const struct text_buffer *final)
{
    struct text_buffer text;
    text_buffer_init(&text);
    printf("{\"seed\":%" PRIu64 ",\n\"options\":", simulation->seed);
    sim_options_write(&simulation->options, &text);
    printf("%s,\n\"steps\":%" PRIu64 ",\n\"trace\":\"%016" PRIx64 "\",\n\"agreements\":",
           text.bytes, simulation->steps, simulation->trace);
    text_buffer_clear(&text);
    sim_agreements_list(&simulation->agreements, &text);
    printf("%s,\n\"events\":[%s],\n", text.bytes, or_nothing(&simulation->events));
    write_acknowledged(simulation);
    write_cases(simulation);
    printf("\"snapshots\":[%s],\n\"final\":%s}\n", or_nothing(&simulation->snapshots),
           final->bytes);
    text_buffer_fini(&text);
}

static void load_catalog(struct simulation *simulation)
{
    struct text_buffer yaml;
    struct text_buffer errors;
    text_buffer_init(&yaml);
    text_buffer_init(&errors);
    sim_agreements_yaml(&simulation->agreements, &yaml);
    struct text text = {yaml.bytes, (uint32_t)yaml.length};
    enum status status =
        catalog_load_text(&simulation->catalog, "sim.yaml", text, &errors, &errors);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n%s\n", yaml.bytes, or_nothing(&errors));
    }
    assert(status == STATUS_OK);
    text_buffer_fini(&yaml);
    text_buffer_fini(&errors);
}

static void set_up(struct simulation *simulation, uint64_t seed)
{
    static const char *const bases[] = {"2026-06-30T21:30:00Z", "2026-12-31T23:40:00Z",
                                        "2028-02-29T12:00:00Z", "2026-06-07T22:00:00Z"};
    simulation->seed = seed;
    simulation->random = (struct random){seed};
    simulation->trace = seed;
    struct random *random = &simulation->random;
    sim_options_draw(&simulation->options, random);
    int64_t began_ns;
    bool is_time = civil_parse_rfc3339(text_from(bases[random_below(random, 4)]), &began_ns);
    assert(is_time);
    fake_clock_init(&simulation->clock, began_ns + random_between(random, 0, NS_PER_HOUR));
    sim_agreements_draw(&simulation->agreements, &simulation->options, random, now_ns(simulation));
    load_catalog(simulation);
    sim_log_init(&simulation->log);
    simulation->log.decide = decide;
    simulation->log.stored = stored;
    simulation->log.context = simulation;
    sim_lines_init(&simulation->lines, &simulation->options, simulation->agreements.has_latency);
    text_buffer_init(&simulation->events);
    text_buffer_init(&simulation->snapshots);
    simulation->engine.log = &simulation->log;
    simulation->engine.clock = &simulation->clock;
    simulation->engine.catalog = simulation->catalog;
    simulation->engine.hash_key = random_next(random) | 1;
    simulation->engine.ring_batches = simulation->options.ring_batches;
    simulation->engine.post_batches = simulation->options.post_batches;
    simulation->senders.options = &simulation->options;
    simulation->senders.random = random;
    simulation->senders.engine = &simulation->engine;
    simulation->senders.lines = &simulation->lines;
    simulation->senders.cases = &simulation->cases;
    sim_senders_init(&simulation->senders);
}

static void tear_down(struct simulation *simulation)
{
    sim_senders_fini(&simulation->senders);
    sim_lines_fini(&simulation->lines);
    sim_log_fini(&simulation->log);
    text_buffer_fini(&simulation->events);
    text_buffer_fini(&simulation->snapshots);
    catalog_free(simulation->catalog);
    sim_agreements_fini(&simulation->agreements);
}

static void simulate(struct simulation *simulation, uint64_t seed)
{
    set_up(simulation, seed);
    simulation->faults = true;
    begin_life(simulation, simulation->options.workers);
    run_with_faults(simulation);
    drain(simulation);
    assert(sim_engine_in_flight(&simulation->engine) == 0);
    check_lines(simulation);
    /* What was held back comes to its time. */
    fake_clock_advance(&simulation->clock,
                       SIM_MAX_FUTURE_NS + random_between(&simulation->random, 0, NS_PER_HOUR));
    struct text_buffer final;
    text_buffer_init(&final);
    ask_now(simulation, &final);
    compare_restarts(simulation, &final);
    simulation->trace = hash_keyed(final.bytes, final.length, simulation->trace);
    simulation->cases.duplicate = simulation->log.counters.duplicate;
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        simulation->cases.rejected += simulation->log.counters.rejected[i];
    }
    simulation->cases.truncated = simulation->log.counters.rejected[REJECT_TRUNCATED];
    end_life(simulation);
    print(simulation, &final);
    text_buffer_fini(&final);
    tear_down(simulation);
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 3 || strcmp(arguments[1], "--seed") != 0) {
        fprintf(stderr, "usage: sim_simulate --seed N\n");
        return 2;
    }
    struct simulation *simulation = calloc(1, sizeof(*simulation));
    assert(simulation != NULL);
    simulate(simulation, strtoull(arguments[2], NULL, 10));
    free(simulation);
    return 0;
}
