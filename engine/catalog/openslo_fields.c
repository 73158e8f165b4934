#include "catalog/openslo_fields.h"

#include "domain/decimal.h"

static const struct key_rule metadata_keys[] = {
    {"name", KEY_READ, NULL},
    {"displayName", KEY_QUIET, NULL},
    {"labels", KEY_QUIET, NULL},
    {"annotations", KEY_QUIET, NULL},
};

bool openslo_read_name(const struct reading *reading, const struct node *object, bool is_inline,
                       const char **name_out)
{
    *name_out = NULL;
    const struct node *metadata = node_find(object, "metadata");
    if (metadata == NULL && is_inline) {
        return true;
    }
    metadata = required_field(reading, object, "metadata", "metadata: {name: checkout}");
    if (metadata == NULL ||
        !check_mapping(reading, metadata, "metadata", "`metadata: {name: checkout}`")) {
        return false;
    }
    check_keys(reading, metadata, "`metadata`", metadata_keys, COUNT_OF(metadata_keys));
    const struct node *name = node_find(metadata, "name");
    if (name == NULL && is_inline) {
        return true;
    }
    name = required_field(reading, metadata, "name", "name: checkout");
    return name != NULL && read_name(reading, name, "name", name_out);
}

const struct node *openslo_spec(const struct reading *reading, const struct node *object,
                                const char *example)
{
    const struct node *spec = required_field(reading, object, "spec", example);
    return spec != NULL && check_mapping(reading, spec, "spec", example) ? spec : NULL;
}

bool openslo_read_reference(const struct reading *reading, const struct node *mapping,
                            const char *key, struct openslo_reference *reference_out)
{
    const struct node *node = node_find(mapping, key);
    if (node == NULL) {
        return true;
    }
    reference_out->place = place_of(reading, node);
    return read_name(reading, node, key, &reference_out->name);
}

bool openslo_read_duration(const struct reading *reading, const struct node *node, const char *what,
                           int64_t *ns_out)
{
    struct text text;
    int64_t count;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    bool letter = text.length > 1 && strchr("mhdw", text.bytes[text.length - 1]) != NULL;
    if (letter && decimal_parse((struct text){text.bytes, text.length - 1}, 0, &count) &&
        duration_parse(text, ns_out)) {
        return true;
    }
    problem_error(reading->problems, place_of(reading, node),
                  "`%s`: %s is not a duration of OpenSLO; write a whole number and one of m "
                  "(minutes), h, d or w, e.g. 5m",
                  what, quoted(text).bytes);
    return false;
}

bool openslo_read_number(const struct reading *reading, const struct node *node, const char *what,
                         int64_t *billionths_out)
{
    struct text text;
    if (!read_scalar(reading, node, what, &text)) {
        return false;
    }
    if (!decimal_parse(text, 9, billionths_out)) {
        problem_error(
            reading->problems, place_of(reading, node),
            "`%s`: %s is not a number of 0 or more with at most 9 decimals; write it like "
            "0.999",
            what, quoted(text).bytes);
        return false;
    }
    return true;
}
