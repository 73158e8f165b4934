#include "nines/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/panic.h"
#include "catalog/zone_register.h"
#include "decode/frame.h"
#include "domain/intake.h"

#define NAMES_MAX    (1u << 20)
#define EACH_MAX     (1u << 20)
#define DEDUPE_BYTES (UINT64_C(1) << 28)
#define READ_BYTES   (1 << 20)
#define OFFLINE_KEY  UINT64_C(0x6e696e6573)

/* Where an event stands in the files, in the order of receipt. */
struct receipt {
    int64_t received_ns; /* TIME_NONE: not known, before all others */
    uint32_t batch;
    uint32_t index;
};

enum status offline_open(struct offline *offline)
{
    *offline = (struct offline){.last_ns = TIME_NONE, .last_received_ns = TIME_NONE};
    enum status status = name_table_open(&offline->names, NAMES_MAX, OFFLINE_KEY);
    if (status == STATUS_OK) {
        status = dedupe_init(&offline->dedupe, DEDUPE_BYTES, INT64_MAX);
    }
    return status;
}

void offline_close(struct offline *offline)
{
    for (uint32_t i = 0; i < offline->batch_count; i++) {
        batch_fini(offline->batches[i]);
        free(offline->batches[i]);
        free(offline->received_at[i]);
    }
    free(offline->batches);
    free(offline->received_at);
    free(offline->receipts);
    span_set_fini(&offline->absences);
    dedupe_fini(&offline->dedupe);
    name_table_close(offline->names);
}

static struct batch *add_batch(struct offline *offline)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant */
    struct batch **batches =
        realloc(offline->batches, (offline->batch_count + 1) * sizeof(*batches));
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): here too */
    int64_t **all = realloc(offline->received_at, (offline->batch_count + 1) * sizeof(*all));
    struct batch *batch = calloc(1, sizeof(*batch));
    int64_t *received = calloc(BATCH_EVENTS_MAX, sizeof(*received));
    offline->batches = batches != NULL ? batches : offline->batches;
    offline->received_at = all != NULL ? all : offline->received_at;
    if (batches == NULL || all == NULL || batch == NULL || received == NULL ||
        batch_init(batch) != STATUS_OK) {
        free(batch);
        free(received);
        return NULL;
    }
    all[offline->batch_count] = received;
    if (offline->batch_count > 0) {
        const struct batch *last = batches[offline->batch_count - 1];
        batch->position = last->position + last->event_count;
    }
    batches[offline->batch_count++] = batch;
    return batch;
}

/* The state of one reading. */
struct reading {
    struct offline *offline;
    struct decoder *decoder;
    const struct match_rules *rules;
    int64_t now_ns;
    offline_seen *seen;
    void *context;
    struct line_index index; /* of the line that the framer gave last */
};

/* When it was received, as far as anybody can tell. */
static int64_t receipt_of(const struct record *record)
{
    bool tells = record->kind == EVENT_EXCLUSION || record->kind == EVENT_OUTCOME ||
                 record->kind == EVENT_MAINTENANCE;
    return record->received_ns == TIME_NONE && tells ? record->occurred_ns : record->received_ns;
}

static void note_receipt(struct offline *offline, const struct batch *batch,
                         const struct record *record)
{
    int64_t received_ns = receipt_of(record);
    offline->received_at[offline->batch_count - 1][batch->event_count - 1] = received_ns;
    offline->says_received |= record->received_ns != TIME_NONE;
    if (received_ns > offline->last_received_ns) {
        offline->last_received_ns = received_ns;
    }
}

static enum status take_record(struct reading *reading, const struct record *record)
{
    struct offline *offline = reading->offline;
    struct batch *batch =
        offline->batch_count == 0 ? NULL : offline->batches[offline->batch_count - 1];
    enum status status = STATUS_FULL;
    if (batch != NULL) {
        status =
            intake_record(batch, record, offline->names, reading->rules, OFFLINE_KEY, TIME_NONE);
    }
    if (status == STATUS_FULL) {
        batch = add_batch(offline);
        if (batch == NULL) {
            return STATUS_NO_MEMORY;
        }
        status =
            intake_record(batch, record, offline->names, reading->rules, OFFLINE_KEY, TIME_NONE);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct event *event = &batch->events[batch->event_count - 1];
    if (event->fingerprint != 0 && dedupe_seen(&offline->dedupe, event->fingerprint, 0)) {
        batch->event_count--;
        offline->duplicates++;
        return STATUS_OK;
    }
    /* One at a time: positions stay dense, and names are known before the next record asks. */
    intake_resolve_names(batch, offline->names);
    note_receipt(offline, batch, record);
    if (record->occurred_ns != TIME_NONE && record->occurred_ns > offline->last_ns) {
        offline->last_ns = record->occurred_ns;
    }
    return STATUS_OK;
}

static enum status take_bytes(struct reading *reading, struct text bytes)
{
    struct offline *offline = reading->offline;
    struct record record;
    enum reject reject = REJECT_BAD_JSON;
    bool ack;
    enum decode_result result = decode_framed(reading->decoder, bytes, &reading->index,
                                              reading->now_ns, &record, &reject, &ack);
    if (result == DECODE_BLANK || result == DECODE_CONTROL) {
        return STATUS_OK;
    }
    if (result == DECODE_RECORD && record.kind == EVENT_ENGINE_DOWN) {
        span_set_add(&offline->absences, (struct span){record.start_ns, record.end_ns});
        span_set_normalize(&offline->absences);
        return STATUS_OK;
    }
    offline->received++;
    if (reading->seen != NULL) {
        reading->seen(reading->context, &record, result, reject,
                      result == DECODE_REJECT ? decoder_detail(reading->decoder) : NULL);
    }
    if (result == DECODE_REJECT) {
        offline->rejected[reject]++;
        return STATUS_OK;
    }
    return take_record(reading, &record);
}

/* All whole records of bytes[0 .. length); *used_out: how far. */
static enum status take_frames(struct reading *reading, struct framer *framer, const char *bytes,
                               size_t length, bool at_end, size_t *used_out)
{
    size_t used = 0;
    for (;;) {
        size_t consumed;
        struct text record;
        enum reject reject;
        enum frame_result result =
            frame_next(framer, bytes + used, length - used, at_end, &consumed, &record, &reject);
        used += consumed;
        if (result == FRAME_MORE) {
            *used_out = used;
            return STATUS_OK;
        }
        if (result == FRAME_RECORD) {
            enum status status = take_bytes(reading, record);
            if (status != STATUS_OK) {
                return status;
            }
            continue;
        }
        reading->offline->received++;
        reading->offline->rejected[reject]++;
        if (result == FRAME_CLOSE) {
            *used_out = length;
            return STATUS_OK;
        }
    }
}

static enum status read_stream(struct reading *reading, int fd)
{
    struct framer framer = {.index = &reading->index};
    char *buffer = malloc(READ_BYTES);
    if (buffer == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t filled = 0;
    enum status status = STATUS_OK;
    for (bool at_end = false; !at_end && status == STATUS_OK;) {
        ssize_t got = read(fd, buffer + filled, READ_BYTES - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            reading->offline->error = strerror(errno);
            status = STATUS_IO;
            break;
        }
        at_end = got == 0;
        filled += (size_t)got;
        size_t used;
        status = take_frames(reading, &framer, buffer, filled, at_end, &used);
        if (status == STATUS_OK) {
            memmove(buffer, buffer + used, filled - used);
            filled -= used;
        }
    }
    free(buffer);
    return status;
}

enum status offline_read(struct offline *offline, const char *path, enum field_map map,
                         const struct match_rules *rules, int64_t now_ns, offline_seen *seen,
                         void *context)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        offline->error = strerror(errno);
        return STATUS_IO;
    }
    struct reading reading = {
        .offline = offline,
        .rules = rules,
        .now_ns = now_ns,
        .seen = seen,
        .context = context,
    };
    bool indexed = line_index_init(&reading.index, line_index_path_best());
    assert(indexed);
    struct decode_settings settings = {.map = map,
                                       .abort_after_ns = 5 * NS_PER_SECOND,
                                       .reads_received = true,
                                       .find_zone = zone_register_find};
    enum status status = decoder_open(&reading.decoder, &settings);
    if (status == STATUS_OK) {
        status = read_stream(&reading, fd);
        decoder_close(reading.decoder);
    }
    if (!is_stdin) {
        close(fd);
    }
    return status;
}

void offline_place(struct offline *offline, int64_t at_ns)
{
    for (uint32_t i = 0; i < offline->batch_count; i++) {
        struct batch *batch = offline->batches[i];
        batch->received_ns = INT64_MIN;
        for (uint32_t j = 0; j < batch->event_count; j++) {
            struct event *event = &batch->events[j];
            if (event->occurred_ns == TIME_NONE) {
                event->occurred_ns = event->kind == EVENT_REQUEST ? at_ns - 1 : at_ns;
            }
        }
    }
}

static int compare_receipts(const void *left, const void *right)
{
    const struct receipt *a = left;
    const struct receipt *b = right;
    if (a->received_ns != b->received_ns) {
        return a->received_ns < b->received_ns ? -1 : 1;
    }
    if (a->batch != b->batch) {
        return a->batch < b->batch ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

enum status offline_order(struct offline *offline)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < offline->batch_count; i++) {
        total += offline->batches[i]->event_count;
    }
    struct receipt *receipts = calloc(total + 1, sizeof(*receipts));
    if (receipts == NULL) {
        return STATUS_NO_MEMORY;
    }
    free(offline->receipts);
    offline->receipts = receipts;
    offline->receipt_count = total;
    for (uint32_t i = 0; i < offline->batch_count; i++) {
        for (uint32_t j = 0; j < offline->batches[i]->event_count; j++) {
            *receipts++ = (struct receipt){offline->received_at[i][j], i, j};
        }
    }
    qsort(offline->receipts, total, sizeof(*offline->receipts), compare_receipts);
    return STATUS_OK;
}

/* How many events from `at` on stand side by side in one batch and were received together. */
static uint64_t run_length(const struct offline *offline, uint64_t at)
{
    const struct receipt *first = &offline->receipts[at];
    uint64_t length = 1;
    while (at + length < offline->receipt_count &&
           first[length].received_ns == first->received_ns && first[length].batch == first->batch &&
           first[length].index == first->index + length) {
        length++;
    }
    return length;
}

static enum status walk_receipts(const struct offline *offline, offline_visit *visit, void *context)
{
    struct batch *run = calloc(1, sizeof(*run));
    enum status status = run == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (uint64_t at = 0; at < offline->receipt_count && status == STATUS_OK;) {
        const struct receipt *first = &offline->receipts[at];
        const struct batch *batch = offline->batches[first->batch];
        run->position = at;
        run->received_ns = first->received_ns;
        run->event_count = (uint32_t)run_length(offline, at);
        run->events = batch->events + first->index;
        run->text = batch->text;
        run->text_length = batch->text_length;
        at += run->event_count;
        status = visit(context, run);
    }
    free(run);
    return status;
}

enum status offline_walk(const struct offline *offline, offline_visit *visit, void *context)
{
    if (offline->receipts != NULL) {
        return walk_receipts(offline, visit, context);
    }
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < offline->batch_count && status == STATUS_OK; i++) {
        status = visit(context, offline->batches[i]);
    }
    return status;
}

struct scanning {
    int64_t from_ns;
    int64_t to_ns;
    uint64_t position_end;
    history_visit *visit;
    void *context;
    bool is_over;
};

static enum status scan_batch(void *context, const struct batch *batch)
{
    struct scanning *scanning = context;
    for (uint32_t i = 0; i < batch->event_count && !scanning->is_over; i++) {
        int64_t ns = batch->events[i].occurred_ns;
        if (batch->position + i >= scanning->position_end) {
            scanning->is_over = true;
        } else if (ns >= scanning->from_ns && ns < scanning->to_ns) {
            scanning->is_over = !scanning->visit(scanning->context, batch, i);
        }
    }
    return scanning->is_over ? STATUS_STOPPED : STATUS_OK;
}

static enum status scan(void *context, int64_t from_ns, int64_t to_ns, uint64_t position_end,
                        history_visit *visit, void *visit_context)
{
    struct scanning scanning = {
        .from_ns = from_ns,
        .to_ns = to_ns,
        .position_end = position_end,
        .visit = visit,
        .context = visit_context,
    };
    enum status status = offline_walk(context, scan_batch, &scanning);
    return status == STATUS_STOPPED ? STATUS_OK : status;
}

static enum status hear(void *context, const struct batch *batch)
{
    each_hear(context, batch);
    return STATUS_OK;
}

enum status offline_hear(struct offline *offline, const struct agreement_set *documents)
{
    enum status status = each_open(&offline->each, documents, offline->names, EACH_MAX);
    if (status == STATUS_OK && each_is_needed(offline->each)) {
        status = offline_walk(offline, hear, offline->each);
    }
    return status;
}

void offline_unhear(struct offline *offline)
{
    each_close(offline->each);
    offline->each = NULL;
}

struct history offline_history(struct offline *offline)
{
    return (struct history){.scan = scan, .context = offline, .absences = &offline->absences};
}
