#include "catalog/openslo.h"

#include "catalog/document.h"
#include "catalog/openslo_alert.h"
#include "catalog/openslo_indicator.h"
#include "catalog/openslo_slo.h"
#include "catalog/words.h"

static const struct key_rule object_keys[] = {
    {"apiVersion", KEY_READ, NULL},
    {"kind", KEY_READ, NULL},
    {"metadata", KEY_READ, NULL},
    {"spec", KEY_READ, NULL},
};
static const struct key_rule service_keys[] = {
    {"description", KEY_QUIET, NULL},
};

static struct openslo *openslo_of(struct draft *draft)
{
    if (draft->openslo == NULL) {
        draft->openslo = region_take(&draft->kept, sizeof(*draft->openslo));
    }
    return draft->openslo;
}

static void list_add(struct draft *draft, struct openslo_list *list, void *object)
{
    list->objects = region_grow(&draft->kept, list->objects, list->count, &list->capacity,
                                sizeof(*list->objects));
    list->objects[list->count++] = object;
}

/* Where its name stands; it has one. */
static void define(struct draft *draft, const struct reading *reading, const struct node *object,
                   enum definition_kind kind, const char *name)
{
    document_define(draft, reading, kind, name, node_find(node_find(object, "metadata"), "name"));
}

/* --- kinds --- */

static void read_service(struct draft *draft, const struct reading *reading,
                         const struct node *object, struct text source)
{
    (void)source;
    struct service_document service = {.file = reading->file, .line = object->line};
    check_keys(reading, object, "a Service", object_keys, COUNT_OF(object_keys));
    const struct node *spec = node_find(object, "spec");
    if (spec != NULL && spec->kind != NODE_NULL &&
        check_mapping(reading, spec, "spec", "`spec: {description: what it is for}`")) {
        check_keys(reading, spec, "`spec` of a Service", service_keys, COUNT_OF(service_keys));
    }
    if (openslo_read_name(reading, object, false, &service.name)) {
        define(draft, reading, object, DEFINITION_SERVICE, service.name);
        draft_add_service(draft, &service);
    }
}

static void read_sli(struct draft *draft, const struct reading *reading, const struct node *object,
                     struct text source)
{
    (void)source;
    struct openslo_indicator *indicator = openslo_read_indicator(reading, object, false);
    if (indicator->name != NULL) {
        define(draft, reading, object, DEFINITION_SLI, indicator->name);
        list_add(draft, &openslo_of(draft)->indicators, indicator);
    }
}

static void read_alert_condition(struct draft *draft, const struct reading *reading,
                                 const struct node *object, struct text source)
{
    (void)source;
    struct openslo_condition *condition = openslo_read_condition(reading, object, false);
    if (condition->name != NULL) {
        define(draft, reading, object, DEFINITION_ALERT_CONDITION, condition->name);
        list_add(draft, &openslo_of(draft)->conditions, condition);
    }
}

static void read_alert_policy(struct draft *draft, const struct reading *reading,
                              const struct node *object, struct text source)
{
    (void)source;
    struct openslo_policy *policy = openslo_read_policy(reading, object, false);
    if (policy->name != NULL) {
        define(draft, reading, object, DEFINITION_ALERT_POLICY, policy->name);
        list_add(draft, &openslo_of(draft)->policies, policy);
    }
}

static void read_slo(struct draft *draft, const struct reading *reading, const struct node *object,
                     struct text source)
{
    struct openslo_slo *slo = openslo_read_slo(draft, reading, object, source);
    if (slo->agreement.name != NULL) {
        define(draft, reading, object, DEFINITION_AGREEMENT, slo->agreement.name);
    }
    list_add(draft, &openslo_of(draft)->slos, slo);
}

static const struct {
    const char *word;
    void (*read)(struct draft *, const struct reading *, const struct node *, struct text);
} kinds[] = {
    {"Service", read_service},
    {"SLO", read_slo},
    {"SLI", read_sli},
    {"AlertPolicy", read_alert_policy},
    {"AlertCondition", read_alert_condition},
};

static void warn_of_kind(const struct reading *reading, const struct node *kind)
{
    const char *words[COUNT_OF(kinds)];
    for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
        words[i] = kinds[i].word;
    }
    const char *nearest = nearest_word(kind->text, words, COUNT_OF(kinds));
    problem_warning(reading->problems, place_of(reading, kind),
                    "nines has no use for OpenSLO's kind %s; the document is passed over%s%s%s",
                    quoted(kind->text).bytes, nearest == NULL ? "" : " (did you mean `",
                    nearest == NULL ? "" : nearest, nearest == NULL ? "" : "`?)");
}

static void read_object(struct draft *draft, const struct reading *reading,
                        const struct node *object, struct text source)
{
    const struct node *version = node_find(object, "apiVersion");
    const struct node *kind = required_field(reading, object, "kind", "kind: SLO");
    struct text text;
    if (!read_scalar(reading, version, "apiVersion", &text)) {
        return;
    }
    if (!text_is(text, "openslo/v1")) {
        problem_error(reading->problems, place_of(reading, version),
                      "`apiVersion`: %s is not read by nines; write the document in openslo/v1",
                      quoted(text).bytes);
        return;
    }
    if (kind == NULL || !read_scalar(reading, kind, "kind", &text)) {
        return;
    }
    for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
        if (text_is(text, kinds[i].word)) {
            kinds[i].read(draft, reading, object, source);
            return;
        }
    }
    warn_of_kind(reading, kind);
}

/* --- documents --- */

static bool is_object(const struct node *node)
{
    return node->kind == NODE_MAPPING && node_find(node, "apiVersion") != NULL;
}

bool openslo_is(const struct node *root)
{
    return is_object(root) ||
           (root->kind == NODE_SEQUENCE && root->count > 0 && is_object(root->first));
}

void openslo_read(struct draft *draft, const struct reading *reading,
                  const struct yaml_document *document)
{
    const struct node *root = document->root;
    if (is_object(root)) {
        read_object(draft, reading, root, document->source);
        return;
    }
    for (const struct node *item = root->first; item != NULL; item = item->next) {
        if (is_object(item)) {
            read_object(draft, reading, item, document->source);
        } else if (item->kind != NODE_BROKEN) {
            problem_error(reading->problems, place_of(reading, item),
                          "`apiVersion` is missing; add `apiVersion: openslo/v1`, as in the items "
                          "before");
        }
    }
}
