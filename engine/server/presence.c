#include "server/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"

/* "00001750000000000000000 0123456789abcdef\n": always as long, so that a beat replaces all of it. */
#define INSTANT_DIGITS 23
#define LINE_LENGTH    (INSTANT_DIGITS + 18)

static void write_line(int64_t ns, char line_out[LINE_LENGTH + 1])
{
    char instant[INSTANT_DIGITS + 1];
    snprintf(instant, sizeof(instant), "%0*" PRId64, INSTANT_DIGITS, ns);
    snprintf(line_out, LINE_LENGTH + 1, "%s %016" PRIx64 "\n", instant,
             hash_checksum(instant, INSTANT_DIGITS));
}

static int open_file(const char *data, int flags)
{
    char path[1100];
    snprintf(path, sizeof(path), "%s/alive", data);
    return open(path, flags | O_CLOEXEC, 0600);
}

int64_t presence_last(const char *data)
{
    char line[LINE_LENGTH + 1] = "";
    char expected[LINE_LENGTH + 1];
    int64_t ns = INT64_MIN;
    int fd = open_file(data, O_RDONLY);
    if (fd < 0) {
        return INT64_MIN;
    }
    bool whole =
        read(fd, line, LINE_LENGTH) == LINE_LENGTH && sscanf(line, "%" SCNd64 " ", &ns) == 1;
    close(fd);
    write_line(ns, expected);
    return whole && memcmp(line, expected, LINE_LENGTH) == 0 ? ns : INT64_MIN;
}

void presence_open(struct presence *presence, const char *data)
{
    presence->fd = open_file(data, O_WRONLY | O_CREAT);
    if (presence->fd < 0) {
        log_warning(
            "cannot write %s/alive (%s): after a crash the engine will not know how long it "
            "was there without events",
            data, strerror(errno));
    }
}

void presence_beat(struct presence *presence, int64_t now_ns)
{
    char line[LINE_LENGTH + 1];
    if (presence->fd < 0) {
        return;
    }
    write_line(now_ns, line);
    /* A beat that cannot be written is missed: the one before it holds. */
    ssize_t ignored = pwrite(presence->fd, line, LINE_LENGTH, 0);
    (void)ignored;
}

void presence_close(struct presence *presence, int64_t now_ns)
{
    if (presence->fd < 0) {
        return;
    }
    presence_beat(presence, now_ns);
    if (fsync(presence->fd) != 0) {
        log_warning("cannot write when the engine stopped: %s", strerror(errno));
    }
    close(presence->fd);
    presence->fd = -1;
}
