#include "store/absence_record.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "base/panic.h"

/* The pair with the shortest presence between them becomes one. */
static void unite_nearest(struct span_set *absences)
{
    uint32_t nearest = 1;
    int64_t shortest_ns = INT64_MAX;
    for (uint32_t i = 1; i < absences->count; i++) {
        int64_t presence_ns = absences->spans[i].start_ns - absences->spans[i - 1].end_ns;
        if (presence_ns < shortest_ns) {
            shortest_ns = presence_ns;
            nearest = i;
        }
    }
    absences->spans[nearest - 1].end_ns = absences->spans[nearest].end_ns;
    absences->count--;
    for (uint32_t i = nearest; i < absences->count; i++) {
        absences->spans[i] = absences->spans[i + 1];
    }
}

void absences_add(struct span_set *absences, struct span absence)
{
    assert(absences->count == 0 || absence.start_ns >= absences->spans[absences->count - 1].end_ns);
    span_set_add(absences, absence);
    span_set_normalize(absences);
    if (absences->count > ABSENCES_MAX) {
        unite_nearest(absences);
    }
}

void absence_record_encode(const struct span_set *absences, uint8_t *value_out)
{
    size_t length = ABSENCE_RECORD_SIZE(absences->count);
    store_u32(value_out, absences->count);
    store_u32(value_out + 4, 0);
    for (uint32_t i = 0; i < absences->count; i++) {
        store_u64(value_out + 8 + 16 * (size_t)i, (uint64_t)absences->spans[i].start_ns);
        store_u64(value_out + 16 + 16 * (size_t)i, (uint64_t)absences->spans[i].end_ns);
    }
    store_u64(value_out + length - 8, hash_checksum(value_out, length - 8));
}

static struct span span_at(const uint8_t *value, uint32_t index)
{
    const uint8_t *at = value + 8 + 16 * (size_t)index;
    return (struct span){(int64_t)load_u64(at), (int64_t)load_u64(at + 8)};
}

static bool in_order(const uint8_t *value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct span span = span_at(value, i);
        if (span.end_ns <= span.start_ns ||
            (i > 0 && span.start_ns < span_at(value, i - 1).end_ns)) {
            return false;
        }
    }
    return true;
}

enum status absence_record_decode(const uint8_t *value, size_t length,
                                  struct span_set *absences_out)
{
    if (length < ABSENCE_RECORD_SIZE(0) ||
        load_u64(value + length - 8) != hash_checksum(value, length - 8)) {
        return STATUS_DAMAGED;
    }
    uint32_t count = load_u32(value);
    if (count > ABSENCES_MAX || length != ABSENCE_RECORD_SIZE(count) || !in_order(value, count)) {
        return STATUS_DAMAGED;
    }
    span_set_clear(absences_out);
    for (uint32_t i = 0; i < count; i++) {
        span_set_add(absences_out, span_at(value, i));
    }
    return STATUS_OK;
}
