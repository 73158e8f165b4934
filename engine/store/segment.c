#include "store/segment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/panic.h"
#include "store/batch_codec.h"
#include "store/data_file.h"
#include "store/store_error.h"

#define TABLE_COUNT_MAX 8
/* Paths of three small trees, the main and the free-list tree, and the free list's new record. */
#define COMMIT_SLACK_PAGES 64
/* LMDB node header, key, offset in the page, and alignment. */
#define NODE_OVERHEAD   32
#define NAME_VALUE_SIZE (8 + NAME_BYTES_MAX)
#define PAGE_HEADER     16
/* The estimate is made before a segment is chosen; larger pages only make it safer. */
#define PAGE_BYTES 4096

enum status segment_damaged(const struct segment *segment, const char *what, uint64_t number,
                            char message_out[STORE_MESSAGE_SIZE])
{
    store_message(message_out,
                  "%s is damaged: %s %" PRIu64 "; restore the data directory from a backup",
                  segment->data_path.text, what, number);
    return STATUS_DAMAGED;
}

/* ---- names --------------------------------------------------------------------------------------
 */

static uint64_t name_checksum(uint32_t name, struct text text)
{
    uint8_t bytes[4 + NAME_BYTES_MAX];
    assert(text.length <= NAME_BYTES_MAX);
    store_u32(bytes, name);
    memcpy(bytes + 4, text.bytes, text.length);
    return hash_checksum(bytes, 4 + (size_t)text.length);
}

static int name_put(const struct segment *segment, MDB_txn *txn, uint32_t name, struct text text)
{
    uint8_t bytes[NAME_VALUE_SIZE];
    store_u64(bytes, name_checksum(name, text));
    memcpy(bytes + 8, text.bytes, text.length);
    MDB_val key = {sizeof(name), &name};
    MDB_val value = {8 + (size_t)text.length, bytes};
    return mdb_put(txn, segment->names, &key, &value, MDB_APPEND);
}

static int names_put(const struct segment *segment, MDB_txn *txn, const struct name_table *names,
                     uint32_t first, uint32_t last)
{
    for (uint32_t name = first; name <= last; name++) {
        int code = name_put(segment, txn, name, name_text(names, name));
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

enum status segment_name_decode(const MDB_val *key, const MDB_val *value, uint32_t *name_out,
                                struct text *text_out)
{
    if (key->mv_size != 4 || value->mv_size <= 8 || value->mv_size > NAME_VALUE_SIZE) {
        return STATUS_DAMAGED;
    }
    uint32_t name = load_u32(key->mv_data);
    const uint8_t *bytes = value->mv_data;
    struct text text = {(const char *)bytes + 8, (uint32_t)value->mv_size - 8};
    if (load_u64(bytes) != name_checksum(name, text)) {
        return STATUS_DAMAGED;
    }
    *name_out = name;
    *text_out = text;
    return STATUS_OK;
}

static enum status names_walk(const struct segment *segment, MDB_cursor *cursor,
                              uint32_t name_count, struct name_table *names,
                              char message_out[STORE_MESSAGE_SIZE])
{
    for (uint32_t expected = 1; expected <= name_count; expected++) {
        MDB_val key;
        MDB_val value;
        uint32_t name = 0;
        uint32_t added = 0;
        struct text text;
        if (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) != 0 ||
            segment_name_decode(&key, &value, &name, &text) != STATUS_OK || name != expected) {
            return segment_damaged(segment, "name", expected, message_out);
        }
        enum status status = name_add(names, text, &added);
        if (status != STATUS_OK || added != name) {
            if (status == STATUS_OK) {
                return segment_damaged(segment, "a second time, name", name, message_out);
            }
            store_message(message_out, "%s: no room for its %" PRIu32 " names",
                          segment->data_path.text, name_count);
            return status;
        }
    }
    return STATUS_OK;
}

enum status segment_names_load(const struct segment *segment, uint32_t name_count,
                               struct name_table *names, char message_out[STORE_MESSAGE_SIZE])
{
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    int code = mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &txn);
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status = STATUS_OK;
    code = mdb_cursor_open(txn, segment->names, &cursor);
    if (code != 0) {
        status = store_fail(message_out, code, "cannot read", segment->data_path.text);
    } else {
        status = names_walk(segment, cursor, name_count, names, message_out);
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return status;
}

/* ---- state --------------------------------------------------------------------------------------
 */

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

static int commit_record_put(const struct segment *segment, MDB_txn *txn,
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

/* ---- opening ------------------------------------------------------------------------------------
 */

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

/* ---- making -------------------------------------------------------------------------------------
 */

static int snapshot_put(struct segment *segment, MDB_txn *txn, const struct commit_record *commit,
                        const struct name_table *names)
{
    uint8_t format[SEGMENT_FORMAT_SIZE];
    segment_format_encode(&segment->format, format);
    int code = tables_open(segment, txn, MDB_CREATE);
    if (code == 0) {
        code = state_put(segment, txn, "format", format, sizeof(format));
    }
    if (code == 0) {
        code = names_put(segment, txn, names, 1, commit->name_count);
    }
    return code == 0 ? commit_record_put(segment, txn, commit) : code;
}

static int snapshot_commit(struct segment *segment, const struct commit_record *commit,
                           const struct name_table *names)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(segment->env, NULL, 0, &txn);
    if (code != 0) {
        return code;
    }
    code = snapshot_put(segment, txn, commit, names);
    if (code != 0) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

/* In NNN.new: everything but the rename. */
static enum status segment_fill(struct segment *segment, const char *folder,
                                const struct commit_record *commit, const struct name_table *names,
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
        code = snapshot_commit(segment, commit, names);
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
                                const struct commit_record *commit, const struct name_table *names,
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
    status = segment_fill(segment, folder.text, commit, names, message_out);
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
                           const struct commit_record *commit, const struct name_table *names,
                           char message_out[STORE_MESSAGE_SIZE])
{
    struct segment *segment = calloc(1, sizeof(*segment));
    if (segment == NULL) {
        return store_fail(message_out, ENOMEM, "cannot create a segment in", segments);
    }
    segment->format = *format;
    segment->map_bytes = map_bytes;
    segment->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    enum status status = segment_make(segment, segments, commit, names, message_out);
    if (status != STATUS_OK) {
        segment_close(segment);
        return status;
    }
    *segment_out = segment;
    return STATUS_OK;
}

/* ---- appending ----------------------------------------------------------------------------------
 */

uint64_t segment_append_pages(const struct segment_append *append)
{
    uint64_t overflow_pages = 0;
    uint64_t inline_bytes = 0;
    for (uint32_t i = 0; i < append->batch_count; i++) {
        uint64_t size = batch_codec_size(append->batches[i]);
        inline_bytes += NODE_OVERHEAD;
        if (size + NODE_OVERHEAD > PAGE_BYTES / 2 - PAGE_HEADER) {
            overflow_pages += (size + PAGE_HEADER + PAGE_BYTES - 1) / PAGE_BYTES;
        } else {
            inline_bytes += size;
        }
    }
    for (uint32_t name = append->name_first; name <= append->commit->name_count; name++) {
        inline_bytes += NODE_OVERHEAD + 8 + name_text(append->names, name).length;
    }
    /* Nodes of nearly half a page each leave nearly half of it unused. */
    return overflow_pages + inline_bytes * 2 / (PAGE_BYTES - PAGE_HEADER) + COMMIT_SLACK_PAGES;
}

bool segment_has_room(const struct segment *segment, uint64_t pages)
{
    MDB_envinfo info;
    int code = mdb_env_info(segment->env, &info);
    assert(code == 0); /* only a null argument makes it fail */
    return info.me_last_pgno + 1 + pages <= segment->map_bytes / segment->page_size;
}

static int batch_put(const struct segment *segment, MDB_txn *txn, const struct batch *batch,
                     uint64_t *checksum)
{
    uint64_t position = batch->position;
    MDB_val key = {sizeof(position), &position};
    MDB_val value = {batch_codec_size(batch), NULL};
    int code = mdb_put(txn, segment->log, &key, &value, MDB_APPEND | MDB_RESERVE);
    if (code == 0) {
        *checksum = batch_codec_encode(batch, *checksum, value.mv_data);
    }
    return code;
}

static int append_put(const struct segment *segment, MDB_txn *txn,
                      const struct segment_append *append)
{
    for (uint32_t i = 0; i < append->batch_count; i++) {
        if (append->batches[i]->event_count == 0) {
            continue;
        }
        int code = batch_put(segment, txn, append->batches[i], &append->commit->last_checksum);
        if (code != 0) {
            return code;
        }
    }
    int code =
        names_put(segment, txn, append->names, append->name_first, append->commit->name_count);
    return code == 0 ? commit_record_put(segment, txn, append->commit) : code;
}

/* LMDB flushes data pages, then writes the meta page; a transaction exists once that is written.
 * When the disk is full the data pages fail first. Had the meta page failed, LMDB would refuse all
 * further writing: so a new transaction tells which it was. */
static bool writable_still(const struct segment *segment)
{
    MDB_txn *txn = NULL;
    if (mdb_txn_begin(segment->env, NULL, 0, &txn) != 0) {
        return false;
    }
    mdb_txn_abort(txn);
    return true;
}

static enum status commit_failed(const struct segment *segment, int code,
                                 char message_out[STORE_MESSAGE_SIZE])
{
    enum status status = store_fail(message_out, code, "cannot write", segment->data_path.text);
    bool room = status == STATUS_FULL || status == STATUS_NO_SPACE;
    return room && writable_still(segment) ? status : STATUS_IO;
}

enum status segment_append(struct segment *segment, const struct segment_append *append,
                           char message_out[STORE_MESSAGE_SIZE])
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(segment->env, NULL, 0, &txn);
    if (code != 0) {
        return commit_failed(segment, code, message_out);
    }
    uint64_t checksum_before = append->commit->last_checksum;
    code = append_put(segment, txn, append);
    if (code != 0) {
        mdb_txn_abort(txn);
    } else {
        code = mdb_txn_commit(txn);
    }
    if (code != 0) {
        append->commit->last_checksum = checksum_before;
        return commit_failed(segment, code, message_out);
    }
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
