#include "evaluate/row_page.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES_MAX 10
/* A row, and the header of the one behind it. */
#define SPLICE_BYTES_MAX ((2 + ROW_WIDTH_MAX) * NUMBER_BYTES_MAX)
#define PAGE_SIZE_FIRST  32

void row_page_fini(struct row_page *page)
{
    free(page->bytes);
    *page = (struct row_page){0};
}

static uint32_t write_number(uint8_t *out, uint64_t value)
{
    uint32_t length = 0;
    while (value >= 0x80) {
        out[length++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[length++] = (uint8_t)value;
    return length;
}

static uint32_t write_row(uint8_t *out, uint32_t width, uint64_t distance, const uint64_t *counters)
{
    assert(width <= ROW_WIDTH_MAX && distance >> (64 - ROW_WIDTH_MAX) == 0);
    uint64_t header = distance << width;
    for (uint32_t i = 0; i < width; i++) {
        header |= (uint64_t)(counters[i] != 0) << i;
    }
    uint32_t length = write_number(out, header);
    for (uint32_t i = 0; i < width; i++) {
        if (counters[i] != 0) {
            length += write_number(out + length, counters[i]);
        }
    }
    return length;
}

static void make_room(struct row_page *page, uint32_t length)
{
    if (length <= page->size) {
        return;
    }
    uint32_t size = page->size == 0 ? PAGE_SIZE_FIRST : page->size * 2;
    size = size < length ? length : size;
    page->bytes = realloc(page->bytes, size);
    assert(page->bytes != NULL);
    page->size = size;
}

/* Puts other bytes in the place of [from, to). */
static void splice(struct row_page *page, uint32_t from, uint32_t to, const uint8_t *bytes,
                   uint32_t length)
{
    uint32_t rest = page->length - to;
    make_room(page, from + length + rest);
    memmove(page->bytes + from + length, page->bytes + to, rest);
    memcpy(page->bytes + from, bytes, length);
    page->length = from + length + rest;
}

void row_page_append(struct row_page *page, uint32_t width, uint64_t distance,
                     const uint64_t *counters)
{
    uint8_t row[SPLICE_BYTES_MAX];
    uint32_t length = write_row(row, width, distance, counters);
    splice(page, page->length, page->length, row, length);
}

/* A row that was not there, right before the one (of next_index) that begins at `from`. */
static void insert(struct row_page *page, uint32_t width, uint32_t from, uint64_t distance,
                   int64_t index, int64_t next_index, const uint64_t *counters)
{
    uint8_t bytes[SPLICE_BYTES_MAX];
    uint32_t length = write_row(bytes, width, distance, counters);
    struct row_reader next = row_page_read(page, width);
    next.at += from;
    uint64_t mask = row_number(&next) & ((UINT64_C(1) << width) - 1);
    length += write_number(bytes + length, (uint64_t)(next_index - index) << width | mask);
    splice(page, from, row_offset(&next), bytes, length);
}

void row_page_add(struct row_page *page, uint32_t width, int64_t index, uint32_t counter,
                  uint64_t delta)
{
    assert(counter < width);
    uint64_t counters[ROW_WIDTH_MAX] = {0};
    struct row_reader reader = row_page_read(page, width);
    int64_t before = page->first_index; /* the index that the row's distance is from */
    if (index < before) {
        page->first_index = before = index;
    }
    uint32_t from = 0;
    bool is_there = row_next(&reader, counters);
    while (is_there && reader.index < index) {
        before = reader.index;
        from = row_offset(&reader);
        is_there = row_next(&reader, counters);
    }
    uint64_t distance = (uint64_t)(index - before);
    if (is_there && reader.index == index) {
        uint8_t row[SPLICE_BYTES_MAX];
        counters[counter] += delta;
        uint32_t length = write_row(row, width, distance, counters);
        splice(page, from, row_offset(&reader), row, length);
        return;
    }
    uint64_t alone[ROW_WIDTH_MAX] = {0};
    alone[counter] = delta;
    if (is_there) {
        insert(page, width, from, distance, index, reader.index, alone);
    } else {
        row_page_append(page, width, distance, alone);
    }
}

bool row_page_split(struct row_page *page, uint32_t width, struct row_page *later_out)
{
    uint64_t counters[ROW_WIDTH_MAX];
    struct row_reader reader = row_page_read(page, width);
    uint32_t from = 0;
    while (row_next(&reader, counters) && (from == 0 || from < page->length / 2)) {
        from = row_offset(&reader);
    }
    if (from == 0 || from == page->length) {
        return false;
    }
    /* The reader is past the row that begins at `from`. */
    *later_out = (struct row_page){.first_index = reader.index};
    row_page_append(later_out, width, 0, counters);
    uint32_t end = row_offset(&reader);
    splice(later_out, later_out->length, later_out->length, page->bytes + end, page->length - end);
    page->length = from;
    return true;
}

void row_page_trim(struct row_page *page)
{
    if (page->size > page->length && page->length != 0) {
        uint8_t *bytes = realloc(page->bytes, page->length);
        page->bytes = bytes != NULL ? bytes : page->bytes;
        page->size = page->length;
    }
}
