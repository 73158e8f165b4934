#include "store/name_record.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/panic.h"
#include "store/store_error.h"

#define NAME_VALUE_SIZE (8 + NAME_BYTES_MAX)

static uint64_t name_checksum(uint32_t name, struct text text)
{
    uint8_t bytes[4 + NAME_BYTES_MAX];
    assert(text.length <= NAME_BYTES_MAX);
    store_u32(bytes, name);
    memcpy(bytes + 4, text.bytes, text.length);
    return hash_checksum(bytes, 4 + (size_t)text.length);
}

static int name_record_put(const struct segment *segment, MDB_txn *txn, uint32_t name,
                           struct text text)
{
    uint8_t bytes[NAME_VALUE_SIZE];
    store_u64(bytes, name_checksum(name, text));
    memcpy(bytes + 8, text.bytes, text.length);
    MDB_val key = {sizeof(name), &name};
    MDB_val value = {8 + (size_t)text.length, bytes};
    return mdb_put(txn, segment->names, &key, &value, MDB_APPEND);
}

int name_records_put(const struct segment *segment, MDB_txn *txn, const struct name_table *names,
                     uint32_t first, uint32_t last)
{
    for (uint32_t name = first; name <= last; name++) {
        int code = name_record_put(segment, txn, name, name_text(names, name));
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

enum status name_record_decode(const MDB_val *key, const MDB_val *value, uint32_t *name_out,
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
            name_record_decode(&key, &value, &name, &text) != STATUS_OK || name != expected) {
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

enum status name_records_load(const struct segment *segment, uint32_t name_count,
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
