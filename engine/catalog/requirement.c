#include "catalog/requirement.h"

#define PARTS_MAX 256
#define EXAMPLE   "`requires: {all: [web, {any: [db-a, db-b]}]}`"

static const struct key_rule group_keys[] = {
    {"all", KEY_READ, NULL},
    {"any", KEY_READ, NULL},
    {"at_least", KEY_READ, NULL},
    {"of", KEY_READ, NULL},
};

static bool read_part(struct draft *draft, const struct reading *reading, const struct node *node,
                      uint32_t owner, struct requirement *requirement);

static bool read_leaf(struct draft *draft, const struct reading *reading, const struct node *node,
                      uint32_t owner, struct requirement *requirement)
{
    struct component_mention mention = {
        .leaf = requirement, .place = place_of(reading, node), .owner = owner};
    if (!read_name(reading, node, "requires", &mention.name)) {
        return false;
    }
    requirement->kind = REQUIRE_COMPONENT;
    draft_mention_component(draft, &mention);
    return true;
}

/* A component that stands twice in one list would be counted twice. */
static bool stands_before(const struct node *list, const struct node *item)
{
    for (const struct node *other = list->first; other != item; other = other->next) {
        if (item->kind == NODE_SCALAR && other->kind == NODE_SCALAR &&
            text_equal(other->text, item->text)) {
            return true;
        }
    }
    return false;
}

static bool read_parts(struct draft *draft, const struct reading *reading, const struct node *list,
                       uint32_t owner, struct requirement *requirement)
{
    if (list->kind == NODE_BROKEN) {
        return false;
    }
    if (list->kind != NODE_SEQUENCE || list->count == 0 || list->count > PARTS_MAX) {
        problem_error(reading->problems, place_of(reading, list),
                      "what is required must be a list of 1 to %d; write e.g. " EXAMPLE, PARTS_MAX);
        return false;
    }
    struct requirement *parts = region_take(reading->kept, list->count * sizeof(*parts));
    bool well = true;
    uint32_t i = 0;
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        if (stands_before(list, item)) {
            problem_error(reading->problems, place_of(reading, item),
                          "%s is listed twice in `requires`; remove one of them",
                          quoted(item->text).bytes);
            well = false;
        }
        well &= read_part(draft, reading, item, owner, &parts[i++]);
    }
    requirement->parts = parts;
    requirement->part_count = list->count;
    return well;
}

static bool read_at_least(struct draft *draft, const struct reading *reading,
                          const struct node *node, uint32_t owner, struct requirement *requirement)
{
    const struct node *least = node_find(node, "at_least");
    const struct node *of = required_field(reading, node, "of", "of: [web-1, web-2, web-3]");
    if (least == NULL) {
        least = required_field(reading, node, "at_least", "at_least: 2");
    }
    uint64_t count = 0;
    bool well = least != NULL && read_count(reading, least, "at_least", &count);
    well &= of != NULL && read_parts(draft, reading, of, owner, requirement);
    if (well && (count == 0 || count > requirement->part_count)) {
        problem_error(reading->problems, place_of(reading, least),
                      "`at_least` must be 1 to %u, for `of` lists %u; correct one of them",
                      requirement->part_count, requirement->part_count);
        return false;
    }
    requirement->kind = REQUIRE_AT_LEAST;
    requirement->at_least = (uint32_t)count;
    return well;
}

static bool read_group(struct draft *draft, const struct reading *reading, const struct node *node,
                       uint32_t owner, struct requirement *requirement)
{
    uint32_t errors_before = reading->problems->error_count;
    check_keys(reading, node, "`requires`", group_keys, COUNT_OF(group_keys));
    const struct node *all = node_find(node, "all");
    const struct node *any = node_find(node, "any");
    bool counted = node_find(node, "at_least") != NULL || node_find(node, "of") != NULL;
    if (reading->problems->error_count != errors_before) {
        return false;
    }
    if ((all != NULL) + (any != NULL) + counted != 1) {
        problem_error(
            reading->problems, place_of(reading, node),
            "a requirement is one of `all`, `any`, or `at_least` with `of`; nest them, e.g. "
            "" EXAMPLE);
        return false;
    }
    if (counted) {
        return read_at_least(draft, reading, node, owner, requirement);
    }
    requirement->kind = all != NULL ? REQUIRE_ALL : REQUIRE_AT_LEAST;
    requirement->at_least = 1;
    return read_parts(draft, reading, all != NULL ? all : any, owner, requirement);
}

static bool read_part(struct draft *draft, const struct reading *reading, const struct node *node,
                      uint32_t owner, struct requirement *requirement)
{
    if (node->kind == NODE_MAPPING) {
        return read_group(draft, reading, node, owner, requirement);
    }
    if (node->kind == NODE_SEQUENCE) {
        requirement->kind = REQUIRE_ALL;
        return read_parts(draft, reading, node, owner, requirement);
    }
    return read_leaf(draft, reading, node, owner, requirement);
}

bool requirement_read(struct draft *draft, const struct reading *reading, const struct node *node,
                      uint32_t owner, const struct requirement **requirement_out)
{
    struct requirement *requirement = region_take(reading->kept, sizeof(*requirement));
    *requirement_out = requirement;
    return read_part(draft, reading, node, owner, requirement);
}
