/* A commit line without threads: fake log, fake clock, a committer that the test steps, and a sink
 * that remembers what reached the workers. */
#ifndef UNIT_INGEST_LINE_H
#define UNIT_INGEST_LINE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/shared.h"
#include "domain/agreement.h"
#include "domain/civil.h"
#include "domain/intake.h"
#include "ingest/committer.h"
#include "support/fake_clock.h"
#include "support/fake_log.h"

#define LINE_NOW_NS   INT64_C(1780272000000000000)
#define LINE_HASH_KEY 11
#define LINE_SEEN_MAX 512

struct line {
    struct agreement_set set; /* no rules */
    struct shared agreements;
    struct fake_clock clock;
    struct fake_log log;
    struct name_table *names;
    struct dedupe dedupe;
    struct committer *committer;
    /* What the sink got, in order: batches by their position, queries by their pointer, ticks. */
    struct {
        char kind; /* b, q, t */
        uint64_t position;
        void *query;
    } seen[LINE_SEEN_MAX];
    uint32_t seen_count;
    uint64_t sequence; /* handed out */
    uint64_t done;     /* as the workers say; the test moves it */
    int64_t due_ns;
    uint32_t committed_calls;
};

static inline uint64_t line_sink_batch(void *context, const struct batch *batch, int64_t now_ns)
{
    struct line *line = context;
    (void)now_ns;
    cr_assert_lt(line->seen_count, LINE_SEEN_MAX);
    cr_assert_leq(batch->position + batch->event_count, line->log.position_next,
                  "only what is durable reaches the workers");
    line->seen[line->seen_count].kind = 'b';
    line->seen[line->seen_count++].position = batch->position;
    return ++line->sequence;
}

static inline void line_sink_query(void *context, void *query, int64_t now_ns)
{
    struct line *line = context;
    (void)now_ns;
    line->seen[line->seen_count].kind = 'q';
    line->seen[line->seen_count].position = committer_position(line->committer);
    line->seen[line->seen_count++].query = query;
    line->sequence++;
}

static inline void line_sink_tick(void *context, int64_t now_ns)
{
    struct line *line = context;
    (void)now_ns;
    line->seen[line->seen_count++].kind = 't';
    line->due_ns = INT64_MAX;
}

static inline int64_t line_sink_due(void *context)
{
    return ((struct line *)context)->due_ns;
}

static inline void line_committed(void *context)
{
    ((struct line *)context)->committed_calls++;
}

static inline uint64_t line_done(void *context)
{
    return ((struct line *)context)->done;
}

/* Opens a committer at the log's end, as a start does. */
static inline void line_start(struct line *line, uint32_t names_max)
{
    cr_assert_eq(name_table_open(&line->names, names_max, LINE_HASH_KEY), STATUS_OK);
    cr_assert_eq(dedupe_init(&line->dedupe, 1 << 20, DEDUPE_HORIZON_NS), STATUS_OK);
    fake_log_restore(&line->log, line->names, &line->dedupe);
    struct committer_settings settings = {
        .log = fake_log_port(&line->log),
        .names = line->names,
        .sink = {line_sink_batch, line_sink_query, line_sink_tick, line_sink_due, line},
        .clock = &line->clock.clock,
        .position_next = line->log.position_next,
        .counters = line->log.counters,
        .dedupe = &line->dedupe,
        .committed = line_committed,
        .committed_context = line,
    };
    cr_assert_eq(committer_open(&line->committer, &settings), STATUS_OK);
}

static inline void line_stop(struct line *line)
{
    committer_close(line->committer);
    dedupe_fini(&line->dedupe);
    name_table_close(line->names);
}

static inline void line_begin(struct line *line)
{
    memset(line, 0, sizeof(*line));
    line->due_ns = INT64_MAX;
    fake_clock_init(&line->clock, LINE_NOW_NS);
    fake_log_init(&line->log, NULL);
    shared_init(&line->agreements);
    struct shared_value *value;
    cr_assert_eq(shared_make(&value, &line->set, NULL, NULL), STATUS_OK);
    shared_replace(&line->agreements, value);
    line_start(line, 1000);
}

static inline void line_end(struct line *line)
{
    line_stop(line);
    shared_fini(&line->agreements);
    fake_log_fini(&line->log);
}

/* A crash: all that was in memory is gone, the log is what it was. */
static inline void line_crash(struct line *line)
{
    line_stop(line);
    line_start(line, 1000);
}

/* A batch of one request for each id ("" for none). */
static inline struct batch *line_batch(struct line *line, const char *service,
                                       const char *const *ids, uint32_t count)
{
    struct batch *batch = batch_new();
    static const struct match_rules no_rules = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct record record;
        record_init(&record);
        record.service = text_from(service);
        record.id = text_from(ids[i]);
        record.status = 200;
        cr_assert_eq(intake_record(batch, &record, line->names, &no_rules, LINE_HASH_KEY,
                                   clock_realtime_ns(&line->clock.clock)),
                     STATUS_OK);
        batch->received++;
    }
    batch->received_ns = clock_realtime_ns(&line->clock.clock);
    return batch;
}

static inline struct batch *line_batch_of(struct line *line, const char *id)
{
    return line_batch(line, "web", &id, 1);
}

/* A post and what became of it. */
struct line_post {
    struct commit_post commit;
    uint32_t calls;
    enum status status;
};

static inline void line_post_done(struct commit_post *commit, enum status status)
{
    struct line_post *post = (struct line_post *)commit; /* its first member */
    post->calls++;
    post->status = status;
}

static inline void line_post(struct line *line, struct line_post *post, struct batch *batch)
{
    *post = (struct line_post){.commit = {.batch = batch, .done = line_post_done}};
    cr_assert_eq(committer_post(line->committer, &post->commit), STATUS_OK);
}

static inline struct store_counters line_counters(struct line *line)
{
    struct store_counters counters;
    committer_counters(line->committer, &counters);
    return counters;
}

/* received = stored + duplicate + rejected + shed */
static inline void line_expect_conserved(struct line *line)
{
    struct store_counters counters = line_counters(line);
    uint64_t accounted = counters.stored + counters.duplicate;
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        accounted += counters.rejected[i];
    }
    for (uint32_t i = 0; i < SHED_COUNT; i++) {
        accounted += counters.shed[i];
    }
    cr_expect_eq(counters.received, accounted);
    cr_expect_eq(counters.stored, line->log.position_next);
    cr_expect_eq(memcmp(&counters, &line->log.counters, sizeof(counters)), 0);
}

#endif
