/* Where rows of times gone by go that memory has no room for: runs of bytes, written once, read back
 * and forgotten. evaluate knows this interface; the daemon's is a file beside the log
 * (store/row_file.h), tests have one in memory.
 *
 * All that is in it can be told from the log: it lives as long as its owner, and is never looked for
 * again after a restart. Each owner has one of its own; one thread at a time.
 */
#ifndef DOMAIN_ROW_STORE_H
#define DOMAIN_ROW_STORE_H

#include <stdint.h>

#include "base/status.h"

/* How long a run will be asked for: those of one kind are best kept together. */
enum row_life {
    ROW_LIFE_HOURS,
    ROW_LIFE_WINDOW, /* of days or months */
    ROW_LIFE_EVER,
};
#define ROW_LIFE_COUNT 3

struct row_store {
    void *context;
    /* STATUS_NO_SPACE, STATUS_IO: nothing was written. place_out is below 2^62. */
    enum status (*write)(void *context, enum row_life life, const uint8_t *bytes, uint32_t length,
                         uint64_t *place_out);
    /* STATUS_IO, STATUS_DAMAGED: they are not to be had as they were written. */
    enum status (*read)(void *context, uint64_t place, uint8_t *bytes_out, uint32_t length);
    /* It will be read before long, and nobody waits for it now. */
    void (*expect)(void *context, uint64_t place, uint32_t length);
    void (*forget)(void *context, uint64_t place, uint32_t length);
    void (*close)(void *context);
};

/* Makes one for each who asks. */
struct row_store_source {
    enum status (*open)(void *context, struct row_store *store_out); /* NULL: there are none */
    void *context;
    /* Bytes of rows that an owner may keep in memory instead. 0: as few as it can, at any price, so
     * that tests see rows leave and come back all the time. */
    uint64_t memory_max;
};

#endif
