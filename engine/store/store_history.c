#include "store/store_history.h"

#include <stdlib.h>

#include "base/log.h"

struct walk {
    int64_t from_ns;
    int64_t to_ns;
    uint64_t position_end;
    history_visit *visit;
    void *context;
};

static bool visit_batch(void *context, const struct batch *batch)
{
    const struct walk *walk = context;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        int64_t ns = batch->events[i].occurred_ns;
        if (batch->position + i >= walk->position_end) {
            return false;
        }
        if (ns >= walk->from_ns && ns < walk->to_ns && !walk->visit(walk->context, batch, i)) {
            return false;
        }
    }
    return true;
}

static enum status scan(void *context, int64_t from_ns, int64_t to_ns, uint64_t position_end,
                        history_visit *visit, void *visit_context)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = batch_init(batch);
    if (status == STATUS_OK) {
        struct walk walk = {from_ns, to_ns, position_end, visit, visit_context};
        char message[STORE_MESSAGE_SIZE];
        status = store_scan_times(context, 0, position_end, (struct span){from_ns, to_ns}, batch,
                                  visit_batch, &walk, message);
        if (status != STATUS_OK) {
            log_error("cannot read the log again: %s", message);
        }
        batch_fini(batch);
    }
    free(batch);
    return status;
}

struct history store_history(struct store *store)
{
    return (struct history){.scan = scan, .context = store, .absences = store_absences(store)};
}
