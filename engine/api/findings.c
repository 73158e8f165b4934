#include "api/findings.h"

#include "domain/civil.h"

#define RUN_GAP_NS NS_PER_SECOND

struct request_walk {
    struct retrial *retrial;
    uint32_t series;
    const struct objective_report *report;
    struct span window;
    finding_take *take;
    void *context;
    bool has_run;
    struct finding run; /* being put together */
    bool enough;
};

bool findings_out_of_time(const struct api_engine *engine, const struct event *event,
                          int64_t received_ns)
{
    bool future = engine->max_future_ns != INT64_MAX &&
                  event->occurred_ns > received_ns + engine->max_future_ns;
    bool ancient = engine->retention_ns != INT64_MAX &&
                   event->occurred_ns < received_ns - engine->retention_ns;
    return future || ancient;
}

struct span findings_window(const struct objective_report *report)
{
    struct span window = report->window;
    int64_t end_ns = window.end_ns < report->at_ns ? window.end_ns : report->at_ns;
    if (method_has_slices(report->objective->method) && window.start_ns != INT64_MIN) {
        /* Only slices that have ended are judged. */
        end_ns = floor_to(end_ns - window.start_ns, report->objective->slice_ns) + window.start_ns;
    }
    window.end_ns = end_ns;
    return span_intersect(window, report->agreement->term);
}

/* How many requests of the event are bad, under the agreement's policy for maintenance. */
static uint64_t count_bad(const struct request_walk *walk, const struct event *event)
{
    struct class_counts counts;
    if (!evaluator_judges(walk->retrial->evaluator, walk->series, event, &counts)) {
        return 0;
    }
    bool masked_counts = walk->report->agreement->maintenance == MAINTENANCE_IGNORED;
    bool first =
        counts.first == COUNTER_BAD || (masked_counts && counts.first == COUNTER_MAINTENANCE_BAD);
    bool second =
        counts.second == COUNTER_BAD || (masked_counts && counts.second == COUNTER_MAINTENANCE_BAD);
    /* Where all of an event counts as one thing, both name it and the second count is 0. */
    return (first ? counts.first_count : 0) + (second ? counts.second_count : 0);
}

static void end_run(struct request_walk *walk)
{
    if (walk->has_run && !walk->enough) {
        walk->enough = !walk->take(walk->context, &walk->run);
    }
    walk->has_run = false;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a < b ? b - a : a - b;
}

static bool continues(const struct finding *run, const struct event *event)
{
    bool near = distance(event->occurred_ns, run->end_ns) <= RUN_GAP_NS ||
                distance(event->occurred_ns, run->start_ns) <= RUN_GAP_NS;
    return near && run->status == event->status && run->outcome == (enum outcome)event->outcome;
}

static void add_bad(struct request_walk *walk, const struct event *event, uint64_t position,
                    uint64_t bad)
{
    struct finding *run = &walk->run;
    if (!walk->has_run || !continues(run, event)) {
        end_run(walk);
        walk->has_run = true;
        *run = (struct finding){
            .type = FINDING_REQUEST,
            .position = position,
            .start_ns = event->occurred_ns,
            .end_ns = event->occurred_ns,
            .status = event->status,
            .outcome = (enum outcome)event->outcome,
        };
    }
    run->count += bad;
    run->start_ns = event->occurred_ns < run->start_ns ? event->occurred_ns : run->start_ns;
    run->end_ns = event->occurred_ns > run->end_ns ? event->occurred_ns : run->end_ns;
}

static bool visit(void *context, const struct batch *batch)
{
    struct request_walk *walk = context;
    for (uint32_t i = 0; i < batch->event_count && !walk->enough; i++) {
        const struct event *event = &batch->events[i];
        if (event->kind != EVENT_REQUEST || !span_holds(walk->window, event->occurred_ns) ||
            findings_out_of_time(walk->retrial->engine, event, batch->received_ns)) {
            continue;
        }
        uint64_t bad = count_bad(walk, event);
        if (bad > 0) {
            add_bad(walk, event, batch->position + i, bad);
        }
    }
    return !walk->enough;
}

enum status findings_walk(struct retrial *retrial, uint32_t series,
                          const struct objective_report *report, finding_take *take, void *context)
{
    if (report->objective->method == METHOD_UPTIME) {
        return findings_of_time(retrial, report, take, context);
    }
    struct request_walk walk = {
        .retrial = retrial,
        .series = series,
        .report = report,
        .window = findings_window(report),
        .take = take,
        .context = context,
    };
    enum status status = retrial_walk(retrial, visit, &walk);
    if (status == STATUS_OK) {
        end_run(&walk);
    }
    return status;
}
