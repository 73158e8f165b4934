/* References between OpenSLO documents, and the agreements that come of them. */
#include <stdlib.h>

#include "base/panic.h"
#include "catalog/alerts.h"
#include "catalog/openslo.h"
#include "catalog/openslo_composite.h"
#include "catalog/openslo_objects.h"
#include "domain/decimal.h"

/* What is being tied. */
struct tying {
    struct draft *draft;
    struct problems *problems;
    const struct openslo *all;
    struct openslo_list services; /* names, as objects that begin with one */
};

/* --- finding by name --- */

static const char *name_of(const void *object)
{
    return *(const char *const *)object;
}

static int compare_objects(const void *left, const void *right)
{
    return strcmp(name_of(*(void *const *)left), name_of(*(void *const *)right));
}

static void sort_list(struct openslo_list *list)
{
    if (list->count > 1) {
        qsort(list->objects, list->count, sizeof(*list->objects), compare_objects);
    }
}

static void *find(const struct openslo_list *list, const char *name)
{
    const void *key = &name;
    void **found = list->count == 0 ? NULL
                                    : bsearch(&key, list->objects, list->count,
                                              sizeof(*list->objects), compare_objects);
    return found == NULL ? NULL : *found;
}

/* NULL after a complaint. */
static const void *find_referred(const struct tying *self, const struct openslo_list *list,
                                 const struct openslo_reference *reference, const char *kind)
{
    const void *found = find(list, reference->name);
    if (found == NULL) {
        problem_error(self->problems, reference->place,
                      "no document defines the %s %s; add one with `kind: %s` and this name, or "
                      "correct the reference",
                      kind, quoted(text_from(reference->name)).bytes, kind);
    }
    return found;
}

/* Those of `Service` and of `service:` documents. */
static void list_services(struct tying *self)
{
    const struct draft *draft = self->draft;
    struct openslo_list *list = &self->services;
    for (uint32_t i = 0; i < draft->definition_count; i++) {
        if (draft->definitions[i].kind == DEFINITION_SERVICE) {
            list->objects = region_grow(&self->draft->kept, list->objects, list->count,
                                        &list->capacity, sizeof(*list->objects));
            list->objects[list->count++] = &draft->definitions[i].name;
        }
    }
    sort_list(list);
}

/* --- indicators --- */

/* NULL where there is none, or after a complaint. */
static const struct openslo_indicator *indicator_of(const struct tying *self,
                                                    const struct openslo_indicator *own,
                                                    const struct openslo_reference *reference)
{
    if (own != NULL || reference->name == NULL) {
        return own;
    }
    return find_referred(self, &self->all->indicators, reference, "SLI");
}

/* `op: lte`, `value: 300`: a limit of latency. */
static bool set_limit(const struct tying *self, const struct openslo_objective *from,
                      const struct openslo_indicator *indicator, struct good_rule *rule)
{
    if (from->op != OP_LT && from->op != OP_LTE) {
        problem_error(self->problems, from->op_place,
                      from->op == OP_NONE
                          ? "`op` is missing, which a thresholdMetric needs; add e.g. `op: lte`"
                          : "`op`: a latency is good below its value; write lt or lte");
        return false;
    }
    if (!from->has_value) {
        problem_error(self->problems, from->value_place,
                      "`value` is missing, which a thresholdMetric needs; add e.g. `value: 300`");
        return false;
    }
    int128 scaled = (int128)from->value_billionths * indicator->unit_ns;
    if (scaled == 0 || scaled % PPB != 0 || scaled / PPB > INT64_MAX) {
        problem_error(self->problems, from->value_place,
                      "`value` must be a latency of whole nanoseconds above 0; write e.g. 300 with "
                      "`latency: ms`");
        return false;
    }
    *rule = (struct good_rule){
        .latency_given = true,
        .latency_inclusive = from->op == OP_LTE,
        .latency_ns = (uint64_t)(scaled / PPB),
    };
    return true;
}

static bool apply_indicator(const struct tying *self, const struct openslo_objective *from,
                            const struct openslo_indicator *indicator, struct objective *objective)
{
    objective->good = indicator->good;
    objective->total = indicator->total;
    if (indicator->is_threshold) {
        return set_limit(self, from, indicator, &objective->good);
    }
    if (from->op != OP_NONE) {
        problem_warning(self->problems, from->op_place, "`op` has no effect with a ratioMetric");
    }
    if (from->has_value) {
        problem_warning(self->problems, from->value_place,
                        "`value` has no effect with a ratioMetric");
    }
    return true;
}

/* --- alerts --- */

static const struct openslo_condition *condition_of(const struct tying *self,
                                                    const struct openslo_policy *policy)
{
    if (policy->condition != NULL) {
        return policy->condition;
    }
    return policy->condition_ref.name == NULL
               ? NULL
               : find_referred(self, &self->all->conditions, &policy->condition_ref,
                               "AlertCondition");
}

/* The policy's condition; NULL where it makes no alert. False after a complaint, here or before. */
static bool use_policy(const struct tying *self, const struct openslo_policy_use *use,
                       const struct openslo_condition **condition_out)
{
    *condition_out = NULL;
    const struct openslo_policy *policy = use->policy;
    if (policy == NULL && use->reference.name != NULL) {
        policy = find_referred(self, &self->all->policies, &use->reference, "AlertPolicy");
    }
    if (policy == NULL || !policy->well) {
        return false;
    }
    const struct openslo_condition *condition = condition_of(self, policy);
    if (condition == NULL || !condition->well) {
        return false;
    }
    *condition_out = policy->quiet || condition->quiet ? NULL : condition;
    return true;
}

static bool add_pair(const struct tying *self, const struct openslo_condition *condition,
                     struct objective *objective)
{
    bool well =
        alert_check_lookback(self->problems, condition->lookback_place, "lookbackWindow", objective,
                             (struct span){INT64_MIN, INT64_MAX}, &condition->pair);
    well &= alert_check_threshold(self->problems, condition->threshold_place, "lookbackWindow",
                                  objective, &condition->pair);
    objective->alert_or_equal = condition->or_equal;
    objective->alerts[objective->alert_count++] = condition->pair;
    return well;
}

/* The conditions of all policies; false after a complaint. */
static bool list_conditions(const struct tying *self, const struct openslo_slo *slo,
                            const struct openslo_condition *list[ALERT_PAIRS_MAX],
                            uint32_t *count_out)
{
    uint32_t count = 0;
    bool well = true;
    for (uint32_t i = 0; i < slo->policy_count; i++) {
        const struct openslo_condition *condition;
        well &= use_policy(self, &slo->policies[i], &condition);
        if (condition == NULL) {
            continue;
        }
        if (count == ALERT_PAIRS_MAX) {
            problem_error(self->problems, slo->place,
                          "the SLO has more than %d alert policies; remove some", ALERT_PAIRS_MAX);
            return false;
        }
        if (count > 0 && condition->or_equal != list[0]->or_equal) {
            problem_error(self->problems, condition->place,
                          "the conditions of one SLO must compare alike; write `op: %s` in all of "
                          "them",
                          list[0]->or_equal ? "gte" : "gt");
            well = false;
        }
        list[count++] = condition;
    }
    *count_out = count;
    return well;
}

/* composite: the last of the objectives is made of the others, and the policies are its. */
static bool set_alerts(const struct tying *self, const struct openslo_slo *slo, bool composite,
                       struct objective *objectives, uint32_t objective_count)
{
    const struct openslo_condition *conditions[ALERT_PAIRS_MAX];
    uint32_t count;
    if (!list_conditions(self, slo, conditions, &count) || !slo->well) {
        return false;
    }
    bool well = true;
    uint32_t first = composite && slo->policy_count != 0 ? objective_count - 1 : 0;
    for (uint32_t i = first; i < objective_count; i++) {
        if (slo->policy_count == 0) {
            objective_default_alerts(&objectives[i]);
        }
        for (uint32_t j = 0; j < count; j++) {
            well &= add_pair(self, conditions[j], &objectives[i]);
        }
    }
    return well;
}

/* --- SLOs --- */

static bool set_objective(const struct tying *self, const struct openslo_slo *slo,
                          const struct openslo_objective *from,
                          const struct openslo_indicator *indicator, struct objective *objective)
{
    if (openslo_is_composite(slo)) {
        indicator = indicator_of(self, from->indicator, &from->indicator_ref);
    }
    *objective = from->objective;
    return slo->well && indicator != NULL && indicator->well &&
           apply_indicator(self, from, indicator, objective);
}

static bool check_indicators(const struct tying *self, const struct openslo_slo *slo)
{
    bool well = openslo_check_composite(slo, self->problems);
    if (openslo_is_composite(slo) || slo->indicator != NULL || slo->indicator_ref.name != NULL) {
        return well;
    }
    if (slo->well) {
        problem_error(self->problems, slo->place,
                      "the SLO has no indicator; add `indicator` or `indicatorRef` to its `spec`");
    }
    return false;
}

static bool set_objectives(const struct tying *self, const struct openslo_slo *slo,
                           struct objective *objectives)
{
    bool well = true;
    const struct openslo_indicator *indicator =
        indicator_of(self, slo->indicator, &slo->indicator_ref);
    for (uint32_t i = 0; i < slo->objective_count; i++) {
        well &= set_objective(self, slo, &slo->objectives[i], indicator, &objectives[i]);
    }
    return well;
}

static void tie_slo(const struct tying *self, const struct openslo_slo *slo)
{
    struct region *kept = &self->draft->kept;
    uint32_t count = slo->objective_count;
    bool composite = openslo_is_composite(slo);
    bool well = slo->well;
    if (slo->service.name != NULL) {
        well &= find_referred(self, &self->services, &slo->service, "Service") != NULL;
    }
    struct objective *objectives = region_take(kept, (count + 1) * sizeof(*objectives));
    well &= check_indicators(self, slo);
    well &= set_objectives(self, slo, objectives);
    if (composite) {
        well = well &&
               openslo_make_composite(slo, objectives, kept, self->problems, &objectives[count++]);
    }
    bool alerts_well =
        set_alerts(self, slo, composite && well, objectives, composite && !well ? 0 : count);
    if (well && alerts_well) {
        struct agreement agreement = slo->agreement;
        agreement.objectives = objectives;
        agreement.objective_count = count;
        draft_add_agreement(self->draft, &agreement);
    }
}

void openslo_tie(struct draft *draft, struct problems *problems)
{
    struct openslo *all = draft->openslo;
    if (all == NULL) {
        return;
    }
    struct tying self = {.draft = draft, .problems = problems, .all = all};
    list_services(&self);
    sort_list(&all->indicators);
    sort_list(&all->conditions);
    sort_list(&all->policies);
    for (uint32_t i = 0; i < all->slos.count; i++) {
        tie_slo(&self, all->slos.objects[i]);
    }
}
