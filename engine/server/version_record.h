/* The versions of the agreements that this data directory has seen: DATA/agreements.yaml.
 *
 * A document without `effective` whose rules have changed since it was loaded the last time is a new
 * version, in force from the loading on (SEMANTICS section 6). So that a restart judges history as
 * before, each version is kept in its long form, with the time from which it holds.
 *
 *   the files ─► one version of each name ┐
 *   record    ─► those seen before        ┴─► alike: the same version; else a new one, from now on
 *
 * The file is YAML that `nines validate` reads, a document a version, each behind a comment with a
 * checksum: of agreements that say what they said the last time no document is parsed. It is
 * replaced whole or not at all. One thread.
 */
#ifndef SERVER_VERSION_RECORD_H
#define SERVER_VERSION_RECORD_H

#include "catalog/catalog.h"

struct recorded_version;

struct version_record {
    char path[1100];
    struct text_buffer bytes; /* the file as it is */
    struct recorded_version *seen;
    uint32_t seen_count;
    struct text_buffer fresh; /* the file as it is to be */
    /* Of agreements whose files alone do not tell: */
    struct version_date *dates;
    uint32_t date_count;
};

/* False when there is a record that cannot be read; errors says what and the remedy. */
bool version_record_open(struct version_record *record, const char *data,
                         struct text_buffer *errors);
void version_record_close(struct version_record *record);
/* Compares with what the files say, loaded at now_ns: fills dates, for catalog_load_dated. files:
 * outlive the record. */
bool version_record_compare(struct version_record *record, const struct agreement_set *files,
                            int64_t now_ns, struct text_buffer *errors);
/* Replaces the file where something has changed. False: it cannot be written; errno says why. */
bool version_record_write(const struct version_record *record);

#endif
