#include "evaluate/buckets.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "domain/civil.h"

/* The newest rows: wide ones are rare and mostly empty, and better off as bytes. */
#define ROWS_FIRST    8
#define ROWS_MAX      32
#define ROWS_MAX_WIDE 8
#define WIDTH_NARROW  4

/* To find a row its page is read from the front. Edges move once a resolution: where that is every
 * second, pages are short; else long ones take less to remember where they are. */
#define PAGE_BYTES_SHORT 512
#define PAGE_BYTES_LONG  1024

/* Where as few rows as possible are to be in memory. */
#define ROWS_MAX_FEW   2
#define PAGE_BYTES_FEW 16

void buckets_init(struct buckets *buckets, uint32_t width, int64_t resolution_ns, int64_t origin_ns)
{
    assert(resolution_ns > 0);
    assert(width <= ROW_WIDTH_MAX);
    *buckets = (struct buckets){
        .resolution_ns = resolution_ns,
        .origin_ns = origin_ns,
        .width = (uint8_t)width,
        .dropped_below = INT64_MIN,
    };
}

void buckets_page_by(struct buckets *buckets, struct row_pager *pager, enum row_life life)
{
    assert(buckets_is_empty(buckets));
    buckets->pager = pager;
    buckets->life = (uint8_t)life;
}

void buckets_fini(struct buckets *buckets)
{
    free(buckets->rows);
    buckets->rows = NULL;
    cold_rows_close(buckets->cold);
    buckets->cold = NULL;
}

static int64_t index_of(const struct buckets *buckets, int64_t ns)
{
    return floor_to(ns - buckets->origin_ns, buckets->resolution_ns) / buckets->resolution_ns;
}

static uint64_t *row_words(const struct buckets *buckets, uint32_t row)
{
    return buckets->rows + (size_t)row * (1u + buckets->width);
}

static int64_t row_index(const struct buckets *buckets, uint32_t row)
{
    return (int64_t)row_words(buckets, row)[0];
}

static bool has_cold(const struct buckets *buckets)
{
    return buckets->cold != NULL && !cold_rows_is_empty(buckets->cold);
}

/* The first of the newest rows whose index is not below. */
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

static bool wants_few(const struct buckets *buckets)
{
    return buckets->pager != NULL && buckets->pager->memory_max == 0;
}

static uint32_t page_bytes(const struct buckets *buckets)
{
    return wants_few(buckets)                       ? PAGE_BYTES_FEW
           : buckets->resolution_ns < NS_PER_MINUTE ? PAGE_BYTES_SHORT
                                                    : PAGE_BYTES_LONG;
}

static uint32_t rows_max(const struct buckets *buckets)
{
    return wants_few(buckets)               ? ROWS_MAX_FEW
           : buckets->width <= WIDTH_NARROW ? ROWS_MAX
                                            : ROWS_MAX_WIDE;
}

static void move_to_front(struct buckets *buckets)
{
    uint32_t live = (uint32_t)buckets->row_count - buckets->row_first;
    memmove(buckets->rows, row_words(buckets, buckets->row_first),
            live * (1u + buckets->width) * sizeof(uint64_t));
    buckets->row_first = 0;
    buckets->row_count = (uint8_t)live;
}

/* Writes the older half of the newest rows behind the pages. */
static void cool_down(struct buckets *buckets)
{
    if (buckets->cold == NULL) {
        buckets->cold = cold_rows_open(buckets->width, page_bytes(buckets), buckets->pager,
                                       (enum row_life)buckets->life);
    }
    uint32_t end = buckets->row_first + (buckets->row_count - buckets->row_first + 1u) / 2;
    while (buckets->row_first < end) {
        const uint64_t *words = row_words(buckets, buckets->row_first++);
        cold_rows_append(buckets->cold, (int64_t)words[0], words + 1);
    }
}

/* For one more of the newest rows. */
static void make_room(struct buckets *buckets)
{
    uint32_t size_max = rows_max(buckets);
    if (buckets->row_count < buckets->row_size) {
        return;
    }
    if (buckets->row_size == size_max) {
        if (buckets->row_first < size_max / 2) {
            cool_down(buckets);
        }
        move_to_front(buckets);
        return;
    }
    uint32_t size = buckets->row_size == 0 ? ROWS_FIRST : buckets->row_size * 2u;
    size = size < size_max ? size : size_max;
    uint64_t *rows = realloc(buckets->rows, size * (1u + buckets->width) * sizeof(uint64_t));
    assert(rows != NULL);
    buckets->rows = rows;
    buckets->row_size = (uint8_t)size;
}

static bool is_cold(const struct buckets *buckets, int64_t index)
{
    return has_cold(buckets) && index <= buckets->cold->last_index;
}

/* Of the newest rows; NULL: it is a cold one. */
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
    if (is_cold(buckets, index)) {
        return NULL;
    }
    make_room(buckets);
    if (is_cold(buckets, index)) {
        return NULL;
    }
    row = lower_bound(buckets, index);
    size_t row_bytes = (1u + buckets->width) * sizeof(uint64_t);
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
    if (index < buckets->dropped_below) {
        return;
    }
    uint64_t *row = row_for(buckets, index);
    if (row != NULL) {
        row[1 + counter] += delta;
    } else {
        cold_rows_add(buckets->cold, index, counter, delta);
    }
}

/* Adds what lies between the walk and the end. */
static void add_up(struct bucket_walk *walk, int64_t end_ns, uint64_t *sums)
{
    for (; walk->start_ns < end_ns; bucket_walk_next(walk)) {
        for (uint32_t i = 0; i < walk->buckets->width; i++) {
            sums[i] += walk->counters[i];
        }
    }
}

void buckets_sum(const struct buckets *buckets, int64_t start_ns, int64_t end_ns, uint64_t *sums)
{
    struct bucket_walk walk;
    bucket_walk_start(&walk, buckets, start_ns);
    add_up(&walk, end_ns, sums);
}

void buckets_clear(struct buckets *buckets)
{
    buckets->row_first = 0;
    buckets->row_count = 0;
    if (buckets->cold != NULL) {
        cold_rows_clear(buckets->cold);
    }
}

void buckets_drop_before(struct buckets *buckets, int64_t ns)
{
    int64_t index = index_of(buckets, ns);
    if (index <= buckets->dropped_below) {
        return;
    }
    buckets->dropped_below = index;
    if (buckets->cold != NULL) {
        cold_rows_drop_before(buckets->cold, index);
    }
    while (buckets->row_first < buckets->row_count &&
           row_index(buckets, buckets->row_first) < index) {
        buckets->row_first++;
    }
}

/* Walking */

static void stand_at(struct bucket_walk *walk, int64_t index, const uint64_t *counters)
{
    walk->start_ns = walk->buckets->origin_ns + index * walk->buckets->resolution_ns;
    walk->counters = counters;
}

static bool next_cold(struct bucket_walk *walk)
{
    struct cold_rows *cold = walk->buckets->cold;
    walk->offset = row_offset(&walk->reader);
    while (!row_next(&walk->reader, walk->read)) {
        if (cold == NULL || walk->page == cold->page_count) {
            return false;
        }
        walk->reader = cold_rows_read(cold, walk->page++);
        walk->offset = 0;
    }
    return true;
}

void bucket_walk_next(struct bucket_walk *walk)
{
    const struct buckets *buckets = walk->buckets;
    walk->is_cold = next_cold(walk);
    if (walk->is_cold) {
        stand_at(walk, walk->reader.index, walk->read);
    } else if (walk->row < buckets->row_count) {
        stand_at(walk, row_index(buckets, walk->row), row_words(buckets, walk->row) + 1);
        walk->row++;
    } else {
        walk->start_ns = INT64_MAX;
    }
}

/* The first index whose bucket does not start before ns, and is not dropped. */
static int64_t first_index(const struct buckets *buckets, int64_t ns)
{
    if (ns == INT64_MIN) {
        return buckets->dropped_below;
    }
    int64_t index = index_of(buckets, ns);
    if (buckets->origin_ns + index * buckets->resolution_ns < ns) {
        index++;
    }
    return index < buckets->dropped_below ? buckets->dropped_below : index;
}

/* place: of the row that is looked for, or unknown. */
static void start_at(struct bucket_walk *walk, const struct buckets *buckets, int64_t ns,
                     struct row_place place)
{
    int64_t index = first_index(buckets, ns);
    walk->buckets = buckets;
    walk->reader = (struct row_reader){0};
    if (!is_cold(buckets, index)) {
        walk->row = lower_bound(buckets, index);
        walk->page = buckets->cold == NULL ? 0 : buckets->cold->page_count;
    } else if (cold_rows_know(buckets->cold, place)) {
        walk->row = buckets->row_first;
        walk->reader = cold_rows_at(buckets->cold, index, place, &walk->page);
    } else {
        walk->row = buckets->row_first;
        walk->reader = cold_rows_find(buckets->cold, index, &walk->page);
    }
    bucket_walk_next(walk);
}

void bucket_walk_start(struct bucket_walk *walk, const struct buckets *buckets, int64_t ns)
{
    start_at(walk, buckets, ns, (struct row_place){0});
}

int64_t buckets_leave(const struct buckets *buckets, int64_t start_ns, int64_t end_ns,
                      uint64_t *sums, struct row_place *place)
{
    struct bucket_walk walk;
    start_at(&walk, buckets, start_ns, *place);
    add_up(&walk, end_ns, sums);
    *place = (struct row_place){walk.is_cold ? buckets->cold->epoch : 0, walk.offset};
    return walk.start_ns;
}
