/* A handler that records everything, and the loop in a thread of its own: what the ring's tests
 * share.
 *
 * The loop's thread writes under `lock`, the test reads under it (wait_until). Failures of the
 * fixture itself abort the test at once.
 */
#ifndef TESTS_UNIT_NET_RECORDER_H
#define TESTS_UNIT_NET_RECORDER_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "net/net.h"

#define DEADLINE_S     30
#define DATAGRAMS_KEPT 4096
#define STOP_NS        INT64_C(20000000000)

struct stream_record {
    struct connection_id id;
    uint32_t opened;
    uint32_t ended;
    uint32_t closed;
    char *bytes;
    size_t length;
    size_t size;
};

struct recorder {
    struct net *net;
    char url[NET_LISTENERS_MAX][NET_ADDRESS_SIZE];
    uint32_t url_count;
    pthread_t thread;
    enum status run_status;
    char message[NET_MESSAGE_SIZE];

    /* Set by the test, at any time. */
    _Atomic bool refuse;     /* no room for anything */
    _Atomic size_t take_max; /* of one call; 0: all */
    _Atomic bool echo;       /* send back what was taken; close when the peer ended */
    _Atomic bool close_on_end;
    _Atomic bool close_on_full;  /* when net_send says STATUS_FULL */
    _Atomic bool pattern;        /* compare with pattern_at, keep none */
    _Atomic uint32_t refuse_one; /* no room for this stream (its number + 1) */
    _Atomic bool owes;           /* drained() says no */
    _Atomic bool close_all;      /* at the next woken */
    _Atomic size_t send_at_wake; /* bytes to every open stream */

    pthread_mutex_t lock;
    struct stream_record *streams; /* in the order of opening */
    uint32_t stream_count;
    uint32_t stream_of[NET_CONNECTIONS_MAX]; /* slot → newest record */
    uint32_t closed_count;
    uint32_t ended_count;
    uint64_t bytes;
    uint32_t datagram_count;
    struct {
        size_t length;
        bool truncated;
        uint32_t number; /* the first four bytes */
        uint32_t listener;
    } datagrams[DATAGRAMS_KEPT];
    uint32_t woken_count;
    uint32_t idle_count;
    uint32_t refused_count;
    uint32_t full_count;
    uint32_t wrong_count; /* calls that should not be: unknown ids, bytes after the end ... */
};

static inline int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void yield_ms(int ms)
{
    poll(NULL, 0, ms);
}

/* Polls a condition (evaluated under the lock) until it holds; the test fails after DEADLINE_S. */
#define wait_until(recorder, condition)                                                            \
    do {                                                                                           \
        int64_t wait_deadline = now_ns() + (int64_t)DEADLINE_S * 1000000000;                       \
        for (;;) {                                                                                 \
            pthread_mutex_lock(&(recorder)->lock);                                                 \
            bool wait_holds = (condition);                                                         \
            pthread_mutex_unlock(&(recorder)->lock);                                               \
            if (wait_holds) {                                                                      \
                break;                                                                             \
            }                                                                                      \
            cr_assert(now_ns() < wait_deadline, "never happened: %s", #condition);                 \
            yield_ms(1);                                                                           \
        }                                                                                          \
    } while (0)

static inline struct stream_record *record_of(struct recorder *recorder, struct connection_id id)
{
    struct stream_record *stream = &recorder->streams[recorder->stream_of[id.index]];
    bool known = stream->opened == 1 && stream->closed == 0 && stream->id.index == id.index &&
                 stream->id.generation == id.generation;
    recorder->wrong_count += known ? 0 : 1;
    return stream;
}

static inline void recorder_opened(void *context, struct connection_id id, uint32_t listener)
{
    struct recorder *recorder = context;
    (void)listener;
    pthread_mutex_lock(&recorder->lock);
    uint32_t number = recorder->stream_count;
    recorder->streams = realloc(recorder->streams, (number + 1) * sizeof(*recorder->streams));
    recorder->streams[number] = (struct stream_record){.id = id, .opened = 1};
    recorder->stream_of[id.index] = number;
    recorder->stream_count++;
    pthread_mutex_unlock(&recorder->lock);
}

static inline void keep_bytes(struct stream_record *stream, const char *bytes, size_t length)
{
    if (length == 0) {
        return;
    }
    if (stream->length + length > stream->size) {
        stream->size = 2 * (stream->length + length);
        stream->bytes = realloc(stream->bytes, stream->size);
    }
    memcpy(stream->bytes + stream->length, bytes, length);
    stream->length += length;
}

/* Known at every offset, so that long streams are checked without being kept. */
static inline char pattern_at(uint64_t offset)
{
    return (char)(offset * UINT64_C(0x9E3779B97F4A7C15) >> 56);
}

static inline void fill_pattern(char *bytes, size_t length, uint64_t offset)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = pattern_at(offset + i);
    }
}

static inline uint32_t pattern_differs(const char *bytes, size_t length, uint64_t offset)
{
    uint32_t differs = 0;
    for (size_t i = 0; i < length; i++) {
        differs |= bytes[i] != pattern_at(offset + i);
    }
    return differs;
}

static inline size_t recorder_received(void *context, struct connection_id id, const char *bytes,
                                       size_t length)
{
    struct recorder *recorder = context;
    pthread_mutex_lock(&recorder->lock);
    struct stream_record *stream = record_of(recorder, id);
    recorder->wrong_count += stream->ended > 0 || length == 0 ? 1 : 0;
    size_t take_max = atomic_load(&recorder->take_max);
    size_t taken = atomic_load(&recorder->refuse) ? 0 : length;
    if (take_max > 0 && taken > take_max) {
        taken = take_max;
    }
    if (atomic_load(&recorder->refuse_one) == (uint32_t)(stream - recorder->streams) + 1) {
        taken = 0;
    }
    if (atomic_load(&recorder->pattern)) {
        recorder->wrong_count += pattern_differs(bytes, taken, stream->length);
        stream->length += taken;
    } else {
        keep_bytes(stream, bytes, taken);
    }
    recorder->bytes += taken;
    recorder->refused_count += taken < length ? 1 : 0;
    pthread_mutex_unlock(&recorder->lock);
    if (atomic_load(&recorder->echo) && taken > 0) {
        enum status status = net_send(recorder->net, id, bytes, taken);
        if (status != STATUS_OK) {
            pthread_mutex_lock(&recorder->lock);
            recorder->full_count++;
            pthread_mutex_unlock(&recorder->lock);
            if (atomic_load(&recorder->close_on_full)) {
                net_close_connection(recorder->net, id);
            }
        }
    }
    return taken;
}

static inline void recorder_ended(void *context, struct connection_id id)
{
    struct recorder *recorder = context;
    pthread_mutex_lock(&recorder->lock);
    struct stream_record *stream = record_of(recorder, id);
    recorder->wrong_count += stream->ended > 0 ? 1 : 0;
    stream->ended++;
    recorder->ended_count++;
    pthread_mutex_unlock(&recorder->lock);
    if (atomic_load(&recorder->close_on_end)) {
        net_close_connection(recorder->net, id);
    }
}

static inline void recorder_closed(void *context, struct connection_id id)
{
    struct recorder *recorder = context;
    pthread_mutex_lock(&recorder->lock);
    record_of(recorder, id)->closed++;
    recorder->closed_count++;
    pthread_mutex_unlock(&recorder->lock);
}

static inline bool recorder_datagram(void *context, uint32_t listener, const char *bytes,
                                     size_t length, bool truncated)
{
    struct recorder *recorder = context;
    pthread_mutex_lock(&recorder->lock);
    bool room = !atomic_load(&recorder->refuse);
    if (room && recorder->datagram_count < DATAGRAMS_KEPT) {
        uint32_t number = recorder->datagram_count;
        recorder->datagrams[number].length = length;
        recorder->datagrams[number].truncated = truncated;
        recorder->datagrams[number].listener = listener;
        recorder->datagrams[number].number = UINT32_MAX;
        if (length >= 4) {
            memcpy(&recorder->datagrams[number].number, bytes, 4);
        }
    }
    recorder->datagram_count += room ? 1 : 0;
    recorder->refused_count += room ? 0 : 1;
    pthread_mutex_unlock(&recorder->lock);
    return room;
}

/* Sends or closes on every open stream, as the test asked. */
static inline void act_on_streams(struct recorder *recorder)
{
    size_t length = atomic_exchange(&recorder->send_at_wake, 0);
    bool close_all = atomic_exchange(&recorder->close_all, false);
    char *bytes = calloc(1, length + 1);
    for (uint32_t i = 0; i < recorder->stream_count; i++) {
        struct stream_record *stream = &recorder->streams[i];
        if (stream->closed > 0) {
            continue;
        }
        if (length > 0 && net_send(recorder->net, stream->id, bytes, length) != STATUS_OK) {
            recorder->full_count++;
        }
        if (close_all) {
            net_close_connection(recorder->net, stream->id);
        }
    }
    free(bytes);
}

static inline void recorder_woken(void *context)
{
    struct recorder *recorder = context;
    pthread_mutex_lock(&recorder->lock);
    recorder->woken_count++;
    act_on_streams(recorder);
    pthread_mutex_unlock(&recorder->lock);
    net_resume(recorder->net);
}

static inline void recorder_idle(void *context)
{
    struct recorder *recorder = context;
    pthread_mutex_lock(&recorder->lock);
    recorder->idle_count++;
    pthread_mutex_unlock(&recorder->lock);
    if (atomic_load(&recorder->take_max) > 0) {
        net_resume(recorder->net);
    }
}

static inline bool recorder_drained(void *context)
{
    struct recorder *recorder = context;
    return !atomic_load(&recorder->owes);
}

static inline void *recorder_run(void *argument)
{
    struct recorder *recorder = argument;
    recorder->run_status = net_run(recorder->net, recorder->message);
    return NULL;
}

static inline struct recorder *recorder_open(void)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    struct net_handler handler = {.opened = recorder_opened,
                                  .received = recorder_received,
                                  .ended = recorder_ended,
                                  .closed = recorder_closed,
                                  .datagram = recorder_datagram,
                                  .woken = recorder_woken,
                                  .idle = recorder_idle,
                                  .drained = recorder_drained,
                                  .context = recorder};
    pthread_mutex_init(&recorder->lock, NULL);
    atomic_store(&recorder->close_on_end, true);
    enum status status = net_open(&recorder->net, &handler, recorder->message);
    cr_assert_eq(status, STATUS_OK, "%s", recorder->message);
    return recorder;
}

static inline uint32_t recorder_listen(struct recorder *recorder, const char *url)
{
    uint32_t listener;
    enum status status = net_listen(recorder->net, url, &listener,
                                    recorder->url[recorder->url_count], recorder->message);
    cr_assert_eq(status, STATUS_OK, "%s", recorder->message);
    cr_assert_eq(listener, recorder->url_count);
    return recorder->url_count++;
}

static inline void recorder_start(struct recorder *recorder)
{
    cr_assert_eq(pthread_create(&recorder->thread, NULL, recorder_run, recorder), 0);
}

/* A recorder that listens on one url and runs. */
static inline struct recorder *recorder_on(const char *url)
{
    struct recorder *recorder = recorder_open();
    recorder_listen(recorder, url);
    recorder_start(recorder);
    return recorder;
}

static inline void recorder_join(struct recorder *recorder)
{
    pthread_join(recorder->thread, NULL);
    cr_assert_eq(recorder->run_status, STATUS_OK, "%s", recorder->message);
}

/* Everything opened was closed once, and nothing strange was called. */
static inline void recorder_check(struct recorder *recorder)
{
    struct net_counters counters;
    net_counters(recorder->net, &counters);
    cr_expect_eq(recorder->wrong_count, 0);
    cr_expect_eq(counters.stale_completions, 0);
    cr_expect_eq(counters.accepted, recorder->stream_count);
    for (uint32_t i = 0; i < recorder->stream_count; i++) {
        cr_expect_eq(recorder->streams[i].closed, 1);
    }
}

static inline void recorder_close(struct recorder *recorder)
{
    net_close(recorder->net);
    for (uint32_t i = 0; i < recorder->stream_count; i++) {
        free(recorder->streams[i].bytes);
    }
    free(recorder->streams);
    pthread_mutex_destroy(&recorder->lock);
    free(recorder);
}

static inline void recorder_stop(struct recorder *recorder)
{
    net_stop(recorder->net, STOP_NS);
    recorder_join(recorder);
    recorder_check(recorder);
    recorder_close(recorder);
}

/* Clients. */

static inline uint16_t port_of(const char *url)
{
    return (uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10);
}

static inline socklen_t client_address(const char *url, struct sockaddr_storage *address_out)
{
    memset(address_out, 0, sizeof(*address_out));
    if (strncmp(url, "unix", 4) == 0) {
        struct sockaddr_un *un = (struct sockaddr_un *)address_out;
        un->sun_family = AF_UNIX;
        strncpy(un->sun_path, strchr(url, ':') + 3, sizeof(un->sun_path) - 1);
        return sizeof(*un);
    }
    if (strchr(url, '[') != NULL) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address_out;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port_of(url));
        in6->sin6_addr = in6addr_loopback;
        return sizeof(*in6);
    }
    struct sockaddr_in *in = (struct sockaddr_in *)address_out;
    in->sin_family = AF_INET;
    in->sin_port = htons(port_of(url));
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof(*in);
}

static inline int client_socket(const char *url)
{
    struct sockaddr_storage address;
    client_address(url, &address);
    bool datagram = strncmp(url, "udp", 3) == 0 || strncmp(url, "unixgram", 8) == 0;
    int fd = socket(address.ss_family, (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0, "socket: %s", strerror(errno));
    return fd;
}

static inline int client_connect(const char *url)
{
    struct sockaddr_storage address;
    socklen_t length = client_address(url, &address);
    int fd = client_socket(url);
    int result = connect(fd, (const struct sockaddr *)&address, length);
    cr_assert_eq(result, 0, "connect %s: %s", url, strerror(errno));
    return fd;
}

static inline void client_send(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        cr_assert(sent > 0, "send: %s", strerror(errno));
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* `length` bytes of the pattern from `offset` on. */
static inline void client_send_pattern(int fd, uint64_t offset, size_t length)
{
    static _Thread_local char piece[65536];
    while (length > 0) {
        size_t part = length < sizeof(piece) ? length : sizeof(piece);
        fill_pattern(piece, part, offset);
        client_send(fd, piece, part);
        offset += part;
        length -= part;
    }
}

/* All until the peer's end; -1 for a reset. */
static inline ssize_t client_read_all(int fd, char *bytes, size_t size)
{
    size_t length = 0;
    struct timeval timeout = {.tv_sec = DEADLINE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    while (length < size) {
        ssize_t count = recv(fd, bytes + length, size - length, 0);
        if (count <= 0) {
            return count < 0 ? -1 : (ssize_t)length;
        }
        length += (size_t)count;
    }
    return (ssize_t)length;
}

/* Closing resets the connection. */
static inline void client_reset(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(fd);
}

static inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* From NINES_TEST_SEED or the clock; printed, so that a failure can be had again. */
static inline uint32_t test_seed(void)
{
    const char *given = getenv("NINES_TEST_SEED");
    uint32_t seed = given != NULL ? (uint32_t)strtoul(given, NULL, 10) : (uint32_t)now_ns();
    fprintf(stderr, "NINES_TEST_SEED=%u\n", seed);
    return seed;
}

/* A folder of the test's own under the temporary folder. */
static inline void test_folder(char folder_out[64])
{
    strcpy(folder_out, "/tmp/nines-net-XXXXXX");
    cr_assert_not_null(mkdtemp(folder_out));
}

#endif
