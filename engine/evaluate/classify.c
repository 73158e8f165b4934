#include "evaluate/classify.h"

static bool status_holds(const struct good_rule *rule, uint16_t status)
{
    if (rule->status_default) {
        return status < 500; /* also 0, none given: nothing says that it failed */
    }
    for (uint32_t i = 0; i < rule->status_count; i++) {
        if (rule->status[i].low <= status && status <= rule->status[i].high) {
            return true;
        }
    }
    return rule->status_count == 0;
}

static bool latency_holds(const struct good_rule *rule, uint64_t latency_ns)
{
    if (!rule->latency_given) {
        return true;
    }
    if (latency_ns == LATENCY_NONE) {
        return false; /* a limit that nobody measured is not shown to hold */
    }
    return rule->latency_inclusive ? latency_ns <= rule->latency_ns : latency_ns < rule->latency_ns;
}

static bool is_good(const struct good_rule *rule, const struct event *event)
{
    bool served;
    if (event->outcome != OUTCOME_NONE) {
        served = event->outcome == OUTCOME_GOOD; /* the sender's word wins over the status */
    } else {
        served = !rule->outcome_required && status_holds(rule, event->status);
    }
    return served && latency_holds(rule, event->latency_ns);
}

static struct class_counts good_and_bad(const struct good_rule *rule, const struct event *event)
{
    uint64_t good = 0;
    if ((event->flags & EVENT_COUNTED) != 0) {
        good = latency_holds(rule, event->latency_ns) ? event->good : 0;
    } else if (is_good(rule, event)) {
        good = event->total;
    }
    return (struct class_counts){COUNTER_GOOD, COUNTER_BAD, good, event->total - good};
}

static struct class_counts all_as(enum counter counter, const struct event *event)
{
    return (struct class_counts){counter, counter, event->total, 0};
}

struct class_counts classify_request(const struct agreement *agreement,
                                     const struct objective *objective, struct aside_masks masks,
                                     const struct event *event)
{
    if ((event->flags & EVENT_OUT_OF_SCOPE) != 0) {
        return all_as(COUNTER_OUT_OF_SCOPE, event);
    }
    if (event->outcome == OUTCOME_EXCLUDED) {
        return all_as(counter_of_aside((enum aside)event->aside), event);
    }
    if (masks.exclusion) {
        return all_as(masks.maintenance ? COUNTER_MAINTENANCE_EXCLUSION : COUNTER_EXCLUSION, event);
    }
    if (masks.off_hours) {
        return all_as(masks.maintenance ? COUNTER_MAINTENANCE_HOURS : COUNTER_HOURS, event);
    }
    if (!span_holds(agreement->term, event->occurred_ns)) {
        return all_as(masks.maintenance ? COUNTER_MAINTENANCE_TERM : COUNTER_TERM, event);
    }
    struct class_counts counts = good_and_bad(&objective->good, event);
    if (masks.maintenance) {
        counts.first = COUNTER_MAINTENANCE_GOOD;
        counts.second = COUNTER_MAINTENANCE_BAD;
    }
    return counts;
}

struct class_counts classify_plainly(const struct event *event)
{
    static const struct good_rule rule = {.status_default = true};
    if ((event->flags & EVENT_OUT_OF_SCOPE) != 0) {
        return all_as(COUNTER_OUT_OF_SCOPE, event);
    }
    if (event->outcome == OUTCOME_EXCLUDED) {
        return all_as(counter_of_aside((enum aside)event->aside), event);
    }
    return good_and_bad(&rule, event);
}
