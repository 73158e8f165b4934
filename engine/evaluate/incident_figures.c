#include "evaluate/incident_figures.h"

/* What the incident figures of one report are made from. */
struct incident_view {
    const struct timeline_sources *sources;
    const struct span_set *excluded; /* what leaves the figures under the agreement's policy */
    struct span window;              /* inside the term, up to `at` */
    struct span term;                /* up to and with `at` */
    int64_t at_ns;
};

/* Does the stretch meet the window? One without length does where it stands. */
static bool touches(struct span stretch, struct span window)
{
    return window.start_ns < window.end_ns && stretch.start_ns < window.end_ns &&
           (stretch.end_ns > window.start_ns ||
            (stretch.start_ns == stretch.end_ns && stretch.start_ns == window.start_ns));
}

static uint64_t agreed_length(const struct incident_view *view, const struct span_set *spans)
{
    struct span_set left = {0};
    span_set_subtract(&left, spans, view->excluded);
    int64_t length = span_set_measure(&left, view->window);
    span_set_fini(&left);
    return (uint64_t)length;
}

static void add_incident(const struct incident_view *view, const struct incident *incident,
                         struct incident_figures *figures)
{
    struct span_set own = {0};
    bool touched = false;
    bool in_term = false;
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        const struct incident_interval *interval = &incident->intervals[i];
        struct span actual = {interval->actual_from_ns, interval->span.end_ns};
        bool is_actual = interval->actual_from_ns != INT64_MAX;
        touched |= is_actual && touches(actual, view->window);
        in_term |= touches(interval->span, view->term);
        span_set_add(&own, actual);
    }
    span_set_normalize(&own);
    bool is_open = incident_is_open(incident, view->at_ns);
    if (incident->nature == NATURE_POTENTIAL) {
        figures->potential_open += is_open && in_term ? 1 : 0; /* left open, however old */
    } else if (touched) {
        int64_t began_ns = incident->intervals[0].span.start_ns;
        int64_t delay_ns = incident->acknowledged_ns - began_ns;
        figures->count++;
        figures->open += is_open ? 1 : 0;
        figures->downtime_ns += agreed_length(view, &own);
        if (incident->acknowledged_ns <= view->at_ns) {
            figures->acknowledged++;
            figures->acknowledge_ns += delay_ns > 0 ? (uint64_t)delay_ns : 0;
        }
    }
    span_set_fini(&own);
}

/* Each `down` interval of a service counts as one critical incident. */
static void add_down_states(const struct incident_view *view, struct incident_figures *figures)
{
    const struct timeline_sources *sources = view->sources;
    struct span_set down = {0};
    struct span_set unused = {0};
    struct span_set one = {0};
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        bool named = false;
        for (uint32_t j = 0; j < sources->service_count; j++) {
            named |= sources->services[j] == line->service;
        }
        if (!named || !timeline_concerns(sources, line->customer)) {
            continue;
        }
        span_set_clear(&down);
        state_line_spans(line, sources->current_at_ns, &down, &unused, &unused);
        span_set_normalize(&down);
        for (uint32_t j = 0; j < down.count; j++) {
            if (touches(down.spans[j], view->window)) {
                span_set_clear(&one);
                span_set_add(&one, down.spans[j]);
                figures->count++;
                figures->open += span_holds(down.spans[j], view->at_ns) ? 1 : 0;
                figures->downtime_ns += agreed_length(view, &one);
            }
        }
    }
    span_set_fini(&down);
    span_set_fini(&unused);
    span_set_fini(&one);
}

void incident_figures_fill(const struct timeline_sources *sources, const struct timeline *timeline,
                           struct objective_report *report)
{
    const struct agreement *agreement = report->agreement;
    struct incident_view view = {
        .sources = sources,
        .excluded = timeline_left_out(timeline, agreement->maintenance),
        .window = span_intersect(span_intersect(report->window, agreement->term),
                                 (struct span){INT64_MIN, report->at_ns}),
        .term = span_intersect(agreement->term, (struct span){INT64_MIN, report->at_ns + 1}),
        .at_ns = report->at_ns,
    };
    if (view.window.start_ns == INT64_MIN) {
        view.window.start_ns =
            0; /* neither window nor term begins: there is nothing before the epoch */
    }
    for (uint32_t i = 0; i < sources->incidents->count; i++) {
        const struct incident *incident = &sources->incidents->incidents[i];
        if (incident->severity >= report->objective->severity &&
            timeline_incident_concerns(sources, incident)) {
            add_incident(&view, incident, &report->incidents);
        }
    }
    add_down_states(&view, &report->incidents);
    int64_t excluded = span_set_measure(view.excluded, view.window);
    report->incidents.agreed_ns = (uint64_t)(span_length(view.window) - excluded);
}
