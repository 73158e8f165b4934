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
 * the workers, then sockets; DATA/endpoints.json once all listeners accept.
 * Stop: refuse new HTTP posts, read what the sockets hold, commit, acknowledge, close in reverse.
 * Failures at start: a sysexits code and a message that says what to do. A failed commit while
 * running ends the daemon with 74 and acknowledges nothing after it.
 */
#ifndef SERVER_ENGINE_H
#define SERVER_ENGINE_H

#include "base/status.h"
#include "catalog/catalog.h"
#include "server/settings.h"

struct engine;

/* Opens and starts everything. 0, or the exit code (sysexits.h); what was wrong is on stderr.
 * catalog is borrowed for life. on_end is called from a thread of the engine when it cannot go on.
 */
int engine_start(struct engine **engine_out, const struct settings *settings,
                 const struct catalog *catalog, void (*on_end)(void));
/* Drains and stops: 0, or the exit code (74 after a failed commit). */
int engine_stop(struct engine *engine);

#endif
