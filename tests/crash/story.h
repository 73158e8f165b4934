/* What the recorded program commits: everything follows from (seed, step), so that the checker needs
 * no record of it.
 *
 *   step 0  the store is there and empty
 *   step i  one commit: 1 to 3 batches (tiny, or on pages of their own; some empty), new names (now and
 *           then a hundred), counters; every 17th instead notes an absence
 */
#ifndef CRASH_STORY_H
#define CRASH_STORY_H

#include "store/store.h"

#define STORY_STEPS_MAX 1000

/* After a step. */
struct story_state {
    uint64_t position;
    uint64_t received; /* counts commits of events */
    uint32_t names;
    uint32_t absences;
};

struct story {
    uint64_t seed;
    struct story_state after[STORY_STEPS_MAX + 1];
    struct batch *batches[3];
    struct batch *read; /* for the checker */
};

/* splitmix64 */
uint64_t random_next(uint64_t *state);

void story_init(struct story *story, uint64_t seed);
void story_fini(struct story *story);

must_check enum status story_open(struct store **store_out, const char *directory,
                                  char message_out[STORE_MESSAGE_SIZE]);
/* Does the step, which must follow what the store holds. */
must_check enum status story_commit(struct story *story, struct store *store, uint32_t step,
                                    char message_out[STORE_MESSAGE_SIZE]);
/* The step after which a store is as this one by its counters. */
uint64_t story_step_of(const struct store *store);
/* NULL: all that the store holds is what it must be after the step. Else what is not. */
const char *story_difference(struct story *story, struct store *store, uint32_t step,
                             char message_out[STORE_MESSAGE_SIZE]);

#endif
