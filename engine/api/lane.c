#include "api/lane.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/thread.h"

struct lane {
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t work;
    pthread_cond_t idle;
    struct lane_job *first;
    struct lane_job *last;
    uint32_t jobs; /* queued and running */
    uint32_t jobs_max;
    bool stopping;
    bool paused;
    bool busy; /* a job runs */
    bool running;
    pthread_t thread;
};

static struct lane_job *take_job(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    while (lane->paused || (lane->first == NULL && !lane->stopping)) {
        pthread_cond_wait(&lane->work, &lane->lock);
    }
    struct lane_job *job = lane->first;
    if (job != NULL) {
        lane->first = job->next;
        lane->last = lane->first == NULL ? NULL : lane->last;
        lane->busy = true;
    }
    pthread_mutex_unlock(&lane->lock);
    return job;
}

static void *lane_run(void *argument)
{
    struct lane *lane = argument;
    struct lane_job *job;
    while ((job = take_job(lane)) != NULL) {
        /* The job may be gone with its request as soon as somebody has answered it. */
        struct lane_job own = *job;
        own.run(own.context);
        pthread_mutex_lock(&lane->lock);
        lane->jobs--;
        lane->busy = false;
        pthread_cond_signal(&lane->idle);
        pthread_mutex_unlock(&lane->lock);
        if (own.finished != NULL) {
            own.finished(own.context);
        }
    }
    return NULL;
}

enum status lane_open(struct lane **lane_out, const char *name, uint32_t jobs_max)
{
    struct lane *lane = calloc(1, sizeof(*lane));
    if (lane == NULL) {
        return STATUS_NO_MEMORY;
    }
    lane->jobs_max = jobs_max;
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->work, NULL);
    pthread_cond_init(&lane->idle, NULL);
    enum status status = thread_start(&lane->thread, name, lane_run, lane);
    lane->running = status == STATUS_OK;
    if (status != STATUS_OK) {
        lane_close(lane);
        return status;
    }
    *lane_out = lane;
    return STATUS_OK;
}

void lane_stop(struct lane *lane)
{
    if (lane == NULL || !lane->running) {
        return;
    }
    pthread_mutex_lock(&lane->lock);
    lane->stopping = true;
    pthread_cond_signal(&lane->work);
    pthread_mutex_unlock(&lane->lock);
    thread_join(lane->thread);
    lane->running = false;
}

void lane_close(struct lane *lane)
{
    if (lane == NULL) {
        return;
    }
    assert(!lane->running);
    pthread_cond_destroy(&lane->work);
    pthread_cond_destroy(&lane->idle);
    pthread_mutex_destroy(&lane->lock);
    free(lane);
}

void lane_pause(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    assert(!lane->paused);
    lane->paused = true;
    while (lane->busy) {
        pthread_cond_wait(&lane->idle, &lane->lock);
    }
    pthread_mutex_unlock(&lane->lock);
}

void lane_resume(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    assert(lane->paused);
    lane->paused = false;
    pthread_cond_signal(&lane->work);
    pthread_mutex_unlock(&lane->lock);
}

enum status lane_push(struct lane *lane, struct lane_job *job)
{
    job->next = NULL;
    enum status status = STATUS_OK;
    pthread_mutex_lock(&lane->lock);
    if (lane->stopping) {
        status = STATUS_STOPPED;
    } else if (lane->jobs >= lane->jobs_max) {
        status = STATUS_FULL;
    } else {
        *(lane->last == NULL ? &lane->first : &lane->last->next) = job;
        lane->last = job;
        lane->jobs++;
        pthread_cond_signal(&lane->work);
    }
    pthread_mutex_unlock(&lane->lock);
    return status;
}
