/* The commit thread: from decoded batches to durable ones, and from durable ones to the workers.
 *
 *   ring thread ──SPSC───┐
 *                        ├─► all that queued ─► repeats out, names to numbers, positions
 *   HTTP threads ─mutex──┘                          └─► one transaction (store) ─► durable
 *                                                          ├─► workers (sink)
 *                                                          └─► acknowledgements (done)
 *
 * Group commit without a timer: what queues while one flush runs is the next transaction. It alone
 * assigns positions and names and decides what is a repeat, so the log has one order. Queries pass
 * through here too, between commits: all workers answer them at one position, and everything that
 * was durable before the question is in the answer.
 *
 * Failures: a full disk (STATUS_NO_SPACE) stores nothing: HTTP batches are shed (503), the ring's
 * wait and are tried again, so that senders feel back-pressure; the log says so. Any other failed
 * commit is terminal: nothing is acknowledged any more and `failed` stops the daemon (exit 74). On
 * close: committer_stop commits all that was submitted before and returns.
 *
 * Threads: submit_* from one ring thread; post and query from any; the rest from the commit thread.
 * The commit thread is committer_run, or the simulation calls committer_step.
 */
#ifndef INGEST_COMMITTER_H
#define INGEST_COMMITTER_H

#include "base/clock.h"
#include "domain/dedupe.h"
#include "ingest/log_port.h"

struct committer;

/* Where durable batches, queries and ticks go: the worker pool (the engine wires it), or a fake.
 * All called on the commit thread. */
struct commit_sink {
    /* Returns the sequence with which the workers will report it done. */
    uint64_t (*batch)(void *context, const struct batch *batch, int64_t now_ns);
    void (*query)(void *context, void *query, int64_t now_ns);
    void (*tick)(void *context, int64_t now_ns);
    /* When a tick is wanted; INT64_MAX: never. */
    int64_t (*next_due)(void *context);
    void *context;
};

struct committer_settings {
    struct log_port log;
    struct name_table *names;
    struct commit_sink sink;
    const struct clock *clock;
    uint64_t position_next;         /* where the log ends */
    struct store_counters counters; /* totals up to there */
    struct dedupe *dedupe;          /* filled from the log; the committer's from now on */
    /* The ring's batches: called after a commit (on the commit thread) with something to fetch by
     * committer_fetch. NULL: none. */
    void (*committed)(void *context);
    void *committed_context;
};

/* What an HTTP thread submits: a batch and whom to tell. */
struct commit_post {
    struct batch *batch;
    /* On the commit thread. STATUS_OK: durable. STATUS_NO_SPACE: shed. STATUS_STOPPED: the engine
     * stops or failed, the outcome is unknown to the sender. */
    void (*done)(struct commit_post *post, enum status status);
    struct commit_post *next; /* the committer's */
};

must_check enum status committer_open(struct committer **committer_out,
                                      const struct committer_settings *settings);
void committer_close(struct committer *committer);

/* Ring thread. STATUS_FULL: too many are on their way (cannot happen with fewer than
 * COMMIT_QUEUE_MAX batches). */
#define COMMIT_QUEUE_MAX 128
must_check enum status committer_submit(struct committer *committer, struct batch *batch);
/* Ring thread: a batch whose commit is through; NULL for none. */
struct batch *committer_fetch(struct committer *committer);
/* Ring thread: nothing of the ring's is waiting or being committed. */
bool committer_idle(const struct committer *committer);

/* Any thread. STATUS_STOPPED when stopping or failed; then `done` is not called. */
must_check enum status committer_post(struct committer *committer, struct commit_post *post);
/* Any thread. Hands the query to the sink in its turn. STATUS_STOPPED as above. */
must_check enum status committer_query(struct committer *committer, void *query);
/* Any thread: records that were refused before a batch held them. */
void committer_count_shed(struct committer *committer, enum shed shed, uint64_t records);

/* The thread's function. Returns when stopped or failed. */
void committer_run(struct committer *committer);
/* One round without waiting; true when there was something to do. */
bool committer_step(struct committer *committer);
/* Any thread: look again when the next tick is due (workers finished something). */
void committer_wake(struct committer *committer);
/* Any thread: finish what is queued, then return from committer_run. */
void committer_stop(struct committer *committer);

/* Any thread. */
bool committer_failed(const struct committer *committer);
bool committer_storage_full(const struct committer *committer);
/* Durable totals, as of the last commit. */
void committer_counters(struct committer *committer, struct store_counters *counters_out);
uint64_t committer_position(const struct committer *committer);
uint64_t committer_ids_remembered(const struct committer *committer);
/* For how long they are, at the present rate. */
int64_t committer_ids_horizon_ns(const struct committer *committer);
/* The message of the failure, or "". */
const char *committer_message(const struct committer *committer);

/* Seconds of commits, as a histogram: counts of commits that took at most bounds[i] (cumulative),
 * their number and sum. */
#define COMMIT_HISTOGRAM_BUCKETS 12
struct commit_histogram {
    uint64_t at_most[COMMIT_HISTOGRAM_BUCKETS];
    uint64_t count;
    uint64_t sum_ns;
};
extern const int64_t commit_histogram_bounds_ns[COMMIT_HISTOGRAM_BUCKETS];
void committer_histogram(const struct committer *committer, struct commit_histogram *histogram_out);

#endif
