#include "store/segment_reader.h"

#include <inttypes.h>

#include "store/batch_codec.h"
#include "store/store_error.h"

void segment_reader_init(struct segment_reader *reader)
{
    *reader = (struct segment_reader){0};
}

void segment_reader_fini(struct segment_reader *reader)
{
    if (reader->txn != NULL) {
        mdb_txn_abort(reader->txn);
    }
    *reader = (struct segment_reader){0};
}

static int reader_begin(struct segment_reader *reader, const struct segment *segment)
{
    if (reader->segment == segment) {
        return mdb_txn_renew(reader->txn);
    }
    segment_reader_fini(reader);
    int code = mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &reader->txn);
    if (code == 0) {
        reader->segment = segment;
    }
    return code;
}

/* The cursor at the first batch not before `position`, or else at the last one. */
static int cursor_seek(MDB_cursor *cursor, uint64_t position, MDB_val *key, MDB_val *value)
{
    *key = (MDB_val){sizeof(position), &position};
    int code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) {
        return mdb_cursor_get(cursor, key, value, MDB_LAST);
    }
    if (code == 0 && key->mv_size == sizeof(position) && load_u64(key->mv_data) > position) {
        return mdb_cursor_get(cursor, key, value, MDB_PREV);
    }
    return code;
}

static enum status value_refuse(enum status status, const struct segment *segment,
                                uint64_t position, char message_out[STORE_MESSAGE_SIZE])
{
    if (status == STATUS_VERSION) {
        store_message(message_out, "%s: the batch at position %" PRIu64 " is of a newer nines",
                      segment->data_path.text, position);
        return status;
    }
    return segment_damaged(segment, "the batch at position", position, message_out);
}

static bool may_be_in(const struct batch_header *header, struct span times)
{
    return header->occurred_ns_min < times.end_ns && header->occurred_ns_max >= times.start_ns;
}

/* The cursor from the batch that holds the position on to one that may have events of the times. */
static enum status value_find(const struct segment *segment, MDB_cursor *cursor, MDB_val *key,
                              MDB_val *value, struct span times, struct batch *batch,
                              uint64_t *next, char message_out[STORE_MESSAGE_SIZE])
{
    for (;;) {
        uint64_t position = *next;
        struct batch_header header;
        enum status status = batch_codec_header(value->mv_data, value->mv_size, &header);
        if (status == STATUS_OK &&
            (key->mv_size != 8 || load_u64(key->mv_data) != header.position)) {
            status = STATUS_DAMAGED;
        }
        if (status == STATUS_OK && header.position + header.event_count <= position) {
            return STATUS_NOT_FOUND;
        }
        bool is_wanted = status == STATUS_OK && may_be_in(&header, times);
        if (is_wanted) {
            status = batch_codec_decode(value->mv_data, value->mv_size, batch, &header);
        }
        if (status != STATUS_OK) {
            return value_refuse(status, segment, position, message_out);
        }
        *next = header.position + header.event_count;
        if (is_wanted) {
            return STATUS_OK;
        }
        int code = mdb_cursor_get(cursor, key, value, MDB_NEXT);
        if (code == MDB_NOTFOUND) {
            return STATUS_OK;
        }
        if (code != 0) {
            return value_refuse(STATUS_DAMAGED, segment, *next, message_out);
        }
    }
}

static enum status batch_find(const struct segment *segment, MDB_txn *txn, uint64_t position,
                              struct span times, struct batch *batch, uint64_t *next_out,
                              char message_out[STORE_MESSAGE_SIZE])
{
    batch_reset(batch);
    *next_out = position;
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    int code = mdb_cursor_open(txn, segment->log, &cursor);
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status;
    code = cursor_seek(cursor, position, &key, &value);
    if (code == MDB_NOTFOUND) {
        status = STATUS_NOT_FOUND;
    } else if (code != 0) {
        status = segment_damaged(segment, "the batch at position", position, message_out);
    } else {
        status = value_find(segment, cursor, &key, &value, times, batch, next_out, message_out);
    }
    mdb_cursor_close(cursor);
    return status;
}

enum status segment_reader_batch(struct segment_reader *reader, const struct segment *segment,
                                 uint64_t position, struct span times, struct batch *batch,
                                 uint64_t *next_out, char message_out[STORE_MESSAGE_SIZE])
{
    int code = reader_begin(reader, segment);
    if (code != 0) {
        segment_reader_fini(reader);
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status =
        batch_find(segment, reader->txn, position, times, batch, next_out, message_out);
    mdb_txn_reset(reader->txn);
    return status;
}
