#include "evaluate/cold_rows.h"

#include <stdlib.h>
#include <string.h>

struct cold_rows *cold_rows_open(uint32_t width, uint32_t page_bytes)
{
    struct cold_rows *cold = calloc(1, sizeof(*cold));
    assert(cold != NULL);
    cold->width = width;
    cold->page_bytes = page_bytes;
    cold->epoch = 1;
    return cold;
}

/* Rows are not any more where they were. */
static void begin_epoch(struct cold_rows *cold)
{
    cold->found_offset = 0;
    cold->epoch = cold->epoch == UINT32_MAX ? 1 : cold->epoch + 1;
}

void cold_rows_clear(struct cold_rows *cold)
{
    for (uint32_t i = cold->page_first; i < cold->page_count; i++) {
        row_page_fini(&cold->pages[i]);
    }
    cold->page_first = 0;
    cold->page_count = 0;
    begin_epoch(cold);
}

void cold_rows_close(struct cold_rows *cold)
{
    if (cold != NULL) {
        cold_rows_clear(cold);
        free(cold->pages);
        free(cold);
    }
}

static void make_place(struct cold_rows *cold)
{
    if (cold->page_count < cold->page_size) {
        return;
    }
    uint32_t live = cold->page_count - cold->page_first;
    if (cold->page_first > live) {
        memmove(cold->pages, cold->pages + cold->page_first, live * sizeof(*cold->pages));
        cold->found_offset = 0;
        cold->page_first = 0;
        cold->page_count = live;
        return;
    }
    uint32_t size = cold->page_size == 0 ? 1 : cold->page_size + cold->page_size / 2 + 1;
    cold->pages = realloc(cold->pages, size * sizeof(*cold->pages));
    assert(cold->pages != NULL);
    cold->page_size = size;
}

static struct row_page *open_page(struct cold_rows *cold, int64_t first_index)
{
    if (!cold_rows_is_empty(cold)) {
        row_page_trim(&cold->pages[cold->page_count - 1]);
    }
    make_place(cold);
    struct row_page *page = &cold->pages[cold->page_count++];
    *page = (struct row_page){.first_index = first_index};
    cold->last_index = first_index;
    return page;
}

void cold_rows_append(struct cold_rows *cold, int64_t index, const uint64_t *counters)
{
    struct row_page *page = cold_rows_is_empty(cold) ? NULL : &cold->pages[cold->page_count - 1];
    if (page == NULL || page->length >= cold->page_bytes) {
        page = open_page(cold, index);
    }
    row_page_append(page, cold->width, (uint64_t)(index - cold->last_index), counters);
    cold->last_index = index;
}

/* The page that a row of the index is in, or would be. */
static uint32_t page_of(const struct cold_rows *cold, int64_t index)
{
    uint32_t low = cold->page_first; /* the answer is in [low, high) */
    uint32_t high = cold->page_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (cold->pages[middle].first_index <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void split(struct cold_rows *cold, uint32_t place)
{
    struct row_page later;
    if (!row_page_split(&cold->pages[place], cold->width, &later)) {
        return;
    }
    uint32_t from_first = place - cold->page_first;
    make_place(cold);
    struct row_page *page = &cold->pages[cold->page_first + from_first];
    row_page_trim(page);
    memmove(page + 2, page + 1,
            (size_t)(cold->pages + cold->page_count - (page + 1)) * sizeof(*page));
    page[1] = later;
    cold->page_count++;
}

void cold_rows_add(struct cold_rows *cold, int64_t index, uint32_t counter, uint64_t delta)
{
    uint32_t place = page_of(cold, index);
    begin_epoch(cold);
    row_page_add(&cold->pages[place], cold->width, index, counter, delta);
    if (cold->pages[place].length > 2 * cold->page_bytes) {
        split(cold, place);
    }
}

void cold_rows_drop_before(struct cold_rows *cold, int64_t index)
{
    while (!cold_rows_is_empty(cold)) {
        uint32_t first = cold->page_first;
        bool is_last = first + 1 == cold->page_count;
        int64_t last_index = is_last ? cold->last_index : cold->pages[first + 1].first_index - 1;
        if (last_index >= index) {
            return;
        }
        row_page_fini(&cold->pages[first]);
        cold->page_first++;
    }
}

struct row_reader cold_rows_read(const struct cold_rows *cold, uint32_t page)
{
    return row_page_read(&cold->pages[page], cold->width);
}

struct row_reader cold_rows_find(struct cold_rows *cold, int64_t index, uint32_t *next_out)
{
    uint64_t counters[ROW_WIDTH_MAX];
    uint32_t place = page_of(cold, index);
    struct row_reader reader = cold_rows_read(cold, place);
    if (cold->found_offset != 0 && cold->found_page == place && cold->found_index < index) {
        reader.at += cold->found_offset;
        reader.index = cold->found_index;
    }
    struct row_reader before = reader;
    while (row_next(&reader, counters) && reader.index < index) {
        before = reader;
    }
    cold->found_index = before.index;
    cold->found_page = place;
    cold->found_offset = row_offset(&before);
    *next_out = place + 1;
    return before;
}

struct row_reader cold_rows_at(const struct cold_rows *cold, int64_t index, struct row_place place,
                               uint32_t *next_out)
{
    uint32_t page = page_of(cold, index);
    struct row_reader reader = cold_rows_read(cold, page);
    reader.at += place.offset;
    assert(reader.at < reader.end);
    struct row_reader row = reader;
    reader.index = index - (int64_t)(row_number(&row) >> cold->width);
    *next_out = page + 1;
    return reader;
}
