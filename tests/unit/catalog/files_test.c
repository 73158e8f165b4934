/* Files and folders: which are read, in which order, and what is refused of them. */
#include "unit/catalog/load.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    snprintf(folder, sizeof(folder), "/tmp/nines-catalog-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0); /* NOLINT: a path of our own */
}

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static struct loaded load_paths(const char *const *paths, uint32_t count)
{
    struct loaded loaded = {0};
    text_buffer_init(&loaded.errors);
    text_buffer_init(&loaded.warnings);
    text_buffer_string(&loaded.errors, "");
    text_buffer_string(&loaded.warnings, "");
    loaded.status = catalog_load(&loaded.catalog, paths, count, &loaded.errors, &loaded.warnings);
    return loaded;
}

TestSuite(catalog_files, .init = make_folder, .fini = remove_folder);

Test(catalog_files, no_paths_make_an_empty_set)
{
    struct loaded loaded = load_paths(NULL, 0);
    cr_assert_eq(loaded.status, STATUS_OK);
    cr_expect_eq(catalog_set(loaded.catalog)->agreement_count, 0);
    unload(&loaded);
}

Test(catalog_files, a_folder_gives_its_yaml_files_by_name)
{
    write_file("b.yaml", "service: second\n");
    write_file("a.yml", "service: first\n");
    write_file("c.txt", "no YAML: [\n");
    write_file(".hidden.yaml", "no YAML: [\n");
    write_file("yaml", "no YAML: [\n");
    const char *paths[] = {folder};
    struct loaded loaded = load_paths(paths, 1);
    cr_assert_eq(loaded.status, STATUS_OK, "%s", loaded.errors.bytes);
    const struct agreement_set *set = catalog_set(loaded.catalog);
    cr_assert_eq(set->service_count, 2);
    cr_expect_str_eq(set->services[0].name, "first");
    cr_expect_str_eq(set->services[1].name, "second");
    cr_expect_str_eq(set->services[0].file, path_of("a.yml"));
    unload(&loaded);
}

Test(catalog_files, a_file_named_twice_counts_once)
{
    write_file("a.yaml", "service: s\n");
    char again[128];
    snprintf(again, sizeof(again), "%s/./a.yaml", folder);
    const char *paths[] = {folder, again};
    struct loaded loaded = load_paths(paths, 2);
    cr_assert_eq(loaded.status, STATUS_OK, "%s", loaded.errors.bytes);
    cr_expect_eq(catalog_set(loaded.catalog)->service_count, 1);
    unload(&loaded);
}

Test(catalog_files, names_are_unique_over_all_files)
{
    write_file("a.yaml", "service: s\n");
    write_file("b.yaml", "\nservice: s\n");
    const char *paths[] = {folder};
    struct loaded loaded = load_paths(paths, 1);
    cr_expect_eq(loaded.status, STATUS_INVALID);
    char expected[256];
    snprintf(expected, sizeof(expected),
             "%s/b.yaml:2:10: service `s` is already defined at %s/a.yaml:1;", folder, folder);
    cr_expect_eq(strncmp(loaded.errors.bytes, expected, strlen(expected)), 0, "%s",
                 loaded.errors.bytes);
    unload(&loaded);
}

Test(catalog_files, errors_of_all_files_are_told)
{
    write_file("a.yaml", "servise: s\n");
    write_file("b.yaml", "a: [\n");
    const char *paths[] = {path_of("none.yaml"), folder};
    struct loaded loaded = load_paths(paths, 2);
    cr_expect_eq(loaded.status, STATUS_INVALID);
    cr_expect_eq(line_count(&loaded.errors), 3, "%s", loaded.errors.bytes);
    cr_expect_not_null(strstr(loaded.errors.bytes, "none.yaml:1:1: cannot be read: No such file"));
    unload(&loaded);
}

Test(catalog_files, what_is_no_file_is_refused_and_not_waited_for)
{
    cr_assert_eq(mkfifo(path_of("pipe.yaml"), 0600), 0);
    const char *paths[] = {folder};
    struct loaded loaded = load_paths(paths, 1);
    cr_expect_eq(loaded.status, STATUS_INVALID);
    cr_expect_not_null(strstr(loaded.errors.bytes, "pipe.yaml:1:1: is not a regular file"));
    unload(&loaded);
    const char *device[] = {"/dev/zero"};
    loaded = load_paths(device, 1);
    cr_expect_not_null(strstr(loaded.errors.bytes, "/dev/zero:1:1: is not a regular file"));
    unload(&loaded);
}

Test(catalog_files, a_file_over_one_mebibyte_is_refused)
{
    write_file("a.yaml", "");
    cr_assert_eq(truncate(path_of("a.yaml"), 10 * 1024 * 1024), 0);
    const char *paths[] = {folder};
    struct loaded loaded = load_paths(paths, 1);
    cr_expect_not_null(strstr(loaded.errors.bytes, "a.yaml:1:1: larger than 1 MiB"));
    unload(&loaded);
}

Test(catalog_files, an_empty_folder_is_a_warning)
{
    const char *paths[] = {folder};
    struct loaded loaded = load_paths(paths, 1);
    cr_expect_eq(loaded.status, STATUS_OK);
    cr_expect_not_null(strstr(loaded.warnings.bytes, "warning: the folder holds no *.yaml"));
    unload(&loaded);
}
