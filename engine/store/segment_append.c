#include "store/segment_append.h"

#include "base/panic.h"
#include "store/absence_record.h"
#include "store/batch_codec.h"
#include "store/name_record.h"
#include "store/store_error.h"

/* Paths of three small trees, the main and the free-list tree, and the free list's new record. */
#define COMMIT_SLACK_PAGES 64
/* LMDB node header, key, offset in the page, and alignment. */
#define NODE_OVERHEAD 32
#define PAGE_HEADER   16
/* The estimate is made before a segment is chosen; larger pages only make it safer. */
#define PAGE_BYTES 4096

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
    if (append->absences != NULL) {
        overflow_pages += ABSENCE_RECORD_SIZE(append->absences->count) / PAGE_BYTES + 1;
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
    int code = name_records_put(segment, txn, append->names, append->name_first,
                                append->commit->name_count);
    if (code == 0 && append->absences != NULL) {
        code = segment_absences_put(segment, txn, append->absences);
    }
    return code == 0 ? segment_commit_record_put(segment, txn, append->commit) : code;
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
