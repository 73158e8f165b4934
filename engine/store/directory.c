#include "store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/data_file.h"
#include "store/store_error.h"

#define SEGMENT_DIGITS 10

enum entry_kind { ENTRY_SEGMENT, ENTRY_LEFTOVER, ENTRY_OTHER };

enum status path_join(struct path *path_out, const char *directory, const char *entry,
                      char message_out[STORE_MESSAGE_SIZE])
{
    int length = snprintf(path_out->text, sizeof(path_out->text), "%s/%s", directory, entry);
    if (length < 0 || (size_t)length >= sizeof(path_out->text)) {
        store_message(message_out, "the path of the data directory is too long");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

void segment_name(uint64_t number, char name_out[SEGMENT_NAME_SIZE])
{
    snprintf(name_out, SEGMENT_NAME_SIZE, "%0*" PRIu64, SEGMENT_DIGITS, number % 10000000000U);
}

static enum entry_kind entry_classify(const char *name, uint64_t *number_out)
{
    size_t digits = strspn(name, "0123456789");
    if (digits != SEGMENT_DIGITS) {
        return ENTRY_OTHER;
    }
    *number_out = strtoull(name, NULL, 10);
    if (*number_out == 0) {
        return ENTRY_OTHER;
    }
    if (name[digits] == '\0') {
        return ENTRY_SEGMENT;
    }
    return strcmp(name + digits, ".new") == 0 ? ENTRY_LEFTOVER : ENTRY_OTHER;
}

static bool entry_is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A directory without segments/ may become ours when it is empty; a fresh file system has
 * lost+found. */
static enum status directory_unused(const char *directory, char message_out[STORE_MESSAGE_SIZE])
{
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        enum status status = store_fail(message_out, errno, "cannot read", directory);
        return status;
    }
    enum status status = STATUS_NOT_FOUND;
    store_message(message_out, "%s holds no segments yet", directory);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        const char *name = entry->d_name;
        if (!entry_is_dot(name) && strcmp(name, "lock") != 0 && strcmp(name, "lost+found") != 0) {
            store_message(message_out,
                          "%s is not a nines data directory: it holds '%.64s' and no segments; "
                          "name an empty directory",
                          directory, name);
            status = STATUS_FOREIGN;
            break;
        }
    }
    closedir(stream);
    return status;
}

struct range {
    uint64_t min;
    uint64_t max;
    uint64_t count;
};

static enum status range_read(DIR *stream, const char *folder, struct range *range_out,
                              char message_out[STORE_MESSAGE_SIZE])
{
    struct range range = {.min = UINT64_MAX};
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        uint64_t number = 0;
        if (entry_is_dot(entry->d_name)) {
            continue;
        }
        switch (entry_classify(entry->d_name, &number)) {
        case ENTRY_SEGMENT:
            range.min = number < range.min ? number : range.min;
            range.max = number > range.max ? number : range.max;
            range.count++;
            break;
        case ENTRY_LEFTOVER:
            break;
        case ENTRY_OTHER:
            store_message(message_out, "%s holds '%.64s', which nines did not make; move it away",
                          folder, entry->d_name);
            return STATUS_FOREIGN;
        }
    }
    *range_out = range;
    return STATUS_OK;
}

static enum status segments_list(const char *folder, DIR *stream, struct segment_list *list_out,
                                 char message_out[STORE_MESSAGE_SIZE])
{
    struct range range;
    enum status status = range_read(stream, folder, &range, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    if (range.count == 0) {
        store_message(message_out, "%s holds no segments yet", folder);
        return STATUS_NOT_FOUND;
    }
    /* Names are unique and have one spelling each, so the count tells whether one is missing. */
    if (range.max - range.min + 1 != range.count) {
        store_message(message_out,
                      "%s is damaged: between segments %" PRIu64 " and %" PRIu64
                      " some are missing; restore the data directory from a backup",
                      folder, range.min, range.max);
        return STATUS_DAMAGED;
    }
    *list_out = (struct segment_list){range.min, range.count};
    return STATUS_OK;
}

enum status directory_list(const char *directory, struct segment_list *list_out,
                           char message_out[STORE_MESSAGE_SIZE])
{
    struct path folder;
    enum status status = path_join(&folder, directory, "segments", message_out);
    if (status != STATUS_OK) {
        return status;
    }
    DIR *stream = opendir(folder.text);
    if (stream == NULL) {
        return errno == ENOENT ? directory_unused(directory, message_out)
                               : store_fail(message_out, errno, "cannot read", folder.text);
    }
    status = segments_list(folder.text, stream, list_out, message_out);
    closedir(stream);
    return status;
}

/* The name of a mounted file system is not in its parent. */
static bool is_mounted(const char *folder, const char *parent)
{
    struct stat own;
    struct stat above;
    return stat(folder, &own) == 0 && stat(parent, &above) == 0 && own.st_dev != above.st_dev;
}

/* One that is there already may have been made by a process that was killed before it could flush the
 * parent: what this one acknowledges in it must not vanish with it. A parent that we may not read was
 * there before us. */
static enum status folder_make(const char *folder, char message_out[STORE_MESSAGE_SIZE])
{
    bool made = mkdir(folder, 0700) == 0;
    if (!made && errno != EEXIST) {
        return store_fail(message_out, errno, "cannot create", folder);
    }
    struct path parent;
    enum status status = path_join(&parent, folder, "..", message_out);
    if (status == STATUS_OK && (made || !is_mounted(folder, parent.text))) {
        status = path_sync(parent.text, message_out);
    }
    return !made && status == STATUS_DENIED ? STATUS_OK : status;
}

enum status directory_make(const char *directory, char message_out[STORE_MESSAGE_SIZE])
{
    struct path folder;
    enum status status = path_join(&folder, directory, "segments", message_out);
    if (status == STATUS_OK) {
        status = folder_make(directory, message_out);
    }
    return status == STATUS_OK ? folder_make(folder.text, message_out) : status;
}

static enum status lock_busy(int fd, const char *directory, char message_out[STORE_MESSAGE_SIZE])
{
    char pid[24] = "";
    ssize_t length = pread(fd, pid, sizeof(pid) - 1, 0);
    long holder = length > 0 ? strtol(pid, NULL, 10) : 0;
    if (holder > 0) {
        store_message(message_out, "%s is in use by another nines (process %ld)", directory,
                      holder);
    } else {
        store_message(message_out, "%s is in use by another nines", directory);
    }
    return STATUS_BUSY;
}

/* The pid is for people; a lock without it is as good. */
static void lock_sign(int fd)
{
    char pid[24];
    int length = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length) {
        return;
    }
}

enum status directory_lock(const char *directory, int *fd_out, char message_out[STORE_MESSAGE_SIZE])
{
    struct path path;
    enum status status = path_join(&path, directory, "lock", message_out);
    if (status != STATUS_OK) {
        return status;
    }
    int fd = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0) {
        return store_fail(message_out, errno, "cannot open", path.text);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK ? lock_busy(fd, directory, message_out)
                                      : store_fail(message_out, errno, "cannot lock", path.text);
        close(fd);
        return status;
    }
    lock_sign(fd);
    *fd_out = fd;
    return STATUS_OK;
}

void segment_folder_remove(const char *folder)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    char message[STORE_MESSAGE_SIZE];
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct path path;
        if (path_join(&path, folder, files[i], message) == STATUS_OK) {
            unlink(path.text);
        }
    }
    rmdir(folder);
}

enum status directory_remove_leftovers(const char *directory, char message_out[STORE_MESSAGE_SIZE])
{
    struct path folder;
    enum status status = path_join(&folder, directory, "segments", message_out);
    DIR *stream = status == STATUS_OK ? opendir(folder.text) : NULL;
    if (stream == NULL) {
        return status == STATUS_OK ? store_fail(message_out, errno, "cannot read", folder.text)
                                   : status;
    }
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(stream)) != NULL;) {
        uint64_t number = 0;
        struct path leftover;
        if (entry_classify(entry->d_name, &number) == ENTRY_LEFTOVER) {
            status = path_join(&leftover, folder.text, entry->d_name, message_out);
            if (status == STATUS_OK) {
                segment_folder_remove(leftover.text);
            }
        }
    }
    closedir(stream);
    /* Also the rename of a process that was killed before it could flush it. */
    return status == STATUS_OK ? path_sync(folder.text, message_out) : status;
}
