/* Settings: built-in < file < environment < flags; what is wrong is named by file, line and column.
 * Each test is a process of its own, so the environment and stderr are ours. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "domain/civil.h"
#include "server/settings.h"

static struct settings settings;

static const char *write_file(const char *text)
{
    static char path[64];
    snprintf(path, sizeof(path), "/tmp/nines-settings-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

static enum settings_result read_arguments(const char *const *arguments)
{
    char *argv[16] = {(char *)(uintptr_t) "ninesd"};
    int argc = 1;
    for (; arguments != NULL && arguments[argc - 1] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
    }
    return settings_read(&settings, argc, argv, "1.2.3");
}

/* A file whose text is this, and further arguments. */
static enum settings_result read_file_text(const char *text, const char *more)
{
    const char *path = write_file(text);
    const char *arguments[4] = {"--config", path, more, NULL};
    enum settings_result result = read_arguments(arguments);
    unlink(path);
    return result;
}

static void expect_stderr(const char *part)
{
    fflush(stderr);
    char text[4096];
    FILE *file = cr_get_redirected_stderr();
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    cr_expect(strstr(text, part) != NULL, "no '%s' in: %s", part, text);
}

static void silence(void)
{
    cr_redirect_stdout();
    cr_redirect_stderr();
}

TestSuite(settings, .init = silence);

Test(settings, built_in)
{
    cr_assert_eq(read_file_text("{}\n", NULL), SETTINGS_RUN);
    cr_expect_str_eq(settings.data, "./nines-data");
    cr_expect_eq(settings.ingest_count, 2);
    cr_expect_str_eq(settings.ingest[0].url, "tcp://127.0.0.1:4990");
    cr_expect_eq(settings.ingest[0].map, MAP_AUTO);
    cr_expect_str_eq(settings.http, "127.0.0.1:4991");
    cr_expect_eq(settings.agreement_count, 0);
    cr_expect_eq(settings.workers, 0);
    cr_expect_eq(settings.retention_ns, 400 * NS_PER_DAY);
    cr_expect_eq(settings.max_future_ns, 5 * NS_PER_MINUTE);
    cr_expect_eq(settings.grace_ns, 72 * NS_PER_HOUR);
    cr_expect_eq(settings.abort_after_ns, 5 * NS_PER_SECOND);
    cr_expect_eq(settings.dedupe_bytes, 128u << 20);
    cr_expect_eq(settings.rollup_bytes, 256u << 20);
    cr_expect_eq(settings.segment_bytes, 16u << 20);
}

Test(settings, systemd_names_the_data_directory)
{
    setenv("STATE_DIRECTORY", "/var/lib/nines", 1);
    cr_assert_eq(read_file_text("{}\n", NULL), SETTINGS_RUN);
    cr_expect_str_eq(settings.data, "/var/lib/nines");
}

Test(settings, the_file)
{
    cr_assert_eq(
        read_file_text("data: /srv/nines\n"
                       "ingest:\n"
                       "  - {listen: \"tcp://127.0.0.1:1\", map: nginx-json}\n"
                       "  - {listen: \"unix:///run/nines.sock\"}\n"
                       "http: {listen: \"127.0.0.1:0\"}\n"
                       "agreements: [/etc/a, /etc/b.yaml]\n"
                       "workers: 3\nretention: 0\nmax_future: 10m\ndedupe_bytes: 64K\n"
                       "rollup_bytes: 1M\n"
                       "names_max: 1000\neach_max: 77\nopen_requests_max: 50\ndurability: commit\n",
                       NULL),
        SETTINGS_RUN);
    cr_expect_str_eq(settings.data, "/srv/nines");
    cr_expect_eq(settings.ingest_count, 2);
    cr_expect_eq(settings.ingest[0].map, MAP_NGINX_JSON);
    cr_expect_str_eq(settings.ingest[1].url, "unix:///run/nines.sock");
    cr_expect_str_eq(settings.http, "127.0.0.1:0");
    cr_expect_eq(settings.agreement_count, 2);
    cr_expect_str_eq(settings.agreements[1], "/etc/b.yaml");
    cr_expect_eq(settings.workers, 3);
    cr_expect_eq(settings.retention_ns, INT64_MAX, "0 is no limit");
    cr_expect_eq(settings.max_future_ns, 10 * NS_PER_MINUTE);
    cr_expect_eq(settings.dedupe_bytes, 65536);
    cr_expect_eq(settings.rollup_bytes, 1u << 20);
    cr_expect_eq(settings.names_max, 1000);
    cr_expect_eq(settings.open_requests_max, 50);
    cr_expect_eq(settings.each_max, 77);
}

Test(settings, a_grace_may_be_none_at_all)
{
    cr_assert_eq(read_file_text("grace: 0\n", NULL), SETTINGS_RUN);
    cr_expect_eq(settings.grace_ns, 0);
    cr_assert_eq(read_file_text("grace: 0s\n", NULL), SETTINGS_RUN);
    cr_expect_eq(settings.grace_ns, 0);
    setenv("NINES_GRACE", "90s", 1);
    cr_assert_eq(read_file_text("grace: 1d\n", NULL), SETTINGS_RUN);
    cr_expect_eq(settings.grace_ns, 90 * NS_PER_SECOND);
}

Test(settings, the_environment_wins_over_the_file)
{
    setenv("NINES_WORKERS", "5", 1);
    setenv("NINES_AGREEMENTS", "/x /y", 1);
    cr_assert_eq(read_file_text("workers: 3\nagreements: [/a, /b, /c]\nnames_max: 99\n", NULL),
                 SETTINGS_RUN);
    cr_expect_eq(settings.workers, 5);
    cr_expect_eq(settings.agreement_count, 2, "a higher source replaces a list");
    cr_expect_str_eq(settings.agreements[0], "/x");
    cr_expect_eq(settings.names_max, 99);
}

Test(settings, a_flag_wins_over_all)
{
    setenv("NINES_DATA", "/from-environment", 1);
    setenv("NINES_AGREEMENTS", "/x /y", 1);
    static const char *const arguments[] = {
        "--data=/from-flag", "--agreements",      "/f", "--agreements", "/g",
        "--listen",          "tcp://127.0.0.1:0", NULL};
    cr_assert_eq(read_arguments(arguments), SETTINGS_RUN);
    cr_expect_str_eq(settings.data, "/from-flag");
    cr_expect_eq(settings.agreement_count, 2, "flags may be repeated");
    cr_expect_str_eq(settings.agreements[1], "/g");
    cr_expect_eq(settings.ingest_count, 1);
}

Test(settings, the_environment_may_name_the_file)
{
    const char *path = write_file("workers: 7\n");
    setenv("NINES_CONFIG", path, 1);
    cr_expect_eq(read_arguments(NULL), SETTINGS_RUN);
    cr_expect_eq(settings.workers, 7);
    unlink(path);
}

static void expect_bad(const char *text, const char *said)
{
    cr_expect_eq(read_file_text(text, NULL), SETTINGS_BAD);
    expect_stderr(said);
}

Test(settings, an_unknown_key_is_named_with_its_place)
{
    expect_bad("data: /a\nworker: 3\n", ":2:");
}

Test(settings, a_value_out_of_range)
{
    expect_bad("data: /a\n\nworkers: 65\n", ":3:10: `workers`: 65 is outside");
}

Test(settings, no_number)
{
    expect_bad("open_requests_max: 15\n",
               ":1:20: `open_requests_max`: 15 is outside 16 to 100000000");
    expect_bad("names_max: many\n", ":1:12: `names_max`: not a number: many");
}

Test(settings, no_duration)
{
    expect_bad("grace: soon\n", ":1:8: `grace`: not a duration: soon; write 0, 90s, 12h or 3d");
    expect_bad("grace: -1h\n", ":1:8: `grace`: not a duration: -1h");
    expect_bad("grace: 1M\n", ":1:8: `grace`: not a duration: 1M");
    expect_bad("max_future: 5\n", ":1:13: `max_future`: not a duration: 5");
}

Test(settings, a_negative_number)
{
    expect_bad("workers: -1\n", "`workers`: not a number");
}

Test(settings, a_duplicate_key)
{
    expect_bad("data: /a\ndata: /b\n", ":2:1");
}

Test(settings, a_setting_of_another_version)
{
    expect_bad("durability: none\n", "only `commit` is possible");
}

Test(settings, a_listener_without_an_address)
{
    expect_bad("ingest:\n  - {map: auto}\n", ":2:5: an item of `ingest` needs `listen`");
}

Test(settings, an_unknown_map)
{
    expect_bad("ingest:\n  - {listen: \"tcp://127.0.0.1:1\", map: apache}\n", "no such field map");
}

Test(settings, a_list_where_one_value_belongs)
{
    expect_bad("data: [a, b]\n", "`data` takes one value");
}

Test(settings, a_file_that_is_not_there)
{
    static const char *const arguments[] = {"--config", "/nowhere/nines.yaml", NULL};
    cr_expect_eq(read_arguments(arguments), SETTINGS_BAD);
    expect_stderr("/nowhere/nines.yaml: cannot read: No such file or directory");
}

Test(settings, a_bad_environment_is_named)
{
    setenv("NINES_WORKERS", "lots", 1);
    cr_expect_eq(read_file_text("{}\n", NULL), SETTINGS_BAD);
    expect_stderr("environment NINES_WORKERS: `workers`: not a number: lots");
}

static void expect_usage(const char *first, const char *second, const char *said)
{
    const char *arguments[] = {first, second, NULL};
    cr_expect_eq(read_arguments(arguments), SETTINGS_USAGE);
    expect_stderr(said);
}

Test(settings, an_unknown_flag)
{
    expect_usage("--worker", "3", "unknown option --worker");
}

Test(settings, a_flag_without_its_value)
{
    expect_usage("--workers", NULL, "--workers needs a value");
}

Test(settings, a_flag_with_a_bad_value)
{
    expect_usage("--workers", "0x3", "ninesd: --workers: `workers`: not a number: 0x3");
}

Test(settings, a_plain_argument)
{
    expect_usage("start", NULL, "unexpected argument 'start'");
}

Test(settings, questions_are_answered_without_reading_anything)
{
    static const char *const version[] = {"--config", "/nowhere", "--version", NULL};
    static const char *const help[] = {"--nonsense", "--help", NULL};
    cr_expect_eq(read_arguments(version), SETTINGS_DONE);
    cr_expect_eq(read_arguments(help), SETTINGS_DONE);
    cr_expect_eq(read_file_text("{}\n", "--print-config"), SETTINGS_DONE);
    cr_expect_eq(read_file_text("{}\n", "--check-config"), SETTINGS_CHECK);
}
