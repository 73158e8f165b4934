#include "evaluate/silence.h"

void signs_fini(struct signs *signs)
{
    span_set_fini(&signs->runs);
}

/* How many runs begin at or before the instant. */
static uint32_t runs_until(const struct span_set *runs, int64_t ns)
{
    uint32_t low = 0;
    uint32_t high = runs->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (runs->spans[middle].start_ns <= ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void insert_run(struct span_set *runs, uint32_t at, int64_t ns)
{
    span_set_add(runs, (struct span){ns, ns + 1});
    for (uint32_t i = runs->count - 1; i > at; i--) {
        runs->spans[i] = runs->spans[i - 1];
    }
    runs->spans[at] = (struct span){ns, ns + 1};
}

static void remove_run(struct span_set *runs, uint32_t at)
{
    runs->count--;
    for (uint32_t i = at; i < runs->count; i++) {
        runs->spans[i] = runs->spans[i + 1];
    }
}

void signs_take(struct signs *signs, int64_t ns)
{
    if (signs->every_ns == 0) {
        return;
    }
    struct span_set *runs = &signs->runs;
    uint32_t next = runs_until(runs, ns);
    struct span *before = next > 0 ? &runs->spans[next - 1] : NULL;
    bool joins_before = before != NULL && ns - (before->end_ns - 1) <= signs->every_ns;
    bool joins_next = next < runs->count && runs->spans[next].start_ns - ns <= signs->every_ns;
    if (joins_before && joins_next) {
        before->end_ns = runs->spans[next].end_ns;
        remove_run(runs, next);
    } else if (joins_before) {
        before->end_ns = ns >= before->end_ns ? ns + 1 : before->end_ns;
    } else if (joins_next) {
        runs->spans[next].start_ns = ns;
    } else {
        insert_run(runs, next, ns);
    }
}

int64_t signs_last(const struct signs *signs)
{
    uint32_t count = signs->runs.count;
    return count == 0 ? INT64_MIN : signs->runs.spans[count - 1].end_ns - 1;
}

bool signs_are_silent(const struct signs *signs, int64_t now_ns)
{
    int64_t last_ns = signs_last(signs);
    return last_ns != INT64_MIN && now_ns - last_ns > signs->every_ns;
}

int64_t signs_due(const struct signs *signs, int64_t now_ns)
{
    int64_t last_ns = signs_last(signs);
    bool waits = last_ns != INT64_MIN && !signs_are_silent(signs, now_ns);
    return waits ? last_ns + signs->every_ns + 1 : INT64_MAX;
}

void signs_silence(const struct signs *signs, int64_t now_ns, struct span_set *silence)
{
    const struct span_set *runs = &signs->runs;
    for (uint32_t i = 1; i < runs->count; i++) {
        span_set_add(silence,
                     (struct span){runs->spans[i - 1].end_ns - 1, runs->spans[i].start_ns});
    }
    if (signs_are_silent(signs, now_ns)) {
        span_set_add(silence, (struct span){signs_last(signs), INT64_MAX});
    }
}
