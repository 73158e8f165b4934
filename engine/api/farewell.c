#include "api/farewell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

#define DRAIN_BYTES (1u << 20)

struct lingering {
    int fd;
    int64_t until_ns;
    uint64_t bytes;
};

struct farewell {
    pthread_t thread;
    bool running;
    int wake_fd;
    pthread_mutex_t lock;
    struct lingering handed[FAREWELL_SOCKETS_MAX]; /* under lock: not yet seen by the thread */
    uint32_t handed_count;
    bool stopping;                                  /* under lock */
    struct lingering sockets[FAREWELL_SOCKETS_MAX]; /* the thread's */
    uint32_t count;
};

static int64_t now_ns(void)
{
    return clock_monotonic_ns(clock_system());
}

static bool take_handed(struct farewell *farewell)
{
    uint64_t ignored;
    (void)!read(farewell->wake_fd, &ignored, sizeof(ignored));
    pthread_mutex_lock(&farewell->lock);
    for (uint32_t i = 0; i < farewell->handed_count; i++) {
        if (farewell->count < FAREWELL_SOCKETS_MAX) {
            farewell->sockets[farewell->count++] = farewell->handed[i];
        } else {
            close(farewell->handed[i].fd);
        }
    }
    farewell->handed_count = 0;
    bool stopping = farewell->stopping;
    pthread_mutex_unlock(&farewell->lock);
    return !stopping;
}

/* Throws away what is there. False: the peer is done, or has had enough of our time. */
static bool drain(struct lingering *socket)
{
    ssize_t got;
    do {
        /* TCP's MSG_TRUNC: thrown away in the kernel, never copied (tcp(7)). */
        got = recv(socket->fd, NULL, DRAIN_BYTES, MSG_TRUNC | MSG_DONTWAIT);
        socket->bytes += got > 0 ? (uint64_t)got : 0;
    } while ((got > 0 && socket->bytes < FAREWELL_BYTES_MAX) || (got < 0 && errno == EINTR));
    bool more = got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    return more && socket->bytes < FAREWELL_BYTES_MAX && now_ns() < socket->until_ns;
}

static void wait_for_bytes(struct farewell *farewell)
{
    struct pollfd polls[FAREWELL_SOCKETS_MAX + 1] = {{.fd = farewell->wake_fd, .events = POLLIN}};
    for (uint32_t i = 0; i < farewell->count; i++) {
        polls[i + 1] = (struct pollfd){.fd = farewell->sockets[i].fd, .events = POLLIN};
    }
    (void)poll(polls, farewell->count + 1, farewell->count == 0 ? -1 : 100);
}

static void *farewell_run(void *argument)
{
    struct farewell *farewell = argument;
    while (take_handed(farewell)) {
        for (uint32_t i = 0; i < farewell->count;) {
            if (drain(&farewell->sockets[i])) {
                i++;
                continue;
            }
            close(farewell->sockets[i].fd);
            farewell->sockets[i] = farewell->sockets[--farewell->count];
        }
        wait_for_bytes(farewell);
    }
    for (uint32_t i = 0; i < farewell->count; i++) {
        close(farewell->sockets[i].fd);
    }
    return NULL;
}

enum status farewell_open(struct farewell **farewell_out)
{
    struct farewell *farewell = calloc(1, sizeof(*farewell));
    if (farewell == NULL) {
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_init(&farewell->lock, NULL);
    farewell->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = farewell->wake_fd < 0 ? STATUS_IO : STATUS_OK;
    if (status == STATUS_OK) {
        status = thread_start(&farewell->thread, "nines-farewell", farewell_run, farewell);
        farewell->running = status == STATUS_OK;
    }
    if (status != STATUS_OK) {
        farewell_close(farewell);
        return status;
    }
    *farewell_out = farewell;
    return STATUS_OK;
}

static void wake(struct farewell *farewell)
{
    uint64_t one = 1;
    (void)!write(farewell->wake_fd, &one, sizeof(one));
}

void farewell_close(struct farewell *farewell)
{
    if (farewell == NULL) {
        return;
    }
    if (farewell->running) {
        pthread_mutex_lock(&farewell->lock);
        farewell->stopping = true;
        pthread_mutex_unlock(&farewell->lock);
        wake(farewell);
        thread_join(farewell->thread);
    }
    if (farewell->wake_fd >= 0) {
        close(farewell->wake_fd);
    }
    pthread_mutex_destroy(&farewell->lock);
    free(farewell);
}

void farewell_take(struct farewell *farewell, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return;
    }
    shutdown(copy, SHUT_WR); /* the sender sees the end of the answer at once */
    pthread_mutex_lock(&farewell->lock);
    bool room = farewell->handed_count < FAREWELL_SOCKETS_MAX && !farewell->stopping;
    if (room) {
        farewell->handed[farewell->handed_count++] =
            (struct lingering){copy, now_ns() + FAREWELL_NS, 0};
    }
    pthread_mutex_unlock(&farewell->lock);
    if (room) {
        wake(farewell);
    } else {
        close(copy);
    }
}
