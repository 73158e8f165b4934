/* One commit into one segment: how much room it needs, and doing it. Commit thread only.
 *
 * All or nothing: batches, names and the commit record are one transaction.
 */
#ifndef STORE_SEGMENT_APPEND_H
#define STORE_SEGMENT_APPEND_H

#include "store/segment.h"

/* What one commit writes. */
struct segment_append {
    struct batch *const *batches; /* those without events are passed over */
    uint32_t batch_count;
    const struct name_table *names; /* name_first .. commit->name_count are written */
    uint32_t name_first;
    const struct span_set *absences; /* written where they have changed; NULL: they have not */
    /* The record after this commit, but for last_checksum, which starts as that of the newest
     * batch. */
    struct commit_record *commit;
};

/* An upper bound on the pages that the commit needs. */
uint64_t segment_append_pages(const struct segment_append *append);
bool segment_has_room(const struct segment *segment, uint64_t pages);

/* STATUS_FULL, STATUS_NO_SPACE: certainly nothing stored. Any other failure: the outcome is
 * unknown. */
must_check enum status segment_append(struct segment *segment, const struct segment_append *append,
                                      char message_out[STORE_MESSAGE_SIZE]);

#endif
