/* What the store's tests share: a data directory of their own, batches made from a number, a scan
 * that compares. Header only: the build takes *_test.c files. */
#ifndef UNIT_STORE_STORE_FIXTURE_H
#define UNIT_STORE_STORE_FIXTURE_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define FIXTURE_NOW_NS INT64_C(1750000000000000000)

/* The paths of a test are short; one buffer size for all. */
#define FIXTURE_PATH 512

struct fixture {
    char root[FIXTURE_PATH];      /* made by us, removed at the end */
    char directory[FIXTURE_PATH]; /* DATA: not there yet */
    struct store_settings settings;
    struct store *store;
    char message[STORE_MESSAGE_SIZE];
};

static inline void fixture_begin(struct fixture *fixture)
{
    const char *temporary = getenv("TMPDIR");
    *fixture = (struct fixture){0};
    snprintf(fixture->root, FIXTURE_PATH, "%s/nines-store-XXXXXX",
             temporary != NULL && strlen(temporary) < 200 ? temporary : "/tmp");
    cr_assert_not_null(mkdtemp(fixture->root));
    snprintf(fixture->directory, FIXTURE_PATH, "%.400s/data", fixture->root);
    fixture->settings = (struct store_settings){
        .directory = fixture->directory,
        .names_max = 10000,
        .segment_bytes_first = 16 << 20,
        .segment_bytes_max = 64 << 20,
    };
}

static inline int fixture_remove_one(const char *path, const struct stat *stat, int type,
                                     struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void fixture_end(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
    nftw(fixture->root, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline enum status fixture_try_open(struct fixture *fixture)
{
    return store_open(&fixture->store, &fixture->settings, FIXTURE_NOW_NS, fixture->message);
}

static inline void fixture_open(struct fixture *fixture)
{
    enum status status = fixture_try_open(fixture);
    cr_assert_eq(status, STATUS_OK, "%s: %s", status_text(status), fixture->message);
}

static inline void fixture_reopen(struct fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
    fixture_open(fixture);
}

static inline void fixture_path(const struct fixture *fixture, const char *entry,
                                char path_out[FIXTURE_PATH])
{
    snprintf(path_out, FIXTURE_PATH, "%.400s/%.100s", fixture->directory, entry);
}

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15)); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t random_below(uint64_t *state, uint64_t bound)
{
    return random_next(state) % bound;
}

static inline uint64_t fixture_seed(void)
{
    const char *given = getenv("NINES_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0)
                                  : (uint64_t)now.tv_nsec ^ ((uint64_t)getpid() << 32);
    fprintf(stderr, "seed: NINES_SEED=%" PRIu64 "\n", seed);
    return seed;
}

static inline void batch_fill(struct batch *batch, uint64_t seed, uint64_t position,
                              uint32_t event_count, uint32_t text_length, uint32_t names)
{
    batch_reset(batch);
    batch->position = position;
    batch->received_ns = FIXTURE_NOW_NS + (int64_t)position;
    batch->event_count = event_count;
    batch->text_length = text_length;
    batch->received = event_count;
    uint64_t state = seed ^ (position * UINT64_C(0x9E3779B97F4A7C15));
    for (uint32_t i = 0; i < text_length; i++) {
        batch->text[i] = (char)random_next(&state);
    }
    for (uint32_t i = 0; i < event_count; i++) {
        uint32_t length = text_length > 0 ? (uint32_t)random_below(&state, 64) % text_length : 0;
        batch->events[i] = (struct event){
            .occurred_ns = (int64_t)random_next(&state),
            .fingerprint = random_next(&state),
            .service = (uint32_t)random_below(&state, names + 1U),
            .customer = (uint32_t)random_below(&state, names + 1U),
            .total = 1,
            .latency_ns = random_next(&state),
            .extra_offset =
                length > 0 ? (uint32_t)random_below(&state, text_length - length + 1U) : 0,
            .extra_length = (uint16_t)length,
            .status = (uint16_t)random_below(&state, 600),
            .kind = (uint8_t)random_below(&state, EVENT_KIND_COUNT),
            .outcome = (uint8_t)random_below(&state, OUTCOME_COUNT),
        };
    }
}

static inline bool batch_equal(const struct batch *a, const struct batch *b)
{
    return a->position == b->position && a->received_ns == b->received_ns &&
           a->event_count == b->event_count && a->text_length == b->text_length &&
           memcmp(a->events, b->events, a->event_count * sizeof(struct event)) == 0 &&
           memcmp(a->text, b->text, a->text_length) == 0;
}

static inline struct batch *batch_new(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    cr_assert_not_null(batch);
    cr_assert_eq(batch_init(batch), STATUS_OK);
    return batch;
}

static inline void batch_delete(struct batch *batch)
{
    batch_fini(batch);
    free(batch);
}

static inline enum status fixture_commit(struct fixture *fixture, struct batch *batch)
{
    struct store_counters counters;
    store_counters(fixture->store, &counters);
    counters.received += batch->received;
    counters.stored += batch->event_count;
    return store_commit(fixture->store, &batch, 1, 0, &counters, fixture->message);
}

#define PLAN_BATCHES_MAX 4096

struct plan {
    uint64_t seed;
    uint32_t names;
    uint32_t batch_count;
    uint64_t position_next;
    struct {
        uint64_t position;
        uint32_t event_count;
        uint32_t text_length;
    } batches[PLAN_BATCHES_MAX];
};

static inline void plan_batch(const struct plan *plan, uint32_t index, struct batch *batch)
{
    batch_fill(batch, plan->seed, plan->batches[index].position, plan->batches[index].event_count,
               plan->batches[index].text_length, plan->names);
}

static inline void plan_add(struct plan *plan, uint32_t event_count, uint32_t text_length)
{
    cr_assert_lt(plan->batch_count, PLAN_BATCHES_MAX);
    plan->batches[plan->batch_count].position = plan->position_next;
    plan->batches[plan->batch_count].event_count = event_count;
    plan->batches[plan->batch_count].text_length = text_length;
    plan->batch_count++;
    plan->position_next += event_count;
}

static inline void plan_commit(struct plan *plan, struct fixture *fixture, struct batch *batch,
                               uint32_t event_count, uint32_t text_length)
{
    plan_add(plan, event_count, text_length);
    plan_batch(plan, plan->batch_count - 1, batch);
    enum status status = fixture_commit(fixture, batch);
    cr_assert_eq(status, STATUS_OK, "%s: %s", status_text(status), fixture->message);
}

struct plan_check {
    const struct plan *plan;
    struct batch *expected;
    uint32_t index;
    uint32_t different;
};

static inline bool plan_visit(void *context, const struct batch *batch)
{
    struct plan_check *check = context;
    if (check->index >= check->plan->batch_count) {
        check->different++;
        return false;
    }
    plan_batch(check->plan, check->index++, check->expected);
    check->different += !batch_equal(batch, check->expected);
    return true;
}

/* The log holds exactly what was planned. */
static inline void plan_compare(const struct plan *plan, struct fixture *fixture)
{
    struct batch *read = batch_new();
    struct plan_check check = {.plan = plan, .expected = batch_new()};
    enum status status =
        store_scan(fixture->store, 0, UINT64_MAX, read, plan_visit, &check, fixture->message);
    cr_assert_eq(status, STATUS_OK, "%s", fixture->message);
    cr_assert_eq(check.index, plan->batch_count);
    cr_assert_eq(check.different, 0);
    batch_delete(read);
    batch_delete(check.expected);
}

static inline void fixture_verify(struct fixture *fixture)
{
    enum status status = store_verify(fixture->directory, false, 60, fixture->message);
    cr_assert_eq(status, STATUS_OK, "%s: %s", status_text(status), fixture->message);
}

static inline uint8_t *file_load(const char *path, size_t *length_out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    cr_assert(fd >= 0 && fstat(fd, &stat) == 0, "%s", path);
    uint8_t *bytes = malloc((size_t)stat.st_size + 1);
    cr_assert_eq(read(fd, bytes, (size_t)stat.st_size), stat.st_size);
    close(fd);
    *length_out = (size_t)stat.st_size;
    return bytes;
}

static inline void file_save(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0, "%s", path);
    cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
    close(fd);
}

static inline bool file_holds(const char *path, const uint8_t *bytes, size_t length)
{
    size_t now_length = 0;
    uint8_t *now = file_load(path, &now_length);
    bool equal = now_length == length && memcmp(now, bytes, length) == 0;
    free(now);
    return equal;
}

#endif
