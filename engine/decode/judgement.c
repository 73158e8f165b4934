#include "decode/judgement.h"

static void set_aside(struct record *record, enum aside why)
{
    record->outcome = OUTCOME_EXCLUDED;
    record->aside = why;
}

void judge_access(struct record *record, bool without_method, int64_t abort_after_ns)
{
    if (record->status == 408 || (record->status == 400 && without_method)) {
        set_aside(record, ASIDE_NO_REQUEST);
        return;
    }
    if (record->status != 499 && record->status != 0) {
        return;
    }
    bool waited = record->latency_ns != LATENCY_NONE && abort_after_ns >= 0 &&
                  record->latency_ns > (uint64_t)abort_after_ns;
    if (waited) {
        record->outcome = OUTCOME_BAD;
    } else {
        set_aside(record, ASIDE_CLIENT_ABORTED);
    }
}
