#include "domain/service_system.h"

#include <stdlib.h>

#include "base/panic.h"

/* What a requirement is over time: failed, or not to be counted on for reasons of validity. */
struct standing {
    struct span_set failed;
    struct span_set absent;
};

static void standing_fini(struct standing *standing)
{
    span_set_fini(&standing->failed);
    span_set_fini(&standing->absent);
}

static void absence(struct span validity, struct span_set *absent)
{
    span_set_clear(absent);
    span_set_add(absent, (struct span){INT64_MIN, validity.start_ns});
    span_set_add(absent, (struct span){validity.end_ns, INT64_MAX});
}

static void add_all(struct span_set *set, const struct span_set *more)
{
    for (uint32_t i = 0; i < more->count; i++) {
        span_set_add(set, more->spans[i]);
    }
}

static void unite(struct span_set *set, const struct span_set *more)
{
    add_all(set, more);
    span_set_normalize(set);
}

/* set := set and other */
static void keep_common(struct span_set *set, const struct span_set *other)
{
    struct span_set common = {0};
    span_set_intersect(&common, set, other);
    span_set_copy(set, &common);
    span_set_fini(&common);
}

/* Of a group's parts: `failed` is the union, the absences are kept apart for the caller. */
struct group {
    struct span_set failed;       /* of any part */
    struct span_set *unavailable; /* of each part: failed or absent */
    struct span_set *absent;      /* of each part */
    uint32_t count;
};

static void stand(const struct requirement *requirement,
                  const struct component_document *components, const struct span_set *sets,
                  struct standing *standing);

static void group_open(struct group *group, const struct requirement *requirement,
                       const struct component_document *components, const struct span_set *sets)
{
    uint32_t count = requirement->part_count;
    *group = (struct group){
        .unavailable = calloc(count, sizeof(*group->unavailable)),
        .absent = calloc(count, sizeof(*group->absent)),
        .count = count,
    };
    assert(group->unavailable != NULL && group->absent != NULL);
    for (uint32_t i = 0; i < count; i++) {
        struct standing part = {0};
        stand(&requirement->parts[i], components, sets, &part);
        add_all(&group->failed, &part.failed);
        span_set_copy(&group->unavailable[i], &part.failed);
        unite(&group->unavailable[i], &part.absent);
        span_set_copy(&group->absent[i], &part.absent);
        standing_fini(&part);
    }
    span_set_normalize(&group->failed);
}

static void group_close(struct group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        span_set_fini(&group->unavailable[i]);
        span_set_fini(&group->absent[i]);
    }
    free(group->unavailable);
    free(group->absent);
    span_set_fini(&group->failed);
}

static void stand(const struct requirement *requirement,
                  const struct component_document *components, const struct span_set *sets,
                  struct standing *standing)
{
    if (requirement->kind == REQUIRE_COMPONENT) {
        span_set_copy(&standing->failed, &sets[requirement->component]);
        absence(components[requirement->component].validity, &standing->absent);
        return;
    }
    struct group group;
    group_open(&group, requirement, components, sets);
    if (requirement->kind == REQUIRE_ALL) {
        span_set_copy(&standing->failed, &group.failed);
        span_set_at_least(&standing->absent, group.absent, group.count, group.count);
    } else {
        uint32_t enough = requirement->part_count - requirement->at_least + 1;
        span_set_at_least(&standing->failed, group.unavailable, group.count, enough);
        keep_common(&standing->failed, &group.failed);
        span_set_at_least(&standing->absent, group.absent, group.count, enough);
    }
    group_close(&group);
}

void service_system_spread(const struct component_document *components, uint32_t count,
                           struct span_set *sets)
{
    struct span_set failed = {0};
    struct span_set valid = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (components[i].requires != NULL) {
            requirement_failed(components[i].requires, components, sets, &failed);
            unite(&sets[i], &failed);
        }
        span_set_clear(&valid);
        span_set_add(&valid, components[i].validity);
        keep_common(&sets[i], &valid);
    }
    span_set_fini(&failed);
    span_set_fini(&valid);
}

void requirement_failed(const struct requirement *requirement,
                        const struct component_document *components, const struct span_set *sets,
                        struct span_set *failed_out)
{
    struct standing standing = {0};
    stand(requirement, components, sets, &standing);
    span_set_copy(failed_out, &standing.failed);
    standing_fini(&standing);
}

/* The failures of the parts inside `within`, down to components; those are passed on by the caller.
 */
static void blame_parts(const struct requirement *requirement,
                        const struct component_document *components, const struct span_set *sets,
                        const struct span_set *within, struct span_set *blame)
{
    struct span_set own = {0};
    requirement_failed(requirement, components, sets, &own);
    keep_common(&own, within);
    if (requirement->kind == REQUIRE_COMPONENT) {
        unite(&blame[requirement->component], &own);
    }
    for (uint32_t i = 0; i < requirement->part_count && own.count != 0; i++) {
        blame_parts(&requirement->parts[i], components, sets, &own, blame);
    }
    span_set_fini(&own);
}

void requirement_blame(const struct requirement *requirement,
                       const struct component_document *components, uint32_t count,
                       const struct span_set *sets, struct span_set *blame)
{
    struct span_set ever = {0};
    span_set_add(&ever, (struct span){INT64_MIN, INT64_MAX});
    for (uint32_t i = 0; i < count; i++) {
        span_set_clear(&blame[i]);
    }
    blame_parts(requirement, components, sets, &ever, blame);
    /* Who requires stands behind what it requires: all that is blamed on it is known before. */
    for (uint32_t i = count; i-- > 0;) {
        if (components[i].requires != NULL && blame[i].count != 0) {
            blame_parts(components[i].requires, components, sets, &blame[i], blame);
        }
    }
    span_set_fini(&ever);
}

static void need(const struct requirement *requirement, bool *needed)
{
    if (requirement->kind == REQUIRE_COMPONENT) {
        needed[requirement->component] = true;
    }
    for (uint32_t i = 0; i < requirement->part_count; i++) {
        need(&requirement->parts[i], needed);
    }
}

void requirement_needs(const struct requirement *requirement,
                       const struct component_document *components, uint32_t count, bool *needed)
{
    need(requirement, needed);
    for (uint32_t i = count; i-- > 0;) {
        if (needed[i] && components[i].requires != NULL) {
            need(components[i].requires, needed);
        }
    }
}
