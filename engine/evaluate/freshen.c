/* Brings a series and its timeline up to now, and says when time alone will change them. */
#include "evaluate/cases.h"
#include "evaluate/composition.h"
#include "evaluate/evaluator_state.h"

/* How far ahead service hours are laid out. */
#define HOURS_AHEAD_NS (14 * NS_PER_DAY)

/* By Icinga's rules the present tells about the past, so that time alone changes a timeline. */
static bool looks_back_from_now(const struct resident *resident)
{
    return resident->agreement->profile == PROFILE_ICINGA;
}

/* What is left out under every policy. An incident that is still open excludes up to now only: how
 * long it will last nobody knows. */
static const struct span_set *off_of(struct evaluator *evaluator, struct resident *resident,
                                     struct span hours_span)
{
    span_set_clear(&resident->off);
    if (resident->agreement->hours != NULL) {
        hours_add_off(resident->agreement->hours, resident->agreement->zone, hours_span,
                      &resident->off);
    }
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        const struct span_set *excluded = &resident->exclusions[i];
        for (uint32_t j = 0; j < excluded->count; j++) {
            struct span span = excluded->spans[j];
            if (span.end_ns == INT64_MAX) {
                span.end_ns = evaluator->now_ns;
            }
            span_set_add(&resident->off, span);
        }
    }
    span_set_normalize(&resident->off);
    return &resident->off;
}

static bool excludes_until_now(const struct resident *resident)
{
    for (uint32_t i = 0; resident->has_mask && i < resident->agreement->service_count; i++) {
        const struct span_set *excluded = &resident->exclusions[i];
        if (excluded->count != 0 && excluded->spans[excluded->count - 1].end_ns == INT64_MAX) {
            return true;
        }
    }
    return false;
}

static void sources_of(struct evaluator *evaluator, struct resident *resident,
                       struct span hours_span, struct timeline_sources *sources_out)
{
    for (uint32_t i = 0; i < resident->agreement->service_count; i++) {
        resident->service_names[i] =
            vocabulary_name(&evaluator->vocabulary, resident->service_words[i]);
    }
    const struct agreement_set *set = evaluator->settings.set;
    for (uint32_t i = 0; resident->needed != NULL && i < set->component_count; i++) {
        evaluator->component_names[i] =
            vocabulary_name(&evaluator->vocabulary, evaluator->component_words[i]);
    }
    *sources_out = (struct timeline_sources){
        .signs = resident->signs,
        .now_ns = evaluator->now_ns,
        .absences = evaluator->settings.history.absences,
        .agreement = resident->agreement,
        .components = set->components,
        .component_names = evaluator->component_names,
        .component_count = set->component_count,
        .requires = resident->requires,
        .missed = resident->deliveries == NULL ? NULL : resident->deliveries->missed,
        .missed_count = resident->deliveries == NULL ? 0 : resident->deliveries->missed_count,
        .needed = resident->needed,
        .incidents = &evaluator->incidents,
        .states = evaluator->states,
        .state_count = evaluator->state_count,
        .services = resident->service_names,
        .maintenance = resident->masks,
        .exclusions = &evaluator->exclusions,
        .off = off_of(evaluator, resident, hours_span),
        .service_count = resident->agreement->service_count,
        .current_at_ns = looks_back_from_now(resident) ? evaluator->now_ns : TIME_NONE,
        .customer = resident_customer_name(evaluator, resident),
        .has_customer = resident->customer_word != WORD_NONE,
    };
}

void resident_sources(struct evaluator *evaluator, struct resident *resident,
                      struct timeline_sources *sources_out)
{
    sources_of(evaluator, resident, (struct span){0, 0}, sources_out);
}

/* What the objective's windows, lookbacks and credits look at, and a week to come. */
static struct span hours_span_of(struct evaluator *evaluator, uint32_t index)
{
    const struct series *series = &evaluator->series[index];
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct span span = series_window(series);
    for (uint32_t i = 0; i < series->objective->alert_count; i++) {
        span.start_ns =
            earlier(span.start_ns, evaluator->now_ns - series->objective->alerts[i].long_ns);
    }
    if (resident->credit != NULL) {
        span.start_ns = earlier(span.start_ns, series_window(&resident->credit->series).start_ns);
    }
    span.start_ns = (span.start_ns < 0 ? 0 : span.start_ns) - NS_PER_DAY;
    if (span.end_ns == INT64_MAX || span.end_ns < evaluator->now_ns + HOURS_AHEAD_NS) {
        span.end_ns = evaluator->now_ns + HOURS_AHEAD_NS;
    }
    return span;
}

static void freshen_timeline(struct evaluator *evaluator, uint32_t index)
{
    struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    struct timeline *timeline = &evaluator->timelines[index];
    if (!evaluator->stale[index] && !looks_back_from_now(resident) &&
        !excludes_until_now(resident) && evaluator->now_ns < timeline->off_until_ns) {
        return;
    }
    if (resident->deliveries != NULL) {
        deliveries_bring_up(resident->deliveries, evaluator->now_ns);
    }
    struct timeline_sources sources;
    sources_of(evaluator, resident, hours_span_of(evaluator, index), &sources);
    sources.judges_time = evaluator->series[index].objective->method == METHOD_UPTIME;
    timeline_build(timeline, &sources, evaluator->series[index].objective->severity);
    /* A new window reaches further: look again when this one ends. */
    int64_t window_end_ns = series_window(&evaluator->series[index]).end_ns;
    timeline->off_until_ns = resident->agreement->hours == NULL ? INT64_MAX
                             : window_end_ns > evaluator->now_ns
                                 ? earlier(window_end_ns, evaluator->now_ns + HOURS_AHEAD_NS / 2)
                                 : evaluator->now_ns + HOURS_AHEAD_NS / 2;
    if (resident->deliveries != NULL) {
        timeline->off_until_ns =
            earlier(timeline->off_until_ns, resident->deliveries->known_until_ns);
    }
    evaluator->stale[index] = false;
    timeline->decided_until_ns = INT64_MIN;
    evaluator->series[index].covered_at_ns = INT64_MIN;
    evaluator->series[index].lost_until_ns = INT64_MIN;
    if (evaluator->series[index].objective->method != METHOD_OCCURRENCES) {
        evaluator->series[index].frozen_at_ns = INT64_MIN;
    }
}

/* Time alone brings coverage back, never down: only while gaps may still keep it below its floor. By
 * half of what would, as what is left out makes the rest smaller. */
static bool may_lack_coverage(const struct evaluator *evaluator, uint32_t index)
{
    const struct series *series = &evaluator->series[index];
    const struct span_set *gaps = &evaluator->timelines[index].gaps_raw;
    struct span elapsed =
        span_intersect(series_window(series), (struct span){0, evaluator->now_ns});
    if (gaps->count == 0 || elapsed.end_ns <= elapsed.start_ns) {
        return false;
    }
    uint128 unknown_ns = (uint128)span_set_measure(gaps, elapsed);
    int64_t floor_ppb = series->objective->coverage_floor_ppb;
    return unknown_ns * 2 * PPB > (uint128)(PPB - floor_ppb) * (uint128)span_length(elapsed);
}

/* Time itself moves the figure when a part of it was not good: look again within a second. */
static int64_t timeline_due(const struct evaluator *evaluator, uint32_t index)
{
    const struct timeline *timeline = &evaluator->timelines[index];
    const struct span_set *sets[] = {&timeline->bad_raw, &timeline->excluded,
                                     &timeline->unknown_raw};
    int64_t due = timeline->decided_until_ns;
    for (uint32_t i = 0; i < 3; i++) {
        due = earlier(due, span_set_next_edge(sets[i], evaluator->now_ns));
        if (sets[i]->count != 0 && sets[i]->spans[0].start_ns < evaluator->now_ns) {
            due = earlier(due, floor_to(evaluator->now_ns, NS_PER_SECOND) + NS_PER_SECOND);
        }
    }
    if (may_lack_coverage(evaluator, index)) {
        due = earlier(due, floor_to(evaluator->now_ns, NS_PER_SECOND) + NS_PER_SECOND);
    }
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[index]];
    if (resident->deliveries != NULL) {
        due = earlier(due, timeline->off_until_ns);
    }
    for (uint32_t i = 0; resident->signs != NULL && i < resident->agreement->service_count; i++) {
        due = earlier(due, signs_due(&resident->signs[i], evaluator->now_ns));
    }
    return due;
}

void series_bring_up(struct evaluator *evaluator, uint32_t index)
{
    series_advance(&evaluator->series[index], evaluator->now_ns);
    gate_flush(evaluator, index);
    series_flush(&evaluator->series[index]);
    /* Silence begins by time alone. */
    evaluator->stale[index] |= evaluator->residents[evaluator->resident_of[index]].signs != NULL;
    freshen_timeline(evaluator, index);
    if (timeline_is_rounded(evaluator->series[index].objective)) {
        timeline_round(&evaluator->timelines[index], evaluator->series[index].objective,
                       evaluator->now_ns);
    }
    cases_bring_up(evaluator, index);
    if (evaluator->composition_of[index] != 0) {
        composition_bring_up(evaluator, index);
    }
}

int64_t series_due(struct evaluator *evaluator, uint32_t index)
{
    int64_t due_ns =
        earlier(series_next_due(&evaluator->series[index]), timeline_due(evaluator, index));
    return evaluator->composition_of[index] == 0
               ? due_ns
               : earlier(due_ns, composition_due(evaluator, index));
}
