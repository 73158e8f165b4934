#include "evaluate/buckets.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "domain/civil.h"

void buckets_init(struct buckets *buckets, uint32_t width, int64_t resolution_ns, int64_t origin_ns)
{
    assert(resolution_ns > 0);
    *buckets = (struct buckets){
        .resolution_ns = resolution_ns,
        .origin_ns = origin_ns,
        .width = width,
        .dropped_below = INT64_MIN,
    };
}

void buckets_fini(struct buckets *buckets)
{
    free(buckets->rows);
    buckets->rows = NULL;
}

static int64_t index_of(const struct buckets *buckets, int64_t ns)
{
    return floor_to(ns - buckets->origin_ns, buckets->resolution_ns) / buckets->resolution_ns;
}

static uint64_t *row_words(const struct buckets *buckets, uint32_t row)
{
    return buckets->rows + (size_t)row * (1 + buckets->width);
}

static int64_t row_index(const struct buckets *buckets, uint32_t row)
{
    return (int64_t)row_words(buckets, row)[0];
}

/* The first row whose index is not below. */
static uint32_t lower_bound(const struct buckets *buckets, int64_t index)
{
    uint32_t low = buckets->row_first;
    uint32_t high = buckets->row_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (row_index(buckets, middle) < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void make_room(struct buckets *buckets)
{
    if (buckets->row_count < buckets->row_size) {
        return;
    }
    size_t row_bytes = (1 + buckets->width) * sizeof(uint64_t);
    uint32_t live = buckets->row_count - buckets->row_first;
    if (buckets->row_first > live) {
        /* More than half is dropped: move the rest to the front. */
        memmove(buckets->rows, row_words(buckets, buckets->row_first), live * row_bytes);
        buckets->row_first = 0;
        buckets->row_count = live;
        return;
    }
    uint32_t size = buckets->row_size == 0 ? 8 : buckets->row_size * 2;
    uint64_t *rows = realloc(buckets->rows, size * row_bytes);
    assert(rows != NULL);
    buckets->rows = rows;
    buckets->row_size = size;
}

static uint64_t *row_for(struct buckets *buckets, int64_t index)
{
    uint32_t count = buckets->row_count;
    if (count > buckets->row_first && row_index(buckets, count - 1) == index) {
        return row_words(buckets, count - 1);
    }
    uint32_t row = lower_bound(buckets, index);
    if (row < count && row_index(buckets, row) == index) {
        return row_words(buckets, row);
    }
    uint32_t from_first = row - buckets->row_first;
    make_room(buckets);
    row = buckets->row_first + from_first;
    size_t row_bytes = (1 + buckets->width) * sizeof(uint64_t);
    memmove(row_words(buckets, row) + 1 + buckets->width, row_words(buckets, row),
            (buckets->row_count - row) * row_bytes);
    buckets->row_count++;
    uint64_t *words = row_words(buckets, row);
    memset(words, 0, row_bytes);
    words[0] = (uint64_t)index;
    return words;
}

void buckets_add(struct buckets *buckets, int64_t ns, uint32_t counter, uint64_t delta)
{
    assert_slow(counter < buckets->width);
    int64_t index = index_of(buckets, ns);
    if (index >= buckets->dropped_below) {
        row_for(buckets, index)[1 + counter] += delta;
    }
}

void buckets_sum(const struct buckets *buckets, int64_t start_ns, int64_t end_ns, uint64_t *sums)
{
    for (uint32_t row = buckets_row_at(buckets, start_ns);
         row < buckets->row_count && buckets_row_start_ns(buckets, row) < end_ns; row++) {
        const uint64_t *counters = buckets_row_counters(buckets, row);
        for (uint32_t i = 0; i < buckets->width; i++) {
            sums[i] += counters[i];
        }
    }
}

void buckets_clear(struct buckets *buckets)
{
    buckets->row_first = 0;
    buckets->row_count = 0;
}

void buckets_drop_before(struct buckets *buckets, int64_t ns)
{
    int64_t index = index_of(buckets, ns);
    if (index <= buckets->dropped_below) {
        return;
    }
    buckets->dropped_below = index;
    while (buckets->row_first < buckets->row_count &&
           row_index(buckets, buckets->row_first) < index) {
        buckets->row_first++;
    }
}

uint32_t buckets_row_at(const struct buckets *buckets, int64_t ns)
{
    if (ns == INT64_MIN) {
        return buckets->row_first;
    }
    int64_t index = index_of(buckets, ns);
    if (buckets->origin_ns + index * buckets->resolution_ns < ns) {
        index++;
    }
    return lower_bound(buckets, index);
}

int64_t buckets_row_start_ns(const struct buckets *buckets, uint32_t row)
{
    return buckets->origin_ns + row_index(buckets, row) * buckets->resolution_ns;
}

const uint64_t *buckets_row_counters(const struct buckets *buckets, uint32_t row)
{
    return row_words(buckets, row) + 1;
}
