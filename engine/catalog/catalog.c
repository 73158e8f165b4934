#include "catalog/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "catalog/document.h"
#include "catalog/draft.h"
#include "catalog/problems.h"
#include "catalog/yaml.h"
#include "catalog/zone_register.h"

/* Enough for one file per agreement of a large installation; a folder with more is a wrong path. */
#define FILES_MAX 16384

struct catalog {
    struct draft draft;
    struct agreement_set set;
};

/* Which file it is, however the path is written. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

struct loading {
    struct catalog *catalog;
    struct problems problems;
    struct file_identity *seen; /* in the draft's memory */
    uint32_t seen_count;
    uint32_t seen_capacity;
};

/* --- one text --- */

/* file: kept. */
static void load_text(struct loading *loading, const char *file, struct text text)
{
    struct draft *draft = &loading->catalog->draft;
    struct reading reading = {&draft->kept, &loading->problems, file};
    struct yaml_reader *reader;
    if (!yaml_open(&reader, file, text, &loading->problems)) {
        return;
    }
    struct yaml_document document;
    while (yaml_next(reader, &document)) {
        document_read(draft, &reading, &document);
    }
    yaml_close(reader);
}

/* --- files and folders --- */

static void refuse_file(struct loading *loading, const char *path, const char *why)
{
    problem_error(&loading->problems, (struct place){path, 1, 1}, "%s", why);
}

static void refuse_errno(struct loading *loading, const char *path, int error)
{
    problem_error(&loading->problems, (struct place){path, 1, 1},
                  "cannot be read: %s; check the path and its permissions", strerror(error));
}

/* The same file may be named by itself and found in a folder: it counts once. */
static bool seen_before(struct loading *loading, const struct stat *info)
{
    for (uint32_t i = 0; i < loading->seen_count; i++) {
        if (loading->seen[i].device == info->st_dev && loading->seen[i].inode == info->st_ino) {
            return true;
        }
    }
    loading->seen = region_grow(&loading->catalog->draft.kept, loading->seen, loading->seen_count,
                                &loading->seen_capacity, sizeof(*loading->seen));
    loading->seen[loading->seen_count++] = (struct file_identity){info->st_dev, info->st_ino};
    return false;
}

/* One byte more than is accepted, so that a file which grows meanwhile is refused and not cut. */
static char *read_whole(int fd, uint32_t *length_out)
{
    char *bytes = malloc(YAML_FILE_MAX + 1);
    assert(bytes != NULL);
    uint32_t length = 0;
    while (length < YAML_FILE_MAX + 1) {
        ssize_t got = read(fd, bytes + length, YAML_FILE_MAX + 1 - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            free(bytes);
            return NULL;
        }
        if (got == 0) {
            break;
        }
        length += (uint32_t)got;
    }
    *length_out = length;
    return bytes;
}

static void load_open_file(struct loading *loading, const char *path, int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        refuse_errno(loading, path, errno);
        return;
    }
    if (!S_ISREG(info.st_mode)) {
        refuse_file(loading, path, "is not a regular file; name a YAML file or a folder of them");
        return;
    }
    if (seen_before(loading, &info)) {
        return;
    }
    if (loading->seen_count > FILES_MAX) {
        refuse_file(loading, path, "one file too many; join files into fewer");
        return;
    }
    uint32_t length;
    char *bytes = read_whole(fd, &length);
    if (bytes == NULL) {
        refuse_errno(loading, path, errno);
        return;
    }
    const char *file = region_string(&loading->catalog->draft.kept, text_from(path));
    load_text(loading, file, (struct text){bytes, length});
    free(bytes);
}

static void load_file(struct loading *loading, const char *path)
{
    /* O_NONBLOCK: a FIFO without a writer must be refused, not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        refuse_errno(loading, path, errno);
        return;
    }
    load_open_file(loading, path, fd);
    close(fd);
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t ending_length = strlen(ending);
    return length > ending_length && strcmp(name + length - ending_length, ending) == 0;
}

/* Hidden files are editors' and package managers' leftovers. */
static int yaml_entry(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           (ends_with(entry->d_name, ".yaml") || ends_with(entry->d_name, ".yml"));
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name); /* bytes, whatever the locale */
}

static void load_folder(struct loading *loading, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, yaml_entry, by_name);
    if (count < 0) {
        refuse_errno(loading, path, errno);
        return;
    }
    if (count == 0) {
        problem_warning(&loading->problems, (struct place){path, 1, 1},
                        "the folder holds no *.yaml or *.yml file");
    }
    const char *slash = ends_with(path, "/") ? "" : "/";
    for (int i = 0; i < count; i++) {
        struct text_buffer file;
        text_buffer_init(&file);
        text_buffer_format(&file, "%s%s%s", path, slash, entries[i]->d_name);
        load_file(loading, file.bytes);
        text_buffer_fini(&file);
        free(entries[i]);
    }
    free(entries);
}

static void load_path(struct loading *loading, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        refuse_errno(loading, path, errno);
    } else if (S_ISDIR(info.st_mode)) {
        load_folder(loading, path);
    } else {
        load_file(loading, path);
    }
}

/* --- the whole --- */

static void loading_begin(struct loading *loading, struct text_buffer *errors,
                          struct text_buffer *warnings)
{
    *loading = (struct loading){.problems = {.errors = errors, .warnings = warnings}};
    loading->catalog = calloc(1, sizeof(*loading->catalog));
    assert(loading->catalog != NULL);
    region_init(&loading->catalog->draft.kept);
}

static enum status loading_end(struct loading *loading, struct catalog **catalog_out)
{
    struct catalog *catalog = loading->catalog;
    draft_check(&catalog->draft, &loading->problems);
    problems_close(&loading->problems);
    if (loading->problems.error_count != 0) {
        catalog_free(catalog);
        return STATUS_INVALID;
    }
    catalog->set = (struct agreement_set){
        .agreements = catalog->draft.agreements,
        .agreement_count = catalog->draft.agreement_count,
        .services = catalog->draft.services,
        .service_count = catalog->draft.service_count,
        .components = catalog->draft.components,
        .component_count = catalog->draft.component_count,
        .maintenances = catalog->draft.maintenances,
        .maintenance_count = catalog->draft.maintenance_count,
        .projects = catalog->draft.projects,
        .project_count = catalog->draft.project_count,
        .match = {catalog->draft.rules, catalog->draft.rule_count},
        .find_zone = zone_register_find,
    };
    *catalog_out = catalog;
    return STATUS_OK;
}

enum status catalog_load(struct catalog **catalog_out, const char *const *paths,
                         uint32_t path_count, struct text_buffer *errors,
                         struct text_buffer *warnings)
{
    struct loading loading;
    loading_begin(&loading, errors, warnings);
    for (uint32_t i = 0; i < path_count; i++) {
        load_path(&loading, paths[i]);
    }
    return loading_end(&loading, catalog_out);
}

static void date_versions(struct draft *draft, const struct version_date *dates, uint32_t count)
{
    for (uint32_t i = 0; i < draft->agreement_count; i++) {
        struct agreement *agreement = &draft->agreements[i];
        for (uint32_t j = 0; j < count && agreement->effective_ns == INT64_MIN; j++) {
            if (strcmp(dates[j].agreement, agreement->name) == 0) {
                agreement->effective_ns = dates[j].effective_ns;
            }
        }
    }
}

enum status catalog_load_dated(struct catalog **catalog_out, const char *const *paths,
                               uint32_t path_count, const struct version_date *dates,
                               uint32_t date_count, const char *record, struct text_buffer *errors,
                               struct text_buffer *warnings)
{
    struct loading loading;
    loading_begin(&loading, errors, warnings);
    for (uint32_t i = 0; i < path_count; i++) {
        load_path(&loading, paths[i]);
    }
    date_versions(&loading.catalog->draft, dates, date_count);
    const char *file = region_string(&loading.catalog->draft.kept, text_from(record));
    for (uint32_t i = 0; i < date_count; i++) {
        load_text(&loading, file, dates[i].earlier);
    }
    return loading_end(&loading, catalog_out);
}

enum status catalog_load_text(struct catalog **catalog_out, const char *name, struct text yaml,
                              struct text_buffer *errors, struct text_buffer *warnings)
{
    struct loading loading;
    loading_begin(&loading, errors, warnings);
    const char *file = region_string(&loading.catalog->draft.kept, text_from(name));
    load_text(&loading, file, yaml);
    return loading_end(&loading, catalog_out);
}

void catalog_free(struct catalog *catalog)
{
    if (catalog == NULL) {
        return;
    }
    region_fini(&catalog->draft.kept);
    free(catalog);
}

const struct agreement_set *catalog_set(const struct catalog *catalog)
{
    return &catalog->set;
}

void catalog_enter(struct catalog *catalog, int64_t at_ns)
{
    for (uint32_t i = 0; i < catalog->draft.agreement_count; i++) {
        catalog->draft.agreements[i] = *agreement_at(&catalog->draft.agreements[i], at_ns);
    }
}
