#include "evaluate/cold_rows.h"

#include <stdlib.h>
#include <string.h>

struct cold_rows *cold_rows_open(uint32_t width, uint32_t page_bytes, struct row_pager *pager,
                                 enum row_life life)
{
    struct cold_rows *cold = calloc(1, sizeof(*cold));
    assert(cold != NULL);
    *cold = (struct cold_rows){
        .width = width,
        .page_bytes = page_bytes,
        .epoch = 1,
        .life = life,
        .pager = pager,
    };
    if (pager != NULL) {
        row_pager_enter(pager, cold);
    }
    return cold;
}

/* Memory and store */

/* A page takes `size` bytes from now on, and took `before`. */
static void count_memory(struct cold_rows *cold, uint32_t before, uint32_t size)
{
    cold->held_count += (size != 0 ? 1u : 0) - (before != 0 ? 1u : 0);
    if (cold->pager != NULL) {
        cold->pager->memory += (uint64_t)size - before;
    }
}

static void forget_stored(struct cold_rows *cold, struct cold_page *page)
{
    if (page->is_stored) {
        struct row_pager *pager = cold->pager;
        pager->store.forget(pager->store.context, page->place, page->page.length);
        pager->stored -= page->page.length;
        page->is_stored = false;
    }
}

/* The rows stay in the store, if they are there. */
static void let_go(struct cold_rows *cold, struct cold_page *page)
{
    uint32_t length = page->page.length;
    count_memory(cold, page->page.size, 0);
    free(page->page.bytes);
    page->page = (struct row_page){.first_index = page->page.first_index, .length = length};
}

static void delete_page(struct cold_rows *cold, struct cold_page *page)
{
    forget_stored(cold, page);
    let_go(cold, page);
}

/* False: it cannot be read. */
static bool hold(struct cold_rows *cold, struct cold_page *page)
{
    page->is_read = true;
    if (page->page.bytes != NULL) {
        return true;
    }
    struct row_pager *pager = cold->pager;
    uint8_t *bytes = malloc(page->page.length);
    assert(bytes != NULL);
    if (pager->store.read(pager->store.context, page->place, bytes, page->page.length) !=
        STATUS_OK) {
        pager->failed = true;
        free(bytes);
        return false;
    }
    page->page.bytes = bytes;
    page->page.size = page->page.length;
    count_memory(cold, 0, page->page.size);
    /* Windows read on: the page behind it is the next that they will want. */
    const struct cold_page *next = page + 1;
    if (next < cold->pages + cold->page_count && next->page.bytes == NULL) {
        pager->store.expect(pager->store.context, next->place, next->page.length);
    }
    return true;
}

enum status cold_rows_page_out(struct cold_rows *cold)
{
    struct row_pager *pager = cold->pager;
    for (uint32_t i = cold->page_first; cold->held_count > 1 && i + 1 < cold->page_count; i++) {
        struct cold_page *page = &cold->pages[i];
        if (page->page.bytes == NULL) {
            continue;
        }
        if (page->is_read) {
            page->is_read = false;
            continue;
        }
        if (!page->is_stored) {
            uint64_t place;
            enum status status = pager->store.write(pager->store.context, cold->life,
                                                    page->page.bytes, page->page.length, &place);
            if (status != STATUS_OK) {
                return status;
            }
            page->place = place;
            page->is_stored = true;
            pager->stored += page->page.length;
        }
        let_go(cold, page);
    }
    return STATUS_OK;
}

/* Pages */

/* Rows are not any more where they were. */
static void begin_epoch(struct cold_rows *cold)
{
    cold->found_offset = 0;
    cold->epoch = cold->epoch == UINT32_MAX ? 1 : cold->epoch + 1;
}

void cold_rows_clear(struct cold_rows *cold)
{
    for (uint32_t i = cold->page_first; i < cold->page_count; i++) {
        delete_page(cold, &cold->pages[i]);
    }
    cold->page_first = 0;
    cold->page_count = 0;
    begin_epoch(cold);
}

void cold_rows_close(struct cold_rows *cold)
{
    if (cold == NULL) {
        return;
    }
    cold_rows_clear(cold);
    if (cold->pager != NULL) {
        row_pager_leave(cold->pager, cold);
    }
    free(cold->pages);
    free(cold);
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

static void trim(struct cold_rows *cold, struct cold_page *page)
{
    uint32_t before = page->page.size;
    row_page_trim(&page->page);
    count_memory(cold, before, page->page.size);
}

static struct cold_page *open_page(struct cold_rows *cold, int64_t first_index)
{
    if (!cold_rows_is_empty(cold)) {
        trim(cold, &cold->pages[cold->page_count - 1]);
    }
    make_place(cold);
    struct cold_page *page = &cold->pages[cold->page_count++];
    *page = (struct cold_page){.page = {.first_index = first_index}};
    cold->last_index = first_index;
    return page;
}

void cold_rows_append(struct cold_rows *cold, int64_t index, const uint64_t *counters)
{
    struct cold_page *page = cold_rows_is_empty(cold) ? NULL : &cold->pages[cold->page_count - 1];
    if (page == NULL || page->page.length >= cold->page_bytes) {
        page = open_page(cold, index);
    }
    uint32_t before = page->page.size;
    row_page_append(&page->page, cold->width, (uint64_t)(index - cold->last_index), counters);
    count_memory(cold, before, page->page.size);
    cold->last_index = index;
}

/* The page that a row of the index is in, or would be. */
static uint32_t page_of(const struct cold_rows *cold, int64_t index)
{
    uint32_t low = cold->page_first; /* the answer is in [low, high) */
    uint32_t high = cold->page_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (cold->pages[middle].page.first_index <= index) {
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
    if (!row_page_split(&cold->pages[place].page, cold->width, &later)) {
        return;
    }
    uint32_t from_first = place - cold->page_first;
    make_place(cold);
    struct cold_page *page = &cold->pages[cold->page_first + from_first];
    trim(cold, page);
    memmove(page + 2, page + 1,
            (size_t)(cold->pages + cold->page_count - (page + 1)) * sizeof(*page));
    page[1] = (struct cold_page){.page = later};
    count_memory(cold, 0, later.size);
    cold->page_count++;
}

void cold_rows_add(struct cold_rows *cold, int64_t index, uint32_t counter, uint64_t delta)
{
    uint32_t place = page_of(cold, index);
    struct cold_page *page = &cold->pages[place];
    begin_epoch(cold);
    if (!hold(cold, page)) {
        return;
    }
    forget_stored(cold, page);
    uint32_t before = page->page.size;
    row_page_add(&page->page, cold->width, index, counter, delta);
    count_memory(cold, before, page->page.size);
    if (page->page.length > 2 * cold->page_bytes) {
        split(cold, place);
    }
}

void cold_rows_drop_before(struct cold_rows *cold, int64_t index)
{
    while (!cold_rows_is_empty(cold)) {
        uint32_t first = cold->page_first;
        bool is_last = first + 1 == cold->page_count;
        int64_t last_index =
            is_last ? cold->last_index : cold->pages[first + 1].page.first_index - 1;
        if (last_index >= index) {
            return;
        }
        delete_page(cold, &cold->pages[first]);
        cold->page_first++;
    }
}

/* Reading */

struct row_reader cold_rows_read(struct cold_rows *cold, uint32_t page)
{
    return hold(cold, &cold->pages[page]) ? row_page_read(&cold->pages[page].page, cold->width)
                                          : (struct row_reader){0};
}

struct row_reader cold_rows_find(struct cold_rows *cold, int64_t index, uint32_t *next_out)
{
    uint64_t counters[ROW_WIDTH_MAX];
    uint32_t place = page_of(cold, index);
    struct row_reader reader = cold_rows_read(cold, place);
    if (reader.at != NULL && cold->found_offset != 0 && cold->found_page == place &&
        cold->found_index < index) {
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

struct row_reader cold_rows_at(struct cold_rows *cold, int64_t index, struct row_place place,
                               uint32_t *next_out)
{
    uint32_t page = page_of(cold, index);
    struct row_reader reader = cold_rows_read(cold, page);
    *next_out = page + 1;
    if (reader.at != NULL) {
        reader.at += place.offset;
        assert(reader.at < reader.end);
        struct row_reader row = reader;
        reader.index = index - (int64_t)(row_number(&row) >> cold->width);
    }
    return reader;
}
