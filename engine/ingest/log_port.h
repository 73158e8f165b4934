/* The log as the ingest layer sees it: commit and read, through a small interface. The store
 * implements it (log_port_of_store), a fake with crashes in the simulation (tests/support). */
#ifndef INGEST_LOG_PORT_H
#define INGEST_LOG_PORT_H

#include "domain/name.h"
#include "store/store.h"

struct log_port {
    /* As store_commit: all or nothing; STATUS_OK means durable. STATUS_NO_SPACE: nothing was
     * stored. Any other failure is terminal. */
    enum status (*commit)(void *context, struct batch *const *batches, uint32_t batch_count,
                          uint32_t names_from, const struct store_counters *counters,
                          char message_out[STORE_MESSAGE_SIZE]);
    void *context;
};

/* Borrows the store. */
struct log_port log_port_of_store(struct store *store);

#endif
