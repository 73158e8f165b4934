#include "domain/batch.h"

#include <stddef.h>

#include "base/arena.h"

enum status batch_init(struct batch *batch)
{
    struct event *events = pages_reserve(sizeof(*events) * BATCH_EVENTS_MAX + BATCH_TEXT_MAX);
    if (events == NULL) {
        return STATUS_NO_MEMORY;
    }
    *batch = (struct batch){.events = events, .text = (char *)(events + BATCH_EVENTS_MAX)};
    return STATUS_OK;
}

void batch_fini(struct batch *batch)
{
    pages_release(batch->events, sizeof(struct event) * BATCH_EVENTS_MAX + BATCH_TEXT_MAX);
    batch->events = NULL;
    batch->text = NULL;
}

void batch_reset(struct batch *batch)
{
    /* Only the counts: the arrays behind them are large and need no clearing. */
    memset(batch, 0, offsetof(struct batch, owner));
}
