/* The records that senders have, and what is known of each: is it to be stored, is it stored, was
 * it acknowledged. A line names itself in its `source` (and a request in its `channel`), so that
 * the log's events find their lines again.
 */
#ifndef SIM_LINES_H
#define SIM_LINES_H

#include "sim/sim_agreements.h"
#include "sim/sim_log.h"

#define SIM_LINES_MAX     1024
#define SIM_NOT_STORED    UINT64_MAX
#define SIM_INCIDENTS_MAX 64

struct sim_line {
    struct text_buffer text;
    uint32_t key; /* the first line of the same identity (service and id) */
    bool is_good; /* else malformed: rejected */
    bool has_id;  /* else it may be sent once only */
    bool acknowledged;
    uint64_t stored_at; /* of a key: the position of the one that was stored */
    uint32_t sent;      /* how often */
};

struct sim_lines {
    struct sim_line lines[SIM_LINES_MAX];
    uint32_t count;
    uint32_t serial; /* of ids of incidents and maintenance */
    uint32_t open_incidents[SIM_INCIDENTS_MAX];
    uint32_t open_services[SIM_INCIDENTS_MAX];
    uint32_t open_count;
    const struct sim_options *options;
    bool with_latency;
};

void sim_lines_init(struct sim_lines *lines, const struct sim_options *options, bool with_latency);
void sim_lines_fini(struct sim_lines *lines);
/* A new line that a sender writes at now. */
uint32_t sim_lines_draw(struct sim_lines *lines, struct random *random, int64_t now_ns);
/* The line that this event was. */
uint32_t sim_lines_find(const struct sim_lines *lines, const struct sim_log *log,
                        const struct sim_batch *batch, const struct event *event);

#endif
