/* Which log records are requests to which service: the `match` rules of the service documents.
 *
 * A rule's patterns are globs (`*` any run, `?` one byte) over the record's host, path, tag and
 * service; all patterns of a rule must match, the first rule that matches names the service; no
 * rule: the record's own service. Source: CONTRACT section 4, `match`.
 */
#ifndef DOMAIN_MATCH_H
#define DOMAIN_MATCH_H

#include "domain/record.h"

struct match_rule {
    /* NULL: not asked. */
    const char *host;
    const char *path;
    const char *tag;
    const char *service;
    /* The service that the record then asks for. */
    const char *target;
};

struct match_rules {
    const struct match_rule *rules;
    uint32_t count;
};

bool glob_matches(const char *pattern, struct text text);
/* The name of the matching service, or the record's own. Borrowed. */
struct text match_service(const struct match_rules *rules, const struct record *record);

#endif
