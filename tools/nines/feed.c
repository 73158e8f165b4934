#include "nines/feed.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/panic.h"
#include "decode/frame.h"
#include "domain/civil.h"

#define CHUNK_BYTES (256 * 1024)
#define CHUNK_LINES 8192
/* What may be on its way: 16 MiB, some tens of commits of the engine. */
#define CHUNK_COUNT    64
#define PAUSE_FIRST_NS (50 * NS_PER_MS)
#define PAUSE_MAX_NS   (2 * NS_PER_SECOND)
#define CONNECT_MAX_NS (5 * NS_PER_SECOND)
/* A peer that vanished without a word is noticed after this long. */
#define SILENCE_MAX_MS 20000
#define ANSWER_BYTES   128

_Static_assert(CHUNK_BYTES >= 2 * FRAME_BYTES_MAX, "a chunk holds any record");

static const char greeting[] = "{\"nines\":{\"ack\":true}}\n";
#define GREETING_BYTES (sizeof(greeting) - 1)

/* Bytes are never moved: an offset says how far they were sent. */
struct chunk {
    uint32_t length;
    uint32_t line_count;
    uint32_t line_ends[CHUNK_LINES];
    char bytes[CHUNK_BYTES];
};

enum feed_state { FEED_PAUSED, FEED_CONNECTING, FEED_CONNECTED };

struct feed {
    struct feed_settings settings;
    struct address address;
    enum feed_state state;
    int fd; /* -1 while paused */
    bool ended;
    bool half_closed;
    bool was_connected;

    /* A ring: chunks[(head + i) % CHUNK_COUNT] for i < count; the last one is being filled. */
    struct chunk *chunks[CHUNK_COUNT];
    uint32_t head;
    uint32_t count;
    uint64_t head_line; /* lines before the first chunk's */
    uint64_t put_lines;

    /* How far this connection is. */
    uint32_t greeted;    /* bytes of the greeting that were sent */
    uint64_t base_line;  /* durable when it was made: its own count begins there */
    uint32_t send_chunk; /* counted from the head */
    uint32_t send_offset;
    uint32_t send_line; /* whole lines of that chunk before the offset */

    char answer[ANSWER_BYTES];
    uint32_t answer_length;

    int64_t pause_ns;
    int64_t due_ns;     /* of the next attempt, or of a connect that takes too long */
    int64_t stalled_ns; /* since when nothing became durable although it broke; -1: all is well */
    char trouble[128];  /* why the connection broke last */
    struct feed_counts counts;
};

enum status feed_open(struct feed **feed_out, const struct feed_settings *settings,
                      char message_out[FEED_MESSAGE_SIZE])
{
    struct feed *feed = calloc(1, sizeof(*feed));
    if (feed == NULL) {
        snprintf(message_out, FEED_MESSAGE_SIZE, "out of memory");
        return STATUS_NO_MEMORY;
    }
    char why[NET_MESSAGE_SIZE];
    enum status status = address_parse(settings->url, &feed->address, why);
    if (status == STATUS_OK && !address_is_stream(&feed->address)) {
        snprintf(why, sizeof(why), "acknowledgements need tcp:// or unix://");
        status = STATUS_INVALID;
    }
    if (status != STATUS_OK) {
        snprintf(message_out, FEED_MESSAGE_SIZE, "--to %.200s: %s", settings->url, why);
        free(feed);
        return status;
    }
    feed->settings = *settings;
    feed->fd = -1;
    feed->pause_ns = PAUSE_FIRST_NS;
    feed->due_ns = INT64_MIN;
    feed->stalled_ns = -1;
    *feed_out = feed;
    return STATUS_OK;
}

static void close_socket(struct feed *feed)
{
    if (feed->fd >= 0) {
        close(feed->fd);
        feed->fd = -1;
    }
}

void feed_close(struct feed *feed)
{
    close_socket(feed);
    for (uint32_t i = 0; i < CHUNK_COUNT; i++) {
        free(feed->chunks[i]);
    }
    free(feed);
}

/* Chunks */

static struct chunk *chunk_at(const struct feed *feed, uint32_t index)
{
    assert(index < feed->count);
    return feed->chunks[(feed->head + index) % CHUNK_COUNT];
}

static bool is_full(const struct chunk *chunk)
{
    return chunk->line_count == CHUNK_LINES || CHUNK_BYTES - chunk->length < FRAME_BYTES_MAX;
}

bool feed_has_room(const struct feed *feed)
{
    return feed->count < CHUNK_COUNT || !is_full(chunk_at(feed, feed->count - 1));
}

static struct chunk *chunk_to_fill(struct feed *feed)
{
    if (feed->count > 0 && !is_full(chunk_at(feed, feed->count - 1))) {
        return chunk_at(feed, feed->count - 1);
    }
    uint32_t index = (feed->head + feed->count) % CHUNK_COUNT;
    if (feed->chunks[index] == NULL) {
        feed->chunks[index] = malloc(sizeof(struct chunk));
        assert(feed->chunks[index] != NULL);
    }
    feed->count++;
    feed->chunks[index]->length = 0;
    feed->chunks[index]->line_count = 0;
    return feed->chunks[index];
}

void feed_put(struct feed *feed, struct text record)
{
    assert(feed_has_room(feed) && !feed->ended);
    assert(record.length > 0 && record.length <= RECORD_BYTES_MAX);
    struct chunk *chunk = chunk_to_fill(feed);
    if (memchr(record.bytes, '\n', record.length) != NULL) {
        /* It came octet counted, and can only stay whole that way. */
        chunk->length += (uint32_t)snprintf(chunk->bytes + chunk->length,
                                            CHUNK_BYTES - chunk->length, "%u ", record.length);
    }
    memcpy(chunk->bytes + chunk->length, record.bytes, record.length);
    chunk->length += record.length;
    chunk->bytes[chunk->length++] = '\n';
    chunk->line_ends[chunk->line_count++] = chunk->length;
    feed->put_lines++;
}

void feed_end(struct feed *feed)
{
    feed->ended = true;
}

bool feed_is_done(const struct feed *feed)
{
    return feed->ended && feed->counts.durable == feed->put_lines;
}

struct feed_counts feed_counts(const struct feed *feed)
{
    return feed->counts;
}

/* Gives back chunks that are durable as a whole. */
static void release_chunks(struct feed *feed)
{
    while (feed->count > 0) {
        const struct chunk *chunk = chunk_at(feed, 0);
        /* The one being sent or filled stays, also when all of it is durable by now. */
        if (feed->count == 1 || feed->send_chunk == 0 ||
            feed->head_line + chunk->line_count > feed->counts.durable) {
            return;
        }
        feed->head_line += chunk->line_count;
        feed->head = (feed->head + 1) % CHUNK_COUNT;
        feed->count--;
        feed->send_chunk--;
    }
}

/* The first byte behind the last durable line. */
static void rewind_to_durable(struct feed *feed)
{
    feed->send_chunk = 0;
    uint64_t line = feed->counts.durable - feed->head_line;
    while (feed->send_chunk + 1 < feed->count &&
           line >= chunk_at(feed, feed->send_chunk)->line_count) {
        line -= chunk_at(feed, feed->send_chunk)->line_count;
        feed->send_chunk++;
    }
    feed->send_line = (uint32_t)line;
    feed->send_offset = line == 0 ? 0 : chunk_at(feed, feed->send_chunk)->line_ends[line - 1];
}

/* Connection */

static void lose(struct feed *feed, int64_t now_ns, const char *trouble)
{
    close_socket(feed);
    feed->state = FEED_PAUSED;
    feed->due_ns = now_ns + feed->pause_ns;
    feed->pause_ns = feed->pause_ns * 2 < PAUSE_MAX_NS ? feed->pause_ns * 2 : PAUSE_MAX_NS;
    if (feed->stalled_ns < 0) {
        feed->stalled_ns = now_ns;
    }
    snprintf(feed->trouble, sizeof(feed->trouble), "%s", trouble);
}

static void set_socket_options(const struct feed *feed)
{
    int on = 1;
    int silence_ms = SILENCE_MAX_MS;
    if (feed->address.kind == ADDRESS_TCP) {
        /* Best effort: without them it still works, later. */
        (void)setsockopt(feed->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(feed->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
        (void)setsockopt(feed->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms, sizeof(silence_ms));
    }
}

static void begin_connection(struct feed *feed)
{
    feed->state = FEED_CONNECTED;
    feed->counts.reconnects += feed->was_connected;
    feed->was_connected = true;
    feed->greeted = 0;
    feed->half_closed = false;
    feed->answer_length = 0;
    feed->base_line = feed->counts.durable;
    feed->counts.resent += feed->counts.sent - feed->counts.durable;
    rewind_to_durable(feed);
}

static void start_connecting(struct feed *feed, int64_t now_ns)
{
    feed->fd =
        socket(feed->address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (feed->fd < 0) {
        lose(feed, now_ns, strerror(errno));
        return;
    }
    set_socket_options(feed);
    feed->due_ns = now_ns + CONNECT_MAX_NS;
    if (connect(feed->fd, (const struct sockaddr *)&feed->address.storage, feed->address.length) ==
        0) {
        begin_connection(feed);
    } else if (errno == EINPROGRESS) {
        feed->state = FEED_CONNECTING;
    } else {
        lose(feed, now_ns, strerror(errno));
    }
}

static void finish_connecting(struct feed *feed, int64_t now_ns)
{
    struct pollfd poll_fd = {.fd = feed->fd, .events = POLLOUT};
    if (poll(&poll_fd, 1, 0) == 0) {
        if (now_ns >= feed->due_ns) {
            lose(feed, now_ns, "it does not answer");
        }
        return;
    }
    int error = 0;
    socklen_t length = sizeof(error);
    if (getsockopt(feed->fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0) {
        begin_connection(feed);
    } else {
        lose(feed, now_ns, strerror(error));
    }
}

/* Sending */

static bool has_bytes(const struct feed *feed)
{
    return feed->greeted < GREETING_BYTES || feed->send_chunk + 1 < feed->count ||
           (feed->count > 0 && feed->send_offset < chunk_at(feed, feed->send_chunk)->length);
}

static struct text next_bytes(const struct feed *feed)
{
    if (feed->greeted < GREETING_BYTES) {
        return (struct text){greeting + feed->greeted, (uint32_t)GREETING_BYTES - feed->greeted};
    }
    const struct chunk *chunk = chunk_at(feed, feed->send_chunk);
    return (struct text){chunk->bytes + feed->send_offset, chunk->length - feed->send_offset};
}

/* Lines of all chunks that this connection was given whole. */
static uint64_t lines_handed_over(const struct feed *feed)
{
    uint64_t lines = feed->head_line + feed->send_line;
    for (uint32_t i = 0; i < feed->send_chunk; i++) {
        lines += chunk_at(feed, i)->line_count;
    }
    return lines;
}

static void advance(struct feed *feed, uint32_t length)
{
    feed->counts.bytes += length;
    if (feed->greeted < GREETING_BYTES) {
        feed->greeted += length;
        return;
    }
    const struct chunk *chunk = chunk_at(feed, feed->send_chunk);
    feed->send_offset += length;
    while (feed->send_line < chunk->line_count &&
           chunk->line_ends[feed->send_line] <= feed->send_offset) {
        feed->send_line++;
    }
    if (feed->send_offset == chunk->length && feed->send_chunk + 1 < feed->count) {
        feed->send_chunk++;
        feed->send_offset = 0;
        feed->send_line = 0;
    }
    uint64_t handed_over = lines_handed_over(feed);
    if (handed_over > feed->counts.sent) {
        feed->counts.sent = handed_over;
    }
}

/* A chunk that was sent to its end waits there until the next one is begun. */
static void step_over_finished(struct feed *feed)
{
    if (feed->greeted == GREETING_BYTES && feed->send_chunk + 1 < feed->count &&
        feed->send_offset == chunk_at(feed, feed->send_chunk)->length) {
        feed->send_chunk++;
        feed->send_offset = 0;
        feed->send_line = 0;
    }
}

static void send_what_goes(struct feed *feed, int64_t now_ns)
{
    for (step_over_finished(feed); has_bytes(feed); step_over_finished(feed)) {
        struct text bytes = next_bytes(feed);
        ssize_t sent = send(feed->fd, bytes.bytes, bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK) {
                lose(feed, now_ns, strerror(errno));
            }
            return;
        }
        advance(feed, (uint32_t)sent);
    }
    if (feed->ended && !feed->half_closed) {
        /* The engine reads to the end, acknowledges everything, and closes. */
        feed->half_closed = true;
        (void)shutdown(feed->fd, SHUT_WR);
    }
}

/* Answers */

/* {"durable":N} and nothing else. */
static bool parse_answer(const char *line, uint64_t *lines_out)
{
    unsigned long long lines;
    int end = 0;
    if (strncmp(line, "{\"durable\":", 11) != 0 || line[11] < '0' || line[11] > '9' ||
        sscanf(line, "{\"durable\":%20llu}%n", &lines, &end) != 1 || line[end] != '\0' ||
        end == 0) {
        return false;
    }
    *lines_out = lines;
    return true;
}

static enum status take_answer(struct feed *feed, const char *line,
                               char message_out[FEED_MESSAGE_SIZE])
{
    uint64_t lines;
    if (!parse_answer(line, &lines)) {
        snprintf(
            message_out, FEED_MESSAGE_SIZE,
            "%s answers '%.60s' instead of {\"durable\":N}: is it the ingest address of ninesd?",
            feed->settings.url, line);
        return STATUS_FOREIGN;
    }
    uint64_t durable = feed->base_line + lines;
    if (lines > lines_handed_over(feed) || durable > lines_handed_over(feed) ||
        durable < feed->counts.durable) {
        snprintf(message_out, FEED_MESSAGE_SIZE, "%s acknowledges %llu lines: not what it was sent",
                 feed->settings.url, (unsigned long long)lines);
        return STATUS_FOREIGN;
    }
    if (durable > feed->counts.durable) {
        feed->counts.durable = durable;
        feed->stalled_ns = -1;
        feed->pause_ns = PAUSE_FIRST_NS;
        release_chunks(feed);
    }
    return STATUS_OK;
}

/* All whole lines of what has come. */
static enum status take_answers(struct feed *feed, char message_out[FEED_MESSAGE_SIZE])
{
    char *at = feed->answer;
    char *end = feed->answer + feed->answer_length;
    for (char *line_end; (line_end = memchr(at, '\n', (size_t)(end - at))) != NULL;) {
        *line_end = '\0';
        enum status status = take_answer(feed, at, message_out);
        if (status != STATUS_OK) {
            return status;
        }
        at = line_end + 1;
    }
    if (end - at == ANSWER_BYTES - 1) {
        *end = '\0';
        return take_answer(feed, at, message_out); /* no line of ours is that long */
    }
    memmove(feed->answer, at, (size_t)(end - at));
    feed->answer_length = (uint32_t)(end - at);
    return STATUS_OK;
}

static enum status receive(struct feed *feed, int64_t now_ns, char message_out[FEED_MESSAGE_SIZE])
{
    while (feed->state == FEED_CONNECTED) {
        ssize_t got = recv(feed->fd, feed->answer + feed->answer_length,
                           ANSWER_BYTES - 1 - feed->answer_length, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK) {
                lose(feed, now_ns, strerror(errno));
            }
            return STATUS_OK;
        }
        if (got == 0) {
            if (!feed_is_done(feed)) {
                lose(feed, now_ns, "the connection was closed");
            }
            return STATUS_OK;
        }
        feed->answer_length += (uint32_t)got;
        enum status status = take_answers(feed, message_out);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* Turning */

static enum status give_up_when_due(struct feed *feed, int64_t now_ns,
                                    char message_out[FEED_MESSAGE_SIZE])
{
    if (feed->state != FEED_PAUSED || feed->stalled_ns < 0) {
        return STATUS_OK;
    }
    if (!feed->was_connected && !feed->settings.retry_first) {
        snprintf(message_out, FEED_MESSAGE_SIZE, "no daemon at %s (%s); start ninesd, or say --to",
                 feed->settings.url, feed->trouble);
        return STATUS_NOT_FOUND;
    }
    if (now_ns - feed->stalled_ns >= feed->settings.retry_ns) {
        snprintf(message_out, FEED_MESSAGE_SIZE, "gave up on %s after %.1f s: %s",
                 feed->settings.url, (double)(now_ns - feed->stalled_ns) / (double)NS_PER_SECOND,
                 feed->trouble);
        return STATUS_STOPPED;
    }
    return STATUS_OK;
}

enum status feed_turn(struct feed *feed, int64_t now_ns, char message_out[FEED_MESSAGE_SIZE])
{
    if (feed->state == FEED_PAUSED && now_ns >= feed->due_ns) {
        start_connecting(feed, now_ns);
    }
    if (feed->state == FEED_CONNECTING) {
        finish_connecting(feed, now_ns);
    }
    /* Answers first: what is durable need not be sent again if sending finds the connection lost.
     */
    enum status status = receive(feed, now_ns, message_out);
    if (status == STATUS_OK && feed->state == FEED_CONNECTED) {
        send_what_goes(feed, now_ns);
    }
    return status == STATUS_OK ? give_up_when_due(feed, now_ns, message_out) : status;
}

int64_t feed_poll(const struct feed *feed, struct pollfd *poll_out)
{
    *poll_out = (struct pollfd){.fd = feed->fd, .events = POLLIN};
    if (feed->state == FEED_CONNECTED) {
        poll_out->events |= has_bytes(feed) ? POLLOUT : 0;
        return INT64_MAX;
    }
    if (feed->state == FEED_CONNECTING) {
        poll_out->events = POLLOUT;
    }
    return feed->due_ns;
}
