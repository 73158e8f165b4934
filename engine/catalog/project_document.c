#include "catalog/project_document.h"

#include "catalog/composites.h"
#include "catalog/document.h"
#include "catalog/objective.h"
#include "catalog/over.h"

static const struct key_rule project_keys[] = {
    {"project", KEY_READ, NULL}, {"projects", KEY_READ, NULL},    {"objectives", KEY_READ, NULL},
    {"over", KEY_READ, NULL},    {"agreements", KEY_QUIET, NULL}, {"owner", KEY_QUIET, NULL},
};

/* A project has no term: it lasts as long as its agreements. */
static void refuse_term(const struct reading *reading, const struct node *node)
{
    problem_error(reading->problems, place_of(reading, node),
                  "`over: term` has no meaning in a project, which has no term; write e.g. 30d or "
                  "month");
}

static bool read_frame(const struct reading *reading, const struct node *root,
                       struct objective_frame *frame)
{
    *frame = (struct objective_frame){
        .over = {.kind = WINDOW_ROLLING, .length_ns = OVER_DEFAULT_NS},
        .over_known = true,
        .term = {INT64_MIN, INT64_MAX},
        .composites_only = true,
    };
    const struct node *over = node_find(root, "over");
    if (over == NULL) {
        return true;
    }
    frame->over_known = read_over(reading, over, &frame->over);
    if (frame->over_known && frame->over.kind == WINDOW_TERM) {
        refuse_term(reading, over);
        frame->over_known = false;
    }
    return frame->over_known;
}

static bool read_one(const struct reading *reading, const struct node *node,
                     const struct objective_frame *frame, struct objective *objective)
{
    if (!read_objective(reading, node, frame, objective)) {
        return false;
    }
    if (objective->window.kind == WINDOW_TERM) {
        refuse_term(reading, node_find(node, "over"));
        return false;
    }
    return true;
}

static bool read_objectives(struct draft *draft, const struct reading *reading,
                            const struct node *node, const struct objective_frame *frame,
                            struct project_document *project)
{
    if (!check_mapping(
            reading, node, "objectives",
            "`objectives: {journey: {combine: any_bad, members: [...], target: 99%}}`")) {
        return false;
    }
    struct objective *objectives =
        region_take(reading->kept, (node->count + 1) * sizeof(*objectives));
    uint32_t count = 0;
    uint32_t scope = draft->scope_count++;
    for (const struct node *value = node->first; value != NULL; value = value->next) {
        if (read_one(reading, value, frame, &objectives[count])) {
            draft_define(draft, (struct definition){
                                    .kind = DEFINITION_OBJECTIVE,
                                    .scope = scope,
                                    .name = objectives[count].name,
                                    .place = place_of(reading, value->key),
                                });
            count++;
        }
    }
    project->objectives = objectives;
    project->objective_count = count;
    return count == node->count && composites_read(&(struct composite_list){
                                       .draft = draft,
                                       .reading = reading,
                                       .node = node,
                                       .objectives = objectives,
                                       .count = count,
                                   });
}

void project_read(struct draft *draft, const struct reading *reading, const struct node *root)
{
    check_keys(reading, root, "a project", project_keys, COUNT_OF(project_keys));
    const struct node *name = node_find(root, "project");
    const struct node *objectives = node_find(root, "objectives");
    struct project_document project = {.file = reading->file};
    struct objective_frame frame;
    if (!read_name(reading, name, "project", &project.name)) {
        return;
    }
    project.line = name->key->line;
    document_define(draft, reading, DEFINITION_PROJECT, project.name, name);
    bool well = document_mention_group(draft, reading, node_find(root, "projects"), ARROW_PROJECTS,
                                       project.name, &project.parts, &project.part_count);
    well &= read_frame(reading, root, &frame);
    well &= objectives == NULL || read_objectives(draft, reading, objectives, &frame, &project);
    if (well) {
        draft_add_project(draft, &project);
    }
}
