#include "sim/sim_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "support/fake_log.h"

void sim_log_init(struct sim_log *log)
{
    *log = (struct sim_log){.replayed = batch_new(), .remembered = batch_new()};
}

void sim_log_fini(struct sim_log *log)
{
    for (uint32_t i = 0; i < log->batch_count; i++) {
        free(log->batches[i].events);
        free(log->batches[i].text);
    }
    free(log->batches);
    free(log->names);
    batch_delete(log->replayed);
    batch_delete(log->remembered);
}

static void *copy(const void *bytes, size_t length)
{
    void *copied = malloc(length + 1);
    assert(copied != NULL);
    memcpy(copied, bytes, length);
    return copied;
}

static void keep_batch(struct sim_log *log, const struct batch *batch)
{
    assert(batch->position == log->position_next);
    if (log->batch_count == log->batch_size) {
        log->batch_size = log->batch_size == 0 ? 64 : log->batch_size * 2;
        log->batches = realloc(log->batches, log->batch_size * sizeof(*log->batches));
        assert(log->batches != NULL);
    }
    log->batches[log->batch_count++] = (struct sim_batch){
        .position = batch->position,
        .received_ns = batch->received_ns,
        .event_count = batch->event_count,
        .text_length = batch->text_length,
        .events = copy(batch->events, batch->event_count * sizeof(*batch->events)),
        .text = copy(batch->text, batch->text_length),
    };
    log->position_next += batch->event_count;
}

static void keep_names(struct sim_log *log, uint32_t names_from)
{
    assert(names_from == log->name_count); /* all that are not durable yet, once */
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

static void tell_stored(const struct sim_log *log, uint32_t batch_first)
{
    for (uint32_t i = batch_first; i < log->batch_count; i++) {
        for (uint32_t j = 0; j < log->batches[i].event_count; j++) {
            log->stored(log->context, &log->batches[i], j);
        }
    }
}

static enum status commit(void *context, struct batch *const *batches, uint32_t batch_count,
                          uint32_t names_from, const struct store_counters *counters,
                          char message_out[STORE_MESSAGE_SIZE])
{
    struct sim_log *log = context;
    enum sim_commit outcome = log->decide(log->context);
    if (outcome == SIM_COMMIT_FULL || outcome == SIM_COMMIT_LOST) {
        snprintf(message_out, STORE_MESSAGE_SIZE, "simulated");
        return outcome == SIM_COMMIT_FULL ? STATUS_NO_SPACE : STATUS_IO;
    }
    uint32_t batch_first = log->batch_count;
    for (uint32_t i = 0; i < batch_count; i++) {
        if (batches[i]->event_count > 0) {
            keep_batch(log, batches[i]);
        }
    }
    keep_names(log, names_from);
    log->counters = *counters;
    log->commits++;
    tell_stored(log, batch_first);
    if (outcome == SIM_COMMIT_STORED) {
        snprintf(message_out, STORE_MESSAGE_SIZE, "simulated, after the write");
        return STATUS_IO;
    }
    return STATUS_OK;
}

struct log_port sim_log_port(struct sim_log *log)
{
    return (struct log_port){.commit = commit, .context = log};
}

static void lend(const struct sim_batch *stored, struct batch *batch)
{
    batch_reset(batch);
    batch->position = stored->position;
    batch->received_ns = stored->received_ns;
    batch->event_count = stored->event_count;
    batch->text_length = stored->text_length;
    memcpy(batch->events, stored->events, stored->event_count * sizeof(*stored->events));
    memcpy(batch->text, stored->text, stored->text_length);
}

static enum status scan(void *context, int64_t from_ns, int64_t to_ns, uint64_t position_end,
                        history_visit *visit, void *visit_context)
{
    const struct sim_log *log = context;
    for (uint32_t i = 0; i < log->batch_count; i++) {
        struct batch *batch = log->remembered;
        lend(&log->batches[i], batch);
        for (uint32_t j = 0; j < batch->event_count && batch->position + j < position_end; j++) {
            int64_t occurred_ns = batch->events[j].occurred_ns;
            if (from_ns <= occurred_ns && occurred_ns < to_ns && !visit(visit_context, batch, j)) {
                return STATUS_OK;
            }
        }
    }
    return STATUS_OK;
}

struct history sim_log_history(struct sim_log *log)
{
    return (struct history){.scan = scan, .context = log};
}

void sim_log_restore_names(struct sim_log *log, struct name_table *names)
{
    for (uint32_t i = 0; i < log->name_count; i++) {
        uint32_t name;
        enum status status = name_add(names, text_from(log->names[i]), &name);
        assert(status == STATUS_OK);
        assert(name == i + 1);
    }
    log->live = names;
}

void sim_log_replay(struct sim_log *log, void (*visit)(void *context, const struct batch *batch),
                    void *context)
{
    for (uint32_t i = 0; i < log->batch_count; i++) {
        lend(&log->batches[i], log->replayed);
        visit(context, log->replayed);
    }
}

const char *sim_log_name(const struct sim_log *log, uint32_t name)
{
    assert(name >= 1);
    assert(name <= log->name_count);
    return log->names[name - 1];
}
