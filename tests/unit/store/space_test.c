/* The disk is full: nothing is stored, what was stored stays, and work goes on when there is room.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "store_fixture.h"

static struct fixture fixture;
static struct plan plan;
static struct batch *batch;
static char mount_path[FIXTURE_PATH];
static bool mounted;
static const char page_zeros[4096];

static void setup(void)
{
    fixture_begin(&fixture);
    plan = (struct plan){.seed = 3};
    batch = batch_new();
    snprintf(mount_path, sizeof(mount_path), "%s", fixture.root);
    signal(SIGXFSZ, SIG_IGN); /* as the daemon's main does */
}

static void teardown(void)
{
    store_close(fixture.store);
    fixture.store = NULL;
    if (mounted) {
        umount(mount_path);
    }
    batch_delete(batch);
    fixture_end(&fixture);
}

TestSuite(space, .init = setup, .fini = teardown);

/* A small disk of our own over the test's folder; false: says why not. */
static bool disk_small(const char *options)
{
    mounted = mount("tmpfs", mount_path, "tmpfs", MS_NOSUID, options) == 0;
    if (!mounted) {
        cr_log_warn("skipped: cannot mount a tmpfs (%s); run as root", strerror(errno));
    }
    return mounted;
}

static enum status commit_some(uint32_t event_count)
{
    batch_fill(batch, plan.seed, plan.position_next, event_count, 0, 0);
    enum status status = fixture_commit(&fixture, batch);
    if (status == STATUS_OK) {
        plan_add(&plan, event_count, 0);
    }
    return status;
}

static enum status commit_until_refused(uint32_t event_count)
{
    for (;;) {
        enum status status = commit_some(event_count);
        if (status != STATUS_OK) {
            return status;
        }
    }
}

Test(space, a_full_disk_refuses_a_commit_and_takes_it_later)
{
    if (!disk_small("size=8m")) {
        return;
    }
    fixture.settings.segment_bytes_first = 1 << 20;
    fixture_open(&fixture);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(commit_until_refused(BATCH_EVENTS_MAX), STATUS_NO_SPACE, "%s",
                     fixture.message);
    }
    /* 1 + 2 + 4 MiB, or so: what the disk has is used. */
    cr_assert_geq(plan.position_next * sizeof(struct event), 4 << 20);
    plan_compare(&plan, &fixture);
    cr_assert_eq(mount("tmpfs", mount_path, NULL, MS_REMOUNT, "size=40m"), 0);
    cr_assert_eq(commit_some(BATCH_EVENTS_MAX), STATUS_OK, "%s", fixture.message);
    cr_assert_eq(commit_some(BATCH_EVENTS_MAX), STATUS_OK, "%s", fixture.message);
    plan_compare(&plan, &fixture);
    fixture_reopen(&fixture);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}

Test(space, a_disk_without_room_for_the_first_segment_refuses_to_start)
{
    char path[FIXTURE_PATH];
    if (!disk_small("size=8m")) {
        return;
    }
    cr_assert_eq(fixture_try_open(&fixture), STATUS_NO_SPACE);
    cr_assert_not_null(strstr(fixture.message, "16 MiB"), "%s", fixture.message);
    fixture_path(&fixture, "segments/0000000001.new", path);
    cr_assert_neq(access(path, F_OK), 0);
    cr_assert_eq(mount("tmpfs", mount_path, NULL, MS_REMOUNT, "size=40m"), 0);
    fixture_open(&fixture);
    cr_assert_eq(commit_some(1), STATUS_OK);
}

Test(space, a_restart_on_a_full_disk_works)
{
    char path[FIXTURE_PATH];
    if (!disk_small("size=8m")) {
        return;
    }
    fixture.settings.segment_bytes_first = 2 << 20;
    fixture_open(&fixture);
    cr_assert_eq(commit_some(100), STATUS_OK);
    store_close(fixture.store);
    fixture.store = NULL;
    fixture_path(&fixture, "ballast", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    while (write(fd, page_zeros, sizeof(page_zeros)) > 0) {
    }
    close(fd);
    fixture_open(&fixture);
    cr_assert_eq(commit_some(100), STATUS_OK, "the blocks were set aside: %s", fixture.message);
    plan_compare(&plan, &fixture);
}

/* A file system that takes back what it gave (or has no fallocate): the commit itself meets the end
 * of the disk, between two pages or within a write. Either answer is honest; a half batch is not.
 */
Test(space, a_disk_that_fills_up_inside_a_commit_stores_all_or_nothing)
{
    char path[FIXTURE_PATH];
    for (uint32_t room = 0; room < 40; room += 3) {
        plan = (struct plan){.seed = room};
        if (!disk_small("size=8m")) {
            return;
        }
        fixture.settings.segment_bytes_first = 2 << 20;
        fixture_open(&fixture);
        cr_assert_eq(commit_some(100), STATUS_OK);
        fixture_path(&fixture, "segments/0000000001/data.mdb", path);
        struct stat stat_now;
        int fd = open(path, O_RDWR | O_CLOEXEC);
        cr_assert(fd >= 0 && fstat(fd, &stat_now) == 0);
        cr_assert_eq(
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, stat_now.st_size, 4 << 20),
            0);
        close(fd);
        fixture_path(&fixture, "ballast", path);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        while (write(fd, page_zeros, sizeof(page_zeros)) > 0) {
        }
        off_t end = lseek(fd, 0, SEEK_END);
        cr_assert_eq(ftruncate(fd, end - (off_t)room * 4096), 0);
        close(fd);
        enum status status = commit_until_refused(1000);
        cr_assert(status == STATUS_NO_SPACE || status == STATUS_IO, "%s", status_text(status));
        plan_compare(&plan, &fixture);
        cr_assert_eq(unlink(path), 0);
        if (status == STATUS_NO_SPACE) {
            cr_assert_eq(commit_some(1000), STATUS_OK, "%s", fixture.message);
        } else {
            cr_assert_eq(commit_some(1000), STATUS_IO);
        }
        fixture_reopen(&fixture);
        plan_compare(&plan, &fixture);
        fixture_verify(&fixture);
        store_close(fixture.store);
        fixture.store = NULL;
        cr_assert_eq(umount(mount_path), 0);
        mounted = false;
    }
}

Test(space, a_limit_on_file_size_refuses_to_start_and_kills_nobody)
{
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 19, RLIM_INFINITY}), 0);
    cr_assert_eq(fixture_try_open(&fixture), STATUS_NO_SPACE, "%s", fixture.message);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
    fixture_open(&fixture);
}

Test(space, segments_stay_below_a_limit_on_file_size)
{
    fixture.settings.segment_bytes_first = 1 << 20;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){3 << 20, RLIM_INFINITY}), 0);
    fixture_open(&fixture);
    for (int i = 0; i < 40; i++) {
        cr_assert_eq(commit_some(BATCH_EVENTS_MAX / 2), STATUS_OK, "%s", fixture.message);
    }
    plan_compare(&plan, &fixture);
    fixture_reopen(&fixture);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}

/* Lowered while a segment is in use: the write is cut, and what it left is unknown to the writer.
 */
Test(space, a_limit_that_cuts_a_commit_ends_committing_and_stores_all_or_nothing)
{
    fixture_open(&fixture);
    cr_assert_eq(commit_some(1000), STATUS_OK);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){300 << 10, RLIM_INFINITY}), 0);
    enum status status = commit_until_refused(1000);
    cr_assert(status == STATUS_IO || status == STATUS_NO_SPACE, "%s", fixture.message);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
    fixture_reopen(&fixture);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}
