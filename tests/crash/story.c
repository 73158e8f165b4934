#include "crash/story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

#define SEGMENT_BYTES   (1 << 20)
#define ABSENCE_EVERY   17
#define BATCHES_MAX     3
#define NAME_BATCH_STEP 31

uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint64_t random_of(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t state = seed ^ a << 32 ^ b;
    (void)random_next(&state);
    return random_next(&state);
}

static bool is_absence(uint32_t step)
{
    return step % ABSENCE_EVERY == 5;
}

static uint32_t event_count_of(uint64_t seed, uint32_t step, uint32_t index)
{
    uint64_t random = random_of(seed, step, index);
    uint64_t kind = random % 20;
    random >>= 8;
    if (index > 0 && kind < 10) {
        return 0; /* most commits have one batch */
    }
    if (kind < 14) {
        return 1 + (uint32_t)(random % 4);
    }
    return kind < 19 ? 30 + (uint32_t)(random % 220) : 800 + (uint32_t)(random % 1400);
}

static uint32_t names_of(uint64_t seed, uint32_t step)
{
    uint64_t random = random_of(seed, step, 1000);
    return step % NAME_BATCH_STEP == 9 ? 100
           : random % 4 == 0           ? 1 + (uint32_t)(random >> 8) % 3
                                       : 0;
}

static struct batch *batch_new(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL || batch_init(batch) != STATUS_OK) {
        fprintf(stderr, "no memory\n");
        exit(EXIT_FAILURE);
    }
    return batch;
}

void story_init(struct story *story, uint64_t seed)
{
    *story = (struct story){.seed = seed, .read = batch_new()};
    for (uint32_t i = 0; i < BATCHES_MAX; i++) {
        story->batches[i] = batch_new();
    }
    for (uint32_t step = 1; step <= STORY_STEPS_MAX; step++) {
        struct story_state *state = &story->after[step];
        *state = story->after[step - 1];
        if (is_absence(step)) {
            state->absences++;
            continue;
        }
        for (uint32_t i = 0; i < BATCHES_MAX; i++) {
            state->position += event_count_of(seed, step, i);
        }
        state->received++;
        state->names += names_of(seed, step);
    }
}

static void batch_end(struct batch *batch)
{
    batch_fini(batch);
    free(batch);
}

void story_fini(struct story *story)
{
    batch_end(story->read);
    for (uint32_t i = 0; i < BATCHES_MAX; i++) {
        batch_end(story->batches[i]);
    }
}

static void batch_fill(struct batch *batch, uint64_t seed, uint64_t position, uint32_t event_count,
                       uint32_t names)
{
    uint64_t state = seed ^ position;
    batch_reset(batch);
    batch->position = position;
    batch->received_ns = (int64_t)position;
    batch->event_count = event_count;
    batch->text_length = (uint32_t)(random_next(&state) % (event_count > 200 ? 6000 : 200));
    for (uint32_t i = 0; i < batch->text_length; i++) {
        batch->text[i] = (char)('a' + (state + i) % 26);
    }
    for (uint32_t i = 0; i < batch->event_count; i++) {
        uint64_t random = random_next(&state);
        batch->events[i] =
            (struct event){.occurred_ns = (int64_t)(random >> 2),
                           .fingerprint = random,
                           .service = names == 0 ? NAME_NONE : 1 + (uint32_t)(random % names)};
    }
}

/* Batches of the step, in order; without those of no events. */
static void step_fill(struct story *story, uint32_t step)
{
    uint64_t position = story->after[step - 1].position;
    for (uint32_t i = 0; i < BATCHES_MAX; i++) {
        uint32_t count = event_count_of(story->seed, step, i);
        batch_fill(story->batches[i], story->seed, position, count, story->after[step].names);
        position += count;
    }
}

static void name_write(uint32_t name, char text_out[128])
{
    int length = snprintf(text_out, 128, "name %" PRIu32, name);
    for (uint32_t i = 0; i < name % 90; i++) {
        text_out[length++] = '.';
    }
    text_out[length] = '\0';
}

enum status story_open(struct store **store_out, const char *directory,
                       char message_out[STORE_MESSAGE_SIZE])
{
    struct store_settings settings = {
        .directory = directory,
        .names_max = 10000,
        .segment_bytes_first = SEGMENT_BYTES,
        .segment_bytes_max = SEGMENT_BYTES,
    };
    return store_open(store_out, &settings, 1, message_out);
}

static struct span absence_of(uint32_t number)
{
    return (struct span){(int64_t)number * 1000, (int64_t)number * 1000 + 10};
}

static enum status names_add(struct story *story, struct store *store, uint32_t step)
{
    for (uint32_t name = story->after[step - 1].names + 1; name <= story->after[step].names;
         name++) {
        char text[128];
        uint32_t number = 0;
        name_write(name, text);
        enum status status = name_add(store_names(store), text_from(text), &number);
        if (status != STATUS_OK) {
            return status;
        }
        assert(number == name);
    }
    return STATUS_OK;
}

enum status story_commit(struct story *story, struct store *store, uint32_t step,
                         char message_out[STORE_MESSAGE_SIZE])
{
    if (is_absence(step)) {
        return store_note_absence(store, absence_of(story->after[step].absences), message_out);
    }
    struct store_counters counters;
    store_counters(store, &counters);
    counters.received++;
    counters.stored = story->after[step].position;
    step_fill(story, step);
    enum status status = names_add(story, store, step);
    return status == STATUS_OK ? store_commit(store, story->batches, BATCHES_MAX,
                                              story->after[step - 1].names, &counters, message_out)
                               : status;
}

uint64_t story_step_of(const struct store *store)
{
    struct store_counters counters;
    store_counters(store, &counters);
    return counters.received + store_absences(store)->count;
}

struct reading {
    struct story *story;
    uint32_t step;  /* whose batches are in the story's batches; 0: none yet */
    uint32_t index; /* of the next one */
    uint64_t position;
    bool different;
};

/* The next batch that has events. */
static const struct batch *expected_next(struct reading *reading)
{
    for (;;) {
        if (reading->step == 0 || reading->index == BATCHES_MAX) {
            do {
                reading->step++;
            } while (is_absence(reading->step));
            if (reading->step > STORY_STEPS_MAX) {
                return NULL;
            }
            step_fill(reading->story, reading->step);
            reading->index = 0;
        }
        const struct batch *batch = reading->story->batches[reading->index++];
        if (batch->event_count != 0) {
            return batch;
        }
    }
}

static bool batch_visit(void *context, const struct batch *batch)
{
    struct reading *reading = context;
    const struct batch *expected = expected_next(reading);
    reading->different =
        expected == NULL || batch->position != expected->position ||
        batch->received_ns != expected->received_ns ||
        batch->event_count != expected->event_count ||
        batch->text_length != expected->text_length ||
        memcmp(batch->events, expected->events, batch->event_count * sizeof(struct event)) != 0 ||
        memcmp(batch->text, expected->text, batch->text_length) != 0;
    reading->position = batch->position + batch->event_count;
    return !reading->different;
}

static bool names_right(struct store *store, uint32_t count)
{
    if (name_count(store_names(store)) != count) {
        return false;
    }
    for (uint32_t name = 1; name <= count; name++) {
        char text[128];
        name_write(name, text);
        if (!text_is(name_text(store_names(store), name), text)) {
            return false;
        }
    }
    return true;
}

static bool absences_right(const struct store *store, uint32_t count)
{
    const struct span_set *absences = store_absences(store);
    if (absences->count != count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct span expected = absence_of(i + 1);
        if (absences->spans[i].start_ns != expected.start_ns ||
            absences->spans[i].end_ns != expected.end_ns) {
            return false;
        }
    }
    return true;
}

const char *story_difference(struct story *story, struct store *store, uint32_t step,
                             char message_out[STORE_MESSAGE_SIZE])
{
    const struct story_state *state = &story->after[step];
    struct reading reading = {.story = story};
    struct store_counters counters;
    struct store_info info;
    store_info(store, &info);
    store_counters(store, &counters);
    message_out[0] = '\0';
    if (info.position_next != state->position || counters.stored != state->position ||
        counters.received != state->received) {
        return "the end of the log and the counters belong to no step";
    }
    if (!names_right(store, state->names)) {
        return "the names are not those of the step";
    }
    if (!absences_right(store, state->absences)) {
        return "the absences are not those of the step";
    }
    if (store_scan(store, 0, UINT64_MAX, story->read, batch_visit, &reading, message_out) !=
        STATUS_OK) {
        return "the log cannot be read";
    }
    if (reading.different || reading.position != state->position) {
        return "a batch is not what was committed";
    }
    return NULL;
}
