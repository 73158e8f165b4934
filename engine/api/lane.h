/* A thread with a short queue: where requests go that would make a thread of libmicrohttpd wait,
 * and with it every connection that this thread serves.
 *
 *   HTTP thread ─ lane_push ─► [queue, bounded] ─► the lane's thread ─ job.run
 *
 * Full is an answer (STATUS_FULL: 503), so that a flood of expensive questions costs its askers,
 * not ingest. On close: jobs queued before are run first; later ones are STATUS_STOPPED.
 */
#ifndef API_LANE_H
#define API_LANE_H

#include <stdint.h>

#include "base/status.h"

struct lane;

/* One thing to do. Lives in its request; the lane forgets it before `run` is called. */
struct lane_job {
    void (*run)(void *context);
    /* After `run`, once its place is free again: whoever hears of the end may push the next one at
     * once. NULL: nothing to tell. */
    void (*finished)(void *context);
    void *context;
    struct lane_job *next; /* the lane's */
};

/* name: of the thread, at most 15 bytes. jobs_max: queued and running together. */
must_check enum status lane_open(struct lane **lane_out, const char *name, uint32_t jobs_max);
/* Finishes what is queued and joins the thread; pushes fail from the beginning of the call. */
void lane_stop(struct lane *lane);
/* One thread at a time: waits for the job that runs and lets no other begin until lane_resume, so
 * that what jobs look at can be replaced. Not on the lane's own thread. */
void lane_pause(struct lane *lane);
void lane_resume(struct lane *lane);
/* After lane_stop, when nobody pushes any more. */
void lane_close(struct lane *lane);
/* Any thread. */
must_check enum status lane_push(struct lane *lane, struct lane_job *job);

#endif
