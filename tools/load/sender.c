#include "load/sender.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"

/* How often a waiting thread looks at `stop`. */
#define LOOK_NS INT64_C(100000000)
#define EVENTS  64

static bool watch(struct sender *sender, int epoll)
{
    for (uint32_t i = 0; i < sender->stream_count; i++) {
        /* Edges are enough: a stream reads until there is nothing and remembers that it may write.
         */
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                    .data.u32 = i};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, sender->streams[i].fd, &event) != 0) {
            return false;
        }
    }
    return true;
}

/* Returns when to step again; INT64_MIN when all streams are done. */
static int64_t step_all(struct sender *sender, int64_t now_ns)
{
    bool stop = atomic_load_explicit(sender->stop, memory_order_relaxed);
    bool any = false;
    int64_t next_ns = INT64_MAX;
    for (uint32_t i = 0; i < sender->stream_count; i++) {
        struct stream *stream = &sender->streams[i];
        if (stream->done) {
            continue;
        }
        if (stop) {
            stream_stop(stream);
        }
        int64_t at_ns = stream_step(stream, now_ns);
        next_ns = at_ns < next_ns ? at_ns : next_ns;
        any = any || !stream->done;
    }
    return any ? next_ns : INT64_MIN;
}

/* Changes whenever a line goes out or an answer comes in. */
static uint64_t progress(const struct sender *sender)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < sender->stream_count; i++) {
        sum += sender->streams[i].bytes_sent + sender->streams[i].acknowledged;
    }
    return sum;
}

/* Is it time to give up? */
static bool is_late(struct sender *sender, int64_t now_ns)
{
    if (sender->deadline_ns != INT64_MAX) {
        return now_ns > sender->deadline_ns;
    }
    uint64_t so_far = progress(sender);
    if (so_far != sender->progress) {
        sender->progress = so_far;
        sender->progress_ns = now_ns;
    }
    return now_ns - sender->progress_ns > sender->patience_ns;
}

static void wait_and_receive(struct sender *sender, int epoll, int64_t wait_ns)
{
    wait_ns = wait_ns < 0 ? 0 : wait_ns < LOOK_NS ? wait_ns : LOOK_NS;
    struct epoll_event events[EVENTS];
    struct timespec timeout = {.tv_nsec = wait_ns};
    int count = epoll_pwait2(epoll, events, EVENTS, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        struct stream *stream = &sender->streams[events[i].data.u32];
        if ((events[i].events & EPOLLOUT) != 0) {
            stream->writable = true;
        }
        if ((events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
            stream_receive(stream);
        }
    }
}

void *sender_run(void *argument)
{
    struct sender *sender = argument;
    /* The kernel otherwise rounds our waits up by 50 us. */
    prctl(PR_SET_TIMERSLACK, 1UL);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || !watch(sender, epoll)) {
        fprintf(stderr, "nines-load: epoll: %s\n", strerror(errno));
        sender->timed_out = true;
        return NULL;
    }
    for (uint32_t i = 0; i < sender->stream_count; i++) {
        stream_start(&sender->streams[i], sender->start_ns, sender->realtime_offset_ns);
    }
    for (;;) {
        int64_t now_ns = clock_monotonic_ns(clock_system());
        int64_t next_ns = step_all(sender, now_ns);
        if (next_ns == INT64_MIN) {
            break;
        }
        if (is_late(sender, now_ns)) {
            sender->timed_out = true;
            break;
        }
        wait_and_receive(sender, epoll, next_ns == INT64_MAX ? LOOK_NS : next_ns - now_ns);
    }
    close(epoll);
    return NULL;
}
