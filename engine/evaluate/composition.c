#include "evaluate/composition.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/any_bad.h"
#include "evaluate/composition_freeze.h"
#include "evaluate/freeze.h"
#include "evaluate/measure.h"

static bool is_any_bad(const struct composite *composite)
{
    return composite != NULL && composite->combine == COMBINE_ANY_BAD;
}

/* The objective in the i-th version of its agreement (agreement_version); NULL: it is not there, or
 * judged in another way. */
static const struct objective *version_of(const struct agreement *agreement, uint32_t i,
                                          const struct objective *objective)
{
    const struct agreement *version = agreement_version(agreement, i);
    const struct objective *same =
        version == agreement ? objective : agreement_objective(version, objective->name);
    return same != NULL && measures_add_up(same, objective) ? same : NULL;
}

/* Do the agreement's credits name this objective, a composite? */
static bool is_paid_for(const struct agreement *agreement, uint32_t objective)
{
    return agreement->credits != NULL && agreement->credits->objective == objective &&
           agreement->objectives[objective].composite != NULL;
}

/* How many there will be */

struct size {
    uint32_t parts;
    uint32_t series;
};

static void size_add(const struct agreement_set *set, const struct agreement *own,
                     const struct objective *objective, bool is_inner, struct size *size)
{
    const struct composite *composite = objective->composite;
    size->parts++;
    size->series += is_any_bad(composite) && !is_inner ? 1 : 0;
    for (uint32_t i = 0; composite == NULL && i <= own->earlier_count; i++) {
        size->series += version_of(own, i, objective) != NULL ? 1 : 0;
    }
    for (uint32_t i = 0; composite != NULL && i < composite->member_count; i++) {
        const struct agreement *owner;
        const struct objective *member = composite_member(set, own, &composite->members[i], &owner);
        size_add(set, owner, member, is_any_bad(composite), size);
    }
}

uint32_t composition_series(const struct agreement_set *set, const struct agreement *agreement)
{
    struct size size = {0, 0};
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        if (agreement->objectives[i].composite != NULL) {
            size_add(set, agreement, &agreement->objectives[i], false, &size);
        }
        if (is_paid_for(agreement, i)) {
            size_add(set, agreement, &agreement->objectives[i], false, &size);
            size.series++; /* its frame */
        }
    }
    return size.series;
}

/* Opening */

static struct resident *resident_of_agreement(struct evaluator *evaluator,
                                              const struct agreement *agreement)
{
    for (uint32_t i = evaluator->resident_count; i-- > 0;) { /* mostly it is a recent one */
        if (evaluator->residents[i].agreement == agreement) {
            return &evaluator->residents[i];
        }
    }
    unreachable("the agreements of a composite live in one shard");
}

static bool add_to_resident(struct evaluator *evaluator, struct resident *resident,
                            struct hidden_series hidden)
{
    struct hidden_series *list =
        realloc(resident->hidden, (resident->hidden_count + 1) * sizeof(*list));
    if (list == NULL) {
        return false;
    }
    resident->hidden = list;
    list[resident->hidden_count++] = hidden;
    gates_close(evaluator, resident); /* its requests move more from now on */
    return true;
}

static uint32_t take_series(struct evaluator *evaluator, const struct resident *resident)
{
    uint32_t index = evaluator->series_count++;
    evaluator->resident_of[index] = (uint32_t)(resident - evaluator->residents);
    evaluator->stale[index] = true;
    return index;
}

/* Over the composite's window, or what its credits are paid for. */
static void start_series(struct evaluator *evaluator, const struct composition *composition,
                         uint32_t series, const struct agreement *agreement,
                         const struct objective *objective)
{
    struct series *started = &evaluator->series[series];
    if (composition->paid_period == NULL) {
        series_init(started, agreement, objective, evaluator->settings.asked, evaluator->now_ns);
    } else {
        series_init_lagging(started, agreement, objective, composition->paid_period,
                            evaluator->now_ns);
    }
    series_page_by(started, &evaluator->pager);
}

/* One version of a leaf. */
static bool open_series(struct evaluator *evaluator, const struct composition *composition,
                        struct resident *resident, struct recast *recast)
{
    recast->series = take_series(evaluator, resident);
    start_series(evaluator, composition, recast->series, resident->agreement, &recast->objective);
    return add_to_resident(evaluator, resident,
                           (struct hidden_series){recast->series, composition->shown});
}

static bool open_leaf(struct evaluator *evaluator, const struct composition *composition,
                      const struct objective *root, struct part *part)
{
    struct resident *current = resident_of_agreement(evaluator, part->owner);
    uint32_t count = part->owner->earlier_count;
    part->earlier = calloc((size_t)count + 1, sizeof(*part->earlier));
    bool well = part->earlier != NULL;
    for (uint32_t i = 0; well && i < count; i++) {
        const struct objective *objective = version_of(part->owner, i, &part->now.objective);
        if (objective != NULL) {
            struct recast *recast = &part->earlier[part->earlier_count++];
            recast->objective = composite_recast(objective, root);
            well = open_series(evaluator, composition, current - (count - i), recast);
        }
    }
    return well && open_series(evaluator, composition, current, &part->now);
}

static bool open_any_bad(struct evaluator *evaluator, const struct composition *composition,
                         struct part *part)
{
    const struct resident *resident =
        &evaluator->residents[evaluator->resident_of[composition->series]];
    part->now.series = take_series(evaluator, resident);
    part->any_bad = any_bad_open(composition, part);
    if (part->any_bad != NULL) {
        start_series(evaluator, composition, part->now.series, any_bad_agreement(part->any_bad),
                     &part->now.objective);
    }
    return part->any_bad != NULL;
}

/* Parts in the order of their distance from the root: so members stand together. */
static void lay_out(const struct agreement_set *set, const struct objective *root,
                    struct composition *composition, const struct agreement *own)
{
    composition->parts[0] = (struct part){
        .composite = root->composite,
        .owner = own,
        .now = {.objective = *root, .series = NO_SERIES},
    };
    uint32_t count = 1;
    for (uint32_t i = 0; i < count; i++) {
        struct part *part = &composition->parts[i];
        const struct composite *composite = part->composite;
        part->member_first = count;
        for (uint32_t j = 0; composite != NULL && j < composite->member_count; j++) {
            struct part *member = &composition->parts[count++];
            const struct objective *objective =
                composite_member(set, part->owner, &composite->members[j], &member->owner);
            member->composite = objective->composite;
            member->now = (struct recast){.objective = composite_recast(objective, root),
                                          .series = NO_SERIES};
            member->is_inner = is_any_bad(composite);
        }
    }
    assert(count == composition->part_count);
}

static bool open_parts(struct evaluator *evaluator, struct composition *composition)
{
    const struct objective *root = &composition->objective;
    bool well = true;
    for (uint32_t i = 0; well && i < composition->part_count; i++) {
        struct part *part = &composition->parts[i];
        if (part->composite == NULL) {
            well = open_leaf(evaluator, composition, root, part);
        } else if (is_any_bad(part->composite) && !part->is_inner) {
            well = open_any_bad(evaluator, composition, part);
        }
    }
    return well;
}

/* The composition says what it is of; the rest is opened. */
static bool open_one(struct evaluator *evaluator, struct composition *composition)
{
    const struct agreement_set *set = evaluator->settings.set;
    const struct agreement *agreement =
        evaluator->residents[evaluator->resident_of[composition->series]].agreement;
    struct size size = {0, 0};
    size_add(set, agreement, &composition->objective, false, &size);
    composition->parts = calloc(size.parts, sizeof(struct part));
    composition->standings = calloc(size.parts, sizeof(struct standing));
    composition->part_count = size.parts;
    if (composition->parts == NULL || composition->standings == NULL) {
        return false;
    }
    lay_out(set, &composition->objective, composition, agreement);
    return open_parts(evaluator, composition);
}

/* Composites of versions that are not in force judge nothing. */
static bool shows_composite(const struct evaluator *evaluator, uint32_t series)
{
    uint32_t resident = evaluator->resident_of[series];
    return evaluator->series[series].objective->composite != NULL &&
           evaluator->residents[resident].current == resident;
}

/* Of the composite that this series shows; NULL: out of memory. */
static struct composition *add_one(struct evaluator *evaluator, uint32_t shown)
{
    uint32_t count = evaluator->composition_count;
    struct composition **compositions =
        realloc(evaluator->compositions, (count + 1) * sizeof(*compositions));
    if (compositions == NULL) {
        return NULL;
    }
    evaluator->compositions = compositions;
    compositions[count] = calloc(1, sizeof(struct composition)); /* series point into it */
    if (compositions[count] == NULL) {
        return NULL;
    }
    evaluator->composition_count++;
    *compositions[count] = (struct composition){
        .series = shown, .shown = shown, .objective = *evaluator->series[shown].objective};
    return compositions[count];
}

static bool open_shown(struct evaluator *evaluator, uint32_t series)
{
    struct composition *composition = add_one(evaluator, series);
    evaluator->composition_of[series] = evaluator->composition_count;
    return composition != NULL && open_one(evaluator, composition);
}

/* The same composite once more, over the last complete period of the agreement's credits: no alerts,
 * nothing to show. */
static bool open_paid(struct evaluator *evaluator, uint32_t shown)
{
    struct resident *resident = &evaluator->residents[evaluator->resident_of[shown]];
    const struct credit_terms *terms = resident->agreement->credits;
    struct composition *composition = add_one(evaluator, shown);
    if (composition == NULL) {
        return false;
    }
    composition->series = take_series(evaluator, resident);
    composition->paid_period = &terms->period;
    composition->objective.window = terms->period;
    composition->objective.alert_count = 0;
    evaluator->composition_of[composition->series] = evaluator->composition_count;
    start_series(evaluator, composition, composition->series, resident->agreement,
                 &composition->objective);
    resident->paid_composite = composition->series + 1;
    return open_one(evaluator, composition);
}

/* A named period is also the period of the credits: then the objective's own figure serves. */
static bool is_paid_aside(const struct evaluator *evaluator, uint32_t series)
{
    const struct resident *resident = &evaluator->residents[evaluator->resident_of[series]];
    const struct asked_window *asked = evaluator->settings.asked;
    return is_paid_for(resident->agreement, series - resident->series_first) &&
           (asked == NULL || asked->window.kind != WINDOW_CALENDAR);
}

enum status compositions_open(struct evaluator *evaluator, uint32_t series_first)
{
    uint32_t series_end = evaluator->series_count; /* those that are added are hidden */
    for (uint32_t i = series_first; i < series_end; i++) {
        if (shows_composite(evaluator, i) &&
            (!open_shown(evaluator, i) ||
             (is_paid_aside(evaluator, i) && !open_paid(evaluator, i)))) {
            return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

static void recast_fini(struct recast *recast)
{
    span_set_fini(&recast->read_excluded);
    span_set_fini(&recast->read_off);
    span_set_fini(&recast->read_gaps);
}

static void part_fini(struct part *part)
{
    for (uint32_t i = 0; i < part->earlier_count; i++) {
        recast_fini(&part->earlier[i]);
    }
    recast_fini(&part->now);
    free(part->earlier);
    any_bad_close(part->any_bad);
}

void compositions_close(struct evaluator *evaluator)
{
    for (uint32_t i = 0; i < evaluator->composition_count; i++) {
        struct composition *composition = evaluator->compositions[i];
        for (uint32_t j = 0; composition->parts != NULL && j < composition->part_count; j++) {
            part_fini(&composition->parts[j]);
        }
        free(composition->parts);
        free(composition->standings);
        free(composition);
    }
    free(evaluator->compositions);
}

/* Judging */

static struct composition *composition_at(struct evaluator *evaluator, uint32_t series)
{
    assert(evaluator->composition_of[series] != 0);
    return evaluator->compositions[evaluator->composition_of[series] - 1];
}

void composition_count(struct evaluator *evaluator, const struct resident *resident,
                       struct aside_masks masks, const struct event *event)
{
    for (uint32_t i = 0; i < resident->hidden_count; i++) {
        struct series *series = &evaluator->series[resident->hidden[i].series];
        if (series_takes(evaluator, series, event)) {
            series_advance(series, evaluator->now_ns);
            series_count(series, event->occurred_ns,
                         classify_request(resident->agreement, series->objective, masks, event));
            series_mark_dirty(evaluator, resident->hidden[i].shown);
        }
    }
}

/* From the last part to the first: members before what is made of them. */
void composition_bring_up(struct evaluator *evaluator, uint32_t series)
{
    struct composition *composition = composition_at(evaluator, series);
    for (uint32_t i = composition->part_count; i-- > 0;) {
        const struct part *part = &composition->parts[i];
        if (part->any_bad != NULL) {
            any_bad_bring_up(evaluator, composition, part);
        }
        for (uint32_t j = 0; part->composite == NULL && j < part_version_count(part); j++) {
            series_bring_up(evaluator, part_series(part, j));
        }
    }
}

int64_t composition_due(struct evaluator *evaluator, uint32_t series)
{
    const struct composition *composition = composition_at(evaluator, series);
    int64_t due_ns = INT64_MAX;
    for (uint32_t i = 0; i < composition->part_count; i++) {
        const struct part *part = &composition->parts[i];
        for (uint32_t j = 0; part->now.series != NO_SERIES && j < part_version_count(part); j++) {
            int64_t part_ns = series_due(evaluator, part_series(part, j));
            due_ns = part_ns < due_ns ? part_ns : due_ns;
        }
    }
    return due_ns;
}

uint32_t part_versions(struct evaluator *evaluator, const struct part *part)
{
    uint32_t count = part_version_count(part);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t series = part_series(part, i);
        evaluator->versions[i] =
            (struct measured){&evaluator->series[series], &evaluator->timelines[series]};
    }
    return count;
}

/* False: raw events cannot be read; never as of now. */
static bool measure_part(struct evaluator *evaluator, const struct part *part, int64_t at_ns,
                         struct objective_report *report_out, struct evidence *evidence_out)
{
    struct earlier_parts earlier;
    uint32_t count = part_versions(evaluator, part);
    bool well = true;
    if (at_ns == evaluator->now_ns) {
        measure_evidence(evaluator->versions, count, report_out, evidence_out, &earlier);
    } else {
        well = freeze_measure(evaluator, evaluator->versions, count, at_ns, report_out,
                              evidence_out, &earlier);
    }
    judge(evidence_out, &report_out->judgement);
    evidence_out->earlier = NULL; /* all that it adds is in the judgement */
    return well;
}

static bool take_standings(struct evaluator *evaluator, struct composition *composition,
                           int64_t at_ns, bool with_policies)
{
    bool well = true;
    for (uint32_t i = composition->part_count; i-- > 0;) {
        const struct part *part = &composition->parts[i];
        if (part_is_measured(part)) {
            struct objective_report report;
            struct evidence evidence;
            well &= measure_part(evaluator, part, at_ns, &report, &evidence);
            if (part->any_bad != NULL && with_policies) {
                any_bad_policies(evaluator, composition, part, report.by_policy);
            }
            standing_of(&evidence, &report.judgement, report.by_policy, &composition->standings[i]);
        } else if (part->composite != NULL && !part->is_inner) {
            standing_combine(part->composite, &composition->standings[part->member_first],
                             &composition->standings[i]);
        }
    }
    return well;
}

/* series: the composite's own, at the instant. */
static bool judge_weighted(struct evaluator *evaluator, struct composition *composition,
                           const struct series *series, bool with_policies,
                           struct objective_report *report)
{
    const struct standing *standing = &composition->standings[0];
    struct evidence evidence = {.objective = series->objective};
    struct combined_figures combined;
    bool well = take_standings(evaluator, composition, series->now_ns, with_policies);
    measure_frame(series, report);
    measure_horizon(series, &evaluator->timelines[composition->series], &evidence);
    standing_evidence(standing, &combined, &evidence);
    for (uint32_t i = 0; i < 3; i++) {
        report->by_policy[i] = shortfall_measure(standing->by_policy[i]);
    }
    judge(&evidence, &report->judgement);
    return well;
}

bool composition_judge_at(struct evaluator *evaluator, struct composition *composition,
                          int64_t at_ns, struct objective_report *report_out)
{
    const struct series *series = &evaluator->series[composition->series];
    struct series then;
    series_init(&then, series->agreement, series->objective, NULL, at_ns);
    bool well = judge_weighted(evaluator, composition, &then, false, report_out);
    series_fini(&then);
    return well;
}

void composition_report(struct evaluator *evaluator, uint32_t series, bool with_policies,
                        struct objective_report *report_out)
{
    struct composition *composition = composition_at(evaluator, series);
    const struct part *root = &composition->parts[0];
    struct evidence evidence;
    if (root->any_bad == NULL) {
        judge_weighted(evaluator, composition, &evaluator->series[series], with_policies,
                       report_out);
        composition_freeze(evaluator, composition, report_out);
        return;
    }
    measure_part(evaluator, root, evaluator->now_ns, report_out, &evidence);
    if (with_policies) {
        any_bad_policies(evaluator, composition, root, report_out->by_policy);
    }
    freeze_alerts(evaluator, root->now.series, report_out);
    report_out->has_counts = false; /* its rows are slices, not requests */
    report_out->agreement = evaluator->series[series].agreement;
    report_out->objective = evaluator->series[series].objective;
}
