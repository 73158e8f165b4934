#include "net/uring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/panic.h"
#include "base/thread.h"
#include "net/uring_flags.h"

#define RING_FLAGS                                                                                 \
    (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |           \
     IORING_SETUP_CLAMP)
#define RING_FEATURES (IORING_FEAT_NODROP | IORING_FEAT_FAST_POLL | IORING_FEAT_SUBMIT_STABLE)

static const int needed_ops[] = {IORING_OP_READ,     IORING_OP_TIMEOUT, IORING_OP_ACCEPT,
                                 IORING_OP_RECV,     IORING_OP_RECVMSG, IORING_OP_SEND,
                                 IORING_OP_SHUTDOWN, IORING_OP_CLOSE,   IORING_OP_ASYNC_CANCEL};

uint64_t uring_tag_pack(struct uring_tag tag)
{
    assert(tag.index < 1U << 24);
    return (uint64_t)tag.op << 56 | (uint64_t)tag.index << 32 | tag.generation;
}

struct uring_tag uring_tag_unpack(uint64_t user_data)
{
    return (struct uring_tag){(enum uring_op)(user_data >> 56), user_data >> 32 & 0xffffff,
                              (uint32_t)user_data};
}

/* The first line of a small file as a number; -1 when there is none. */
static int sysctl_read(const char *path)
{
    char line[16] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return -1;
    }
    if (fgets(line, sizeof(line), file) == NULL) {
        line[0] = '\0';
    }
    fclose(file);
    return line[0] == '\0' ? -1 : (int)strtol(line, NULL, 10);
}

static enum status explain_denied(char message_out[NET_MESSAGE_SIZE])
{
    int disabled = sysctl_read("/proc/sys/kernel/io_uring_disabled");
    if (disabled > 0) {
        snprintf(message_out, NET_MESSAGE_SIZE,
                 "io_uring is switched off here: sysctl kernel.io_uring_disabled=%d (0 allows it)",
                 disabled);
    } else {
        snprintf(message_out, NET_MESSAGE_SIZE,
                 "io_uring is forbidden here: a seccomp filter (container, service manager) or a "
                 "security module denies io_uring_setup");
    }
    return STATUS_DENIED;
}

static enum status explain(const char *call, int error, char message_out[NET_MESSAGE_SIZE])
{
    switch (error) {
    case EPERM:
    case EACCES:
        return explain_denied(message_out);
    case ENOSYS:
        snprintf(message_out, NET_MESSAGE_SIZE,
                 "this kernel has no io_uring, or a seccomp filter hides it (%s: ENOSYS)", call);
        return STATUS_UNSUPPORTED;
    case EINVAL:
        snprintf(message_out, NET_MESSAGE_SIZE,
                 "this kernel's io_uring is too old: Linux 6.1 or newer is needed (%s: EINVAL)",
                 call);
        return STATUS_UNSUPPORTED;
    case ENOMEM:
        snprintf(message_out, NET_MESSAGE_SIZE,
                 "no memory for the io_uring (%s): RLIMIT_MEMLOCK or the cgroup's limit is too low",
                 call);
        return STATUS_NO_MEMORY;
    default:
        snprintf(message_out, NET_MESSAGE_SIZE, "%s: %s", call, strerrordesc_np(error));
        return STATUS_IO;
    }
}

static enum status ring_init(struct io_uring *ring, uint32_t entries, uint32_t completions,
                             char message_out[NET_MESSAGE_SIZE])
{
    struct io_uring_params params = {.flags = RING_FLAGS | IORING_SETUP_CQSIZE,
                                     .cq_entries = completions};
    int result = io_uring_queue_init_params(entries, ring, &params);
    if (result < 0) {
        return explain("io_uring_setup", -result, message_out);
    }
    if ((params.features & RING_FEATURES) != RING_FEATURES) {
        io_uring_queue_exit(ring);
        return explain("io_uring features", EINVAL, message_out);
    }
    return STATUS_OK;
}

static enum status probe_ops(struct io_uring *ring, char message_out[NET_MESSAGE_SIZE])
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    if (probe == NULL) {
        return explain("io_uring_register(PROBE)", EPERM, message_out);
    }
    bool complete = true;
    for (size_t i = 0; i < sizeof(needed_ops) / sizeof(needed_ops[0]); i++) {
        complete = complete && io_uring_opcode_supported(probe, needed_ops[i]);
    }
    io_uring_free_probe(probe);
    return complete ? STATUS_OK : explain("io_uring operations", EINVAL, message_out);
}

static enum status probe(char message_out[NET_MESSAGE_SIZE])
{
    struct io_uring ring;
    enum status status = ring_init(&ring, URING_ENTRIES, URING_COMPLETIONS, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    status = probe_ops(&ring, message_out);
    io_uring_queue_exit(&ring);
    return status;
}

struct probe {
    char *message;
    enum status status;
};

static void *probe_run(void *argument)
{
    struct probe *task = argument;
    task->status = probe(task->message);
    return NULL;
}

/* In a thread of its own: the kernel takes a ring down later, by a task work for the thread that
 * made it, and that thread's system calls then end with EINTR once. Our caller has done nothing to
 * deserve that. */
enum status uring_probe(char message_out[NET_MESSAGE_SIZE])
{
    struct probe task = {.message = message_out};
    pthread_t thread;
    enum status status = thread_start(&thread, "uring-probe", probe_run, &task);
    if (status != STATUS_OK) {
        snprintf(message_out, NET_MESSAGE_SIZE, "cannot start a thread: %s", status_text(status));
        return status;
    }
    thread_join(thread);
    return task.status;
}

/* The table counts against RLIMIT_NOFILE, although its slots are no process descriptors. With less
 * room than we want we serve fewer connections: the kernel then refuses with ENFILE, which is
 * counted. */
static uint32_t file_slots(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= URING_FILES_MAX) {
        return URING_FILES_MAX;
    }
    return limit.rlim_max < 1 ? 1 : (uint32_t)limit.rlim_max;
}

enum status uring_open(struct uring *uring, char message_out[NET_MESSAGE_SIZE])
{
    *uring = (struct uring){.files = file_slots()};
    enum status status = ring_init(&uring->ring, URING_ENTRIES, URING_COMPLETIONS, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    /* liburing raises the soft RLIMIT_NOFILE when it must. */
    int result = io_uring_register_files_sparse(&uring->ring, uring->files);
    if (result < 0) {
        io_uring_queue_exit(&uring->ring);
        return explain("io_uring_register(FILES)", -result, message_out);
    }
    uring->wait_flags = IORING_ENTER_GETEVENTS;
    if (uring->ring.features & URING_FEAT_NO_IOWAIT) {
        uring->wait_flags |= URING_ENTER_NO_IOWAIT;
    }
    return STATUS_OK;
}

void uring_close(struct uring *uring)
{
    io_uring_queue_exit(&uring->ring);
}

static bool transient(int result)
{
    return result == -EINTR || result == -EAGAIN || result == -EBUSY;
}

struct io_uring_sqe *uring_sqe(struct uring *uring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
    if (sqe == NULL && io_uring_submit(&uring->ring) > 0) {
        sqe = io_uring_get_sqe(&uring->ring);
    }
    return sqe;
}

void uring_tag_set(struct io_uring_sqe *sqe, struct uring_tag tag)
{
    io_uring_sqe_set_data64(sqe, uring_tag_pack(tag));
}

bool uring_cancel(struct uring *uring, struct uring_tag tag)
{
    struct io_uring_sqe *sqe = uring_sqe(uring);
    if (sqe == NULL) {
        return false;
    }
    io_uring_prep_cancel64(sqe, uring_tag_pack(tag), 0);
    uring_tag_set(sqe, (struct uring_tag){URING_CANCEL, tag.index, tag.generation});
    return true;
}

/* The kernel is short of something that time gives back: without a pause the loop would spin. */
static void rest(void)
{
    struct timespec pause = {.tv_nsec = 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

/* stuck_out: submissions are left over, so sleeping now could mean to sleep for ever. */
static int submit(struct uring *uring, bool *stuck_out)
{
    int result = io_uring_submit_and_get_events(&uring->ring);
    if (result < 0 && !transient(result)) {
        return result;
    }
    *stuck_out = io_uring_sq_ready(&uring->ring) > 0;
    if (*stuck_out && io_uring_cq_ready(&uring->ring) == 0 && result != -EINTR) {
        rest();
    }
    return 0;
}

static void count_overflow(struct uring *uring)
{
    if (IO_URING_READ_ONCE(*uring->ring.sq.kflags) & IORING_SQ_CQ_OVERFLOW) {
        uring->overflows++;
    }
}

/* One `enter` under load: either there is something to submit and its completions come at once, or
 * there is nothing to submit. An `enter` of our own does the sleeping, since liburing 2.3 cannot
 * say NO_IOWAIT. */
enum status uring_wait(struct uring *uring, bool block, char message_out[NET_MESSAGE_SIZE])
{
    int result = 0;
    bool submitted = io_uring_sq_ready(&uring->ring) > 0;
    bool stuck = false;
    count_overflow(uring);
    if (submitted) {
        result = submit(uring, &stuck);
    }
    block = block && !stuck && io_uring_cq_ready(&uring->ring) == 0;
    if (result == 0 && (block || !submitted)) {
        result = io_uring_enter((unsigned)uring->ring.ring_fd, 0, block ? 1 : 0, uring->wait_flags,
                                NULL);
    }
    /* EBADR: completions were lost for want of memory, beyond NODROP's care. */
    if (result < 0 && !transient(result)) {
        snprintf(message_out, NET_MESSAGE_SIZE, "io_uring_enter: %s", strerrordesc_np(-result));
        return STATUS_IO;
    }
    return STATUS_OK;
}
