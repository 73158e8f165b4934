#include "evaluate/measure.h"

#include "base/panic.h"
#include "evaluate/slices.h"

static bool window_rolls(const struct series *series)
{
    return !series->is_fixed && series->window.kind == WINDOW_ROLLING;
}

/* The part of the span that is judged: inside the term and while the version is in force, and with
 * `pre_term: good` before it too. */
static struct span clip_to_term(const struct series *series, struct span span)
{
    const struct objective *objective = series->objective;
    struct span judged = objective_judged(series->agreement, objective);
    if (objective->pre_term == PRE_TERM_GOOD) {
        judged.start_ns = objective->is_first ? INT64_MIN : objective->in_force.start_ns;
    }
    return span_intersect(span, judged);
}

/* The part of the window that has passed, within the term; never negative, possibly empty. */
static struct span elapsed_window(const struct series *series)
{
    struct span window = series_window(series);
    if (series->objective->method == METHOD_UPTIME && window_rolls(series)) {
        window.start_ns =
            series->now_ns - series->window.length_ns; /* SEMANTICS section 5: exactly */
    }
    window = clip_to_term(series, window);
    if (window.end_ns > series->now_ns) {
        window.end_ns = series->now_ns;
    }
    if (window.start_ns == INT64_MIN) {
        window.start_ns = 0; /* a term without a start: there is no service before the epoch */
    }
    if (window.end_ns < window.start_ns) {
        window.end_ns = window.start_ns;
    }
    return window;
}

/* How much of the span the set holds; what happened outside the term is none of the agreement's
 * business. */
static uint64_t measure_in_term(const struct series *series, const struct span_set *set,
                                struct span span)
{
    span = span_intersect(span, objective_judged(series->agreement, series->objective));
    return span.end_ns > span.start_ns ? (uint64_t)span_set_measure(set, span) : 0;
}

static void measure_time(const struct series *series, const struct timeline *timeline,
                         struct span span, struct span_measure *measure_out)
{
    uint64_t length = (uint64_t)span_length(span);
    uint64_t bad = measure_in_term(series, timeline_counted(timeline, series->objective), span);
    uint64_t bad_raw =
        measure_in_term(series, timeline_counted_raw(timeline, series->objective), span);
    uint64_t excluded = measure_in_term(series, &timeline->excluded, span);
    uint64_t off = measure_in_term(series, &timeline->off, span);
    uint64_t unknown = measure_in_term(series, &timeline->unknown, span);
    uint64_t unknown_raw = measure_in_term(series, &timeline->unknown_raw, span);
    *measure_out = (struct span_measure){
        .by_policy = {[MAINTENANCE_REMOVED] = {length - excluded - unknown - bad, bad},
                      [MAINTENANCE_COUNTS_AS_GOOD] = {length - off - unknown - bad, bad},
                      [MAINTENANCE_IGNORED] = {length - off - unknown_raw - bad_raw, bad_raw}},
        .excluded = {[MAINTENANCE_REMOVED] = excluded,
                     [MAINTENANCE_COUNTS_AS_GOOD] = off,
                     [MAINTENANCE_IGNORED] = off},
        .unknown = {[MAINTENANCE_REMOVED] = unknown,
                    [MAINTENANCE_COUNTS_AS_GOOD] = unknown,
                    [MAINTENANCE_IGNORED] = unknown_raw},
    };
}

static void measure_lookback(const struct series *series, const struct timeline *timeline,
                             int64_t length_ns, struct span_measure *measure_out)
{
    struct span span = {series->now_ns - length_ns, series->now_ns};
    switch (series->objective->method) {
    case METHOD_OCCURRENCES:
    case METHOD_RESPONSE:
    case METHOD_RESOLUTION:
    case METHOD_FULFILMENT:
        *measure_out = (struct span_measure){0};
        measure_counters(series_lookback(series, length_ns), measure_out->by_policy);
        break;
    case METHOD_TIMESLICES:
    case METHOD_RATIO_TIMESLICES:
        measure_slices(series, timeline, slice_span(series, span), measure_out);
        break;
    case METHOD_UPTIME:
        span = clip_to_term(series, span);
        if (span.end_ns < span.start_ns) {
            span.end_ns = span.start_ns;
        }
        measure_time(series, timeline, span, measure_out);
        break;
    case METHOD_COMPOSITE:
        unreachable("a composite is measured by its members");
    }
}

static void fill_counts(const struct series *series, const struct tally *tally,
                        struct request_counts *counts)
{
    struct measure by_policy[3];
    measure_counters(tally->of, by_policy);
    struct measure own = by_policy[series->agreement->maintenance];
    const uint64_t *of = tally->of;
    bool removed = series->agreement->maintenance == MAINTENANCE_REMOVED;
    *counts = (struct request_counts){
        .good = own.good,
        .bad = own.bad,
        .out_of_scope = of[COUNTER_OUT_OF_SCOPE],
        .late = of[COUNTER_LATE],
    };
    for (enum aside aside = ASIDE_HOURS; aside < ASIDE_COUNT; aside++) {
        counts->excluded_by[aside] = of[counter_of_aside(aside)];
    }
    if (removed) {
        counts->excluded_by[ASIDE_MAINTENANCE] =
            of[COUNTER_MAINTENANCE_GOOD] + of[COUNTER_MAINTENANCE_BAD] +
            of[COUNTER_MAINTENANCE_EXCLUSION] + of[COUNTER_MAINTENANCE_HOURS] +
            of[COUNTER_MAINTENANCE_TERM];
    } else {
        counts->excluded_by[ASIDE_EXCLUSION] += of[COUNTER_MAINTENANCE_EXCLUSION];
        counts->excluded_by[ASIDE_HOURS] += of[COUNTER_MAINTENANCE_HOURS];
        counts->excluded_by[ASIDE_TERM] += of[COUNTER_MAINTENANCE_TERM];
    }
}

static struct four_states four_states(const struct span_measure *measure,
                                      enum maintenance_policy policy)
{
    return (struct four_states){
        .good = measure->by_policy[policy].good,
        .bad = measure->by_policy[policy].bad,
        .excluded = measure->excluded[policy],
        .unknown = measure->unknown[policy],
    };
}

/* The end of the window and what it means for the budget */

/* A term without an end: what has passed is all there is to go by. */
static void fill_endless(const struct series *series, struct evidence *evidence)
{
    struct span elapsed = elapsed_window(series);
    evidence->is_calendar = true;
    evidence->remaining_ns = INT64_MAX;
    if (method_has_slices(series->objective->method)) {
        struct span slices = slice_span(series, elapsed);
        evidence->elapsed_valid =
            slices_in_term(series, slices) + slices_before_term(series, slices);
    } else if (series->objective->method == METHOD_UPTIME) {
        evidence->elapsed_valid = (uint64_t)span_length(elapsed);
    }
}

/* The slices of the window that have ended; the term cuts nothing off, it only sets requests aside.
 */
static struct span ended_slices(const struct series *series)
{
    struct span window = series_window(series);
    if (window_rolls(series)) {
        window = (struct span){series->now_ns - series->window.length_ns, series->now_ns};
    }
    if (window.end_ns > series->now_ns) {
        window.end_ns = series->now_ns;
    }
    if (window.start_ns == INT64_MIN) {
        window.start_ns = 0;
    }
    return slice_span(series, window);
}

/* What of the span is the version's business: the first one's reaches back as far as anybody asks. */
static struct span share_of(const struct series *series, struct span span)
{
    struct span in_force = series->objective->in_force;
    if (series->objective->is_first) {
        in_force.start_ns = INT64_MIN;
    }
    span = span_intersect(span, in_force);
    return span.end_ns > span.start_ns ? span : (struct span){span.start_ns, span.start_ns};
}

static void fill_rolling(const struct series *series, struct evidence *evidence)
{
    struct span window = {series->now_ns - series->window.length_ns, series->now_ns};
    evidence->nominal_ns = span_length(share_of(series, window));
    evidence->remaining_ns = INT64_MAX;
    if (method_has_slices(series->objective->method)) {
        evidence->full_valid = slices_touched(series, share_of(series, ended_slices(series)));
    } else if (series->objective->method == METHOD_UPTIME) {
        evidence->full_valid = (uint64_t)evidence->nominal_ns;
    }
}

static void fill_standing(const struct series *series, const struct timeline *timeline,
                          struct evidence *evidence)
{
    struct span full = clip_to_term(series, series_window(series));
    if (full.start_ns == INT64_MIN) {
        full.start_ns = 0; /* a term without a start, until the next version */
    }
    if (full.end_ns < full.start_ns) {
        full.end_ns = full.start_ns;
    }
    struct span rest = {series->now_ns > full.start_ns ? series->now_ns : full.start_ns,
                        full.end_ns};
    evidence->is_calendar = true;
    evidence->is_over = series->now_ns >= full.end_ns;
    evidence->nominal_ns = span_length(full);
    evidence->remaining_ns = span_length(rest);
    if (method_has_slices(series->objective->method)) {
        evidence->full_valid = slices_in_term(series, full) + slices_before_term(series, full);
        evidence->remaining_valid = evidence->is_over ? 0 : slices_to_come(series, timeline, full);
    } else if (series->objective->method == METHOD_UPTIME) {
        const struct span_set *left_out =
            timeline_left_out(timeline, series->agreement->maintenance);
        evidence->full_valid =
            (uint64_t)span_length(full) - measure_in_term(series, left_out, full);
        evidence->remaining_valid =
            (uint64_t)span_length(rest) - measure_in_term(series, left_out, rest);
    }
}

void measure_horizon(const struct series *series, const struct timeline *timeline,
                     struct evidence *evidence)
{
    if (window_rolls(series)) {
        fill_rolling(series, evidence);
    } else if (clip_to_term(series, series_window(series)).end_ns == INT64_MAX) {
        fill_endless(series, evidence);
    } else {
        fill_standing(series, timeline, evidence);
    }
}

/* What the window holds, by method */

/* One version's part of the window. */
struct part {
    struct span_measure measure;
    struct request_counts counts;
    struct evidence evidence; /* lookbacks are left to others */
};

static void fill_occurrences(const struct series *series, const struct timeline *timeline,
                             struct part *part)
{
    const struct tally *tally = series_window_tally(series);
    struct span elapsed = elapsed_window(series);
    struct evidence *evidence = &part->evidence;
    measure_counters(tally->of, part->measure.by_policy);
    fill_counts(series, tally, &part->counts);
    evidence->unit =
        method_counts_incidents(series->objective->method) ? BUDGET_INCIDENTS : BUDGET_REQUESTS;
    struct time_sets sets = measure_time_sets(series, timeline);
    uint64_t excluded = measure_in_term(series, sets.left_out, elapsed);
    evidence->unknown_ns = measure_in_term(series, sets.gaps, elapsed);
    evidence->known_ns = (uint64_t)span_length(elapsed) - excluded - evidence->unknown_ns;
}

static void fill_slices(const struct series *series, const struct timeline *timeline,
                        struct part *part)
{
    struct span ended = ended_slices(series);
    enum maintenance_policy policy = series->agreement->maintenance;
    struct span_measure *measure = &part->measure;
    struct evidence *evidence = &part->evidence;
    measure_slices(series, timeline, ended, measure);
    evidence->is_mean = series->objective->method == METHOD_RATIO_TIMESLICES;
    evidence->window_weight = measure_valid(measure->by_policy[policy]);
    struct tally tally = {{0}};
    tier_sum(series_slices(series), ended, &tally);
    fill_counts(series, &tally, &part->counts);
    evidence->unit = BUDGET_SLICES;
    evidence->unknown_ns = measure->unknown[policy];
    evidence->known_ns = measure_valid(measure->by_policy[policy]) + measure->empty[policy];
}

static void fill_uptime(const struct series *series, const struct timeline *timeline,
                        struct part *part)
{
    enum maintenance_policy policy = series->agreement->maintenance;
    measure_time(series, timeline, elapsed_window(series), &part->measure);
    part->evidence.unit = BUDGET_NS;
    part->evidence.unknown_ns = part->measure.unknown[policy];
    part->evidence.known_ns = measure_valid(part->measure.by_policy[policy]);
}

static void fill_part(const struct measured *version, struct part *part_out)
{
    const struct series *series = version->series;
    *part_out = (struct part){.evidence = {.objective = series->objective}};
    switch (series->objective->method) {
    case METHOD_OCCURRENCES:
    case METHOD_RESPONSE:
    case METHOD_RESOLUTION:
    case METHOD_FULFILMENT:
        fill_occurrences(series, version->timeline, part_out);
        break;
    case METHOD_TIMESLICES:
    case METHOD_RATIO_TIMESLICES:
        fill_slices(series, version->timeline, part_out);
        break;
    case METHOD_UPTIME:
        fill_uptime(series, version->timeline, part_out);
        break;
    case METHOD_COMPOSITE:
        unreachable("a composite is measured by its members");
    }
    part_out->evidence.window =
        slices_measure(series->objective, &part_out->measure, series->agreement->maintenance);
    measure_horizon(series, version->timeline, &part_out->evidence);
}

/* The window as the report names it. */
static struct span shown_window(const struct series *series)
{
    struct span window = series_window(series);
    if (window.end_ns == INT64_MAX) {
        /* A term runs to now, or to its end; never to before its start. */
        window.end_ns = series->now_ns > window.start_ns ? series->now_ns : window.start_ns;
    }
    if (window_rolls(series) && series->objective->method == METHOD_UPTIME) {
        window.start_ns = series->now_ns - series->window.length_ns;
    } else if (window_rolls(series) && method_has_slices(series->objective->method)) {
        window = ended_slices(series);
    }
    return window;
}

static int64_t resolution_s(const struct series *series, struct span window)
{
    if (method_has_slices(series->objective->method)) {
        return series->objective->slice_ns / NS_PER_SECOND;
    }
    if (window_rolls(series)) {
        return window_resolution_s(series->window.length_ns);
    }
    return window.start_ns != INT64_MIN ? window_resolution_s(span_length(window)) : 3600;
}

struct span measure_span(const struct series *series)
{
    if (method_has_slices(series->objective->method)) {
        return ended_slices(series);
    }
    if (series->objective->method == METHOD_UPTIME) {
        return elapsed_window(series);
    }
    struct span window = series_window(series);
    window.end_ns = window.end_ns < series->now_ns ? window.end_ns : series->now_ns;
    return window;
}

struct time_sets measure_time_sets(const struct series *series, const struct timeline *timeline)
{
    enum maintenance_policy policy = series->agreement->maintenance;
    bool raw = policy == MAINTENANCE_IGNORED;
    return (struct time_sets){
        .bad = raw ? timeline_counted_raw(timeline, series->objective)
                   : timeline_counted(timeline, series->objective),
        .left_out = timeline_left_out(timeline, policy),
        .unknown = raw ? &timeline->unknown_raw : &timeline->unknown,
        .gaps = raw ? &timeline->gaps_raw : &timeline->gaps,
    };
}

/* What is made of all versions */

bool measures_add_up(const struct objective *a, const struct objective *b)
{
    return a->method == b->method && (!method_has_slices(a->method) || a->slice_ns == b->slice_ns);
}

/* Under its own policy a version gives what counts; under the others of the version in force what
 * would. */
static void add_measure(struct span_measure *sum, enum maintenance_policy sum_policy,
                        const struct span_measure *part, enum maintenance_policy part_policy)
{
    for (enum maintenance_policy i = 0; i < 3; i++) {
        enum maintenance_policy from = i == sum_policy ? part_policy : i;
        sum->by_policy[i].good += part->by_policy[from].good;
        sum->by_policy[i].bad += part->by_policy[from].bad;
        sum->excluded[i] += part->excluded[from];
        sum->unknown[i] += part->unknown[from];
        sum->empty[i] += part->empty[from];
        sum->lacking[i] += part->lacking[from];
    }
}

static void add_counts(struct request_counts *sum, const struct request_counts *part)
{
    sum->good += part->good;
    sum->bad += part->bad;
    sum->out_of_scope += part->out_of_scope;
    sum->late += part->late;
    for (uint32_t i = 0; i < ASIDE_COUNT; i++) {
        sum->excluded_by[i] += part->excluded_by[i];
    }
}

/* The part of the window that has passed under the version; empty: none has. */
static struct span part_span(const struct series *series)
{
    struct span span = shown_window(series);
    span = span_intersect(span, series->objective->in_force);
    span = span_intersect(span, (struct span){INT64_MIN, series->now_ns});
    return span.end_ns > span.start_ns ? span : (struct span){span.start_ns, span.start_ns};
}

static bool tally_is_empty(const struct tally *tally)
{
    for (uint32_t i = 0; i < COUNTER_COUNT; i++) {
        if (tally->of[i] != 0) {
            return false;
        }
    }
    return true;
}

/* What began under a version is decided by it, perhaps later. */
static bool has_part(const struct series *series)
{
    return span_length(part_span(series)) != 0 || (method_has_limit(series->objective->method) &&
                                                   !tally_is_empty(series_window_tally(series)));
}

static void list_part(struct objective_report *report, const struct series *series,
                      const struct part *part, const struct judgement *judgement)
{
    if (report->part_count == REPORT_PARTS_MAX) {
        memmove(report->parts, report->parts + 1, (REPORT_PARTS_MAX - 1) * sizeof(*report->parts));
        report->part_count--;
    }
    const struct objective *objective = series->objective;
    report->parts[report->part_count++] = (struct report_part){
        .version = series->agreement->version,
        .span = part_span(series),
        .target_text = objective->target_text,
        .target_ppb = objective->target_ppb,
        .window = part->evidence.window,
        .has_sli = judgement->has_sli,
        .unit = judgement->unit,
        .budget = judgement_budgets(objective, judgement).total,
        .verdict = judgement->verdict,
        .reason = judgement->reason,
    };
}

/* Adds the part of a version that is in force no more. */
static void add_earlier(const struct measured *version, const struct series *current,
                        struct objective_report *report, struct part *sum,
                        struct earlier_parts *earlier)
{
    const struct series *series = version->series;
    struct part part;
    struct judgement judgement;
    fill_part(version, &part);
    judge(&part.evidence, &judgement);
    list_part(report, series, &part, &judgement);
    if (verdict_is_worse(judgement.verdict, earlier->worst)) {
        earlier->worst = judgement.verdict;
        earlier->reason = judgement.reason;
    }
    if (!measures_add_up(series->objective, current->objective)) {
        return;
    }
    add_measure(&sum->measure, current->agreement->maintenance, &part.measure,
                series->agreement->maintenance);
    add_counts(&sum->counts, &part.counts);
    struct budgets budgets = judgement_budgets(series->objective, &judgement);
    uint64_t weight = part.evidence.is_mean ? part.evidence.window_weight : 1;
    earlier->total_budget += budgets.total;
    earlier->full_budget += budgets.full * weight;
    earlier->elapsed_budget += budgets.elapsed * weight;
    earlier->known_ns += part.evidence.known_ns;
    earlier->unknown_ns += part.evidence.unknown_ns;
    earlier->nominal_ns += part.evidence.nominal_ns;
}

static void add_lookback(const struct measured *versions, uint32_t count, int64_t length_ns,
                         struct measure *measure_out, uint64_t *weight_out)
{
    const struct series *current = versions[count - 1].series;
    enum maintenance_policy policy = current->agreement->maintenance;
    if (count == 1 && method_counts(current->objective->method)) {
        struct measure by_policy[3]; /* nothing to sum: this is asked for at each publishing */
        measure_counters(series_lookback(current, length_ns), by_policy);
        *measure_out = by_policy[policy];
        *weight_out = measure_valid(*measure_out);
        return;
    }
    struct span_measure sum = {0};
    struct span_measure one;
    for (uint32_t i = 0; i < count; i++) {
        const struct series *series = versions[i].series;
        if (measures_add_up(series->objective, current->objective)) {
            measure_lookback(series, versions[i].timeline, length_ns, &one);
            add_measure(&sum, policy, &one, series->agreement->maintenance);
        }
    }
    *measure_out = slices_measure(current->objective, &sum, policy);
    *weight_out = measure_valid(sum.by_policy[policy]);
}

static void fill_lookbacks(const struct measured *versions, uint32_t count,
                           struct evidence *evidence)
{
    const struct objective *objective = evidence->objective;
    uint64_t unused;
    for (uint32_t i = 0; i < objective->alert_count; i++) {
        add_lookback(versions, count, objective->alerts[i].long_ns, &evidence->lookbacks_long[i],
                     &evidence->long_weights[i]);
        add_lookback(versions, count, objective->alerts[i].short_ns, &evidence->lookbacks_short[i],
                     &unused);
    }
}

static void fill_report(const struct series *series, const struct part *sum,
                        struct objective_report *report)
{
    enum maintenance_policy policy = series->agreement->maintenance;
    enum method method = series->objective->method;
    for (enum maintenance_policy i = 0; i < 3; i++) {
        report->by_policy[i] = slices_measure(series->objective, &sum->measure, i);
    }
    report->counts = sum->counts;
    report->has_counts = method != METHOD_UPTIME;
    report->has_slices = method_has_slices(method);
    report->has_time = method == METHOD_UPTIME;
    if (report->has_slices) {
        report->slices = four_states(&sum->measure, policy);
    }
    if (report->has_time) {
        report->time = four_states(&sum->measure, policy);
    }
}

void measure_frame(const struct series *series, struct objective_report *report_out)
{
    struct span window = shown_window(series);
    *report_out = (struct objective_report){
        .agreement = series->agreement,
        .objective = series->objective,
        .at_ns = series->now_ns,
        .over = series->window,
        .window = window,
        .resolution_s = resolution_s(series, window),
    };
}

void measure_evidence(const struct measured *versions, uint32_t count,
                      struct objective_report *report_out, struct evidence *evidence_out,
                      struct earlier_parts *earlier_out)
{
    const struct series *current = versions[count - 1].series;
    measure_frame(current, report_out);
    struct part own;
    fill_part(&versions[count - 1], &own);
    struct part sum = own;
    *earlier_out = (struct earlier_parts){0};
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (has_part(versions[i].series)) {
            add_earlier(&versions[i], current, report_out, &sum, earlier_out);
        }
    }
    if (report_out->part_count != 0) {
        enum maintenance_policy policy = current->agreement->maintenance;
        earlier_out->whole = slices_measure(current->objective, &sum.measure, policy);
        earlier_out->whole_weight = measure_valid(sum.measure.by_policy[policy]);
        own.evidence.earlier = earlier_out;
    }
    fill_report(current, &sum, report_out);
    fill_lookbacks(versions, count, &own.evidence);
    if (own.evidence.earlier != NULL) {
        struct judgement whole;
        struct judgement judgement;
        struct evidence alone = own.evidence;
        alone.earlier = NULL;
        judge(&own.evidence, &whole);
        judge(&alone, &judgement);
        judgement.verdict = whole.own_verdict; /* an alert looks at the budget of all */
        judgement.reason = whole.own_reason;
        list_part(report_out, current, &own, &judgement);
    }
    *evidence_out = own.evidence;
}

void measure_report(const struct measured *versions, uint32_t count,
                    struct objective_report *report_out)
{
    struct evidence evidence;
    struct earlier_parts earlier;
    measure_evidence(versions, count, report_out, &evidence, &earlier);
    judge(&evidence, &report_out->judgement);
}
