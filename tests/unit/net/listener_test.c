#include <fcntl.h>
#include <sys/stat.h>

#include "net/address.h"
#include "unit/net/recorder.h"

Test(net_address, urls_are_read_and_written)
{
    static const char *const urls[] = {"tcp://127.0.0.1:4990", "tcp://0.0.0.0:0",
                                       "udp://[::1]:514",      "tcp://[::]:65535",
                                       "unix:///run/sock",     "unixgram:///dev/log"};
    char message[NET_MESSAGE_SIZE];
    char url[NET_ADDRESS_SIZE];
    struct address address;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        cr_assert_eq(address_parse(urls[i], &address, message), STATUS_OK, "%s", message);
        address_format(&address, url);
        cr_expect_str_eq(url, urls[i]);
    }
    cr_assert_eq(address_parse("tcp://localhost:1", &address, message), STATUS_OK);
    address_format(&address, url);
    cr_expect_str_eq(url, "tcp://127.0.0.1:1");
}

Test(net_address, bad_urls_are_refused_with_a_message_that_names_them)
{
    static const char *const urls[] = {
        "",
        "tcp",
        "tcp:",
        "tcp://",
        "tcp://:1",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:+1",
        "tcp://127.0.0.1: 1",
        "tcp://127.0.0.1:1x",
        "tcp://127.0.0.1:000001",
        "tcp://127.0.0.256:1",
        "tcp://127.1:1",
        "tcp://example.org:1",
        "tcp://::1:1",
        "tcp://[::1]",
        "tcp://[::1",
        "tcp://[]:1",
        "tcp://[127.0.0.1]:1",
        "tcp://[::1%lo]:1",
        "TCP://127.0.0.1:1",
        "http://127.0.0.1:1",
        "unix://",
        "unix://relative",
        "unixgram://",
        "unix:/one-slash",
        " tcp://127.0.0.1:1",
        "tcp://127.0.0.1:1/",
        "tcp://00000000000000000000000000000000000000000000000000000000:1"};
    struct address address;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        char message[NET_MESSAGE_SIZE] = "";
        cr_expect_eq(address_parse(urls[i], &address, message), STATUS_INVALID, "'%s'", urls[i]);
        cr_expect_eq(strncmp(message, urls[i], strlen(urls[i])), 0, "'%s'", message);
    }
}

Test(net_address, a_path_that_is_too_long_is_refused_with_its_length)
{
    char url[200] = "unix:///";
    char message[NET_MESSAGE_SIZE];
    struct address address;
    memset(url + 8, 'a', 108 - 1);
    cr_expect_eq(address_parse(url, &address, message), STATUS_INVALID);
    cr_expect_not_null(strstr(message, "107 bytes, this one 108"), "%s", message);
    url[strlen(url) - 1] = '\0';
    cr_expect_eq(address_parse(url, &address, message), STATUS_OK);
}

struct listening {
    struct recorder *recorder;
    char folder[64];
    char path[80];
    char url[100];
    uint32_t listener;
    char address[NET_ADDRESS_SIZE];
    char message[NET_MESSAGE_SIZE];
};

static void listening_open(struct listening *listening, const char *scheme)
{
    listening->recorder = recorder_open();
    test_folder(listening->folder);
    snprintf(listening->path, sizeof(listening->path), "%s/s", listening->folder);
    snprintf(listening->url, sizeof(listening->url), "%s://%s", scheme, listening->path);
}

static void listening_close(struct listening *listening)
{
    recorder_close(listening->recorder);
    unlink(listening->path);
    cr_expect_eq(rmdir(listening->folder), 0);
}

static enum status listen_once(struct listening *listening, const char *url)
{
    return net_listen(listening->recorder->net, url, &listening->listener, listening->address,
                      listening->message);
}

static int bind_unix(const char *url)
{
    struct sockaddr_storage address;
    socklen_t length = client_address(url, &address);
    int fd = client_socket(url);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&address, length), 0);
    return fd;
}

Test(net_listener, a_port_in_use_is_busy_and_named)
{
    static const char *const schemes[] = {"tcp://127.0.0.1:0", "udp://127.0.0.1:0",
                                          "tcp://[::1]:0"};
    struct recorder *first = recorder_open();
    struct recorder *second = recorder_open();
    char message[NET_MESSAGE_SIZE];
    char address[NET_ADDRESS_SIZE];
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t listener;
        recorder_listen(first, schemes[i]);
        cr_expect_eq(net_listen(second->net, first->url[i], &listener, address, message),
                     STATUS_BUSY);
        cr_expect_not_null(strstr(message, first->url[i]), "%s", message);
    }
    recorder_close(first);
    recorder_close(second);
}

Test(net_listener, an_address_of_another_machine_is_invalid)
{
    struct recorder *recorder = recorder_open();
    char message[NET_MESSAGE_SIZE];
    char address[NET_ADDRESS_SIZE];
    uint32_t listener;
    cr_expect_eq(net_listen(recorder->net, "tcp://192.0.2.1:0", &listener, address, message),
                 STATUS_INVALID);
    cr_expect_not_null(strstr(message, "192.0.2.1"), "%s", message);
    recorder_close(recorder);
}

Test(net_listener, at_most_so_many)
{
    struct recorder *recorder = recorder_open();
    char message[NET_MESSAGE_SIZE];
    char address[NET_ADDRESS_SIZE];
    uint32_t listener;
    for (int i = 0; i < NET_LISTENERS_MAX; i++) {
        recorder_listen(recorder, "tcp://127.0.0.1:0");
    }
    cr_expect_eq(net_listen(recorder->net, "tcp://127.0.0.1:0", &listener, address, message),
                 STATUS_FULL);
    recorder_close(recorder);
}

static void check_stale(const char *scheme)
{
    struct listening listening;
    struct stat file;
    listening_open(&listening, scheme);
    close(bind_unix(listening.url)); /* leaves the file, as a crash does */
    cr_expect_eq(listen_once(&listening, listening.url), STATUS_OK, "%s", listening.message);
    cr_expect_str_eq(listening.address, listening.url);
    cr_assert_eq(lstat(listening.path, &file), 0);
    cr_expect(S_ISSOCK(file.st_mode));
    cr_expect_eq(file.st_mode & 07777, 0660);
    listening_close(&listening);
}

Test(net_listener, a_stale_socket_file_is_replaced)
{
    check_stale("unix");
    check_stale("unixgram");
}

static void check_live(const char *scheme)
{
    struct listening listening;
    struct listening second;
    listening_open(&listening, scheme);
    second = listening;
    second.recorder = recorder_open();
    cr_expect_eq(listen_once(&listening, listening.url), STATUS_OK, "%s", listening.message);
    cr_expect_eq(listen_once(&second, listening.url), STATUS_BUSY);
    cr_expect_not_null(strstr(second.message, listening.path), "%s", second.message);
    recorder_close(second.recorder);
    cr_expect_eq(access(listening.path, F_OK), 0, "the live one's file is untouched");
    listening_close(&listening);
}

Test(net_listener, a_live_socket_of_another_is_busy)
{
    check_live("unix");
    check_live("unixgram");
}

Test(net_listener, a_file_that_is_no_socket_is_left_alone)
{
    struct listening listening;
    listening_open(&listening, "unix");
    close(open(listening.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_expect_eq(listen_once(&listening, listening.url), STATUS_BUSY);
    cr_expect_not_null(strstr(listening.message, "not a socket"), "%s", listening.message);
    cr_expect_eq(access(listening.path, F_OK), 0);
    listening_close(&listening);
}

Test(net_listener, a_folder_that_is_missing_is_named)
{
    struct listening listening;
    listening_open(&listening, "unix");
    cr_expect_eq(listen_once(&listening, "unix:///nowhere/at/all"), STATUS_INVALID);
    cr_expect_not_null(strstr(listening.message, "/nowhere/at/all"), "%s", listening.message);
    listening_close(&listening);
}

Test(net_listener, a_file_that_is_no_longer_ours_is_not_removed)
{
    struct listening listening;
    listening_open(&listening, "unix");
    cr_expect_eq(listen_once(&listening, listening.url), STATUS_OK);
    unlink(listening.path);
    int other = bind_unix(listening.url);
    net_close(listening.recorder->net);
    cr_expect_eq(access(listening.path, F_OK), 0);
    close(other);
    free(listening.recorder);
    unlink(listening.path);
    rmdir(listening.folder);
}
