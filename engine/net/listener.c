#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "net/connection.h"
#include "net/loop.h"

#define BACKLOG             4096
#define DATAGRAM_ROOM_BYTES (8 * 1024 * 1024)
/* A peer that vanished is noticed within 60 s: silence 30 s, then probes; unanswered bytes or
 * probes for 50 s end it. */
#define KEEP_IDLE_S      30
#define KEEP_INTERVAL_S  10
#define KEEP_COUNT       3
#define USER_TIMEOUT_MS  50000
#define UNIX_SOCKET_MODE 0660

static enum status explain(const struct listener *listener, int error,
                           char message_out[NET_MESSAGE_SIZE])
{
    char url[NET_ADDRESS_SIZE];
    address_format(&listener->address, url);
    switch (error) {
    case EADDRINUSE:
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: in use by another process", url);
        return STATUS_BUSY;
    case EACCES:
    case EPERM:
    case EROFS:
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: %s", url, strerrordesc_np(error));
        return STATUS_DENIED;
    case EADDRNOTAVAIL:
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: this machine has no such address", url);
        return STATUS_INVALID;
    case ENOENT:
    case ENOTDIR:
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: the folder does not exist", url);
        return STATUS_INVALID;
    default:
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: %s", url, strerrordesc_np(error));
        return STATUS_IO;
    }
}

static int set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value));
}

/* On the listening socket: Linux copies these to what it accepts, so no call per connection is
 * needed. All are refinements: a refusal is no reason not to listen. */
static void tune_tcp(int fd)
{
    (void)set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    (void)set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    (void)set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
    (void)set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S);
    (void)set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
    (void)set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    (void)set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

static void tune_datagram(const struct listener *listener)
{
    /* FORCE needs CAP_NET_ADMIN; without it net.core.rmem_max bounds us. */
    if (set_int(listener->fd, SOL_SOCKET, SO_RCVBUFFORCE, DATAGRAM_ROOM_BYTES) != 0) {
        (void)set_int(listener->fd, SOL_SOCKET, SO_RCVBUF, DATAGRAM_ROOM_BYTES);
    }
    if (listener->address.kind == ADDRESS_UDP) {
        (void)set_int(listener->fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    }
}

static void tune(const struct listener *listener)
{
    if (listener->address.storage.ss_family == AF_INET6) {
        /* [::] and 0.0.0.0 are two listeners. */
        (void)set_int(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    if (listener->address.kind == ADDRESS_TCP) {
        tune_tcp(listener->fd);
    } else if (!address_is_stream(&listener->address)) {
        tune_datagram(listener);
    }
}

/* Does somebody answer on this path? Any answer but a refusal is taken as yes: a backlog that is
 * full, a socket of another type. */
static bool path_is_live(const struct listener *listener)
{
    int type = address_is_stream(&listener->address) ? SOCK_STREAM : SOCK_DGRAM;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return true;
    }
    int result =
        connect(fd, (const struct sockaddr *)&listener->address.storage, listener->address.length);
    bool refused = result != 0 && errno == ECONNREFUSED;
    close(fd);
    return !refused;
}

/* Makes room for a bind: a socket file that nobody serves is what a crash left behind. */
static enum status clear_path(const struct listener *listener, char message_out[NET_MESSAGE_SIZE])
{
    const char *path = address_path(&listener->address);
    struct stat file;
    if (path == NULL || lstat(path, &file) != 0) {
        return STATUS_OK; /* whatever else is wrong, bind says it */
    }
    if (!S_ISSOCK(file.st_mode)) {
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: exists and is not a socket", path);
        return STATUS_BUSY;
    }
    if (path_is_live(listener)) {
        return explain(listener, EADDRINUSE, message_out);
    }
    return unlink(path) == 0 || errno == ENOENT ? STATUS_OK : explain(listener, errno, message_out);
}

/* The mode is set before the file appears and completed after, so that it is never wider than
 * wanted. */
static int bind_socket(struct listener *listener)
{
    const char *path = address_path(&listener->address);
    if (path != NULL && fchmod(listener->fd, UNIX_SOCKET_MODE) != 0) {
        return -errno;
    }
    if (bind(listener->fd, (const struct sockaddr *)&listener->address.storage,
             listener->address.length) != 0) {
        return -errno;
    }
    if (path == NULL) {
        listener->address.length = sizeof(listener->address.storage);
        return getsockname(listener->fd, (struct sockaddr *)&listener->address.storage,
                           &listener->address.length) == 0
                   ? 0
                   : -errno;
    }
    struct stat file;
    if (chmod(path, UNIX_SOCKET_MODE) != 0 || lstat(path, &file) != 0) {
        return -errno;
    }
    listener->path_device = file.st_dev;
    listener->path_inode = file.st_ino;
    return 0;
}

static int make_socket(struct listener *listener)
{
    bool stream = address_is_stream(&listener->address);
    listener->fd = socket(listener->address.storage.ss_family,
                          (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    if (listener->fd < 0) {
        return -errno;
    }
    tune(listener);
    int result = bind_socket(listener);
    if (result == 0 && stream && listen(listener->fd, BACKLOG) != 0) {
        result = -errno;
    }
    return result;
}

enum status listener_open(struct listener *listener, const char *url,
                          char address_out[NET_ADDRESS_SIZE], char message_out[NET_MESSAGE_SIZE])
{
    *listener = (struct listener){.fd = -1};
    enum status status = address_parse(url, &listener->address, message_out);
    if (status == STATUS_OK) {
        status = clear_path(listener, message_out);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int result = make_socket(listener);
    if (result != 0) {
        listener_close(listener);
        return explain(listener, -result, message_out);
    }
    address_format(&listener->address, address_out);
    return STATUS_OK;
}

void listener_shut(struct listener *listener)
{
    if (listener->fd >= 0) {
        close(listener->fd);
        listener->fd = -1;
    }
}

void listener_close(struct listener *listener)
{
    struct stat file;
    const char *path = address_path(&listener->address);
    bool ours = listener->path_inode != 0 && lstat(path, &file) == 0 &&
                file.st_dev == listener->path_device && file.st_ino == listener->path_inode;
    if (ours) {
        unlink(path);
    }
    listener->path_inode = 0;
    listener_shut(listener);
}

static struct uring_tag accept_tag(uint32_t index)
{
    return (struct uring_tag){URING_ACCEPT, index, 0};
}

static bool arm(struct net *net, uint32_t index)
{
    struct listener *listener = &net->listeners[index];
    struct io_uring_sqe *sqe = uring_sqe(&net->uring);
    if (sqe == NULL) {
        return false;
    }
    /* No CLOEXEC: a direct descriptor is in no process's table. */
    io_uring_prep_multishot_accept_direct(sqe, listener->fd, NULL, NULL, 0);
    uring_tag_set(sqe, accept_tag(index));
    listener->armed = true;
    if (listener->state == LISTENER_SWEEPING) {
        listener->state = LISTENER_SWEPT;
    }
    return true;
}

bool listener_advance(struct net *net, uint32_t index)
{
    struct listener *listener = &net->listeners[index];
    bool wanted = listener->state == LISTENER_OPEN || listener->state == LISTENER_SWEEPING;
    if (wanted && !listener->armed && !listener->resting) {
        return arm(net, index);
    }
    if (!wanted && listener->armed && !listener->cancel_sent) {
        /* A sweep has taken the whole backlog when its submission returned, one pass ago. */
        listener->cancel_sent = uring_cancel(&net->uring, accept_tag(index));
        return listener->cancel_sent;
    }
    return true;
}

/* Errors of one peer; after all others the machine needs time. */
static bool is_peers(int result)
{
    return result >= 0 || result == -ECONNABORTED || result == -EINTR || result == -EPROTO ||
           result == -ECANCELED;
}

static void accept_ended(struct net *net, struct listener *listener, int result)
{
    listener->armed = false;
    listener->cancel_sent = false;
    listener->resting = !is_peers(result);
    if (listener->state == LISTENER_ENDING) {
        listener->state = LISTENER_SWEEPING;
        listener->resting = false;
    } else if (listener->state == LISTENER_SWEPT && listener->resting &&
               net->phase == NET_DRAINING) {
        listener->state = LISTENER_SWEEPING; /* short of something: the backlog is not empty yet */
    } else if (listener->state == LISTENER_SWEPT) {
        listener->state = LISTENER_CLOSED;
        listener->resting = false;
        listener_shut(listener);
    } else {
        net_count(&net->counters.rearmed, 1);
    }
}

void listener_accept_done(struct net *net, uint32_t index, int result, uint32_t flags)
{
    struct listener *listener = &net->listeners[index];
    if (result >= 0) {
        connection_accepted(net, index, result);
    } else if (result == -ENFILE) {
        /* Linux accepts first and then finds no slot: that peer is gone. */
        net_count(&net->counters.refused_full, 1);
    }
    if (!(flags & IORING_CQE_F_MORE)) {
        accept_ended(net, listener, result);
    }
}

void listener_stop(struct net *net, uint32_t index)
{
    struct listener *listener = &net->listeners[index];
    assert(listener->state == LISTENER_OPEN);
    listener->resting = false;
    listener->state = listener->armed ? LISTENER_ENDING : LISTENER_SWEEPING;
}

void listener_abandon(struct net *net, uint32_t index)
{
    struct listener *listener = &net->listeners[index];
    if (listener->state == LISTENER_CLOSED) {
        return;
    }
    listener->state = LISTENER_SWEPT;
    if (!listener->armed) {
        listener->state = LISTENER_CLOSED;
        listener_shut(listener);
    }
}
