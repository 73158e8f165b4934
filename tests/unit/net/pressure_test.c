#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "net/uring.h"
#include "unit/net/recorder.h"

struct sender {
    pthread_t thread;
    int fd;
    size_t length;
    _Atomic size_t sent;
};

static void *sender_run(void *argument)
{
    struct sender *sender = argument;
    for (size_t at = 0; at < sender->length; at += 65536) {
        client_send_pattern(sender->fd, at, 65536);
        atomic_store(&sender->sent, at + 65536);
    }
    close(sender->fd);
    return NULL;
}

static void sender_start(struct sender *sender, const char *url, size_t length)
{
    sender->fd = client_connect(url);
    sender->length = length;
    atomic_store(&sender->sent, 0);
    cr_assert_eq(pthread_create(&sender->thread, NULL, sender_run, sender), 0);
}

static void check_burst(const char *url, uint32_t sender_count)
{
    struct sender senders[64];
    size_t pool = (size_t)NET_BUFFER_COUNT * NET_BUFFER_BYTES;
    size_t length = 10 * pool / sender_count / 65536 * 65536;
    struct recorder *recorder = recorder_on(url);
    atomic_store(&recorder->refuse, true);
    atomic_store(&recorder->pattern, true);
    for (uint32_t i = 0; i < sender_count; i++) {
        sender_start(&senders[i], recorder->url[0], length);
    }
    /* With many senders the pool is empty before each has been refused once. */
    wait_until(recorder, recorder->refused_count >= (sender_count < 8 ? sender_count : 8));
    cr_expect_eq(recorder->bytes, 0);
    /* Both kernel buffers of a connection hold 10 MiB at most. */
    for (uint32_t i = 0; i < sender_count && length > 32 * 1024 * 1024; i++) {
        cr_expect_lt(atomic_load(&senders[i].sent), length, "the sender's window closes");
    }
    atomic_store(&recorder->refuse, false);
    net_wake(recorder->net);
    wait_until(recorder, recorder->closed_count == sender_count);
    for (uint32_t i = 0; i < sender_count; i++) {
        cr_expect_eq(recorder->streams[i].length, length);
        pthread_join(senders[i].thread, NULL);
    }
    recorder_stop(recorder);
}

Test(net_pressure, a_burst_of_ten_pools_waits_and_arrives_in_order)
{
    check_burst("tcp://127.0.0.1:0", 4);
}

Test(net_pressure, more_paused_connections_than_the_pool_can_serve_lose_nothing)
{
    check_burst("tcp://127.0.0.1:0", 64);
}

Test(net_pressure, partly_taken_bytes_are_offered_again_from_where_they_stopped)
{
    struct sender sender;
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->pattern, true);
    atomic_store(&recorder->take_max, 777);
    sender_start(&sender, recorder->url[0], 10 * 65536);
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->streams[0].length, 10 * 65536);
    pthread_join(sender.thread, NULL);
    recorder_stop(recorder);
}

Test(net_pressure, one_refused_connection_does_not_starve_another)
{
    struct sender refused;
    struct sender served;
    size_t length = 2 * (size_t)NET_BUFFER_COUNT * NET_BUFFER_BYTES;
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->pattern, true);
    atomic_store(&recorder->refuse_one, 1);
    sender_start(&refused, recorder->url[0], length);
    wait_until(recorder, recorder->refused_count > 0);
    sender_start(&served, recorder->url[0], length);
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->streams[0].length, 0);
    cr_expect_eq(recorder->streams[1].length, length);
    cr_expect_lt(atomic_load(&refused.sent), length);
    atomic_store(&recorder->refuse_one, 0);
    net_wake(recorder->net);
    wait_until(recorder, recorder->closed_count == 2);
    cr_expect_eq(recorder->streams[0].length, length);
    pthread_join(refused.thread, NULL);
    pthread_join(served.thread, NULL);
    recorder_stop(recorder);
}

Test(net_pressure, small_pieces_sent_during_a_pause_arrive_in_order)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->pattern, true);
    atomic_store(&recorder->refuse, true);
    int fd = client_connect(recorder->url[0]);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (uint32_t i = 0; i < 3000; i++) {
        client_send_pattern(fd, (uint64_t)i * 10, 10);
    }
    wait_until(recorder, recorder->refused_count > 0);
    cr_expect_eq(recorder->bytes, 0);
    atomic_store(&recorder->refuse, false);
    net_wake(recorder->net);
    close(fd);
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->streams[0].length, 30000);
    recorder_stop(recorder);
}

static bool server_is_gone(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

Test(net_pressure, connections_beyond_the_maximum_are_closed_and_counted)
{
    enum { EXTRA = 30, CLIENTS = NET_CONNECTIONS_MAX + EXTRA };
    static int fds[CLIENTS];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < CLIENTS + 100) {
        cr_skip_test("RLIMIT_NOFILE is too low for %d clients", CLIENTS);
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_connect(recorder->url[0]);
    }
    struct net_counters counters = {0};
    wait_until(recorder, (net_counters(recorder->net, &counters),
                          counters.accepted + counters.refused_full >= CLIENTS));
    cr_expect_eq(counters.accepted, NET_CONNECTIONS_MAX);
    cr_expect_eq(counters.refused_full, EXTRA);
    for (int i = 0; i < CLIENTS; i++) {
        close(fds[i]);
    }
    wait_until(recorder, recorder->closed_count == NET_CONNECTIONS_MAX);
    int fd = client_connect(recorder->url[0]);
    wait_until(recorder, recorder->stream_count == NET_CONNECTIONS_MAX + 1);
    close(fd);
    recorder_stop(recorder);
}

/* The server's process, which has room for 40 descriptors: tells its url, runs until told to end.
 */
static int crowded_server(int tell, int end)
{
    struct rlimit limit = {40, 40};
    char byte;
    struct net_counters counters;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->echo, true);
    if (write(tell, recorder->url[0], NET_ADDRESS_SIZE) != NET_ADDRESS_SIZE) {
        return 1;
    }
    while (read(end, &byte, 1) > 0) {
    }
    net_counters(recorder->net, &counters);
    recorder_stop(recorder);
    /* One look at the queue each 100 ms, not a busy loop. */
    return counters.refused_full > 0 && counters.rearmed < 100 * DEADLINE_S ? 0 : 1;
}

static bool is_served(const char *url)
{
    char byte = 0;
    int fd = client_connect(url);
    struct timeval timeout = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    bool served = send(fd, "x", 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1;
    close(fd);
    return served && byte == 'x';
}

Test(net_pressure, a_server_out_of_descriptors_serves_again_when_some_are_free)
{
    enum { CLIENTS = 60 };
    char url[NET_ADDRESS_SIZE];
    int tell[2];
    int end[2];
    int fds[CLIENTS];
    int status;
    cr_assert(pipe(tell) == 0 && pipe(end) == 0);
    pid_t server = fork();
    if (server == 0) {
        close(end[1]);
        _exit(crowded_server(tell[1], end[0]));
    }
    cr_assert_eq(read(tell[0], url, sizeof(url)), (ssize_t)sizeof(url));
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_connect(url);
    }
    int64_t deadline = now_ns() + INT64_C(1000000000) * DEADLINE_S;
    bool refused = false;
    while (!refused) {
        cr_assert_lt(now_ns(), deadline, "nobody was refused");
        for (int i = 0; i < CLIENTS; i++) {
            refused = refused || server_is_gone(fds[i]);
        }
        yield_ms(1);
    }
    for (int i = 0; i < CLIENTS; i++) {
        close(fds[i]);
    }
    while (!is_served(url)) {
        cr_assert_lt(now_ns(), deadline, "not served again");
    }
    close(end[1]);
    cr_assert_eq(waitpid(server, &status, 0), server);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
}
