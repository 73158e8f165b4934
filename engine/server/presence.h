/* The last sign of life of the daemon: DATA/alive, a line with an instant and its checksum.
 *
 * Why: at its next start the engine puts on record when it was not running (SEMANTICS section 8).
 * The log knows when it received something last, but an idle daemon receives nothing. So a running
 * one writes the present instant every PRESENCE_BEAT_NS, without a flush, and flushes it once more
 * when it has stopped. Whatever the file holds after a crash, the daemon was alive then:
 *
 *   stopped         exact
 *   killed          at most PRESENCE_BEAT_NS too early
 *   power was lost  as old as the kernel's last write-back (about 30 s), or as the last commit,
 *                   whichever is later
 *
 * A file that is missing, torn or of another form tells nothing; the log alone goes on record then.
 * Main thread only. */
#ifndef SERVER_PRESENCE_H
#define SERVER_PRESENCE_H

#include <stdint.h>

#include "domain/civil.h"

#define PRESENCE_BEAT_NS NS_PER_SECOND

struct presence {
    int fd; /* -1: it cannot be written */
};

/* What the last process left there; INT64_MIN: nothing. */
int64_t presence_last(const char *data);
/* Makes the file where there is none. */
void presence_open(struct presence *presence, const char *data);
void presence_beat(struct presence *presence, int64_t now_ns);
/* The last beat, on disk when this returns. */
void presence_close(struct presence *presence, int64_t now_ns);

#endif
