#include "store/state_record.h"

#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"

static const uint8_t magic[8] = {'n', 'i', 'n', 'e', 's', 'l', 'o', 'g'};

static void seal(uint8_t *value, size_t length)
{
    store_u64(value + length - 8, hash_checksum(value, length - 8));
}

static bool sealed(const uint8_t *value, size_t length)
{
    return load_u64(value + length - 8) == hash_checksum(value, length - 8);
}

void segment_format_encode(const struct segment_format *format,
                           uint8_t value_out[SEGMENT_FORMAT_SIZE])
{
    memcpy(value_out, magic, sizeof(magic));
    store_u32(value_out + 8, SEGMENT_FORMAT_VERSION);
    store_u32(value_out + 12, 0);
    store_u64(value_out + 16, format->hash_key);
    store_u64(value_out + 24, (uint64_t)format->created_ns);
    store_u64(value_out + 32, format->number);
    store_u64(value_out + 40, format->position_first);
    store_u64(value_out + 48, format->previous);
    seal(value_out, SEGMENT_FORMAT_SIZE);
}

enum status segment_format_decode(const uint8_t *value, size_t length,
                                  struct segment_format *format_out)
{
    if (length < 20 || memcmp(value, magic, sizeof(magic)) != 0) {
        return STATUS_FOREIGN;
    }
    if (!sealed(value, length)) {
        return STATUS_DAMAGED;
    }
    if (load_u32(value + 8) != SEGMENT_FORMAT_VERSION) {
        return STATUS_VERSION;
    }
    if (length != SEGMENT_FORMAT_SIZE) {
        return STATUS_DAMAGED;
    }
    *format_out = (struct segment_format){
        .hash_key = load_u64(value + 16),
        .created_ns = (int64_t)load_u64(value + 24),
        .number = load_u64(value + 32),
        .position_first = load_u64(value + 40),
        .previous = load_u64(value + 48),
    };
    return STATUS_OK;
}

static uint8_t *words_store(uint8_t *at, const uint64_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, at += 8) {
        store_u64(at, words[i]);
    }
    return at;
}

static const uint8_t *words_load(const uint8_t *at, uint64_t *words_out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, at += 8) {
        words_out[i] = load_u64(at);
    }
    return at;
}

void commit_record_encode(const struct commit_record *commit, uint8_t value_out[COMMIT_RECORD_SIZE])
{
    const struct store_counters *counters = &commit->counters;
    store_u32(value_out, REJECT_COUNT);
    store_u32(value_out + 4, SHED_COUNT);
    store_u64(value_out + 8, commit->commit_number);
    store_u64(value_out + 16, commit->position_next);
    store_u64(value_out + 24, commit->last_checksum);
    store_u32(value_out + 32, commit->name_count);
    store_u32(value_out + 36, 0);
    store_u64(value_out + 40, counters->received);
    store_u64(value_out + 48, counters->stored);
    store_u64(value_out + 56, counters->duplicate);
    store_u64(value_out + 64, counters->without_id);
    store_u64(value_out + 72, counters->time_from_receipt);
    uint8_t *at = words_store(value_out + 80, counters->rejected, REJECT_COUNT);
    words_store(at, counters->shed, SHED_COUNT);
    seal(value_out, COMMIT_RECORD_SIZE);
}

static void commit_record_load(const uint8_t *value, struct commit_record *commit_out)
{
    uint32_t reject_count = load_u32(value);
    uint32_t shed_count = load_u32(value + 4);
    struct commit_record commit = {
        .commit_number = load_u64(value + 8),
        .position_next = load_u64(value + 16),
        .last_checksum = load_u64(value + 24),
        .name_count = load_u32(value + 32),
        .counters = {.received = load_u64(value + 40),
                     .stored = load_u64(value + 48),
                     .duplicate = load_u64(value + 56),
                     .without_id = load_u64(value + 64),
                     .time_from_receipt = load_u64(value + 72)},
    };
    const uint8_t *at = words_load(value + 80, commit.counters.rejected, reject_count);
    words_load(at, commit.counters.shed, shed_count);
    *commit_out = commit;
}

enum status commit_record_decode(const uint8_t *value, size_t length,
                                 struct commit_record *commit_out)
{
    if (length < 88 || !sealed(value, length)) {
        return STATUS_DAMAGED;
    }
    uint64_t reject_count = load_u32(value);
    uint64_t shed_count = load_u32(value + 4);
    if (length != 88 + 8 * (reject_count + shed_count)) {
        return STATUS_DAMAGED;
    }
    if (reject_count > REJECT_COUNT || shed_count > SHED_COUNT) {
        return STATUS_VERSION;
    }
    commit_record_load(value, commit_out);
    return STATUS_OK;
}
