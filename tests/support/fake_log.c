#include "support/fake_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"

struct batch *batch_new(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    assert(batch != NULL);
    enum status status = batch_init(batch);
    assert(status == STATUS_OK);
    return batch;
}

void batch_delete(struct batch *batch)
{
    if (batch != NULL) {
        batch_fini(batch);
        free(batch);
    }
}

struct batch *batch_clone(const struct batch *batch)
{
    struct batch *clone = batch_new();
    struct event *events = clone->events;
    char *text = clone->text;
    memcpy((void *)clone, batch, sizeof(*clone));
    clone->events = events;
    clone->text = text;
    clone->owner = NULL;
    memcpy(events, batch->events, batch->event_count * sizeof(*events));
    memcpy(text, batch->text, batch->text_length);
    return clone;
}

void fake_log_init(struct fake_log *log, const struct name_table *live)
{
    *log = (struct fake_log){.live = live};
}

void fake_log_fini(struct fake_log *log)
{
    for (uint32_t i = 0; i < log->batch_count; i++) {
        batch_delete(log->batches[i]);
    }
    free(log->batches);
    free(log->names);
    *log = (struct fake_log){0};
}

static void keep_batch(struct fake_log *log, const struct batch *batch)
{
    if (log->batch_count == log->batch_size) {
        log->batch_size = log->batch_size == 0 ? 64 : log->batch_size * 2;
        log->batches = realloc(log->batches, log->batch_size * sizeof(*log->batches));
        assert(log->batches != NULL);
    }
    log->batches[log->batch_count++] = batch_clone(batch);
    log->position_next = batch->position + batch->event_count;
}

static void keep_names(struct fake_log *log, uint32_t names_from)
{
    assert(names_from == log->name_count); /* the caller gives all that are not durable yet, once */
    uint32_t count = name_count(log->live);
    log->names = realloc(log->names, ((size_t)count + 1) * sizeof(*log->names));
    assert(log->names != NULL);
    for (uint32_t name = names_from + 1; name <= count; name++) {
        struct text text = name_text(log->live, name);
        memcpy(log->names[name - 1], text.bytes, text.length);
        log->names[name - 1][text.length] = '\0';
    }
    log->name_count = count;
}

static enum status commit(void *context, struct batch *const *batches, uint32_t batch_count,
                          uint32_t names_from, const struct store_counters *counters,
                          char message_out[STORE_MESSAGE_SIZE])
{
    struct fake_log *log = context;
    log->attempts++;
    if (log->outcome == FAKE_LOG_FULL || log->outcome == FAKE_LOG_BROKEN) {
        bool full = log->outcome == FAKE_LOG_FULL;
        snprintf(message_out, STORE_MESSAGE_SIZE,
                 full ? "the fake disk is full" : "the fake disk broke");
        return full ? STATUS_NO_SPACE : STATUS_IO;
    }
    for (uint32_t i = 0; i < batch_count; i++) {
        if (batches[i]->event_count > 0) {
            assert(batches[i]->position == log->position_next);
            keep_batch(log, batches[i]);
        }
    }
    keep_names(log, names_from);
    log->counters = *counters;
    if (log->outcome == FAKE_LOG_BROKEN_STORED) {
        snprintf(message_out, STORE_MESSAGE_SIZE, "the fake disk broke after the write");
        return STATUS_IO;
    }
    log->commits++;
    return STATUS_OK;
}

struct log_port fake_log_port(struct fake_log *log)
{
    return (struct log_port){.commit = commit, .context = log};
}

void fake_log_append(struct fake_log *log, struct batch *batch)
{
    batch->position = log->position_next;
    keep_batch(log, batch);
}

static enum status scan(void *context, int64_t from_ns, int64_t to_ns, uint64_t position_end,
                        history_visit *visit, void *visit_context)
{
    const struct fake_log *log = context;
    for (uint32_t i = 0; i < log->batch_count; i++) {
        const struct batch *batch = log->batches[i];
        for (uint32_t j = 0; j < batch->event_count && batch->position + j < position_end; j++) {
            int64_t occurred_ns = batch->events[j].occurred_ns;
            if (from_ns <= occurred_ns && occurred_ns < to_ns && !visit(visit_context, batch, j)) {
                return STATUS_OK;
            }
        }
    }
    return STATUS_OK;
}

struct history fake_log_history(struct fake_log *log)
{
    return (struct history){.scan = scan, .context = log};
}

void fake_log_restore(struct fake_log *log, struct name_table *names, struct dedupe *dedupe)
{
    for (uint32_t i = 0; i < log->name_count; i++) {
        uint32_t name;
        enum status status = name_add(names, text_from(log->names[i]), &name);
        assert(status == STATUS_OK);
        assert(name == i + 1);
    }
    for (uint32_t i = 0; i < log->batch_count; i++) {
        const struct batch *batch = log->batches[i];
        for (uint32_t j = 0; j < batch->event_count; j++) {
            if (batch->events[j].fingerprint != 0) {
                (void)dedupe_seen(dedupe, batch->events[j].fingerprint, batch->received_ns);
            }
        }
    }
    log->live = names;
    log->outcome = FAKE_LOG_WORKS;
}
