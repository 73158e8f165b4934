#include "evaluate/composition_freeze.h"

#include "evaluate/freeze.h"

static bool below_floor(const struct judgement *judgement, const struct objective *objective)
{
    return (uint128)judgement->coverage_known_ns * PPB <
           (uint128)judgement->coverage_all_ns * (uint128)objective->coverage_floor_ppb;
}

/* The last instant up to `until` at which no member that is known was below its floor; INT64_MIN:
 * there is none. */
static int64_t last_agreed(struct evaluator *evaluator, const struct composition *composition,
                           int64_t until_ns)
{
    int64_t before = INT64_MAX;
    while (until_ns != before && until_ns != INT64_MIN) {
        before = until_ns;
        for (uint32_t i = 0; i < composition->part_count && until_ns != INT64_MIN; i++) {
            const struct part *part = &composition->parts[i];
            if (part_is_measured(part)) {
                uint32_t count = part_versions(evaluator, part);
                until_ns =
                    freeze_last_covered(evaluator->versions, count, until_ns, FREEZE_OR_UNKNOWN);
            }
        }
    }
    return until_ns;
}

/* The last instant up to `until` at which some member was known well enough. */
static int64_t last_known(struct evaluator *evaluator, const struct composition *composition,
                          int64_t until_ns)
{
    int64_t last = INT64_MIN;
    for (uint32_t i = 0; i < composition->part_count; i++) {
        const struct part *part = &composition->parts[i];
        if (part_is_measured(part)) {
            uint32_t count = part_versions(evaluator, part);
            int64_t ns = freeze_last_covered(evaluator->versions, count, until_ns, FREEZE_KNOWN);
            last = ns > last ? ns : last;
        }
    }
    return last;
}

static bool is_remembered(const struct evaluator *evaluator, const struct composition *composition,
                          int64_t ns)
{
    bool known = evaluator->series[composition->series].frozen_at_ns == ns;
    for (uint32_t i = 0; known && i < composition->part_count; i++) {
        const struct part *part = &composition->parts[i];
        for (uint32_t j = 0; part_is_measured(part) && j < part_version_count(part); j++) {
            known &= evaluator->series[part_series(part, j)].frozen_at_ns == ns;
        }
    }
    return known;
}

/* Until something older changes in one of the members. */
static void remember(struct evaluator *evaluator, const struct composition *composition, int64_t ns,
                     uint32_t levels)
{
    evaluator->series[composition->series].frozen_at_ns = ns;
    evaluator->series[composition->series].frozen_levels = levels;
    for (uint32_t i = 0; i < composition->part_count; i++) {
        const struct part *part = &composition->parts[i];
        for (uint32_t j = 0; part_is_measured(part) && j < part_version_count(part); j++) {
            evaluator->series[part_series(part, j)].frozen_at_ns = ns;
        }
    }
}

void composition_freeze(struct evaluator *evaluator, struct composition *composition,
                        struct objective_report *report)
{
    const struct series *series = &evaluator->series[composition->series];
    const struct objective *objective = series->objective;
    if (objective->alert_count == 0 || !below_floor(&report->judgement, objective)) {
        return;
    }
    struct objective_report then;
    int64_t ns = evaluator->now_ns;
    bool covered = false;
    bool well = true;
    while (!covered && ns != INT64_MIN) {
        ns = last_agreed(evaluator, composition, ns);
        if (ns == INT64_MIN || is_remembered(evaluator, composition, ns)) {
            break;
        }
        well = composition_judge_at(evaluator, composition, ns, &then);
        covered = !below_floor(&then.judgement, objective);
        if (!covered) {
            ns = last_known(evaluator, composition, ns - 1); /* nothing of anybody was known */
        }
    }
    if (ns == INT64_MIN) {
        freeze_set_levels(objective, 0, &report->judgement); /* it never was: nothing fires */
        return;
    }
    if (covered && well) {
        remember(evaluator, composition, ns, freeze_levels(objective, &then.judgement));
    }
    if (well) {
        freeze_set_levels(objective, series->frozen_levels, &report->judgement);
    }
}
