#include "ingest/log_port.h"

static enum status commit(void *context, struct batch *const *batches, uint32_t batch_count,
                          uint32_t names_from, const struct store_counters *counters,
                          char message_out[STORE_MESSAGE_SIZE])
{
    return store_commit(context, batches, batch_count, names_from, counters, message_out);
}

struct log_port log_port_of_store(struct store *store)
{
    return (struct log_port){.commit = commit, .context = store};
}
