#include "store/row_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/panic.h"
#include "store/directory.h"

#define EXTENT_SHIFT 20
#define EXTENT_BYTES (1u << EXTENT_SHIFT)
#define HEADER_BYTES 4
#define EXTENT_NONE  UINT32_MAX

struct extent {
    uint32_t used; /* bytes from its start */
    uint32_t live; /* runs that are not forgotten */
};

struct row_file {
    int fd;
    struct extent *extents;
    uint32_t extent_count;
    uint32_t extent_size;
    uint32_t *empty; /* extents to be written anew; room for all of them */
    uint32_t empty_count;
    uint32_t writing[ROW_LIFE_COUNT]; /* the extent that runs of a life go to */
};

enum status row_folder_make(struct row_folder *folder_out, const char *data,
                            char message_out[STORE_MESSAGE_SIZE])
{
    struct path path;
    enum status status = path_join(&path, data, "rollup", message_out);
    if (status != STATUS_OK) {
        return status;
    }
    if (mkdir(path.text, 0700) != 0 && errno != EEXIST) {
        snprintf(message_out, STORE_MESSAGE_SIZE, "cannot make %.300s: %s", path.text,
                 strerror(errno));
        return errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO;
    }
    snprintf(folder_out->path, sizeof(folder_out->path), "%s", path.text);
    return STATUS_OK;
}

/* A file that goes when it is closed. Not every file system can make one without a name. */
static int open_file(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        char path[sizeof(((struct row_folder *)NULL)->path) + 16];
        snprintf(path, sizeof(path), "%s/rows.XXXXXX", folder);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0) {
            (void)unlink(path);
        }
    }
    return fd;
}

static uint64_t place_of(uint32_t extent, uint32_t offset)
{
    return (uint64_t)extent << EXTENT_SHIFT | offset;
}

static enum status status_of(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG ? STATUS_NO_SPACE : STATUS_IO;
}

/* Writing */

static uint32_t new_extent(struct row_file *file)
{
    if (file->empty_count != 0) {
        return file->empty[--file->empty_count];
    }
    if (file->extent_count == file->extent_size) {
        file->extent_size = file->extent_size == 0 ? 16 : file->extent_size * 2;
        file->extents = realloc(file->extents, file->extent_size * sizeof(*file->extents));
        file->empty = realloc(file->empty, file->extent_size * sizeof(*file->empty));
        assert(file->extents != NULL);
        assert(file->empty != NULL);
    }
    file->extents[file->extent_count] = (struct extent){0};
    return file->extent_count++;
}

static void give_up_if_empty(struct row_file *file, uint32_t extent)
{
    if (file->extents[extent].live == 0) {
        file->extents[extent].used = 0;
        file->empty[file->empty_count++] = extent;
    }
}

/* The extent for so many bytes more of that life. */
static uint32_t extent_for(struct row_file *file, enum row_life life, uint32_t bytes)
{
    uint32_t extent = file->writing[life];
    if (extent != EXTENT_NONE && file->extents[extent].used + bytes <= EXTENT_BYTES) {
        return extent;
    }
    file->writing[life] = new_extent(file);
    if (extent != EXTENT_NONE) {
        give_up_if_empty(file, extent);
    }
    return file->writing[life];
}

static enum status write_run(void *context, enum row_life life, const uint8_t *bytes,
                             uint32_t length, uint64_t *place_out)
{
    struct row_file *file = context;
    uint8_t run[HEADER_BYTES + ROW_RUN_BYTES_MAX];
    assert(length <= ROW_RUN_BYTES_MAX);
    uint32_t extent = extent_for(file, life, HEADER_BYTES + length);
    uint64_t place = place_of(extent, file->extents[extent].used);
    store_u32(run, (uint32_t)hash_checksum(bytes, length));
    memcpy(run + HEADER_BYTES, bytes, length);
    ssize_t written;
    do {
        written = pwrite(file->fd, run, HEADER_BYTES + length, (off_t)place);
    } while (written < 0 && errno == EINTR);
    if (written != (ssize_t)(HEADER_BYTES + length)) {
        return written < 0 ? status_of(errno) : STATUS_NO_SPACE;
    }
    file->extents[extent].used += HEADER_BYTES + length;
    file->extents[extent].live++;
    *place_out = place;
    return STATUS_OK;
}

/* Reading */

static enum status read_run(void *context, uint64_t place, uint8_t *bytes_out, uint32_t length)
{
    const struct row_file *file = context;
    uint8_t run[HEADER_BYTES + ROW_RUN_BYTES_MAX];
    assert(length <= ROW_RUN_BYTES_MAX);
    ssize_t count;
    do {
        count = pread(file->fd, run, HEADER_BYTES + length, (off_t)place);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return STATUS_IO;
    }
    if (count != (ssize_t)(HEADER_BYTES + length) ||
        load_u32(run) != (uint32_t)hash_checksum(run + HEADER_BYTES, length)) {
        return STATUS_DAMAGED;
    }
    memcpy(bytes_out, run + HEADER_BYTES, length);
    return STATUS_OK;
}

static void expect_run(void *context, uint64_t place, uint32_t length)
{
    const struct row_file *file = context;
    (void)posix_fadvise(file->fd, (off_t)place, HEADER_BYTES + length, POSIX_FADV_WILLNEED);
}

static void forget_run(void *context, uint64_t place, uint32_t length)
{
    struct row_file *file = context;
    uint32_t extent = (uint32_t)(place >> EXTENT_SHIFT);
    (void)length;
    assert(extent < file->extent_count);
    assert(file->extents[extent].live != 0);
    file->extents[extent].live--;
    for (uint32_t i = 0; i < ROW_LIFE_COUNT; i++) {
        if (file->writing[i] == extent) {
            return; /* it is given up when it is full */
        }
    }
    give_up_if_empty(file, extent);
}

/* Opening and closing */

static void close_file(void *context)
{
    struct row_file *file = context;
    (void)close(file->fd);
    free(file->extents);
    free(file->empty);
    free(file);
}

static enum status open_store(void *context, struct row_store *store_out)
{
    const struct row_folder *folder = context;
    struct row_file *file = calloc(1, sizeof(*file));
    if (file == NULL) {
        return STATUS_NO_MEMORY;
    }
    file->fd = open_file(folder->path);
    if (file->fd < 0) {
        enum status status = status_of(errno);
        log_error("cannot make a file in %s: %s; old rows stay in memory", folder->path,
                  strerror(errno));
        free(file);
        return status;
    }
    for (uint32_t i = 0; i < ROW_LIFE_COUNT; i++) {
        file->writing[i] = EXTENT_NONE;
    }
    *store_out = (struct row_store){
        .context = file,
        .write = write_run,
        .read = read_run,
        .expect = expect_run,
        .forget = forget_run,
        .close = close_file,
    };
    return STATUS_OK;
}

struct row_store_source row_file_source(const struct row_folder *folder, uint64_t memory_max)
{
    return (struct row_store_source){
        .open = open_store,
        .context = (void *)(uintptr_t)folder,
        .memory_max = memory_max,
    };
}
