/* Damage on disk: verify says so, this process lives, and the file stays as it was. */
#include <lmdb.h>
#include <signal.h>

#include "base/hash.h"
#include "store/state_record.h"
#include "store_fixture.h"

static struct fixture fixture;
static struct plan plan;
static struct batch *batch;
static char path[FIXTURE_PATH];
/* data.mdb as it should be. */
static uint8_t *whole;
static size_t whole_length;

static void setup(void)
{
    fixture_begin(&fixture);
    plan = (struct plan){.seed = 2};
    batch = batch_new();
    fixture_path(&fixture, "segments/0000000001/data.mdb", path);
}

static void teardown(void)
{
    free(whole);
    batch_delete(batch);
    fixture_end(&fixture);
}

TestSuite(verify, .init = setup, .fini = teardown);

/* About 1 MiB with every sort of page: branches, leaves with small batches, large values, names,
 * free ones. */
static void history_make(void)
{
    struct store_counters counters = {0};
    uint32_t name = 0;
    fixture_open(&fixture);
    for (uint32_t i = 0; i < 200; i++) {
        char text[64];
        snprintf(text, sizeof(text), "a name that takes some room, number %u", i);
        cr_assert_eq(name_add(store_names(fixture.store), text_from(text), &name), STATUS_OK);
    }
    cr_assert_eq(store_commit(fixture.store, NULL, 0, 0, &counters, fixture.message), STATUS_OK);
    plan.names = 200;
    for (uint32_t i = 0; i < 400; i++) {
        plan_commit(&plan, &fixture, batch, i % 50 == 0 ? 1000 : 3, i % 40);
    }
    store_close(fixture.store);
    fixture.store = NULL;
    whole = file_load(path, &whole_length);
}

static enum status verify_now(void)
{
    return store_verify(fixture.directory, false, 20, fixture.message);
}

static bool refused(enum status status)
{
    return status == STATUS_DAMAGED || status == STATUS_FOREIGN || status == STATUS_VERSION;
}

/* Puts these bytes in place of the file: refused, and not touched. */
static void must_refuse(const uint8_t *bytes, size_t length, const char *what)
{
    file_save(path, bytes, length);
    enum status status = verify_now();
    cr_assert(refused(status), "%s, %zu bytes: %s %s", what, length, status_text(status),
              fixture.message);
    cr_assert_neq(fixture.message[0], '\0');
    cr_assert(file_holds(path, bytes, length), "%s", what);
}

Test(verify, a_whole_directory_is_ok)
{
    history_make();
    cr_assert_eq(verify_now(), STATUS_OK, "%s", fixture.message);
    cr_assert_eq(store_verify(fixture.directory, true, 20, fixture.message), STATUS_OK);
    cr_assert(file_holds(path, whole, whole_length));
}

Test(verify, no_directory_and_an_empty_one_are_not_found)
{
    cr_assert_eq(verify_now(), STATUS_NOT_FOUND);
    cr_assert_eq(mkdir(fixture.directory, 0700), 0);
    cr_assert_eq(verify_now(), STATUS_NOT_FOUND);
}

Test(verify, a_truncated_file_is_damage)
{
    static const size_t lengths[] = {0, 1, 100, 4095, 4096, 6000, 8191, 8192};
    history_make();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        must_refuse(whole, lengths[i], "cut");
        cr_assert_eq(fixture_try_open(&fixture), STATUS_DAMAGED, "%s", fixture.message);
    }
    for (size_t length = 8192; length < whole_length; length += 4096) {
        must_refuse(whole, length, "cut at a page");
        cr_assert_eq(fixture_try_open(&fixture), STATUS_DAMAGED, "%s", fixture.message);
    }
}

Test(verify, zeros_and_noise_are_damage)
{
    history_make();
    uint64_t random = fixture_seed();
    uint8_t *bytes = calloc(1, whole_length);
    must_refuse(bytes, whole_length, "zeros");
    for (size_t i = 0; i < whole_length; i++) {
        bytes[i] = (uint8_t)random_next(&random);
    }
    must_refuse(bytes, whole_length, "noise");
    /* Noise behind two good meta pages: here LMDB goes astray, in the child. */
    memcpy(bytes, whole, 8192);
    must_refuse(bytes, whole_length, "noise behind the meta pages");
    free(bytes);
}

Test(verify, what_is_not_a_plain_file_is_refused)
{
    history_make();
    cr_assert_eq(unlink(path), 0);
    cr_assert(refused(verify_now()), "nothing there");
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert(refused(verify_now()), "a fifo");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert(refused(verify_now()), "a directory");
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(symlink("nowhere", path), 0);
    cr_assert(refused(verify_now()), "a dangling link");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink("/dev/zero", path), 0);
    cr_assert(refused(verify_now()), "a device");
    cr_assert_eq(fixture_try_open(&fixture), STATUS_FOREIGN, "%s", fixture.message);
}

static bool visit_nothing(void *context, const struct batch *visited)
{
    (void)context;
    (void)visited;
    return true;
}

/* What a scan of this process gives when verify called the file whole: every event as it was, or a plain
 * refusal (a table that lost an entry without a broken page shows only when the chain is read; start-up
 * reads all of it before it serves a figure). False: refused. */
static bool read_equal_or_refused(void)
{
    fixture_open(&fixture);
    struct batch *read = batch_new();
    enum status status =
        store_scan(fixture.store, 0, UINT64_MAX, read, visit_nothing, NULL, fixture.message);
    batch_delete(read);
    if (status == STATUS_OK) {
        plan_compare(&plan, &fixture);
    } else {
        cr_assert_eq(status, STATUS_DAMAGED, "%s", fixture.message);
    }
    store_close(fixture.store);
    fixture.store = NULL;
    return status == STATUS_OK;
}

struct tally {
    uint32_t tried;
    uint32_t refused;
    uint32_t harmless;
};

/* Refused, or else the damage lies where no live data is: then every event must read as it was. */
static void damage_try(const uint8_t *bytes, struct tally *tally)
{
    file_save(path, bytes, whole_length);
    enum status status = verify_now();
    cr_assert(status == STATUS_OK || refused(status), "%s", status_text(status));
    cr_assert(file_holds(path, bytes, whole_length));
    tally->tried++;
    if (status == STATUS_OK && read_equal_or_refused()) {
        tally->harmless++;
    } else {
        tally->refused++;
    }
}

static void tally_print(const char *what, const struct tally *tally)
{
    fprintf(stderr, "%-24s tried %4u  refused %4u  in unused space %4u\n", what, tally->tried,
            tally->refused, tally->harmless);
    cr_assert_gt(tally->refused, 0);
}

Test(verify, a_flipped_bit_is_refused_or_harmless)
{
    struct tally tally = {0};
    history_make();
    uint64_t random = fixture_seed();
    uint8_t *bytes = malloc(whole_length);
    for (int i = 0; i < 300; i++) {
        memcpy(bytes, whole, whole_length);
        /* Half of them in the heads of pages, where LMDB steers by them. */
        size_t at = random_below(&random, whole_length);
        at = i % 2 == 0 ? at : at / 4096 * 4096 + random_below(&random, 200);
        bytes[at] ^= (uint8_t)(1 << random_below(&random, 8));
        damage_try(bytes, &tally);
    }
    tally_print("bit flips", &tally);
    free(bytes);
}

Test(verify, zeroed_copied_and_exchanged_sectors_are_refused_or_harmless)
{
    struct tally tallies[3] = {0};
    static const char *const names[] = {"zeroed", "copied", "exchanged"};
    history_make();
    uint64_t random = fixture_seed();
    uint8_t *bytes = malloc(whole_length);
    for (int i = 0; i < 180; i++) {
        size_t size = i % 2 == 0 ? 512 : 4096;
        size_t from = random_below(&random, whole_length / size) * size;
        size_t to = random_below(&random, whole_length / size) * size;
        memcpy(bytes, whole, whole_length);
        if (i % 3 == 0) {
            memset(bytes + to, 0, size);
        } else {
            memcpy(bytes + to, whole + from, size);
        }
        if (i % 3 == 2) {
            memcpy(bytes + from, whole + to, size);
        }
        damage_try(bytes, &tallies[i % 3]);
    }
    for (int i = 0; i < 3; i++) {
        tally_print(names[i], &tallies[i]);
    }
    free(bytes);
}

static uint8_t *meta_newer(uint8_t *bytes)
{
    return load_u64(bytes + 144) > load_u64(bytes + 4096 + 144) ? bytes : bytes + 4096;
}

Test(verify, wrong_words_in_a_meta_page_are_refused)
{
    static const struct {
        size_t at;
        uint64_t value;
    } words[] = {
        {16, 0},          {20, 2},           {40, 0},         {40, 8192},
        {32, UINT64_MAX}, {136, UINT64_MAX}, {136, 1u << 20}, {144, UINT64_MAX},
        {128, 0},         {128, 1u << 30},   {80, 1u << 30},  {128, 1},
    };
    history_make();
    uint8_t *bytes = malloc(whole_length);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        memcpy(bytes, whole, whole_length);
        if (words[i].at <= 20 || words[i].at == 40) {
            store_u32(meta_newer(bytes) + words[i].at, (uint32_t)words[i].value);
        } else {
            store_u64(meta_newer(bytes) + words[i].at, words[i].value);
        }
        must_refuse(bytes, whole_length, "a word of the meta page");
    }
    free(bytes);
}

Test(verify, an_old_meta_page_in_place_of_the_newer_is_refused_or_an_older_state)
{
    history_make();
    uint8_t *bytes = malloc(whole_length);
    memcpy(bytes, whole, whole_length);
    uint8_t *newer = meta_newer(bytes);
    uint8_t *older = newer == bytes ? bytes + 4096 : bytes;
    uint64_t page_number = load_u64(newer);
    memcpy(newer, older, 4096);
    store_u64(newer, page_number);
    must_refuse(bytes, whole_length, "equal transaction ids");
    free(bytes);
}

/* RELIABILITY V-104: LMDB would hand such a page out for new data. */
Test(verify, a_live_page_in_the_free_list_is_refused)
{
    history_make();
    uint8_t *bytes = malloc(whole_length);
    memcpy(bytes, whole, whole_length);
    uint8_t *root = bytes + load_u64(meta_newer(bytes) + 80) * 4096;
    cr_assert_eq(load_u16(root + 10) & 2, 2, "the free list is one leaf");
    uint8_t *node = root + load_u16(root + 16);
    uint8_t *pages = node + 8 + 8; /* node head, key */
    uint64_t count = load_u64(pages);
    cr_assert_gt(count, 0);
    uint64_t main_root = load_u64(meta_newer(bytes) + 128);
    store_u64(pages + 8 * count, main_root);
    must_refuse(bytes, whole_length, "the root as a free page");
    free(bytes);
}

Test(verify, a_tree_that_points_to_itself_is_refused)
{
    history_make();
    uint8_t *bytes = malloc(whole_length);
    uint32_t branches = 0;
    for (size_t page = 2; page < whole_length / 4096; page++) {
        memcpy(bytes, whole, whole_length);
        uint8_t *at = bytes + page * 4096;
        if (load_u64(at) != page || load_u16(at + 10) != 1) {
            continue;
        }
        /* A branch node keeps its child's number in its first six bytes. */
        uint8_t *node = at + load_u16(at + 16);
        store_u32(node, (uint32_t)page);
        struct tally tally = {0};
        damage_try(bytes, &tally);
        branches++;
    }
    cr_assert_gt(branches, 0);
    free(bytes);
}

/* The child opens the segment beside its readers; whoever holds the first byte of LMDB's lock file
 * for writing makes it wait for ever. */
Test(verify, a_child_that_never_ends_is_damage)
{
    char lock[FIXTURE_PATH];
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    history_make();
    fixture_path(&fixture, "segments/0000000001/lock.mdb", lock);
    int fd = open(lock, O_RDWR | O_CLOEXEC);
    cr_assert(fd >= 0 && fcntl(fd, F_SETLK, &range) == 0);
    cr_assert_eq(store_verify(fixture.directory, false, 1, fixture.message), STATUS_DAMAGED);
    cr_assert_not_null(strstr(fixture.message, "time limit"), "%s", fixture.message);
    close(fd);
    cr_assert_eq(verify_now(), STATUS_OK, "%s", fixture.message);
}

Test(verify, a_bad_lock_file_does_not_matter)
{
    char lock[FIXTURE_PATH];
    history_make();
    fixture_path(&fixture, "segments/0000000001/lock.mdb", lock);
    file_save(lock, "not a lock file", 15);
    cr_assert_eq(verify_now(), STATUS_OK, "%s", fixture.message);
    cr_assert(read_equal_or_refused());
    cr_assert_eq(unlink(lock), 0);
    cr_assert_eq(verify_now(), STATUS_OK, "%s", fixture.message);
    cr_assert_neq(access(lock, F_OK), 0, "verify makes no file");
}

Test(verify, a_scan_notices_a_flipped_bit_and_names_the_place)
{
    history_make();
    struct batch *read = batch_new();
    struct plan_check check = {.plan = &plan, .expected = batch_new()};
    /* The bytes of the batch of 1,000 events that was committed last but 49. */
    plan_batch(&plan, 350, batch);
    uint8_t *at = memmem(whole, whole_length, batch->events, 4096);
    cr_assert_not_null(at);
    at[2000] ^= 1;
    file_save(path, whole, whole_length);
    fixture_open(&fixture);
    cr_assert_eq(
        store_scan(fixture.store, 0, UINT64_MAX, read, plan_visit, &check, fixture.message),
        STATUS_DAMAGED);
    cr_assert_eq(check.index, 350);
    cr_assert_eq(check.different, 0);
    char place[64];
    snprintf(place, sizeof(place), "position %" PRIu64, plan.batches[350].position);
    cr_assert_not_null(strstr(fixture.message, place), "%s", fixture.message);
    cr_assert_not_null(strstr(fixture.message, "0000000001"), "%s", fixture.message);
    batch_delete(read);
    batch_delete(check.expected);
}

static void state_replace(const char *table, const char *word, void *bytes, size_t length)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    char folder[FIXTURE_PATH];
    MDB_val key = {strlen(word), strdup(word)};
    MDB_val value = {length, bytes};
    fixture_path(&fixture, "segments/0000000001", folder);
    cr_assert_eq(mdb_env_create(&env), 0);
    cr_assert_eq(mdb_env_set_maxdbs(env, 8), 0);
    cr_assert_eq(mdb_env_open(env, folder, 0, 0600), 0);
    cr_assert_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    cr_assert_eq(mdb_dbi_open(txn, table, MDB_CREATE, &dbi), 0);
    cr_assert_eq(mdb_put(txn, dbi, &key, &value, 0), 0);
    cr_assert_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    free(key.mv_data);
    free(whole);
    whole = file_load(path, &whole_length);
}

static void must_answer(enum status expected)
{
    cr_assert_eq(verify_now(), expected, "%s", fixture.message);
    cr_assert_eq(fixture_try_open(&fixture), expected, "%s", fixture.message);
    cr_assert(file_holds(path, whole, whole_length));
}

Test(verify, the_database_of_another_application_is_foreign)
{
    char folder[FIXTURE_PATH];
    char bytes[] = "value";
    cr_assert_eq(mkdir(fixture.directory, 0700), 0);
    fixture_path(&fixture, "segments", folder);
    cr_assert_eq(mkdir(folder, 0700), 0);
    fixture_path(&fixture, "segments/0000000001", folder);
    cr_assert_eq(mkdir(folder, 0700), 0);
    state_replace("users", "alice", bytes, sizeof(bytes));
    must_answer(STATUS_FOREIGN);
}

Test(verify, a_format_record_of_another_application_is_foreign)
{
    char bytes[64] = "something else";
    history_make();
    state_replace("state", "format", bytes, sizeof(bytes));
    must_answer(STATUS_FOREIGN);
}

Test(verify, a_newer_format_is_told_apart_from_damage)
{
    uint8_t bytes[SEGMENT_FORMAT_SIZE];
    struct segment_format format = {.number = 1};
    history_make();
    segment_format_encode(&format, bytes);
    store_u32(bytes + 8, SEGMENT_FORMAT_VERSION + 1);
    store_u64(bytes + 56, hash_checksum(bytes, 56));
    state_replace("state", "format", bytes, sizeof(bytes));
    must_answer(STATUS_VERSION);
}

/* Counters that a crash could not have left: the record of another commit. */
Test(verify, a_commit_record_that_does_not_fit_the_log_is_damage)
{
    uint8_t bytes[COMMIT_RECORD_SIZE];
    struct commit_record commit = {.commit_number = 9, .position_next = 1, .name_count = 200};
    history_make();
    commit_record_encode(&commit, bytes);
    state_replace("state", "counters", bytes, sizeof(bytes));
    cr_assert_eq(verify_now(), STATUS_DAMAGED, "%s", fixture.message);
}
