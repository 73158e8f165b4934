/* YAML text to trees whose every node knows its place.
 *
 *   text ─► checks (size, UTF-8, NUL, BOM) ─► libyaml events ─► one tree per document ─► document.c
 *
 * Why a tree of our own: libyaml's loader follows aliases, forgets places and keeps duplicate keys.
 * What an agreement may not contain is refused here, with a place and a remedy: duplicate keys,
 * anchors and aliases, tags, keys that are not plain words, nesting deeper than YAML_DEPTH_MAX.
 * Scalars stay text; what a text means is the reader's business (fields.h).
 *
 * After a mistake of form that leaves the tree intact (a duplicate key, an alias) reading goes on,
 * so that all mistakes are told in one go; after a syntax error the rest of the file is not read.
 */
#ifndef CATALOG_YAML_H
#define CATALOG_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "catalog/problems.h"
#include "catalog/region.h"

#define YAML_DEPTH_MAX 32
#define YAML_FILE_MAX  (1024 * 1024)

enum node_kind {
    NODE_NULL, /* nothing, `~` or `null` */
    NODE_SCALAR,
    NODE_SEQUENCE,
    NODE_MAPPING,
    NODE_BROKEN, /* already complained about: readers pass over it in silence */
};

struct node {
    enum node_kind kind;
    uint32_t line; /* from 1 */
    uint32_t column;
    struct text text; /* scalar; terminated */
    /* In a mapping: the entry's key, a scalar. Else NULL. */
    const struct node *key;
    struct node *next;
    /* Of a sequence its items, of a mapping its values, in the order written. */
    struct node *first;
    struct node *last;
    uint32_t count;
};

struct yaml_document {
    const struct node *root; /* never NULL; NODE_NULL when the document is empty */
    struct text source;      /* as written; borrowed from the text */
};

struct yaml_reader;

/* False when the text as a whole is refused (said in problems); then there is nothing to close.
 * text and file are borrowed until yaml_close. */
bool yaml_open(struct yaml_reader **reader_out, const char *file, struct text text,
               struct problems *problems);
/* The next document; false at the end, and after a syntax error (said in problems). The tree lives
 * until the next call. */
bool yaml_next(struct yaml_reader *reader, struct yaml_document *document_out);
void yaml_close(struct yaml_reader *reader);

/* The value of a key, or NULL. */
const struct node *node_find(const struct node *mapping, const char *key);

#endif
