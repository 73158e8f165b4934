#include "api/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/farewell.h"
#include "api/gate.h"
#include "api/listen.h"
#include "api/problem.h"
#include "base/panic.h"

/* How long http_close waits for answers to be read by slow clients. */
#define CLOSE_WAIT_S 2

/* field      written by     read by   order
 * waiting    HTTP threads   closer    under lock: suspended requests without an answer
 * busy       HTTP threads   closer    under lock: requests from their dispatch to their end
 * counters   HTTP threads   any       relaxed: gauges
 */
struct http {
    struct http_settings settings;
    struct MHD_Daemon *daemon;
    struct farewell *farewell;
    bool is_loopback;
    struct body_budget budget;
    pthread_mutex_t lock;
    pthread_cond_t calmer;
    uint32_t waiting;
    uint32_t busy;
    _Atomic uint64_t requests;
    _Atomic uint64_t answers[6];
    _Atomic uint64_t body_bytes;
};

static void count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

/* Suspending and resuming */

void request_await(struct request *request)
{
    struct http *http = request->http;
    request->waits = true;
    pthread_mutex_lock(&http->lock);
    http->waiting++;
    pthread_mutex_unlock(&http->lock);
    MHD_suspend_connection(request->connection);
}

void request_finish(struct request *request)
{
    struct http *http = request->http; /* the request may end as soon as it is resumed */
    MHD_resume_connection(request->connection);
    pthread_mutex_lock(&http->lock);
    http->waiting--;
    pthread_cond_broadcast(&http->calmer);
    pthread_mutex_unlock(&http->lock);
}

static void run_job(void *context)
{
    struct request *request = context;
    request->run(request);
}

static void job_finished(void *context)
{
    request_finish(context);
}

void request_hand_over(struct request *request, struct lane *lane,
                       void (*run)(struct request *request))
{
    request->run = run;
    request->job = (struct lane_job){.run = run_job, .finished = job_finished, .context = request};
    request_await(request);
    enum status status = lane_push(lane, &request->job);
    if (status != STATUS_OK) {
        problem_busy(&request->answer, status == STATUS_FULL
                                           ? "too many such questions are being answered"
                                           : "the engine is stopping");
        request_finish(request);
    }
}

const char *request_header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* Answers */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        enum MHD_Result added = MHD_add_response_header(response, name, value);
        (void)added; /* out of memory: an answer with a header less */
    }
}

static void add_headers(struct MHD_Response *response, const struct answer *answer)
{
    add_header(response, "Content-Type", answer->media);
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Cache-Control", "no-store");
    add_header(response, "Allow", answer->allow);
    add_header(response, "Location", answer->location);
    add_header(response, "Accept-Encoding", answer->accept_encoding);
    if (answer->retry_after_s != 0) {
        char seconds[16];
        snprintf(seconds, sizeof(seconds), "%u", answer->retry_after_s);
        add_header(response, "Retry-After", seconds);
    }
    if (answer->close) {
        add_header(response, "Connection", "close");
    }
}

static enum MHD_Result send_answer(struct request *request)
{
    struct answer *answer = &request->answer;
    assert(answer->status != 0); /* whoever handled the request has answered it */
    count(&request->http->answers[answer->status / 100], 1);
    size_t length = answer->body.length;
    char *bytes = text_buffer_take(&answer->body);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(bytes);
        return MHD_NO;
    }
    add_headers(response, answer);
    enum MHD_Result queued = MHD_queue_response(request->connection, answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

static int socket_of(const struct request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

/* In the middle of a body libmicrohttpd takes no answer. Nothing else is being sent on the
 * connection then, so this one is written to the socket directly, and the connection is closed
 * behind it. */
static enum MHD_Result refuse_midway(struct request *request)
{
    struct answer *answer = &request->answer;
    count(&request->http->answers[answer->status / 100], 1);
    struct text_buffer whole;
    text_buffer_init(&whole);
    text_buffer_format(&whole,
                       "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                       "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
                       answer->status, status_phrase(answer->status), answer->media,
                       answer->body.length);
    text_buffer_append(&whole, answer->body.bytes, answer->body.length);
    ssize_t sent = send(socket_of(request), whole.bytes, whole.length, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent; /* a peer that reads nothing learns nothing */
    text_buffer_fini(&whole);
    request->lingers = true;
    return MHD_NO;
}

/* Headers */

static bool is_token(const char *name, size_t length)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < length; i++) {
        char byte = name[i];
        bool alphanumeric = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                            (byte >= 'A' && byte <= 'Z');
        if (!alphanumeric && (byte == '\0' || strchr(marks, byte) == NULL)) {
            return false;
        }
    }
    return length > 0;
}

static bool is_field_value(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)value[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

static void note_field(const char *wanted, const char *name, const char *value, uint32_t *count_out,
                       const char **value_out)
{
    if (strcasecmp(wanted, name) == 0) {
        (*count_out)++;
        *value_out = value;
    }
}

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   size_t name_length, const char *value, size_t value_length)
{
    (void)kind;
    struct gate_facts *facts = context;
    value = value == NULL ? "" : value;
    size_t length = name_length + value_length;
    facts->header_count++;
    facts->header_bytes += length;
    facts->header_bytes_longest =
        length > facts->header_bytes_longest ? length : facts->header_bytes_longest;
    facts->malformed |= !is_token(name, name_length) || !is_field_value(value, value_length);
    note_field("Host", name, value, &facts->host_count, &facts->host);
    note_field("Content-Length", name, value, &facts->length_count, &facts->length);
    note_field("Transfer-Encoding", name, value, &facts->transfer_count, &facts->transfer);
    note_field("Expect", name, value, &facts->expect_count, &facts->expect);
    note_field("Origin", name, value, &facts->origin_count, &facts->origin);
    note_field("Content-Encoding", name, value, &facts->coding_count, &facts->coding);
    return MHD_YES;
}

/* An answer before the body: libmicrohttpd then reads nothing more, and closes the connection. */
static enum MHD_Result refuse(struct request *request, bool has_body)
{
    request->answer.close = true;
    request->lingers = has_body;
    return send_answer(request);
}

/* False: refused. Only what is framed beyond doubt may go on on this connection. */
static bool pass_gate(struct request *request, const struct gate_facts *facts)
{
    struct gate_refusal refusal = gate_check(facts);
    if (refusal.status == 0) {
        return true;
    }
    problem(&request->answer, refusal.status, "%s", refusal.detail);
    return false;
}

static bool find_route(struct request *request)
{
    const char *detail;
    enum status status = target_parse(&request->target, request->raw_target, &detail);
    if (status != STATUS_OK) {
        problem(&request->answer, status == STATUS_INVALID ? 400 : 503, "%s",
                status == STATUS_INVALID ? detail : "out of memory");
        return false;
    }
    struct route_match match;
    route_find(request->http->settings.table, request->method, &request->target, &match);
    if (match.route == NULL && !method_is_known(request->method)) {
        problem(&request->answer, 501, "no such method");
    } else if (match.route == NULL && match.path_known) {
        problem(&request->answer, 405, "this path takes %s", match.allow);
        memcpy(request->answer.allow, match.allow, sizeof(match.allow));
    } else if (match.route == NULL) {
        problem(&request->answer, 404, "no such path; GET / lists what there is");
    }
    request->route = match.route;
    memcpy(request->names, match.names, sizeof(match.names));
    return match.route != NULL;
}

static bool prepare_body(struct request *request, const struct gate_facts *facts, uint64_t length)
{
    if (length != UINT64_MAX && length > BODY_BYTES_MAX) {
        problem(&request->answer, 413, "a body may have %u MiB", BODY_BYTES_MAX >> 20);
        return false;
    }
    if (!request->route->takes_body) {
        return true;
    }
    int coding = facts->coding_count > 1 ? -1 : coding_from(facts->coding);
    if (coding < 0) {
        problem(&request->answer, 415, "Content-Encoding may be gzip, deflate, zstd or identity");
        request->answer.accept_encoding = "gzip, deflate, zstd";
        return false;
    }
    request->keeps_body = true;
    body_init(&request->body, &request->http->budget, (enum coding)coding);
    return true;
}

static enum MHD_Result begin(struct request *request, const char *method, const char *version)
{
    struct gate_facts facts = {
        .method = method,
        .version = version,
        .target_bytes = strlen(request->raw_target),
        .listens_on_loopback = request->http->is_loopback,
    };
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, note_header, &facts);
    snprintf(request->method, sizeof(request->method), "%s", method);
    if (!pass_gate(request, &facts)) {
        return refuse(request, facts.length_count != 0 || facts.transfer_count != 0);
    }
    uint64_t length;
    bool has_body = gate_body(&facts, &length);
    bool good = find_route(request) && prepare_body(request, &facts, length);
    /* Without a body there is nothing to skip: the answer waits for the next call, and the
     * connection goes on. */
    return good || !has_body ? MHD_YES : refuse(request, true);
}

/* Bodies */

static enum MHD_Result take_data(struct request *request, const char *bytes, size_t length)
{
    count(&request->http->body_bytes, length);
    if (request->keeps_body) {
        body_add(&request->body, bytes, length);
    } else {
        request->discarded += length;
    }
    if (request->body.state == BODY_OVERFLOWED || request->discarded > BODY_BYTES_MAX) {
        problem(&request->answer, 413, "a body may have %u MiB", BODY_BYTES_MAX >> 20);
        return refuse_midway(request);
    }
    return MHD_YES;
}

/* False: answered with what is wrong. */
static bool body_is_good(struct request *request)
{
    body_end(&request->body);
    switch (request->body.state) {
    case BODY_OK:
        return true;
    case BODY_BROKEN:
        problem(&request->answer, 400, "the body is not what its Content-Encoding says");
        return false;
    case BODY_NO_ROOM:
        problem_busy(&request->answer, "too many large bodies are on their way");
        return false;
    case BODY_TOO_LARGE:
    case BODY_OVERFLOWED:
    default:
        problem(&request->answer, 413, "a body may unpack to %u MiB, and to %u times its size",
                UNPACKED_BYTES_MAX >> 20, UNPACK_RATIO_MAX);
        request->answer.close = true;
        return false;
    }
}

static enum MHD_Result dispatch(struct request *request)
{
    struct http *http = request->http;
    request->dispatched = true;
    pthread_mutex_lock(&http->lock);
    http->busy++;
    pthread_mutex_unlock(&http->lock);
    if (request->keeps_body && !body_is_good(request)) {
        return send_answer(request);
    }
    request->route->handle(request);
    return request->waits ? MHD_YES : send_answer(request);
}

/* libmicrohttpd's callbacks */

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload_data,
                              size_t *upload_data_size, void **request_context)
{
    (void)context;
    (void)connection;
    (void)url; /* decoded by libmicrohttpd; ours is the raw one */
    struct request *request = *request_context;
    if (request == NULL) {
        return MHD_NO; /* out of memory at the first line */
    }
    if (!request->begun) {
        request->begun = true;
        return begin(request, method, version);
    }
    if (*upload_data_size != 0) {
        size_t length = *upload_data_size;
        *upload_data_size = 0;
        return take_data(request, upload_data, length);
    }
    bool answered = request->dispatched || request->answer.status != 0;
    return answered ? send_answer(request) : dispatch(request);
}

/* The request line has been read. */
static void *first_line(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http *http = context;
    struct request *request = calloc(1, sizeof(*request));
    char *copy = strdup(target);
    if (request == NULL || copy == NULL) {
        free(request);
        free(copy);
        return NULL;
    }
    count(&http->requests, 1);
    request->context = http->settings.context;
    request->http = http;
    request->connection = connection;
    request->raw_target = copy;
    return request;
}

static void completed(void *context, struct MHD_Connection *connection, void **request_context,
                      enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct http *http = context;
    struct request *request = *request_context;
    if (request == NULL) {
        return;
    }
    if (request->lingers) {
        farewell_take(http->farewell, socket_of(request));
    }
    if (request->state_free != NULL) {
        request->state_free(request->state);
    }
    shared_let_go(request->agreements);
    bool dispatched = request->dispatched;
    target_fini(&request->target);
    body_fini(&request->body);
    text_buffer_fini(&request->answer.body);
    free(request->raw_target);
    free(request);
    *request_context = NULL;
    if (dispatched) {
        pthread_mutex_lock(&http->lock);
        http->busy--;
        pthread_cond_broadcast(&http->calmer);
        pthread_mutex_unlock(&http->lock);
    }
}

/* Paths and parameters are decoded by target.c; here nothing must change. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* Opening and closing */

static struct MHD_Daemon *start_daemon(struct http *http, int fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL, NULL,
        handle, http, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_THREADS, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_BYTES,
        MHD_OPTION_URI_LOG_CALLBACK, first_line, http, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, http, MHD_OPTION_END);
}

/* The library's threads inherit the mask: signals are main's business. */
static struct MHD_Daemon *start_without_signals(struct http *http, int fd)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    struct MHD_Daemon *daemon = start_daemon(http, fd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

static void init_locks(struct http *http)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&http->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&http->calmer, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void http_free(struct http *http)
{
    farewell_close(http->farewell);
    pthread_cond_destroy(&http->calmer);
    pthread_mutex_destroy(&http->lock);
    free(http);
}

enum status http_open(struct http **http_out, const struct http_settings *settings,
                      const char *listen, char address_out[HTTP_ADDRESS_SIZE],
                      char message_out[HTTP_MESSAGE_SIZE])
{
    struct http *http = calloc(1, sizeof(*http));
    if (http == NULL) {
        snprintf(message_out, HTTP_MESSAGE_SIZE, "out of memory");
        return STATUS_NO_MEMORY;
    }
    http->settings = *settings;
    init_locks(http);
    struct listen_socket socket;
    enum status status = listen_open(&socket, listen, message_out, HTTP_MESSAGE_SIZE);
    if (status != STATUS_OK) {
        goto free_http;
    }
    http->is_loopback = socket.is_loopback;
    status = farewell_open(&http->farewell);
    if (status == STATUS_OK) {
        http->daemon = start_without_signals(http, socket.fd);
        status = http->daemon == NULL ? STATUS_IO : STATUS_OK;
    }
    if (status != STATUS_OK) {
        snprintf(message_out, HTTP_MESSAGE_SIZE, "the HTTP server does not start: %s",
                 strerror(errno));
        close(socket.fd);
        goto free_http;
    }
    snprintf(address_out, HTTP_ADDRESS_SIZE, "http://%s", socket.address);
    *http_out = http;
    return STATUS_OK;

free_http:
    http_free(http);
    return status;
}

/* Every suspended request must be resumed before libmicrohttpd may stop; answers get a moment to go
 * out. */
static void wait_until_calm(struct http *http)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += CLOSE_WAIT_S;
    pthread_mutex_lock(&http->lock);
    while (http->waiting > 0) {
        pthread_cond_wait(&http->calmer, &http->lock);
    }
    int code = 0;
    while (http->busy > 0 && code == 0) {
        code = pthread_cond_timedwait(&http->calmer, &http->lock, &until);
    }
    pthread_mutex_unlock(&http->lock);
}

void http_close(struct http *http)
{
    if (http == NULL) {
        return;
    }
    MHD_socket fd = MHD_quiesce_daemon(http->daemon);
    wait_until_calm(http);
    MHD_stop_daemon(http->daemon);
    if (fd != MHD_INVALID_SOCKET) {
        close(fd);
    }
    http_free(http);
}

void http_counters(const struct http *http, struct http_counters *counters_out)
{
    counters_out->requests = atomic_load_explicit(&http->requests, memory_order_relaxed);
    counters_out->body_bytes = atomic_load_explicit(&http->body_bytes, memory_order_relaxed);
    for (uint32_t i = 0; i < 6; i++) {
        counters_out->answers[i] = atomic_load_explicit(&http->answers[i], memory_order_relaxed);
    }
}
