#include <signal.h>

#include "unit/net/recorder.h"

Test(net_loop, many_wakes_are_one_call)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    net_wake(recorder->net);
    wait_until(recorder, recorder->woken_count == 1);
    /* The loop cannot answer while we hold the lock. */
    pthread_mutex_lock(&recorder->lock);
    for (int i = 0; i < 1000; i++) {
        net_wake(recorder->net);
    }
    pthread_mutex_unlock(&recorder->lock);
    wait_until(recorder, recorder->woken_count >= 2);
    net_wake(recorder->net);
    uint32_t most = 4; /* one that was under way, one for the thousand, one for the last */
    wait_until(recorder, recorder->woken_count >= 3);
    cr_expect_leq(recorder->woken_count, most);
    recorder_stop(recorder);
}

static void *wake_often(void *argument)
{
    for (int i = 0; i < 20000; i++) {
        net_wake(argument);
    }
    return NULL;
}

Test(net_loop, no_wake_is_lost)
{
    pthread_t threads[2];
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, wake_often, recorder->net), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < 200; i++) {
        uint32_t before;
        pthread_mutex_lock(&recorder->lock);
        before = recorder->woken_count;
        pthread_mutex_unlock(&recorder->lock);
        net_wake(recorder->net);
        wait_until(recorder, recorder->woken_count > before);
    }
    recorder_stop(recorder);
}

Test(net_loop, an_idle_loop_sleeps)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    int fd = client_connect(recorder->url[0]);
    client_send(fd, "x", 1);
    wait_until(recorder, recorder->bytes == 1);
    net_wake(recorder->net);
    wait_until(recorder, recorder->woken_count == 1);
    uint32_t before = recorder->idle_count;
    yield_ms(400); /* the thing under test: nothing happens */
    wait_until(recorder, recorder->idle_count <= before + 2);
    close(fd);
    recorder_stop(recorder);
}

static struct net *signalled;

static void on_signal(int number)
{
    (void)number;
    net_stop(signalled, STOP_NS);
}

Test(net_loop, a_signal_handler_may_stop_it)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    signalled = recorder->net;
    signal(SIGUSR1, on_signal);
    pthread_kill(recorder->thread, SIGUSR1);
    recorder_join(recorder);
    recorder_close(recorder);
}

Test(net_loop, a_stop_before_the_run_ends_it)
{
    struct recorder *recorder = recorder_open();
    recorder_listen(recorder, "tcp://127.0.0.1:0");
    recorder_listen(recorder, "udp://127.0.0.1:0");
    net_stop(recorder->net, STOP_NS);
    recorder_start(recorder);
    recorder_join(recorder);
    recorder_close(recorder);
}

Test(net_loop, a_stop_reads_all_that_was_sent_before)
{
    enum { CLIENTS = 20, BYTES = 100000, LATE = 10, DATAGRAMS = 500 };
    int fds[CLIENTS + LATE];
    struct recorder *recorder = recorder_open();
    recorder_listen(recorder, "tcp://127.0.0.1:0");
    recorder_listen(recorder, "udp://127.0.0.1:0");
    recorder_start(recorder);
    atomic_store(&recorder->pattern, true);
    atomic_store(&recorder->refuse, true);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client_connect(recorder->url[0]);
        client_send_pattern(fds[i], 0, BYTES);
    }
    int udp = client_connect(recorder->url[1]);
    for (int i = 0; i < DATAGRAMS; i++) {
        cr_assert_eq(send(udp, "abcd", 4, 0), 4);
    }
    wait_until(recorder, recorder->refused_count > 0);
    /* While the loop cannot move: these are in the backlog when the stop comes. */
    pthread_mutex_lock(&recorder->lock);
    for (int i = CLIENTS; i < CLIENTS + LATE; i++) {
        fds[i] = client_connect(recorder->url[0]);
        client_send_pattern(fds[i], 0, BYTES);
    }
    net_stop(recorder->net, STOP_NS);
    pthread_mutex_unlock(&recorder->lock);
    atomic_store(&recorder->refuse, false);
    net_wake(recorder->net);
    recorder_join(recorder);
    cr_expect_eq(recorder->message[0], '\0', "%s", recorder->message);
    cr_assert_eq(recorder->stream_count, CLIENTS + LATE);
    for (int i = 0; i < CLIENTS + LATE; i++) {
        cr_expect_eq(recorder->streams[i].length, BYTES);
        close(fds[i]);
    }
    cr_expect_eq(recorder->datagram_count, DATAGRAMS);
    close(udp);
    recorder_check(recorder);
    recorder_close(recorder);
}

Test(net_loop, a_stop_waits_for_answers_that_are_owed)
{
    static char answer[30001];
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->owes, true);
    int fd = client_connect(recorder->url[0]);
    client_send(fd, "question", 8);
    wait_until(recorder, recorder->bytes == 8);
    net_stop(recorder->net, STOP_NS);
    uint32_t before = recorder->idle_count;
    wait_until(recorder, recorder->idle_count > before + 20); /* it goes on, it does not return */
    cr_expect_eq(recorder->closed_count, 0);
    atomic_store(&recorder->send_at_wake, 30000);
    net_wake(recorder->net);
    wait_until(recorder, recorder->woken_count == 1);
    atomic_store(&recorder->owes, false);
    cr_expect_eq(client_read_all(fd, answer, sizeof(answer)), 30000);
    recorder_join(recorder);
    close(fd);
    recorder_check(recorder);
    recorder_close(recorder);
}

Test(net_loop, a_stop_gives_up_after_its_time)
{
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    atomic_store(&recorder->refuse, true);
    int fd = client_connect(recorder->url[0]);
    client_send(fd, "never taken", 11);
    wait_until(recorder, recorder->refused_count > 0);
    net_stop(recorder->net, 50000000);
    recorder_join(recorder);
    cr_expect_neq(recorder->message[0], '\0', "it says so");
    close(fd);
    recorder_check(recorder);
    recorder_close(recorder);
}

static void *send_for_ever(void *argument)
{
    static char bytes[65536];
    while (send(*(int *)argument, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0) {
    }
    return NULL;
}

static void *trickle(void *argument)
{
    while (send(*(int *)argument, "x", 1, MSG_NOSIGNAL) > 0) {
        yield_ms(1);
    }
    return NULL;
}

/* The drain owes what was sent before the stop, not what comes after. */
Test(net_loop, a_stop_does_not_wait_for_those_who_never_stop_sending)
{
    pthread_t threads[2];
    struct recorder *recorder = recorder_on("tcp://127.0.0.1:0");
    int fds[2] = {client_connect(recorder->url[0]), client_connect(recorder->url[0])};
    pthread_create(&threads[0], NULL, send_for_ever, &fds[0]);
    pthread_create(&threads[1], NULL, trickle, &fds[1]);
    wait_until(recorder, recorder->bytes > 1000000);
    net_stop(recorder->net, STOP_NS);
    recorder_join(recorder);
    cr_expect_eq(recorder->message[0], '\0', "%s", recorder->message);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        close(fds[i]);
    }
    recorder_check(recorder);
    recorder_close(recorder);
}

Test(net_loop, a_port_is_free_when_the_run_has_ended)
{
    char url[NET_ADDRESS_SIZE] = "tcp://127.0.0.1:0";
    for (int i = 0; i < 10; i++) {
        struct recorder *recorder = recorder_on(url);
        strcpy(url, recorder->url[0]);
        int fd = client_connect(url);
        wait_until(recorder, recorder->stream_count == 1);
        net_stop(recorder->net, STOP_NS);
        recorder_join(recorder);
        recorder_check(recorder);
        recorder_close(recorder);
        close(fd);
    }
}
