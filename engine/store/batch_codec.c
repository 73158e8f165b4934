#include "store/batch_codec.h"

#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/panic.h"

enum header_offset {
    AT_CHECKSUM = 0,
    AT_PREVIOUS = 8,
    AT_POSITION = 16,
    AT_RECEIVED = 24,
    AT_OCCURRED_MIN = 32,
    AT_OCCURRED_MAX = 40,
    AT_EVENT_COUNT = 48,
    AT_TEXT_LENGTH = 52,
    AT_MAGIC = 56,
    AT_CODEC = 60,
    AT_ZERO = 61,
    AT_HEADER_LENGTH = 62,
};

static const uint8_t magic[4] = {'N', 'B', 'A', 'T'};

size_t batch_codec_size(const struct batch *batch)
{
    return BATCH_HEADER_SIZE + (size_t)batch->event_count * sizeof(struct event) +
           batch->text_length;
}

static void store_occurred_range(const struct batch *batch, uint8_t *value)
{
    int64_t min = INT64_MAX;
    int64_t max = INT64_MIN;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        int64_t ns = batch->events[i].occurred_ns;
        min = ns < min ? ns : min;
        max = ns > max ? ns : max;
    }
    store_u64(value + AT_OCCURRED_MIN, (uint64_t)min);
    store_u64(value + AT_OCCURRED_MAX, (uint64_t)max);
}

uint64_t batch_codec_encode(const struct batch *batch, uint64_t previous, uint8_t *value_out)
{
    assert(batch->event_count > 0);
    size_t events_size = (size_t)batch->event_count * sizeof(struct event);
    store_u64(value_out + AT_PREVIOUS, previous);
    store_u64(value_out + AT_POSITION, batch->position);
    store_u64(value_out + AT_RECEIVED, (uint64_t)batch->received_ns);
    store_occurred_range(batch, value_out);
    store_u32(value_out + AT_EVENT_COUNT, batch->event_count);
    store_u32(value_out + AT_TEXT_LENGTH, batch->text_length);
    memcpy(value_out + AT_MAGIC, magic, sizeof(magic));
    value_out[AT_CODEC] = BATCH_CODEC_PLAIN;
    value_out[AT_ZERO] = 0;
    store_u16(value_out + AT_HEADER_LENGTH, BATCH_HEADER_SIZE);
    memcpy(value_out + BATCH_HEADER_SIZE, batch->events, events_size);
    if (batch->text_length > 0) {
        memcpy(value_out + BATCH_HEADER_SIZE + events_size, batch->text, batch->text_length);
    }
    uint64_t checksum =
        hash_checksum(value_out + AT_PREVIOUS, batch_codec_size(batch) - AT_PREVIOUS);
    store_u64(value_out + AT_CHECKSUM, checksum);
    return checksum;
}

static struct batch_header header_load(const uint8_t *value)
{
    return (struct batch_header){
        .checksum = load_u64(value + AT_CHECKSUM),
        .previous = load_u64(value + AT_PREVIOUS),
        .position = load_u64(value + AT_POSITION),
        .received_ns = (int64_t)load_u64(value + AT_RECEIVED),
        .occurred_ns_min = (int64_t)load_u64(value + AT_OCCURRED_MIN),
        .occurred_ns_max = (int64_t)load_u64(value + AT_OCCURRED_MAX),
        .event_count = load_u32(value + AT_EVENT_COUNT),
        .text_length = load_u32(value + AT_TEXT_LENGTH),
    };
}

static bool counts_fit(const struct batch_header *header, size_t length)
{
    return header->event_count > 0 && header->event_count <= BATCH_EVENTS_MAX &&
           header->text_length <= BATCH_TEXT_MAX &&
           length == BATCH_HEADER_SIZE + (size_t)header->event_count * sizeof(struct event) +
                         header->text_length &&
           header->position <= UINT64_MAX - header->event_count;
}

enum status batch_codec_header(const uint8_t *value, size_t length, struct batch_header *header_out)
{
    if (length < BATCH_HEADER_SIZE || memcmp(value + AT_MAGIC, magic, sizeof(magic)) != 0) {
        return STATUS_DAMAGED;
    }
    if (value[AT_CODEC] != BATCH_CODEC_PLAIN) {
        /* A flipped bit looks like a new codec; every codec keeps the checksum where it is. */
        bool whole = load_u64(value) == hash_checksum(value + AT_PREVIOUS, length - AT_PREVIOUS);
        return whole ? STATUS_VERSION : STATUS_DAMAGED;
    }
    struct batch_header header = header_load(value);
    if (load_u16(value + AT_HEADER_LENGTH) != BATCH_HEADER_SIZE || !counts_fit(&header, length)) {
        return STATUS_DAMAGED;
    }
    *header_out = header;
    return STATUS_OK;
}

/* What the rest of the engine relies on without looking: vocabularies index tables, extra fields
 * are followed into the text. A valid checksum alone does not say so of a value that a bug wrote.
 * Folded without branches: this is on the road of a replay. */
static bool events_sane(const uint8_t *events, uint32_t event_count, uint32_t text_length)
{
    uint32_t bad = 0;
    for (uint32_t i = 0; i < event_count; i++) {
        struct event event;
        memcpy(&event, events + (size_t)i * sizeof(event), sizeof(event));
        uint64_t extra_end = (uint64_t)event.extra_offset + event.extra_length;
        bad |= (uint32_t)(event.extra_length != 0 && extra_end > text_length);
        bad |=
            (uint32_t)(event.kind >= EVENT_KIND_COUNT) | (uint32_t)(event.outcome >= OUTCOME_COUNT);
        bad |= (uint32_t)(event.aside >= ASIDE_COUNT) | (uint32_t)(event.nature >= NATURE_COUNT);
        bad |= (uint32_t)(event.severity >= SEVERITY_COUNT);
        bad |= (uint32_t)(event.previous >= SERVICE_STATE_COUNT);
    }
    return bad == 0;
}

enum status batch_codec_check(const uint8_t *value, size_t length, struct batch_header *header_out)
{
    struct batch_header header;
    enum status status = batch_codec_header(value, length, &header);
    if (status != STATUS_OK) {
        return status;
    }
    if (header.checksum != hash_checksum(value + AT_PREVIOUS, length - AT_PREVIOUS) ||
        !events_sane(value + BATCH_HEADER_SIZE, header.event_count, header.text_length)) {
        return STATUS_DAMAGED;
    }
    *header_out = header;
    return STATUS_OK;
}

enum status batch_codec_decode(const uint8_t *value, size_t length, struct batch *batch,
                               struct batch_header *header_out)
{
    struct batch_header header;
    enum status status = batch_codec_check(value, length, &header);
    if (status != STATUS_OK) {
        return status;
    }
    const uint8_t *events = value + BATCH_HEADER_SIZE;
    size_t events_size = (size_t)header.event_count * sizeof(struct event);
    batch_reset(batch);
    memcpy(batch->events, events, events_size);
    if (header.text_length > 0) {
        memcpy(batch->text, events + events_size, header.text_length);
    }
    batch->position = header.position;
    batch->received_ns = header.received_ns;
    batch->event_count = header.event_count;
    batch->text_length = header.text_length;
    *header_out = header;
    return STATUS_OK;
}
