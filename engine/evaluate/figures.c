/* From brought-up series to what readers see: the versions of an objective measured together, its
 * credits, incidents and latencies; reports that are asked for, and publishing what has changed. */
#include "evaluate/cases.h"
#include "evaluate/composition.h"
#include "evaluate/freeze.h"
#include "evaluate/incident_figures.h"
#include "evaluate/latency.h"
#include "evaluate/measure.h"

#define SERIES_NONE UINT32_MAX

/* Between two publishings, and for each figure that has changed: showing one takes about 1 us. */
#define PAUSE_MIN_NS  (20 * NS_PER_MS)
#define PAUSE_MAX_NS  (500 * NS_PER_MS)
#define PAUSE_EACH_NS (4 * NS_PER_US)

/* The same objective of the k-th resident before the version in force; SERIES_NONE: it has none. */
static uint32_t earlier_series(const struct evaluator *evaluator, uint32_t index, uint32_t before)
{
    uint32_t current = evaluator->resident_of[index];
    const struct resident *resident = &evaluator->residents[current - before];
    const struct agreement *agreement = resident->agreement;
    const struct objective *objective =
        agreement_objective(agreement, evaluator->series[index].objective->name);
    return objective == NULL
               ? SERIES_NONE
               : resident->series_first + (uint32_t)(objective - agreement->objectives);
}

uint32_t evaluator_versions(struct evaluator *evaluator, uint32_t index)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t count = 0;
    bool is_hidden = index >= resident->series_first + resident->agreement->objective_count;
    for (uint32_t before = is_hidden ? 0 : resident->earlier_count; before != 0; before--) {
        uint32_t other = earlier_series(evaluator, index, before);
        if (other != SERIES_NONE) {
            evaluator->versions[count++] =
                (struct measured){&evaluator->series[other], &evaluator->timelines[other]};
        }
    }
    evaluator->versions[count++] =
        (struct measured){&evaluator->series[index], &evaluator->timelines[index]};
    return count;
}

/* All versions of the objective up to now; the next instant at which one of them changes. */
static int64_t bring_up(struct evaluator *evaluator, uint32_t index)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    series_bring_up(evaluator, index);
    int64_t due = series_due(evaluator, index);
    for (uint32_t before = 1; before <= resident->earlier_count; before++) {
        uint32_t other = earlier_series(evaluator, index, before);
        if (other != SERIES_NONE) {
            series_bring_up(evaluator, other);
            due = earlier(due, series_due(evaluator, other));
        }
    }
    if (resident->earlier_count != 0) {
        /* What was remembered of alerts does not hear of changes in other versions. */
        evaluator->series[index].covered_at_ns = INT64_MIN;
        evaluator->series[index].lost_until_ns = INT64_MIN;
        evaluator->series[index].frozen_at_ns = INT64_MIN;
    }
    return due;
}

/* The series that is shown where this one changes; SERIES_NONE: the objective is no more. */
static uint32_t shown_series(const struct evaluator *evaluator, uint32_t index)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    const struct resident *current = &evaluator->residents[resident->current];
    if (current == resident) {
        return index;
    }
    const struct objective *objective =
        agreement_objective(current->agreement, evaluator->series[index].objective->name);
    return objective == NULL
               ? SERIES_NONE
               : current->series_first + (uint32_t)(objective - current->agreement->objectives);
}

/* Good, bad, excluded. */
static void add_totals(const struct series *series, uint64_t totals[3])
{
    totals[0] += series->total.of[COUNTER_GOOD];
    totals[1] += series->total.of[COUNTER_BAD];
    for (enum counter i = COUNTER_ASIDE_FIRST; i < COUNTER_OUT_OF_SCOPE; i++) {
        totals[2] += series->total.of[i];
    }
}

/* Is a sign expected, and has it been missing for too long, while the term runs? */
static void tell_silence(const struct evaluator *evaluator, uint32_t index,
                         struct objective_report *report)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct span term = resident->agreement->term;
    for (uint32_t i = 0; resident->signs != NULL && i < resident->agreement->service_count; i++) {
        const struct signs *signs = &resident->signs[i];
        report->expects_signs |= signs->every_ns != 0;
        report->silent |= signs_are_silent(signs, evaluator->now_ns) &&
                          term.start_ns <= evaluator->now_ns && signs_last(signs) < term.end_ns;
    }
}

/* Brought up; leaves its versions in evaluator->versions, and gives their number. with_policies:
 * the figures under other maintenance policies too, where they take more work. */
static uint32_t measure(struct evaluator *evaluator, uint32_t index, bool with_policies,
                        struct objective_report *report)
{
    if (evaluator->composition_of[index] != 0) {
        composition_report(evaluator, index, with_policies, report);
    } else {
        measure_report(evaluator->versions, evaluator_versions(evaluator, index), report);
        freeze_alerts(evaluator, index, report);
    }
    tell_silence(evaluator, index, report);
    report->position = evaluator->position;
    return evaluator_versions(evaluator, index);
}

static void publish(struct evaluator *evaluator, uint32_t index)
{
    due_heap_set(&evaluator->due, index, bring_up(evaluator, index));
    if (evaluator->settings.publish == NULL) {
        return;
    }
    struct objective_report report;
    uint32_t version_count = measure(evaluator, index, false, &report);
    uint64_t totals[3] = {0};
    for (uint32_t i = 0; i < version_count; i++) {
        add_totals(evaluator->versions[i].series, totals);
    }
    if (row_pager_settle(&evaluator->pager) != STATUS_OK) {
        return; /* rows could not be read */
    }
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    evaluator->settings.publish(evaluator->settings.publish_context,
                                resident->number_first + (index - resident->series_first), &report,
                                totals);
}

int64_t evaluator_publish_pause_ns(const struct evaluator *evaluator)
{
    int64_t pause_ns = evaluator->dirty_count * PAUSE_EACH_NS;
    return pause_ns < PAUSE_MIN_NS ? PAUSE_MIN_NS : earlier(pause_ns, PAUSE_MAX_NS);
}

void evaluator_publish(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->dirty_count; i++) {
        uint32_t shown = shown_series(evaluator, evaluator->dirty[i]);
        evaluator->is_dirty[evaluator->dirty[i]] = false;
        if (shown != SERIES_NONE) {
            publish(evaluator, shown);
        }
    }
    evaluator->dirty_count = 0;
    uint32_t series;
    while (due_heap_first(&evaluator->due, &series) <= evaluator->now_ns) {
        publish(evaluator, series);
    }
}

void evaluator_take_changed(struct evaluator *evaluator, evaluator_changed *changed, void *context)
{
    for (uint32_t i = 0; i < evaluator->dirty_count; i++) {
        uint32_t shown = shown_series(evaluator, evaluator->dirty[i]);
        evaluator->is_dirty[evaluator->dirty[i]] = false;
        if (shown != SERIES_NONE && changed != NULL) {
            const struct resident *resident = &evaluator->residents[evaluator->resident_of[shown]];
            changed(context, resident->number_first + (shown - resident->series_first));
        }
    }
    evaluator->dirty_count = 0;
}

/* The last instant at which coverage was not lost; INT64_MIN: there is none, or it is not looked for:
 * of a window that was asked for and of several objectives it is not known, slices would be looked at
 * one by one, and service hours are laid out for the window only. */
static int64_t covered_at(struct evaluator *evaluator, uint32_t index,
                          const struct objective_report *report)
{
    const struct series *series = &evaluator->series[index];
    if (!objective_opens_incidents(report->objective) || !incident_figures_lost(report) ||
        series->is_fixed || evaluator->composition_of[index] != 0 ||
        method_has_slices(series->objective->method)) {
        return INT64_MIN;
    }
    uint32_t count = evaluator_versions(evaluator, index);
    for (uint32_t i = 0; i < count; i++) {
        if (evaluator->versions[i].series->agreement->hours != NULL) {
            return INT64_MIN;
        }
    }
    return freeze_last_covered(evaluator->versions, count, evaluator->now_ns, FREEZE_ANY);
}

static void fill_incidents(struct evaluator *evaluator, uint32_t index,
                           struct objective_report *report)
{
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct timeline_sources sources;
    resident_sources(evaluator, resident, &sources);
    int64_t covered_ns = covered_at(evaluator, index, report);
    incident_figures_fill(&sources, &evaluator->timelines[index], covered_ns, report);
}

/* The latencies of one version of the objective, into the sum. */
static void add_latency(struct evaluator *evaluator, uint32_t index, struct latency_sum *sum)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    uint32_t keeper = latency_keeper(resident->agreement, index - resident->series_first,
                                     evaluator->settings.asked != NULL);
    if (keeper != UINT32_MAX) {
        struct series *series = &evaluator->series[resident->series_first + keeper];
        series_advance(series, evaluator->now_ns);
        latency_add(series, sum);
    }
}

static void fill_latency(struct evaluator *evaluator, uint32_t index,
                         struct objective_report *report)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct latency_sum sum = {0};
    for (uint32_t before = resident->earlier_count; before != 0; before--) {
        uint32_t other = earlier_series(evaluator, index, before);
        if (other != SERIES_NONE) {
            add_latency(evaluator, other, &sum);
        }
    }
    add_latency(evaluator, index, &sum);
    latency_take_sum(&sum, &report->latency);
}

/* The credit's series of all versions, as far as they have one, into evaluator->versions. */
static uint32_t credit_versions(struct evaluator *evaluator, uint32_t resident_index)
{
    const struct resident *current = &evaluator->residents[resident_index];
    uint32_t count = 0;
    for (uint32_t i = resident_index - current->earlier_count; i <= resident_index; i++) {
        const struct resident *resident = &evaluator->residents[i];
        if (resident->credit != NULL) {
            struct series *series = &resident->credit->series;
            series_advance(series, evaluator->now_ns);
            series_flush(series);
            uint32_t of = resident->series_first + resident->agreement->credits->objective;
            cases_recount(evaluator, of, series);
            evaluator->versions[count++] = (struct measured){series, &evaluator->timelines[of]};
        }
    }
    return count;
}

/* A period is paid for by the version that was in force at its end. */
static const struct credit_terms *terms_at(const struct evaluator *evaluator,
                                           uint32_t resident_index, int64_t end_ns)
{
    const struct resident *current = &evaluator->residents[resident_index];
    const struct credit_terms *terms = current->agreement->credits;
    for (uint32_t before = 1; before <= current->earlier_count; before++) {
        const struct agreement *agreement = evaluator->residents[resident_index - before].agreement;
        if (span_holds(agreement->in_force, end_ns - 1) && agreement->credits != NULL) {
            terms = agreement->credits;
        }
    }
    return terms;
}

static void fill_credit(struct evaluator *evaluator, uint32_t index,
                        struct objective_report *report)
{
    uint32_t resident_index = evaluator->resident_of[index];
    const struct resident *resident = &evaluator->residents[resident_index];
    const struct credit_terms *terms = resident->agreement->credits;
    if (terms == NULL || terms->objective != index - resident->series_first) {
        return;
    }
    struct objective_report period = *report;
    if (resident->paid_composite != 0) {
        series_bring_up(evaluator, resident->paid_composite - 1);
        composition_report(evaluator, resident->paid_composite - 1, false, &period);
    } else if (resident->credit != NULL) {
        measure_report(evaluator->versions, credit_versions(evaluator, resident_index), &period);
    }
    const struct measure *figure = &period.judgement.window;
    bool is_paid_for = period.judgement.has_sli && !period.judgement.has_too_few;
    uint64_t valid = is_paid_for ? measure_valid(*figure) : 0;
    report->has_credit = true;
    report->credit_terms = terms_at(evaluator, resident_index, period.window.end_ns);
    credit_of(report->credit_terms, valid == 0 ? 0 : figure->good, valid, &report->credit);
}

bool evaluator_report(struct evaluator *evaluator, uint32_t series,
                      struct objective_report *report_out)
{
    if (series >= evaluator->number_count || evaluator->series_of_number[series] == 0) {
        return false;
    }
    uint32_t index = evaluator->series_of_number[series] - 1;
    bring_up(evaluator, index);
    measure(evaluator, index, true, report_out);
    fill_incidents(evaluator, index, report_out);
    fill_latency(evaluator, index, report_out);
    fill_credit(evaluator, index, report_out);
    return row_pager_settle(&evaluator->pager) == STATUS_OK;
}

bool evaluator_incident_concerns(struct evaluator *evaluator, uint32_t series,
                                 const struct incident *incident)
{
    if (series >= evaluator->number_count || evaluator->series_of_number[series] == 0) {
        return false;
    }
    uint32_t index = evaluator->series_of_number[series] - 1;
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct timeline_sources sources;
    series_bring_up(evaluator, index);
    resident_sources(evaluator, resident, &sources);
    return timeline_incident_concerns(&evaluator->timelines[index], &sources, incident);
}
