#include "api/selection.h"

bool selection_holds(const struct selection *selection, const struct agreement *agreement,
                     const struct objective *objective)
{
    return agreement->of_project == NULL &&
           (!text_given(selection->agreement) || text_is(selection->agreement, agreement->name)) &&
           (!text_given(selection->objective) || text_is(selection->objective, objective->name)) &&
           (!text_given(selection->customer) ||
            (agreement->customer != NULL && text_is(selection->customer, agreement->customer)));
}

const struct agreement *agreement_find(const struct agreement_set *set, struct text name)
{
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        if (set->agreements[i].of_project == NULL && text_is(name, set->agreements[i].name)) {
            return &set->agreements[i];
        }
    }
    return NULL;
}

static bool version_has(const struct selection *selection, const struct agreement *version)
{
    for (uint32_t i = 0; i < version->objective_count; i++) {
        if (selection_holds(selection, version, &version->objectives[i])) {
            return true;
        }
    }
    return false;
}

const char *selection_missing(const struct selection *selection, const struct agreement_set *set,
                              bool of_the_past)
{
    if (text_given(selection->agreement) && agreement_find(set, selection->agreement) == NULL) {
        return "agreement";
    }
    struct selection named = *selection;
    named.customer = TEXT_NONE; /* `customer: each`: whose figures there are is not in documents */
    for (uint32_t i = 0; text_given(selection->objective) && i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = of_the_past ? 0 : agreement->earlier_count; j <= agreement->earlier_count;
             j++) {
            if (version_has(&named, agreement_version(agreement, j))) {
                return NULL;
            }
        }
    }
    return text_given(selection->objective) ? "objective" : NULL;
}
