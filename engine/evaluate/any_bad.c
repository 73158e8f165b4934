#include "evaluate/any_bad.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/measure.h"
#include "evaluate/slices.h"

/* Instead of a maintenance policy: each member by that of its own agreement. */
#define POLICY_OWN 3

struct any_bad {
    struct agreement agreement;
    int64_t judged_to_ns;     /* slices that begin before it are judged */
    struct span_set excluded; /* slices that were, up to there ... */
    struct span_set unknown;  /* ... */
};

/* Opening */

static const struct part *first_leaf(const struct composition *composition, const struct part *part)
{
    while (part->composite != NULL) {
        part = &composition->parts[part->member_first];
    }
    return part;
}

/* From the first start of a member's term to the last end. */
static void join_terms(const struct composition *composition, const struct part *part,
                       struct span *term)
{
    for (uint32_t i = 0; part->composite != NULL && i < part->composite->member_count; i++) {
        join_terms(composition, &composition->parts[part->member_first + i], term);
    }
    for (uint32_t i = 0; part->composite == NULL && i <= part->owner->earlier_count; i++) {
        const struct agreement *version = agreement_version(part->owner, i);
        const struct objective *objective = agreement_objective(version, part->now.objective.name);
        if (objective == NULL) {
            continue;
        }
        struct span own = objective_judged(version, objective);
        term->start_ns = own.start_ns < term->start_ns ? own.start_ns : term->start_ns;
        term->end_ns = own.end_ns > term->end_ns ? own.end_ns : term->end_ns;
    }
}

struct any_bad *any_bad_open(const struct composition *composition, struct part *part)
{
    const struct objective *leaf = &first_leaf(composition, part)->now.objective;
    struct any_bad *any_bad = calloc(1, sizeof(*any_bad));
    if (any_bad == NULL) {
        return NULL;
    }
    any_bad->judged_to_ns = INT64_MIN;
    any_bad->agreement = (struct agreement){
        .name = part->owner->name,
        .term = {INT64_MAX, INT64_MIN},
        .window_term = part->owner->window_term,
        .in_force = {INT64_MIN, INT64_MAX},
        .version = 1,
        .zone = part->owner->zone,
        .maintenance = MAINTENANCE_REMOVED,
        .of_project = part->owner->of_project,
    };
    join_terms(composition, part, &any_bad->agreement.term);
    part->now.objective.method = leaf->method;
    part->now.objective.slice_ns = leaf->slice_ns;
    part->now.objective.slice_target_ppb = PPB;
    return any_bad;
}

void any_bad_close(struct any_bad *any_bad)
{
    if (any_bad == NULL) {
        return;
    }
    span_set_fini(&any_bad->excluded);
    span_set_fini(&any_bad->unknown);
    free(any_bad);
}

const struct agreement *any_bad_agreement(const struct any_bad *any_bad)
{
    return &any_bad->agreement;
}

static enum maintenance_policy policy_of(const struct series *series, uint32_t policy)
{
    return policy == POLICY_OWN ? series->agreement->maintenance : (enum maintenance_policy)policy;
}

/* Time */

/* Disjoint, together with the time that is good they are all there is. */
struct states {
    struct span_set bad;
    struct span_set unknown;
    struct span_set excluded;
    struct span_set outside; /* the term */
};

static void states_fini(struct states *states)
{
    span_set_fini(&states->bad);
    span_set_fini(&states->unknown);
    span_set_fini(&states->excluded);
    span_set_fini(&states->outside);
}

static void add_all(struct span_set *set, const struct span_set *from)
{
    for (uint32_t i = 0; i < from->count; i++) {
        span_set_add(set, from->spans[i]);
    }
}

static void add_inside(struct span_set *set, const struct span_set *from, struct span term)
{
    for (uint32_t i = 0; i < from->count; i++) {
        span_set_add(set, span_intersect(from->spans[i], term));
    }
    span_set_normalize(set);
}

/* What one version of a leaf has judged. */
static void add_version(struct evaluator *evaluator, uint32_t index, uint32_t policy,
                        struct states *states, struct span_set *judged)
{
    const struct series *series = &evaluator->series[index];
    const struct timeline *timeline = &evaluator->timelines[index];
    const struct objective *objective = series->objective;
    struct span span = objective_judged(series->agreement, objective);
    enum maintenance_policy own = policy_of(series, policy);
    bool raw = own == MAINTENANCE_IGNORED;
    if (objective->method == METHOD_UPTIME) {
        add_inside(&states->bad,
                   raw ? timeline_counted_raw(timeline, objective)
                       : timeline_counted(timeline, objective),
                   span);
        add_inside(&states->unknown, raw ? &timeline->unknown_raw : &timeline->unknown, span);
    }
    add_inside(&states->excluded, timeline_left_out(timeline, own), span);
    if (objective->pre_term == PRE_TERM_GOOD && objective->is_first) {
        span.start_ns = INT64_MIN;
    }
    span_set_add(judged, span);
}

static void states_of_leaf(struct evaluator *evaluator, const struct part *leaf, uint32_t policy,
                           struct states *states)
{
    const struct span_set always = {&(struct span){INT64_MIN, INT64_MAX}, 1, 1};
    struct span_set judged = {0};
    for (uint32_t i = 0; i < part_version_count(leaf); i++) {
        add_version(evaluator, part_series(leaf, i), policy, states, &judged);
    }
    span_set_normalize(&judged);
    span_set_subtract(&states->outside, &always, &judged);
    span_set_fini(&judged);
}

/* set := set minus what is taken; room is written over. */
static void take_away(struct span_set *set, const struct span_set *taken, struct span_set *room)
{
    span_set_subtract(room, set, taken);
    span_set_copy(set, room);
}

static void combine_states(const struct composite *composite, const struct states *members,
                           struct states *states)
{
    uint32_t count = composite->member_count;
    struct span_set *not_good = calloc(count, sizeof(*not_good));
    struct span_set *outside = calloc(count, sizeof(*outside));
    assert(not_good != NULL && outside != NULL);
    for (uint32_t i = 0; i < count; i++) {
        const struct states *member = &members[i];
        add_all(&states->bad, &member->bad);
        add_all(composite->missing == MISSING_BAD ? &states->bad : &states->unknown,
                &member->unknown);
        add_all(&states->excluded, &member->excluded);
        add_all(&not_good[i], &member->bad);
        add_all(&not_good[i], &member->excluded);
        add_all(&not_good[i], &member->outside);
        if (composite->missing != MISSING_GOOD) {
            add_all(&not_good[i], &member->unknown);
        }
        span_set_normalize(&not_good[i]);
        outside[i] = member->outside; /* borrowed */
    }
    span_set_normalize(&states->bad);
    span_set_normalize(&states->unknown);
    span_set_normalize(&states->excluded);
    struct span_set none_good = {0};
    struct span_set room = {0};
    span_set_at_least(&none_good, not_good, count, count);
    span_set_at_least(&states->outside, outside, count, count);
    span_set_intersect(&room, &states->unknown, &none_good);
    span_set_subtract(&states->unknown, &room, &states->bad);
    span_set_intersect(&room, &states->excluded, &none_good);
    span_set_subtract(&states->excluded, &room, &states->bad);
    take_away(&states->excluded, &states->unknown, &room);
    for (uint32_t i = 0; i < count; i++) {
        span_set_fini(&not_good[i]);
    }
    span_set_fini(&none_good);
    span_set_fini(&room);
    free(not_good);
    free(outside);
}

static void states_of(struct evaluator *evaluator, const struct composition *composition,
                      const struct part *part, uint32_t policy, struct states *states)
{
    if (part->composite == NULL) {
        states_of_leaf(evaluator, part, policy, states);
        return;
    }
    uint32_t count = part->composite->member_count;
    struct states *members = calloc(count, sizeof(*members));
    assert(members != NULL);
    for (uint32_t i = 0; i < count; i++) {
        states_of(evaluator, composition, &composition->parts[part->member_first + i], policy,
                  &members[i]);
    }
    combine_states(part->composite, members, states);
    for (uint32_t i = 0; i < count; i++) {
        states_fini(&members[i]);
    }
    free(members);
}

/* Between the terms of the members there is nothing to judge. */
static void exclude_outside(const struct any_bad *any_bad, struct states *states)
{
    for (uint32_t i = 0; i < states->outside.count; i++) {
        span_set_add(&states->excluded,
                     span_intersect(states->outside.spans[i], any_bad->agreement.term));
    }
    span_set_normalize(&states->excluded);
}

/* True: it was not that before. */
static bool replace(struct span_set *set, const struct span_set *by)
{
    bool differs = !span_set_equal(set, by);
    span_set_copy(set, by);
    return differs;
}

static bool fill_time(struct timeline *timeline, const struct states *states)
{
    bool changed = replace(&timeline->bad, &states->bad);
    changed |= replace(&timeline->excluded, &states->excluded);
    changed |= replace(&timeline->unknown, &states->unknown);
    span_set_copy(&timeline->bad_raw, &timeline->bad);
    span_set_copy(&timeline->unknown_raw, &timeline->unknown);
    return changed;
}

static bool bring_up_time(struct evaluator *evaluator, const struct composition *composition,
                          const struct part *part)
{
    struct states states = {0};
    states_of(evaluator, composition, part, POLICY_OWN, &states);
    exclude_outside(part->any_bad, &states);
    bool changed = fill_time(&evaluator->timelines[part->now.series], &states);
    states_fini(&states);
    return changed;
}

/* Slices */

static enum slice_state worst_state(const bool seen[SLICE_STATE_COUNT])
{
    static const enum slice_state order[] = {SLICE_BAD,      SLICE_GOOD,  SLICE_UNKNOWN,
                                             SLICE_EXCLUDED, SLICE_EMPTY, SLICE_OUTSIDE};
    uint32_t at = 0;
    while (!seen[order[at]]) {
        at++;
    }
    return order[at];
}

static enum slice_state combine_slices(const struct composite *composite,
                                       bool seen[SLICE_STATE_COUNT])
{
    bool missing = seen[SLICE_EMPTY] || seen[SLICE_UNKNOWN];
    seen[SLICE_BAD] |= missing && composite->missing == MISSING_BAD;
    seen[SLICE_GOOD] |= missing && composite->missing == MISSING_GOOD;
    return worst_state(seen);
}

static enum slice_state state_of_slice(struct evaluator *evaluator,
                                       const struct composition *composition,
                                       const struct part *part, uint32_t policy, struct span slice)
{
    bool seen[SLICE_STATE_COUNT] = {false};
    if (part->composite == NULL) {
        for (uint32_t i = 0; i < part_version_count(part); i++) {
            const struct series *series = &evaluator->series[part_series(part, i)];
            const struct timeline *timeline = &evaluator->timelines[part_series(part, i)];
            seen[slice_state(series, timeline, slice, policy_of(series, policy))] = true;
        }
        return worst_state(seen);
    }
    for (uint32_t i = 0; i < part->composite->member_count; i++) {
        seen[state_of_slice(evaluator, composition, &composition->parts[part->member_first + i],
                            policy, slice)] = true;
    }
    return combine_slices(part->composite, seen);
}

/* The first instant from ns on in which the set holds anything. */
static int64_t next_held(const struct span_set *set, int64_t ns)
{
    return span_set_holds(set, ns) ? ns : span_set_next_edge(set, ns);
}

static int64_t next_row(const struct buckets *rows, int64_t ns)
{
    struct bucket_walk walk;
    bucket_walk_start(&walk, rows, ns);
    return walk.start_ns;
}

/* The first instant from ns on at which a slice can be anything but empty. */
static int64_t next_happening(struct evaluator *evaluator, const struct composition *composition,
                              const struct part *part, int64_t ns)
{
    int64_t next = INT64_MAX;
    for (uint32_t i = 0; part->composite == NULL && i < part_version_count(part); i++) {
        const struct series *series = &evaluator->series[part_series(part, i)];
        const struct timeline *timeline = &evaluator->timelines[part_series(part, i)];
        const struct tier *tier = series_slices(series);
        next = earlier(next, earlier(next_row(&tier->main, ns), next_row(&tier->aside, ns)));
        next = earlier(next, next_held(&timeline->excluded, ns));
        next = earlier(next, next_held(&timeline->gaps_raw, ns));
        next = series->objective->no_data == NO_DATA_EMPTY_IS_GOOD ? ns : next;
    }
    if (part->composite != NULL && part->composite->missing != MISSING_IGNORE) {
        return ns; /* an empty slice is something too */
    }
    for (uint32_t i = 0; part->composite != NULL && i < part->composite->member_count; i++) {
        next = earlier(next, next_happening(evaluator, composition,
                                            &composition->parts[part->member_first + i], ns));
    }
    return next;
}

/* The first request or edge of a gap that is known of any member: what was not observed since ever
 * need not be looked at since ever. */
static int64_t first_datum(struct evaluator *evaluator, const struct composition *composition,
                           const struct part *part)
{
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; part->composite != NULL && i < part->composite->member_count; i++) {
        first = earlier(first, first_datum(evaluator, composition,
                                           &composition->parts[part->member_first + i]));
    }
    for (uint32_t i = 0; part->composite == NULL && i < part_version_count(part); i++) {
        uint32_t series = part_series(part, i);
        const struct tier *tier = series_slices(&evaluator->series[series]);
        first = earlier(first, earlier(next_row(&tier->main, 0), next_row(&tier->aside, 0)));
        first = earlier(first, span_set_next_edge(&evaluator->timelines[series].gaps_raw, 0));
    }
    return first;
}

/* Reads `now` instead of what was read before; the first instant that differs. */
static int64_t read_set(struct span_set *read, const struct span_set *now)
{
    int64_t ns = span_set_first_difference(read, now);
    if (ns != INT64_MAX) {
        span_set_copy(read, now);
    }
    return ns;
}

static int64_t read_version(struct evaluator *evaluator, struct recast *recast)
{
    struct series *series = &evaluator->series[recast->series];
    const struct timeline *timeline = &evaluator->timelines[recast->series];
    int64_t first = series->changed_from_ns;
    series->changed_from_ns = INT64_MAX;
    first = earlier(first, read_set(&recast->read_excluded, &timeline->excluded));
    first = earlier(first, read_set(&recast->read_off, &timeline->off));
    return earlier(first, read_set(&recast->read_gaps, &timeline->gaps_raw));
}

/* Reads what the members are made of; the first instant at which any of it has changed. */
static int64_t read_members(struct evaluator *evaluator, const struct composition *composition,
                            uint32_t part_index)
{
    struct part *part = &composition->parts[part_index];
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; part->composite != NULL && i < part->composite->member_count; i++) {
        first = earlier(first, read_members(evaluator, composition, part->member_first + i));
    }
    for (uint32_t i = 0; i < part->earlier_count; i++) {
        first = earlier(first, read_version(evaluator, &part->earlier[i]));
    }
    return part->composite == NULL ? earlier(first, read_version(evaluator, &part->now)) : first;
}

/* How far back anybody asks: twice the window where it rolls (see init_timeslices of series.c). */
static int64_t oldest_asked_for(struct evaluator *evaluator, const struct composition *composition,
                                const struct part *part)
{
    const struct series *series = &evaluator->series[part->now.series];
    if (!series->is_fixed && series->window.kind == WINDOW_ROLLING) {
        return series->now_ns - 2 * series->window.length_ns;
    }
    int64_t oldest = earlier(series->now_ns, first_datum(evaluator, composition, part));
    int64_t start_ns = series_window(series).start_ns;
    for (uint32_t i = 0; i < part->now.objective.alert_count; i++) {
        oldest = earlier(oldest, series->now_ns - part->now.objective.alerts[i].long_ns);
    }
    return start_ns == INT64_MIN ? oldest : earlier(oldest, start_ns);
}

static int64_t slice_start(const struct series *series, int64_t ns)
{
    return slice_span(series, (struct span){ns, ns}).start_ns;
}

/* The slices of the span that have ended, as far as they touch the term. */
static struct span judged_slices(struct evaluator *evaluator, const struct composition *composition,
                                 const struct part *part, struct span span)
{
    const struct series *series = &evaluator->series[part->now.series];
    int64_t oldest = oldest_asked_for(evaluator, composition, part);
    span = span_intersect(span, part->any_bad->agreement.term);
    span.start_ns = span.start_ns > oldest ? span.start_ns : oldest;
    int64_t end_ns = slice_start(series, earlier(span.end_ns, series->now_ns));
    if (span.end_ns < series->now_ns && end_ns < span.end_ns) {
        end_ns = earlier(end_ns + series->objective->slice_ns, slice_start(series, series->now_ns));
    }
    int64_t start_ns = slice_start(series, span.start_ns);
    return (struct span){start_ns, end_ns > start_ns ? end_ns : start_ns};
}

/* The next slice from ns on that can be anything but empty; INT64_MAX: none before end. */
static int64_t next_slice(struct evaluator *evaluator, const struct composition *composition,
                          const struct part *part, int64_t ns, int64_t end_ns)
{
    int64_t next = next_happening(evaluator, composition, part, ns);
    return next >= end_ns ? INT64_MAX : slice_start(&evaluator->series[part->now.series], next);
}

/* The row of a slice in the combined series: one good or one bad request, or none. */
static void put_state(struct series *series, int64_t ns, enum slice_state state)
{
    const struct buckets *rows = &series_slices(series)->main;
    struct bucket_walk row;
    bucket_walk_start(&row, rows, ns);
    struct class_counts before = {.first = COUNTER_GOOD, .second = COUNTER_BAD};
    struct class_counts after = {
        .first = COUNTER_GOOD,
        .second = COUNTER_BAD,
        .first_count = state == SLICE_GOOD ? 1 : 0,
        .second_count = state == SLICE_BAD ? 1 : 0,
    };
    if (row.start_ns == ns) {
        before.first_count = row.counters[COUNTER_GOOD];
        before.second_count = row.counters[COUNTER_BAD];
    }
    if (before.first_count != after.first_count || before.second_count != after.second_count) {
        series_recount(series, ns, before, after);
    }
}

/* Keeps what lies between the instants. */
static void keep_between(struct span_set *set, int64_t start_ns, int64_t end_ns)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        struct span span = span_intersect(set->spans[i], (struct span){start_ns, end_ns});
        if (span.end_ns > span.start_ns) {
            set->spans[kept++] = span;
        }
    }
    set->count = kept;
}

static void judge_slices(struct evaluator *evaluator, const struct composition *composition,
                         const struct part *part, struct span span)
{
    struct any_bad *any_bad = part->any_bad;
    struct series *series = &evaluator->series[part->now.series];
    int64_t length_ns = series->objective->slice_ns;
    int64_t ns = next_slice(evaluator, composition, part, span.start_ns, span.end_ns);
    while (ns < span.end_ns) {
        struct span slice = {ns, ns + length_ns};
        enum slice_state state = state_of_slice(evaluator, composition, part, POLICY_OWN, slice);
        put_state(series, ns, state);
        if (state == SLICE_EXCLUDED) {
            span_set_add(&any_bad->excluded, slice);
        } else if (state == SLICE_UNKNOWN) {
            span_set_add(&any_bad->unknown, slice);
        }
        ns = next_slice(evaluator, composition, part, slice.end_ns, span.end_ns);
    }
    span_set_normalize(&any_bad->excluded);
    span_set_normalize(&any_bad->unknown);
}

/* The slices' timeline: those that were excluded or unknown, and what is excluded of the time to
 * come. */
static bool fill_slices(struct evaluator *evaluator, const struct composition *composition,
                        const struct part *part)
{
    const struct any_bad *any_bad = part->any_bad;
    struct timeline *timeline = &evaluator->timelines[part->now.series];
    struct states to_come = {0};
    states_of(evaluator, composition, part, POLICY_OWN, &to_come);
    exclude_outside(any_bad, &to_come);
    keep_between(&to_come.excluded, any_bad->judged_to_ns, INT64_MAX);
    add_all(&to_come.excluded, &any_bad->excluded);
    span_set_normalize(&to_come.excluded);
    bool changed = replace(&timeline->excluded, &to_come.excluded);
    changed |= replace(&timeline->gaps_raw, &any_bad->unknown);
    span_set_copy(&timeline->gaps, &timeline->gaps_raw);
    states_fini(&to_come);
    return changed;
}

static bool bring_up_slices(struct evaluator *evaluator, const struct composition *composition,
                            const struct part *part)
{
    struct any_bad *any_bad = part->any_bad;
    struct series *series = &evaluator->series[part->now.series];
    int64_t from_ns =
        earlier(any_bad->judged_to_ns,
                read_members(evaluator, composition, (uint32_t)(part - composition->parts)));
    struct span span =
        judged_slices(evaluator, composition, part, (struct span){from_ns, INT64_MAX});
    int64_t forget_ns = !series->is_fixed && series->window.kind == WINDOW_ROLLING
                            ? oldest_asked_for(evaluator, composition, part)
                            : INT64_MIN;
    keep_between(&any_bad->excluded, forget_ns, span.start_ns);
    keep_between(&any_bad->unknown, forget_ns, span.start_ns);
    judge_slices(evaluator, composition, part, span);
    any_bad->judged_to_ns = slice_start(series, series->now_ns);
    return fill_slices(evaluator, composition, part);
}

/* Both */

void any_bad_bring_up(struct evaluator *evaluator, const struct composition *composition,
                      const struct part *part)
{
    struct series *series = &evaluator->series[part->now.series];
    series_advance(series, evaluator->now_ns);
    series_flush(series);
    bool slices = method_has_slices(part->now.objective.method);
    bool changed = slices ? bring_up_slices(evaluator, composition, part)
                          : bring_up_time(evaluator, composition, part);
    evaluator->timelines[part->now.series].decided_until_ns = INT64_MAX; /* it counts no cases */
    if (changed) {
        series->covered_at_ns = INT64_MIN;
        series->lost_until_ns = INT64_MIN;
        series->frozen_at_ns = INT64_MIN;
    }
}

/* Only maintenance makes the policies differ. */
static bool has_maintenance(struct evaluator *evaluator, const struct composition *composition,
                            const struct part *part)
{
    bool any = false;
    for (uint32_t i = 0; part->composite != NULL && i < part->composite->member_count; i++) {
        any |= has_maintenance(evaluator, composition, &composition->parts[part->member_first + i]);
    }
    for (uint32_t i = 0; part->composite == NULL && i < part_version_count(part); i++) {
        const struct timeline *timeline = &evaluator->timelines[part_series(part, i)];
        any |= !span_set_equal(&timeline->excluded, &timeline->off);
    }
    return any;
}

static struct measure measure_time_by(struct evaluator *evaluator,
                                      const struct composition *composition,
                                      const struct part *part, uint32_t policy)
{
    struct states states = {0};
    struct timeline timeline = {0};
    struct objective_report report;
    const struct measured only = {&evaluator->series[part->now.series], &timeline};
    states_of(evaluator, composition, part, policy, &states);
    exclude_outside(part->any_bad, &states);
    fill_time(&timeline, &states);
    measure_report(&only, 1, &report);
    timeline_fini(&timeline);
    states_fini(&states);
    return report.judgement.window;
}

static struct measure measure_slices_by(struct evaluator *evaluator,
                                        const struct composition *composition,
                                        const struct part *part, uint32_t policy)
{
    const struct series *series = &evaluator->series[part->now.series];
    struct objective_report frame;
    measure_frame(series, &frame);
    struct span span = judged_slices(evaluator, composition, part, frame.window);
    uint64_t seen[SLICE_STATE_COUNT] = {0};
    int64_t ns = next_slice(evaluator, composition, part, span.start_ns, span.end_ns);
    while (ns < span.end_ns) {
        struct span slice = {ns, ns + series->objective->slice_ns};
        seen[state_of_slice(evaluator, composition, part, policy, slice)]++;
        ns = next_slice(evaluator, composition, part, slice.end_ns, span.end_ns);
    }
    uint64_t others =
        seen[SLICE_GOOD] + seen[SLICE_BAD] + seen[SLICE_EXCLUDED] + seen[SLICE_UNKNOWN];
    uint64_t all = slices_in_term(series, span);
    struct measure measure = {seen[SLICE_GOOD] + slices_before_term(series, frame.window),
                              seen[SLICE_BAD]};
    if (part->now.objective.no_data == NO_DATA_EMPTY_IS_GOOD && all > others) {
        measure.good += all - others;
    }
    return measure;
}

void any_bad_policies(struct evaluator *evaluator, const struct composition *composition,
                      const struct part *part, struct measure by_policy[3])
{
    bool differ = has_maintenance(evaluator, composition, part);
    bool slices = method_has_slices(part->now.objective.method);
    struct measure own = by_policy[MAINTENANCE_REMOVED];
    for (uint32_t policy = 0; policy < 3; policy++) {
        by_policy[policy] = !differ  ? own
                            : slices ? measure_slices_by(evaluator, composition, part, policy)
                                     : measure_time_by(evaluator, composition, part, policy);
    }
}
