/* The log in memory, for whole lives of the engine: it outlives crashes, and each commit asks what
 * shall become of it.
 *
 *   commit ─► decide() ─► stored or not ─► stored() for each event ─► the answer
 *
 * As the store: all or nothing, positions dense, names and counters with their batches. Copies are
 * of the size of what they hold, so that hundreds of small commits cost little. One thread.
 */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include "domain/dedupe.h"
#include "domain/history.h"
#include "ingest/log_port.h"

enum sim_commit {
    SIM_COMMIT_WORKS,
    SIM_COMMIT_FULL,   /* STATUS_NO_SPACE, nothing stored */
    SIM_COMMIT_LOST,   /* STATUS_IO, nothing stored */
    SIM_COMMIT_STORED, /* STATUS_IO, and yet on disk */
};

struct sim_batch {
    uint64_t position;
    int64_t received_ns;
    uint32_t event_count;
    uint32_t text_length;
    struct event *events;
    char *text;
};

struct sim_log {
    struct sim_batch *batches;
    uint32_t batch_count;
    uint32_t batch_size;
    char (*names)[NAME_BYTES_MAX + 1];
    uint32_t name_count;
    struct store_counters counters;
    uint64_t position_next;
    uint64_t commits;
    const struct name_table *live; /* of the engine that runs now */
    struct batch *replayed;        /* lent to visitors */
    struct batch *remembered;      /* lent to readers of the past, also while a replay goes on */
    /* On the commit thread, within the commit. */
    enum sim_commit (*decide)(void *context);
    void (*stored)(void *context, const struct sim_batch *batch, uint32_t event_index);
    void *context;
};

void sim_log_init(struct sim_log *log);
void sim_log_fini(struct sim_log *log);
struct log_port sim_log_port(struct sim_log *log);
struct history sim_log_history(struct sim_log *log);

/* What a start does first: the names in their order. */
void sim_log_restore_names(struct sim_log *log, struct name_table *names);
/* All batches in log order; each is good until the next one. */
void sim_log_replay(struct sim_log *log, void (*visit)(void *context, const struct batch *batch),
                    void *context);
/* The name with this number, as stored. */
const char *sim_log_name(const struct sim_log *log, uint32_t name);

#endif
