#include "store/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "store/absence_record.h"
#include "store/data_file.h"
#include "store/name_record.h"
#include "store/store_error.h"

#define TABLE_COUNT_MAX 8

enum status segment_damaged(const struct segment *segment, const char *what, uint64_t number,
                            char message_out[STORE_MESSAGE_SIZE])
{
    store_message(message_out,
                  "%s is damaged: %s %" PRIu64 "; restore the data directory from a backup",
                  segment->data_path.text, what, number);
    return STATUS_DAMAGED;
}

static MDB_val key_word(const char *word)
{
    /* LMDB's keys are not const; it does not write to them. */
    union {
        const char *in;
        void *out;
    } bytes = {.in = word};
    return (MDB_val){strlen(word), bytes.out};
}

static int state_put(const struct segment *segment, MDB_txn *txn, const char *word, void *bytes,
                     size_t length)
{
    MDB_val key = key_word(word);
    MDB_val value = {length, bytes};
    return mdb_put(txn, segment->state, &key, &value, 0);
}

int segment_commit_record_put(const struct segment *segment, MDB_txn *txn,
                              const struct commit_record *commit)
{
    uint8_t bytes[COMMIT_RECORD_SIZE];
    commit_record_encode(commit, bytes);
    return state_put(segment, txn, "counters", bytes, sizeof(bytes));
}

enum status segment_commit_record_in(const struct segment *segment, MDB_txn *txn,
                                     struct commit_record *commit_out,
                                     char message_out[STORE_MESSAGE_SIZE])
{
    MDB_val key = key_word("counters");
    MDB_val value;
    int code = mdb_get(txn, segment->state, &key, &value);
    enum status status =
        code == 0 ? commit_record_decode(value.mv_data, value.mv_size, commit_out) : STATUS_DAMAGED;
    if (status == STATUS_VERSION) {
        store_message(message_out, "%s was written by a newer nines", segment->data_path.text);
    } else if (status != STATUS_OK) {
        status = segment_damaged(segment, "the counters of segment", segment->format.number,
                                 message_out);
    }
    return status;
}

enum status segment_commit_record(const struct segment *segment, struct commit_record *commit_out,
                                  char message_out[STORE_MESSAGE_SIZE])
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &txn);
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status = segment_commit_record_in(segment, txn, commit_out, message_out);
    mdb_txn_abort(txn);
    return status;
}

int segment_absences_put(const struct segment *segment, MDB_txn *txn,
                         const struct span_set *absences)
{
    MDB_val key = key_word("absences");
    MDB_val value = {ABSENCE_RECORD_SIZE(absences->count), NULL};
    int code = mdb_put(txn, segment->state, &key, &value, MDB_RESERVE);
    if (code == 0) {
        absence_record_encode(absences, value.mv_data);
    }
    return code;
}

static enum status absences_get(const struct segment *segment, MDB_txn *txn,
                                struct span_set *absences_out, char message_out[STORE_MESSAGE_SIZE])
{
    MDB_val key = key_word("absences");
    MDB_val value;
    int code = mdb_get(txn, segment->state, &key, &value);
    if (code == MDB_NOTFOUND) {
        return STATUS_OK;
    }
    enum status status = code == 0
                             ? absence_record_decode(value.mv_data, value.mv_size, absences_out)
                             : STATUS_DAMAGED;
    return status == STATUS_OK ? STATUS_OK
                               : segment_damaged(segment, "the absences of segment",
                                                 segment->format.number, message_out);
}

enum status segment_absences(const struct segment *segment, struct span_set *absences_out,
                             char message_out[STORE_MESSAGE_SIZE])
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &txn);
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status = absences_get(segment, txn, absences_out, message_out);
    mdb_txn_abort(txn);
    return status;
}

static enum status format_get(struct segment *segment, MDB_txn *txn, uint64_t number,
                              char message_out[STORE_MESSAGE_SIZE])
{
    MDB_val key = key_word("format");
    MDB_val value;
    int code = mdb_get(txn, segment->state, &key, &value);
    enum status status = code == 0
                             ? segment_format_decode(value.mv_data, value.mv_size, &segment->format)
                             : STATUS_FOREIGN;
    const char *path = segment->data_path.text;
    if (status == STATUS_FOREIGN) {
        store_message(message_out, "%s was not made by nines; name another directory", path);
    } else if (status == STATUS_VERSION) {
        store_message(message_out, "%s was written by a newer nines; use that version", path);
    } else if (status != STATUS_OK || segment->format.number != number) {
        status = segment_damaged(segment, "the identity of segment", number, message_out);
    }
    return status;
}

static int env_open(MDB_env **env_out, const char *folder, unsigned flags, uint64_t map_bytes)
{
    MDB_env *env = NULL;
    int code = mdb_env_create(&env);
    if (code != 0) {
        return code;
    }
    code = mdb_env_set_maxdbs(env, TABLE_COUNT_MAX);
    if (code == 0 && map_bytes != 0) {
        code = mdb_env_set_mapsize(env, map_bytes);
    }
    if (code == 0) {
        code = mdb_env_open(env, folder, flags | MDB_NOTLS, 0600);
    }
    if (code != 0) {
        mdb_env_close(env);
        return code;
    }
    *env_out = env;
    return 0;
}

static int tables_open(struct segment *segment, MDB_txn *txn, unsigned flags)
{
    int code = mdb_dbi_open(txn, "log", flags | MDB_INTEGERKEY, &segment->log);
    if (code == 0) {
        code = mdb_dbi_open(txn, "names", flags | MDB_INTEGERKEY, &segment->names);
    }
    return code == 0 ? mdb_dbi_open(txn, "state", flags, &segment->state) : code;
}

static bool tables_ours(const struct segment *segment, MDB_txn *txn)
{
    unsigned log = 0;
    unsigned names = 0;
    unsigned state = 1;
    return mdb_dbi_flags(txn, segment->log, &log) == 0 &&
           mdb_dbi_flags(txn, segment->names, &names) == 0 &&
           mdb_dbi_flags(txn, segment->state, &state) == 0 && log == MDB_INTEGERKEY &&
           names == MDB_INTEGERKEY && state == 0;
}

static enum status tables_check(struct segment *segment, MDB_txn *txn, uint64_t number,
                                char message_out[STORE_MESSAGE_SIZE])
{
    int code = tables_open(segment, txn, 0);
    if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE ||
        (code == 0 && !tables_ours(segment, txn))) {
        store_message(message_out, "%s was not made by nines; name another directory",
                      segment->data_path.text);
        return STATUS_FOREIGN;
    }
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    return format_get(segment, txn, number, message_out);
}

static enum status segment_read_identity(struct segment *segment, uint64_t number,
                                         char message_out[STORE_MESSAGE_SIZE])
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &txn);
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status = tables_check(segment, txn, number, message_out);
    if (status != STATUS_OK) {
        mdb_txn_abort(txn);
        return status;
    }
    code = mdb_txn_commit(txn); /* keeps the table handles; an abort would close them */
    return code == 0 ? STATUS_OK
                     : store_fail(message_out, code, "cannot read", segment->data_path.text);
}

static enum status segment_remember_file(struct segment *segment,
                                         char message_out[STORE_MESSAGE_SIZE])
{
    int fd = -1;
    struct stat stat;
    if (mdb_env_get_fd(segment->env, &fd) != 0 || fstat(fd, &stat) != 0) {
        return store_fail(message_out, errno, "cannot look at", segment->data_path.text);
    }
    segment->device = stat.st_dev;
    segment->inode = stat.st_ino;
    return STATUS_OK;
}

static unsigned mode_flags(enum segment_mode mode)
{
    switch (mode) {
    case SEGMENT_WRITE:
        return 0;
    case SEGMENT_READ_LIVE:
        return MDB_RDONLY;
    case SEGMENT_READ_SEALED:
        return MDB_RDONLY | MDB_NOLOCK;
    }
    unreachable("every mode has its flags");
}

static enum status segment_open_in(struct segment *segment, const char *folder, uint64_t number,
                                   enum segment_mode mode, char message_out[STORE_MESSAGE_SIZE])
{
    struct data_file file;
    enum status status = path_join(&segment->data_path, folder, "data.mdb", message_out);
    if (status == STATUS_OK) {
        status = data_file_check(segment->data_path.text, &file, message_out);
    }
    if (status != STATUS_OK) {
        /* The folder is there and says that it is a segment. */
        return status == STATUS_NOT_FOUND ? STATUS_DAMAGED : status;
    }
    segment->map_bytes = file.map_bytes;
    segment->page_size = file.page_size;
    int code = env_open(&segment->env, folder, mode_flags(mode), 0);
    if (code != 0) {
        return store_fail(message_out, code, "cannot open", segment->data_path.text);
    }
    status = segment_read_identity(segment, number, message_out);
    return status == STATUS_OK ? segment_remember_file(segment, message_out) : status;
}

static enum status segment_folder(struct path *folder_out, const char *segments, uint64_t number,
                                  const char *suffix, char message_out[STORE_MESSAGE_SIZE])
{
    char name[SEGMENT_NAME_SIZE];
    char entry[SEGMENT_NAME_SIZE + 8];
    segment_name(number, name);
    snprintf(entry, sizeof(entry), "%s%s", name, suffix);
    return path_join(folder_out, segments, entry, message_out);
}

enum status segment_open(struct segment **segment_out, const char *segments, uint64_t number,
                         enum segment_mode mode, char message_out[STORE_MESSAGE_SIZE])
{
    struct path folder;
    enum status status = segment_folder(&folder, segments, number, "", message_out);
    if (status != STATUS_OK) {
        return status;
    }
    struct segment *segment = calloc(1, sizeof(*segment));
    if (segment == NULL) {
        return store_fail(message_out, ENOMEM, "cannot open", folder.text);
    }
    status = segment_open_in(segment, folder.text, number, mode, message_out);
    if (status != STATUS_OK) {
        segment_close(segment);
        return status;
    }
    *segment_out = segment;
    return STATUS_OK;
}

void segment_close(struct segment *segment)
{
    if (segment == NULL) {
        return;
    }
    if (segment->env != NULL) {
        mdb_env_close(segment->env);
    }
    free(segment);
}

static int snapshot_put(struct segment *segment, MDB_txn *txn,
                        const struct segment_snapshot *snapshot)
{
    uint8_t format[SEGMENT_FORMAT_SIZE];
    segment_format_encode(&segment->format, format);
    int code = tables_open(segment, txn, MDB_CREATE);
    if (code == 0) {
        code = state_put(segment, txn, "format", format, sizeof(format));
    }
    if (code == 0) {
        code = name_records_put(segment, txn, snapshot->names, 1, snapshot->commit->name_count);
    }
    if (code == 0 && snapshot->absences->count != 0) {
        code = segment_absences_put(segment, txn, snapshot->absences);
    }
    return code == 0 ? segment_commit_record_put(segment, txn, snapshot->commit) : code;
}

static int snapshot_commit(struct segment *segment, const struct segment_snapshot *snapshot)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(segment->env, NULL, 0, &txn);
    if (code != 0) {
        return code;
    }
    code = snapshot_put(segment, txn, snapshot);
    if (code != 0) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

/* In NNN.new: everything but the rename. */
static enum status segment_fill(struct segment *segment, const char *folder,
                                const struct segment_snapshot *snapshot,
                                char message_out[STORE_MESSAGE_SIZE])
{
    struct path data;
    enum status status = path_join(&data, folder, "data.mdb", message_out);
    if (status == STATUS_OK) {
        status = data_file_make(data.text, segment->map_bytes, message_out);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int code = env_open(&segment->env, folder, 0, segment->map_bytes);
    if (code == 0) {
        code = snapshot_commit(segment, snapshot);
    }
    if (code != 0) {
        return store_fail(message_out, code, "cannot create", data.text);
    }
    /* LMDB flushed the data; this flushes what fdatasync may leave out, and the two names. */
    status = path_sync(data.text, message_out);
    return status == STATUS_OK ? path_sync(folder, message_out) : status;
}

static enum status segment_publish(struct segment *segment, const char *segments,
                                   const char *folder_new, char message_out[STORE_MESSAGE_SIZE])
{
    struct path folder;
    enum status status = segment_folder(&folder, segments, segment->format.number, "", message_out);
    if (status == STATUS_OK) {
        status = path_join(&segment->data_path, folder.text, "data.mdb", message_out);
    }
    if (status == STATUS_OK) {
        status = segment_remember_file(segment, message_out);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (rename(folder_new, folder.text) != 0) {
        return store_fail(message_out, errno, "cannot rename", folder_new);
    }
    return path_sync(segments, message_out);
}

static enum status segment_make(struct segment *segment, const char *segments,
                                const struct segment_snapshot *snapshot,
                                char message_out[STORE_MESSAGE_SIZE])
{
    struct path folder;
    enum status status =
        segment_folder(&folder, segments, segment->format.number, ".new", message_out);
    if (status != STATUS_OK) {
        return status;
    }
    segment_folder_remove(folder.text); /* of an attempt that found no room */
    if (mkdir(folder.text, 0700) != 0) {
        return store_fail(message_out, errno, "cannot create", folder.text);
    }
    status = segment_fill(segment, folder.text, snapshot, message_out);
    if (status == STATUS_OK) {
        status = segment_publish(segment, segments, folder.text, message_out);
    }
    if (status != STATUS_OK) {
        segment_folder_remove(folder.text); /* not there any more once it was renamed */
    }
    return status;
}

enum status segment_create(struct segment **segment_out, const char *segments,
                           const struct segment_format *format, uint64_t map_bytes,
                           const struct segment_snapshot *snapshot,
                           char message_out[STORE_MESSAGE_SIZE])
{
    struct segment *segment = calloc(1, sizeof(*segment));
    if (segment == NULL) {
        return store_fail(message_out, ENOMEM, "cannot create a segment in", segments);
    }
    segment->format = *format;
    segment->map_bytes = map_bytes;
    segment->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    enum status status = segment_make(segment, segments, snapshot, message_out);
    if (status != STATUS_OK) {
        segment_close(segment);
        return status;
    }
    *segment_out = segment;
    return STATUS_OK;
}

enum status segment_intact(const struct segment *segment, char message_out[STORE_MESSAGE_SIZE])
{
    MDB_envinfo info;
    struct stat stat_now;
    const char *path = segment->data_path.text;
    if (mdb_env_info(segment->env, &info) != 0 || stat(path, &stat_now) != 0) {
        store_message(message_out, "%s is gone: %s", path, store_code_text(errno));
        return STATUS_IO;
    }
    if (stat_now.st_dev != segment->device || stat_now.st_ino != segment->inode) {
        store_message(message_out, "%s was replaced by another file while in use", path);
        return STATUS_IO;
    }
    if ((uint64_t)stat_now.st_size < (info.me_last_pgno + 1) * segment->page_size) {
        store_message(message_out, "%s was cut short while in use", path);
        return STATUS_IO;
    }
    return STATUS_OK;
}

uint64_t segment_bytes(const struct segment *segment)
{
    int fd = -1;
    struct stat stat;
    if (mdb_env_get_fd(segment->env, &fd) != 0 || fstat(fd, &stat) != 0) {
        return 0;
    }
    return (uint64_t)stat.st_size;
}
