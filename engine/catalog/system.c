#include "catalog/system.h"

#include <stdlib.h>

#include "base/panic.h"

#define NOT_YET UINT32_MAX

/* A component's name and where its document stands in the draft. */
struct entry {
    const char *name;
    uint32_t component;
};

enum mark { MARK_NEW, MARK_ON_PATH, MARK_DONE };

/* A walk from who requires to what is required, without recursion: chains may be long. */
struct walk {
    struct draft *draft;
    struct problems *problems;
    uint32_t *first; /* per component: its first mention ... */
    uint32_t *count; /* ... and how many */
    uint8_t *marks;
    uint32_t *path;  /* the components that are being walked ... */
    uint32_t *next;  /* ... and the next mention of each */
    uint32_t *order; /* old places in the order to be */
    uint32_t order_count;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    return strcmp(a->name, b->name);
}

static uint32_t find(const struct entry *entries, uint32_t count, const char *name)
{
    struct entry key = {.name = name};
    const struct entry *found = bsearch(&key, entries, count, sizeof(key), compare_entries);
    return found == NULL ? NOT_YET : found->component;
}

/* False: a component that is required is unknown. */
static bool find_all(struct draft *draft, struct problems *problems)
{
    uint32_t count = draft->component_count;
    struct entry *entries = region_take(&draft->kept, ((size_t)count + 1) * sizeof(*entries));
    for (uint32_t i = 0; i < count; i++) {
        entries[i] = (struct entry){draft->components[i].name, i};
    }
    qsort(entries, count, sizeof(*entries), compare_entries);
    bool well = true;
    for (uint32_t i = 0; i < draft->mention_count; i++) {
        struct component_mention *mention = &draft->mentions[i];
        mention->leaf->component = find(entries, count, mention->name);
        if (mention->leaf->component == NOT_YET) {
            problem_error(problems, mention->place,
                          "no document defines the component %s; add `component: ...` or correct "
                          "the name",
                          quoted(text_from(mention->name)).bytes);
            well = false;
        }
    }
    return well;
}

static void *per_component(struct draft *draft, size_t size)
{
    return region_take(&draft->kept, ((size_t)draft->component_count + 1) * size);
}

static void walk_init(struct walk *walk, struct draft *draft, struct problems *problems)
{
    *walk = (struct walk){
        .draft = draft,
        .problems = problems,
        .first = per_component(draft, sizeof(uint32_t)),
        .count = per_component(draft, sizeof(uint32_t)),
        .marks = per_component(draft, sizeof(uint8_t)),
        .path = per_component(draft, sizeof(uint32_t)),
        .next = per_component(draft, sizeof(uint32_t)),
        .order = per_component(draft, sizeof(uint32_t)),
    };
    for (uint32_t i = draft->mention_count; i-- > 0;) {
        uint32_t owner = draft->mentions[i].owner;
        if (owner != OWNER_SERVICE) {
            walk->first[owner] = i;
            walk->count[owner]++;
        }
    }
}

static void refuse_circle(const struct walk *walk, const struct component_mention *mention)
{
    const char *owner = walk->draft->components[mention->owner].name;
    problem_error(walk->problems, mention->place,
                  "%s requires %s, which requires it, itself or by others; break the circle",
                  quoted(text_from(owner)).bytes, quoted(text_from(mention->name)).bytes);
}

/* Everything that is reached from here and was not before, each behind what it requires. */
static void walk_from(struct walk *walk, uint32_t start)
{
    uint32_t depth = 0;
    walk->path[0] = start;
    walk->next[0] = 0;
    walk->marks[start] = MARK_ON_PATH;
    for (;;) {
        uint32_t at = walk->path[depth];
        if (walk->next[depth] == walk->count[at]) {
            walk->marks[at] = MARK_DONE;
            walk->order[walk->order_count++] = at;
            if (depth == 0) {
                return;
            }
            depth--;
            continue;
        }
        const struct component_mention *mention =
            &walk->draft->mentions[walk->first[at] + walk->next[depth]++];
        uint32_t to = mention->leaf->component;
        if (to == NOT_YET) {
            continue; /* unknown: that was said */
        }
        if (walk->marks[to] == MARK_ON_PATH) {
            refuse_circle(walk, mention);
        } else if (walk->marks[to] == MARK_NEW) {
            walk->marks[to] = MARK_ON_PATH;
            walk->path[++depth] = to;
            walk->next[depth] = 0;
        }
    }
}

/* Puts the components into the order, and everything that counts on their places. */
static void put_in_order(const struct walk *walk)
{
    struct draft *draft = walk->draft;
    struct component_document *ordered = per_component(draft, sizeof(*ordered));
    uint32_t *place_of_old = per_component(draft, sizeof(uint32_t));
    for (uint32_t i = 0; i < walk->order_count; i++) {
        ordered[i] = draft->components[walk->order[i]];
        place_of_old[walk->order[i]] = i;
    }
    for (uint32_t i = 0; i < draft->mention_count; i++) {
        struct requirement *leaf = draft->mentions[i].leaf;
        leaf->component = place_of_old[leaf->component];
    }
    draft->components = ordered;
}

void system_tie(struct draft *draft, struct problems *problems)
{
    bool well = find_all(draft, problems);
    struct walk walk;
    walk_init(&walk, draft, problems);
    for (uint32_t i = 0; i < draft->component_count; i++) {
        if (walk.marks[i] == MARK_NEW) {
            walk_from(&walk, i);
        }
    }
    if (well) {
        put_in_order(&walk);
    }
}
