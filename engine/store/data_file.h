/* A segment's data.mdb, seen without LMDB.
 *
 * Why: LMDB trusts its files. One that is short, or whose meta page names pages beyond its end,
 * ends in SIGBUS; so the two meta pages are read with pread and checked before LMDB may map the
 * file. What lies behind them is the business of verify.h's child process. Nothing is written.
 *
 * A meta page of LMDB 0.9 (lmdb's mdb.c, MDB_page and MDB_meta; 64-bit, little-endian), by offset:
 *   0 page number u64 | 10 flags u16, 8 = meta | 16 magic u32 BEEFC0DE | 20 version u32, 1 | 32 map
 * size 40 page size u32 | 40 + 48*i table i (0 free list, 1 main), its root at +40 | 136 last page
 * | 144 txn id
 */
#ifndef STORE_DATA_FILE_H
#define STORE_DATA_FILE_H

#include "store/store.h"

struct data_file {
    uint64_t map_bytes;
    uint64_t page_size;
    uint64_t page_count; /* in use, by the newer meta page */
};

/* STATUS_DAMAGED (short, truncated, not LMDB), STATUS_FOREIGN (not a plain file), STATUS_NOT_FOUND,
 * STATUS_DENIED. */
must_check enum status data_file_check(const char *path, struct data_file *file_out,
                                       char message_out[STORE_MESSAGE_SIZE]);

/* Makes an empty file with its blocks set aside, so that a full disk shows here and not in a
 * commit. STATUS_NO_SPACE when they are not to be had; the file is then gone again. */
must_check enum status data_file_make(const char *path, uint64_t map_bytes,
                                      char message_out[STORE_MESSAGE_SIZE]);
/* Sets the blocks of an existing file aside: a no-op but for a file restored from a sparse copy. */
must_check enum status data_file_reserve(const char *path, uint64_t map_bytes,
                                         char message_out[STORE_MESSAGE_SIZE]);
/* fsync, of a file or a folder. */
must_check enum status path_sync(const char *path, char message_out[STORE_MESSAGE_SIZE]);

#endif
