#include "evaluate/answers.h"

#include <stdlib.h>

#include "base/panic.h"
#include "domain/promise.h"

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

/* The stretches that had begun before now, in order and apart. How many. */
static uint32_t begun_stretches(struct answer_view *view, const struct incident *incident)
{
    if (view->stretch_size < incident->interval_count) {
        view->stretch_size = incident->interval_count * 2;
        free(view->stretches);
        view->stretches = malloc(view->stretch_size * sizeof(*view->stretches));
        assert(view->stretches != NULL);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < incident->interval_count; i++) {
        struct span stretch = incident->intervals[i].span;
        if (stretch.start_ns >= view->series->now_ns) {
            note_next(view, stretch.start_ns);
            break;
        }
        if (count != 0 && stretch.start_ns < view->stretches[count - 1].end_ns) {
            stretch.start_ns = view->stretches[count - 1].end_ns; /* its true start is earlier */
        }
        view->stretches[count++] = stretch;
    }
    return count;
}

static int64_t answered_ns(const struct answer_view *view, const struct incident *incident,
                           uint32_t *count)
{
    int64_t answered = view->stretches[*count - 1].end_ns;
    if (view->series->objective->method == METHOD_RESPONSE) {
        *count = 1; /* once somebody has responded nothing takes it back */
        answered = view->stretches[0].end_ns;
        view->stretches[0].end_ns = INT64_MAX;
        if (incident->acknowledged_ns < answered) {
            answered = incident->acknowledged_ns;
        }
    }
    return answered > view->stretches[0].start_ns ? answered : view->stretches[0].start_ns;
}

/* What holds for all services that it has to do with. */
static struct aside_masks masks_of(const struct answer_view *view, const struct incident *incident,
                                   int64_t start_ns)
{
    const struct timeline_sources *sources = &view->sources;
    bool by_service = false;
    for (uint32_t i = 0; i < sources->service_count; i++) {
        by_service |= incident_names_service(incident, sources->services[i]);
    }
    struct aside_masks all = {.maintenance = true, .exclusion = true};
    for (uint32_t i = 0; i < sources->service_count; i++) {
        if (!by_service || incident_names_service(incident, sources->services[i])) {
            struct aside_masks masks = resident_masks_at(view->resident, i, start_ns);
            all.maintenance &= masks.maintenance;
            all.exclusion &= masks.exclusion;
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
    int64_t answered = answered_ns(view, incident, &count);
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
