#include "server/documents.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Agreements that only `nines evaluate` can judge, as errors. */
static bool names_each(const struct agreement_set *set, struct text_buffer *errors)
{
    bool any = false;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        if (agreement->each_customer) {
            any = true;
            text_buffer_format(errors,
                               "%s:%u:1: agreement %s: `customer: each` is judged by `nines "
                               "evaluate` only so far; write an agreement for each customer\n",
                               agreement->file, agreement->line, agreement->name);
        }
    }
    return any;
}

struct catalog *documents_load(const struct settings *settings, struct text_buffer *errors)
{
    const char *paths[SETTINGS_LIST_MAX];
    for (uint32_t i = 0; i < settings->agreement_count; i++) {
        paths[i] = settings->agreements[i];
    }
    struct text_buffer warnings;
    text_buffer_init(&warnings);
    struct catalog *catalog = NULL;
    enum status status =
        catalog_load(&catalog, paths, settings->agreement_count, errors, &warnings);
    fprintf(stderr, "%s", warnings.length > 0 ? warnings.bytes : "");
    text_buffer_fini(&warnings);
    if (status == STATUS_OK && !names_each(catalog_set(catalog), errors)) {
        catalog_enter(catalog, clock_realtime_ns(clock_system()));
        return catalog;
    }
    if (status == STATUS_OK) {
        catalog_free(catalog);
    }
    if (errors->length == 0) {
        text_buffer_string(errors, "out of memory\n");
    }
    return NULL;
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
    {"names_max", offsetof(struct settings, names_max)},
    {"open_requests_max", offsetof(struct settings, open_requests_max)},
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
