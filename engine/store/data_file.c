#include "store/data_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "store/store_error.h"

#define META_BYTES    152
#define META_FLAG     8
#define LMDB_MAGIC    UINT32_C(0xBEEFC0DE)
#define LMDB_VERSION  1
#define PAGE_SIZE_MIN 4096
#define PAGE_SIZE_MAX 65536
/* Far above any segment; a flipped high bit in a map size is above this. */
#define MAP_BYTES_MAX (UINT64_C(1) << 42)
#define ROOT_NONE     UINT64_MAX

struct meta {
    uint64_t page_size;
    uint64_t map_bytes;
    uint64_t root_free;
    uint64_t root_main;
    uint64_t page_last;
    uint64_t txn;
};

static bool meta_load(const uint8_t *page, uint64_t page_number, struct meta *meta_out)
{
    *meta_out = (struct meta){
        .page_size = load_u32(page + 40),
        .map_bytes = load_u64(page + 32),
        .root_free = load_u64(page + 40 + 40),
        .root_main = load_u64(page + 88 + 40),
        .page_last = load_u64(page + 136),
        .txn = load_u64(page + 144),
    };
    return load_u64(page) == page_number && (load_u16(page + 10) & META_FLAG) != 0 &&
           load_u32(page + 16) == LMDB_MAGIC && load_u32(page + 20) == LMDB_VERSION;
}

static bool root_inside(uint64_t root, uint64_t page_last)
{
    return root == ROOT_NONE || (root >= 2 && root <= page_last);
}

static bool meta_sane(const struct meta *meta, uint64_t file_bytes)
{
    uint64_t pages_max = MAP_BYTES_MAX / PAGE_SIZE_MIN;
    return meta->map_bytes <= MAP_BYTES_MAX && meta->page_last >= 1 &&
           meta->page_last < pages_max && (meta->page_last + 1) * meta->page_size <= file_bytes &&
           (meta->page_last + 1) * meta->page_size <= meta->map_bytes &&
           root_inside(meta->root_free, meta->page_last) &&
           root_inside(meta->root_main, meta->page_last) &&
           /* Every transaction of ours is counted from 1 and none is lost: 2^63 is damage. */
           meta->txn < (UINT64_C(1) << 62);
}

static enum status meta_pages_read(int fd, uint64_t file_bytes, struct data_file *file_out)
{
    uint8_t page[META_BYTES];
    struct meta metas[2];
    if (pread(fd, page, sizeof(page), 0) != sizeof(page) || !meta_load(page, 0, &metas[0])) {
        return STATUS_DAMAGED;
    }
    uint64_t size = metas[0].page_size;
    if (size < PAGE_SIZE_MIN || size > PAGE_SIZE_MAX || (size & (size - 1)) != 0) {
        return STATUS_DAMAGED;
    }
    if (pread(fd, page, sizeof(page), (off_t)size) != sizeof(page) ||
        !meta_load(page, 1, &metas[1]) || metas[1].page_size != size) {
        return STATUS_DAMAGED;
    }
    /* LMDB takes the higher transaction id; equal ones exist only before the first commit. */
    const struct meta *newer = &metas[metas[1].txn > metas[0].txn];
    uint64_t distance =
        metas[0].txn > metas[1].txn ? metas[0].txn - metas[1].txn : metas[1].txn - metas[0].txn;
    if (distance > 1 || (distance == 0 && newer->txn != 0) || !meta_sane(newer, file_bytes)) {
        return STATUS_DAMAGED;
    }
    *file_out = (struct data_file){newer->map_bytes, size, newer->page_last + 1};
    return STATUS_OK;
}

/* Where LMDB keeps its two meta records, with its usual page size. */
#define META_DISTANCE 4096
#define META_RECORD   256
/* Each attempt meets another commit; a writer that never rests is given up on. */
#define READ_ATTEMPTS_MAX 1000

struct meta_records {
    uint8_t bytes[2][META_RECORD];
};

static struct meta_records meta_records_read(int fd)
{
    struct meta_records records = {0};
    for (uint32_t i = 0; i < 2; i++) {
        if (pread(fd, records.bytes[i], META_RECORD, (off_t)i * META_DISTANCE) < 0) {
            break; /* what cannot be read is the same each time */
        }
    }
    return records;
}

/* A writer may commit between the reading of one meta page and the other, or make the file longer
 * than it was found: then what was read belongs to no one moment. It is damage only if nobody was
 * writing, so that the records are the same before and after. */
static enum status meta_pages_read_still(int fd, struct stat *stat_out, struct data_file *file_out)
{
    enum status status = STATUS_DAMAGED;
    for (uint32_t attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
        struct meta_records before = meta_records_read(fd);
        if (fstat(fd, stat_out) != 0) {
            return STATUS_IO;
        }
        status = meta_pages_read(fd, (uint64_t)stat_out->st_size, file_out);
        struct meta_records after = meta_records_read(fd);
        if (status == STATUS_OK || memcmp(&before, &after, sizeof(before)) == 0) {
            break;
        }
    }
    return status;
}

enum status data_file_check(const char *path, struct data_file *file_out,
                            char message_out[STORE_MESSAGE_SIZE])
{
    /* O_NONBLOCK: a fifo in its place must not hold us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0) {
        enum status status = store_fail(message_out, errno, "cannot open", path);
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    enum status status = STATUS_FOREIGN;
    if (!S_ISREG(stat.st_mode)) {
        store_message(message_out, "%s is not a plain file", path);
    } else {
        status = meta_pages_read_still(fd, &stat, file_out);
        if (status != STATUS_OK) {
            store_message(message_out,
                          "%s is damaged: its first pages do not describe its %lld bytes; "
                          "restore the data directory from a backup",
                          path, (long long)stat.st_size);
        }
    }
    close(fd);
    return status;
}

/* A file-size limit (ulimit -f) is not seen by fallocate with KEEP_SIZE, but it would cut a commit.
 */
static bool over_file_limit(uint64_t bytes)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           limit.rlim_cur < bytes;
}

static int blocks_reserve(int fd, uint64_t bytes)
{
    if (over_file_limit(bytes)) {
        return EFBIG;
    }
    int result;
    do {
        result = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
    } while (result != 0 && errno == EINTR);
    /* File systems without fallocate: a full disk then shows in a commit, which copes. */
    return result == 0 || errno == EOPNOTSUPP ? 0 : errno;
}

static enum status reserve_failed(int code, const char *path, uint64_t map_bytes,
                                  char message_out[STORE_MESSAGE_SIZE])
{
    store_message(message_out, "cannot set %llu MiB aside for %s: %s; free some space",
                  (unsigned long long)(map_bytes >> 20), path, store_code_text(code));
    return store_status(code);
}

enum status data_file_make(const char *path, uint64_t map_bytes,
                           char message_out[STORE_MESSAGE_SIZE])
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return store_fail(message_out, errno, "cannot create", path);
    }
    int code = blocks_reserve(fd, map_bytes);
    close(fd);
    if (code != 0) {
        unlink(path);
        return reserve_failed(code, path, map_bytes, message_out);
    }
    return STATUS_OK;
}

enum status data_file_reserve(const char *path, uint64_t map_bytes,
                              char message_out[STORE_MESSAGE_SIZE])
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return store_fail(message_out, errno, "cannot open", path);
    }
    int code = blocks_reserve(fd, map_bytes);
    close(fd);
    return code == 0 ? STATUS_OK : reserve_failed(code, path, map_bytes, message_out);
}

enum status path_sync(const char *path, char message_out[STORE_MESSAGE_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return store_fail(message_out, errno, "cannot open", path);
    }
    int code = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    if (code != 0) {
        store_message(message_out, "cannot flush %s: %s", path, store_code_text(code));
        return STATUS_IO; /* whatever the code: after a failed flush nothing is certain */
    }
    return STATUS_OK;
}
