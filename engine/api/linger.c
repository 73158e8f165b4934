#include "api/linger.h"

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

struct lingering {
    int fd;
    int64_t until_ns;
    uint64_t bytes;
};

struct linger {
    pthread_t thread;
    bool running;
    int wake_fd;
    pthread_mutex_t lock;
    struct lingering handed[LINGER_SOCKETS_MAX]; /* under lock: not yet seen by the thread */
    uint32_t handed_count;
    bool stopping; /* under lock */
    struct lingering sockets[LINGER_SOCKETS_MAX]; /* the thread's */
    uint32_t count;
};

static int64_t now_ns(void)
{
    return clock_monotonic_ns(clock_system());
}

static bool take_handed(struct linger *linger)
{
    uint64_t ignored;
    (void)!read(linger->wake_fd, &ignored, sizeof(ignored));
    pthread_mutex_lock(&linger->lock);
    for (uint32_t i = 0; i < linger->handed_count; i++) {
        if (linger->count < LINGER_SOCKETS_MAX) {
            linger->sockets[linger->count++] = linger->handed[i];
        } else {
            close(linger->handed[i].fd);
        }
    }
    linger->handed_count = 0;
    bool stopping = linger->stopping;
    pthread_mutex_unlock(&linger->lock);
    return !stopping;
}

/* Throws away what is there. False: the peer is done, or has had enough of our time. */
static bool drain(struct lingering *socket)
{
    char scrap[65536];
    ssize_t got;
    do {
        got = recv(socket->fd, scrap, sizeof(scrap), MSG_DONTWAIT);
        socket->bytes += got > 0 ? (uint64_t)got : 0;
    } while ((got > 0 && socket->bytes < LINGER_BYTES_MAX) || (got < 0 && errno == EINTR));
    bool more = got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    return more && socket->bytes < LINGER_BYTES_MAX && now_ns() < socket->until_ns;
}

static void wait_for_bytes(struct linger *linger)
{
    struct pollfd polls[LINGER_SOCKETS_MAX + 1] = {{.fd = linger->wake_fd, .events = POLLIN}};
    for (uint32_t i = 0; i < linger->count; i++) {
        polls[i + 1] = (struct pollfd){.fd = linger->sockets[i].fd, .events = POLLIN};
    }
    (void)poll(polls, linger->count + 1, linger->count == 0 ? -1 : 100);
}

static void *linger_run(void *argument)
{
    struct linger *linger = argument;
    while (take_handed(linger)) {
        for (uint32_t i = 0; i < linger->count;) {
            if (drain(&linger->sockets[i])) {
                i++;
                continue;
            }
            close(linger->sockets[i].fd);
            linger->sockets[i] = linger->sockets[--linger->count];
        }
        wait_for_bytes(linger);
    }
    for (uint32_t i = 0; i < linger->count; i++) {
        close(linger->sockets[i].fd);
    }
    return NULL;
}

enum status linger_open(struct linger **linger_out)
{
    struct linger *linger = calloc(1, sizeof(*linger));
    if (linger == NULL) {
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_init(&linger->lock, NULL);
    linger->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = linger->wake_fd < 0 ? STATUS_IO : STATUS_OK;
    if (status == STATUS_OK) {
        status = thread_start(&linger->thread, "nines-linger", linger_run, linger);
        linger->running = status == STATUS_OK;
    }
    if (status != STATUS_OK) {
        linger_close(linger);
        return status;
    }
    *linger_out = linger;
    return STATUS_OK;
}

static void wake(struct linger *linger)
{
    uint64_t one = 1;
    (void)!write(linger->wake_fd, &one, sizeof(one));
}

void linger_close(struct linger *linger)
{
    if (linger == NULL) {
        return;
    }
    if (linger->running) {
        pthread_mutex_lock(&linger->lock);
        linger->stopping = true;
        pthread_mutex_unlock(&linger->lock);
        wake(linger);
        thread_join(linger->thread);
    }
    if (linger->wake_fd >= 0) {
        close(linger->wake_fd);
    }
    pthread_mutex_destroy(&linger->lock);
    free(linger);
}

void linger_take(struct linger *linger, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return;
    }
    shutdown(copy, SHUT_WR); /* the sender sees the end of the answer at once */
    pthread_mutex_lock(&linger->lock);
    bool room = linger->handed_count < LINGER_SOCKETS_MAX && !linger->stopping;
    if (room) {
        linger->handed[linger->handed_count++] =
            (struct lingering){copy, now_ns() + LINGER_NS, 0};
    }
    pthread_mutex_unlock(&linger->lock);
    if (room) {
        wake(linger);
    } else {
        close(copy);
    }
}
