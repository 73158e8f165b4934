/* The data directory: whose it is, who holds it, which segments it has.
 *
 *   DATA/lock               flock'ed by the daemon; holds its pid as text
 *   DATA/segments/NNNNNNNNNN      ten digits, consecutive; the oldest need not be 1
 *   DATA/segments/NNNNNNNNNN.new  half-made; removed at start
 *
 * Not here: what is in a segment (segment.h). Other entries of DATA are left alone, but a directory
 * that has entries and no segments/ is taken for somebody else's and is not touched.
 */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

#include <limits.h>

#include "store/store.h"

struct path {
    char text[PATH_MAX];
};

/* "DIRECTORY/ENTRY"; STATUS_INVALID when it is too long. */
must_check enum status path_join(struct path *path_out, const char *directory, const char *entry,
                                 char message_out[STORE_MESSAGE_SIZE]);

#define SEGMENT_NAME_SIZE 16
/* "0000000001" */
void segment_name(uint64_t number, char name_out[SEGMENT_NAME_SIZE]);

/* Consecutive numbers: first .. first + count - 1. */
struct segment_list {
    uint64_t first;
    uint64_t count;
};

/* Looks only. STATUS_OK; STATUS_NOT_FOUND: nothing there yet, it may be made; STATUS_FOREIGN;
 * STATUS_DAMAGED: a gap in the chain. `.new` leftovers are passed over. */
must_check enum status directory_list(const char *directory, struct segment_list *list_out,
                                      char message_out[STORE_MESSAGE_SIZE]);

/* Makes what is missing (0700), durably. Only after directory_list said OK or NOT_FOUND. */
must_check enum status directory_make(const char *directory, char message_out[STORE_MESSAGE_SIZE]);

/* STATUS_BUSY names the holder. The lock ends with close(fd). */
must_check enum status directory_lock(const char *directory, int *fd_out,
                                      char message_out[STORE_MESSAGE_SIZE]);

/* The lock must be held. Afterwards the list of segments is on disk as it was found. */
must_check enum status directory_remove_leftovers(const char *directory,
                                                  char message_out[STORE_MESSAGE_SIZE]);

/* Removes a segment's folder and the two files in it; other content stays, and the folder with it.
 */
void segment_folder_remove(const char *folder);

#endif
