/* From nodes to values: what a key may be called and what its text may say.
 *
 * Every reader here either returns the value or says what is wrong, where, and how it is written
 * right. Which keys a mapping knows is a table (struct key_rule), so that a key which this version
 * reads but does not evaluate is one line in a table until it is.
 */
#ifndef CATALOG_FIELDS_H
#define CATALOG_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/yaml.h"
#include "domain/window.h"

/* Where values go and complaints are made. */
struct reading {
    struct region *kept; /* lives as long as the catalogue */
    struct problems *problems;
    const char *file;        /* kept */
    const struct zone *zone; /* of the agreement that is being read: where its dates begin */
};

enum key_use {
    KEY_READ,  /* somebody reads it */
    KEY_QUIET, /* accepted; nothing depends on it yet, and nobody would miss it */
    KEY_WARN,  /* accepted; adds outputs that this version does not have: said in a warning */
    KEY_ONLY,  /* one value of it is evaluated: any other would change figures and is refused */
    KEY_LATER, /* would change figures: refused */
};

struct key_rule {
    const char *name;
    enum key_use use;
    const char *only; /* KEY_ONLY */
};

#define COUNT_OF(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))

struct place place_of(const struct reading *reading, const struct node *node);
/* Of the key where the node is a mapping's value: unknown and missing keys are complained about
 * there. */
struct place place_of_key(const struct reading *reading, const struct node *node);

/* Is it a mapping? Complains with what it should be, e.g. "`term` must be a mapping, ...". */
bool check_mapping(const struct reading *reading, const struct node *node, const char *what,
                   const char *example);
/* Applies the table to every key. `owner`: "an agreement". */
void check_keys(const struct reading *reading, const struct node *mapping, const char *owner,
                const struct key_rule *rules, uint32_t rule_count);
/* The value of a key that must be there; complains at the mapping. */
const struct node *required_field(const struct reading *reading, const struct node *mapping,
                                  const char *key, const char *example);

/* The text of a scalar; complains about anything else. */
bool read_scalar(const struct reading *reading, const struct node *node, const char *what,
                 struct text *text_out);
/* 1 to 128 bytes of UTF-8 without control characters; kept. */
bool read_name(const struct reading *reading, const struct node *node, const char *what,
               const char **name_out);
/* Free text, any length that a file holds; kept. */
bool read_text(const struct reading *reading, const struct node *node, const char *what,
               const char **text_out);
/* Names without repetition, at least one; kept. */
bool read_names(const struct reading *reading, const struct node *node, const char *what,
                const char *const **names_out, uint32_t *count_out);
/* 0 < percentage <= 100, exactly, in parts per billion; `%` may be left out. */
bool read_percent(const struct reading *reading, const struct node *node, const char *what,
                  int64_t *ppb_out);
/* The same from a part of a node's text. */
bool parse_percent(const struct reading *reading, const struct node *node, struct text text,
                   const char *what, int64_t *ppb_out);
/* > 0 and whole seconds. */
bool read_seconds(const struct reading *reading, const struct node *node, const char *what,
                  int64_t *ns_out);
/* `within`: whole seconds, up to a year. */
bool read_limit_length(const struct reading *reading, const struct node *node, int64_t *ns_out);
/* RFC 3339, or a date: midnight in the reading's zone. */
bool read_time(const struct reading *reading, const struct node *node, const char *what,
               int64_t *ns_out);
/* Is end after start, and their distance within 64 bits of nanoseconds? Complains at the end's
 * node. start_what, end_what: their keys. Unbounded sides (domain/window.h) pass. */
bool check_span(const struct reading *reading, const struct node *end_node, struct span span,
                const char *start_what, const char *end_what);
bool read_bool(const struct reading *reading, const struct node *node, const char *what,
               bool *value_out);
bool read_count(const struct reading *reading, const struct node *node, const char *what,
                uint64_t *value_out);
/* One of a list of words: its index. Empty words are no choice. */
bool read_word(const struct reading *reading, const struct node *node, const char *what,
               const char *const *words, uint32_t word_count, uint32_t *index_out);

/* Without spaces and tabs at both ends. */
struct text trimmed(struct text text);

#endif
