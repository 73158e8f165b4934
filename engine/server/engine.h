/* The daemon, wired: which thread runs what, what is opened after what, and how it all stops.
 *
 *   main        waits for signals; opens, closes
 *   nines-ring  net_run: sockets, decoding (receiver)
 *   nines-commit committer_run: the log, order, acknowledgements
 *   nines-workerN the pool: verdicts
 *   (two of libmicrohttpd's) HTTP
 *
 * Start: settings, agreements, lock, verify the log (in a child, because
 * LMDB is not memory-safe on damaged files), open the log, replay it through
 * the workers, put on record how long no engine was there (presence.h), then sockets;
 * DATA/endpoints.json once all listeners accept.
 * Stop: refuse new HTTP posts, read what the sockets hold, commit, acknowledge, close in reverse.
 * Failures at start: a sysexits code and a message that says what to do. A failed commit while
 * running ends the daemon with 74 and acknowledges nothing after it.
 */
#ifndef SERVER_ENGINE_H
#define SERVER_ENGINE_H

#include "base/status.h"
#include "server/documents.h"
#include "server/settings.h"

struct engine;

/* What the engine asks of the process; called from threads of the engine. */
struct engine_hooks {
    /* It cannot go on. */
    void (*on_end)(void);
    /* For a reload: the settings as they are given now. False: not good, which is on stderr. */
    bool (*read_settings)(struct settings *settings_out);
};

/* Opens and starts everything. 0, or the exit code (sysexits.h); what was wrong is on stderr. The
 * documents' catalog is the engine's from now on, whatever is returned. */
int engine_start(struct engine **engine_out, const struct settings *settings,
                 const struct documents *documents, const struct engine_hooks *hooks);
/* The engine is there: to be called every PRESENCE_BEAT_NS until it is stopped. */
void engine_beat(struct engine *engine);
/* Reads configuration and agreements again (reload.h); returns at once. */
void engine_reload(struct engine *engine);
/* Drains and stops: 0, or the exit code (74 after a failed commit). */
int engine_stop(struct engine *engine);

#endif
