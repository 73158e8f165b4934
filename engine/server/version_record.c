#include "server/version_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/panic.h"

static const char heading[] =
    "# Versions of the agreements as ninesd has loaded them. A restart judges history by them.\n"
    "# To have all history judged by what the files say now, stop ninesd and remove this file.\n";
static const char mark[] = "--- # version ";

/* One document of the record. */
struct recorded_version {
    uint64_t checksum;
    struct text name;     /* as it is written, perhaps quoted */
    struct text document; /* with its mark */
    uint32_t order;
};

/* Reading */

static bool read_file(struct version_record *record, int *error_out)
{
    char chunk[8192];
    size_t got;
    FILE *file = fopen(record->path, "re");
    if (file == NULL) {
        /* Nothing is recorded yet, or the folder is none of ours: opening the log will say so. */
        *error_out = errno;
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    }
    while ((got = fread(chunk, 1, sizeof(chunk), file)) != 0) {
        text_buffer_text(&record->bytes, (struct text){chunk, (uint32_t)got});
    }
    *error_out = ferror(file) != 0 ? EIO : 0;
    fclose(file);
    return *error_out == 0;
}

static int compare_versions(const void *left, const void *right)
{
    const struct recorded_version *a = left;
    const struct recorded_version *b = right;
    int order = text_compare(a->name, b->name);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static struct text line_at(const char *bytes)
{
    return (struct text){bytes, (uint32_t)strcspn(bytes, "\n")};
}

/* `--- # version CHECKSUM`, then `agreement: NAME`. */
static bool read_version(const char *document, struct recorded_version *version_out)
{
    static const char key[] = "agreement: ";
    struct text head = line_at(document);
    char *end;
    *version_out =
        (struct recorded_version){.checksum = strtoull(document + sizeof(mark) - 1, &end, 16)};
    const char *next = document + head.length + 1;
    if (end != document + head.length || strncmp(next, key, sizeof(key) - 1) != 0) {
        return false;
    }
    version_out->name = line_at(next + sizeof(key) - 1);
    return true;
}

/* The first one behind the line that `at` is in; NULL: none. */
static const char *next_mark(const char *at)
{
    for (at = strchr(at, '\n'); at != NULL; at = strchr(at, '\n')) {
        at++;
        if (strncmp(at, mark, sizeof(mark) - 1) == 0) {
            return at;
        }
    }
    return NULL;
}

static bool index_versions(struct version_record *record)
{
    uint32_t size = 0;
    const char *at = next_mark(record->bytes.bytes);
    while (at != NULL) {
        const char *next = next_mark(at);
        if (record->seen_count == size) {
            size = size == 0 ? 64 : size * 2;
            record->seen = realloc(record->seen, size * sizeof(*record->seen));
            assert(record->seen != NULL);
        }
        struct recorded_version *version = &record->seen[record->seen_count];
        if (!read_version(at, version)) {
            return false;
        }
        version->document =
            (struct text){at, (uint32_t)(next == NULL ? strlen(at) : (size_t)(next - at))};
        version->order = record->seen_count++;
        at = next;
    }
    if (record->seen_count != 0) {
        qsort(record->seen, record->seen_count, sizeof(*record->seen), compare_versions);
    }
    return true;
}

static void refuse(const struct version_record *record, const char *why, struct text_buffer *errors)
{
    text_buffer_format(errors,
                       "%s:1:1: the record of versions cannot be read: %s; put back the file as "
                       "ninesd wrote it, or remove it to have all history judged by the agreements "
                       "of now\n",
                       record->path, why);
}

bool version_record_open(struct version_record *record, const char *data,
                         struct text_buffer *errors)
{
    int error;
    *record = (struct version_record){0};
    text_buffer_init(&record->bytes);
    text_buffer_init(&record->fresh);
    snprintf(record->path, sizeof(record->path), "%s/agreements.yaml", data);
    if (!read_file(record, &error)) {
        refuse(record, strerror(error), errors);
        return false;
    }
    if (record->bytes.length != 0 && !index_versions(record)) {
        refuse(record, "a document in it has not the form that ninesd gives it", errors);
        return false;
    }
    return true;
}

void version_record_close(struct version_record *record)
{
    for (uint32_t i = 0; i < record->date_count; i++) {
        free((char *)(uintptr_t)record->dates[i].earlier.bytes);
    }
    free(record->dates);
    free(record->seen);
    text_buffer_fini(&record->bytes);
    text_buffer_fini(&record->fresh);
    *record = (struct version_record){0};
}

/* Comparing */

/* The long form without what refers to other documents: they may be gone one day. */
static void expand(struct text_buffer *out, const struct agreement *agreement, int64_t effective_ns)
{
    struct agreement alone = *agreement;
    alone.project = NULL;
    alone.support_count = 0;
    alone.effective_ns = effective_ns;
    catalog_expand(&alone, out);
}

static void write_version(struct text_buffer *out, const struct agreement *agreement,
                          int64_t effective_ns)
{
    struct text_buffer text;
    text_buffer_init(&text);
    expand(&text, agreement, effective_ns);
    text_buffer_format(out, "%s%016" PRIx64 "\n", mark, hash_checksum(text.bytes, text.length));
    text_buffer_append(out, text.bytes, text.length);
    text_buffer_fini(&text);
}

/* Said now as it was, from the beginning on? */
static bool is_unchanged(const struct agreement *agreement, const struct recorded_version *seen)
{
    struct text_buffer text;
    text_buffer_init(&text);
    expand(&text, agreement, INT64_MIN);
    bool same = hash_checksum(text.bytes, text.length) == seen->checksum;
    text_buffer_fini(&text);
    return same;
}

/* The versions that were seen of a name: they follow each other. */
static uint32_t find_seen(const struct version_record *record, const char *name,
                          const struct recorded_version **first_out)
{
    struct text_buffer written;
    text_buffer_init(&written);
    catalog_write_name(&written, name);
    struct text key = {written.bytes, (uint32_t)written.length};
    uint32_t low = 0;
    uint32_t high = record->seen_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (text_compare(record->seen[middle].name, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    uint32_t count = 0;
    while (low + count < record->seen_count &&
           text_compare(record->seen[low + count].name, key) == 0) {
        count++;
    }
    text_buffer_fini(&written);
    *first_out = count == 0 ? NULL : &record->seen[low];
    return count;
}

static void copy_documents(struct text_buffer *out, const struct recorded_version *first,
                           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_text(out, first[i].document);
    }
}

/* The agreement of the files, and those seen under its name, of which something differs. */
static bool compare_versions_of(struct version_record *record, const struct agreement *agreement,
                                const struct recorded_version *first, uint32_t count,
                                int64_t now_ns, struct text_buffer *errors)
{
    struct text_buffer all;
    struct text_buffer warnings;
    struct catalog *catalog;
    text_buffer_init(&all);
    text_buffer_init(&warnings);
    copy_documents(&all, first, count);
    enum status status = catalog_load_text(
        &catalog, record->path, (struct text){all.bytes, (uint32_t)all.length}, errors, &warnings);
    text_buffer_fini(&warnings);
    text_buffer_fini(&all);
    if (status != STATUS_OK) {
        return false;
    }
    const struct agreement *last = &catalog_set(catalog)->agreements[0];
    bool alike = catalog_judge_alike(agreement, last);
    int64_t effective_ns = alike ? last->effective_ns : now_ns;
    uint32_t kept = alike ? count - 1 : count;
    catalog_free(catalog);
    copy_documents(&record->fresh, first, kept);
    write_version(&record->fresh, agreement, effective_ns);
    if (effective_ns != INT64_MIN) {
        struct text_buffer earlier;
        text_buffer_init(&earlier);
        copy_documents(&earlier, first, kept);
        uint32_t length = (uint32_t)earlier.length;
        record->dates[record->date_count++] = (struct version_date){
            agreement->name, effective_ns, {text_buffer_take(&earlier), length}};
    }
    return true;
}

static bool compare_one(struct version_record *record, const struct agreement *agreement,
                        int64_t now_ns, struct text_buffer *errors)
{
    const struct recorded_version *first;
    uint32_t count = find_seen(record, agreement->name, &first);
    if (agreement->version_count > 1 || agreement->effective_ns != INT64_MIN) {
        for (uint32_t i = 0; i < agreement->version_count; i++) {
            const struct agreement *version = &agreement->versions[i];
            write_version(&record->fresh, version, version->effective_ns);
        }
        return true; /* the files know better */
    }
    if (count == 0) {
        write_version(&record->fresh, agreement, INT64_MIN);
        return true;
    }
    if (count == 1 && is_unchanged(agreement, first)) {
        text_buffer_text(&record->fresh, first->document);
        return true;
    }
    return compare_versions_of(record, agreement, first, count, now_ns, errors);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* One that is gone has ended; should it come back, it is known. */
static void keep_others(struct version_record *record, const struct agreement_set *files)
{
    const char **names = calloc((size_t)files->agreement_count + 1, sizeof(*names));
    assert(names != NULL);
    for (uint32_t i = 0; i < files->agreement_count; i++) {
        struct text_buffer written;
        text_buffer_init(&written);
        catalog_write_name(&written, files->agreements[i].name);
        names[i] = text_buffer_take(&written);
    }
    if (files->agreement_count != 0) {
        qsort(names, files->agreement_count, sizeof(*names), compare_names);
    }
    for (uint32_t i = 0; i < record->seen_count; i++) {
        char *name = strndup(record->seen[i].name.bytes, record->seen[i].name.length);
        assert(name != NULL);
        if (files->agreement_count == 0 ||
            bsearch(&name, names, files->agreement_count, sizeof(*names), compare_names) == NULL) {
            text_buffer_text(&record->fresh, record->seen[i].document);
        }
        free(name);
    }
    for (uint32_t i = 0; i < files->agreement_count; i++) {
        free((char *)(uintptr_t)names[i]);
    }
    free(names);
}

bool version_record_compare(struct version_record *record, const struct agreement_set *files,
                            int64_t now_ns, struct text_buffer *errors)
{
    record->dates = calloc((size_t)files->agreement_count + 1, sizeof(*record->dates));
    assert(record->dates != NULL);
    text_buffer_string(&record->fresh, heading);
    for (uint32_t i = 0; i < files->agreement_count; i++) {
        const struct agreement *agreement = &files->agreements[i];
        if (agreement->of_project == NULL && !compare_one(record, agreement, now_ns, errors)) {
            refuse(record, "a document in it is not what ninesd reads", errors);
            return false;
        }
    }
    keep_others(record, files);
    return true;
}

/* Writing */

static bool write_text(int fd, const struct text_buffer *text)
{
    size_t done = 0;
    while (done < text->length) {
        ssize_t written = write(fd, text->bytes + done, text->length - done);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        done += (size_t)written;
    }
    return fsync(fd) == 0;
}

/* The new name in the folder has to last, too. */
static bool sync_folder(const char *path)
{
    char folder[sizeof(((struct version_record *)NULL)->path)];
    snprintf(folder, sizeof(folder), "%s", path);
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool well = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return well;
}

bool version_record_write(const struct version_record *record)
{
    char fresh_path[sizeof(record->path) + 8];
    if (record->bytes.length == record->fresh.length &&
        memcmp(record->bytes.bytes, record->fresh.bytes, record->fresh.length) == 0) {
        return true;
    }
    snprintf(fresh_path, sizeof(fresh_path), "%s.new", record->path);
    int fd = open(fresh_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return false;
    }
    bool well = write_text(fd, &record->fresh);
    well = close(fd) == 0 && well;
    return well && rename(fresh_path, record->path) == 0 && sync_folder(record->path);
}
