/* One table says which handler answers which method on which path. Pure; the index page and
 * openapi.json are written from the same table. */
#ifndef API_ROUTER_H
#define API_ROUTER_H

#include "api/target.h"

#define ROUTE_NAMES_MAX  2
#define ROUTE_ALLOW_SIZE 64

struct request;

struct route {
    const char *method; /* GET answers HEAD too */
    const char *path;   /* segments; `{name}` stands for any one */
    void (*handle)(struct request *request);
    bool takes_body;
    const char *parameters; /* names behind the question mark, separated by spaces */
    const char *answers;    /* the media type of a good answer */
    const char *summary;    /* a sentence */
};

struct route_table {
    const struct route *routes;
    uint32_t count;
};

struct route_match {
    const struct route *route;          /* NULL: see path_known */
    bool path_known;                    /* the path exists, with other methods: 405 */
    char allow[ROUTE_ALLOW_SIZE];       /* those methods, as the header Allow has them */
    struct text names[ROUTE_NAMES_MAX]; /* what stood for the {name}s, in order */
};

void route_find(const struct route_table *table, const char *method, const struct target *target,
                struct route_match *match_out);
/* Is this one of the methods of RFC 9110 and 5789? Others are 501. */
bool method_is_known(const char *method);

#endif
