/* Those who send: clients with connections, and bodies as HTTP would bring them.
 *
 *   todo ─► written (framed, in the outbox) ─► transmitted in chunks ─► acknowledged, read ─► done
 *             ▲                                                   │
 *             └── with an id: again after a loss ◄────────────────┘   without: never again
 *
 * What the engine answers is checked the moment it is sent (nothing is acknowledged that is not in
 * the log); whether the client gets to read it is another matter.
 */
#ifndef SIM_SENDERS_H
#define SIM_SENDERS_H

#include "sim/sim_cases.h"
#include "sim/sim_engine.h"
#include "sim/sim_lines.h"

#define SIM_CLIENTS_MAX 5
#define SIM_POSTS_MAX   4
#define SIM_TODO_MAX    8192

struct sim_todo {
    uint32_t lines[SIM_TODO_MAX];
    uint32_t first;
    uint32_t count;
};

/* How far a reader of a connection's answers is. */
struct sim_reading {
    size_t bytes;
    uint64_t lines;
};

struct sim_client {
    struct sim_todo todo;
    bool is_connected;
    bool was_connected;
    bool wants_acks;
    bool half_closed;
    uint32_t connection;
    struct text_buffer outbox;
    size_t outbox_sent;
    uint32_t written[SIM_TODO_MAX];
    uint32_t written_count;
    struct sim_reading checked; /* as the engine sent it */
    struct sim_reading read;    /* as the client read it */
};

struct sim_post {
    struct sim_senders *senders;
    bool is_busy;
    bool is_answered;
    uint32_t lines[SIM_LINES_MAX];
    uint32_t count;
    struct post_result result;
};

struct sim_senders {
    const struct sim_options *options;
    struct random *random;
    struct sim_engine *engine;
    struct sim_lines *lines;
    struct sim_cases *cases;
    struct sim_client clients[SIM_CLIENTS_MAX];
    struct sim_post posts[SIM_POSTS_MAX];
    struct sim_todo bodies; /* lines that wait for one */
    bool is_draining;       /* no faults any more; connections ask for acknowledgements and end */
    bool was_deaf;          /* in this life of the engine */
};

void sim_senders_init(struct sim_senders *senders);
void sim_senders_fini(struct sim_senders *senders);
/* A new line, or an old one again, is given to somebody. */
void sim_senders_give(struct sim_senders *senders, uint32_t line);
/* Somebody does something. */
void sim_senders_step(struct sim_senders *senders);
/* After every step: what was acknowledged is in the log. */
void sim_senders_check(struct sim_senders *senders);
/* The engine is going: connections break, with or without the last answers read. */
void sim_senders_cut_off(struct sim_senders *senders);
/* The engine is gone: bodies that were on their way have failed, answered or not. */
void sim_senders_cut_off_bodies(struct sim_senders *senders);
/* Nobody has anything to send or to wait for. */
bool sim_senders_done(const struct sim_senders *senders);
/* What they wait for, on stderr. */
void sim_senders_show(const struct sim_senders *senders);

#endif
