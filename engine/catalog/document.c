#include "catalog/document.h"

#include "base/panic.h"
#include "catalog/agreement_document.h"
#include "catalog/hours.h"
#include "catalog/openslo.h"
#include "catalog/project_document.h"
#include "catalog/requirement.h"
#include "catalog/words.h"

/* One service's `match`: lists multiply, so the bound is on what they make. */
#define RULES_PER_SERVICE_MAX 256
#define PATTERN_BYTES_MAX     1024

static const struct key_rule service_keys[] = {
    {"service", KEY_READ, NULL}, {"match", KEY_READ, NULL},  {"requires", KEY_READ, NULL},
    {"expect", KEY_READ, NULL},  {"owner", KEY_QUIET, NULL}, {"from", KEY_QUIET, NULL},
    {"to", KEY_QUIET, NULL},
};
static const struct key_rule match_keys[] = {
    {"host", KEY_READ, NULL},
    {"path", KEY_READ, NULL},
    {"tag", KEY_READ, NULL},
    {"service", KEY_READ, NULL},
};
static const struct key_rule expect_keys[] = {
    {"every", KEY_READ, NULL},
    {"stale_after", KEY_READ, NULL},
};
static const struct key_rule component_keys[] = {
    {"component", KEY_READ, NULL}, {"owner", KEY_READ, NULL},    {"from", KEY_READ, NULL},
    {"to", KEY_READ, NULL},        {"requires", KEY_READ, NULL},
};
static const struct key_rule maintenance_keys[] = {
    {"maintenance", KEY_READ, NULL}, {"services", KEY_READ, NULL},   {"service", KEY_READ, NULL},
    {"start", KEY_READ, NULL},       {"end", KEY_READ, NULL},        {"reason", KEY_READ, NULL},
    {"author", KEY_READ, NULL},      {"rrule", KEY_READ, NULL},      {"zone", KEY_READ, NULL},
    {"component", KEY_READ, NULL},   {"components", KEY_READ, NULL},
};

void document_define(struct draft *draft, const struct reading *reading, enum definition_kind kind,
                     const char *name, const struct node *node)
{
    draft_define(draft, (struct definition){
                            .kind = kind,
                            .name = name,
                            .place = place_of(reading, node),
                        });
}

bool document_mention_group(struct draft *draft, const struct reading *reading,
                            const struct node *list, enum group_arrow kind, const char *owner,
                            const char *const **names_out, uint32_t *count_out)
{
    if (list == NULL || (list->kind == NODE_SEQUENCE && list->count == 0)) {
        return true;
    }
    const char *key = kind == ARROW_SUPPORTS ? "supports" : "projects";
    if (!read_names(reading, list, key, names_out, count_out)) {
        return false;
    }
    uint32_t i = 0;
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        draft_mention_group(draft, &(struct group_mention){
                                       .kind = kind,
                                       .owner = owner,
                                       .name = (*names_out)[i++],
                                       .place = place_of(reading, item),
                                   });
    }
    return true;
}

void document_mention_services(struct draft *draft, const struct reading *reading,
                               const struct node *list, const char *const *names)
{
    uint32_t i = 0;
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        draft_define(draft, (struct definition){
                                .kind = MENTION_SERVICE,
                                .name = names[i++],
                                .place = place_of(reading, item),
                            });
    }
}

/* --- service --- */

/* The patterns of one key; absent: one pattern that is not asked. */
struct patterns {
    const char **items;
    uint32_t count;
};

static bool read_pattern(const struct reading *reading, const struct node *node, const char *key,
                         const char **pattern_out)
{
    if (!read_text(reading, node, key, pattern_out)) {
        return false;
    }
    size_t length = strlen(*pattern_out);
    if (length == 0 || length > PATTERN_BYTES_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` must be a pattern of 1 to %d bytes; write e.g. shop.example or /api/*",
                      key, PATTERN_BYTES_MAX);
        return false;
    }
    return true;
}

static bool read_patterns(const struct reading *reading, const struct node *match, const char *key,
                          struct patterns *patterns_out)
{
    const struct node *node = node_find(match, key);
    bool list = node != NULL && node->kind == NODE_SEQUENCE && node->count > 0;
    uint32_t count = list ? node->count : 1;
    const char **items = region_take(reading->kept, count * sizeof(*items));
    *patterns_out = (struct patterns){items, count};
    if (node == NULL) {
        return true;
    }
    if (!list) {
        return read_pattern(reading, node, key, &items[0]);
    }
    bool well = true;
    uint32_t i = 0;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        well &= read_pattern(reading, item, key, &items[i++]);
    }
    return well;
}

static void add_rules(struct draft *draft, const struct patterns patterns[4], const char *service)
{
    for (uint32_t host = 0; host < patterns[0].count; host++) {
        for (uint32_t path = 0; path < patterns[1].count; path++) {
            for (uint32_t tag = 0; tag < patterns[2].count; tag++) {
                for (uint32_t own = 0; own < patterns[3].count; own++) {
                    draft_add_rule(draft, &(struct match_rule){
                                              .host = patterns[0].items[host],
                                              .path = patterns[1].items[path],
                                              .tag = patterns[2].items[tag],
                                              .service = patterns[3].items[own],
                                              .target = service,
                                          });
                }
            }
        }
    }
}

static bool read_match(struct draft *draft, const struct reading *reading, const struct node *node,
                       const char *service)
{
    if (!check_mapping(reading, node, "match", "`match: {host: checkout.shop.example}`")) {
        return false;
    }
    check_keys(reading, node, "`match`", match_keys, COUNT_OF(match_keys));
    if (node->count == 0) {
        problem_error(reading->problems, place_of(reading, node),
                      "`match` is empty; write e.g. {host: checkout.shop.example} or leave it out");
        return false;
    }
    struct patterns patterns[COUNT_OF(match_keys)];
    uint64_t product = 1;
    bool well = true;
    for (uint32_t i = 0; i < COUNT_OF(match_keys); i++) {
        well &= read_patterns(reading, node, match_keys[i].name, &patterns[i]);
        product *= patterns[i].count;
        if (product > RULES_PER_SERVICE_MAX) {
            problem_error(reading->problems, place_of(reading, node),
                          "`match` makes more than %d rules; shorten its lists with globs",
                          RULES_PER_SERVICE_MAX);
            return false;
        }
    }
    if (well) {
        add_rules(draft, patterns, service);
    }
    return well;
}

/* Longer silence is no news; and instants plus it stay instants. */
#define EXPECT_NS_MAX (3660 * NS_PER_DAY)

static bool read_expected(const struct reading *reading, const struct node *node, const char *key,
                          int64_t *ns_out)
{
    if (!read_seconds(reading, node, key, ns_out)) {
        return false;
    }
    if (*ns_out > EXPECT_NS_MAX) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s` is longer than 3660d; write how often a sign is expected, e.g. 1m",
                      key);
        return false;
    }
    return true;
}

static void read_expect(const struct reading *reading, const struct node *node,
                        struct service_document *service)
{
    if (!check_mapping(reading, node, "expect", "`expect: {every: 1m}`")) {
        return;
    }
    check_keys(reading, node, "`expect`", expect_keys, COUNT_OF(expect_keys));
    const struct node *every = required_field(reading, node, "every", "every: 1m");
    const struct node *stale = node_find(node, "stale_after");
    if (every != NULL && read_expected(reading, every, "every", &service->every_ns)) {
        service->stale_after_ns =
            service->every_ns > EXPECT_NS_MAX / 5 ? EXPECT_NS_MAX : 5 * service->every_ns;
    }
    if (stale != NULL) {
        (void)read_expected(reading, stale, "stale_after", &service->stale_after_ns);
    }
}

static void read_service(struct draft *draft, const struct reading *reading,
                         const struct yaml_document *document)
{
    const struct node *root = document->root;
    check_keys(reading, root, "a service", service_keys, COUNT_OF(service_keys));
    const struct node *name = node_find(root, "service");
    struct service_document service = {.file = reading->file, .line = name->key->line};
    if (!read_name(reading, name, "service", &service.name)) {
        return;
    }
    document_define(draft, reading, DEFINITION_SERVICE, service.name, name);
    document_define(draft, reading, MENTION_SERVICE, service.name, name);
    const struct node *match = node_find(root, "match");
    const struct node *requires = node_find(root, "requires");
    bool well = match == NULL || read_match(draft, reading, match, service.name);
    if (requires != NULL) {
        well &= requirement_read(draft, reading, requires, OWNER_SERVICE, &service.requires);
    }
    const struct node *expect = node_find(root, "expect");
    if (expect != NULL) {
        read_expect(reading, expect, &service);
    }
    if (well) {
        draft_add_service(draft, &service);
    }
}

/* --- maintenance --- */

/* Names of one kind, by the key for one or the key for a list; either may hold either. */
struct maintained {
    const char *one;
    const char *list;
    const struct node *node; /* NULL: not given */
    const char *const *names;
    uint32_t count;
};

static bool read_maintained_names(const struct reading *reading, const struct node *root,
                                  struct maintained *maintained)
{
    const struct node *one = node_find(root, maintained->one);
    const struct node *list = node_find(root, maintained->list);
    if (one != NULL && list != NULL) {
        problem_error(reading->problems, place_of_key(reading, one),
                      "`%s` and `%s` are both given; keep one of them", maintained->one,
                      maintained->list);
        return false;
    }
    maintained->node = one != NULL ? one : list;
    if (one != NULL && one->kind != NODE_SEQUENCE) {
        const char **names = region_take(reading->kept, sizeof(*names));
        maintained->names = names;
        maintained->count = 1;
        return read_name(reading, one, maintained->one, &names[0]);
    }
    const char *key = one != NULL ? maintained->one : maintained->list;
    return maintained->node == NULL ||
           read_names(reading, maintained->node, key, &maintained->names, &maintained->count);
}

/* The node of each name, in turn: the list's items, or the one that stands alone. */
static const struct node *first_item(const struct maintained *maintained)
{
    return maintained->node == NULL                  ? NULL
           : maintained->node->kind == NODE_SEQUENCE ? maintained->node->first
                                                     : maintained->node;
}

static void mention_component(struct draft *draft, const struct reading *reading,
                              const struct node *node, const char *name)
{
    draft_mention_component(draft,
                            &(struct component_mention){
                                .leaf = region_take(reading->kept, sizeof(struct requirement)),
                                .name = name,
                                .place = place_of(reading, node),
                                .owner = OWNER_SERVICE,
                            });
}

static bool read_maintained(struct draft *draft, const struct reading *reading,
                            const struct node *root, struct maintenance_document *maintenance)
{
    struct maintained services = {.one = "service", .list = "services"};
    struct maintained components = {.one = "component", .list = "components"};
    bool well = read_maintained_names(reading, root, &services);
    well &= read_maintained_names(reading, root, &components);
    if (!well || (services.node == NULL && components.node == NULL &&
                  required_field(reading, root, "services", "services: [checkout]") == NULL)) {
        return false;
    }
    const struct node *item = first_item(&services);
    for (uint32_t i = 0; i < services.count; i++, item = item->next) {
        draft_define(draft, (struct definition){
                                .kind = MENTION_SERVICE,
                                .by_maintenance = true,
                                .name = services.names[i],
                                .place = place_of(reading, item),
                            });
    }
    item = first_item(&components);
    for (uint32_t i = 0; i < components.count; i++, item = item->next) {
        mention_component(draft, reading, item, components.names[i]);
    }
    maintenance->services = services.names;
    maintenance->service_count = services.count;
    maintenance->components = components.names;
    maintenance->component_count = components.count;
    return true;
}

/* As read_time; without an offset by the clocks of the reading's zone, if one is named. */
static bool read_work_time(const struct reading *reading, bool has_zone, const struct node *node,
                           const char *what, int64_t *ns_out)
{
    int64_t local_ns;
    if (node->kind != NODE_SCALAR || civil_parse_date(node->text, &local_ns) ||
        !civil_parse_local(node->text, &local_ns)) {
        return read_time(reading, node, what, ns_out);
    }
    if (!has_zone) {
        problem_error(reading->problems, place_of(reading, node),
                      "`%s`: %s has no offset from UTC; write a Z behind it, or by whose clocks it "
                      "is: `zone: Europe/Berlin`",
                      what, quoted(node->text).bytes);
        return false;
    }
    *ns_out = zone_utc_ns(reading->zone, local_ns);
    return true;
}

/* A rule goes by the time of day of its start, which therefore must be one. */
static bool check_first(const struct reading *reading, const struct node *start)
{
    int64_t local_ns;
    if (start == NULL || !civil_parse_local(start->text, &local_ns) ||
        zone_has_local(reading->zone, local_ns)) {
        return true;
    }
    problem_error(reading->problems, place_of(reading, start),
                  "`start`: the clocks of %s skip %s; begin with another occurrence",
                  reading->zone->name, quoted(start->text).bytes);
    return false;
}

static bool read_work_span(const struct reading *reading, bool has_zone, const struct node *root,
                           struct span *span_out)
{
    const struct node *start =
        required_field(reading, root, "start", "start: 2026-07-04T02:00:00Z");
    const struct node *end = required_field(reading, root, "end", "end: 2026-07-04T03:00:00Z");
    bool well =
        start != NULL && read_work_time(reading, has_zone, start, "start", &span_out->start_ns);
    well &= end != NULL && read_work_time(reading, has_zone, end, "end", &span_out->end_ns);
    return well && check_span(reading, end, *span_out, "start", "end");
}

static bool read_recurrence(const struct reading *reading, const struct node *node,
                            const struct recurrence **recurrence_out)
{
    struct text rule;
    const char *reason;
    if (node == NULL) {
        return true;
    }
    if (!read_scalar(reading, node, "rrule", &rule)) {
        return false;
    }
    struct recurrence *recurrence = region_take(reading->kept, sizeof(*recurrence));
    if (!recurrence_parse(trimmed(rule), recurrence, &reason)) {
        problem_error(reading->problems, place_of(reading, node),
                      "`rrule`: %s; write it like FREQ=WEEKLY;BYDAY=SU", reason);
        return false;
    }
    *recurrence_out = recurrence;
    return true;
}

static void read_maintenance(struct draft *draft, const struct reading *reading,
                             const struct yaml_document *document)
{
    const struct node *root = document->root;
    uint32_t errors_before = reading->problems->error_count;
    check_keys(reading, root, "a maintenance", maintenance_keys, COUNT_OF(maintenance_keys));
    struct maintenance_document maintenance = {0};
    const struct node *id = node_find(root, "maintenance");
    bool well = read_name(reading, id, "maintenance", &maintenance.id);
    if (well) {
        document_define(draft, reading, DEFINITION_MAINTENANCE, maintenance.id, id);
    }
    well &= read_maintained(draft, reading, root, &maintenance);
    struct reading local = *reading;
    const struct node *zone = node_find(root, "zone");
    well &= zone == NULL || read_zone(draft, reading, zone, &local.zone);
    maintenance.zone = local.zone;
    well &= read_work_span(&local, zone != NULL, root, &maintenance.span);
    well &= read_recurrence(reading, node_find(root, "rrule"), &maintenance.recurrence);
    well &= maintenance.recurrence == NULL || check_first(&local, node_find(root, "start"));
    const struct node *reason = node_find(root, "reason");
    const struct node *author = node_find(root, "author");
    well &= reason == NULL || read_text(reading, reason, "reason", &maintenance.reason);
    well &= author == NULL || read_text(reading, author, "author", &maintenance.author);
    if (well && reading->problems->error_count == errors_before) {
        draft_add_maintenance(draft, &maintenance);
    }
}

/* --- component --- */

static void read_validity(const struct reading *reading, const struct node *root,
                          struct span *validity_out)
{
    *validity_out = (struct span){INT64_MIN, INT64_MAX};
    const struct node *from = node_find(root, "from");
    const struct node *to = node_find(root, "to");
    bool well = from == NULL || read_time(reading, from, "from", &validity_out->start_ns);
    well &= to == NULL || read_time(reading, to, "to", &validity_out->end_ns);
    if (well && from != NULL && to != NULL) {
        (void)check_span(reading, to, *validity_out, "from", "to");
    }
}

/* Added even where something is wrong with it: that was said, so that no set is made, and those who
 * require it need not be told that it is unknown. */
static void read_component(struct draft *draft, const struct reading *reading,
                           const struct yaml_document *document)
{
    const struct node *root = document->root;
    check_keys(reading, root, "a component", component_keys, COUNT_OF(component_keys));
    const struct node *name = node_find(root, "component");
    const struct node *owner = node_find(root, "owner");
    const struct node *requires = node_find(root, "requires");
    struct component_document component = {.file = reading->file, .line = name->key->line};
    read_validity(reading, root, &component.validity);
    if (owner != NULL) {
        (void)read_name(reading, owner, "owner", &component.owner);
    }
    if (!read_name(reading, name, "component", &component.name)) {
        return;
    }
    document_define(draft, reading, DEFINITION_COMPONENT, component.name, name);
    if (requires != NULL) {
        (void)requirement_read(draft, reading, requires, draft->component_count,
                               &component.requires);
    }
    draft_add_component(draft, &component);
}

static void read_project(struct draft *draft, const struct reading *reading,
                         const struct yaml_document *document)
{
    project_read(draft, reading, document->root);
}

static void read_agreement(struct draft *draft, const struct reading *reading,
                           const struct yaml_document *document)
{
    agreement_read(draft, reading, document->root, document->source);
}

/* --- kinds --- */

static const struct {
    const char *word;
    void (*read)(struct draft *, const struct reading *, const struct yaml_document *);
} kinds[] = {
    {"service", read_service},         {"component", read_component}, {"agreement", read_agreement},
    {"maintenance", read_maintenance}, {"project", read_project},
};

static void refuse_first_key(const struct reading *reading, const struct node *root)
{
    const struct node *key = root->first->key;
    struct place place = place_of(reading, key);
    const char *words[COUNT_OF(kinds)];
    for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
        words[i] = kinds[i].word;
    }
    /* `agreement` before `maintenance` and `project`, which are also keys of an agreement. */
    for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
        if (node_find(root, kinds[i].word) != NULL) {
            problem_error(reading->problems, place,
                          "the first key must name the kind; move `%s` to the top of the document",
                          kinds[i].word);
            return;
        }
    }
    const char *nearest = nearest_word(key->text, words, COUNT_OF(kinds));
    if (nearest != NULL) {
        problem_error(reading->problems, place, "unknown kind of document %s; did you mean `%s`?",
                      quoted(key->text).bytes, nearest);
        return;
    }
    problem_error(
        reading->problems, place,
        "unknown kind of document %s; the first key must be service, component, agreement, "
        "maintenance or project",
        quoted(key->text).bytes);
}

void document_read(struct draft *draft, const struct reading *reading,
                   const struct yaml_document *document)
{
    const struct node *root = document->root;
    if (root->kind == NODE_NULL || root->kind == NODE_BROKEN) {
        return;
    }
    if (openslo_is(root)) {
        openslo_read(draft, reading, document);
        return;
    }
    if (root->kind != NODE_MAPPING || root->count == 0) {
        problem_error(reading->problems, place_of(reading, root),
                      "a document is a mapping whose first key names its kind; write e.g. "
                      "`agreement: acme-checkout`");
        return;
    }
    if (root->first->key->kind != NODE_SCALAR) {
        return;
    }
    for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
        if (text_is(root->first->key->text, kinds[i].word)) {
            kinds[i].read(draft, reading, document);
            return;
        }
    }
    refuse_first_key(reading, root);
}
