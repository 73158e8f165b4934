/* The recorded program: does the steps of a story (story.h) and marks each one that the store
 * acknowledged. A directory that is there already is continued: then what it holds is marked first, as the
 * engine answers with it from then on.
 *
 *   crash_workload DIRECTORY SEED STEPS [early]     early: marks before it commits (mutant M01)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash/record.h"
#include "crash/story.h"

static void mark(uint64_t step)
{
    (void)!write(RECORD_MARK_FD, &step, sizeof(step));
}

int main(int argc, char **argv)
{
    static struct story story;
    char message[STORE_MESSAGE_SIZE];
    struct store *store = NULL;
    if (argc < 4) {
        return EXIT_FAILURE;
    }
    bool early = argc > 4 && strcmp(argv[4], "early") == 0;
    story_init(&story, strtoull(argv[2], NULL, 10));
    uint64_t steps = strtoull(argv[3], NULL, 10);
    enum status status = story_open(&store, argv[1], message);
    uint64_t step = 0;
    if (status == STATUS_OK) {
        step = story_step_of(store);
        mark(step);
    }
    for (uint64_t i = 0; i < steps && step < STORY_STEPS_MAX && status == STATUS_OK; i++) {
        step++;
        if (early) {
            mark(step);
        }
        status = story_commit(&story, store, (uint32_t)step, message);
        if (status == STATUS_OK && !early) {
            mark(step);
        }
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "workload: %s\n", message);
        return EXIT_FAILURE;
    }
    store_close(store);
    story_fini(&story);
    return EXIT_SUCCESS;
}
