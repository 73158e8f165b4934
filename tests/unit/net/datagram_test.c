#include <dirent.h>

#include "unit/net/recorder.h"

static char folder[64];
static char unixgram_url[128];

static void make_folder(void)
{
    test_folder(folder);
    snprintf(unixgram_url, sizeof(unixgram_url), "unixgram://%s/d", folder);
}

static void remove_folder(void)
{
    cr_expect_eq(rmdir(folder), 0, "net_close removes the socket file");
}

TestSuite(net_datagram, .init = make_folder, .fini = remove_folder);

static void send_number(int fd, uint32_t number)
{
    cr_assert_eq(send(fd, &number, sizeof(number), 0), (ssize_t)sizeof(number));
}

static void check_empty(const char *url)
{
    struct recorder *recorder = recorder_on(url);
    int fd = client_connect(recorder->url[0]);
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert_eq(send(fd, "", 0, 0), 0);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        send_number(fd, i);
    }
    wait_until(recorder, recorder->datagram_count == 1003);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(recorder->datagrams[i].length, 0);
    }
    for (uint32_t i = 0; i < 1000; i++) {
        cr_expect_eq(recorder->datagrams[i + 3].number, i);
        cr_expect_eq(recorder->datagrams[i + 3].length, 4);
        cr_expect_not(recorder->datagrams[i + 3].truncated);
    }
    close(fd);
    recorder_stop(recorder);
}

Test(net_datagram, udp_hears_on_after_empty_datagrams)
{
    check_empty("udp://127.0.0.1:0");
}

Test(net_datagram, udp_over_ipv6_too)
{
    check_empty("udp://[::1]:0");
}

Test(net_datagram, unixgram_hears_on_after_empty_datagrams)
{
    check_empty(unixgram_url);
}

Test(net_datagram, the_largest_udp_datagram_is_whole)
{
    static char bytes[65507];
    struct recorder *recorder = recorder_on("udp://127.0.0.1:0");
    int fd = client_connect(recorder->url[0]);
    cr_assert_eq(send(fd, bytes, sizeof(bytes), 0), (ssize_t)sizeof(bytes));
    wait_until(recorder, recorder->datagram_count == 1);
    cr_expect_eq(recorder->datagrams[0].length, sizeof(bytes));
    cr_expect_not(recorder->datagrams[0].truncated);
    close(fd);
    recorder_stop(recorder);
}

Test(net_datagram, one_larger_than_the_buffer_is_flagged)
{
    static char bytes[100000];
    struct recorder *recorder = recorder_on(unixgram_url);
    int fd = client_connect(recorder->url[0]);
    cr_assert_eq(send(fd, bytes, NET_BUFFER_BYTES, 0), NET_BUFFER_BYTES);
    cr_assert_eq(send(fd, bytes, sizeof(bytes), 0), (ssize_t)sizeof(bytes));
    send_number(fd, 7);
    wait_until(recorder, recorder->datagram_count == 3);
    cr_expect_eq(recorder->datagrams[0].length, NET_BUFFER_BYTES);
    cr_expect_not(recorder->datagrams[0].truncated);
    cr_expect_geq(recorder->datagrams[1].length, NET_BUFFER_BYTES);
    cr_expect(recorder->datagrams[1].truncated);
    cr_expect_eq(recorder->datagrams[2].number, 7);
    close(fd);
    recorder_stop(recorder);
}

static void *send_numbers(void *argument)
{
    int fd = *(int *)argument;
    for (uint32_t i = 0; i < 4000; i++) {
        send_number(fd, i);
    }
    return NULL;
}

Test(net_datagram, refused_ones_are_offered_again_in_order)
{
    pthread_t sender;
    struct recorder *recorder = recorder_on(unixgram_url);
    atomic_store(&recorder->refuse, true);
    int fd = client_connect(recorder->url[0]);
    cr_assert_eq(pthread_create(&sender, NULL, send_numbers, &fd), 0);
    wait_until(recorder, recorder->refused_count > 0);
    atomic_store(&recorder->refuse, false);
    net_wake(recorder->net);
    wait_until(recorder, recorder->datagram_count == 4000);
    for (uint32_t i = 0; i < 4000; i++) {
        cr_assert_eq(recorder->datagrams[i].number, i);
    }
    pthread_join(sender, NULL);
    close(fd);
    recorder_stop(recorder);
}

Test(net_datagram, what_the_kernel_drops_is_counted)
{
    static char bytes[60000];
    enum { FLOOD = 2000 };
    struct net_counters counters = {0};
    struct recorder *recorder = recorder_on("udp://127.0.0.1:0");
    atomic_store(&recorder->refuse, true);
    int fd = client_connect(recorder->url[0]);
    for (uint32_t i = 0; i < FLOOD; i++) {
        cr_assert_eq(send(fd, bytes, sizeof(bytes), 0), (ssize_t)sizeof(bytes));
    }
    atomic_store(&recorder->refuse, false);
    net_wake(recorder->net);
    /* The count comes with the first datagram that gets through afterwards. */
    uint32_t sent = FLOOD;
    int64_t deadline = now_ns() + INT64_C(1000000000) * DEADLINE_S;
    while (counters.datagrams + counters.kernel_drops != sent || counters.kernel_drops == 0) {
        cr_assert_lt(now_ns(), deadline);
        send_number(fd, 1);
        sent++;
        yield_ms(5);
        net_counters(recorder->net, &counters);
    }
    close(fd);
    recorder_stop(recorder);
}

static uint32_t descriptor_count(void)
{
    uint32_t count = 0;
    DIR *list = opendir("/proc/self/fd");
    while (readdir(list) != NULL) {
        count++;
    }
    closedir(list);
    return count;
}

static void send_descriptors(int fd, uint32_t count)
{
    union {
        char bytes[CMSG_SPACE(253 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    char byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    for (uint32_t i = 0; i < count; i++) {
        memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
    }
    cr_assert_eq(sendmsg(fd, &message, 0), 1, "%s", strerror(errno));
}

Test(net_datagram, descriptors_that_come_along_do_not_reach_us)
{
    char stream_url[128];
    snprintf(stream_url, sizeof(stream_url), "unix://%s/s", folder);
    struct recorder *recorder = recorder_open();
    recorder_listen(recorder, unixgram_url);
    recorder_listen(recorder, stream_url);
    recorder_start(recorder);
    int fds[2] = {client_connect(recorder->url[0]), client_connect(recorder->url[1])};
    wait_until(recorder, recorder->stream_count == 1);
    uint32_t before = descriptor_count();
    for (int i = 0; i < 2; i++) {
        send_descriptors(fds[i], 1);
        send_descriptors(fds[i], 253);
    }
    wait_until(recorder, recorder->datagram_count == 2 && recorder->bytes == 2);
    cr_expect_eq(descriptor_count(), before);
    close(fds[0]);
    close(fds[1]);
    recorder_stop(recorder);
}
