/* One connection: makes the lines that are due, sends them, and reads what the engine answers.
 *
 *   make ─► buffer ─► send ─► ... ─► {"durable":N}  every line up to N is acknowledged now
 *    ▲                               HTTP 200       every line of the body
 *    └─ nothing is made while the buffer holds unsent bytes: the engine's back-pressure shows as
 * latency
 *
 * On schedule (rate): line i is intended for first_ns + i * period_ns, and its latency counts from
 * there, whenever it was really sent. Flat out: latency counts from the making of the chunk that
 * holds the line.
 *
 * Happy path: step ... step, half-close, last acknowledgement, DONE. Failures: a lost connection or
 * a strange answer ends the stream with `failed`, told once on stderr. An HTTP 503 is tried again
 * after a pause. Owned by one sending thread (sender.h).
 */
#ifndef LOAD_STREAM_H
#define LOAD_STREAM_H

#include "load/histogram.h"
#include "load/lines.h"
#include "load/settings.h"
#include "load/verdict.h"

/* What is made and sent in one go. */
#define CHUNK_BYTES      (256 * 1024)
#define CHUNK_BYTES_MANY (64 * 1024)
/* Connections from which the smaller chunk is taken: a bound on memory. */
#define CONNECTIONS_MANY 64
/* Before the lines: the request for acknowledgements, or an HTTP header. */
#define STREAM_HEAD_MAX 512
/* Flat out: chunks that wait for their acknowledgement; then nothing more is made. */
#define STREAM_CHUNKS_MAX 1024
#define STREAM_ANSWER_MAX 16384

struct stream_chunk {
    uint64_t lines_end; /* of the connection, with this chunk */
    int64_t made_ns;
};

struct stream {
    const struct settings *settings;
    struct verdict *verdict; /* of the stream that sends markers; else NULL */
    struct histogram *latency;
    uint32_t index;
    int fd;
    char host[300]; /* for HTTP */
    struct lines lines;
    uint32_t chunk_lines;

    /* When (monotonic ns); realtime is that plus realtime_offset_ns. */
    int64_t first_ns;
    double period_ns; /* 0: flat out */
    int64_t stop_ns;  /* flat out without a count: when to end */
    int64_t realtime_offset_ns;
    int64_t last_fill_ns;
    int64_t resend_ns;     /* after a 503; 0: none */
    uint64_t marker_every; /* lines; 0: no markers */

    uint64_t planned; /* UINT64_MAX: until stop_ns */
    uint64_t made;
    uint64_t acknowledged;
    uint64_t durable; /* less than acknowledged where an answer says rejected */
    uint64_t bytes_sent;
    int64_t last_sent_ns;
    int64_t last_answer_ns;

    char *buffer; /* STREAM_HEAD_MAX, then chunk_lines lines */
    size_t send_from;
    size_t send_at;
    size_t send_end;
    bool writable;
    bool awaits_answer; /* HTTP: of the body that was sent */
    bool half_closed;
    bool done;
    bool failed;

    struct stream_chunk chunks[STREAM_CHUNKS_MAX];
    uint64_t chunk_first;
    uint64_t chunk_count;
    char answer[STREAM_ANSWER_MAX];
    uint32_t answer_length;
};

struct stream_plan {
    const struct settings *settings;
    struct histogram *latency;
    struct verdict *verdict;
    uint32_t index;
    const char *host;
    const char *port;
};

/* Connects. False: told on stderr. */
bool stream_open(struct stream *stream, const struct stream_plan *plan);
void stream_close(struct stream *stream);
/* Begins the schedule: all streams get the same instant. */
void stream_start(struct stream *stream, int64_t start_ns, int64_t realtime_offset_ns);
/* Sends what can be sent now. Returns when to come again (monotonic ns): now_ns when there is more
 * to do at once, INT64_MAX when only the socket can tell. */
int64_t stream_step(struct stream *stream, int64_t now_ns);
/* The socket has something to read. */
void stream_receive(struct stream *stream);
/* Nothing new is made from now on. */
void stream_stop(struct stream *stream);
/* The settings of the lines of connection number `index`. */
struct lines_settings stream_lines(const struct settings *settings, uint32_t index);

#endif
