/* A sending thread: some connections, one epoll, no lock. It ends by itself: when its streams are
 * done, or `drain` after the time to send is over.
 */
#ifndef LOAD_SENDER_H
#define LOAD_SENDER_H

#include <pthread.h>
#include <stdatomic.h>

#include "load/stream.h"

struct sender {
    pthread_t thread;
    struct stream *streams; /* borrowed */
    uint32_t stream_count;
    int64_t deadline_ns; /* monotonic; INT64_MAX: none */
    int64_t patience_ns;
    uint64_t progress; /* as it was when it last changed, at progress_ns */
    int64_t progress_ns;
    int64_t start_ns;
    int64_t realtime_offset_ns;
    const _Atomic bool *stop; /* asked to end early (a signal) */
    struct histogram latency;
    bool timed_out;
};

/* The thread's function; argument: struct sender. */
void *sender_run(void *argument);

#endif
