#include "evaluate/incident_figures.h"

#include "evaluate/interference.h"

/* What the incident figures of one report are made from. */
struct incident_view {
    const struct timeline_sources *sources;
    const struct timeline *timeline;
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

static bool names_a_service(const struct incident_view *view, const struct incident *incident)
{
    for (uint32_t i = 0; i < view->sources->service_count; i++) {
        if (incident_names_service(incident, view->sources->services[i])) {
            return true;
        }
    }
    return false;
}

/* The actual stretches of the incident: all of one that names a service, of one that names
 * components what interferes. Not normalized: touching ones stay two. */
static void own_stretches(const struct incident_view *view, const struct incident *incident,
                          struct span_set *own)
{
    struct span_set reach = {0};
    bool whole = names_a_service(view, incident);
    if (!whole) {
        interference_of_incident(view->timeline, view->sources, incident, &reach);
    }
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        struct span actual = {incident->intervals[i].actual_from_ns,
                              incident->intervals[i].span.end_ns};
        for (uint32_t j = 0; j < reach.count; j++) {
            span_set_add(own, span_intersect(actual, reach.spans[j]));
        }
        if (whole) {
            span_set_add(own, actual);
        }
    }
    span_set_fini(&reach);
}

static bool touched_by(const struct incident_view *view, const struct incident *incident,
                       const struct span_set *own)
{
    for (uint32_t i = 0; i < own->count; i++) {
        if (touches(own->spans[i], view->window)) {
            return true;
        }
    }
    /* A stretch without length is in no set. */
    for (uint32_t i = 0; names_a_service(view, incident) && i < incident->interval_count; i++) {
        struct span actual = {incident->intervals[i].actual_from_ns,
                              incident->intervals[i].span.end_ns};
        if (actual.start_ns != INT64_MAX && touches(actual, view->window)) {
            return true;
        }
    }
    return false;
}

static void open_potential(const struct incident_view *view, int64_t began_ns,
                           struct incident_figures *figures)
{
    uint64_t age_ns = (uint64_t)(view->at_ns - began_ns);
    figures->potential_open++;
    figures->has_potential_age = true;
    figures->potential_age_ns =
        age_ns > figures->potential_age_ns ? age_ns : figures->potential_age_ns;
}

static void add_potential(const struct incident_view *view, const struct incident *incident,
                          struct incident_figures *figures)
{
    bool in_term = false;
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        in_term |= touches(incident->intervals[i].span, view->term);
    }
    /* Left open, however old. */
    if (incident_is_open(incident, view->at_ns) && in_term) {
        open_potential(view, incident->intervals[incident->interval_count - 1].span.start_ns,
                       figures);
    }
}

static void add_actual(const struct incident_view *view, const struct incident *incident,
                       struct incident_figures *figures)
{
    struct span_set own = {0};
    own_stretches(view, incident, &own);
    span_set_normalize(&own);
    if (touched_by(view, incident, &own)) {
        int64_t began_ns = incident->intervals[0].span.start_ns;
        int64_t delay_ns = incident->acknowledged_ns - began_ns;
        figures->count++;
        figures->promoted += incident->promoted ? 1 : 0;
        figures->open += span_set_holds(&own, view->at_ns) ? 1 : 0;
        figures->downtime_ns += agreed_length(view, &own);
        if (incident->acknowledged_ns <= view->at_ns) {
            figures->acknowledged++;
            figures->acknowledge_ns += delay_ns > 0 ? (uint64_t)delay_ns : 0;
        }
    }
    span_set_fini(&own);
}

static bool names_service(const struct timeline_sources *sources, uint32_t service)
{
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (sources->services[i] == service) {
            return true;
        }
    }
    return false;
}

/* One `down` interval, as far as it interferes. */
static void add_down(const struct incident_view *view, const struct span_set *own,
                     struct incident_figures *figures)
{
    for (uint32_t i = 0; i < own->count; i++) {
        if (touches(own->spans[i], view->window)) {
            figures->count++;
            figures->open += span_set_holds(own, view->at_ns) ? 1 : 0;
            figures->downtime_ns += agreed_length(view, own);
            return;
        }
    }
}

/* Each `down` interval counts as one critical incident. */
static void add_down_states(const struct incident_view *view, struct incident_figures *figures)
{
    const struct timeline_sources *sources = view->sources;
    struct span_set down = {0};
    struct span_set unused = {0};
    struct span_set one = {0};
    struct span_set reach = {0};
    for (uint32_t i = 0; i < sources->state_count; i++) {
        const struct state_line *line = &sources->states[i];
        if (!timeline_concerns(sources, line->customer) ||
            (!line->of_component && !names_service(sources, line->service))) {
            continue;
        }
        span_set_clear(&reach);
        if (line->of_component) {
            interference_of(view->timeline, sources, line->service, &reach);
        } else {
            span_set_add(&reach, (struct span){INT64_MIN, INT64_MAX});
        }
        span_set_clear(&down);
        state_line_spans(line, sources->current_at_ns, &down, &unused, &unused);
        span_set_normalize(&down);
        for (uint32_t j = 0; j < down.count; j++) {
            span_set_clear(&one);
            for (uint32_t k = 0; k < reach.count; k++) {
                span_set_add(&one, span_intersect(down.spans[j], reach.spans[k]));
            }
            add_down(view, &one, figures);
        }
    }
    span_set_fini(&down);
    span_set_fini(&unused);
    span_set_fini(&one);
    span_set_fini(&reach);
}

/* Each missed delivery is one incident of severity major. */
static void add_missed(const struct incident_view *view, struct incident_figures *figures)
{
    struct span_set one = {0};
    for (uint32_t i = 0; i < view->sources->missed_count; i++) {
        struct span span = view->sources->missed[i].span;
        if (touches(span, view->window)) {
            span_set_clear(&one);
            span_set_add(&one, span);
            figures->count++;
            figures->open += span_holds(span, view->at_ns) ? 1 : 0;
            figures->downtime_ns += agreed_length(view, &one);
        }
    }
    span_set_fini(&one);
}

/* A service that is silent now is a potential incident by itself, since its last sign. */
static void add_silent(const struct incident_view *view, struct objective_report *report)
{
    const struct timeline_sources *sources = view->sources;
    for (uint32_t i = 0; sources->signs != NULL && i < sources->service_count; i++) {
        struct span silence = {signs_last(&sources->signs[i]), INT64_MAX};
        if (signs_are_silent(&sources->signs[i], view->at_ns) && touches(silence, view->term)) {
            open_potential(view, silence.start_ns, &report->incidents);
        }
    }
}

bool incident_figures_lost(const struct objective_report *report)
{
    const struct judgement *judgement = &report->judgement;
    return (uint128)judgement->coverage_known_ns * PPB <
           (uint128)judgement->coverage_all_ns * (uint128)report->objective->coverage_floor_ppb;
}

/* What the figure itself says: a burn alert that fires, and coverage that is lost. */
static void add_own(const struct incident_view *view, int64_t covered_ns,
                    struct objective_report *report)
{
    report->incidents.potential_open += report->judgement.alert != ALERT_NONE ? 1 : 0;
    if (!incident_figures_lost(report)) {
        return;
    }
    if (covered_ns == INT64_MIN) {
        report->incidents.potential_open++; /* it never was there: who knows since when */
    } else {
        open_potential(view, covered_ns, &report->incidents);
    }
}

/* The term from the first version on: before it nothing was promised. */
static struct span promised_span(const struct agreement *agreement)
{
    struct span promised = agreement->term;
    if (agreement->version_count != 0 &&
        agreement->versions[0].in_force.start_ns > promised.start_ns) {
        promised.start_ns = agreement->versions[0].in_force.start_ns;
    }
    return promised;
}

void incident_figures_fill(const struct timeline_sources *sources, const struct timeline *timeline,
                           int64_t covered_ns, struct objective_report *report)
{
    const struct agreement *agreement = report->agreement;
    struct span promised = promised_span(agreement);
    struct incident_view view = {
        .sources = sources,
        .timeline = timeline,
        .excluded = timeline_left_out(timeline, agreement->maintenance),
        .window = span_intersect(span_intersect(report->window, promised),
                                 (struct span){INT64_MIN, report->at_ns}),
        .term = span_intersect(promised, (struct span){INT64_MIN, report->at_ns + 1}),
        .at_ns = report->at_ns,
    };
    if (view.window.start_ns == INT64_MIN) {
        view.window.start_ns =
            0; /* neither window nor term begins: there is nothing before the epoch */
    }
    for (uint32_t i = 0; i < sources->incidents->count; i++) {
        const struct incident *incident = &sources->incidents->incidents[i];
        if (incident->severity >= report->objective->severity &&
            timeline_incident_concerns(timeline, sources, incident)) {
            if (incident->nature == NATURE_POTENTIAL) {
                add_potential(&view, incident, &report->incidents);
            } else {
                add_actual(&view, incident, &report->incidents);
            }
        }
    }
    add_down_states(&view, &report->incidents);
    if (report->objective->severity <= SEVERITY_MAJOR) {
        add_missed(&view, &report->incidents);
    }
    if (objective_opens_incidents(report->objective)) {
        add_silent(&view, report);
        add_own(&view, covered_ns, report);
    }
    int64_t excluded = span_set_measure(view.excluded, view.window);
    report->incidents.agreed_ns = (uint64_t)(span_length(view.window) - excluded);
}
