#include "api/router.h"

#include <stdio.h>

/* The next segment of a route's path behind `at`; NULL at its end. */
static const char *next_segment(const char *at, struct text *segment_out)
{
    if (*at == '\0' || strcmp(at, "/") == 0) {
        return NULL;
    }
    const char *start = at + 1; /* behind the slash */
    const char *end = strchr(start, '/');
    end = end != NULL ? end : start + strlen(start);
    *segment_out = (struct text){start, (uint32_t)(end - start)};
    return end;
}

static bool is_traversal(struct text segment)
{
    return segment.length == 0 || text_is(segment, ".") || text_is(segment, "..");
}

static bool path_matches(const char *path, const struct target *target,
                         struct text names[ROUTE_NAMES_MAX])
{
    uint32_t name_count = 0;
    uint32_t index = 0;
    struct text wanted;
    for (const char *at = path; (at = next_segment(at, &wanted)) != NULL; index++) {
        if (index == target->segment_count) {
            return false;
        }
        struct text given = target->segments[index];
        if (wanted.bytes[0] == '{') {
            if (is_traversal(given)) {
                return false;
            }
            names[name_count++] = given;
        } else if (!text_equal(wanted, given)) {
            return false;
        }
    }
    return index == target->segment_count && !target->too_many_segments;
}

static void allow(struct route_match *match, const char *method)
{
    size_t length = strlen(match->allow);
    bool reads = strcmp(method, "GET") == 0;
    snprintf(match->allow + length, sizeof(match->allow) - length, "%s%s%s",
             length == 0 ? "" : ", ", method, reads ? ", HEAD" : "");
}

void route_find(const struct route_table *table, const char *method, const struct target *target,
                struct route_match *match_out)
{
    *match_out = (struct route_match){0};
    bool head = strcmp(method, "HEAD") == 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct route *route = &table->routes[i];
        struct text names[ROUTE_NAMES_MAX] = {{0}};
        if (!path_matches(route->path, target, names)) {
            continue;
        }
        match_out->path_known = true;
        allow(match_out, route->method);
        if (strcmp(route->method, method) == 0 || (head && strcmp(route->method, "GET") == 0)) {
            match_out->route = route;
            memcpy(match_out->names, names, sizeof(names));
        }
    }
}

bool method_is_known(const char *method)
{
    static const char *const methods[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                          "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i], method) == 0) {
            return true;
        }
    }
    return false;
}
