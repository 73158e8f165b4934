#include "evaluate/routing.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/panic.h"

static int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* All service names of the set, once each, sorted. */
static bool list_services(struct routing *routing)
{
    const struct agreement_set *set = routing->set;
    uint32_t count = set->service_count;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        count += set->agreements[i].service_count;
    }
    const char **all = calloc((size_t)count + 1, sizeof(*all));
    if (all == NULL) {
        return false;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < set->service_count; i++) {
        all[at++] = set->services[i].name;
    }
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        for (uint32_t j = 0; j < set->agreements[i].service_count; j++) {
            all[at++] = set->agreements[i].services[j];
        }
    }
    qsort(all, count, sizeof(*all), compare_strings);
    routing->services = all;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kept = routing->service_count;
        if (kept == 0 || strcmp(all[kept - 1], all[i]) != 0) {
            all[routing->service_count++] = all[i];
        }
    }
    return true;
}

enum status routing_init(struct routing *routing, const struct agreement_set *set,
                         const struct name_table *names, uint32_t shard_index, uint32_t shard_count)
{
    size_t size = ((size_t)name_count_max(names) + 1) * sizeof(uint32_t);
    *routing = (struct routing){
        .set = set,
        .names = names,
        .agreements = calloc((size_t)set->agreement_count + 1, sizeof(*routing->agreements)),
        .route_of_name = pages_reserve(size),
        .route_of_name_size = size,
    };
    if (routing->agreements == NULL || routing->route_of_name == NULL || !list_services(routing)) {
        routing_fini(routing);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = shard_index; i < set->agreement_count; i += shard_count) {
        routing->agreements[routing->agreement_count++] = &set->agreements[i];
    }
    return STATUS_OK;
}

void routing_fini(struct routing *routing)
{
    free(routing->agreements);
    free(routing->services);
    free(routing->routes);
    free(routing->targets);
    pages_release(routing->route_of_name, routing->route_of_name_size);
    *routing = (struct routing){0};
}

static bool rule_gives(const struct match_rule *rule, struct text name, const char *service)
{
    return rule->path == NULL && rule->tag == NULL && strcmp(rule->target, service) == 0 &&
           (rule->host == NULL || glob_matches(rule->host, name)) &&
           (rule->service == NULL || glob_matches(rule->service, name));
}

static bool names_service(const struct routing *routing, struct text name, const char *service)
{
    if (text_is(name, service)) {
        return true;
    }
    const struct match_rules *rules = &routing->set->match;
    for (uint32_t i = 0; i < rules->count; i++) {
        if (rule_gives(&rules->rules[i], name, service)) {
            return true;
        }
    }
    return false;
}

static void add_target(struct routing *routing, uint32_t resident, uint32_t service)
{
    if (routing->target_count == routing->target_size) {
        routing->target_size = routing->target_size == 0 ? 64 : routing->target_size * 2;
        routing->targets = realloc(routing->targets, routing->target_size * sizeof(struct target));
        assert(routing->targets != NULL);
    }
    routing->targets[routing->target_count++] = (struct target){resident, service};
}

static struct route build(struct routing *routing, uint32_t name)
{
    struct text text = name_text(routing->names, name);
    struct route route = {.first = routing->target_count};
    for (uint32_t i = 0; i < routing->agreement_count; i++) {
        const struct agreement *agreement = routing->agreements[i];
        for (uint32_t j = 0; j < agreement->service_count; j++) {
            if (names_service(routing, text, agreement->services[j])) {
                add_target(routing, i, j);
                break; /* once per agreement, however many of its services match */
            }
        }
    }
    for (uint32_t i = 0; i < routing->service_count && route.service == 0; i++) {
        route.service = names_service(routing, text, routing->services[i]) ? i + 1 : 0;
    }
    route.count = routing->target_count - route.first;
    return route;
}

const struct route *routing_of(struct routing *routing, uint32_t name)
{
    uint32_t known = routing->route_of_name[name];
    if (known == 0) {
        if (routing->route_count == routing->route_size) {
            routing->route_size = routing->route_size == 0 ? 64 : routing->route_size * 2;
            routing->routes = realloc(routing->routes, routing->route_size * sizeof(struct route));
            assert(routing->routes != NULL);
        }
        routing->routes[routing->route_count++] = build(routing, name);
        known = routing->route_count;
        routing->route_of_name[name] = known;
    }
    return &routing->routes[known - 1];
}
