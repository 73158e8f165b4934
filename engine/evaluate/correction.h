/* What `outcome` events said of requests after they happened, by the requests' fingerprints. The
 * last word by (time, position) on a request holds. The set of the corrected is small and the
 * requests are many: where it is empty a request costs one comparison. One owner thread. */
#ifndef EVALUATE_CORRECTION_H
#define EVALUATE_CORRECTION_H

#include "domain/event.h"

struct correction {
    uint64_t fingerprint; /* 0: an empty slot */
    int64_t time_ns;
    uint64_t position;
    enum outcome outcome;
};

struct correction_table {
    struct correction *slots; /* open addressing */
    uint32_t slot_count;
    uint32_t count;
};

/* More corrected requests than this are not remembered. */
#define CORRECTIONS_MAX (1u << 20)

void correction_table_fini(struct correction_table *table);
/* NULL: nothing was said. */
const struct correction *correction_find(const struct correction_table *table,
                                         uint64_t fingerprint);
/* Does the word replace what is known? */
bool correction_is_last(const struct correction *known, const struct correction *word);
void correction_put(struct correction_table *table, const struct correction *word);
/* The event as it stands after the correction (NULL: as it was sent); *room may be written. */
const struct event *correction_apply(const struct correction *correction, const struct event *event,
                                     struct event *room);

#endif
