#include "load/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/panic.h"
#include "load/http_client.h"

/* On schedule: lines that fall due within this time are sent together. */
#define TICK_NS INT64_C(200000)
/* Pause after an HTTP 503. */
#define RESEND_NS INT64_C(50000000)

static const char ack_line[] = "{\"nines\":{\"ack\":true}}\n";

struct lines_settings stream_lines(const struct settings *settings, uint32_t index)
{
    const char *word = settings->time_word;
    return (struct lines_settings){
        .line_bytes = (uint32_t)settings->line_bytes,
        .services = (uint32_t)settings->services,
        .customers = (uint32_t)settings->customers,
        .errors = settings->errors,
        .time = word[0] == 'r'            ? LINES_TIME_RFC3339
                : strcmp(word, "ns") == 0 ? LINES_TIME_NS
                                          : LINES_TIME_NONE,
        .ids = settings->ids,
        .seed = settings->seed + index,
    };
}

bool stream_open(struct stream *stream, const struct stream_plan *plan)
{
    const struct settings *settings = plan->settings;
    *stream = (struct stream){
        .settings = settings,
        .verdict = plan->verdict,
        .latency = plan->latency,
        .index = plan->index,
        .writable = true,
    };
    snprintf(stream->host, sizeof(stream->host), "%s:%s", plan->host, plan->port);
    struct lines_settings lines = stream_lines(settings, plan->index);
    lines_init(&stream->lines, &lines);
    size_t chunk = settings->connections > CONNECTIONS_MANY ? CHUNK_BYTES_MANY : CHUNK_BYTES;
    stream->chunk_lines = settings->format == LOAD_HTTP ? (uint32_t)settings->batch_lines
                                                        : (uint32_t)(chunk / lines.line_bytes);
    stream->buffer = malloc(STREAM_HEAD_MAX + (size_t)stream->chunk_lines * lines.line_bytes);
    stream->fd = stream->buffer == NULL ? -1 : address_connect(plan->host, plan->port);
    if (stream->fd < 0) {
        return false;
    }
    lines_prepare(&stream->lines, stream->buffer + STREAM_HEAD_MAX, stream->chunk_lines);
    int flags = fcntl(stream->fd, F_GETFL);
    return fcntl(stream->fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

void stream_close(struct stream *stream)
{
    if (stream->fd >= 0) {
        close(stream->fd);
    }
    free(stream->buffer);
}

/* The share of stream `index` when `total` is spread over all. */
static uint64_t share_of(uint64_t total, uint64_t streams, uint32_t index)
{
    return total / streams + (index < total % streams ? 1 : 0);
}

void stream_start(struct stream *stream, int64_t start_ns, int64_t realtime_offset_ns)
{
    const struct settings *settings = stream->settings;
    double seconds = (double)settings->duration_ns / 1e9;
    uint64_t total = settings->count;
    if (total == 0 && settings->rate > 0) {
        total = (uint64_t)((double)settings->rate * seconds);
    }
    stream->planned =
        total == 0 ? UINT64_MAX : share_of(total, settings->connections, stream->index);
    stream->stop_ns = start_ns + settings->duration_ns;
    stream->realtime_offset_ns = realtime_offset_ns;
    stream->first_ns = start_ns;
    stream->last_fill_ns = start_ns;
    if (settings->rate > 0) {
        stream->period_ns = 1e9 * (double)settings->connections / (double)settings->rate;
        /* Streams take turns within a period. */
        stream->first_ns +=
            (int64_t)(stream->period_ns * stream->index / (double)settings->connections);
    }
    if (stream->verdict != NULL) {
        stream->marker_every =
            (uint64_t)((double)settings->verdict_every_ns / stream->period_ns) + 1;
    }
}

void stream_stop(struct stream *stream)
{
    if (stream->planned > stream->made) {
        stream->planned = stream->made;
    }
}

static int64_t intended_ns(const struct stream *stream, uint64_t line)
{
    return stream->first_ns + (int64_t)((double)line * stream->period_ns);
}

/* How many lines to make now. */
static uint32_t lines_due(struct stream *stream, int64_t now_ns)
{
    uint64_t due = stream->chunk_lines;
    if (stream->period_ns > 0) {
        if (now_ns < stream->first_ns) {
            return 0;
        }
        uint64_t should = (uint64_t)((double)(now_ns - stream->first_ns) / stream->period_ns) + 1;
        should = should < stream->planned ? should : stream->planned;
        due = should > stream->made ? should - stream->made : 0;
        bool last = stream->made + due == stream->planned;
        if (stream->settings->format == LOAD_HTTP && due < stream->chunk_lines && !last) {
            return 0; /* a body is filled first, and its lines wait for it */
        }
    } else if (stream->planned == UINT64_MAX && now_ns >= stream->stop_ns) {
        stream_stop(stream);
    } else if (stream->chunk_count == STREAM_CHUNKS_MAX) {
        return 0;
    }
    uint64_t left = stream->planned - stream->made;
    due = due < left ? due : left;
    return (uint32_t)(due < stream->chunk_lines ? due : stream->chunk_lines);
}

static void mark(struct stream *stream, char *lines, uint32_t count)
{
    uint64_t every = stream->marker_every;
    for (uint64_t line = (stream->made / every + 1) * every - 1; line < stream->made + count;
         line += every) {
        if (verdict_expect(stream->verdict, intended_ns(stream, line))) {
            lines_mark(&stream->lines, lines, (uint32_t)(line - stream->made));
        }
    }
}

/* Puts text right before the lines. */
static void put_head(struct stream *stream, const char *head, size_t length)
{
    assert(length <= STREAM_HEAD_MAX);
    stream->send_from = STREAM_HEAD_MAX - length;
    memcpy(stream->buffer + stream->send_from, head, length);
}

static void make_head(struct stream *stream, uint32_t count)
{
    stream->send_from = STREAM_HEAD_MAX;
    if (stream->settings->format == LOAD_HTTP) {
        char head[STREAM_HEAD_MAX];
        int length = snprintf(head, sizeof(head),
                              "POST /v1/events HTTP/1.1\r\nHost: %s\r\nContent-Type: "
                              "application/x-ndjson\r\nContent-Length: %zu\r\n\r\n",
                              stream->host, (size_t)count * stream->settings->line_bytes);
        assert(length > 0 && length < STREAM_HEAD_MAX);
        put_head(stream, head, (size_t)length);
    } else if (stream->made == 0 && !stream->settings->no_acks) {
        put_head(stream, ack_line, sizeof(ack_line) - 1);
    }
}

static void make(struct stream *stream, uint32_t count, int64_t now_ns)
{
    char *lines = stream->buffer + STREAM_HEAD_MAX;
    bool scheduled = stream->period_ns > 0;
    int64_t from_ns = scheduled ? intended_ns(stream, stream->made) : stream->last_fill_ns;
    double step_ns = scheduled ? stream->period_ns : (double)(now_ns - from_ns) / count;
    lines_fill(&stream->lines, lines, count, from_ns + stream->realtime_offset_ns, step_ns);
    if (stream->marker_every > 0) {
        mark(stream, lines, count);
    }
    make_head(stream, count);
    stream->send_at = stream->send_from;
    stream->send_end = STREAM_HEAD_MAX + (size_t)count * stream->settings->line_bytes;
    stream->made += count;
    stream->last_fill_ns = now_ns;
    if (!scheduled) {
        uint64_t place = (stream->chunk_first + stream->chunk_count++) % STREAM_CHUNKS_MAX;
        stream->chunks[place] = (struct stream_chunk){stream->made, now_ns};
    }
}

static void fail(struct stream *stream, const char *what, const char *why)
{
    if (!stream->failed) {
        fprintf(stderr, "nines-load: connection %u: %s%s%s\n", stream->index, what,
                why[0] == '\0' ? "" : ": ", why);
    }
    stream->failed = true;
    stream->done = true;
}

static void send_some(struct stream *stream, int64_t now_ns)
{
    ssize_t sent = send(stream->fd, stream->buffer + stream->send_at,
                        stream->send_end - stream->send_at, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
        stream->writable = errno == EINTR;
        return;
    }
    if (sent < 0) {
        fail(stream, "cannot send", strerror(errno));
        return;
    }
    stream->send_at += (size_t)sent;
    stream->bytes_sent += (uint64_t)sent;
    stream->last_sent_ns = now_ns;
    if (stream->send_at == stream->send_end && stream->settings->format == LOAD_HTTP) {
        stream->awaits_answer = true;
    }
}

/* Everything is made and sent: says so to the engine, which then sends what it owes and closes. */
static void end_if_sent(struct stream *stream)
{
    if (stream->made < stream->planned || stream->send_at < stream->send_end) {
        return;
    }
    if (stream->settings->format == LOAD_HTTP) {
        stream->done = !stream->awaits_answer && stream->resend_ns == 0;
    } else if (!stream->half_closed) {
        stream->half_closed = true;
        shutdown(stream->fd, SHUT_WR);
    }
}

static int64_t next_time(const struct stream *stream, int64_t now_ns)
{
    if (stream->done || stream->awaits_answer || stream->half_closed) {
        return INT64_MAX;
    }
    if (stream->send_at < stream->send_end) {
        return stream->writable ? now_ns : INT64_MAX;
    }
    if (stream->resend_ns != 0) {
        return stream->resend_ns;
    }
    if (stream->period_ns == 0) {
        return stream->chunk_count == STREAM_CHUNKS_MAX ? INT64_MAX : now_ns;
    }
    int64_t due_ns = intended_ns(stream, stream->made);
    int64_t tick_ns = now_ns + TICK_NS;
    return due_ns > tick_ns ? due_ns : tick_ns;
}

int64_t stream_step(struct stream *stream, int64_t now_ns)
{
    bool sent = stream->send_at == stream->send_end;
    if (stream->resend_ns != 0 && now_ns >= stream->resend_ns) {
        stream->resend_ns = 0;
        stream->send_at = stream->send_from;
    } else if (sent && !stream->awaits_answer && stream->resend_ns == 0) {
        uint32_t due = lines_due(stream, now_ns);
        if (due > 0) {
            make(stream, due, now_ns);
        }
    }
    if (stream->send_at < stream->send_end && stream->writable) {
        send_some(stream, now_ns);
    }
    if (!stream->done) {
        end_if_sent(stream);
    }
    return next_time(stream, now_ns);
}

/* Answers */

static void acknowledge(struct stream *stream, uint64_t lines, int64_t now_ns)
{
    if (stream->period_ns > 0) {
        for (uint64_t i = stream->acknowledged; i < lines; i++) {
            histogram_add(stream->latency, now_ns - intended_ns(stream, i), 1);
        }
    }
    while (stream->chunk_count > 0 && stream->acknowledged < lines) {
        const struct stream_chunk *chunk = &stream->chunks[stream->chunk_first % STREAM_CHUNKS_MAX];
        uint64_t end = chunk->lines_end < lines ? chunk->lines_end : lines;
        histogram_add(stream->latency, now_ns - chunk->made_ns, end - stream->acknowledged);
        stream->acknowledged = end;
        if (end == chunk->lines_end) {
            stream->chunk_first++;
            stream->chunk_count--;
        }
    }
    stream->acknowledged = lines;
    stream->last_answer_ns = now_ns;
}

/* Lines of {"durable":N}; the last one tells all. */
static void read_durable(struct stream *stream, int64_t now_ns)
{
    char *end = memrchr(stream->answer, '\n', stream->answer_length);
    if (end == NULL) {
        return;
    }
    *end = '\0';
    const char *line = strrchr(stream->answer, '\n');
    line = line == NULL ? stream->answer : line + 1;
    unsigned long long durable;
    if (sscanf(line, "{\"durable\":%llu}", &durable) != 1 || durable > stream->made ||
        durable < stream->acknowledged) {
        fail(stream, "not an acknowledgement", line);
        return;
    }
    acknowledge(stream, durable, now_ns);
    stream->durable = durable;
    uint32_t used = (uint32_t)(end + 1 - stream->answer);
    stream->answer_length -= used;
    memmove(stream->answer, end + 1, stream->answer_length);
}

static uint64_t number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

/* The answer to one body, when it is whole. */
static void read_http(struct stream *stream, int64_t now_ns)
{
    stream->answer[stream->answer_length] = '\0';
    char *end = strstr(stream->answer, "\r\n\r\n");
    const char *length = strcasestr(stream->answer, "\r\ncontent-length:");
    if (end == NULL) {
        return;
    }
    size_t body = length == NULL ? 0 : strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
    if ((size_t)(end + 4 - stream->answer) + body > stream->answer_length) {
        return;
    }
    int status = 0;
    (void)sscanf(stream->answer, "HTTP/1.%*c %d", &status);
    stream->awaits_answer = false;
    stream->answer_length = 0;
    if (status == 503) {
        stream->resend_ns = now_ns + RESEND_NS;
    } else if (status != 200) {
        fail(stream, "refused", stream->answer);
    } else {
        stream->durable += number_after(end, "\"accepted\":");
        acknowledge(stream, stream->made, now_ns);
    }
}

static void on_end(struct stream *stream)
{
    bool owed = !stream->settings->no_acks && stream->acknowledged < stream->made;
    if (!stream->half_closed || owed) {
        fail(stream, "closed by the engine before everything was acknowledged", "");
    }
    stream->done = true;
}

void stream_receive(struct stream *stream)
{
    while (!stream->done) {
        size_t room = STREAM_ANSWER_MAX - 1 - stream->answer_length;
        ssize_t got = recv(stream->fd, stream->answer + stream->answer_length, room, 0);
        if (got < 0 && errno == EAGAIN) {
            return;
        }
        if (got < 0 && errno != EINTR) {
            fail(stream, "cannot receive", strerror(errno));
        } else if (got == 0) {
            on_end(stream);
        } else if (got > 0) {
            stream->answer_length += (uint32_t)got;
            int64_t now_ns = clock_monotonic_ns(clock_system());
            if (stream->settings->format == LOAD_HTTP) {
                read_http(stream, now_ns);
            } else {
                read_durable(stream, now_ns);
            }
            if (stream->answer_length == STREAM_ANSWER_MAX - 1) {
                fail(stream, "an endless answer", "");
            }
        }
    }
}
