/* An engine without sockets for events: store, commit thread, workers, poster and, when asked for,
 * the HTTP API, wired as engine/server wires them, in a data directory of its own that is removed
 * at the end.
 *
 *   mini_engine_open ─► mini_engine_post, HTTP on engine->port
 *     ─► mini_engine_stop ─► mini_engine_start (replays the same log) ─► ... ─► mini_engine_close
 *
 * Panics when something cannot be opened: a test has nothing to say about that.
 */
#ifndef SUPPORT_MINI_ENGINE_H
#define SUPPORT_MINI_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "api/api.h"
#include "ingest/committer.h"
#include "ingest/dead_letters.h"
#include "ingest/poster.h"
#include "store/store.h"

#define MINI_PATH_SIZE 512

struct mini_settings {
    const char *agreements;    /* YAML; NULL: none */
    uint32_t workers;          /* 0: two */
    const struct clock *clock; /* NULL: the kernel's */
    bool without_api;
    int64_t retention_ns;  /* 0: no limit */
    int64_t max_future_ns; /* 0: 5 minutes */
    int64_t grace_ns;      /* 0: 72 hours */
};

struct mini_engine {
    struct mini_settings settings;
    char root[MINI_PATH_SIZE];
    char directory[MINI_PATH_SIZE]; /* DATA */
    struct catalog *catalog;
    struct shared agreements; /* the catalog's set */
    struct store *store;
    struct dedupe dedupe;
    struct dead_letters dead_letters;
    struct worker_pool *workers;
    struct committer *committer;
    struct poster *poster;
    struct api *api;
    char address[API_ADDRESS_SIZE]; /* http://127.0.0.1:PORT */
    uint16_t port;
    pthread_t commit_thread;
    uint64_t tick_sequence; /* the commit thread's */
    uint64_t received_before;
    _Atomic bool wired;
    _Atomic(const char *) not_ready; /* what /readyz is told; "" at first */
};

void mini_engine_open(struct mini_engine *engine, const struct mini_settings *settings);
void mini_engine_close(struct mini_engine *engine);
/* Stops all, keeps the data directory; starts again from it. */
void mini_engine_stop(struct mini_engine *engine);
void mini_engine_start(struct mini_engine *engine);

/* Posts records and waits until they are durable. */
struct post_result mini_engine_post(struct mini_engine *engine, const char *records);

#endif
