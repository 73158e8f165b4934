/* A row store in memory (domain/row_store.h), shared by all that ask for one: counts what is written
 * and read, and can be full or broken at will. One thread. */
#ifndef SUPPORT_FAKE_ROWS_H
#define SUPPORT_FAKE_ROWS_H

#include <stdbool.h>

#include "domain/row_store.h"

struct fake_run {
    uint8_t *bytes; /* NULL: forgotten */
    uint32_t length;
};

struct fake_rows {
    struct fake_run *runs;
    uint32_t run_count;
    uint32_t run_size;
    uint32_t alive; /* not forgotten */
    uint32_t reads;
    uint32_t expected; /* told that they will be read */
    uint32_t open_count;
    bool is_full;   /* writes are refused */
    bool is_broken; /* reads fail */
};

/* memory_max: what each owner may keep in memory. */
struct row_store_source fake_rows_source(struct fake_rows *rows, uint64_t memory_max);
/* Everything has been forgotten and closed. */
void fake_rows_fini(struct fake_rows *rows);

#endif
