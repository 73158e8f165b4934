#include "store/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/absence_record.h"
#include "store/batch_codec.h"
#include "store/name_record.h"
#include "store/store_error.h"

#define FREE_TABLE 0
#define MAIN_TABLE 1

struct walk {
    const struct segment *segment;
    MDB_txn *txn;
    uint64_t page_count;
    uint64_t free_count;
    uint8_t *free_bits; /* one bit per page */
    const uint8_t *map; /* where page 0 lies; NULL until a page told us */
    struct commit_record commit;
    char *message_out;
};

static enum status walk_damaged(const struct walk *walk, const char *what, uint64_t number)
{
    return segment_damaged(walk->segment, what, number, walk->message_out);
}

/* LMDB does not compare the number in a page's head with where the page lies, nor a page with the
 * free list. `data` points into the page: at a key in a leaf, or at a value on pages of its own. */
static bool page_placed(struct walk *walk, const void *data)
{
    uint64_t size = walk->segment->page_size;
    if (size != (uint64_t)sysconf(_SC_PAGESIZE)) {
        return true; /* the map is aligned to the kernel's pages only, so the head is not to be
                        found */
    }
    const uint8_t *page = (const uint8_t *)data - (uintptr_t)data % size;
    uint64_t number = load_u64(page);
    if (number < 2 || number >= walk->page_count) {
        return false;
    }
    if (walk->map == NULL) {
        walk->map = page - number * size;
    }
    return page == walk->map + number * size &&
           (walk->free_bits[number / 8] >> number % 8 & 1) == 0;
}

static bool free_record_add(struct walk *walk, const MDB_val *value)
{
    const uint8_t *at = value->mv_data;
    uint64_t count = value->mv_size >= 8 ? load_u64(at) : UINT64_MAX;
    if (count > value->mv_size / 8 - 1) {
        return false;
    }
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t number = load_u64(at + 8 * i);
        if (number < 2 || number >= walk->page_count) {
            return false;
        }
        uint8_t bit = (uint8_t)(1U << number % 8);
        if ((walk->free_bits[number / 8] & bit) != 0) {
            return false;
        }
        walk->free_bits[number / 8] |= bit;
    }
    walk->free_count += count;
    return true;
}

static uint64_t table_pages(const struct walk *walk, MDB_dbi table)
{
    MDB_stat stat;
    if (mdb_stat(walk->txn, table, &stat) != 0) {
        return UINT64_MAX / 8;
    }
    return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

typedef enum status walk_visit(struct walk *walk, void *context, const MDB_val *key,
                               const MDB_val *value);

static enum status walk_table(struct walk *walk, MDB_dbi table, const char *what, walk_visit *visit,
                              void *context)
{
    MDB_cursor *cursor = NULL;
    if (mdb_cursor_open(walk->txn, table, &cursor) != 0) {
        return walk_damaged(walk, what, 0);
    }
    enum status status = STATUS_OK;
    uint64_t entry = 0;
    while (status == STATUS_OK) {
        MDB_val key;
        MDB_val value;
        int code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        if (code == MDB_NOTFOUND) {
            break;
        }
        if (code != 0 || (table != FREE_TABLE && !page_placed(walk, key.mv_data))) {
            status = walk_damaged(walk, what, entry);
            break;
        }
        status = visit(walk, context, &key, &value);
        entry++;
    }
    mdb_cursor_close(cursor);
    return status;
}

static enum status visit_free(struct walk *walk, void *context, const MDB_val *key,
                              const MDB_val *value)
{
    (void)context;
    (void)key;
    return free_record_add(walk, value) ? STATUS_OK
                                        : walk_damaged(walk, "the free list, of pages", 0);
}

static enum status visit_name(struct walk *walk, void *context, const MDB_val *key,
                              const MDB_val *value)
{
    uint32_t *expected = context;
    uint32_t name = 0;
    struct text text;
    if (name_record_decode(key, value, &name, &text) != STATUS_OK || name != *expected) {
        return walk_damaged(walk, "name", *expected);
    }
    (*expected)++;
    return STATUS_OK;
}

/* What the batches seen so far leave: the next one must continue it. */
struct link {
    uint64_t position;
    uint64_t checksum;
};

static bool names_known(const struct walk *walk, const uint8_t *events, uint32_t event_count)
{
    uint32_t name_max = walk->commit.name_count;
    uint32_t bad = 0;
    for (uint32_t i = 0; i < event_count; i++) {
        struct event event;
        memcpy(&event, events + (size_t)i * sizeof(event), sizeof(event));
        bad |= (uint32_t)(event.service > name_max) | (uint32_t)(event.customer > name_max) |
               (uint32_t)(event.subject > name_max) | (uint32_t)(event.source > name_max);
    }
    return bad == 0;
}

static enum status visit_batch(struct walk *walk, void *context, const MDB_val *key,
                               const MDB_val *value)
{
    struct link *link = context;
    struct batch_header header;
    enum status status = batch_codec_check(value->mv_data, value->mv_size, &header);
    if (status == STATUS_VERSION) {
        store_message(walk->message_out,
                      "%s: the batch at position %" PRIu64 " is of a newer nines",
                      walk->segment->data_path.text, link->position);
        return status;
    }
    if (status != STATUS_OK || key->mv_size != 8 || load_u64(key->mv_data) != link->position ||
        header.position != link->position || header.previous != link->checksum ||
        !page_placed(walk, value->mv_data) ||
        !names_known(walk, (const uint8_t *)value->mv_data + BATCH_HEADER_SIZE,
                     header.event_count)) {
        return walk_damaged(walk, "the batch at position", link->position);
    }
    *link = (struct link){header.position + header.event_count, header.checksum};
    return STATUS_OK;
}

static enum status visit_any(struct walk *walk, void *context, const MDB_val *key,
                             const MDB_val *value)
{
    (void)walk;
    (void)context;
    (void)key;
    (void)value;
    return STATUS_OK;
}

/* The other two values were checked when the segment was opened. */
static enum status visit_state(struct walk *walk, void *context, const MDB_val *key,
                               const MDB_val *value)
{
    static const char word[] = "absences";
    struct span_set *absences = context;
    if (key->mv_size == sizeof(word) - 1 && memcmp(key->mv_data, word, key->mv_size) == 0 &&
        (!page_placed(walk, value->mv_data) ||
         absence_record_decode(value->mv_data, value->mv_size, absences) != STATUS_OK)) {
        return walk_damaged(walk, "the absences of segment", walk->segment->format.number);
    }
    return STATUS_OK;
}

static enum status walk_state(struct walk *walk)
{
    struct span_set absences = {0};
    enum status status =
        walk_table(walk, walk->segment->state, "the state, at entry", visit_state, &absences);
    span_set_fini(&absences);
    return status;
}

static enum status walk_tables(struct walk *walk)
{
    const struct segment *segment = walk->segment;
    uint32_t name_expected = 1;
    struct link link = {segment->format.position_first, segment->format.previous};
    enum status status = walk_table(walk, FREE_TABLE, "the free list, at entry", visit_free, NULL);
    if (status == STATUS_OK) {
        status = walk_table(walk, MAIN_TABLE, "the list of tables, at entry", visit_any, NULL);
    }
    if (status == STATUS_OK) {
        status = walk_state(walk);
    }
    if (status == STATUS_OK) {
        status =
            walk_table(walk, segment->names, "the names, at entry", visit_name, &name_expected);
    }
    if (status == STATUS_OK) {
        status = walk_table(walk, segment->log, "the log, at batch", visit_batch, &link);
    }
    if (status == STATUS_OK && (walk->commit.position_next != link.position ||
                                walk->commit.last_checksum != link.checksum ||
                                walk->commit.name_count != name_expected - 1)) {
        status = walk_damaged(walk, "the log does not end as its last commit says, at position",
                              link.position);
    }
    return status;
}

/* Every page is a meta page, in one tree, or free. */
static enum status pages_owned(const struct walk *walk)
{
    const struct segment *segment = walk->segment;
    uint64_t owned = 2 + walk->free_count + table_pages(walk, FREE_TABLE) +
                     table_pages(walk, MAIN_TABLE) + table_pages(walk, segment->state) +
                     table_pages(walk, segment->names) + table_pages(walk, segment->log);
    return owned == walk->page_count
               ? STATUS_OK
               : walk_damaged(walk, "its pages do not add up to", walk->page_count);
}

static enum status walk_run(struct walk *walk)
{
    MDB_envinfo info;
    if (mdb_env_info(walk->segment->env, &info) != 0) {
        return walk_damaged(walk, "segment", walk->segment->format.number);
    }
    /* A writer may have added pages since our transaction began: the child reads a live directory
     * too. */
    walk->page_count = info.me_last_pgno + 1;
    bool still = info.me_last_txnid == mdb_txn_id(walk->txn);
    walk->free_bits = calloc(1, walk->page_count / 8 + 1);
    if (walk->free_bits == NULL) {
        return store_fail(walk->message_out, ENOMEM, "cannot verify",
                          walk->segment->data_path.text);
    }
    enum status status = walk_tables(walk);
    if (status == STATUS_OK && still) {
        status = pages_owned(walk);
    }
    free(walk->free_bits);
    return status;
}

static enum status segment_walk(const struct segment *segment, struct commit_record *commit_out,
                                char message_out[STORE_MESSAGE_SIZE])
{
    struct walk walk = {.segment = segment, .message_out = message_out};
    int code = mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &walk.txn);
    if (code != 0) {
        return store_fail(message_out, code, "cannot read", segment->data_path.text);
    }
    enum status status = segment_commit_record_in(segment, walk.txn, &walk.commit, message_out);
    if (status == STATUS_OK) {
        status = walk_run(&walk);
    }
    mdb_txn_abort(walk.txn);
    *commit_out = walk.commit;
    return status;
}

enum status verify_segment(const char *segments, uint64_t number, enum segment_mode mode,
                           const struct commit_record *before, struct commit_record *commit_out,
                           char message_out[STORE_MESSAGE_SIZE])
{
    struct segment *segment = NULL;
    enum status status = segment_open(&segment, segments, number, mode, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    if (before != NULL && (before->position_next != segment->format.position_first ||
                           before->last_checksum != segment->format.previous)) {
        status = segment_damaged(segment, "it does not continue segment", number - 1, message_out);
    }
    if (status == STATUS_OK) {
        status = segment_walk(segment, commit_out, message_out);
    }
    segment_close(segment);
    return status;
}

/* Sent before each segment and at the end; the last one counts. Smaller than PIPE_BUF: arrives
 * whole. */
struct report {
    uint64_t number;
    uint32_t final;
    uint32_t status;
    char message[STORE_MESSAGE_SIZE];
};

struct job {
    const char *directory;
    struct segment_list list;
    bool newest_only;
    uint32_t timeout_s;
    int pipe;
};

static void report_send(const struct job *job, const struct report *report)
{
    if (write(job->pipe, report, sizeof(*report)) != sizeof(*report)) {
        _exit(EXIT_FAILURE); /* nobody listens */
    }
}

/* Without a lock file nobody has the segment open, and none is to be made for us. */
static enum segment_mode newest_mode(const char *segments, uint64_t number)
{
    char name[SEGMENT_NAME_SIZE];
    char message[STORE_MESSAGE_SIZE];
    struct path folder;
    struct path lock;
    segment_name(number, name);
    if (path_join(&folder, segments, name, message) != STATUS_OK ||
        path_join(&lock, folder.text, "lock.mdb", message) != STATUS_OK ||
        access(lock.text, R_OK | W_OK) != 0) {
        return SEGMENT_READ_SEALED;
    }
    return SEGMENT_READ_LIVE;
}

static enum status job_run(const struct job *job, struct report *report)
{
    struct path segments;
    struct commit_record commits[2];
    const struct commit_record *before = NULL;
    enum status status = path_join(&segments, job->directory, "segments", report->message);
    uint64_t last = job->list.first + job->list.count - 1;
    uint64_t number = job->newest_only ? last : job->list.first;
    for (; status == STATUS_OK && number <= last; number++) {
        report->number = number;
        report_send(job, report);
        enum segment_mode mode =
            number == last ? newest_mode(segments.text, number) : SEGMENT_READ_SEALED;
        struct commit_record *commit = &commits[number % 2];
        status = verify_segment(segments.text, number, mode, before, commit, report->message);
        before = commit;
    }
    return status;
}

/* Dies of what it meets, at once and quietly: no handler of the parent, no core file, no orphan. */
static void child_prepare(const struct job *job)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM};
    sigset_t none;
    sigemptyset(&none);
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
        signal(fatal[i], SIG_DFL);
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(job->timeout_s + 1); /* for a parent that cannot kill any more */
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDERR_FILENO); /* LMDB's asserts speak of source lines */
    }
}

static _Noreturn void child_main(const struct job *job)
{
    struct report report = {0};
    child_prepare(job);
    report.status = job_run(job, &report);
    report.final = 1;
    report_send(job, &report);
    _exit(EXIT_SUCCESS);
}

enum wait_end { WAIT_REPORT, WAIT_GONE, WAIT_TIMEOUT };

/* Reads one report; deadline_ns on the monotonic clock. */
static enum wait_end report_wait(int pipe, int64_t deadline_ns, struct report *report)
{
    for (;;) {
        int64_t left_ms = (deadline_ns - clock_monotonic_ns(clock_system())) / 1000000;
        if (left_ms < 0) {
            return WAIT_TIMEOUT;
        }
        struct pollfd poll_one = {.fd = pipe, .events = POLLIN};
        int ready = poll(&poll_one, 1, left_ms > 60000 ? 60000 : (int)left_ms + 1);
        if (ready <= 0) {
            continue;
        }
        ssize_t length = read(pipe, report, sizeof(*report));
        if (length < 0 && errno == EINTR) {
            continue;
        }
        return length == sizeof(*report) ? WAIT_REPORT : WAIT_GONE;
    }
}

static enum status child_died(const struct job *job, const struct report *report, enum wait_end end,
                              int wait_status, char message_out[STORE_MESSAGE_SIZE])
{
    const char *how = end == WAIT_TIMEOUT        ? "took longer than its time limit of s:"
                      : WIFSIGNALED(wait_status) ? "ended in signal"
                                                 : "ended with exit code";
    int number = end == WAIT_TIMEOUT        ? (int)job->timeout_s
                 : WIFSIGNALED(wait_status) ? WTERMSIG(wait_status)
                                            : WEXITSTATUS(wait_status);
    store_message(message_out,
                  "%s/segments is damaged: reading segment %" PRIu64
                  " %s %d; restore the data directory from a backup",
                  job->directory, report->number, how, number);
    return STATUS_DAMAGED;
}

static enum status child_follow(const struct job *job, pid_t child, int pipe,
                                char message_out[STORE_MESSAGE_SIZE])
{
    struct report report = {0};
    struct report next;
    int64_t deadline_ns = clock_monotonic_ns(clock_system()) + (int64_t)job->timeout_s * 1000000000;
    enum wait_end end = report_wait(pipe, deadline_ns, &next);
    while (end == WAIT_REPORT) {
        report = next;
        end = report.final ? WAIT_GONE : report_wait(pipe, deadline_ns, &next);
    }
    int wait_status = 0;
    kill(child, SIGKILL); /* whatever it still does */
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (!report.final) {
        return child_died(job, &report, end, wait_status, message_out);
    }
    store_message(message_out, "%s", report.message);
    return (enum status)report.status;
}

static enum status job_fork(struct job *job, char message_out[STORE_MESSAGE_SIZE])
{
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) {
        return store_fail(message_out, errno, "cannot verify", job->directory);
    }
    pid_t child = fork();
    if (child == 0) {
        close(pipes[0]);
        job->pipe = pipes[1];
        child_main(job);
    }
    close(pipes[1]);
    enum status status = child < 0 ? store_fail(message_out, errno, "cannot verify", job->directory)
                                   : child_follow(job, child, pipes[0], message_out);
    close(pipes[0]);
    return status;
}

enum status store_verify(const char *directory, bool newest_only, uint32_t timeout_s,
                         char message_out[STORE_MESSAGE_SIZE])
{
    struct job job = {.directory = directory, .newest_only = newest_only, .timeout_s = timeout_s};
    message_out[0] = '\0';
    enum status status = directory_list(directory, &job.list, message_out);
    return status == STATUS_OK ? job_fork(&job, message_out) : status;
}
