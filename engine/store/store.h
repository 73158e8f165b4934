/* The log on disk: a chain of LMDB environments ("segments") in one data directory.
 *
 *   DATA/lock                            flock: one daemon at a time
 *   DATA/segments/0000000001/data.mdb    the oldest segment
 *   DATA/segments/0000000002/data.mdb    the next ...
 *   DATA/segments/NNNNNNNNNN.new/        being made: removed at start
 *
 * Each segment opens with a snapshot of names and counters, so that no commit touches two
 * environments and any prefix of the chain may be dropped.
 *
 * Tables of a segment (plain keys, MDB_INTEGERKEY where a number):
 *   log    position u64 of the first event  -> batch value (bytes: batch_codec.h)
 *   names  name u32                         -> text
 *   state  word                             -> "format": identity; "counters": store_counters;
 *                                              "absences": when the engine was not running
 *
 * Why: one batch is one value, written with MDB_APPEND | MDB_RESERVE, 5 to 10 times cheaper than a
 * put per event. LMDB runs with its default flags (no NOSYNC, NOMETASYNC, WRITEMAP: RELIABILITY
 * R1), so a commit that returned is on disk. Each batch value carries an XXH3 checksum of its own,
 * checked on every read.
 *
 * Happy path: store_open -> store_scan (all batches, in order) -> store_commit ... ->
 * store_close. Failures: a commit that fails for want of room rolls to a new segment, or answers
 * STATUS_NO_SPACE with nothing stored, and may be tried again; any other failed commit is terminal
 * (STATUS_IO): the outcome on disk is unknown, the caller must stop acknowledging and exit (R5).
 * Damage: STATUS_DAMAGED and a message that names the file; nothing is changed on disk. Not here:
 * who assigns names and positions (ingest/committer.c) and who decides about duplicates.
 *
 * Threads: one writer (commit thread). Readers use store_scan from any thread: each call opens and
 * closes its own short read transactions and copies what it hands out, so that no reader holds
 * pages back.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/status.h"
#include "domain/batch.h"
#include "domain/name.h"
#include "domain/span_set.h"

/* Totals of the data directory since its first start. */
struct store_counters {
    uint64_t received;
    uint64_t stored;
    uint64_t duplicate;
    uint64_t rejected[REJECT_COUNT];
    uint64_t shed[SHED_COUNT];
    uint64_t without_id;
    uint64_t time_from_receipt;
};

struct store;

struct store_settings {
    const char *directory; /* made (0700) when absent */
    uint32_t names_max;
    uint64_t
        segment_bytes_first; /* map size of the first segment; doubles up to segment_bytes_max */
    uint64_t segment_bytes_max;
    bool read_only; /* for `nines store ...`: takes no lock, changes nothing */
};

struct store_info {
    uint64_t segment_count;
    uint64_t bytes;          /* of all segments' files */
    uint64_t position_first; /* oldest event kept */
    uint64_t position_next;  /* one past the newest event */
    uint64_t hash_key;       /* random per data directory; names and fingerprints use it */
    int64_t created_ns;
};

/* message_out: for people, names the file and the remedy; set on every failure. */
#define STORE_MESSAGE_SIZE 512

must_check enum status store_open(struct store **store_out, const struct store_settings *settings,
                                  int64_t now_ns, char message_out[STORE_MESSAGE_SIZE]);
void store_close(struct store *store);

/* All names committed so far; the committer adds to it. Owned by the store. */
struct name_table *store_names(struct store *store);
void store_counters(const struct store *store, struct store_counters *counters_out);
void store_info(struct store *store, struct store_info *info_out);

/* One transaction: every batch with events (position, names resolved), all names from names_from +
 * 1 to the table's count, and the counters. A batch whose value turns out too large for any segment
 * is STATUS_INVALID (cannot happen with BATCH_* bounds). Commit thread only. */
must_check enum status store_commit(struct store *store, struct batch *const *batches,
                                    uint32_t batch_count, uint32_t names_from,
                                    const struct store_counters *counters,
                                    char message_out[STORE_MESSAGE_SIZE]);

/* When the engine was not running, since the directory's first start: sorted, disjoint. Owned by the
 * store; only store_note_absence changes it. */
const struct span_set *store_absences(const struct store *store);
/* All of it. */
int64_t store_absent_ns(const struct store *store);
/* Makes one more durable, which begins no earlier than the last one ended; only while nobody else
 * uses the store or its absences. With STATUS_NO_SPACE it is known, and becomes durable with the next
 * commit; any other failure is as that of a commit. */
must_check enum status store_note_absence(struct store *store, struct span absence,
                                          char message_out[STORE_MESSAGE_SIZE]);

/* Reads batches in log order into `batch` (caller's, its events and text are overwritten) and calls
 * `visit` for each; stops early when visit returns false. From the batch that holds `position_from`
 * (or the oldest) to the last one that begins before `position_end`. Any thread. */
typedef bool store_visit(void *context, const struct batch *batch);
must_check enum status store_scan(struct store *store, uint64_t position_from,
                                  uint64_t position_end, struct batch *batch, store_visit *visit,
                                  void *context, char message_out[STORE_MESSAGE_SIZE]);
/* The same, but leaves out batches none of whose events can have occurred in `times`: where little
 * is of those times, little is read. */
must_check enum status store_scan_times(struct store *store, uint64_t position_from,
                                        uint64_t position_end, struct span times,
                                        struct batch *batch, store_visit *visit, void *context,
                                        char message_out[STORE_MESSAGE_SIZE]);

/* Checks every segment in a forked child, so that a damaged file (LMDB is not memory-safe on those)
 * cannot take this process along. newest_only: what start-up does. timeout_s: the child is killed
 * after it. STATUS_OK, STATUS_DAMAGED, STATUS_FOREIGN, STATUS_VERSION, STATUS_NOT_FOUND (no
 * segments yet). */
must_check enum status store_verify(const char *directory, bool newest_only, uint32_t timeout_s,
                                    char message_out[STORE_MESSAGE_SIZE]);

#endif
