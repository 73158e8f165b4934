#include "catalog/openslo_composite.h"

#include "base/panic.h"
#include "domain/composite.h"
#include "domain/decimal.h"

static bool has_own_indicator(const struct openslo_objective *objective)
{
    return objective->indicator != NULL || objective->indicator_ref.name != NULL;
}

bool openslo_is_composite(const struct openslo_slo *slo)
{
    bool composite = false;
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        composite |= has_own_indicator(&slo->objectives[i]);
    }
    return composite;
}

/* --- what makes no sense --- */

static void warn_of_weights(const struct openslo_slo *slo, struct problems *problems,
                            const char *why)
{
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        if (slo->objectives[i].weight_billionths != 0) {
            problem_warning(problems, slo->objectives[i].weight_place,
                            "`compositeWeight` has no effect %s", why);
        }
    }
}

static bool check_each(const struct openslo_slo *slo, const struct openslo_objective *objective,
                       struct problems *problems)
{
    if (!has_own_indicator(objective)) {
        problem_error(problems, objective->place,
                      "the other objectives have an indicator of their own, which makes the SLO a "
                      "composite; add `indicator` or `indicatorRef` here");
        return false;
    }
    if ((uint64_t)objective->weight_billionths > WEIGHT_MAX) {
        problem_error(problems, objective->weight_place,
                      "`compositeWeight` must be at most 1000000; only its ratio to the others "
                      "matters, write smaller ones");
        return false;
    }
    if (objective->objective.slice_ns != slo->objectives[0].objective.slice_ns &&
        objective->objective.method == METHOD_TIMESLICES) {
        problem_error(problems, objective->place,
                      "a composite of Timeslices is bad where any of its objectives is: write one "
                      "`timeSliceWindow` in all of them");
        return false;
    }
    return true;
}

bool openslo_check_composite(const struct openslo_slo *slo, struct problems *problems)
{
    if (!openslo_is_composite(slo)) {
        warn_of_weights(slo, problems, "where objectives have no indicator of their own");
        return true;
    }
    bool well = true;
    if (slo->indicator != NULL || slo->indicator_ref.name != NULL) {
        problem_error(problems, slo->indicator_place,
                      "the SLO and its objectives both have an indicator; in a composite only "
                      "objectives have one, remove it here");
        well = false;
    }
    if (slo->objective_count > MEMBERS_MAX) {
        problem_error(problems, slo->place,
                      "a composite SLO has at most %d objectives; make several SLOs", MEMBERS_MAX);
        return false;
    }
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        well &= check_each(slo, &slo->objectives[i], problems);
    }
    if (slo->objective_count != 0 && slo->objectives[0].objective.method == METHOD_TIMESLICES) {
        warn_of_weights(slo, problems, "with Timeslices: a slice is bad or it is not");
    }
    return well;
}

/* --- making it --- */

static uint64_t weight_of(const struct openslo_objective *objective)
{
    return objective->weight_billionths == 0 ? WEIGHT_ONE : (uint64_t)objective->weight_billionths;
}

static int64_t strictest_ppb(const struct openslo_slo *slo)
{
    int64_t target_ppb = 0;
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        int64_t one_ppb = slo->objectives[i].objective.target_ppb;
        target_ppb = one_ppb > target_ppb ? one_ppb : target_ppb;
    }
    return target_ppb;
}

/* The budgets of all objectives together, weighted; false when that is no part of a billion. */
static bool sum_budgets(const struct openslo_slo *slo, bool weighted, struct problems *problems,
                        int64_t *target_ppb_out)
{
    uint128 sum = 0; /* in parts of PPB x WEIGHT_ONE */
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        const struct openslo_objective *objective = &slo->objectives[i];
        sum += (uint128)(PPB - objective->objective.target_ppb) *
               (weighted ? weight_of(objective) : WEIGHT_ONE);
    }
    if (sum % WEIGHT_ONE != 0) {
        problem_error(
            problems, slo->place,
            "the budgets of the objectives, weighted, add up to more digits than a target "
            "has; shorten a `compositeWeight`");
        return false;
    }
    if (sum / WEIGHT_ONE >= (uint128)PPB) {
        problem_error(problems, slo->place,
                      "the budgets of the objectives add up to 100 %% or more, so that nothing is "
                      "promised; raise their targets or lower a `compositeWeight`");
        return false;
    }
    *target_ppb_out = PPB - (int64_t)(sum / WEIGHT_ONE);
    return true;
}

/* So that an error burns the composite's budget at `weight` times the rate at which it burns the
 * objective's. */
static bool scale_weight(const struct openslo_objective *objective, int64_t target_ppb,
                         struct problems *problems, uint64_t *weight_out)
{
    uint128 scaled = (uint128)weight_of(objective) * (uint128)(PPB - target_ppb);
    uint128 budget = (uint128)(PPB - objective->objective.target_ppb);
    bool whole = budget == 0 || scaled % budget == 0;
    if (budget == 0) {
        *weight_out = weight_of(objective); /* then no objective may fail at all */
    } else if (whole) {
        *weight_out = (uint64_t)(scaled / budget);
    }
    if (!whole || *weight_out == 0) {
        problem_error(problems, objective->place,
                      "in a composite of Occurrences rates of burning add up, and the budget of "
                      "this objective is no simple multiple of the strictest one; give all "
                      "objectives one target");
        return false;
    }
    return true;
}

static bool list_members(const struct openslo_slo *slo, const struct objective *objectives,
                         int64_t target_ppb, struct problems *problems,
                         struct composite_member *members)
{
    bool well = true;
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        members[i] = (struct composite_member){
            .name = objectives[i].name,
            .objective = objectives[i].name,
            .agreement = MEMBER_OF_OWN,
            .weight = WEIGHT_ONE,
        };
        switch (objectives[i].method) {
        case METHOD_OCCURRENCES:
            well &= scale_weight(&slo->objectives[i], target_ppb, problems, &members[i].weight);
            break;
        case METHOD_RATIO_TIMESLICES:
            members[i].weight = weight_of(&slo->objectives[i]);
            break;
        default:
            break; /* any_bad weighs nothing */
        }
    }
    return well;
}

bool openslo_make_composite(const struct openslo_slo *slo, const struct objective *objectives,
                            struct region *kept, struct problems *problems,
                            struct objective *composite_out)
{
    enum method method = objectives[0].method;
    int64_t target_ppb = strictest_ppb(slo);
    if (method != METHOD_OCCURRENCES &&
        !sum_budgets(slo, method == METHOD_RATIO_TIMESLICES, problems, &target_ppb)) {
        return false;
    }
    struct composite_member *members = region_take(kept, slo->objective_count * sizeof(*members));
    struct composite *composite = region_take(kept, sizeof(*composite));
    if (!list_members(slo, objectives, target_ppb, problems, members)) {
        return false;
    }
    *composite = (struct composite){
        .combine = method == METHOD_TIMESLICES ? COMBINE_ANY_BAD : COMBINE_WEIGHTED_ERROR_SUM,
        .missing = MISSING_IGNORE,
        .members = members,
        .member_count = slo->objective_count,
    };
    char text[DECIMAL_TEXT_SIZE];
    decimal_format_target(target_ppb, text);
    *composite_out = slo->composite_frame;
    composite_out->name = OPENSLO_COMPOSITE;
    composite_out->method = METHOD_COMPOSITE;
    composite_out->composite = composite;
    composite_out->target_ppb = target_ppb;
    composite_out->target_text = region_string(kept, text_from(text));
    return true;
}
