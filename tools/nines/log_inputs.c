#include "nines/log_inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nines/terminal.h"

#define COPY_BYTES (64 * 1024)

static int open_temporary(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s/nines-import-XXXXXX",
                          folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    if (length < 0 || (size_t)length >= sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
        unlink(path); /* it lives as long as we do */
    }
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return false;
        }
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool copy(int from, int to)
{
    static char buffer[COPY_BYTES];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        if (!write_all(to, buffer, (size_t)got)) {
            return false;
        }
    }
}

/* Puts a temporary file in the place of a pipe. */
static bool spool(struct log_input *input)
{
    int fd = open_temporary();
    if (fd < 0 || !copy(input->fd, fd)) {
        terminal_complain("cannot keep %s in a temporary file: %s", input->name, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    if (input->fd != STDIN_FILENO) {
        close(input->fd);
    }
    input->fd = fd;
    input->start = 0;
    return true;
}

static bool open_input(struct log_input *input, const char *path, bool rereadable)
{
    struct stat about;
    bool is_stdin = strcmp(path, "-") == 0;
    input->name = is_stdin ? "standard input" : path;
    input->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0 || fstat(input->fd, &about) != 0) {
        terminal_complain("cannot read %s: %s", input->name, strerror(errno));
        return false;
    }
    if (S_ISDIR(about.st_mode)) {
        terminal_complain("cannot read %s: it is a folder", input->name);
        close(input->fd);
        return false;
    }
    off_t start = lseek(input->fd, 0, SEEK_CUR);
    input->start = start < 0 ? 0 : start;
    if (rereadable && !S_ISREG(about.st_mode) && !spool(input)) {
        if (!is_stdin) {
            close(input->fd);
        }
        return false;
    }
    return true;
}

bool log_inputs_open(struct log_inputs *inputs, const struct option_list *paths, bool rereadable)
{
    inputs->count = 0;
    bool has_stdin = false;
    for (uint32_t i = 0; i < paths->count; i++) {
        bool is_stdin = strcmp(paths->values[i], "-") == 0;
        if (is_stdin && has_stdin) {
            terminal_complain("standard input (-) can be read only once");
            log_inputs_close(inputs);
            return false;
        }
        has_stdin |= is_stdin;
        if (!open_input(&inputs->inputs[i], paths->values[i], rereadable)) {
            log_inputs_close(inputs);
            return false;
        }
        inputs->count++;
    }
    return true;
}

void log_inputs_close(struct log_inputs *inputs)
{
    for (uint32_t i = 0; i < inputs->count; i++) {
        if (inputs->inputs[i].fd != STDIN_FILENO) {
            close(inputs->inputs[i].fd);
        }
    }
    inputs->count = 0;
}
