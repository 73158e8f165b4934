#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/panic.h"
#include "store/absence_record.h"
#include "store/batch_codec.h"
#include "store/data_file.h"
#include "store/name_record.h"
#include "store/segment_append.h"
#include "store/segment_reader.h"
#include "store/store_error.h"

/* 16 MiB doubling to 1 GiB: 4,096 segments are about 4 TiB. A sealed segment costs one descriptor.
 */
#define SEGMENT_COUNT_MAX 4096
/* The smallest map: LMDB's own pages, the slack of a commit, and a batch. */
#define SEGMENT_BYTES_MIN (UINT64_C(1) << 20)
/* The heap that a commit thread keeps between commits, see heap_settle. */
#define HEAP_KEPT_BYTES (16 * 1024 * 1024)

/* field              written by       read by         order
 * segments[i]        commit thread    scanning        written before the count that makes it
 * visible segment_count      commit thread    scanning        release [S] / acquire [S]: segments[0
 * .. count) may be used until store_close; a stale one hides new batches position_next      commit
 * thread    scanning, info  release [P] / acquire [P]: all batches below it are in segments already
 * counted; stale: the scan ends earlier commit, failed     commit thread    commit thread all else
 * store_open       everybody       constant
 */
struct store {
    struct path segments_folder;
    struct store_settings settings;
    int lock_fd; /* -1: read-only */
    uint64_t hash_key;
    int64_t created_ns;
    struct name_table *names;
    struct span_set absences;
    bool absences_changed; /* since the last commit */
    /* What the disk holds. */
    struct commit_record commit;
    bool failed;
    _Atomic uint64_t position_next;
    _Atomic uint32_t segment_count;
    struct segment *segments[SEGMENT_COUNT_MAX];
};

static uint64_t uint64_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t uint64_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint32_t chain_count(const struct store *store)
{
    return atomic_load_explicit(&store->segment_count, memory_order_acquire); /* [S] */
}

/* Commit thread, or while nobody else has the store. */
static struct segment *chain_newest(const struct store *store)
{
    uint32_t count = atomic_load_explicit(&store->segment_count, memory_order_relaxed);
    return count == 0 ? NULL : store->segments[count - 1];
}

static void chain_add(struct store *store, struct segment *segment)
{
    uint32_t count = atomic_load_explicit(&store->segment_count, memory_order_relaxed);
    assert(count < SEGMENT_COUNT_MAX);
    store->segments[count] = segment;
    /* [S] a scan may now use the segment */
    atomic_store_explicit(&store->segment_count, count + 1, memory_order_release);
}

static void commit_publish(struct store *store, const struct commit_record *commit)
{
    store->commit = *commit;
    /* [P] a scan may now read up to here */
    atomic_store_explicit(&store->position_next, commit->position_next, memory_order_release);
}

/* The newest segment that begins at or before the position; the oldest when all begin after it. An
 * empty segment that was passed over for a larger one begins where its successor does. */
static const struct segment *chain_holding(const struct store *store, uint64_t position)
{
    uint32_t low = 0;
    uint32_t high = chain_count(store);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (store->segments[middle]->format.position_first <= position) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return store->segments[low];
}

static enum status link_check(const struct store *store, const struct segment *segment,
                              char message_out[STORE_MESSAGE_SIZE])
{
    const struct segment *before = chain_newest(store);
    if (before == NULL) {
        return STATUS_OK;
    }
    if (segment->format.hash_key != before->format.hash_key) {
        store_message(message_out, "%s belongs to another data directory; move it away",
                      segment->data_path.text);
        return STATUS_FOREIGN;
    }
    if (segment->format.position_first != store->commit.position_next ||
        segment->format.previous != store->commit.last_checksum) {
        return segment_damaged(segment, "it does not continue segment", before->format.number,
                               message_out);
    }
    return STATUS_OK;
}

static enum status chain_open_one(struct store *store, uint64_t number, enum segment_mode mode,
                                  char message_out[STORE_MESSAGE_SIZE])
{
    struct segment *segment = NULL;
    struct commit_record commit;
    enum status status =
        segment_open(&segment, store->segments_folder.text, number, mode, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    status = link_check(store, segment, message_out);
    if (status == STATUS_OK) {
        status = segment_commit_record(segment, &commit, message_out);
    }
    if (status != STATUS_OK) {
        segment_close(segment);
        return status;
    }
    chain_add(store, segment);
    commit_publish(store, &commit);
    return STATUS_OK;
}

static enum status chain_open(struct store *store, const struct segment_list *list,
                              char message_out[STORE_MESSAGE_SIZE])
{
    if (list->count > SEGMENT_COUNT_MAX) {
        store_message(message_out, "%s holds more than %d segments", store->segments_folder.text,
                      SEGMENT_COUNT_MAX);
        return STATUS_FULL;
    }
    enum segment_mode newest = store->settings.read_only ? SEGMENT_READ_LIVE : SEGMENT_WRITE;
    for (uint64_t i = 0; i < list->count; i++) {
        enum segment_mode mode = i + 1 == list->count ? newest : SEGMENT_READ_SEALED;
        enum status status = chain_open_one(store, list->first + i, mode, message_out);
        if (status != STATUS_OK) {
            return status;
        }
    }
    store->hash_key = chain_newest(store)->format.hash_key;
    store->created_ns = chain_newest(store)->format.created_ns;
    return segment_absences(chain_newest(store), &store->absences, message_out);
}

static enum status chain_begin(struct store *store, int64_t now_ns,
                               char message_out[STORE_MESSAGE_SIZE])
{
    store->hash_key = hash_key_random();
    store->created_ns = now_ns;
    struct segment_format format = {.hash_key = store->hash_key, .created_ns = now_ns, .number = 1};
    struct commit_record commit = {0};
    struct segment_snapshot snapshot = {.commit = &commit, .absences = &store->absences};
    struct segment *segment = NULL;
    enum status status =
        segment_create(&segment, store->segments_folder.text, &format,
                       store->settings.segment_bytes_first, &snapshot, message_out);
    if (status == STATUS_OK) {
        chain_add(store, segment);
        commit_publish(store, &commit);
    }
    return status;
}

static enum status newest_settle(struct store *store, char message_out[STORE_MESSAGE_SIZE])
{
    const struct segment *newest = chain_newest(store);
    int dead = 0;
    /* Slots of readers that were killed would keep pages from being used again. */
    int code = mdb_reader_check(newest->env, &dead);
    if (code != 0) {
        return store_fail(message_out, code, "cannot check the readers of", newest->data_path.text);
    }
    enum status status = data_file_reserve(newest->data_path.text, newest->map_bytes, message_out);
    /* A process killed between writing a commit and flushing it leaves it in the kernel's cache. From
     * now on it is answered for (a repeat of it is a duplicate), so it must be on disk. */
    return status == STATUS_OK ? path_sync(newest->data_path.text, message_out) : status;
}

static enum status names_open(struct store *store, char message_out[STORE_MESSAGE_SIZE])
{
    /* A bound that was lowered makes the table full; it does not lock anybody out of the data. */
    uint32_t names_max = store->settings.names_max;
    uint32_t name_count = store->commit.name_count;
    enum status status = name_table_open(
        &store->names, names_max > name_count ? names_max : name_count, store->hash_key);
    if (status != STATUS_OK) {
        store_message(message_out, "no memory for a table of %" PRIu32 " names", names_max);
        return status;
    }
    return name_records_load(chain_newest(store), name_count, store->names, message_out);
}

/* The lock, taken before anything is changed; what the folder holds is looked at again under it. */
static enum status writer_enter(struct store *store, struct segment_list *list_out,
                                char message_out[STORE_MESSAGE_SIZE])
{
    const char *directory = store->settings.directory;
    enum status status = directory_make(directory, message_out);
    if (status == STATUS_OK) {
        status = directory_lock(directory, &store->lock_fd, message_out);
    }
    if (status == STATUS_OK) {
        status = directory_remove_leftovers(directory, message_out);
    }
    return status == STATUS_OK ? directory_list(directory, list_out, message_out) : status;
}

static enum status store_open_in(struct store *store, int64_t now_ns,
                                 char message_out[STORE_MESSAGE_SIZE])
{
    struct segment_list list = {0};
    enum status status = directory_list(store->settings.directory, &list, message_out);
    if (!store->settings.read_only && (status == STATUS_OK || status == STATUS_NOT_FOUND)) {
        status = writer_enter(store, &list, message_out);
    }
    if (status == STATUS_OK) {
        status = chain_open(store, &list, message_out);
    } else if (status == STATUS_NOT_FOUND && !store->settings.read_only) {
        status = chain_begin(store, now_ns, message_out);
    }
    if (status == STATUS_OK && !store->settings.read_only) {
        status = newest_settle(store, message_out);
    }
    return status == STATUS_OK ? names_open(store, message_out) : status;
}

/* LMDB allocates the pages of every large value anew and frees them after the commit. Without a
 * word from us glibc gives them back to the kernel each time, and each commit pays for fresh zeroed
 * pages: 170,000 page faults instead of 2,600 for 16 M events in commits of four full batches. The
 * price is at most HEAP_KEPT_BYTES per thread that commits. */
static void heap_settle(void)
{
    mallopt(M_MMAP_THRESHOLD, HEAP_KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT_BYTES);
}

static uint64_t segment_bytes_round(uint64_t bytes)
{
    uint64_t rounded = (bytes + 0xFFFF) & ~UINT64_C(0xFFFF);
    return uint64_max(rounded, SEGMENT_BYTES_MIN);
}

enum status store_open(struct store **store_out, const struct store_settings *settings,
                       int64_t now_ns, char message_out[STORE_MESSAGE_SIZE])
{
    struct store *store = calloc(1, sizeof(*store));
    if (store == NULL) {
        return store_fail(message_out, ENOMEM, "cannot open", settings->directory);
    }
    store->settings = *settings;
    store->settings.segment_bytes_first = segment_bytes_round(settings->segment_bytes_first);
    store->settings.segment_bytes_max = uint64_max(segment_bytes_round(settings->segment_bytes_max),
                                                   store->settings.segment_bytes_first);
    store->lock_fd = -1;
    message_out[0] = '\0';
    if (!settings->read_only) {
        heap_settle();
    }
    enum status status =
        path_join(&store->segments_folder, settings->directory, "segments", message_out);
    if (status == STATUS_OK) {
        status = store_open_in(store, now_ns, message_out);
    }
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    store->settings.directory = NULL; /* the caller's; segments_folder is ours */
    *store_out = store;
    return STATUS_OK;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    uint32_t count = chain_count(store);
    for (uint32_t i = 0; i < count; i++) {
        segment_close(store->segments[i]);
    }
    if (store->names != NULL) {
        name_table_close(store->names);
    }
    span_set_fini(&store->absences);
    /* Last: until now nobody else may write. */
    if (store->lock_fd >= 0) {
        close(store->lock_fd);
    }
    free(store);
}

struct name_table *store_names(struct store *store)
{
    return store->names;
}

void store_counters(const struct store *store, struct store_counters *counters_out)
{
    *counters_out = store->commit.counters;
}

void store_info(struct store *store, struct store_info *info_out)
{
    uint32_t count = chain_count(store);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += segment_bytes(store->segments[i]);
    }
    *info_out = (struct store_info){
        .segment_count = count,
        .bytes = bytes,
        .position_first = store->segments[0]->format.position_first,
        /* [P] the caller may scan up to it */
        .position_next = atomic_load_explicit(&store->position_next, memory_order_acquire),
        .hash_key = store->hash_key,
        .created_ns = store->created_ns,
    };
}

static uint64_t pages_to_bytes(uint64_t pages)
{
    return segment_bytes_round(pages * (uint64_t)sysconf(_SC_PAGESIZE));
}

/* Pages of the snapshot that a new segment opens with, and of what is to be committed into it. */
static uint64_t roll_pages(const struct store *store, const struct segment_append *append)
{
    struct commit_record snapshot = {.name_count = store->commit.name_count};
    struct segment_append names = {
        .names = store->names, .name_first = 1, .commit = &snapshot, .absences = &store->absences};
    return segment_append_pages(&names) + segment_append_pages(append);
}

static enum status roll_to(struct store *store, uint64_t map_bytes,
                           char message_out[STORE_MESSAGE_SIZE])
{
    struct segment_format format = {
        .hash_key = store->hash_key,
        .created_ns = store->created_ns,
        .number = chain_newest(store)->format.number + 1,
        .position_first = store->commit.position_next,
        .previous = store->commit.last_checksum,
    };
    struct segment_snapshot snapshot = {&store->commit, store->names, &store->absences};
    struct segment *segment = NULL;
    enum status status = segment_create(&segment, store->segments_folder.text, &format, map_bytes,
                                        &snapshot, message_out);
    if (status == STATUS_OK) {
        chain_add(store, segment);
    }
    return status;
}

/* The next segment: twice as large as the newest, or as the commit needs; smaller when the disk has
 * no room for that, down to what the commit needs. */
static enum status roll(struct store *store, const struct segment_append *append,
                        char message_out[STORE_MESSAGE_SIZE])
{
    if (chain_newest(store)->format.number - store->segments[0]->format.number + 1 >=
        SEGMENT_COUNT_MAX) {
        store_message(message_out, "%s holds %d segments already", store->segments_folder.text,
                      SEGMENT_COUNT_MAX);
        return STATUS_NO_SPACE;
    }
    uint64_t least =
        uint64_max(pages_to_bytes(roll_pages(store, append)),
                   uint64_min(store->settings.segment_bytes_first, chain_newest(store)->map_bytes));
    uint64_t wanted = uint64_max(
        least, uint64_min(chain_newest(store)->map_bytes * 2, store->settings.segment_bytes_max));
    enum status status = roll_to(store, wanted, message_out);
    while (status == STATUS_NO_SPACE && wanted > least) {
        wanted = uint64_max(least, segment_bytes_round(wanted / 2));
        status = roll_to(store, wanted, message_out);
    }
    return status;
}

static enum status append_or_roll(struct store *store, const struct segment_append *append,
                                  char message_out[STORE_MESSAGE_SIZE])
{
    if (segment_has_room(chain_newest(store), segment_append_pages(append))) {
        enum status status = segment_append(chain_newest(store), append, message_out);
        if (status != STATUS_FULL) {
            return status;
        }
    }
    enum status status = roll(store, append, message_out);
    return status == STATUS_OK ? segment_append(chain_newest(store), append, message_out) : status;
}

/* The committer numbers events without gaps: that is our invariant, not the world's. */
static enum status batches_check(const struct store *store, struct batch *const *batches,
                                 uint32_t batch_count, uint64_t *position_next_out,
                                 char message_out[STORE_MESSAGE_SIZE])
{
    uint64_t position = store->commit.position_next;
    for (uint32_t i = 0; i < batch_count; i++) {
        const struct batch *batch = batches[i];
        if (batch->event_count > BATCH_EVENTS_MAX || batch->text_length > BATCH_TEXT_MAX) {
            store_message(message_out,
                          "a batch of %" PRIu32 " events and %" PRIu32 " bytes of text "
                          "is too large",
                          batch->event_count, batch->text_length);
            return STATUS_INVALID;
        }
        assert(batch->event_count == 0 || batch->position == position);
        position += batch->event_count;
    }
    *position_next_out = position;
    return STATUS_OK;
}

static enum status commit_run(struct store *store, struct segment_append *append,
                              char message_out[STORE_MESSAGE_SIZE])
{
    if (store->absences_changed) {
        append->absences = &store->absences;
    }
    enum status status = segment_intact(chain_newest(store), message_out);
    if (status == STATUS_OK) {
        status = append_or_roll(store, append, message_out);
    }
    if (status == STATUS_OK) {
        store->absences_changed = false;
        commit_publish(store, append->commit);
        return STATUS_OK;
    }
    if (status == STATUS_NO_SPACE) {
        return STATUS_NO_SPACE;
    }
    /* Whatever else it was: the caller may not trust the disk any more. */
    store->failed = true;
    return STATUS_IO;
}

enum status store_commit(struct store *store, struct batch *const *batches, uint32_t batch_count,
                         uint32_t names_from, const struct store_counters *counters,
                         char message_out[STORE_MESSAGE_SIZE])
{
    assert(!store->settings.read_only);
    assert(names_from <= store->commit.name_count);
    struct commit_record commit = store->commit;
    if (store->failed) {
        store_message(message_out, "an earlier commit to %s failed; nothing is written any more",
                      store->segments_folder.text);
        return STATUS_IO;
    }
    enum status status =
        batches_check(store, batches, batch_count, &commit.position_next, message_out);
    if (status != STATUS_OK) {
        return status;
    }
    commit.commit_number++;
    commit.name_count = name_count(store->names);
    commit.counters = *counters;
    struct segment_append append = {
        .batches = batches,
        .batch_count = batch_count,
        .names = store->names,
        .name_first = store->commit.name_count + 1,
        .commit = &commit,
    };
    return commit_run(store, &append, message_out);
}

const struct span_set *store_absences(const struct store *store)
{
    return &store->absences;
}

int64_t store_absent_ns(const struct store *store)
{
    return span_set_measure(&store->absences, (struct span){0, INT64_MAX});
}

enum status store_note_absence(struct store *store, struct span absence,
                               char message_out[STORE_MESSAGE_SIZE])
{
    struct store_counters counters = store->commit.counters;
    absences_add(&store->absences, absence);
    store->absences_changed = true;
    return store_commit(store, NULL, 0, store->commit.name_count, &counters, message_out);
}

static enum status scan_one(struct store *store, struct segment_reader *reader, uint64_t *position,
                            struct span times, struct batch *batch,
                            char message_out[STORE_MESSAGE_SIZE])
{
    const struct segment *segment = chain_holding(store, *position);
    enum status status =
        segment_reader_batch(reader, segment, *position, times, batch, position, message_out);
    if (status == STATUS_NOT_FOUND) {
        /* It was committed: position_next says so. */
        return segment_damaged(segment, "it lacks the batch at position", *position, message_out);
    }
    return status;
}

static enum status scan_run(struct store *store, struct segment_reader *reader, uint64_t position,
                            uint64_t position_end, struct span times, struct batch *batch,
                            store_visit *visit, void *context, char message_out[STORE_MESSAGE_SIZE])
{
    for (;;) {
        uint64_t position_next =
            atomic_load_explicit(&store->position_next, memory_order_acquire); /* [P] */
        uint64_t end = uint64_min(position_end, position_next);
        if (position >= end) {
            return STATUS_OK;
        }
        enum status status = scan_one(store, reader, &position, times, batch, message_out);
        if (status != STATUS_OK) {
            return status;
        }
        if (batch->event_count != 0 && (batch->position >= end || !visit(context, batch))) {
            return STATUS_OK;
        }
    }
}

enum status store_scan_times(struct store *store, uint64_t position_from, uint64_t position_end,
                             struct span times, struct batch *batch, store_visit *visit,
                             void *context, char message_out[STORE_MESSAGE_SIZE])
{
    struct segment_reader reader;
    segment_reader_init(&reader);
    uint64_t oldest = store->segments[0]->format.position_first;
    enum status status = scan_run(store, &reader, uint64_max(position_from, oldest), position_end,
                                  times, batch, visit, context, message_out);
    segment_reader_fini(&reader);
    return status;
}

enum status store_scan(struct store *store, uint64_t position_from, uint64_t position_end,
                       struct batch *batch, store_visit *visit, void *context,
                       char message_out[STORE_MESSAGE_SIZE])
{
    return store_scan_times(store, position_from, position_end, (struct span){INT64_MIN, INT64_MAX},
                            batch, visit, context, message_out);
}
