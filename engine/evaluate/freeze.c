#include "evaluate/freeze.h"

#include <stdlib.h>

#include "base/panic.h"
#include "domain/decimal.h"
#include "evaluate/cases.h"
#include "evaluate/measure.h"
#include "evaluate/slices.h"

/* What the slices that have ended tell of one instant; it holds until the next slice ends. */
struct slice_coverage {
    struct span ended; /* those of the window; empty start and end: none was looked at */
    uint64_t known;
    uint64_t all; /* known or unknown */
};

/* The search for the last covered instant of one objective. */
struct search {
    const struct series *series; /* of the version in force: */
    const struct measured *versions;
    uint32_t version_count;
    int64_t *edges; /* instants at which coverage may bend or jump; sorted */
    uint32_t edge_count;
    int64_t jump_ns; /* the window's start moves in jumps of this; 0: evenly, or not at all */
    enum freeze_knowledge knowledge;
    struct slice_coverage slices; /* looked at last */
};

static bool window_rolls(const struct series *series)
{
    return series->objective->window.kind == WINDOW_ROLLING;
}

/* The same objective, in all its versions, at another instant. */
struct probe {
    struct series *series;
    struct measured *versions;
    uint32_t count;
};

/* Slices share the rows: they must not be closed then. */
static void probe_open(struct probe *probe, const struct search *search, int64_t ns)
{
    *probe = (struct probe){
        .series = calloc(search->version_count, sizeof(struct series)),
        .versions = calloc(search->version_count, sizeof(struct measured)),
        .count = search->version_count,
    };
    assert(probe->series != NULL && probe->versions != NULL);
    for (uint32_t i = 0; i < probe->count; i++) {
        const struct series *series = search->versions[i].series;
        series_init(&probe->series[i], series->agreement, series->objective, NULL, ns);
        if (method_has_slices(series->objective->method)) {
            series_fini(&probe->series[i]);
            memcpy(probe->series[i].tiers, series->tiers, sizeof(series->tiers));
        }
        probe->versions[i] = (struct measured){&probe->series[i], search->versions[i].timeline};
    }
}

static void probe_close(struct probe *probe)
{
    for (uint32_t i = 0; i < probe->count; i++) {
        if (!method_has_slices(probe->series[i].objective->method)) {
            series_fini(&probe->series[i]);
        }
    }
    free(probe->series);
    free(probe->versions);
}

static bool is_covered(const struct judgement *judgement, const struct objective *objective)
{
    return (uint128)judgement->coverage_known_ns * PPB >=
           (uint128)judgement->coverage_all_ns * (uint128)objective->coverage_floor_ppb;
}

static void judge_at(const struct search *search, int64_t ns, struct judgement *judgement_out)
{
    struct probe probe;
    struct objective_report report;
    probe_open(&probe, search, ns);
    measure_report(probe.versions, probe.count, &report);
    probe_close(&probe);
    *judgement_out = report.judgement;
}

/* Is it what is looked for? */
static bool is_found(const struct search *search, const struct judgement *judgement)
{
    bool known = judgement->coverage_known_ns != 0;
    bool covered = is_covered(judgement, search->series->objective);
    return (covered && (known || search->knowledge != FREEZE_KNOWN)) ||
           (!known && search->knowledge == FREEZE_OR_UNKNOWN);
}

static bool covered_at(const struct search *search, int64_t ns)
{
    struct judgement judgement;
    judge_at(search, ns, &judgement);
    return is_found(search, &judgement);
}

static int compare_instants(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return (*a > *b) - (*a < *b);
}

static void add_edge(struct search *search, int64_t ns)
{
    if (ns == INT64_MIN || ns >= search->series->now_ns) {
        return;
    }
    search->edges[search->edge_count++] = ns;
    if (window_rolls(search->series)) {
        /* When the window's start reaches it. */
        int64_t up_ns = search->jump_ns == 0 ? ns : -floor_to(-ns, search->jump_ns);
        search->edges[search->edge_count++] = up_ns + search->series->objective->window.length_ns;
    }
}

#define TIMELINE_SETS 8

static void list_sets(const struct timeline *timeline, const struct span_set *sets[TIMELINE_SETS])
{
    const struct span_set *all[TIMELINE_SETS] = {
        &timeline->off,  &timeline->bad,     &timeline->bad_raw,     &timeline->excluded,
        &timeline->gaps, &timeline->unknown, &timeline->unknown_raw, &timeline->gaps_raw};
    memcpy(sets, all, sizeof(all));
}

static void add_version_edges(struct search *search, const struct measured *version)
{
    const struct span_set *sets[TIMELINE_SETS];
    struct span judged = objective_judged(version->series->agreement, version->series->objective);
    list_sets(version->timeline, sets);
    add_edge(search, judged.start_ns);
    add_edge(search, judged.end_ns);
    for (uint32_t i = 0; i < TIMELINE_SETS; i++) {
        for (uint32_t j = 0; j < sets[i]->count; j++) {
            add_edge(search, sets[i]->spans[j].start_ns);
            add_edge(search, sets[i]->spans[j].end_ns);
        }
    }
}

static void search_open(struct search *search, const struct measured *versions, uint32_t count)
{
    const struct series *series = versions[count - 1].series;
    size_t spans = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct span_set *sets[TIMELINE_SETS];
        list_sets(versions[i].timeline, sets);
        spans++; /* in force */
        for (uint32_t j = 0; j < TIMELINE_SETS; j++) {
            spans += sets[j]->count;
        }
    }
    *search = (struct search){
        .series = series,
        .versions = versions,
        .version_count = count,
        .edges = malloc(4 * spans * sizeof(int64_t)),
    };
    assert(search->edges != NULL);
    if (window_rolls(series) && method_counts(series->objective->method)) {
        search->jump_ns = window_resolution_s(series->objective->window.length_ns) * NS_PER_SECOND;
    }
    for (uint32_t i = 0; i < count; i++) {
        add_version_edges(search, &versions[i]);
    }
    qsort(search->edges, search->edge_count, sizeof(int64_t), compare_instants);
}

static int64_t calendar_start(const struct series *series, int64_t ns)
{
    return window_at(&series->objective->window, series->agreement->window_term, ns).start_ns;
}

/* Slices: there can be a hundred thousand in a window, so that the search goes back one by one, and
 * keeps count of those that come and go. */

static int64_t slice_start(const struct search *search, int64_t ns)
{
    const struct buckets *slices = &series_slices(search->series)->main;
    return floor_to(ns - slices->origin_ns, slices->resolution_ns) + slices->origin_ns;
}

/* The window's slices that had ended by then. */
static struct span ended_at(const struct search *search, int64_t ns)
{
    const struct objective *objective = search->series->objective;
    int64_t end_ns = slice_start(search, ns);
    int64_t start_ns = window_rolls(search->series) ? end_ns - objective->window.length_ns
                                                    : calendar_start(search->series, ns);
    return (struct span){start_ns, end_ns};
}

/* by: 1 for a slice that comes into the window, -1 for one that leaves it. */
static void count_slice(struct search *search, int64_t start_ns, uint64_t by)
{
    struct slice_coverage *slices = &search->slices;
    const struct objective *current = search->series->objective;
    struct span slice = {start_ns, start_ns + current->slice_ns};
    for (uint32_t i = 0; i < search->version_count; i++) {
        const struct series *series = search->versions[i].series;
        if (!measures_add_up(series->objective, current)) {
            continue;
        }
        enum slice_state state = slice_state(series, search->versions[i].timeline, slice,
                                             series->agreement->maintenance);
        bool is_known = state == SLICE_GOOD || state == SLICE_BAD || state == SLICE_EMPTY;
        slices->known += is_known ? by : 0;
        slices->all += is_known || state == SLICE_UNKNOWN ? by : 0;
    }
}

/* Is the window of `ended` that of the last look, with its newest slice not yet ended? */
static bool is_step_back(const struct search *search, struct span ended)
{
    struct span last = search->slices.ended;
    bool start_fits = window_rolls(search->series)
                          ? ended.start_ns == last.start_ns - search->series->objective->slice_ns
                          : ended.start_ns == last.start_ns;
    return last.end_ns > last.start_ns && start_fits &&
           ended.end_ns == last.end_ns - search->series->objective->slice_ns;
}

static bool slices_cover(struct search *search, int64_t ns)
{
    struct slice_coverage *slices = &search->slices;
    struct span ended = ended_at(search, ns);
    struct judgement judgement = {0};
    if (is_step_back(search, ended)) {
        count_slice(search, ended.end_ns, UINT64_MAX);
        if (window_rolls(search->series)) {
            count_slice(search, ended.start_ns, 1);
        }
    } else {
        judge_at(search, ns, &judgement);
        slices->known = (uint64_t)judgement.coverage_known_ns;
        slices->all = (uint64_t)judgement.coverage_all_ns;
    }
    slices->ended = ended;
    judgement.coverage_known_ns = slices->known;
    judgement.coverage_all_ns = slices->all;
    return is_found(search, &judgement);
}

/* From the start of which no edge comes up to and with `last`; INT64_MIN: none before it. */
static int64_t stretch_start(const struct search *search, int64_t last)
{
    int64_t first = INT64_MIN;
    for (uint32_t i = search->edge_count; i-- > 0 && first == INT64_MIN;) {
        first = search->edges[i] <= last ? search->edges[i] : INT64_MIN;
    }
    const struct objective *objective = search->series->objective;
    if (objective->window.kind == WINDOW_CALENDAR) {
        int64_t window_ns = calendar_start(search->series, last);
        first = first == INT64_MIN || window_ns > first ? window_ns : first;
    }
    return first;
}

/* Which jump of the window's start an instant belongs to, and the part of a stretch inside it. */
static int64_t jump_of(const struct search *search, int64_t ns)
{
    if (search->jump_ns == 0) {
        return 0;
    }
    int64_t length_ns = search->series->objective->window.length_ns;
    return floor_to(ns - length_ns, search->jump_ns) / search->jump_ns;
}

static struct span piece_of(const struct search *search, int64_t jump, struct span stretch)
{
    if (search->jump_ns == 0) {
        return stretch;
    }
    int64_t start_ns = jump * search->jump_ns + search->series->objective->window.length_ns;
    int64_t last_ns = start_ns + search->jump_ns - 1;
    return (struct span){start_ns > stretch.start_ns ? start_ns : stretch.start_ns,
                         last_ns < stretch.end_ns ? last_ns : stretch.end_ns};
}

static bool piece_has(const struct search *search, int64_t jump, struct span stretch)
{
    struct span piece = piece_of(search, jump, stretch);
    return covered_at(search, piece.start_ns) || covered_at(search, piece.end_ns);
}

static int64_t last_in_piece(const struct search *search, int64_t jump, struct span stretch)
{
    struct span piece = piece_of(search, jump, stretch);
    if (covered_at(search, piece.end_ns)) {
        return piece.end_ns;
    }
    int64_t good = piece.start_ns;
    int64_t bad = piece.end_ns;
    while (bad - good > 1) {
        int64_t middle = good + (bad - good) / 2;
        if (covered_at(search, middle)) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    return good;
}

/* Within a jump, and at one phase from jump to jump, coverage changes evenly: ends tell enough. The
 * first and the last piece may be cut by the stretch and are looked at by themselves. Stretches
 * here hold both their ends. INT64_MIN: never covered in it. */
static int64_t last_in_stretch(const struct search *search, struct span stretch)
{
    int64_t low = jump_of(search, stretch.start_ns);
    int64_t high = jump_of(search, stretch.end_ns);
    for (int64_t jump = high; jump >= low && jump >= high - 1; jump--) {
        if (piece_has(search, jump, stretch)) {
            return last_in_piece(search, jump, stretch);
        }
    }
    if (high - low > 2 && piece_has(search, low + 1, stretch)) {
        int64_t good = low + 1;
        int64_t bad = high - 1;
        while (bad - good > 1) {
            int64_t middle = good + (bad - good) / 2;
            if (piece_has(search, middle, stretch)) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return last_in_piece(search, good, stretch);
    }
    bool first_has = high - low >= 2 && piece_has(search, low, stretch);
    return first_has ? last_in_piece(search, low, stretch) : INT64_MIN;
}

/* The last covered instant up to `until`, not before `known` (covered; INT64_MIN: none is known), up
 * to `lost` after which there is none. */
static int64_t last_covered(struct search *search, int64_t until, int64_t known, int64_t lost)
{
    /* Before the first edge nothing changes any more. */
    int64_t oldest = until;
    if (search->edge_count != 0 && search->edges[0] < oldest) {
        oldest = search->edges[0];
    }
    if (search->series->objective->window.kind == WINDOW_CALENDAR) {
        /* Where it begins it is empty, and nothing is missed yet. */
        int64_t start_ns = calendar_start(search->series, until);
        oldest = start_ns < oldest ? start_ns : oldest;
    }
    oldest -= NS_PER_SECOND;
    int64_t last = until;
    while (method_has_slices(search->series->objective->method) && last >= oldest &&
           last >= known && last > lost) {
        if (slices_cover(search, last)) {
            return last;
        }
        last = slice_start(search, last) - 1;
    }
    while (last >= oldest && last >= known && last > lost) {
        int64_t first = stretch_start(search, last);
        first = first < oldest ? oldest : first;
        int64_t found = last_in_stretch(search, (struct span){first, last});
        if (found != INT64_MIN) {
            return found;
        }
        last = first - 1;
    }
    return known;
}

/* Counting anew what had occurred by then. */
struct recall {
    struct evaluator *evaluator;
    const struct search *search;
    struct probe *then;
};

static uint32_t series_at(const struct evaluator *evaluator, const struct search *search,
                          uint32_t version)
{
    return (uint32_t)(search->versions[version].series - evaluator->series);
}

static bool recall_event(void *context, const struct batch *batch, uint32_t event_index)
{
    const struct recall *recall = context;
    const struct event *event = &batch->events[event_index];
    struct class_counts counts;
    uint32_t version = 0;
    while (version < recall->then->count &&
           !series_judges(recall->evaluator, series_at(recall->evaluator, recall->search, version),
                          event, &counts)) {
        version++;
    }
    if (version < recall->then->count &&
        !event_is_out_of_time(recall->evaluator, event, batch->received_ns)) {
        series_count(&recall->then->series[version], event->occurred_ns, counts);
    }
    return true;
}

static int64_t earliest_needed(const struct series *then)
{
    int64_t from_ns = window_rolls(then) ? then->rolling.start_ns : series_window(then).start_ns;
    for (uint32_t i = 0; i < then->lookback_count; i++) {
        int64_t start_ns = then->lookbacks[i].span.start_ns;
        from_ns = start_ns < from_ns ? start_ns : from_ns;
    }
    return from_ns;
}

static bool recall_requests(struct evaluator *evaluator, const struct search *search,
                            struct probe *then)
{
    const struct history *history = &evaluator->settings.history;
    struct recall recall = {evaluator, search, then};
    if (history->scan == NULL) {
        return false;
    }
    const struct series *current = &then->series[then->count - 1];
    struct evaluator_counters counters = evaluator->counters;
    enum status status = history->scan(history->context, earliest_needed(current), current->now_ns,
                                       evaluator->position, recall_event, &recall);
    evaluator->counters = counters; /* those out of time were counted when they came */
    for (uint32_t i = 0; i < then->count; i++) {
        series_flush(&then->series[i]);
    }
    return status == STATUS_OK;
}

static bool measure_at(struct evaluator *evaluator, const struct search *search, int64_t ns,
                       struct objective_report *report_out, struct evidence *evidence_out,
                       struct earlier_parts *earlier_out)
{
    struct probe then;
    probe_open(&then, search, ns);
    bool well = search->series->objective->method != METHOD_OCCURRENCES ||
                recall_requests(evaluator, search, &then);
    for (uint32_t i = 0; i < then.count; i++) {
        cases_recall(evaluator, series_at(evaluator, search, i), &then.series[i]);
    }
    measure_evidence(then.versions, then.count, report_out, evidence_out, earlier_out);
    probe_close(&then);
    return well;
}

uint32_t freeze_levels(const struct objective *objective, const struct judgement *judgement)
{
    uint32_t levels = 0;
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        levels |= judgement->alerts[i].firing ? 1u << i : 0;
    }
    return levels;
}

/* The levels at an instant, a bit per pair, into the series. */
static bool levels_at(struct evaluator *evaluator, uint32_t index, const struct search *search,
                      int64_t ns)
{
    struct series *series = &evaluator->series[index];
    struct objective_report report;
    struct evidence evidence;
    struct earlier_parts earlier;
    bool well = measure_at(evaluator, search, ns, &report, &evidence, &earlier);
    judge(&evidence, &report.judgement);
    if (well) {
        series->frozen_at_ns = ns;
        series->frozen_levels = freeze_levels(series->objective, &report.judgement);
    }
    return well;
}

void freeze_set_levels(const struct objective *objective, uint32_t levels,
                       struct judgement *judgement)
{
    judgement->alert = ALERT_NONE;
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        enum alert_severity severity =
            objective->target_ppb == PPB ? ALERT_PAGE : objective->alerts[i].severity;
        judgement->alerts[i].firing = (levels & (1u << i)) != 0;
        if (judgement->alerts[i].firing && severity > judgement->alert) {
            judgement->alert = severity;
        }
    }
}

void freeze_alerts(struct evaluator *evaluator, uint32_t index, struct objective_report *report)
{
    struct series *series = &evaluator->series[index];
    const struct objective *objective = series->objective;
    if (objective->alert_count == 0 || is_covered(&report->judgement, objective)) {
        return;
    }
    struct search search;
    search_open(&search, evaluator->versions, evaluator_versions(evaluator, index));
    int64_t ns =
        last_covered(&search, series->now_ns, series->covered_at_ns, series->lost_until_ns);
    series->covered_at_ns = ns;
    series->lost_until_ns = series->now_ns;
    if (ns == INT64_MIN) {
        freeze_set_levels(objective, 0, &report->judgement); /* it never was: nothing fires */
    } else if (ns == series->frozen_at_ns || levels_at(evaluator, index, &search, ns)) {
        freeze_set_levels(objective, series->frozen_levels, &report->judgement);
    }
    free(search.edges);
}

int64_t freeze_last_covered(const struct measured *versions, uint32_t count, int64_t until_ns,
                            enum freeze_knowledge knowledge)
{
    struct search search;
    search_open(&search, versions, count);
    search.knowledge = knowledge;
    int64_t ns = last_covered(&search, until_ns, INT64_MIN, INT64_MIN);
    free(search.edges);
    return ns;
}

bool freeze_measure(struct evaluator *evaluator, const struct measured *versions, uint32_t count,
                    int64_t ns, struct objective_report *report_out, struct evidence *evidence_out,
                    struct earlier_parts *earlier_out)
{
    const struct search search = {
        .series = versions[count - 1].series, .versions = versions, .version_count = count};
    return measure_at(evaluator, &search, ns, report_out, evidence_out, earlier_out);
}
