/* The commit thread between a ring thread, two posting threads and one that asks: everything that
 * was handed in is durable once, in one order, and answered once. A reader of the totals looks on.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/event_count.h"
#include "base/panic.h"
#include "base/thread.h"
#include "domain/intake.h"
#include "ingest/batch_pool.h"
#include "ingest/committer.h"
#include "support/fake_clock.h"
#include "support/fake_log.h"

#define RING_BATCHES 600
#define POSTERS      2
#define POSTS        300
#define QUERIES      300
#define EVENTS       10
#define HASH_KEY     5

static struct committer *committer;
static struct name_table *names;
static struct fake_clock clock_by_hand;
static struct fake_log fake_log;

/* The sink: works at once, on the commit thread. */
static uint64_t sequence;
static _Atomic uint64_t done;
static uint64_t position_judged;
static _Atomic uint64_t answered;

static uint64_t sink_batch(void *unused, const struct batch *batch, int64_t now_ns)
{
    (void)unused;
    (void)now_ns;
    assert(batch->position == position_judged);
    position_judged += batch->event_count;
    sequence++;
    atomic_store_explicit(&done, sequence, memory_order_release);
    return sequence;
}

static void sink_query(void *unused, void *query, int64_t now_ns)
{
    (void)unused;
    (void)now_ns;
    _Atomic uint64_t *position = query;
    atomic_store_explicit(position, position_judged + 1, memory_order_release);
    atomic_fetch_add_explicit(&answered, 1, memory_order_relaxed);
    sequence++;
}

static void sink_tick(void *unused, int64_t now_ns)
{
    (void)unused;
    (void)now_ns;
}

static int64_t sink_due(void *unused)
{
    (void)unused;
    return INT64_MAX;
}

/* The ring thread sleeps until something was committed. */
static struct event_count ring_wake;

static void committed(void *unused)
{
    (void)unused;
    event_count_wake(&ring_wake);
}

static void fill(struct batch *batch, uint32_t source, uint32_t number)
{
    static const struct match_rules no_rules = {0};
    for (uint32_t i = 0; i < EVENTS; i++) {
        char id[32];
        char service[32];
        struct record record;
        record_init(&record);
        /* Every third id was sent before; every sixteenth batch brings a new name. */
        uint32_t own = i % 3 == 2 && number > 0 ? number - 1 : number;
        snprintf(id, sizeof(id), "%u-%u-%u", source, own, i % 3 == 2 ? 0 : i);
        snprintf(service, sizeof(service), "web-%u", source);
        record.id = text_from(id);
        record.service = text_from(service);
        char customer[32];
        snprintf(customer, sizeof(customer), "customer-%u", number / 16);
        record.customer = text_from(customer);
        enum status status = intake_record(batch, &record, names, &no_rules, HASH_KEY, 1);
        assert(status == STATUS_OK);
        batch->received++;
    }
    batch->received_ns = clock_realtime_ns(&clock_by_hand.clock);
}

static uint32_t fetch(struct batch_pool *pool)
{
    uint32_t fetched = 0;
    struct batch *batch;
    while ((batch = committer_fetch(committer)) != NULL) {
        if (batch->sequence == 0) {
            batch_pool_give(pool, batch);
        } else {
            batch_pool_committed(pool, batch);
        }
        fetched++;
    }
    (void)batch_pool_reclaim(pool, atomic_load_explicit(&done, memory_order_acquire));
    return fetched;
}

static void *run_ring(void *unused)
{
    struct batch_pool pool;
    enum status status = batch_pool_init(&pool, 8);
    assert(status == STATUS_OK);
    uint32_t submitted = 0;
    uint32_t fetched = 0;
    while (fetched < RING_BATCHES) {
        uint32_t key = event_count_prepare(&ring_wake);
        fetched += fetch(&pool);
        struct batch *batch = submitted < RING_BATCHES ? batch_pool_take(&pool) : NULL;
        if (batch == NULL && fetched < RING_BATCHES) {
            event_count_wait(&ring_wake, key, -1);
            continue;
        }
        event_count_cancel(&ring_wake);
        if (batch != NULL) {
            fill(batch, 0, submitted++);
            status = committer_submit(committer, batch);
            assert(status == STATUS_OK);
        }
    }
    assert(committer_idle(committer));
    batch_pool_fini(&pool);
    return unused;
}

struct posting {
    struct commit_post commit;
    uint32_t source;
    struct event_count event_count;
    _Atomic uint32_t answers; /* release / acquire: the batch is the poster's again */
};

static void post_done(struct commit_post *commit, enum status status)
{
    struct posting *posting = (struct posting *)commit;
    assert(status == STATUS_OK);
    atomic_fetch_add_explicit(&posting->answers, 1, memory_order_release);
    event_count_wake(&posting->event_count);
}

static void *run_poster(void *argument)
{
    struct posting *posting = argument;
    posting->commit.batch = batch_new();
    posting->commit.done = post_done;
    for (uint32_t i = 0; i < POSTS; i++) {
        batch_reset(posting->commit.batch);
        fill(posting->commit.batch, posting->source, i);
        enum status status = committer_post(committer, &posting->commit);
        assert(status == STATUS_OK);
        for (;;) {
            uint32_t key = event_count_prepare(&posting->event_count);
            if (atomic_load_explicit(&posting->answers, memory_order_acquire) == i + 1) {
                event_count_cancel(&posting->event_count);
                break;
            }
            event_count_wait(&posting->event_count, key, -1);
        }
    }
    batch_delete(posting->commit.batch);
    return NULL;
}

static void *run_asker(void *unused)
{
    static _Atomic uint64_t positions[QUERIES];
    for (uint32_t i = 0; i < QUERIES; i++) {
        uint64_t durable = committer_position(committer);
        enum status status = committer_query(committer, &positions[i]);
        assert(status == STATUS_OK);
        uint64_t seen;
        while ((seen = atomic_load_explicit(&positions[i], memory_order_acquire)) == 0) {
            struct store_counters counters;
            struct commit_histogram histogram;
            committer_counters(committer, &counters);
            committer_histogram(committer, &histogram);
            (void)committer_ids_remembered(committer);
        }
        assert(seen > durable); /* all that was durable before the question is in the answer */
        committer_count_shed(committer, SHED_OVERLOAD, 1);
    }
    return unused;
}

static void *run_committer(void *unused)
{
    committer_run(committer);
    return unused;
}

static void start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument)
{
    enum status status = thread_start(thread, name, run, argument);
    assert(status == STATUS_OK);
}

static void open_line(struct dedupe *dedupe)
{
    fake_clock_init(&clock_by_hand, 1780272000000000000);
    enum status status = name_table_open(&names, 1000, HASH_KEY);
    assert(status == STATUS_OK);
    status = dedupe_init(dedupe, 1 << 22, DEDUPE_HORIZON_NS);
    assert(status == STATUS_OK);
    fake_log_init(&fake_log, names);
    struct committer_settings settings = {
        .log = fake_log_port(&fake_log),
        .names = names,
        .sink = {sink_batch, sink_query, sink_tick, sink_due, NULL},
        .clock = &clock_by_hand.clock,
        .dedupe = dedupe,
        .committed = committed,
    };
    status = committer_open(&committer, &settings);
    assert(status == STATUS_OK);
}

static void expect_conserved(void)
{
    struct store_counters counters;
    committer_counters(committer, &counters);
    uint64_t sent = (RING_BATCHES + POSTERS * POSTS) * EVENTS;
    assert(counters.received == sent + QUERIES);
    assert(counters.shed[SHED_OVERLOAD] == QUERIES);
    assert(counters.stored + counters.duplicate == sent);
    assert(counters.duplicate > 0);
    assert(counters.stored == fake_log.position_next);
    assert(atomic_load(&answered) == QUERIES);
}

int main(void)
{
    static struct posting postings[POSTERS];
    pthread_t ring;
    pthread_t asker;
    pthread_t commit;
    pthread_t posters[POSTERS];
    struct dedupe dedupe;
    open_line(&dedupe);
    start(&commit, "commit", run_committer, NULL);
    start(&ring, "ring", run_ring, NULL);
    start(&asker, "asker", run_asker, NULL);
    for (uint32_t i = 0; i < POSTERS; i++) {
        postings[i].source = i + 1;
        start(&posters[i], "poster", run_poster, &postings[i]);
    }
    thread_join(ring);
    thread_join(asker);
    for (uint32_t i = 0; i < POSTERS; i++) {
        thread_join(posters[i]);
    }
    committer_stop(committer);
    thread_join(commit);
    expect_conserved();
    printf("%u commits of %llu events\n", fake_log.commits,
           (unsigned long long)fake_log.position_next);
    committer_close(committer);
    fake_log_fini(&fake_log);
    dedupe_fini(&dedupe);
    name_table_close(names);
    return EXIT_SUCCESS;
}
