#include "catalog/draft.h"

#include <stdlib.h>
#include <strings.h>

#include "base/panic.h"
#include "catalog/composites.h"
#include "catalog/grouping.h"
#include "catalog/openslo.h"
#include "catalog/system.h"
#include "catalog/version.h"

void draft_define(struct draft *draft, struct definition definition)
{
    draft->definitions = region_grow(&draft->kept, draft->definitions, draft->definition_count,
                                     &draft->definition_capacity, sizeof(*draft->definitions));
    definition.order = draft->definition_count;
    draft->definitions[draft->definition_count++] = definition;
}

void draft_add_agreement(struct draft *draft, const struct agreement *agreement)
{
    draft->agreements = region_grow(&draft->kept, draft->agreements, draft->agreement_count,
                                    &draft->agreement_capacity, sizeof(*draft->agreements));
    draft->agreements[draft->agreement_count++] = *agreement;
}

void draft_add_service(struct draft *draft, const struct service_document *service)
{
    draft->services = region_grow(&draft->kept, draft->services, draft->service_count,
                                  &draft->service_capacity, sizeof(*draft->services));
    draft->services[draft->service_count++] = *service;
}

void draft_add_component(struct draft *draft, const struct component_document *component)
{
    draft->components = region_grow(&draft->kept, draft->components, draft->component_count,
                                    &draft->component_capacity, sizeof(*draft->components));
    draft->components[draft->component_count++] = *component;
}

void draft_mention_component(struct draft *draft, const struct component_mention *mention)
{
    draft->mentions = region_grow(&draft->kept, draft->mentions, draft->mention_count,
                                  &draft->mention_capacity, sizeof(*draft->mentions));
    draft->mentions[draft->mention_count++] = *mention;
}

void draft_add_maintenance(struct draft *draft, const struct maintenance_document *maintenance)
{
    draft->maintenances = region_grow(&draft->kept, draft->maintenances, draft->maintenance_count,
                                      &draft->maintenance_capacity, sizeof(*draft->maintenances));
    draft->maintenances[draft->maintenance_count++] = *maintenance;
}

void draft_add_project(struct draft *draft, const struct project_document *project)
{
    draft->projects = region_grow(&draft->kept, draft->projects, draft->project_count,
                                  &draft->project_capacity, sizeof(*draft->projects));
    draft->projects[draft->project_count++] = *project;
}

void draft_mention_group(struct draft *draft, const struct group_mention *mention)
{
    draft->arrows = region_grow(&draft->kept, draft->arrows, draft->arrow_count,
                                &draft->arrow_capacity, sizeof(*draft->arrows));
    draft->arrows[draft->arrow_count++] = *mention;
}

void draft_mention_composite(struct draft *draft, const struct composite_mention *mention)
{
    draft->composites = region_grow(&draft->kept, draft->composites, draft->composite_count,
                                    &draft->composite_capacity, sizeof(*draft->composites));
    draft->composites[draft->composite_count++] = *mention;
}

void draft_add_rule(struct draft *draft, const struct match_rule *rule)
{
    draft->rules = region_grow(&draft->kept, draft->rules, draft->rule_count, &draft->rule_capacity,
                               sizeof(*draft->rules));
    draft->rules[draft->rule_count++] = *rule;
}

/* --- checks across documents --- */

static const char *kind_word(enum definition_kind kind)
{
    switch (kind) {
    case DEFINITION_AGREEMENT:
        return "agreement";
    case DEFINITION_SERVICE:
    case MENTION_SERVICE:
        return "service";
    case DEFINITION_COMPONENT:
        return "component";
    case DEFINITION_MAINTENANCE:
        return "maintenance";
    case DEFINITION_SLI:
        return "SLI";
    case DEFINITION_ALERT_CONDITION:
        return "AlertCondition";
    case DEFINITION_ALERT_POLICY:
        return "AlertPolicy";
    case DEFINITION_PROJECT:
        return "project";
    case DEFINITION_DISPLAY_NAME:
    case DEFINITION_OBJECTIVE:
        return "objective";
    case MENTION_CUSTOMER:
        return "customer";
    }
    unreachable("definition kind");
}

/* Together what is one name but for its case; there, equal names in the order read. */
static int compare_definitions(const void *left, const void *right)
{
    const struct definition *a = left;
    const struct definition *b = right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->scope != b->scope) {
        return a->scope < b->scope ? -1 : 1;
    }
    int order = strcasecmp(a->name, b->name);
    if (order == 0) {
        order = strcmp(a->name, b->name);
    }
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static void refuse_repetition(const struct definition *first, const struct definition *again,
                              struct problems *problems)
{
    if (again->kind > DEFINITION_PROJECT || again->kind == DEFINITION_AGREEMENT) {
        return; /* mentions may repeat, and so may versions; YAML has refused objectives that do */
    }
    problem_error(problems, again->place,
                  "%s %s is already defined at %.120s:%u; rename or remove one of them",
                  kind_word(again->kind), quoted(text_from(again->name)).bytes, first->place.file,
                  first->place.line);
}

static void warn_of_case(const struct definition *a, const struct definition *b,
                         struct problems *problems)
{
    const struct definition *later = a->order > b->order ? a : b;
    const struct definition *earlier = a->order > b->order ? b : a;
    problem_warning(problems, later->place,
                    "%s %s differs only in case from %s at %.80s:%u; they are two different names",
                    kind_word(later->kind), quoted(text_from(later->name)).bytes,
                    quoted(text_from(earlier->name)).bytes, earlier->place.file,
                    earlier->place.line);
}

/* Mentions of one service: from `first`, `count` of them. */
static void warn_of_stranger(const struct definition *first, uint32_t count,
                             struct problems *problems)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!first[i].by_maintenance) {
            return;
        }
    }
    problem_warning(
        problems, first->place,
        "no agreement and no service document names the service %s; is it spelled right?",
        quoted(text_from(first->name)).bytes);
}

static bool same_name(const struct definition *a, const struct definition *b)
{
    return a->kind == b->kind && a->scope == b->scope && strcmp(a->name, b->name) == 0;
}

static bool same_but_case(const struct definition *a, const struct definition *b)
{
    return a->kind == b->kind && a->scope == b->scope && strcasecmp(a->name, b->name) == 0;
}

static void check_names(struct draft *draft, struct problems *problems)
{
    struct definition *all = draft->definitions;
    if (draft->definition_count == 0) {
        return;
    }
    qsort(all, draft->definition_count, sizeof(*all), compare_definitions);
    uint32_t first = 0;
    for (uint32_t i = 1; i <= draft->definition_count; i++) {
        if (i < draft->definition_count && same_name(&all[first], &all[i])) {
            refuse_repetition(&all[first], &all[i], problems);
            continue;
        }
        if (all[first].kind == MENTION_SERVICE) {
            warn_of_stranger(&all[first], i - first, problems);
        }
        if (i < draft->definition_count && same_but_case(&all[first], &all[i])) {
            warn_of_case(&all[first], &all[i], problems);
        }
        first = i;
    }
}

void draft_check(struct draft *draft, struct problems *problems)
{
    openslo_tie(draft, problems);
    check_names(draft, problems);
    system_tie(draft, problems);
    grouping_tie(draft, problems);
    versions_tie(draft, problems);
    composites_tie(draft, problems);
}
