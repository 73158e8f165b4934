#include "domain/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "domain/decimal.h"

#define EXACT_BUCKETS  1000
#define LENGTH_BUCKETS 900 /* 100 to 999, times a power of ten */

/* Two varints: of a distance below 2^21, and of a count. */
#define ENTRY_BYTES_MAX (3 + 10)

static const uint64_t powers[20] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u,
};

/* Of a value of at least 1000. */
static uint32_t digit_count(uint64_t value)
{
    uint32_t bits = 64 - (uint32_t)__builtin_clzll(value);
    uint32_t digits = bits * 1233 >> 12; /* bits * log10(2): right, or one too few */
    return digits + (digits < 20 && value >= powers[digits] ? 1 : 0);
}

uint32_t sketch_bucket(uint64_t value)
{
    if (value < EXACT_BUCKETS) {
        return (uint32_t)value;
    }
    uint32_t cut = digit_count(value) - 3;
    uint64_t unit = powers[cut];
    uint64_t digits = value / unit;
    uint64_t rest = value - digits * unit;
    if (rest > unit / 2 || (rest == unit / 2 && (digits & 1) != 0)) {
        digits++; /* 999 becomes 1000, which is the next bucket too: 100 of the next length */
    }
    return EXACT_BUCKETS + (cut - 1) * LENGTH_BUCKETS + (uint32_t)digits - 100;
}

uint64_t sketch_value(uint32_t bucket)
{
    assert(bucket < SKETCH_BUCKETS);
    if (bucket < EXACT_BUCKETS) {
        return bucket;
    }
    uint32_t above = bucket - EXACT_BUCKETS;
    return (100 + above % LENGTH_BUCKETS) * powers[above / LENGTH_BUCKETS + 1];
}

void sketch_fini(struct sketch *sketch)
{
    free(sketch->bytes);
    *sketch = (struct sketch){0};
}

/* Reading */

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    struct sketch_entry entry; /* of the last call */
};

static uint64_t read_varint(const uint8_t **at)
{
    uint64_t value = 0;
    uint32_t shift = 0;
    uint8_t byte;
    do {
        byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) != 0);
    return value;
}

static struct reader reader_of(const struct sketch *sketch)
{
    const uint8_t *end = sketch->length == 0 ? sketch->bytes : sketch->bytes + sketch->length;
    return (struct reader){.at = sketch->bytes, .end = end};
}

static bool read_entry(struct reader *reader)
{
    if (reader->at == reader->end) {
        return false;
    }
    reader->entry.bucket += (uint32_t)read_varint(&reader->at);
    reader->entry.count = read_varint(&reader->at);
    return true;
}

/* Writing */

struct writer {
    uint8_t *at;
    uint32_t bucket; /* the last one */
};

static uint8_t *write_varint(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *at++ = (uint8_t)(value | 0x80);
    }
    *at++ = (uint8_t)value;
    return at;
}

static void write_entry(struct writer *writer, struct sketch_entry entry)
{
    if (entry.count != 0) {
        writer->at = write_varint(writer->at, entry.bucket - writer->bucket);
        writer->at = write_varint(writer->at, entry.count);
        writer->bucket = entry.bucket;
    }
}

static void *memory(void *from, size_t size)
{
    void *bytes = realloc(from, size == 0 ? 1 : size);
    assert(bytes != NULL);
    return bytes;
}

/* Entries of two lists become one list. A merged entry is no longer than the two that it is made of,
 * and where one goes, the next distance is no longer than two: the sum of the lengths is room enough.
 */
static void merge(struct sketch *sketch, const struct sketch_entry *entries, uint32_t count)
{
    struct sketch old = *sketch;
    sketch->bytes = memory(NULL, old.length + (size_t)count * ENTRY_BYTES_MAX);
    struct writer writer = {.at = sketch->bytes};
    struct reader reader = reader_of(&old);
    bool more = read_entry(&reader);
    for (uint32_t i = 0; i < count; i++) {
        struct sketch_entry entry = entries[i];
        for (; more && reader.entry.bucket < entry.bucket; more = read_entry(&reader)) {
            write_entry(&writer, reader.entry);
        }
        uint64_t before = 0;
        if (more && reader.entry.bucket == entry.bucket) {
            before = reader.entry.count;
            more = read_entry(&reader);
        }
        assert((int64_t)entry.count >= 0 || before >= -entry.count);
        entry.count += before;
        write_entry(&writer, entry);
    }
    for (; more; more = read_entry(&reader)) {
        write_entry(&writer, reader.entry);
    }
    sketch->length = (uint32_t)(writer.at - sketch->bytes);
    sketch->bytes = memory(sketch->bytes, sketch->length);
    free(old.bytes);
}

void sketch_add_run(struct sketch *sketch, const struct sketch_entry *entries, uint32_t count)
{
    merge(sketch, entries, count);
}

/* sketch += sign * other. */
static void combine(struct sketch *sketch, const struct sketch *other, bool subtract)
{
    if (other->length == 0) {
        return;
    }
    struct sketch_entry *entries = memory(NULL, other->length / 2 * sizeof(*entries));
    struct reader reader = reader_of(other);
    uint32_t count = 0;
    while (read_entry(&reader)) {
        entries[count] = reader.entry;
        entries[count].count = subtract ? -reader.entry.count : reader.entry.count;
        count++;
    }
    merge(sketch, entries, count);
    free(entries);
}

void sketch_add(struct sketch *sketch, const struct sketch *other)
{
    combine(sketch, other, false);
}

void sketch_subtract(struct sketch *sketch, const struct sketch *other)
{
    combine(sketch, other, true);
}

uint64_t sketch_count(const struct sketch *sketch)
{
    uint64_t count = 0;
    struct reader reader = reader_of(sketch);
    while (read_entry(&reader)) {
        count += reader.entry.count;
    }
    return count;
}

uint64_t sketch_percentile(const struct sketch *sketch, uint32_t permille)
{
    assert(permille > 0);
    assert(permille <= 1000);
    assert(sketch->length > 0);
    uint128 rank = ((uint128)sketch_count(sketch) * permille + 999) / 1000;
    uint128 passed = 0;
    struct reader reader = reader_of(sketch);
    while (read_entry(&reader)) {
        passed += reader.entry.count;
        if (passed >= rank) {
            break;
        }
    }
    return sketch_value(reader.entry.bucket);
}
