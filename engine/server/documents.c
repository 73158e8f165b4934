#include "server/documents.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static bool load_files(const struct settings *settings, const struct version_record *record,
                       struct catalog **catalog_out, struct text_buffer *errors,
                       struct text_buffer *warnings)
{
    const char *paths[SETTINGS_LIST_MAX];
    for (uint32_t i = 0; i < settings->agreement_count; i++) {
        paths[i] = settings->agreements[i];
    }
    enum status status =
        catalog_load_dated(catalog_out, paths, settings->agreement_count, record->dates,
                           record->date_count, record->path, errors, warnings);
    if (status != STATUS_OK && errors->length == 0) {
        text_buffer_string(errors, "out of memory\n");
    }
    return status == STATUS_OK;
}

/* The files, then once more with the versions that only the record knows, if there are any. */
static bool load_versions(struct documents *documents, const struct settings *settings,
                          int64_t now_ns, struct text_buffer *errors, struct text_buffer *warnings)
{
    struct catalog *files;
    if (!load_files(settings, &documents->record, &files, errors, warnings)) {
        return false;
    }
    bool well = version_record_compare(&documents->record, catalog_set(files), now_ns, errors);
    if (!well || documents->record.date_count == 0) {
        documents->catalog = well ? files : NULL;
        if (!well) {
            catalog_free(files);
        }
        return well;
    }
    text_buffer_clear(warnings);
    well = load_files(settings, &documents->record, &documents->catalog, errors, warnings);
    catalog_free(files);
    return well;
}

bool documents_load(struct documents *documents, const struct settings *settings, const char *data,
                    struct text_buffer *errors)
{
    struct text_buffer warnings;
    text_buffer_init(&warnings);
    int64_t now_ns = clock_realtime_ns(clock_system());
    documents->catalog = NULL;
    documents->entered_ns = now_ns;
    if (!version_record_open(&documents->record, data, errors) ||
        !load_versions(documents, settings, now_ns, errors, &warnings)) {
        documents->catalog = NULL;
    }
    fprintf(stderr, "%s", warnings.length > 0 ? warnings.bytes : "");
    text_buffer_fini(&warnings);
    if (documents->catalog == NULL) {
        documents_close(documents);
        return false;
    }
    catalog_enter(documents->catalog, now_ns);
    return true;
}

bool documents_record(const struct documents *documents)
{
    bool well = version_record_write(&documents->record);
    if (!well) {
        log_error("cannot write %s: %s; without it a restart would judge history by the agreements "
                  "of then",
                  documents->record.path, strerror(errno));
    }
    return well;
}

void documents_close(struct documents *documents)
{
    version_record_close(&documents->record);
}

int64_t documents_next_version_ns(const struct agreement_set *set, int64_t ns)
{
    int64_t next_ns = INT64_MAX;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = 0; j < agreement->version_count; j++) {
            int64_t start_ns = agreement->versions[j].in_force.start_ns;
            next_ns = start_ns > ns && start_ns < next_ns ? start_ns : next_ns;
        }
    }
    return next_ns;
}

/* The numbers among the settings that are read at start only; all of eight bytes. */
static const struct {
    const char *name;
    size_t offset;
} fixed_numbers[] = {
    {"workers", offsetof(struct settings, workers)},
    {"retention", offsetof(struct settings, retention_ns)},
    {"max_future", offsetof(struct settings, max_future_ns)},
    {"grace", offsetof(struct settings, grace_ns)},
    {"abort_after", offsetof(struct settings, abort_after_ns)},
    {"dedupe_bytes", offsetof(struct settings, dedupe_bytes)},
    {"rollup_bytes", offsetof(struct settings, rollup_bytes)},
    {"names_max", offsetof(struct settings, names_max)},
    {"open_requests_max", offsetof(struct settings, open_requests_max)},
    {"each_max", offsetof(struct settings, each_max)},
    {"segment_bytes", offsetof(struct settings, segment_bytes)},
    {"segment_bytes_max", offsetof(struct settings, segment_bytes_max)},
};

static void add_name(struct text_buffer *names, const char *name)
{
    text_buffer_string(names, names->length == 0 ? "" : ", ");
    text_buffer_string(names, name);
}

static bool same_ingest(const struct settings *running, const struct settings *fresh)
{
    if (running->ingest_count != fresh->ingest_count) {
        return false;
    }
    for (uint32_t i = 0; i < running->ingest_count; i++) {
        if (strcmp(running->ingest[i].url, fresh->ingest[i].url) != 0 ||
            running->ingest[i].map != fresh->ingest[i].map) {
            return false;
        }
    }
    return true;
}

void settings_fixed_changes(const struct settings *running, const struct settings *fresh,
                            struct text_buffer *names)
{
    if (strcmp(running->data, fresh->data) != 0) {
        add_name(names, "data");
    }
    if (!same_ingest(running, fresh)) {
        add_name(names, "ingest");
    }
    if (strcmp(running->http, fresh->http) != 0) {
        add_name(names, "http");
    }
    for (size_t i = 0; i < sizeof(fixed_numbers) / sizeof(fixed_numbers[0]); i++) {
        if (memcmp((const char *)running + fixed_numbers[i].offset,
                   (const char *)fresh + fixed_numbers[i].offset, sizeof(uint64_t)) != 0) {
            add_name(names, fixed_numbers[i].name);
        }
    }
}
