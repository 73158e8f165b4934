#include "domain/hours.h"

#include "base/panic.h"

/* Adds the stretches that begin on a local day. */
static void add_day(const struct hours *hours, const struct zone *zone, int64_t local_day,
                    struct span_set *set)
{
    for (uint32_t i = 0; i < hours->entry_count; i++) {
        const struct hours_entry *entry = &hours->entries[i];
        if ((entry->weekdays >> civil_weekday(local_day) & 1) != 0) {
            int64_t midnight_ns = local_day * NS_PER_DAY;
            span_set_add(set, (struct span){zone_utc_ns(zone, midnight_ns + entry->from_ns),
                                            zone_utc_ns(zone, midnight_ns + entry->to_ns)});
        }
    }
}

/* The promised time that touches the span. */
static void add_open(const struct hours *hours, const struct zone *zone, struct span span,
                     struct span_set *set)
{
    int64_t first = floor_to(zone_local_ns(zone, span.start_ns), NS_PER_DAY) / NS_PER_DAY - 2;
    int64_t last = floor_to(zone_local_ns(zone, span.end_ns), NS_PER_DAY) / NS_PER_DAY;
    for (int64_t day = first; day <= last; day++) {
        add_day(hours, zone, day, set);
    }
    span_set_normalize(set);
}

void hours_add_off(const struct hours *hours, const struct zone *zone, struct span span,
                   struct span_set *set)
{
    if (hours->entry_count == 0 || span.end_ns <= span.start_ns) {
        return;
    }
    struct span_set open = {0};
    add_open(hours, zone, span, &open);
    int64_t from_ns = span.start_ns;
    for (uint32_t i = 0; i < open.count; i++) {
        struct span part = span_intersect(open.spans[i], span);
        if (part.end_ns > part.start_ns) {
            span_set_add(set, (struct span){from_ns, part.start_ns});
            from_ns = part.end_ns;
        }
    }
    span_set_add(set, (struct span){from_ns, span.end_ns});
    span_set_fini(&open);
}

bool hours_hold(const struct hours *hours, const struct zone *zone, int64_t ns,
                struct span *span_out)
{
    if (hours->entry_count == 0) {
        *span_out = (struct span){INT64_MIN, INT64_MAX};
        return true;
    }
    /* A week each way: every entry comes once in it. */
    struct span around = {ns - 7 * NS_PER_DAY, ns + 7 * NS_PER_DAY};
    struct span_set open = {0};
    add_open(hours, zone, around, &open);
    bool holds = false;
    *span_out = around;
    for (uint32_t i = 0; i < open.count && !holds; i++) {
        struct span span = open.spans[i];
        holds = span_holds(span, ns);
        if (holds) {
            *span_out = span_intersect(span, around);
        } else if (span.end_ns <= ns) {
            span_out->start_ns = span.end_ns > around.start_ns ? span.end_ns : around.start_ns;
        } else if (span.start_ns < span_out->end_ns) {
            span_out->end_ns = span.start_ns;
        }
    }
    span_set_fini(&open);
    return holds;
}
