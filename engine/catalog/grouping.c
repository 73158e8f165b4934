#include "catalog/grouping.h"

#include <stdlib.h>

/* Names and the arrows between them. */
struct graph {
    struct draft *draft;
    struct problems *problems;
    enum group_arrow kind;
    const char **names; /* sorted */
    uint32_t count;
    uint32_t *from; /* per mention of the draft: places in `names`; of other kinds not set */
    uint32_t *to;
};

#define NOWHERE UINT32_MAX

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static uint32_t find(const struct graph *graph, const char *name)
{
    const char *const *found =
        bsearch(&name, graph->names, graph->count, sizeof(name), compare_names);
    return found == NULL ? NOWHERE : (uint32_t)(found - (const char *const *)graph->names);
}

static const char *kind_word(const struct graph *graph)
{
    return graph->kind == ARROW_SUPPORTS ? "agreement" : "project";
}

/* Does the arrow join two names that some document has? */
static bool joins(const struct graph *graph, uint32_t arrow)
{
    return graph->draft->arrows[arrow].kind == graph->kind && graph->from[arrow] != NOWHERE &&
           graph->to[arrow] != NOWHERE;
}

/* Complains about unknown names. */
static void find_ends(struct graph *graph)
{
    struct draft *draft = graph->draft;
    graph->from = region_take(&draft->kept, (draft->arrow_count + 1) * sizeof(*graph->from));
    graph->to = region_take(&draft->kept, (draft->arrow_count + 1) * sizeof(*graph->to));
    for (uint32_t i = 0; i < draft->arrow_count; i++) {
        const struct group_mention *arrow = &draft->arrows[i];
        if (arrow->kind != graph->kind) {
            continue;
        }
        graph->from[i] = find(graph, arrow->owner);
        graph->to[i] = find(graph, arrow->name);
        if (graph->to[i] == NOWHERE) {
            problem_error(graph->problems, arrow->place,
                          "no document defines the %s %s; add it or correct the name",
                          kind_word(graph), quoted(text_from(arrow->name)).bytes);
        }
    }
}

/* Takes away, again and again, what leads nowhere further: circles and what leads to them stay. */
static void peel(const struct graph *graph, bool *alive)
{
    const struct draft *draft = graph->draft;
    bool *leads = region_take(&graph->draft->kept, graph->count + 1);
    bool changed = true;
    memset(alive, true, graph->count);
    while (changed) {
        changed = false;
        memset(leads, false, graph->count);
        for (uint32_t i = 0; i < draft->arrow_count; i++) {
            if (joins(graph, i) && alive[graph->to[i]]) {
                leads[graph->from[i]] = true;
            }
        }
        for (uint32_t i = 0; i < graph->count; i++) {
            changed |= alive[i] && !leads[i];
            alive[i] = alive[i] && leads[i];
        }
    }
}

/* Can `goal` be reached from `start`? */
static bool reaches(const struct graph *graph, uint32_t start, uint32_t goal)
{
    const struct draft *draft = graph->draft;
    bool *seen = region_take(&graph->draft->kept, graph->count + 1);
    seen[start] = true;
    for (bool changed = true; changed && !seen[goal];) {
        changed = false;
        for (uint32_t i = 0; i < draft->arrow_count; i++) {
            if (joins(graph, i) && seen[graph->from[i]] && !seen[graph->to[i]]) {
                seen[graph->to[i]] = true;
                changed = true;
            }
        }
    }
    return seen[goal];
}

static void refuse_circle(const struct graph *graph)
{
    const struct draft *draft = graph->draft;
    bool *alive = region_take(&graph->draft->kept, graph->count + 1);
    peel(graph, alive);
    for (uint32_t i = 0; i < draft->arrow_count; i++) {
        const struct group_mention *arrow = &draft->arrows[i];
        if (joins(graph, i) && alive[graph->from[i]] && alive[graph->to[i]] &&
            reaches(graph, graph->to[i], graph->from[i])) {
            problem_error(graph->problems, arrow->place,
                          "`%s` goes in a circle: from %.128s over %.128s back to itself; remove "
                          "one of the names",
                          graph->kind == ARROW_SUPPORTS ? "supports" : "projects", arrow->owner,
                          arrow->name);
            return;
        }
    }
}

/* A document that was refused for something else still has its name. */
static void add_names(struct graph *graph, enum definition_kind kind, uint32_t more)
{
    const struct draft *draft = graph->draft;
    graph->names = region_take(&graph->draft->kept,
                               ((size_t)draft->definition_count + more + 1) * sizeof(char *));
    for (uint32_t i = 0; i < draft->definition_count; i++) {
        if (draft->definitions[i].kind == kind) {
            graph->names[graph->count++] = draft->definitions[i].name;
        }
    }
}

static void check(struct graph *graph)
{
    uint32_t kept = 0;
    qsort(graph->names, graph->count, sizeof(*graph->names), compare_names);
    for (uint32_t i = 0; i < graph->count; i++) {
        if (kept == 0 || strcmp(graph->names[kept - 1], graph->names[i]) != 0) {
            graph->names[kept++] = graph->names[i];
        }
    }
    graph->count = kept;
    find_ends(graph);
    refuse_circle(graph);
}

/* Projects that only agreements name stand behind those with documents. */
static void add_named_projects(struct draft *draft)
{
    for (uint32_t i = 0; i < draft->agreement_count; i++) {
        const struct agreement *agreement = &draft->agreements[i];
        bool known = agreement->project == NULL;
        for (uint32_t j = 0; j < draft->project_count && !known; j++) {
            known = strcmp(draft->projects[j].name, agreement->project) == 0;
        }
        if (!known) {
            draft_add_project(draft, &(struct project_document){.name = agreement->project,
                                                                .file = agreement->file,
                                                                .line = agreement->line});
        }
    }
}

void grouping_tie(struct draft *draft, struct problems *problems)
{
    add_named_projects(draft);
    struct graph supports = {.draft = draft, .problems = problems, .kind = ARROW_SUPPORTS};
    struct graph projects = {.draft = draft, .problems = problems, .kind = ARROW_PROJECTS};
    add_names(&supports, DEFINITION_AGREEMENT, 0);
    add_names(&projects, DEFINITION_PROJECT, draft->project_count);
    for (uint32_t i = 0; i < draft->project_count; i++) {
        projects.names[projects.count++] = draft->projects[i].name;
    }
    check(&supports);
    check(&projects);
}
