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
        for (uint32_t j = 0; j <= set->agreements[i].earlier_count; j++) {
            count += agreement_version(&set->agreements[i], j)->service_count;
        }
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
        for (uint32_t j = 0; j <= set->agreements[i].earlier_count; j++) {
            const struct agreement *agreement = agreement_version(&set->agreements[i], j);
            for (uint32_t k = 0; k < agreement->service_count; k++) {
                all[at++] = agreement->services[k];
            }
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

/* services[] index + 1 of the name; 0: nobody names it. */
static uint32_t find_service(const struct routing *routing, struct text name)
{
    uint32_t low = 0;
    uint32_t high = routing->service_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = text_compare(text_from(routing->services[middle]), name);
        if (order == 0) {
            return middle + 1;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

/* After list_services. */
static bool list_documents(struct routing *routing)
{
    const struct agreement_set *set = routing->set;
    routing->documents = calloc((size_t)routing->service_count + 1, sizeof(*routing->documents));
    for (uint32_t i = 0; routing->documents != NULL && i < set->service_count; i++) {
        uint32_t service = find_service(routing, text_from(set->services[i].name));
        routing->documents[service - 1] = &set->services[i];
    }
    return routing->documents != NULL;
}

const struct service_document *routing_document(const struct routing *routing, struct text service)
{
    uint32_t place = find_service(routing, service);
    return place == 0 ? NULL : routing->documents[place - 1];
}

static uint32_t service_index(const struct routing *routing, uint32_t resident, uint32_t service)
{
    return find_service(routing, text_from(routing->agreements[resident]->services[service])) - 1;
}

/* Turns the lists "agreement: its services" round, so that a new name need not ask them all. */
static bool list_subjects(struct routing *routing)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < routing->agreement_count; i++) {
        count += routing->agreements[i]->service_count;
    }
    routing->subjects = calloc((size_t)count + 1, sizeof(*routing->subjects));
    routing->subject_first =
        calloc((size_t)routing->service_count + 2, sizeof(*routing->subject_first));
    if (routing->subjects == NULL || routing->subject_first == NULL) {
        return false;
    }
    uint32_t *first = routing->subject_first;
    for (uint32_t i = 0; i < routing->agreement_count; i++) {
        for (uint32_t j = 0; j < routing->agreements[i]->service_count; j++) {
            first[service_index(routing, i, j) + 2]++;
        }
    }
    for (uint32_t i = 0; i < routing->service_count; i++) {
        first[i + 2] += first[i + 1];
    }
    /* first[i + 1] is where the next subject of i goes, and at the end where i + 1 begins. */
    for (uint32_t i = 0; i < routing->agreement_count; i++) {
        for (uint32_t j = 0; j < routing->agreements[i]->service_count; j++) {
            routing->subjects[first[service_index(routing, i, j) + 1]++] =
                (struct target){.resident = i, .service = j};
        }
    }
    return true;
}

static uint32_t count_versions(const struct agreement_set *set)
{
    uint32_t count = set->agreement_count;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        count += set->agreements[i].earlier_count;
    }
    return count;
}

enum status routing_init(struct routing *routing, const struct agreement_set *set,
                         const struct name_table *names, uint32_t shard_index, uint32_t shard_count)
{
    uint32_t version_count = count_versions(set);
    size_t size = ((size_t)name_count_max(names) + 1) * sizeof(uint32_t);
    *routing = (struct routing){
        .set = set,
        .names = names,
        .agreements = calloc((size_t)version_count + 1, sizeof(*routing->agreements)),
        .places = calloc((size_t)version_count + 1, sizeof(*routing->places)),
        .route_of_name = pages_reserve(size),
        .route_of_name_size = size,
    };
    if (routing->agreements == NULL || routing->places == NULL || routing->route_of_name == NULL ||
        !list_services(routing) || !list_documents(routing)) {
        routing_fini(routing);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        bool is_here = routing_is_of_shard(set, i, shard_index, shard_count);
        for (uint32_t j = 0; is_here && j <= agreement->earlier_count; j++) {
            routing->places[routing->agreement_count] = i;
            routing->agreements[routing->agreement_count++] = agreement_version(agreement, j);
        }
    }
    if (!list_subjects(routing)) {
        routing_fini(routing);
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

void routing_fini(struct routing *routing)
{
    free(routing->agreements);
    free(routing->places);
    free(routing->services);
    free(routing->documents);
    free(routing->subjects);
    free(routing->subject_first);
    free(routing->routes);
    free(routing->targets);
    pages_release(routing->route_of_name, routing->route_of_name_size);
    *routing = (struct routing){0};
}

static bool rule_gives(const struct match_rule *rule, struct text name)
{
    return rule->path == NULL && rule->tag == NULL &&
           (rule->host == NULL || glob_matches(rule->host, name)) &&
           (rule->service == NULL || glob_matches(rule->service, name));
}

static void add_target(struct routing *routing, uint32_t resident, uint32_t service)
{
    if (routing->target_count == routing->target_size) {
        routing->target_size = routing->target_size == 0 ? 64 : routing->target_size * 2;
        routing->targets = realloc(routing->targets, routing->target_size * sizeof(struct target));
        assert(routing->targets != NULL);
    }
    routing->targets[routing->target_count++] =
        (struct target){.resident = resident, .service = service};
}

static void add_subjects(struct routing *routing, uint32_t service, struct route *route)
{
    if (service == 0) {
        return;
    }
    if (route->service == 0 || service < route->service) {
        route->service = service;
    }
    for (uint32_t i = routing->subject_first[service - 1]; i < routing->subject_first[service];
         i++) {
        add_target(routing, routing->subjects[i].resident, routing->subjects[i].service);
    }
}

static int compare_targets(const void *left, const void *right)
{
    const struct target *a = left;
    const struct target *b = right;
    if (a->resident != b->resident) {
        return a->resident < b->resident ? -1 : 1;
    }
    return a->service < b->service ? -1 : a->service > b->service;
}

/* Once per agreement, however many of its services match. */
static void keep_first_of_each(struct routing *routing, uint32_t first)
{
    struct target *targets = routing->targets;
    qsort(targets + first, routing->target_count - first, sizeof(*targets), compare_targets);
    uint32_t kept = first;
    for (uint32_t i = first; i < routing->target_count; i++) {
        if (kept == first || targets[kept - 1].resident != targets[i].resident) {
            targets[kept++] = targets[i];
        }
    }
    routing->target_count = kept;
}

static struct route build(struct routing *routing, uint32_t name)
{
    struct text text = name_text(routing->names, name);
    struct route route = {.first = routing->target_count};
    add_subjects(routing, find_service(routing, text), &route);
    const struct match_rules *rules = &routing->set->match;
    for (uint32_t i = 0; i < rules->count; i++) {
        if (rule_gives(&rules->rules[i], text)) {
            add_subjects(routing, find_service(routing, text_from(rules->rules[i].target)), &route);
        }
    }
    if (routing->target_count > route.first + 1) {
        keep_first_of_each(routing, route.first);
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
