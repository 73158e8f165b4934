/* LD_PRELOAD: writes what a program does to files below one folder into a log (record.h).
 *
 * Each call is made and logged under one lock, so the log has an order even with several threads.
 * Not seen: stores through a shared mapping (LMDB's lock.mdb, whose content does not outlive a crash),
 * sync_file_range (promises nothing), and descriptors that io_uring writes to. disk.h's user compares the
 * end of the log with the real folder, so that a call which is missing here does not go unnoticed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "crash/record.h"

#define LOG_FD_LEAST 900 /* out of the program's way */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static char root[4096];
static size_t root_length;
static dev_t root_device;
static uint64_t record_count;
static uint64_t stop_after = UINT64_MAX;

/* The C library's function of that name. A function pointer does not fit through void * in ISO C. */
#define REAL(name)                                                                                 \
    static __typeof__(name) *real;                                                                 \
    if (real == NULL) {                                                                            \
        *(void **)(&real) = dlsym(RTLD_NEXT, #name);                                               \
    }

static ssize_t real_writev(int fd, const struct iovec *parts, int count)
{
    REAL(writev)
    return real(fd, parts, count);
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
    _exit(EXIT_FAILURE);
}

/* Under the lock. */
static void put(struct record record, const char *path, const char *second, const void *payload)
{
    record.magic = RECORD_MAGIC;
    record.path_length = path == NULL ? 0 : (uint32_t)strlen(path);
    record.second_length = second == NULL ? 0 : (uint32_t)strlen(second);
    union {
        const void *in;
        void *out;
    } bytes[3] = {{path}, {second}, {payload}};
    struct iovec parts[4] = {{&record, sizeof(record)},
                             {bytes[0].out, record.path_length},
                             {bytes[1].out, record.second_length},
                             {bytes[2].out, payload == NULL ? 0 : record.length}};
    size_t total = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len + parts[3].iov_len;
    if (real_writev(log_fd, parts, 4) != (ssize_t)total) {
        give_up("cannot write the log");
    }
    if (++record_count == stop_after) {
        kill(getpid(), SIGKILL);
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *log = getenv(RECORD_LOG_VARIABLE);
    const char *folder = getenv(RECORD_ROOT_VARIABLE);
    const char *stop = getenv(RECORD_STOP_VARIABLE);
    struct stat stat_root;
    if (log == NULL || folder == NULL) {
        return;
    }
    if (snprintf(root, sizeof(root), "%s/", folder) >= (int)sizeof(root) ||
        stat(folder, &stat_root) != 0) {
        give_up(folder);
    }
    int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    log_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, LOG_FD_LEAST);
    if (log_fd < 0) {
        give_up(log);
    }
    close(fd);
    root_length = strlen(root);
    root_device = stat_root.st_dev;
    stop_after = stop == NULL ? UINT64_MAX : strtoull(stop, NULL, 10);
    put((struct record){.kind = RECORD_LIFE, .inode = stat_root.st_ino}, NULL, NULL, NULL);
}

/* The path from the root on; NULL: none of ours. */
static const char *ours(const char *path)
{
    return log_fd >= 0 && strncmp(path, root, root_length) == 0 ? path + root_length : NULL;
}

/* A file or folder on the root's device; which of those are below it the reader of the log knows. */
static bool ours_fd(int fd, struct stat *stat_out)
{
    return log_fd >= 0 && fd != log_fd && fstat(fd, stat_out) == 0 &&
           stat_out->st_dev == root_device &&
           (S_ISREG(stat_out->st_mode) || S_ISDIR(stat_out->st_mode));
}

static uint64_t inode_at(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0 ? found.st_ino : 0;
}

/* Making names */

static int real_open(int folder, const char *path, int flags, mode_t mode)
{
    REAL(openat)
    return real(folder, path, flags, mode);
}

static int open_recorded(int folder, const char *path, int flags, mode_t mode)
{
    const char *name = ours(path);
    if (name == NULL || (flags & (O_CREAT | O_TRUNC)) == 0) {
        return real_open(folder, path, flags, mode);
    }
    pthread_mutex_lock(&lock);
    bool there = inode_at(path) != 0;
    int fd = real_open(folder, path, flags, mode);
    int error = errno;
    if (fd >= 0 && !there) {
        put((struct record){.kind = RECORD_CREATE, .inode = inode_at(path)}, name, NULL, NULL);
    } else if (fd >= 0 && (flags & O_TRUNC) != 0) {
        put((struct record){.kind = RECORD_TRUNCATE, .inode = inode_at(path)}, NULL, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t)
                                                                      : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_recorded(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_recorded(folder, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir)
    pthread_mutex_lock(&lock);
    int result = real(path, mode);
    int error = errno;
    if (result == 0 && ours(path) != NULL) {
        put((struct record){.kind = RECORD_MKDIR, .inode = inode_at(path)}, ours(path), NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int rename(const char *from, const char *to)
{
    REAL(rename)
    pthread_mutex_lock(&lock);
    int result = real(from, to);
    int error = errno;
    if (result == 0 && ours(from) != NULL && ours(to) != NULL) {
        put((struct record){.kind = RECORD_RENAME}, ours(from), ours(to), NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

static int remove_recorded(int (*real)(const char *), const char *path)
{
    pthread_mutex_lock(&lock);
    int result = real(path);
    int error = errno;
    if (result == 0 && ours(path) != NULL) {
        put((struct record){.kind = RECORD_UNLINK}, ours(path), NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int unlink(const char *path)
{
    REAL(unlink)
    return remove_recorded(real, path);
}

int rmdir(const char *path)
{
    REAL(rmdir)
    return remove_recorded(real, path);
}

/* Writing. All forms end in one pwritev: the log needs the place, and the kernel's own position is
 * moved where the form asks for it. */

static void put_written(int fd, uint64_t inode, uint64_t offset, const struct iovec *parts,
                        size_t length)
{
    char *bytes = malloc(length);
    size_t filled = 0;
    if (bytes == NULL) {
        give_up("no memory");
    }
    for (; filled < length; parts++) {
        size_t part = parts->iov_len < length - filled ? parts->iov_len : length - filled;
        memcpy(bytes + filled, parts->iov_base, part);
        filled += part;
    }
    struct record record = {
        .kind = RECORD_WRITE, .inode = inode, .offset = offset, .length = length};
    put(record, NULL, NULL, bytes);
    if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0) {
        record.kind = RECORD_RANGE_SYNC;
        put(record, NULL, NULL, NULL);
    }
    free(bytes);
}

static ssize_t real_pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    REAL(pwritev)
    return real(fd, parts, count, offset);
}

static ssize_t write_at(int fd, const struct iovec *parts, int count, off_t offset)
{
    struct stat file;
    if (!ours_fd(fd, &file)) {
        return real_pwritev(fd, parts, count, offset);
    }
    pthread_mutex_lock(&lock);
    ssize_t written = real_pwritev(fd, parts, count, offset);
    int error = errno;
    if (written > 0) {
        put_written(fd, file.st_ino, (uint64_t)offset, parts, (size_t)written);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

static ssize_t write_on(int fd, const struct iovec *parts, int count)
{
    struct stat file;
    if (!ours_fd(fd, &file)) {
        return real_writev(fd, parts, count);
    }
    pthread_mutex_lock(&lock);
    bool appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
    off_t offset = appends ? file.st_size : lseek(fd, 0, SEEK_CUR);
    ssize_t written = real_writev(fd, parts, count);
    int error = errno;
    if (written > 0) {
        put_written(fd, file.st_ino, (uint64_t)offset, parts, (size_t)written);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

static struct iovec whole(const void *bytes, size_t length)
{
    union {
        const void *in;
        void *out;
    } pointer = {bytes};
    return (struct iovec){pointer.out, length};
}

static ssize_t mark(const void *bytes, size_t length)
{
    struct record record = {.kind = RECORD_MARK};
    if (log_fd >= 0 && length == sizeof(record.offset)) {
        memcpy(&record.offset, bytes, length);
        pthread_mutex_lock(&lock);
        put(record, NULL, NULL, NULL);
        pthread_mutex_unlock(&lock);
    }
    return (ssize_t)length;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    struct iovec part = whole(bytes, length);
    return fd == RECORD_MARK_FD ? mark(bytes, length) : write_on(fd, &part, 1);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return write_on(fd, parts, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    struct iovec part = whole(bytes, length);
    return write_at(fd, &part, 1, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return write_at(fd, parts, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset)
    __attribute__((alias("pwrite")));
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
    __attribute__((alias("pwritev")));

int ftruncate(int fd, off_t size)
{
    REAL(ftruncate)
    struct stat file;
    bool recorded = ours_fd(fd, &file);
    pthread_mutex_lock(&lock);
    int result = real(fd, size);
    int error = errno;
    if (result == 0 && recorded) {
        put((struct record){.kind = RECORD_TRUNCATE,
                            .inode = file.st_ino,
                            .offset = (uint64_t)size},
            NULL, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));

/* With FALLOC_FL_KEEP_SIZE nothing changes that a reader could see. */
int fallocate(int fd, int mode, off_t offset, off_t length)
{
    REAL(fallocate)
    int result = real(fd, mode, offset, length);
    struct stat file;
    if (result == 0 && mode != FALLOC_FL_KEEP_SIZE && ours_fd(fd, &file)) {
        errno = ENOTSUP;
        give_up("fallocate that changes content");
    }
    return result;
}

int fallocate64(int fd, int mode, off_t offset, off_t length) __attribute__((alias("fallocate")));

/* Flushing: what was written before the call is on disk when it returns. */

static int sync_recorded(int (*real)(int), int fd)
{
    struct stat file;
    if (!ours_fd(fd, &file)) {
        return real(fd);
    }
    pthread_mutex_lock(&lock);
    int result = real(fd);
    int error = errno;
    if (result == 0) {
        put((struct record){.kind = RECORD_SYNC, .inode = file.st_ino}, NULL, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int fsync(int fd)
{
    REAL(fsync)
    return sync_recorded(real, fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync)
    return sync_recorded(real, fd);
}
