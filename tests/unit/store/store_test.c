#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "store_fixture.h"

static struct fixture fixture;
static struct plan plan;
static struct batch *batch;

static void setup(void)
{
    fixture_begin(&fixture);
    plan = (struct plan){.seed = 1};
    batch = batch_new();
}

static void teardown(void)
{
    batch_delete(batch);
    fixture_end(&fixture);
}

TestSuite(store, .init = setup, .fini = teardown);

Test(store, a_new_directory_is_made_private_and_empty)
{
    struct store_info info;
    struct stat stat_now;
    char path[FIXTURE_PATH];
    fixture_open(&fixture);
    store_info(fixture.store, &info);
    cr_assert_eq(info.segment_count, 1);
    cr_assert_eq(info.position_first, 0);
    cr_assert_eq(info.position_next, 0);
    cr_assert_neq(info.hash_key, 0);
    cr_assert_eq(info.created_ns, FIXTURE_NOW_NS);
    cr_assert(stat(fixture.directory, &stat_now) == 0 && (stat_now.st_mode & 0777) == 0700);
    fixture_path(&fixture, "segments/0000000001", path);
    cr_assert(stat(path, &stat_now) == 0 && (stat_now.st_mode & 0777) == 0700);
    fixture_path(&fixture, "segments/0000000001/data.mdb", path);
    cr_assert(stat(path, &stat_now) == 0 && (stat_now.st_mode & 0777) == 0600);
    fixture_path(&fixture, "lock", path);
    cr_assert(stat(path, &stat_now) == 0 && (stat_now.st_mode & 0777) == 0600);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}

Test(store, what_was_committed_is_there_after_reopening)
{
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 1, 0);
    plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, BATCH_TEXT_MAX);
    plan_commit(&plan, &fixture, batch, 100, 7);
    plan_compare(&plan, &fixture);
    struct store_info before;
    struct store_info after;
    store_info(fixture.store, &before);
    fixture_reopen(&fixture);
    store_info(fixture.store, &after);
    cr_assert_eq(memcmp(&before, &after, sizeof(before)), 0);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
}

Test(store, many_batches_make_one_commit)
{
    struct batch *batches[3];
    struct store_counters counters = {.received = 4};
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 3; i++) {
        batches[i] = batch_new();
        plan_add(&plan, i == 1 ? 0 : 2, 0); /* the one in the middle holds rejections only */
        plan_batch(&plan, i, batches[i]);
    }
    cr_assert_eq(store_commit(fixture.store, batches, 3, 0, &counters, fixture.message), STATUS_OK);
    fixture_reopen(&fixture);
    struct store_info info;
    store_info(fixture.store, &info);
    cr_assert_eq(info.position_next, 4);
    static struct plan stored; /* large for a stack */
    stored.seed = plan.seed;
    plan_add(&stored, 2, 0);
    plan_add(&stored, 2, 0);
    plan_compare(&stored, &fixture);
    for (uint32_t i = 0; i < 3; i++) {
        batch_delete(batches[i]);
    }
}

Test(store, names_are_there_after_reopening)
{
    char text[32];
    uint32_t name = 0;
    struct store_counters counters = {0};
    fixture_open(&fixture);
    for (uint32_t i = 1; i <= 1000; i++) {
        snprintf(text, sizeof(text), "service-%u", i);
        cr_assert_eq(name_add(store_names(fixture.store), text_from(text), &name), STATUS_OK);
        if (i % 100 == 0) {
            cr_assert_eq(store_commit(fixture.store, NULL, 0, i - 100, &counters, fixture.message),
                         STATUS_OK);
        }
    }
    fixture_reopen(&fixture);
    cr_assert_eq(name_count(store_names(fixture.store)), 1000);
    for (uint32_t i = 1; i <= 1000; i++) {
        snprintf(text, sizeof(text), "service-%u", i);
        cr_assert_eq(name_find(store_names(fixture.store), text_from(text)), i);
        cr_assert(text_is(name_text(store_names(fixture.store), i), text));
    }
    fixture_verify(&fixture);
}

Test(store, a_lowered_names_max_does_not_lock_the_data_away)
{
    uint32_t name = 0;
    struct store_counters counters = {0};
    fixture_open(&fixture);
    cr_assert_eq(name_add(store_names(fixture.store), TEXT("a"), &name), STATUS_OK);
    cr_assert_eq(name_add(store_names(fixture.store), TEXT("b"), &name), STATUS_OK);
    cr_assert_eq(store_commit(fixture.store, NULL, 0, 0, &counters, fixture.message), STATUS_OK);
    fixture.settings.names_max = 1;
    fixture_reopen(&fixture);
    cr_assert_eq(name_count(store_names(fixture.store)), 2);
    cr_assert_eq(name_add(store_names(fixture.store), TEXT("c"), &name), STATUS_FULL);
}

Test(store, counters_of_rejections_alone_are_committed)
{
    struct store_counters counters = {.received = 10, .duplicate = 2};
    struct store_counters read;
    counters.rejected[REJECT_NOT_TAKEN] = 7;
    counters.shed[SHED_STORAGE_FULL] = 1;
    fixture_open(&fixture);
    cr_assert_eq(store_commit(fixture.store, NULL, 0, 0, &counters, fixture.message), STATUS_OK);
    fixture_reopen(&fixture);
    store_counters(fixture.store, &read);
    cr_assert_eq(memcmp(&read, &counters, sizeof(read)), 0);
}

Test(store, a_scan_begins_in_the_batch_that_holds_the_position)
{
    struct batch *read = batch_new();
    struct plan_check check = {.plan = &plan, .expected = batch_new(), .index = 1};
    fixture_open(&fixture);
    for (int i = 0; i < 4; i++) {
        plan_commit(&plan, &fixture, batch, 10, 0);
    }
    cr_assert_eq(store_scan(fixture.store, 19, 30, read, plan_visit, &check, fixture.message),
                 STATUS_OK);
    cr_assert_eq(check.index, 3, "batches at 10 and 20, not the one at 30");
    cr_assert_eq(check.different, 0);
    check.index = 0;
    cr_assert_eq(
        store_scan(fixture.store, 40, UINT64_MAX, read, plan_visit, &check, fixture.message),
        STATUS_OK);
    cr_assert_eq(check.index, 0, "nothing at the end of the log");
    batch_delete(read);
    batch_delete(check.expected);
}

static bool visit_stop(void *context, const struct batch *seen)
{
    (void)seen;
    ++*(int *)context;
    return false;
}

Test(store, a_scan_stops_when_told)
{
    int seen = 0;
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 1, 0);
    plan_commit(&plan, &fixture, batch, 1, 0);
    cr_assert_eq(
        store_scan(fixture.store, 0, UINT64_MAX, batch, visit_stop, &seen, fixture.message),
        STATUS_OK);
    cr_assert_eq(seen, 1);
}

Test(store, a_batch_beyond_the_bounds_is_invalid_and_harmless)
{
    struct store_counters counters = {0};
    fixture_open(&fixture);
    batch->event_count = BATCH_EVENTS_MAX + 1;
    cr_assert_eq(store_commit(fixture.store, &batch, 1, 0, &counters, fixture.message),
                 STATUS_INVALID);
    plan_commit(&plan, &fixture, batch, 1, 0);
    plan_compare(&plan, &fixture);
}

static void segments_small(void)
{
    fixture.settings.segment_bytes_first = 1 << 20;
    fixture.settings.segment_bytes_max = 4 << 20;
}

Test(store, the_log_rolls_over_many_segments)
{
    char text[32];
    uint32_t name = 0;
    segments_small();
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(text, sizeof(text), "name %u", i);
        cr_assert_eq(name_add(store_names(fixture.store), text_from(text), &name), STATUS_OK);
        plan.names = 1;
        plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, i * 1000);
    }
    struct store_info info;
    store_info(fixture.store, &info);
    cr_assert_geq(info.segment_count, 6);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
    fixture_reopen(&fixture);
    cr_assert_eq(name_count(store_names(fixture.store)), 40);
    plan_compare(&plan, &fixture);
    plan_commit(&plan, &fixture, batch, 5, 5);
    plan_compare(&plan, &fixture);
}

/* Batch i, of 40 in many segments, is of the times [1000 i, 1000 i + 100). */
static void commit_timed(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        plan_add(&plan, 8000, 0);
        plan_batch(&plan, i, batch);
        for (uint32_t j = 0; j < batch->event_count; j++) {
            batch->events[j].occurred_ns = (int64_t)(i * 1000 + j % 100);
        }
        cr_assert_eq(fixture_commit(&fixture, batch), STATUS_OK);
    }
}

static bool visit_number(void *context, const struct batch *seen)
{
    *(uint64_t *)context |= UINT64_C(1) << (seen->position / 8000);
    return true;
}

Test(store, a_scan_of_times_reads_the_batches_that_may_hold_them)
{
    static const struct {
        uint64_t from;
        uint64_t end;
        struct span times;
        uint64_t seen; /* a bit a batch */
    } cases[] = {
        {0, UINT64_MAX, {3000, 3001}, 1 << 3},
        {0, UINT64_MAX, {3099, 4000}, 1 << 3},
        {0, UINT64_MAX, {3100, 4000}, 0},
        {0, UINT64_MAX, {3099, 4001}, 3 << 3},
        {8000 * 4, UINT64_MAX, {3099, 4001}, 1 << 4},
        {8000 * 5 - 1, UINT64_MAX, {3099, 4001}, 1 << 4},
        {8000 * 5, UINT64_MAX, {3099, 4001}, 0},
        {0, 8000 * 4, {3099, 4001}, 1 << 3},
        {0, 8000 * 4 + 1, {3099, 4001}, 3 << 3},
        {0, 8000 * 4, {4000, 4001}, 0},
        {0, UINT64_MAX, {39000, INT64_MAX}, UINT64_C(1) << 39},
        {0, UINT64_MAX, {INT64_MIN, 1}, 1},
    };
    segments_small();
    fixture_open(&fixture);
    commit_timed(40);
    struct store_info info;
    store_info(fixture.store, &info);
    cr_assert_geq(info.segment_count, 4);
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t seen = 0;
        cr_expect_eq(store_scan_times(fixture.store, cases[i].from, cases[i].end, cases[i].times,
                                      batch, visit_number, &seen, fixture.message),
                     STATUS_OK);
        cr_expect_eq(seen, cases[i].seen, "case %u: %llx", i, (unsigned long long)seen);
    }
}

Test(store, a_commit_larger_than_a_segment_gets_a_larger_one)
{
    struct batch *batches[16];
    struct store_counters counters = {0};
    segments_small();
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 16; i++) {
        batches[i] = batch_new();
        plan_add(&plan, BATCH_EVENTS_MAX, 0);
        plan_batch(&plan, i, batches[i]);
    }
    cr_assert_eq(store_commit(fixture.store, batches, 16, 0, &counters, fixture.message),
                 STATUS_OK);
    plan_compare(&plan, &fixture);
    fixture_reopen(&fixture);
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
    for (uint32_t i = 0; i < 16; i++) {
        batch_delete(batches[i]);
    }
}

Test(store, the_log_may_begin_at_a_later_segment)
{
    char path[FIXTURE_PATH];
    segments_small();
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 8; i++) {
        plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, 0);
    }
    store_close(fixture.store);
    fixture.store = NULL;
    fixture_path(&fixture, "segments/0000000001", path);
    cr_assert_eq(nftw(path, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    fixture_verify(&fixture);
    fixture_open(&fixture);
    struct store_info info;
    store_info(fixture.store, &info);
    cr_assert_gt(info.position_first, 0);
    cr_assert_eq(info.position_next, 8 * BATCH_EVENTS_MAX);
}

Test(store, a_gap_in_the_chain_is_damage)
{
    char path[FIXTURE_PATH];
    segments_small();
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 12; i++) {
        plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, 0);
    }
    store_close(fixture.store);
    fixture.store = NULL;
    fixture_path(&fixture, "segments/0000000002", path);
    cr_assert_eq(nftw(path, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    cr_assert_eq(fixture_try_open(&fixture), STATUS_DAMAGED);
    cr_assert_eq(store_verify(fixture.directory, false, 60, fixture.message), STATUS_DAMAGED);
}

Test(store, segments_in_exchanged_places_are_damage)
{
    char first[FIXTURE_PATH];
    char second[FIXTURE_PATH];
    char aside[FIXTURE_PATH];
    segments_small();
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 12; i++) {
        plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, 0);
    }
    store_close(fixture.store);
    fixture.store = NULL;
    fixture_path(&fixture, "segments/0000000001", first);
    fixture_path(&fixture, "segments/0000000002", second);
    fixture_path(&fixture, "aside", aside);
    cr_assert(rename(first, aside) == 0 && rename(second, first) == 0 &&
              rename(aside, second) == 0);
    cr_assert_eq(fixture_try_open(&fixture), STATUS_DAMAGED);
    cr_assert_eq(store_verify(fixture.directory, false, 60, fixture.message), STATUS_DAMAGED);
}

Test(store, a_segment_of_another_directory_is_foreign)
{
    struct fixture other;
    char from[FIXTURE_PATH];
    char to[FIXTURE_PATH];
    segments_small();
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 1, 0);
    fixture_begin(&other);
    other.settings.segment_bytes_first = 1 << 20;
    fixture_open(&other);
    for (int i = 0; i < 4; i++) {
        batch_fill(batch, 9, (uint64_t)i * BATCH_EVENTS_MAX, BATCH_EVENTS_MAX, 0, 0);
        cr_assert_eq(fixture_commit(&other, batch), STATUS_OK);
    }
    store_close(other.store);
    other.store = NULL;
    store_close(fixture.store);
    fixture.store = NULL;
    fixture_path(&other, "segments/0000000002", from);
    fixture_path(&fixture, "segments/0000000002", to);
    cr_assert_eq(rename(from, to), 0);
    cr_assert_eq(fixture_try_open(&fixture), STATUS_FOREIGN);
    fixture_end(&other);
}

Test(store, a_half_made_segment_is_removed_at_start)
{
    char path[FIXTURE_PATH];
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 3, 3);
    fixture_path(&fixture, "segments/0000000002.new", path);
    cr_assert_eq(mkdir(path, 0700), 0);
    fixture_path(&fixture, "segments/0000000002.new/data.mdb", path);
    file_save(path, "half", 4);
    fixture_verify(&fixture);
    fixture_reopen(&fixture);
    fixture_path(&fixture, "segments/0000000002.new", path);
    cr_assert_neq(access(path, F_OK), 0);
    plan_compare(&plan, &fixture);
}

Test(store, a_crash_before_the_first_segment_leaves_a_directory_that_starts)
{
    char path[FIXTURE_PATH];
    cr_assert_eq(mkdir(fixture.directory, 0700), 0);
    fixture_path(&fixture, "segments", path);
    cr_assert_eq(mkdir(path, 0700), 0);
    fixture_path(&fixture, "segments/0000000001.new", path);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(store_verify(fixture.directory, true, 60, fixture.message), STATUS_NOT_FOUND);
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 3, 3);
    plan_compare(&plan, &fixture);
}

Test(store, a_second_instance_is_told_who_holds_the_directory)
{
    struct fixture second = fixture;
    char holder[64];
    fixture_open(&fixture);
    cr_assert_eq(fixture_try_open(&second), STATUS_BUSY);
    snprintf(holder, sizeof(holder), "process %ld", (long)getpid());
    cr_assert_not_null(strstr(second.message, holder), "%s", second.message);
    cr_assert_null(second.store);
    fixture_reopen(&fixture);
}

Test(store, a_directory_with_other_things_in_it_is_foreign_and_left_alone)
{
    char path[FIXTURE_PATH];
    cr_assert_eq(mkdir(fixture.directory, 0700), 0);
    fixture_path(&fixture, "holiday.jpg", path);
    file_save(path, "x", 1);
    cr_assert_eq(fixture_try_open(&fixture), STATUS_FOREIGN);
    cr_assert_not_null(strstr(fixture.message, "holiday.jpg"));
    fixture_path(&fixture, "lock", path);
    cr_assert_neq(access(path, F_OK), 0, "nothing is made in it");
    cr_assert_eq(store_verify(fixture.directory, false, 60, fixture.message), STATUS_FOREIGN);
}

Test(store, a_file_in_place_of_the_directory_is_foreign)
{
    file_save(fixture.directory, "x", 1);
    cr_assert_eq(fixture_try_open(&fixture), STATUS_FOREIGN, "%s", fixture.message);
    cr_assert(file_holds(fixture.directory, (const uint8_t *)"x", 1));
}

Test(store, an_endless_path_is_invalid)
{
    char *path = malloc(8192);
    memset(path, 'a', 8191);
    path[8191] = '\0';
    fixture.settings.directory = path;
    cr_assert_eq(fixture_try_open(&fixture), STATUS_INVALID);
    free(path);
}

Test(store, reading_only_needs_no_lock_and_changes_nothing)
{
    struct fixture reader = fixture;
    char path[FIXTURE_PATH];
    size_t length = 0;
    fixture_path(&fixture, "segments/0000000001/data.mdb", path);
    reader.settings.read_only = true;
    cr_assert_eq(fixture_try_open(&reader), STATUS_NOT_FOUND);
    cr_assert_neq(access(fixture.directory, F_OK), 0);
    fixture_open(&fixture);
    plan_commit(&plan, &fixture, batch, 100, 100);
    store_close(fixture.store);
    fixture.store = NULL;
    uint8_t *bytes = file_load(path, &length);
    fixture_open(&reader);
    plan_compare(&plan, &reader);
    store_close(reader.store);
    cr_assert(file_holds(path, bytes, length));
    free(bytes);
}

Test(store, reading_only_works_beside_the_daemon_of_another_process)
{
    struct fixture reader = fixture;
    reader.settings.read_only = true;
    segments_small();
    fixture_open(&fixture);
    for (int i = 0; i < 6; i++) {
        plan_commit(&plan, &fixture, batch, BATCH_EVENTS_MAX, 0);
    }
    pid_t child = fork();
    if (child == 0) {
        fixture_open(&reader);
        plan_compare(&plan, &reader);
        store_close(reader.store);
        _exit(0);
    }
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fixture_verify(&fixture);
    plan_commit(&plan, &fixture, batch, 1, 0);
    plan_compare(&plan, &fixture);
}

static void commit_must_end(void)
{
    struct store_counters counters = {0};
    cr_assert_eq(store_commit(fixture.store, NULL, 0, 0, &counters, fixture.message), STATUS_IO);
    cr_assert_eq(store_commit(fixture.store, NULL, 0, 0, &counters, fixture.message), STATUS_IO,
                 "and it stays so");
}

Test(store, a_deleted_file_ends_committing)
{
    char path[FIXTURE_PATH];
    fixture_open(&fixture);
    fixture_path(&fixture, "segments/0000000001/data.mdb", path);
    cr_assert_eq(unlink(path), 0);
    commit_must_end();
}

Test(store, a_replaced_file_ends_committing)
{
    char path[FIXTURE_PATH];
    char copy[FIXTURE_PATH];
    size_t length = 0;
    fixture_open(&fixture);
    fixture_path(&fixture, "segments/0000000001/data.mdb", path);
    fixture_path(&fixture, "copy", copy);
    uint8_t *bytes = file_load(path, &length);
    file_save(copy, bytes, length);
    cr_assert_eq(rename(copy, path), 0);
    commit_must_end();
    free(bytes);
}

Test(store, a_truncated_file_ends_committing)
{
    char path[FIXTURE_PATH];
    fixture_open(&fixture);
    fixture_path(&fixture, "segments/0000000001/data.mdb", path);
    cr_assert_eq(truncate(path, 8192), 0);
    commit_must_end();
}

struct scanner {
    pthread_t thread;
    _Atomic bool *done;
    uint64_t rounds;
    uint64_t bad;
};

static void *scanner_run(void *argument)
{
    struct scanner *scanner = argument;
    struct batch *read = batch_new();
    struct batch *expected = batch_new();
    char message[STORE_MESSAGE_SIZE];
    bool last = false;
    while (!last) {
        last = atomic_load(scanner->done);
        struct plan_check check = {.plan = &plan, .expected = expected};
        enum status status =
            store_scan(fixture.store, 0, UINT64_MAX, read, plan_visit, &check, message);
        scanner->bad += status != STATUS_OK || check.different != 0;
        scanner->bad += last && check.index != plan.batch_count;
        scanner->rounds++;
    }
    batch_delete(read);
    batch_delete(expected);
    return NULL;
}

Test(store, scans_see_whole_prefixes_while_commits_roll_on)
{
    struct scanner scanners[2] = {0};
    _Atomic bool done = false;
    uint32_t sizes[60];
    segments_small();
    fixture_open(&fixture);
    /* Planned before the threads start: they read the plan. */
    for (uint32_t i = 0; i < 60; i++) {
        sizes[i] = i % 3 == 0 ? 2000 : 20;
        plan_add(&plan, sizes[i], i);
    }
    for (int i = 0; i < 2; i++) {
        scanners[i].done = &done;
        pthread_create(&scanners[i].thread, NULL, scanner_run, &scanners[i]);
    }
    for (uint32_t i = 0; i < 60; i++) {
        plan_batch(&plan, i, batch);
        cr_assert_eq(fixture_commit(&fixture, batch), STATUS_OK);
    }
    atomic_store(&done, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(scanners[i].thread, NULL);
        cr_assert_eq(scanners[i].bad, 0);
        cr_assert_gt(scanners[i].rounds, 0);
    }
    fixture_verify(&fixture);
}

static void names_add_random(uint64_t *random)
{
    struct name_table *names = store_names(fixture.store);
    uint32_t count = (uint32_t)random_below(random, 20);
    for (uint32_t i = 0; i < count; i++) {
        char text[NAME_BYTES_MAX];
        uint32_t length = 1 + (uint32_t)random_below(random, NAME_BYTES_MAX - 20);
        memset(text, 'a' + (char)random_below(random, 26), sizeof(text));
        int prefix = snprintf(text, 20, "%u:", name_count(names));
        text[prefix] = 'x';
        uint32_t name = 0;
        length = length < (uint32_t)prefix ? (uint32_t)prefix : length;
        cr_assert_eq(name_add(names, (struct text){text, length}, &name), STATUS_OK);
    }
}

/* Random batches, names, counters, sizes and reopenings against the list of what was done. */
Test(store, random_histories_come_back_identical)
{
    uint64_t random = fixture_seed();
    plan.seed = random_next(&random);
    segments_small();
    fixture_open(&fixture);
    struct store_counters counters = {0};
    for (uint32_t step = 0; step < 300; step++) {
        uint32_t names_before = name_count(store_names(fixture.store));
        names_add_random(&random);
        static const uint32_t bounds[] = {2, 40, 400, BATCH_EVENTS_MAX};
        uint32_t events = (uint32_t)random_below(&random, bounds[random_below(&random, 4)] + 1);
        uint32_t text = (uint32_t)random_below(&random, random_below(&random, 8) == 0 ? 50000 : 50);
        batch_fill(batch, plan.seed, plan.position_next, events, text, 0);
        counters.received = random_next(&random);
        counters.rejected[random_below(&random, REJECT_COUNT)]++;
        enum status status =
            store_commit(fixture.store, &batch, 1, names_before, &counters, fixture.message);
        cr_assert_eq(status, STATUS_OK, "%s", fixture.message);
        if (events > 0) {
            plan_add(&plan, events, text);
        }
        if (random_below(&random, 30) == 0) {
            uint32_t names_now = name_count(store_names(fixture.store));
            struct store_counters read;
            fixture_reopen(&fixture);
            store_counters(fixture.store, &read);
            cr_assert_eq(memcmp(&read, &counters, sizeof(read)), 0);
            cr_assert_eq(name_count(store_names(fixture.store)), names_now);
        }
    }
    plan_compare(&plan, &fixture);
    fixture_verify(&fixture);
    fixture_reopen(&fixture);
    plan_compare(&plan, &fixture);
}
