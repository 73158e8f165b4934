/* SIGKILL at any instant: what was reported as committed is there, once, byte for byte.
 *
 *   child:  opens the store, commits batches, reports each position_next on a pipe after the commit
 *   parent: kills it at a random instant, verifies, reopens, reads all, compares
 *
 * One directory lives through all rounds, so that each start is a recovery of the one before;
 * segments are small, so that kills also meet rolling. Everything in a batch follows from (seed,
 * position): the parent needs no record of what the child wrote. SIGKILL keeps the page cache:
 * power loss is another test's.
 *
 *   crash_sigkill [--rounds N] [--seed N]        exit 0: no violation
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define ROUNDS_DEFAULT  100
#define KILL_AFTER_US   60000
#define EVENTS_PER_STEP 3000
#define NAME_EVERY      5 /* commits */

static char root[512];
static char directory[600];
static uint64_t seed;

/* What the rounds met: a class with 0 cases has tested nothing. */
static struct {
    uint64_t commits;
    uint64_t during_open;
    uint64_t during_run;
    uint64_t unreported; /* committed, but the kill came before the report */
    uint64_t leftovers;  /* a half-made segment was found */
    uint64_t rolled;     /* segments beyond the first, in the longest log */
} met;

static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15)); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

static _Noreturn void fail(const char *what, const char *message)
{
    fprintf(stderr, "FAILED: %s: %s\nrun again with --seed %" PRIu64 "; the directory stays: %s\n",
            what, message, seed, directory);
    exit(EXIT_FAILURE);
}

static void expect(bool condition, const char *what, const char *message)
{
    if (!condition) {
        fail(what, message);
    }
}

static struct batch *batch_new(void)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    expect(batch != NULL && batch_init(batch) == STATUS_OK, "memory", "");
    return batch;
}

static void batch_fill(struct batch *batch, uint64_t position)
{
    uint64_t state = seed ^ position;
    batch_reset(batch);
    batch->position = position;
    batch->received_ns = (int64_t)position;
    batch->event_count = 1 + (uint32_t)(random_next(&state) % EVENTS_PER_STEP);
    batch->text_length = (uint32_t)(random_next(&state) % 300);
    for (uint32_t i = 0; i < batch->text_length; i++) {
        batch->text[i] = (char)random_next(&state);
    }
    for (uint32_t i = 0; i < batch->event_count; i++) {
        batch->events[i] = (struct event){.occurred_ns = (int64_t)random_next(&state),
                                          .fingerprint = random_next(&state)};
    }
}

static enum status open_store(struct store **store_out, char message_out[STORE_MESSAGE_SIZE])
{
    struct store_settings settings = {
        .directory = directory,
        .names_max = 1000000,
        .segment_bytes_first = 1 << 20,
        .segment_bytes_max = 4 << 20,
    };
    return store_open(store_out, &settings, 1, message_out);
}

static void name_add_next(struct store *store)
{
    char text[32];
    uint32_t name = 0;
    snprintf(text, sizeof(text), "name %" PRIu32, name_count(store_names(store)) + 1);
    expect(name_add(store_names(store), text_from(text), &name) == STATUS_OK, "name_add", text);
}

static void commit_next(struct store *store, struct batch *batch, uint64_t position)
{
    char message[STORE_MESSAGE_SIZE];
    struct store_counters counters;
    uint32_t names_from = name_count(store_names(store));
    batch_fill(batch, position);
    if (batch->event_count % NAME_EVERY == 0) {
        name_add_next(store);
    }
    store_counters(store, &counters);
    counters.stored += batch->event_count;
    counters.received += 1;
    enum status status = store_commit(store, &batch, 1, names_from, &counters, message);
    expect(status == STATUS_OK, "store_commit", message);
}

static _Noreturn void writer_main(int pipe)
{
    struct store *store = NULL;
    struct store_info info;
    char message[STORE_MESSAGE_SIZE];
    struct batch *batch = batch_new();
    expect(open_store(&store, message) == STATUS_OK, "store_open", message);
    store_info(store, &info);
    uint64_t position = info.position_next;
    for (;;) {
        expect(write(pipe, &position, sizeof(position)) == sizeof(position), "report", "");
        commit_next(store, batch, position);
        position += batch->event_count;
    }
}

/* Lets the child run for a while and kills it; gives the last position that it reported, or
 * `before`. */
static uint64_t run_and_kill(uint64_t before, uint64_t wait_us)
{
    int pipes[2];
    expect(pipe2(pipes, O_CLOEXEC) == 0, "pipe", strerror(errno));
    pid_t child = fork();
    expect(child >= 0, "fork", strerror(errno));
    if (child == 0) {
        close(pipes[0]);
        writer_main(pipes[1]);
    }
    close(pipes[1]);
    /* The pipe holds thousands of reports more than a child makes in this time. */
    nanosleep(&(struct timespec){.tv_nsec = (long)wait_us * 1000}, NULL);
    expect(kill(child, SIGKILL) == 0, "kill", strerror(errno));
    int status = 0;
    expect(waitpid(child, &status, 0) == child, "waitpid", strerror(errno));
    expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the writer", "ended by itself");
    uint64_t reported = before;
    uint64_t reports = 0;
    for (uint64_t at; read(pipes[0], &at, sizeof(at)) == sizeof(at); reports++) {
        reported = at;
    }
    close(pipes[0]);
    met.commits += reports > 0 ? reports - 1 : 0;
    met.during_open += reports == 0;
    met.during_run += reports > 0;
    return reported;
}

struct check {
    struct batch *expected;
    uint64_t position;
    uint64_t batches;
    bool different;
};

static bool check_visit(void *context, const struct batch *batch)
{
    struct check *check = context;
    struct batch *expected = check->expected;
    batch_fill(expected, check->position);
    check->different =
        batch->position != check->position || batch->received_ns != expected->received_ns ||
        batch->event_count != expected->event_count ||
        batch->text_length != expected->text_length ||
        memcmp(batch->events, expected->events, batch->event_count * sizeof(struct event)) != 0 ||
        memcmp(batch->text, expected->text, batch->text_length) != 0;
    check->position += batch->event_count;
    check->batches++;
    return !check->different;
}

static void check_names(struct store *store)
{
    uint32_t count = name_count(store_names(store));
    for (uint32_t name = 1; name <= count; name++) {
        char text[32];
        snprintf(text, sizeof(text), "name %" PRIu32, name);
        expect(text_is(name_text(store_names(store), name), text), "a name", text);
    }
}

/* Everything in the log, against what must be in it. Gives its end. */
static uint64_t check_log(struct store *store, struct batch *batch, struct batch *expected)
{
    char message[STORE_MESSAGE_SIZE];
    struct store_counters counters;
    struct store_info info;
    struct check check = {.expected = expected};
    expect(store_scan(store, 0, UINT64_MAX, batch, check_visit, &check, message) == STATUS_OK,
           "store_scan", message);
    expect(!check.different, "a batch", "differs");
    store_info(store, &info);
    expect(info.position_next == check.position, "the end of the log", "is not where it should be");
    store_counters(store, &counters);
    expect(counters.stored == check.position, "the counter of events", "differs from the log");
    expect(counters.received == check.batches, "the counter of batches", "differs from the log");
    check_names(store);
    met.rolled = info.segment_count - 1 > met.rolled ? info.segment_count - 1 : met.rolled;
    return check.position;
}

static bool leftover_there(void)
{
    char path[800];
    for (unsigned number = 1; number < 2000; number++) {
        snprintf(path, sizeof(path), "%s/segments/%010u.new", directory, number);
        if (access(path, F_OK) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t recover(uint64_t reported, bool verify_all, struct batch *batch,
                        struct batch *expected)
{
    char message[STORE_MESSAGE_SIZE];
    struct store *store = NULL;
    met.leftovers += leftover_there();
    enum status status = store_verify(directory, !verify_all, 60, message);
    expect(status == STATUS_OK || (status == STATUS_NOT_FOUND && reported == 0), "store_verify",
           message);
    expect(open_store(&store, message) == STATUS_OK, "store_open", message);
    uint64_t end = check_log(store, batch, expected);
    expect(end >= reported, "a commit that was reported", "is lost");
    met.unreported += end > reported;
    store_close(store);
    return end;
}

static void directory_fresh(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(root, sizeof(root), "%.400s/nines-crash-XXXXXX",
             temporary != NULL ? temporary : "/tmp");
    expect(mkdtemp(root) != NULL, "mkdtemp", strerror(errno));
    snprintf(directory, sizeof(directory), "%s/data", root);
}

static uint64_t argument(int argc, char **argv, const char *name, uint64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return strtoull(argv[i + 1], NULL, 0);
        }
    }
    return otherwise;
}

int main(int argc, char **argv)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seed = argument(argc, argv, "--seed", (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32);
    uint64_t rounds = argument(argc, argv, "--rounds", ROUNDS_DEFAULT);
    uint64_t random = seed;
    struct batch *batch = batch_new();
    struct batch *expected = batch_new();
    uint64_t position = 0;
    printf("seed %" PRIu64 ", %" PRIu64 " rounds\n", seed, rounds);
    directory_fresh();
    for (uint64_t round = 0; round < rounds; round++) {
        if (round % 20 == 19) { /* short logs meet creation and rolling more often */
            nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
            directory_fresh();
            position = 0;
        }
        uint64_t wait_us = random_next(&random) % (round % 3 == 0 ? 4000 : KILL_AFTER_US);
        position = recover(run_and_kill(position, wait_us), round % 10 == 9, batch, expected);
    }
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    batch_fini(batch);
    batch_fini(expected);
    free(batch);
    free(expected);
    printf("no violation: %" PRIu64 " commits reported; killed while opening %" PRIu64
           ", while committing %" PRIu64 "; committed and unreported %" PRIu64
           "; half-made segments %" PRIu64 "; segments rolled in the longest log %" PRIu64 "\n",
           met.commits, met.during_open, met.during_run, met.unreported, met.leftovers, met.rolled);
    return EXIT_SUCCESS;
}
