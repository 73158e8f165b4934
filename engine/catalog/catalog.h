/* From YAML files to a set of agreements, or to a list of errors with file, line and column.
 *
 * A file holds several documents; the first key of each names its kind (`service`, `component`,
 * `agreement`, `maintenance`, `project`). All errors of all files are reported in one go; a set is
 * made only when there is none. libyaml reads (event API); duplicate keys, unknown keys (with "did
 * you mean"), aliases, tags, depth over 32, a BOM and files over 1 MiB are our checks. Not here:
 * evaluation. Cold path: allocates; everything is freed by catalog_free.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "base/status.h"
#include "base/text_buffer.h"
#include "domain/agreement.h"

struct catalog;

/* paths: files, or folders (their *.yaml and *.yml, sorted by name). errors: lines of
 * `file:line:column: message`, appended; warnings likewise (`... warning: ...`). Zero paths make an
 * empty set. STATUS_INVALID when there was any error. */
must_check enum status catalog_load(struct catalog **catalog_out, const char *const *paths,
                                    uint32_t path_count, struct text_buffer *errors,
                                    struct text_buffer *warnings);
/* One text instead of files; `name` stands for the file in messages. */
must_check enum status catalog_load_text(struct catalog **catalog_out, const char *name,
                                         struct text yaml, struct text_buffer *errors,
                                         struct text_buffer *warnings);

/* An agreement without `effective` holds from effective_ns on, and before it the versions in
 * `earlier` (YAML), which no file says any more. */
struct version_date {
    const char *agreement;
    int64_t effective_ns;
    struct text earlier;
};
/* Like catalog_load, with versions from elsewhere; `record` is the name that stands for it in
 * messages. */
must_check enum status catalog_load_dated(struct catalog **catalog_out, const char *const *paths,
                                          uint32_t path_count, const struct version_date *dates,
                                          uint32_t date_count, const char *record,
                                          struct text_buffer *errors, struct text_buffer *warnings);
void catalog_free(struct catalog *catalog);

/* Of every name the last version, until catalog_enter. */
const struct agreement_set *catalog_set(const struct catalog *catalog);
/* From now on the set holds, of every name, the version that is in force at the instant. Before
 * others read the set. */
void catalog_enter(struct catalog *catalog, int64_t at_ns);

/* What an agreement means, in plain sentences, e.g. "99.9 % of requests of acme to checkout, over
 * rolling 30 days: at most 1 of 1,000 may fail." One line each. */
void catalog_explain(const struct agreement *agreement, struct text_buffer *out);
/* The long form: every key with its value, as YAML. */
void catalog_expand(const struct agreement *agreement, struct text_buffer *out);
/* A name as catalog_expand writes it. */
void catalog_write_name(struct text_buffer *out, const char *name);
/* Do both judge alike? By their rules and by the objectives that both have; names of parties and
 * groups, and an objective that only one of them has, alter nothing that is judged. */
bool catalog_judge_alike(const struct agreement *a, const struct agreement *b);

#endif
