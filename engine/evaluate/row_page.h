/* Rows of counts as bytes: what buckets.h keeps of times gone by, in 2 to 4 bytes a row.
 *
 *   rows, by rising index; in memory (24 bytes each):
 *     [ index | counter 0 | counter 1 ]  [ index | counter 0 | counter 1 ]  ...
 *   as bytes; numbers are varints, 7 bits a byte, low ones first:
 *     header = distance to the row before << width | which counters are not 0
 *     then each counter that is not 0
 *
 *   width 2, first index 100:  (100: 7, 0)  (101: 300, 2)
 *     01 07     07 ac 02 02
 *     ^ 0<<2|1  ^ 1<<2|3
 *
 * The first row's distance is from the page's first index, so it is 0. Any counts can be kept, also
 * those below zero (two's complement, ten bytes), and are read back as they were.
 *
 * A row that comes late is spliced in: its bytes and the header of the next row change, nothing else.
 * One owner; a page holds the bytes that it needs, and up to as many more while it grows.
 */
#ifndef EVALUATE_ROW_PAGE_H
#define EVALUATE_ROW_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/panic.h"

/* Distances have 64 bits less these: no two instants are so far apart at any resolution. */
#define ROW_WIDTH_MAX 16

struct row_page {
    uint8_t *bytes;
    int64_t first_index;
    uint32_t length;
    uint32_t size;
};

void row_page_fini(struct row_page *page);
/* Later than all its rows by `distance` (0: the first row; then first_index is its index). */
void row_page_append(struct row_page *page, uint32_t width, uint64_t distance,
                     const uint64_t *counters);
/* Adds to the row of that index, which is made if it is not there. */
void row_page_add(struct row_page *page, uint32_t width, int64_t index, uint32_t counter,
                  uint64_t delta);
/* Moves the later half of the rows to a new page. False: it has but one row. */
bool row_page_split(struct row_page *page, uint32_t width, struct row_page *later_out);
/* Gives back what it has set aside. */
void row_page_trim(struct row_page *page);

/* Reading row by row. */
struct row_reader {
    const uint8_t *start; /* of the page */
    const uint8_t *at;
    const uint8_t *end;
    int64_t index; /* of the row that was read last; before it the page's first index */
    uint32_t width;
};

static inline struct row_reader row_page_read(const struct row_page *page, uint32_t width)
{
    return (struct row_reader){page->bytes, page->bytes, page->bytes + page->length,
                               page->first_index, width};
}

static inline uint32_t row_offset(const struct row_reader *reader)
{
    return (uint32_t)(reader->at - reader->start);
}

static inline uint64_t row_number(struct row_reader *reader)
{
    uint64_t value = *reader->at & 0x7f;
    for (uint32_t shift = 7; (*reader->at++ & 0x80) != 0; shift += 7) {
        assert_slow(reader->at < reader->end && shift < 64);
        value |= (uint64_t)(*reader->at & 0x7f) << shift;
    }
    return value;
}

/* The next row into index and counters[width]; false at the end. */
static inline bool row_next(struct row_reader *reader, uint64_t *counters)
{
    if (reader->at == reader->end) {
        return false;
    }
    uint64_t header = row_number(reader);
    reader->index += (int64_t)(header >> reader->width);
    for (uint32_t i = 0; i < reader->width; i++) {
        counters[i] = (header >> i & 1) != 0 ? row_number(reader) : 0;
    }
    assert(reader->at <= reader->end);
    return true;
}

#endif
