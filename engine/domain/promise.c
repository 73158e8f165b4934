#include "domain/promise.h"

/* Hours are not laid out beyond it. */
#define FAR_FUTURE_NS (INT64_MAX - 400 * NS_PER_DAY)

/* Does the clock run at the instant? end_out: until when that stays so. */
static bool clock_runs(const struct promise *promise, int64_t ns, int64_t *end_out)
{
    *end_out = INT64_MAX;
    if (promise->hours == NULL) {
        return true;
    }
    struct span same;
    bool runs = hours_hold(promise->hours, promise->zone, ns, &same);
    *end_out = same.end_ns;
    return runs;
}

int64_t promise_limit(const struct promise *promise, const struct span *stretches, uint32_t count)
{
    int64_t left_ns = promise->within_ns;
    for (uint32_t i = 0; i < count; i++) {
        int64_t ns = stretches[i].start_ns > 0 ? stretches[i].start_ns : 0;
        while (ns < stretches[i].end_ns && ns < FAR_FUTURE_NS) {
            int64_t end_ns;
            bool runs = clock_runs(promise, ns, &end_ns);
            if (end_ns > stretches[i].end_ns) {
                end_ns = stretches[i].end_ns;
            }
            if (runs && left_ns <= end_ns - ns) {
                return ns + left_ns;
            }
            left_ns -= runs ? end_ns - ns : 0;
            ns = end_ns;
        }
    }
    return INT64_MAX;
}

struct decision promise_decide(int64_t limit_ns, int64_t answered_ns)
{
    if (answered_ns != INT64_MAX && answered_ns <= limit_ns) {
        return (struct decision){answered_ns, true};
    }
    return (struct decision){limit_ns == INT64_MAX ? INT64_MAX : limit_ns - 1, false};
}
