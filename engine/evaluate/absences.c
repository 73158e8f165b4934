#include "evaluate/absences.h"

/* How many points of the line are before the instant. */
static uint32_t points_before(const struct state_line *line, int64_t ns)
{
    uint32_t low = 0;
    uint32_t high = line->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (line->points[middle].time_ns < ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* When the line first says in the span how the service is; the span's end: it does not. */
static int64_t first_word(const struct state_line *line, struct span span)
{
    for (uint32_t i = points_before(line, span.start_ns);
         i < line->count && line->points[i].time_ns < span.end_ns; i++) {
        if (line->points[i].state != SERVICE_STATE_UNKNOWN) {
            return line->points[i].time_ns;
        }
    }
    return span.end_ns;
}

static int64_t service_known_from(const struct timeline_sources *sources, uint32_t service,
                                  struct span span)
{
    int64_t known_ns = span.end_ns;
    for (uint32_t i = 0; service != NAME_NONE && i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        if (!line->of_component && line->service == service &&
            timeline_concerns(sources, line->customer)) {
            known_ns = earlier(known_ns, first_word(line, span));
        }
    }
    return known_ns;
}

/* From when on all services are known. */
static int64_t known_from(const struct timeline_sources *sources, struct span span)
{
    int64_t known_ns = span.start_ns;
    for (uint32_t i = 0; i < sources->service_count; i++) {
        int64_t own_ns = service_known_from(sources, sources->services[i], span);
        known_ns = own_ns > known_ns ? own_ns : known_ns;
    }
    return known_ns;
}

void absences_unknown(const struct timeline_sources *sources, bool of_time,
                      struct span_set *unknown)
{
    for (uint32_t i = 0; sources->absences != NULL && i < sources->absences->count; i++) {
        struct span span = sources->absences->spans[i];
        if (of_time) {
            span.end_ns = known_from(sources, span);
        }
        span_set_add(unknown, span);
    }
}
