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

/* A latency that nobody measured is not shown to be above the limit. */
static bool is_slow(const struct good_rule *rule, uint64_t latency_ns)
{
    if (!rule->latency_given || latency_ns == LATENCY_NONE) {
        return false;
    }
    return rule->latency_inclusive ? latency_ns >= rule->latency_ns : latency_ns > rule->latency_ns;
}

/* Of the requests of an event, whose sender or status says that `failed` of them failed, those that a
 * rule of bad ones holds of. Where only latency is asked a failure is bad too. */
static uint64_t bad_of(const struct good_rule *rule, const struct event *event, uint64_t failed)
{
    bool slow = is_slow(rule, event->latency_ns);
    if (rule->status_count == 0 && !rule->outcome_required) {
        return slow ? event->total : failed;
    }
    return rule->latency_given && !slow ? 0 : failed;
}

static struct class_counts without_the_bad(const struct good_rule *rule, const struct event *event)
{
    uint64_t failed = 0;
    if ((event->flags & EVENT_COUNTED) != 0) {
        failed = event->total - event->good;
    } else if (event->outcome != OUTCOME_NONE) {
        failed = event->outcome == OUTCOME_BAD ? event->total : 0;
    } else if (rule->status_count != 0 && !rule->outcome_required) {
        failed = status_holds(rule, event->status) ? event->total : 0;
    }
    uint64_t bad = bad_of(rule, event, failed);
    return (struct class_counts){COUNTER_GOOD, COUNTER_BAD, event->total - bad, bad};
}

struct class_counts classify_by_rule(const struct good_rule *rule, const struct event *event)
{
    uint64_t good = 0;
    if (rule->describes_bad) {
        return without_the_bad(rule, event);
    }
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

/* Before the first version, as before the term, nothing is promised, and that is said; all else
 * belongs to the version that is in force then. */
static bool belongs_to_another(const struct objective *objective, int64_t ns)
{
    return ns >= objective->in_force.end_ns ||
           (ns < objective->in_force.start_ns && !objective->is_first);
}

struct class_counts classify_request(const struct agreement *agreement,
                                     const struct objective *objective, struct aside_masks masks,
                                     const struct event *event)
{
    if (belongs_to_another(objective, event->occurred_ns)) {
        return (struct class_counts){COUNTER_GOOD, COUNTER_BAD, 0, 0};
    }
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
    if (!span_holds(objective_judged(agreement, objective), event->occurred_ns)) {
        return all_as(masks.maintenance ? COUNTER_MAINTENANCE_TERM : COUNTER_TERM, event);
    }
    struct class_counts counts = classify_by_rule(&objective->good, event);
    if (masks.maintenance) {
        counts.first = COUNTER_MAINTENANCE_GOOD;
        counts.second = COUNTER_MAINTENANCE_BAD;
    }
    return counts;
}

bool classify_takes(const struct total_rule *total, const struct event *event,
                    const struct name_table *names)
{
    bool standing = (event->flags & EVENT_STANDING) != 0;
    if (total->request_class != CLASS_ANY && standing != (total->request_class == CLASS_STANDING)) {
        return false;
    }
    return total->customer == NULL || (event->customer != NAME_NONE &&
                                       text_is(name_text(names, event->customer), total->customer));
}

struct class_counts classify_case(const struct agreement *agreement,
                                  const struct objective *objective, struct aside_masks masks,
                                  struct span life, bool kept, uint64_t weight)
{
    enum counter counter = kept ? COUNTER_GOOD : COUNTER_BAD;
    if (belongs_to_another(objective, life.start_ns)) {
        return (struct class_counts){counter, counter, 0, 0}; /* what was promised when it began */
    }
    bool in_term = span_holds(agreement->term, life.start_ns) &&
                   span_holds(agreement->term, life.end_ns) &&
                   life.start_ns >= objective->in_force.start_ns;
    if (masks.exclusion) {
        counter = masks.maintenance ? COUNTER_MAINTENANCE_EXCLUSION : COUNTER_EXCLUSION;
    } else if (!in_term) {
        counter = masks.maintenance ? COUNTER_MAINTENANCE_TERM : COUNTER_TERM;
    } else if (masks.maintenance) {
        counter = kept ? COUNTER_MAINTENANCE_GOOD : COUNTER_MAINTENANCE_BAD;
    }
    return (struct class_counts){counter, counter, weight, 0};
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
    return classify_by_rule(&rule, event);
}
