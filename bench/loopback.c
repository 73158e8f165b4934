/* bench-loopback [--bytes N] [--block N]: how fast TCP over loopback carries bytes from a sender to
 * a receiver that only reads them; what no engine behind a socket can exceed on this machine.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

struct receiver {
    int listener;
    size_t block;
    uint64_t bytes;
    pthread_t thread;
};

static void *receive_all(void *argument)
{
    struct receiver *receiver = argument;
    char *block = memory(receiver->block);
    int fd = accept(receiver->listener, NULL, NULL);
    ssize_t got;
    while ((got = recv(fd, block, receiver->block, 0)) > 0) {
        receiver->bytes += (uint64_t)got;
    }
    close(fd);
    free(block);
    return NULL;
}

static void send_all(int fd, uint64_t bytes, size_t block_bytes)
{
    char *block = memory(block_bytes);
    for (uint64_t left = bytes; left > 0;) {
        ssize_t sent = send(fd, block, left < block_bytes ? left : block_bytes, 0);
        if (sent <= 0) {
            give_up("send", strerror(errno));
        }
        left -= (uint64_t)sent;
    }
    free(block);
}

static double cpu_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    uint64_t bytes = option_number(argc, argv, "--bytes", UINT64_C(2) << 30);
    struct receiver receiver = {.block = option_number(argc, argv, "--block", 256 << 10)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    receiver.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(receiver.listener, (struct sockaddr *)&address, length) != 0 ||
        listen(receiver.listener, 1) != 0 ||
        getsockname(receiver.listener, (struct sockaddr *)&address, &length) != 0 ||
        connect(fd, (struct sockaddr *)&address, length) != 0 ||
        pthread_create(&receiver.thread, NULL, receive_all, &receiver) != 0) {
        give_up("loopback", strerror(errno));
    }
    double cpu = cpu_now();
    double start = seconds_now();
    send_all(fd, bytes, receiver.block);
    close(fd);
    pthread_join(receiver.thread, NULL);
    double seconds = seconds_now() - start;
    printf("{\"bytes\":%llu,\"block\":%zu,\"seconds\":%.6f,\"bytes_per_second\":%.0f,"
           "\"cpu_seconds\":%.6f}\n",
           (unsigned long long)receiver.bytes, receiver.block, seconds,
           (double)receiver.bytes / seconds, cpu_now() - cpu);
    return receiver.bytes == bytes ? 0 : 1;
}
