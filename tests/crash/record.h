/* The log of what a program told the disk: written by record.c, replayed by disk.c.
 *
 *   record | path | second path | payload      record | ...
 *
 * In the order in which the calls returned. A write through an O_DSYNC descriptor is two records, the
 * write and the flush of its range, so that a crash may fall between them.
 */
#ifndef CRASH_RECORD_H
#define CRASH_RECORD_H

#include <stdint.h>

/* Environment of a recorded program. Paths below the root are recorded; they must be spelled with it. */
#define RECORD_LOG_VARIABLE  "NINES_RECORD_LOG"  /* appended to: several lives, one log */
#define RECORD_ROOT_VARIABLE "NINES_RECORD_ROOT" /* no slash at its end */
#define RECORD_STOP_VARIABLE "NINES_RECORD_STOP" /* SIGKILL after so many records of this life */

/* write(RECORD_MARK_FD, &u64, 8): "acknowledged up to here". No descriptor, so that without the recorder
 * nothing happens. */
#define RECORD_MARK_FD (-77)

#define RECORD_MAGIC UINT32_C(0x4e524543)

enum record_kind {
    RECORD_LIFE,       /* a program began; inode: the root's */
    RECORD_CREATE,     /* path, inode: an empty file */
    RECORD_MKDIR,      /* path, inode */
    RECORD_RENAME,     /* path to second path */
    RECORD_UNLINK,     /* path: a file or an empty folder */
    RECORD_WRITE,      /* inode, offset, payload */
    RECORD_RANGE_SYNC, /* inode, offset, length: those bytes are on disk */
    RECORD_TRUNCATE,   /* inode, offset: the new size */
    RECORD_SYNC,       /* inode: fsync or fdatasync, of a file or a folder */
    RECORD_MARK,       /* offset: the value */
    RECORD_KIND_COUNT
};

struct record {
    uint32_t magic;
    uint32_t kind;
    uint64_t inode;
    uint64_t offset;
    uint64_t length; /* of the payload; of the range */
    uint32_t path_length;
    uint32_t second_length;
};

#endif
