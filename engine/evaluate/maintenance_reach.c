#include "evaluate/maintenance_reach.h"

#include <stdlib.h>

#include "base/panic.h"
#include "evaluate/interference.h"

static bool rests_on_components(const struct timeline_sources *sources,
                                const struct maintenance_register *list, uint32_t service)
{
    return list->names_components && sources->needed != NULL && sources->requires[service] != NULL;
}

static bool works_on(const struct timeline_sources *sources, const struct maintenance_entry *entry,
                     uint32_t component)
{
    return sources->needed[component] &&
           maintenance_works_on(entry, sources->component_names[component],
                                sources->components[component].name, sources->has_customer,
                                sources->customer);
}

/* When each component of the set is worked on. */
static struct span_set *works_open(const struct timeline_sources *sources,
                                   const struct maintenance_register *list)
{
    struct span_set *works = calloc((size_t)sources->component_count + 1, sizeof(*works));
    assert(works != NULL);
    for (uint32_t i = 0; i < sources->component_count; i++) {
        for (uint32_t j = 0; j < list->count; j++) {
            if (works_on(sources, &list->entries[j], i)) {
                maintenance_add_spans(&list->entries[j], &works[i]);
            }
        }
        span_set_normalize(&works[i]);
    }
    return works;
}

/* Per component: while it makes the requirement fail, were those not there that are worked on. */
static struct span_set *blame_open(const struct timeline_sources *sources,
                                   const struct maintenance_register *list, uint32_t service)
{
    struct span_set *works = works_open(sources, list);
    struct span_set *blame = interference_with(sources, service, SEVERITY_INFO, works);
    interference_close(works, sources->component_count);
    return blame;
}

static void add_entry(const struct timeline_sources *sources, const struct maintenance_entry *entry,
                      const struct span_set *blame, struct span_set *spans)
{
    struct span_set work = {0};
    struct span_set common = {0};
    for (uint32_t i = 0; i < sources->component_count; i++) {
        if (!works_on(sources, entry, i)) {
            continue;
        }
        span_set_clear(&work);
        maintenance_add_spans(entry, &work);
        span_set_normalize(&work);
        span_set_intersect(&common, &work, &blame[i]);
        for (uint32_t j = 0; j < common.count; j++) {
            span_set_add(spans, common.spans[j]);
        }
    }
    span_set_fini(&work);
    span_set_fini(&common);
}

void maintenance_reach_mask(const struct timeline_sources *sources,
                            const struct maintenance_register *list, uint32_t service,
                            struct span_set *mask)
{
    if (!rests_on_components(sources, list, service)) {
        return;
    }
    struct span_set *blame = blame_open(sources, list, service);
    for (uint32_t i = 0; i < list->count; i++) {
        add_entry(sources, &list->entries[i], blame, mask);
    }
    span_set_normalize(mask);
    interference_close(blame, sources->component_count);
}

void maintenance_reach_of(const struct timeline_sources *sources,
                          const struct maintenance_register *list,
                          const struct maintenance_entry *entry, uint32_t service,
                          struct span_set *spans)
{
    span_set_clear(spans);
    if (rests_on_components(sources, list, service) && maintenance_names_components(entry)) {
        struct span_set *blame = blame_open(sources, list, service);
        add_entry(sources, entry, blame, spans);
        span_set_normalize(spans);
        interference_close(blame, sources->component_count);
    }
}

const struct maintenance_entry *maintenance_reach_at(const struct timeline_sources *sources,
                                                     const struct maintenance_register *list,
                                                     uint32_t service, int64_t ns)
{
    const struct maintenance_entry *found = NULL;
    struct span_set spans = {0};
    for (uint32_t i = 0; i < list->count && found == NULL; i++) {
        maintenance_reach_of(sources, list, &list->entries[i], service, &spans);
        found = span_set_holds(&spans, ns) ? &list->entries[i] : NULL;
    }
    span_set_fini(&spans);
    return found;
}
