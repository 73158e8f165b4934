#include "evaluate/answers.h"

#include <stdlib.h>

#include "base/panic.h"
#include "domain/promise.h"
#include "evaluate/interference.h"

/* What the incidents are looked at with. */
struct answer_view {
    struct evaluator *evaluator;
    struct resident *resident;
    const struct timeline *timeline;
    struct timeline_sources sources; /* that exclude no incident */
    const struct series *series;
    answer_visit *visit;
    void *context;
    struct promise promise;
    struct span *stretches; /* room for those of one incident */
    uint32_t stretch_size;
    int64_t next_ns;
};

static void note_next(struct answer_view *view, int64_t ns)
{
    if (ns >= view->series->now_ns && ns < view->next_ns) {
        view->next_ns = ns;
    }
}

static bool is_case(const struct answer_view *view, const struct incident *incident)
{
    return !incident->cancelled && incident->nature == NATURE_ACTUAL &&
           incident->interval_count != 0 &&
           incident->severity >= view->series->objective->severity &&
           timeline_incident_concerns(view->timeline, &view->sources, incident);
}

static void make_room(struct answer_view *view, uint32_t count)
{
    if (view->stretch_size < count) {
        view->stretch_size = count * 2;
        free(view->stretches);
        view->stretches = malloc(view->stretch_size * sizeof(*view->stretches));
        assert(view->stretches != NULL);
    }
}

static int compare_stretches(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;
    return (a->start_ns > b->start_ns) - (a->start_ns < b->start_ns);
}

/* The stretches that had begun before now, by their true starts, which need not be in the order in
 * which they were told. How many. */
static uint32_t begun_stretches(struct answer_view *view, const struct incident *incident)
{
    make_room(view, incident->interval_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        struct span stretch = incident->intervals[i].span;
        if (stretch.start_ns >= view->series->now_ns) {
            note_next(view, stretch.start_ns);
        } else {
            view->stretches[count++] = stretch;
        }
    }
    qsort(view->stretches, count, sizeof(*view->stretches), compare_stretches);
    return count;
}

/* The first word, be it an acknowledgement or a resolution: once somebody has responded nothing takes
 * it back. Of a resolution the last end, INT64_MAX while one of them is open. */
static int64_t answered_ns(const struct answer_view *view, const struct incident *incident,
                           uint32_t count)
{
    bool is_response = view->series->objective->method == METHOD_RESPONSE;
    int64_t answered = is_response ? incident->acknowledged_ns : INT64_MIN;
    for (uint32_t i = 0; i < count; i++) {
        int64_t end_ns = view->stretches[i].end_ns;
        answered = (end_ns < answered) == is_response ? end_ns : answered;
    }
    return answered > view->stretches[0].start_ns ? answered : view->stretches[0].start_ns;
}

/* When the clock runs: until somebody responds, or in the stretches, apart from each other. How many
 * there are then. */
static uint32_t clock_stretches(struct answer_view *view, uint32_t count)
{
    struct span *stretches = view->stretches;
    if (view->series->objective->method == METHOD_RESPONSE) {
        stretches[0].end_ns = INT64_MAX;
        return 1;
    }
    uint32_t last = 0;
    for (uint32_t i = 1; i < count; i++) {
        if (stretches[i].start_ns >= stretches[last].end_ns) {
            stretches[++last] = stretches[i];
        } else if (stretches[i].end_ns > stretches[last].end_ns) {
            stretches[last].end_ns = stretches[i].end_ns;
        }
    }
    return last + 1;
}

static bool overlaps(const struct incident *incident, const struct span_set *spans)
{
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        for (uint32_t j = 0; j < spans->count; j++) {
            if (span_length(span_intersect(incident->intervals[i].span, spans->spans[j])) > 0) {
                return true;
            }
        }
    }
    return false;
}

/* Has the incident to do with the service: by its name, or because a component of it makes what the
 * service requires fail? */
static bool reaches(const struct answer_view *view, const struct incident *incident,
                    uint32_t service)
{
    const struct timeline_sources *sources = &view->sources;
    if (incident_names_service(incident, sources->services[service])) {
        return true;
    }
    if (incident->component_count == 0 || sources->requires == NULL ||
        sources->requires[service] == NULL) {
        return false;
    }
    struct span_set *fails =
        interference_with(sources, service, view->series->objective->severity, NULL);
    bool any = false;
    for (uint32_t i = 0; i < sources->component_count; i++) {
        any |= incident_names_component(incident, sources->component_names[i]) &&
               overlaps(incident, &fails[i]);
    }
    interference_close(fails, sources->component_count);
    return any;
}

/* What holds for all services that it has to do with. */
static struct aside_masks masks_of(const struct answer_view *view, const struct incident *incident,
                                   int64_t start_ns)
{
    const struct timeline_sources *sources = &view->sources;
    struct aside_masks all = {0};
    bool has_mask = view->resident->has_mask;
    bool is_first = true;
    for (uint32_t i = 0; has_mask && i < sources->service_count; i++) {
        if (reaches(view, incident, i)) {
            struct aside_masks masks = resident_masks_at(view->resident, i, start_ns);
            all.maintenance = masks.maintenance && (is_first || all.maintenance);
            all.exclusion = masks.exclusion && (is_first || all.exclusion);
            is_first = false;
        }
    }
    all.exclusion |= exclusion_of_incident(&view->evaluator->exclusions, incident->id,
                                           view->sources.has_customer, view->sources.customer);
    return all;
}

static void count_case(struct answer_view *view, const struct incident *incident)
{
    uint32_t count = begun_stretches(view, incident);
    if (count == 0) {
        return;
    }
    int64_t answered = answered_ns(view, incident, count);
    count = clock_stretches(view, count);
    int64_t limit_ns = promise_limit(&view->promise, view->stretches, count);
    struct decision decision = promise_decide(limit_ns, answered);
    if (decision.at_ns >= view->series->now_ns) {
        note_next(view, decision.at_ns);
        return;
    }
    int64_t start_ns = view->stretches[0].start_ns;
    struct answer answer = {.incident = incident, .span = {start_ns, decision.at_ns}};
    answer.counts =
        classify_case(view->resident->agreement, view->series->objective,
                      masks_of(view, incident, start_ns), answer.span, decision.kept, 1);
    view->visit(view->context, &answer);
}

int64_t answers_walk(struct evaluator *evaluator, struct resident *resident,
                     const struct timeline *timeline, const struct series *series,
                     answer_visit *visit, void *context)
{
    struct answer_view view = {
        .evaluator = evaluator,
        .resident = resident,
        .timeline = timeline,
        .series = series,
        .visit = visit,
        .context = context,
        .promise = {series->objective->within_ns, resident->agreement->hours,
                    resident->agreement->zone},
        .next_ns = INT64_MAX,
    };
    resident_sources(evaluator, resident, &view.sources);
    view.sources.exclusions = NULL;
    for (uint32_t i = 0; i < evaluator->incidents.count; i++) {
        const struct incident *incident = &evaluator->incidents.incidents[i];
        if (is_case(&view, incident)) {
            count_case(&view, incident);
        }
    }
    free(view.stretches);
    return view.next_ns == INT64_MAX ? INT64_MAX : view.next_ns + 1;
}

static void count_answer(void *context, const struct answer *answer)
{
    series_count(context, answer->span.end_ns, answer->counts);
}

int64_t answers_count(struct evaluator *evaluator, struct resident *resident,
                      const struct timeline *timeline, struct series *series)
{
    return answers_walk(evaluator, resident, timeline, series, count_answer, series);
}
