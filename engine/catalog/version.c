#include "catalog/version.h"

#include <stdlib.h>

/* A version in the making: where its document stands among those read. */
struct place_of_version {
    const struct agreement *agreement;
    uint32_t order;
};

static int compare_versions(const void *left, const void *right)
{
    const struct place_of_version *a = left;
    const struct place_of_version *b = right;
    int order = strcmp(a->agreement->name, b->agreement->name);
    if (order != 0) {
        return order;
    }
    if (a->agreement->effective_ns != b->agreement->effective_ns) {
        return a->agreement->effective_ns < b->agreement->effective_ns ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

static void refuse_twins(const struct agreement *first, const struct agreement *again,
                         struct problems *problems)
{
    char time[CIVIL_TEXT_SIZE];
    struct place place = {again->file, again->line, again->column};
    if (again->effective_ns == INT64_MIN) {
        problem_error(problems, place,
                      "agreement %s is already defined at %.120s:%u; rename or remove one of them, "
                      "or say from when this version holds: `effective: 2026-07-01`",
                      quoted(text_from(again->name)).bytes, first->file, first->line);
        return;
    }
    civil_format(again->effective_ns, time);
    problem_error(problems, place,
                  "agreement %s has a version effective from %s already, at %.120s:%u; change one "
                  "of the times or remove one of them",
                  quoted(text_from(again->name)).bytes, time, first->file, first->line);
}

/* The objectives of an earlier version, judged over the windows of the later one. */
static const struct objective *in_windows_of(struct draft *draft, const struct agreement *earlier,
                                             const struct agreement *later)
{
    struct objective *objectives =
        region_take(&draft->kept, earlier->objective_count * sizeof(*objectives));
    for (uint32_t i = 0; i < earlier->objective_count; i++) {
        objectives[i] = earlier->objectives[i];
        const struct objective *frame = agreement_objective(later, objectives[i].name);
        if (frame != NULL) {
            objectives[i].window = frame->window;
            objectives[i].alert_count = frame->alert_count;
            memcpy(objectives[i].alerts, frame->alerts, sizeof(frame->alerts));
        }
    }
    return objectives;
}

/* What the earlier version pays, for the later one's objective and period: by its own tiers, if it
 * pays for that objective at all. */
static const struct credit_terms *in_period_of(struct draft *draft, const struct agreement *earlier,
                                               const struct agreement *later)
{
    if (later->credits == NULL) {
        return NULL;
    }
    const char *name = later->objectives[later->credits->objective].name;
    const struct objective *same = agreement_objective(earlier, name);
    if (same == NULL) {
        return NULL;
    }
    uint32_t index = (uint32_t)(same - earlier->objectives);
    bool pays = earlier->credits != NULL && earlier->credits->objective == index;
    struct credit_terms *terms = region_take(&draft->kept, sizeof(*terms));
    *terms = pays ? *earlier->credits : *later->credits;
    terms->objective = index;
    terms->period = later->credits->period;
    return terms;
}

static void prepare_earlier(struct draft *draft, struct agreement *versions, uint32_t count)
{
    struct agreement *last = &versions[count - 1];
    struct agreement *earlier = region_take(&draft->kept, count * sizeof(*earlier));
    for (uint32_t i = 0; i + 1 < count; i++) {
        earlier[i] = versions[i];
        earlier[i].window_term = last->term;
        earlier[i].objectives = in_windows_of(draft, &versions[i], last);
        earlier[i].credits = in_period_of(draft, &versions[i], last);
        earlier[i].earlier = NULL;
        earlier[i].earlier_count = 0;
    }
    last->earlier = earlier;
    last->earlier_count = count - 1;
}

/* An objective is new in the first version that has it: then it is computed from all stored
 * history. */
static bool is_new(const struct agreement *versions, uint32_t version, const char *objective)
{
    for (uint32_t i = 0; i < version; i++) {
        if (agreement_objective(&versions[i], objective) != NULL) {
            return false;
        }
    }
    return true;
}

static void date_objectives(struct draft *draft, struct agreement *versions, uint32_t version)
{
    struct agreement *agreement = &versions[version];
    struct objective *objectives =
        region_take(&draft->kept, agreement->objective_count * sizeof(*objectives));
    for (uint32_t i = 0; i < agreement->objective_count; i++) {
        objectives[i] = agreement->objectives[i];
        if (objectives[i].method == METHOD_COMPOSITE) {
            continue; /* the one in force holds for the whole window: its members have versions */
        }
        objectives[i].in_force = agreement->in_force;
        objectives[i].is_first = is_new(versions, version, objectives[i].name);
        if (objectives[i].is_first) {
            objectives[i].in_force.start_ns = versions[0].in_force.start_ns;
        }
    }
    agreement->objectives = objectives;
}

/* The versions of one name, in order; returns the last of them. */
static struct agreement tie_name(struct draft *draft, const struct place_of_version *first,
                                 uint32_t count)
{
    struct agreement *versions = region_take(&draft->kept, count * sizeof(*versions));
    for (uint32_t i = 0; i < count; i++) {
        versions[i] = *first[i].agreement;
        versions[i].version = i + 1;
        versions[i].versions = versions;
        versions[i].version_count = count;
        versions[i].window_term = versions[i].term;
        versions[i].in_force = (struct span){
            versions[i].effective_ns,
            i + 1 < count ? first[i + 1].agreement->effective_ns : INT64_MAX,
        };
        date_objectives(draft, versions, i);
        prepare_earlier(draft, versions, i + 1);
    }
    return versions[count - 1];
}

void versions_tie(struct draft *draft, struct problems *problems)
{
    uint32_t count = draft->agreement_count;
    struct place_of_version *all = region_take(&draft->kept, (count + 1) * sizeof(*all));
    bool *is_later = region_take(&draft->kept, (count + 1) * sizeof(*is_later));
    struct agreement *tied = region_take(&draft->kept, (count + 1) * sizeof(*tied));
    for (uint32_t i = 0; i < count; i++) {
        all[i] = (struct place_of_version){&draft->agreements[i], i};
    }
    qsort(all, count, sizeof(*all), compare_versions);
    for (uint32_t first = 0, next; first < count; first = next) {
        uint32_t place = all[first].order;
        for (next = first + 1;
             next < count && strcmp(all[next].agreement->name, all[first].agreement->name) == 0;
             next++) {
            const struct agreement *before = all[next - 1].agreement;
            if (before->effective_ns == all[next].agreement->effective_ns) {
                refuse_twins(before, all[next].agreement, problems);
            }
            is_later[all[next].order > place ? all[next].order : place] = true;
            place = all[next].order < place ? all[next].order : place;
        }
        tied[place] = tie_name(draft, &all[first], next - first);
    }
    draft->agreement_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_later[i]) {
            draft->agreements[draft->agreement_count++] = tied[i];
        }
    }
}
