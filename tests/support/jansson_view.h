/* What another JSON library, which knows nothing of ours, says of a line: jansson, a tree builder.
 * A module of its own, because its names and ours are the same. */
#ifndef SUPPORT_JANSSON_VIEW_H
#define SUPPORT_JANSSON_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jansson_answer {
    JANSSON_OBJECT,  /* one JSON object */
    JANSSON_REFUSED, /* not JSON */
    JANSSON_PICKY,   /* JSON perhaps, but not all UTF-8, half a surrogate, or a number too large */
};

/* *root_out: of an object only; give it back. */
enum jansson_answer jansson_look(const char *bytes, size_t length, void **root_out);
void jansson_let_go(void *root);
/* False: no such member, or of another type. Borrowed. */
bool jansson_string(void *root, const char *key, const char **bytes_out, size_t *length_out);
bool jansson_integer(void *root, const char *key, int64_t *value_out);
bool jansson_has(void *root, const char *key);

#endif
