/* SIGHUP: configuration and agreements read again, while ingest goes on.
 *
 *   reload thread        read settings and documents ─► new panel ─► judge the stored log with it
 *                             │ any error                               (the old verdicts stay)
 *                             ▼                                                  │ nearly there
 *                        the old set stays, and says so                          ▼
 *   commit thread        between two commits: the rest of the log, then a query that brings the panel
 *   workers              each goes over to its new evaluator at that position
 *   reload thread        board and agreements are replaced, what was before is freed
 *
 * So a figure after a reload is the same as after a restart with the new documents: computed from
 * the whole stored history, each part by the version that was in force then (version_record.h). A
 * version whose time comes is a reload by itself. What is asked waits for the moment of going over only; ingest for the
 * judging of at most the last few batches. Failures: anything that cannot be read leaves the old set
 * in force, is told in the log, in nines_config_last_reload_successful and in /readyz, until a later
 * reload succeeds. Settings that are read at start only are named in a warning. On close: a reload
 * that is under way is given up.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include "api/api.h"
#include "base/shared.h"
#include "catalog/catalog.h"
#include "ingest/committer.h"
#include "server/settings.h"
#include "store/store.h"

/* What a reload needs; all of it outlives it. */
struct reload_settings {
    const struct settings *running;
    /* Reads the settings again; false: they are not good, which is on stderr. */
    bool (*read_settings)(struct settings *settings_out);
    struct evaluator_settings evaluator; /* the set is filled in */
    struct shared *agreements;           /* of struct agreement_set: what is replaced */
    int64_t entered_ns;                  /* they are in the versions of this instant */
    struct committer *committer;
    struct worker_pool *workers;
    struct store *store;
    struct api *api;
};

struct reload;

must_check enum status reload_open(struct reload **reload_out,
                                   const struct reload_settings *settings);
/* Gives up what is under way. Before the committer stops. */
void reload_stop(struct reload *reload);
void reload_close(struct reload *reload);

/* Any thread: read again, after what is being read now. */
void reload_request(struct reload *reload);
/* Any thread. */
void reload_state(struct reload *reload, struct reload_state *state_out);
/* Commit thread, before a query that brings a panel goes to the workers: lets the panel judge the
 * rest of the log. If that fails, the query brings none any more. */
void reload_catch_up(struct reload *reload, struct work_query *query);

#endif
