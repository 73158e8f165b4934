/* A model of a disk with a cache in front of it: replays a log (record.h) and makes the folders that a
 * power loss may leave.
 *
 *   each file:   bytes on disk  +  changes not yet flushed, cut into pieces of one 512-byte sector
 *   each folder: names on disk  +  names made, removed and moved, not yet flushed
 *
 * What is promised is only what POSIX says: a flush of a file covers its bytes and size, not its name; a
 * flush of a folder covers the names in it, not what is in the files; a write through an O_DSYNC descriptor
 * covers itself only. Of the rest any subset may have reached the disk, in any order; a sector is old or
 * new, never half. Names may also obey the order of a journal.
 */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash/record.h"

struct log_entry {
    struct record record;
    char path[128];
    char second[128];
    const uint8_t *payload; /* borrowed from the log's bytes */
};

struct crash_log {
    uint8_t *bytes;
    struct log_entry *entries;
    size_t count;
};

/* Ends the program when the log cannot be read. */
void crash_log_read(struct crash_log *log, const char *path);
void crash_log_fini(struct crash_log *log);

enum keep { KEEP_NONE, KEEP_ALL, KEEP_SOME };

struct disk;
struct disk *disk_new(void);
void disk_free(struct disk *disk);
void disk_apply(struct disk *disk, const struct log_entry *entry);

size_t disk_unflushed_sectors(const struct disk *disk);
size_t disk_unflushed_names(const struct disk *disk);
/* Are names in the folder not flushed yet, or does one of them end so? */
bool disk_folder_changing(const struct disk *disk, const char *folder, const char *suffix);

/* Writes one state below `folder`, which is there and empty. */
void disk_write(const struct disk *disk, const char *folder, enum keep keep, uint64_t seed);
/* NULL: `folder` is what a program sees, but for files called `but`. Else the name of what differs. */
const char *disk_difference(const struct disk *disk, const char *folder, const char *but);

#endif
