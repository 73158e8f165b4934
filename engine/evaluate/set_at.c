#include "evaluate/set_at.h"

#include <stdlib.h>

static int64_t instant_of(const struct agreement *agreement, const struct asked_window *asked,
                          int64_t at_ns)
{
    if (asked == NULL) {
        return at_ns;
    }
    int64_t last_ns = asked_span(asked, agreement).end_ns - 1;
    return last_ns < at_ns ? last_ns : at_ns;
}

enum status set_at_open(struct set_at *at, const struct agreement_set *documents,
                        const struct asked_window *asked, int64_t at_ns)
{
    *at = (struct set_at){.set = *documents};
    at->agreements = calloc((size_t)documents->agreement_count + 1, sizeof(*at->agreements));
    if (at->agreements == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < documents->agreement_count; i++) {
        const struct agreement *agreement = &documents->agreements[i];
        at->agreements[i] = *agreement_at(agreement, instant_of(agreement, asked, at_ns));
        at->agreements[i].lives_with = agreement->lives_with;
    }
    at->set.agreements = at->agreements;
    return STATUS_OK;
}

void set_at_close(struct set_at *at)
{
    free(at->agreements);
    *at = (struct set_at){0};
}
