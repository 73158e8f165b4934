#include "support/fake_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

static enum status write_run(void *context, enum row_life life, const uint8_t *bytes,
                             uint32_t length, uint64_t *place_out)
{
    struct fake_rows *rows = context;
    assert(life < ROW_LIFE_COUNT && length != 0);
    if (rows->is_full) {
        return STATUS_NO_SPACE;
    }
    if (rows->run_count == rows->run_size) {
        rows->run_size = rows->run_size * 2 + 16;
        rows->runs = realloc(rows->runs, rows->run_size * sizeof(*rows->runs));
        assert(rows->runs != NULL);
    }
    struct fake_run *run = &rows->runs[rows->run_count];
    *run = (struct fake_run){malloc(length), length};
    assert(run->bytes != NULL);
    memcpy(run->bytes, bytes, length);
    *place_out = rows->run_count++;
    rows->alive++;
    return STATUS_OK;
}

static const struct fake_run *run_at(const struct fake_rows *rows, uint64_t place, uint32_t length)
{
    assert(place < rows->run_count);
    assert(rows->runs[place].bytes != NULL);
    assert(rows->runs[place].length == length);
    return &rows->runs[place];
}

static enum status read_run(void *context, uint64_t place, uint8_t *bytes_out, uint32_t length)
{
    struct fake_rows *rows = context;
    rows->reads++;
    memcpy(bytes_out, run_at(rows, place, length)->bytes, length);
    return rows->is_broken ? STATUS_IO : STATUS_OK;
}

static void expect_run(void *context, uint64_t place, uint32_t length)
{
    struct fake_rows *rows = context;
    (void)run_at(rows, place, length);
    rows->expected++;
}

static void forget_run(void *context, uint64_t place, uint32_t length)
{
    struct fake_rows *rows = context;
    free(run_at(rows, place, length)->bytes);
    rows->runs[place].bytes = NULL;
    rows->alive--;
}

static void close_rows(void *context)
{
    struct fake_rows *rows = context;
    rows->open_count--;
}

static enum status open_rows(void *context, struct row_store *store_out)
{
    struct fake_rows *rows = context;
    rows->open_count++;
    *store_out = (struct row_store){
        .context = rows,
        .write = write_run,
        .read = read_run,
        .expect = expect_run,
        .forget = forget_run,
        .close = close_rows,
    };
    return STATUS_OK;
}

struct row_store_source fake_rows_source(struct fake_rows *rows, uint64_t memory_max)
{
    return (struct row_store_source){open_rows, rows, memory_max};
}

void fake_rows_fini(struct fake_rows *rows)
{
    assert(rows->alive == 0);
    assert(rows->open_count == 0);
    free(rows->runs);
    *rows = (struct fake_rows){0};
}
