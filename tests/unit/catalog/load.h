/* Loading one text in tests: what came out, and what was said. */
#ifndef UNIT_CATALOG_LOAD_H
#define UNIT_CATALOG_LOAD_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalog/catalog.h"

struct loaded {
    enum status status;
    struct catalog *catalog; /* NULL after an error */
    struct text_buffer errors;
    struct text_buffer warnings;
};

static inline struct loaded load_bytes(struct text yaml)
{
    struct loaded loaded = {0};
    text_buffer_init(&loaded.errors);
    text_buffer_init(&loaded.warnings);
    text_buffer_string(&loaded.errors, "");
    text_buffer_string(&loaded.warnings, "");
    loaded.status =
        catalog_load_text(&loaded.catalog, "a.yaml", yaml, &loaded.errors, &loaded.warnings);
    return loaded;
}

static inline struct loaded load_string(const char *yaml)
{
    return load_bytes(text_from(yaml));
}

static inline void unload(struct loaded *loaded)
{
    catalog_free(loaded->catalog);
    text_buffer_fini(&loaded->errors);
    text_buffer_fini(&loaded->warnings);
}

/* Loads what must be free of errors. */
static inline struct loaded load_good(const char *yaml)
{
    struct loaded loaded = load_string(yaml);
    cr_assert_eq(loaded.status, STATUS_OK, "%s\nin:\n%s", loaded.errors.bytes, yaml);
    cr_assert_str_eq(loaded.errors.bytes, "");
    return loaded;
}

/* Does a line of `lines` start with a.yaml:PLACE: and hold the fragment? */
static inline bool says(const struct text_buffer *lines, const char *place, const char *fragment)
{
    char start[64];
    snprintf(start, sizeof(start), "a.yaml:%s: ", place);
    const char *line = lines->bytes;
    while (*line != '\0') {
        const char *end = strchr(line, '\n');
        cr_assert_not_null(end, "a message without a line end");
        const char *found = strstr(line, fragment);
        if (strncmp(line, start, strlen(start)) == 0 && found != NULL && found < end) {
            return true;
        }
        line = end + 1;
    }
    return false;
}

static inline uint32_t line_count(const struct text_buffer *lines)
{
    uint32_t count = 0;
    for (size_t i = 0; i < lines->length; i++) {
        count += lines->bytes[i] == '\n';
    }
    return count;
}

/* A text that must be refused with exactly this many errors, one of them at the place. */
struct bad_row {
    const char *yaml;
    const char *place;
    const char *fragment;
    uint32_t errors; /* 0: exactly 1 */
};

static inline void check_bad_rows(const struct bad_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded = load_string(rows[i].yaml);
        cr_expect_eq(loaded.status, STATUS_INVALID, "accepted:\n%s", rows[i].yaml);
        cr_expect_null(loaded.catalog);
        cr_expect(says(&loaded.errors, rows[i].place, rows[i].fragment),
                  "expected %s: ...%s...\ngot:\n%sin:\n%s", rows[i].place, rows[i].fragment,
                  loaded.errors.bytes, rows[i].yaml);
        uint32_t expected = rows[i].errors == 0 ? 1 : rows[i].errors;
        cr_expect_eq(line_count(&loaded.errors), expected, "expected %u error(s), got:\n%sin:\n%s",
                     expected, loaded.errors.bytes, rows[i].yaml);
        unload(&loaded);
    }
}

#define CHECK_BAD_ROWS(rows) check_bad_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* An agreement around lines of our own; the first of them is line 5. */
#define HEAD                  "agreement: a\nprovider: p\nservices: [s]\n"
#define AGREEMENT(objectives) HEAD "objectives:\n" objectives
/* An objective's keys, each on a line with four spaces; the first of them is line 6. */
#define OBJECTIVE(keys) AGREEMENT("  o:\n" keys)

#endif
