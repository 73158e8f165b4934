/* Findings for figures of time: the incidents and `down` states that make it bad, less maintenance,
 * each without what those that began before it already cover. The same union as
 * evaluate/timeline.c, kept apart by its causes. */
#include <stdlib.h>

#include "api/findings.h"
#include "base/panic.h"
#include "domain/span_set.h"
#include "evaluate/maintenance.h"

/* Something that was bad from `start` to `end`. */
struct cause {
    struct finding finding;
    struct span span; /* not clipped */
};

struct time_walk {
    const struct retrial *retrial;
    const struct agreement *agreement;
    enum severity severity;
    uint32_t *services;    /* names; NAME_NONE for one never heard of */
    uint32_t customer;     /* name; NAME_NONE */
    int64_t current_at_ns; /* see state_line_spans */
    struct maintenance_register maintenances;
    struct state_line *lines; /* of the agreement's services */
    uint32_t line_count;
    struct cause *causes;
    uint32_t cause_count;
    uint32_t cause_size;
};

static bool names_service(const struct time_walk *walk, uint32_t service)
{
    for (uint32_t i = 0; i < walk->agreement->service_count; i++) {
        if (service != NAME_NONE && walk->services[i] == service) {
            return true;
        }
    }
    return false;
}

static bool concerns(const struct time_walk *walk, uint32_t customer)
{
    return customer == NAME_NONE || walk->agreement->customer == NULL || customer == walk->customer;
}

/* Reading the log: states and maintenance */

static struct state_line *line_of(struct time_walk *walk, const struct event *event)
{
    for (uint32_t i = 0; i < walk->line_count; i++) {
        struct state_line *line = &walk->lines[i];
        if (line->service == event->service && line->customer == event->customer) {
            return line;
        }
    }
    walk->lines = realloc(walk->lines, (walk->line_count + 1) * sizeof(*walk->lines));
    assert(walk->lines != NULL);
    struct state_line *line = &walk->lines[walk->line_count++];
    *line = (struct state_line){.service = event->service, .customer = event->customer};
    return line;
}

static bool visit(void *context, const struct batch *batch)
{
    struct time_walk *walk = context;
    for (uint32_t i = 0; i < batch->event_count; i++) {
        const struct event *event = &batch->events[i];
        if (event->kind == EVENT_MAINTENANCE) {
            maintenance_apply(&walk->maintenances, event, batch_extra(batch, event),
                              batch->position + i);
        } else if (event->kind == EVENT_STATE && names_service(walk, event->service) &&
                   !findings_out_of_time(walk->retrial->engine, event, batch->received_ns)) {
            state_line_apply(line_of(walk, event), event, batch->position + i);
        }
    }
    return true;
}

/* Causes */

static void add_cause(struct time_walk *walk, struct cause cause)
{
    if (walk->cause_count == walk->cause_size) {
        walk->cause_size = walk->cause_size == 0 ? 64 : walk->cause_size * 2;
        walk->causes = realloc(walk->causes, walk->cause_size * sizeof(*walk->causes));
        assert(walk->causes != NULL);
    }
    walk->causes[walk->cause_count++] = cause;
}

static void add_incident(struct time_walk *walk, const struct incident *incident)
{
    bool named = false;
    for (uint32_t i = 0; i < incident->service_count; i++) {
        named |= names_service(walk, incident->services[i]);
    }
    if (!named || incident->cancelled || incident->severity < walk->severity ||
        !concerns(walk, incident->customer)) {
        return;
    }
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        struct finding finding = {
            .type = FINDING_INCIDENT,
            .position = incident->position,
            .name = incident->id,
            .severity = incident->severity,
        };
        struct span span = {interval->actual_from_ns, interval->span.end_ns};
        add_cause(walk, (struct cause){finding, span});
    }
}

static void add_states(struct time_walk *walk)
{
    struct span_set down = {0};
    struct span_set unused = {0};
    for (uint32_t i = 0; i < walk->line_count; i++) {
        const struct state_line *line = &walk->lines[i];
        span_set_clear(&down);
        if (concerns(walk, line->customer)) {
            state_line_spans(line, walk->current_at_ns, &down, &unused, &unused);
        }
        span_set_normalize(&down);
        for (uint32_t j = 0; j < down.count; j++) {
            struct finding finding = {
                .type = FINDING_STATE, .name = line->service, .severity = SEVERITY_CRITICAL};
            add_cause(walk, (struct cause){finding, down.spans[j]});
        }
    }
    span_set_fini(&down);
    span_set_fini(&unused);
}

static int compare_causes(const void *left, const void *right)
{
    const struct cause *a = left;
    const struct cause *b = right;
    if (a->span.start_ns != b->span.start_ns) {
        return a->span.start_ns < b->span.start_ns ? -1 : 1;
    }
    if (a->finding.position != b->finding.position) {
        return a->finding.position < b->finding.position ? -1 : 1;
    }
    return a->finding.name < b->finding.name ? -1 : a->finding.name > b->finding.name;
}

/* Telling */

static void excluded_time(const struct time_walk *walk, struct span_set *excluded)
{
    struct span_set mask = {0};
    const struct agreement *agreement = walk->agreement;
    bool keeps_all = agreement->maintenance == MAINTENANCE_IGNORED;
    for (uint32_t i = 0; !keeps_all && i < agreement->service_count; i++) {
        maintenance_mask(&walk->maintenances, walk->services[i], agreement->services[i],
                         agreement->customer != NULL, walk->customer, &mask);
        for (uint32_t j = 0; j < mask.count; j++) {
            span_set_add(excluded, mask.spans[j]);
        }
    }
    span_set_normalize(excluded);
    span_set_fini(&mask);
}

static void tell(struct time_walk *walk, struct span window, finding_take *take, void *context)
{
    struct span_set covered = {0}; /* at first: by maintenance */
    struct span_set own = {0};
    struct span_set left = {0};
    excluded_time(walk, &covered);
    bool more = true;
    for (uint32_t i = 0; i < walk->cause_count && more; i++) {
        struct cause *cause = &walk->causes[i];
        struct span clipped = span_intersect(cause->span, window);
        if (span_length(clipped) == 0) {
            continue;
        }
        span_set_clear(&own);
        span_set_add(&own, clipped);
        span_set_subtract(&left, &own, &covered);
        cause->finding.start_ns = clipped.start_ns;
        cause->finding.end_ns = clipped.end_ns;
        cause->finding.count = (uint64_t)span_set_measure(&left, window);
        more = take(context, &cause->finding);
        span_set_add(&covered, clipped);
        span_set_normalize(&covered);
    }
    span_set_fini(&covered);
    span_set_fini(&own);
    span_set_fini(&left);
}

static void walk_fini(struct time_walk *walk)
{
    for (uint32_t i = 0; i < walk->line_count; i++) {
        state_line_fini(&walk->lines[i]);
    }
    free(walk->lines);
    free(walk->services);
    free(walk->causes);
    maintenance_register_fini(&walk->maintenances);
}

static void walk_init(struct time_walk *walk, const struct retrial *retrial,
                      const struct objective_report *report)
{
    const struct agreement *agreement = report->agreement;
    const struct name_table *names = retrial->engine->names;
    *walk = (struct time_walk){
        .retrial = retrial,
        .agreement = agreement,
        .severity = report->objective->severity,
        .current_at_ns = agreement->profile == PROFILE_ICINGA ? report->at_ns : TIME_NONE,
        .services = calloc((size_t)agreement->service_count + 1, sizeof(*walk->services)),
    };
    assert(walk->services != NULL);
    for (uint32_t i = 0; i < agreement->service_count; i++) {
        walk->services[i] = name_find(names, text_from(agreement->services[i]));
    }
    if (agreement->customer != NULL) {
        walk->customer = name_find(names, text_from(agreement->customer));
    }
    for (uint32_t i = 0; i < retrial->set.maintenance_count; i++) {
        maintenance_add_document(&walk->maintenances, &retrial->set.maintenances[i]);
    }
}

enum status findings_of_time(struct retrial *retrial, const struct objective_report *report,
                             finding_take *take, void *context)
{
    struct time_walk walk;
    walk_init(&walk, retrial, report);
    enum status status = retrial_walk(retrial, visit, &walk);
    if (status == STATUS_OK) {
        const struct incident_ledger *ledger = evaluator_incidents(retrial->evaluator);
        for (uint32_t i = 0; i < ledger->count; i++) {
            add_incident(&walk, &ledger->incidents[i]);
        }
        add_states(&walk);
        if (walk.cause_count > 1) {
            qsort(walk.causes, walk.cause_count, sizeof(*walk.causes), compare_causes);
        }
        struct span window = findings_window(report);
        window.start_ns = window.start_ns == INT64_MIN ? 0 : window.start_ns;
        tell(&walk, window, take, context);
    }
    walk_fini(&walk);
    return status;
}
