#include "unit/net/recorder.h"

/* Sends `length` patterned bytes in random pieces while reading the echo; ends its side and reads
 * on. */
static void echo_client(const char *url, size_t length, uint32_t seed)
{
    char *bytes = malloc(length);
    char *back = malloc(length + 1);
    size_t sent = 0;
    size_t got = 0;
    int fd = client_connect(url);
    fill_pattern(bytes, length, 0);
    while (got < length) {
        struct pollfd wanted = {.fd = fd, .events = POLLIN};
        /* At most 32 KiB ahead of the echo, so that the queue of the loop (64 KiB) never fills. */
        size_t room = length - sent < 32768 - (sent - got) ? length - sent : 32768 - (sent - got);
        if (room > 0) {
            size_t piece = 1 + next_random(&seed) % room;
            client_send(fd, bytes + sent, piece);
            sent += piece;
        }
        cr_assert(poll(&wanted, 1, room > 0 ? 0 : DEADLINE_S * 1000) >= 0);
        if (wanted.revents != 0) {
            ssize_t count = recv(fd, back + got, length - got, 0);
            cr_assert(count > 0, "recv: %s", strerror(errno));
            got += (size_t)count;
        }
    }
    shutdown(fd, SHUT_WR);
    cr_assert_eq(client_read_all(fd, back + length, 1), 0, "nothing but the echo, then the end");
    cr_assert_eq(memcmp(bytes, back, length), 0);
    close(fd);
    free(bytes);
    free(back);
}

static void check_echo(const char *url)
{
    struct recorder *recorder = recorder_on(url);
    uint32_t seed = test_seed();
    atomic_store(&recorder->echo, true);
    echo_client(recorder->url[0], 3000000, seed);
    echo_client(recorder->url[0], 1, seed);
    wait_until(recorder, recorder->closed_count == 2);
    cr_expect_eq(recorder->ended_count, 2);
    recorder_stop(recorder);
}

Test(net_stream, tcp_echo_keeps_all_bytes_in_order)
{
    check_echo("tcp://127.0.0.1:0");
}

Test(net_stream, tcp_over_ipv6_too)
{
    check_echo("tcp://[::1]:0");
}

Test(net_stream, unix_echo_keeps_all_bytes_in_order)
{
    char folder[64];
    char url[128];
    test_folder(folder);
    snprintf(url, sizeof(url), "unix://%s/s", folder);
    check_echo(url);
    cr_expect_eq(rmdir(folder), 0, "net_close removes the socket file");
}

Test(net_stream, many_connections_keep_their_bytes_apart)
{
    enum { CLIENTS = 500, BYTES = 3000 };
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    int fds[CLIENTS];
    atomic_store(&recorder->pattern, true);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_connect(recorder->url[0]);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            client_send_pattern(fds[i], (uint64_t)round * BYTES / 3, BYTES / 3);
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        close(fds[i]);
    }
    wait_until(recorder, recorder->closed_count == CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        cr_assert_eq(recorder->streams[i].length, BYTES);
        cr_assert_eq(recorder->streams[i].ended, 1);
    }
    recorder_stop(recorder);
}

Test(net_stream, after_a_half_close_the_answer_still_arrives)
{
    static char answer[60001];
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->close_on_end, false);
    int fd = client_connect(recorder->url[0]);
    client_send(fd, "question", 8);
    shutdown(fd, SHUT_WR);
    wait_until(recorder, recorder->ended_count == 1);
    cr_expect_eq(recorder->streams[0].length, 8);
    cr_expect_eq(recorder->closed_count, 0);
    atomic_store(&recorder->send_at_wake, 60000);
    atomic_store(&recorder->close_all, true);
    net_wake(recorder->net);
    cr_expect_eq(client_read_all(fd, answer, sizeof(answer)), 60000);
    wait_until(recorder, recorder->closed_count == 1);
    close(fd);
    recorder_stop(recorder);
}

/* Closing with unread bytes would reset the connection, and with it the answer. */
Test(net_stream, an_answer_survives_a_close_while_the_peer_still_sends)
{
    static char answer[50001];
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->refuse, true);
    int fd = client_connect(recorder->url[0]);
    client_send_pattern(fd, 0, 300000);
    wait_until(recorder, recorder->refused_count > 0);
    atomic_store(&recorder->send_at_wake, 50000);
    atomic_store(&recorder->close_all, true);
    net_wake(recorder->net);
    client_send_pattern(fd, 300000, 300000);
    ssize_t got = client_read_all(fd, answer, sizeof(answer));
    int error = errno;
    cr_expect_eq(got, 50000, "%zd: %s", got, strerror(error));
    close(fd);
    wait_until(recorder, recorder->closed_count == 1);
    recorder_stop(recorder);
}

Test(net_stream, a_peer_that_never_ends_is_closed_after_the_deadline)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    int fd = client_connect(recorder->url[0]);
    wait_until(recorder, recorder->stream_count == 1);
    atomic_store(&recorder->close_all, true);
    net_wake(recorder->net);
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->ended_count, 0);
    close(fd);
    recorder_stop(recorder);
}

Test(net_stream, a_reset_is_told_as_closed_without_an_end)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    int fd = client_connect(recorder->url[0]);
    client_send(fd, "0123456789", 10);
    wait_until(recorder, recorder->bytes == 10);
    client_reset(fd);
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->ended_count, 0);
    recorder_stop(recorder);
}

Test(net_stream, what_came_before_a_reset_is_handed_over_first)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->refuse, true);
    int fd = client_connect(recorder->url[0]);
    client_send_pattern(fd, 0, 1000);
    wait_until(recorder, recorder->refused_count > 0);
    client_reset(fd);
    atomic_store(&recorder->refuse, false);
    net_wake(recorder->net);
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->streams[0].length, 1000);
    cr_expect_eq(recorder->ended_count, 0);
    recorder_stop(recorder);
}

Test(net_stream, a_storm_of_short_connections_reuses_slots)
{
    enum { CLIENTS = 6000 };
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    for (int i = 0; i < CLIENTS; i++) {
        int fd = client_connect(recorder->url[0]);
        if (i % 4 != 0) {
            client_send(fd, "12345678", 8);
        }
        if (i % 2 == 0) {
            client_reset(fd);
        } else {
            close(fd);
        }
        if (i % 1000 == 0) {
            /* We connect faster than a loop under sanitizers accepts: stay below its maximum. */
            wait_until(recorder, recorder->closed_count + 500 >= (uint32_t)i);
        }
    }
    wait_until(recorder, recorder->closed_count == CLIENTS);
    cr_expect_eq(recorder->ended_count, CLIENTS / 2);
    uint32_t generation_max = 0;
    for (uint32_t i = 0; i < recorder->stream_count; i++) {
        uint32_t generation = recorder->streams[i].id.generation;
        generation_max = generation > generation_max ? generation : generation_max;
    }
    cr_expect_gt(generation_max, 2, "slots were reused");
    recorder_stop(recorder);
}

Test(net_stream, a_peer_that_does_not_read_gets_full_and_is_closed)
{
    static char bytes[60000];
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->echo, true);
    atomic_store(&recorder->close_on_full, true);
    int fd = client_connect(recorder->url[0]);
    struct timeval timeout = {.tv_sec = DEADLINE_S};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    while (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0) {
    }
    wait_until(recorder, recorder->closed_count == 1);
    cr_expect_eq(recorder->full_count, 1);
    close(fd);
    recorder_stop(recorder);
}

/* Short sends: the peer takes a little at a time. */
Test(net_stream, a_slow_reader_gets_everything_in_order)
{
    static char answer[65537];
    struct recorder *recorder = recorder_open();
    recorder_listen(recorder, "tcp://127.0.0.1:0");
    recorder_start(recorder);
    int fd = client_socket(recorder->url[0]);
    int size = 2048;
    struct sockaddr_storage address;
    socklen_t length = client_address(recorder->url[0], &address);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, length), 0);
    atomic_store(&recorder->echo, true);
    client_send_pattern(fd, 0, 65536);
    shutdown(fd, SHUT_WR);
    cr_assert_eq(client_read_all(fd, answer, sizeof(answer)), 65536);
    cr_expect_eq(pattern_differs(answer, 65536, 0), 0);
    cr_expect_eq(recorder->full_count, 0);
    close(fd);
    wait_until(recorder, recorder->closed_count == 1);
    recorder_stop(recorder);
}
