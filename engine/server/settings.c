#include "server/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/fields.h"
#include "catalog/words.h"
#include "domain/civil.h"

#define DEFAULT_FILE "/etc/nines/nines.yaml"

enum setting_kind {
    SETTING_TEXT,
    SETTING_LISTENERS,
    SETTING_PATHS,
    SETTING_COUNT,    /* a plain number; `auto` is 0 where low is 0 */
    SETTING_BYTES,    /* a number with an optional K, M, G */
    SETTING_DURATION, /* 5m; `0` means no limit where that is allowed */
    SETTING_WAIT,     /* a duration that may be none at all */
    SETTING_FIXED,    /* one value only, so that a file for a later version is not misread */
};

struct setting_row {
    const char *name; /* in the file; NINES_ + upper case in the environment */
    const char *flag; /* NULL: none */
    const char *flag_value;
    enum setting_kind kind;
    size_t offset;
    const char *standard; /* as text */
    uint64_t low;
    uint64_t high;
    const char *help;
};

#define AT(member) offsetof(struct settings, member)

static const struct setting_row rows[] = {
    {"data", "data", "DIR", SETTING_TEXT, AT(data), "./nines-data", 0, 0,
     "data directory (or $STATE_DIRECTORY); made when absent"},
    {"ingest", "listen", "URL", SETTING_LISTENERS, AT(ingest),
     "tcp://127.0.0.1:4990 udp://127.0.0.1:4990", 0, 0,
     "tcp://, udp://, unix:// or unixgram:// to take events on; may be repeated"},
    {"http", "http", "ADDR:PORT", SETTING_TEXT, AT(http), "127.0.0.1:4991", 0, 0,
     "where the HTTP API listens; port 0 picks a free one"},
    {"agreements", "agreements", "PATH", SETTING_PATHS, AT(agreements), "", 0, 0,
     "agreement file or folder; may be repeated"},
    {"workers", "workers", "N", SETTING_COUNT, AT(workers), "auto", 0, 64,
     "threads that judge; auto: one less than there are CPUs"},
    {"retention", NULL, NULL, SETTING_DURATION, AT(retention_ns), "400d", 0, 0,
     "older events are stored but not counted; 0: no limit"},
    {"max_future", NULL, NULL, SETTING_DURATION, AT(max_future_ns), "5m", 1, 0,
     "events further ahead of their receipt are stored but not counted"},
    {"grace", NULL, NULL, SETTING_WAIT, AT(grace_ns), "72h", 0, 0,
     "how long after its end a calendar window is sealed; what changes it later is a restatement"},
    {"abort_after", NULL, NULL, SETTING_DURATION, AT(abort_after_ns), "5s", 1, 0,
     "a client that gave up after this long counts as bad, before as excluded"},
    {"dedupe_bytes", NULL, NULL, SETTING_BYTES, AT(dedupe_bytes), "128M", 65536, 1ull << 36,
     "memory for the ids that repeats are recognised by"},
    {"rollup_bytes", NULL, NULL, SETTING_BYTES, AT(rollup_bytes), "256M", 65536, 1ull << 40,
     "memory for old counts of windows, of all workers together; the rest goes to DATA/rollup"},
    {"names_max", NULL, NULL, SETTING_COUNT, AT(names_max), "1000000", 16, 10000000,
     "how many different services, customers and incident ids the log may hold"},
    {"open_requests_max", NULL, NULL, SETTING_COUNT, AT(open_requests_max), "1000000", 16,
     100000000,
     "how many requests with a life (opened, fulfilled ...) are remembered; ended ones go first"},
    {"each_max", NULL, NULL, SETTING_COUNT, AT(each_max), "100000", 1, 10000000,
     "how many series `customer: each` may make, one for each customer and objective"},
    {"segment_bytes", NULL, NULL, SETTING_BYTES, AT(segment_bytes), "16M", 1048576, 1ull << 40,
     "size of the first segment of the log; later ones double"},
    {"segment_bytes_max", NULL, NULL, SETTING_BYTES, AT(segment_bytes_max), "1G", 1048576,
     1ull << 40, "size at which segments stop doubling"},
    {"durability", NULL, NULL, SETTING_FIXED, 0, "commit", 0, 0,
     "commit: acknowledged means on disk; there is no other"},
    {"zone", NULL, NULL, SETTING_FIXED, 0, "UTC", 0, 0, "of syslog times without a zone"},
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* Where a value comes from, for messages. */
struct origin {
    char text[320]; /* a long file name is cut */
};

__attribute__((format(printf, 2, 3))) static bool complain(const struct origin *origin,
                                                           const char *format, ...);

#include <stdarg.h>
static bool complain(const struct origin *origin, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s: %s\n", origin->text, message);
    return false;
}

/* Values */

static bool set_text(const struct origin *origin, char *target, struct text value)
{
    if (value.length == 0 || value.length >= SETTINGS_TEXT_MAX) {
        return complain(origin, "a value of 1 to %d bytes is needed", SETTINGS_TEXT_MAX - 1);
    }
    memcpy(target, value.bytes, value.length);
    target[value.length] = '\0';
    return true;
}

static bool parse_number(struct text value, bool bytes, uint64_t *number_out)
{
    uint64_t unit = 1;
    if (bytes && value.length > 1) {
        char last = value.bytes[value.length - 1];
        unit = last == 'K'   ? 1024
               : last == 'M' ? 1024 * 1024
               : last == 'G' ? 1024 * 1024 * 1024
                             : 1;
        value.length -= unit > 1 ? 1 : 0;
    }
    uint64_t number = 0;
    for (uint32_t i = 0; i < value.length; i++) {
        if (value.bytes[i] < '0' || value.bytes[i] > '9' ||
            __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(value.bytes[i] - '0'), &number)) {
            return false;
        }
    }
    return value.length > 0 && !__builtin_mul_overflow(number, unit, number_out);
}

static bool set_number(const struct origin *origin, const struct setting_row *row,
                       struct settings *settings, struct text value)
{
    uint64_t number = 0;
    bool automatic = row->low == 0 && text_is(value, "auto");
    if (!automatic && !parse_number(value, row->kind == SETTING_BYTES, &number)) {
        return complain(origin, "`%s`: not a number: %.*s", row->name, (int)value.length,
                        value.bytes);
    }
    if (!automatic && (number < (row->low == 0 ? 1 : row->low) || number > row->high)) {
        return complain(origin, "`%s`: %llu is outside %llu to %llu", row->name,
                        (unsigned long long)number, (unsigned long long)row->low,
                        (unsigned long long)row->high);
    }
    memcpy((char *)settings + row->offset, &number, sizeof(number));
    return true;
}

static bool set_duration(const struct origin *origin, const struct setting_row *row,
                         struct settings *settings, struct text value)
{
    int64_t ns;
    if (row->low == 0 && text_is(value, "0")) {
        ns = INT64_MAX;
    } else if (!duration_parse(value, &ns) || ns <= 0) {
        return complain(origin, "`%s`: not a duration: %.*s; write 90s, 5m, 1h or 30d", row->name,
                        (int)value.length, value.bytes);
    }
    memcpy((char *)settings + row->offset, &ns, sizeof(ns));
    return true;
}

static bool set_wait(const struct origin *origin, const struct setting_row *row,
                     struct settings *settings, struct text value)
{
    int64_t ns = 0;
    if (!text_is(value, "0") && !duration_parse(value, &ns)) {
        return complain(origin, "`%s`: not a duration: %.*s; write 0, 90s, 12h or 3d", row->name,
                        (int)value.length, value.bytes);
    }
    memcpy((char *)settings + row->offset, &ns, sizeof(ns));
    return true;
}

static bool add_listener(const struct origin *origin, struct settings *settings, struct text url,
                         enum field_map map)
{
    if (settings->ingest_count == SETTINGS_LIST_MAX) {
        return complain(origin, "more than %d listeners", SETTINGS_LIST_MAX);
    }
    struct ingest_setting *ingest = &settings->ingest[settings->ingest_count];
    if (!set_text(origin, ingest->url, url)) {
        return false;
    }
    ingest->map = map;
    settings->ingest_count++;
    return true;
}

static bool add_path(const struct origin *origin, struct settings *settings, struct text path)
{
    if (settings->agreement_count == SETTINGS_LIST_MAX) {
        return complain(origin, "more than %d agreement paths", SETTINGS_LIST_MAX);
    }
    return set_text(origin, settings->agreements[settings->agreement_count], path) &&
           ++settings->agreement_count > 0;
}

/* One scalar value; lists grow. */
static bool set_value(const struct origin *origin, const struct setting_row *row,
                      struct settings *settings, struct text value)
{
    switch (row->kind) {
    case SETTING_TEXT:
        return set_text(origin, (char *)settings + row->offset, value);
    case SETTING_LISTENERS:
        return add_listener(origin, settings, value, MAP_AUTO);
    case SETTING_PATHS:
        return add_path(origin, settings, value);
    case SETTING_COUNT:
    case SETTING_BYTES:
        return set_number(origin, row, settings, value);
    case SETTING_DURATION:
        return set_duration(origin, row, settings, value);
    case SETTING_WAIT:
        return set_wait(origin, row, settings, value);
    case SETTING_FIXED:
        return text_is(value, row->standard) ||
               complain(origin, "`%s`: only `%s` is possible in this version", row->name,
                        row->standard);
    }
    return false;
}

/* A higher source replaces a list instead of adding to it. */
static void clear_list(const struct setting_row *row, struct settings *settings)
{
    if (row->kind == SETTING_LISTENERS) {
        settings->ingest_count = 0;
    } else if (row->kind == SETTING_PATHS) {
        settings->agreement_count = 0;
    }
}

/* White space (or colons never: urls have them) separates list items in text form. */
static bool set_words(const struct origin *origin, const struct setting_row *row,
                      struct settings *settings, struct text value)
{
    if (row->kind != SETTING_LISTENERS && row->kind != SETTING_PATHS) {
        return set_value(origin, row, settings, value);
    }
    clear_list(row, settings);
    uint32_t at = 0;
    while (at < value.length) {
        uint32_t start = at;
        while (at < value.length && value.bytes[at] != ' ') {
            at++;
        }
        if (at > start &&
            !set_value(origin, row, settings, (struct text){value.bytes + start, at - start})) {
            return false;
        }
        at++;
    }
    return true;
}

/* The file */

static struct origin origin_of(const char *file, const struct node *node)
{
    struct origin origin;
    snprintf(origin.text, sizeof(origin.text), "%s:%u:%u", file, node->line, node->column);
    return origin;
}

static bool read_ingest_item(const char *file, const struct node *item, struct settings *settings)
{
    struct origin origin = origin_of(file, item);
    if (item->kind != NODE_MAPPING) {
        return complain(&origin,
                        "an item of `ingest` is a mapping: {listen: tcp://127.0.0.1:4990}");
    }
    const struct node *url = NULL;
    enum field_map map = MAP_AUTO;
    for (const struct node *value = item->first; value != NULL; value = value->next) {
        struct origin at = origin_of(file, value);
        struct text key = value->key->text;
        if (text_is(key, "listen")) {
            url = value;
        } else if (text_is(key, "map")) {
            int found = field_map_from(value->text);
            if (found < 0) {
                return complain(&at,
                                "`map`: no such field map; there are auto, nines, nginx-json and "
                                "nginx-combined");
            }
            map = (enum field_map)found;
        } else if (text_is(key, "format")) {
            if (!text_is(value->text, "auto")) {
                return complain(&at, "`format`: only `auto` is possible in this version");
            }
        } else if (text_is(key, "file")) {
            return complain(&at,
                            "`file`: following files is not possible in this version; let nginx "
                            "or rsyslog send to a listener, or use nines import");
        } else {
            return complain(&at,
                            "unknown key %s in an item of `ingest`; known are listen, map, format",
                            quoted(key).bytes);
        }
    }
    if (url == NULL || url->kind != NODE_SCALAR) {
        return complain(&origin, "an item of `ingest` needs `listen`, e.g. tcp://127.0.0.1:4990");
    }
    return add_listener(&origin, settings, url->text, map);
}

static const struct node *only_listen(const struct node *node)
{
    const struct node *listen = node->kind == NODE_MAPPING ? node_find(node, "listen") : NULL;
    return listen != NULL && node->count == 1 ? listen : NULL;
}

static bool read_row(const char *file, const struct setting_row *row, const struct node *node,
                     struct settings *settings)
{
    struct origin origin = origin_of(file, node);
    bool is_list = row->kind == SETTING_LISTENERS || row->kind == SETTING_PATHS;
    if (row->offset == AT(http) && node->kind == NODE_MAPPING) {
        node = only_listen(node);
        if (node == NULL) {
            return complain(&origin,
                            "`http` takes {listen: ADDR:PORT}; tls and tokens are not possible "
                            "in this version: keep it on loopback or behind a proxy");
        }
    }
    if (!is_list) {
        return node->kind == NODE_SCALAR ? set_value(&origin, row, settings, node->text)
                                         : complain(&origin, "`%s` takes one value", row->name);
    }
    clear_list(row, settings);
    if (node->kind == NODE_SCALAR) {
        return set_value(&origin, row, settings, node->text);
    }
    if (node->kind != NODE_SEQUENCE) {
        return complain(&origin, "`%s` takes a list", row->name);
    }
    bool good = true;
    for (const struct node *item = node->first; item != NULL; item = item->next) {
        struct origin at = origin_of(file, item);
        if (row->kind == SETTING_LISTENERS) {
            good = read_ingest_item(file, item, settings) && good;
        } else if (item->kind == NODE_SCALAR) {
            good = set_value(&at, row, settings, item->text) && good;
        } else {
            good = complain(&at, "an item of `%s` is a path", row->name);
        }
    }
    return good;
}

static const struct setting_row *row_named(struct text name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (text_is(name, rows[i].name)) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool unknown_key(const char *file, const struct node *value)
{
    const char *names[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        names[i] = rows[i].name;
    }
    struct origin origin = origin_of(file, value->key);
    const char *nearest = nearest_word(value->key->text, names, ROW_COUNT);
    return nearest != NULL ? complain(&origin, "unknown key %s; did you mean `%s`?",
                                      quoted(value->key->text).bytes, nearest)
                           : complain(&origin, "unknown key %s; see ninesd --help",
                                      quoted(value->key->text).bytes);
}

static bool read_tree(const char *file, const struct node *root, struct settings *settings)
{
    if (root->kind == NODE_NULL) {
        return true;
    }
    struct origin origin = origin_of(file, root);
    if (root->kind != NODE_MAPPING) {
        return complain(&origin, "a configuration is a mapping, e.g. `data: /var/lib/nines`");
    }
    bool good = true;
    for (const struct node *value = root->first; value != NULL; value = value->next) {
        const struct setting_row *row = row_named(value->key->text);
        good =
            (row == NULL ? unknown_key(file, value) : read_row(file, row, value, settings)) && good;
    }
    return good;
}

static bool read_yaml(const char *file, struct text text, struct settings *settings)
{
    struct text_buffer errors;
    struct text_buffer warnings;
    text_buffer_init(&errors);
    text_buffer_init(&warnings);
    struct problems problems = {.errors = &errors, .warnings = &warnings};
    struct yaml_reader *reader;
    bool good = yaml_open(&reader, file, text, &problems);
    if (good) {
        struct yaml_document document;
        while (yaml_next(reader, &document)) {
            good = read_tree(file, document.root, settings) && good;
        }
        yaml_close(reader);
    }
    problems_close(&problems);
    fprintf(stderr, "%s", errors.length > 0 ? errors.bytes : "");
    good = good && problems.error_count == 0;
    text_buffer_fini(&errors);
    text_buffer_fini(&warnings);
    return good;
}

static bool read_file(const char *file, bool must_exist, struct settings *settings)
{
    struct origin origin;
    snprintf(origin.text, sizeof(origin.text), "%s", file);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return !must_exist && errno == ENOENT
                   ? true
                   : complain(&origin, "cannot read: %s", strerror(errno));
    }
    struct text_buffer text;
    text_buffer_init(&text);
    char part[4096];
    ssize_t got;
    while ((got = read(fd, part, sizeof(part))) > 0 && text.length <= YAML_FILE_MAX) {
        text_buffer_append(&text, part, (size_t)got);
    }
    int error = errno;
    close(fd);
    bool good = got >= 0 || text.length > YAML_FILE_MAX
                    ? read_yaml(file, (struct text){text.bytes, (uint32_t)text.length}, settings)
                    : complain(&origin, "cannot read: %s", strerror(error));
    text_buffer_fini(&text);
    return good;
}

/* Environment, defaults, flags */

static void variable_name(const struct setting_row *row, char out[64])
{
    snprintf(out, 64, "NINES_%s", row->name);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    }
}

static bool read_environment(struct settings *settings)
{
    bool good = true;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct origin origin;
        char name[64];
        variable_name(&rows[i], name);
        const char *value = getenv(name);
        snprintf(origin.text, sizeof(origin.text), "environment %s", name);
        if (value != NULL) {
            good = set_words(&origin, &rows[i], settings, text_from(value)) && good;
        }
    }
    return good;
}

static bool set_defaults(struct settings *settings)
{
    memset(settings, 0, sizeof(*settings));
    struct origin origin = {"built-in"};
    bool good = true;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].standard[0] != '\0') {
            good = set_words(&origin, &rows[i], settings, text_from(rows[i].standard)) && good;
        }
    }
    const char *state = getenv("STATE_DIRECTORY"); /* systemd.exec(5) */
    if (state != NULL && state[0] != '\0') {
        good = set_text(&origin, settings->data, text_from(state)) && good;
    }
    return good;
}

static void print_help(void)
{
    printf("usage: ninesd [options]\n\n"
           "Takes request and incident events, keeps them durably and judges service agreements.\n"
           "Without options: data in ./nines-data, events on tcp and udp 127.0.0.1:4990, HTTP on\n"
           "127.0.0.1:4991. SIGTERM stops it after everything received is on disk.\n\noptions:\n"
           "  --config FILE            configuration (default " DEFAULT_FILE ", if it exists)\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].flag != NULL) {
            char left[64];
            snprintf(left, sizeof(left), "--%s %s", rows[i].flag, rows[i].flag_value);
            printf("  %-24s %s\n", left, rows[i].help);
        }
    }
    printf("  --check-config           read configuration and agreements, say what is wrong, stop\n"
           "  --print-config           print the configuration that would hold, stop\n"
           "  --version, --help\n\nsettings of the file (environment: NINES_NAME):\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        printf("  %-24s %s (default %s)\n", rows[i].name, rows[i].help,
               rows[i].standard[0] == '\0' ? "none" : rows[i].standard);
    }
}

static void print_duration(const char *name, int64_t ns)
{
    char text[32] = "0";
    if (ns != INT64_MAX) {
        duration_format(ns, text, sizeof(text));
    }
    printf("%s: %s\n", name, text);
}

static void print_config(const struct settings *settings)
{
    printf("data: %s\ningest:\n", settings->data);
    for (uint32_t i = 0; i < settings->ingest_count; i++) {
        printf("  - {listen: \"%s\", map: %s}\n", settings->ingest[i].url,
               field_map_word(settings->ingest[i].map));
    }
    printf("http: {listen: \"%s\"}\nagreements: [", settings->http);
    for (uint32_t i = 0; i < settings->agreement_count; i++) {
        printf("%s\"%s\"", i == 0 ? "" : ", ", settings->agreements[i]);
    }
    printf("]\n");
    if (settings->workers == 0) {
        printf("workers: auto\n");
    } else {
        printf("workers: %llu\n", (unsigned long long)settings->workers);
    }
    print_duration("retention", settings->retention_ns);
    print_duration("max_future", settings->max_future_ns);
    print_duration("grace", settings->grace_ns);
    print_duration("abort_after", settings->abort_after_ns);
    printf("dedupe_bytes: %llu\nrollup_bytes: %llu\nnames_max: %llu\neach_max: "
           "%llu\nopen_requests_max: %llu\n"
           "segment_bytes: %llu\nsegment_bytes_max: %llu\n"
           "durability: commit\nzone: UTC\n",
           (unsigned long long)settings->dedupe_bytes, (unsigned long long)settings->rollup_bytes,
           (unsigned long long)settings->names_max, (unsigned long long)settings->each_max,
           (unsigned long long)settings->open_requests_max,
           (unsigned long long)settings->segment_bytes,
           (unsigned long long)settings->segment_bytes_max);
}

/* Command line, in two passes: the file's name first, all other flags after the environment. */
struct command_line {
    const char *file;
    bool check;
    bool print;
};

static const struct setting_row *row_of_flag(const char *flag, size_t length)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].flag != NULL && strlen(rows[i].flag) == length &&
            strncmp(rows[i].flag, flag, length) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static enum settings_result usage_error(const char *format, const char *argument)
{
    fprintf(stderr, "ninesd: ");
    fprintf(stderr, format, argument);
    fprintf(stderr, "; see ninesd --help\n");
    return SETTINGS_USAGE;
}

/* settings NULL: the first pass. */
static enum settings_result read_flags(struct settings *settings, struct command_line *line,
                                       int argc, char **argv)
{
    bool cleared[ROW_COUNT] = {false};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            return usage_error("unexpected argument '%s'", argv[i]);
        }
        const char *flag = argv[i] + 2;
        const char *equals = strchr(flag, '=');
        size_t length = equals == NULL ? strlen(flag) : (size_t)(equals - flag);
        if (strcmp(flag, "check-config") == 0) {
            line->check = true;
            continue;
        }
        if (strcmp(flag, "print-config") == 0) {
            line->print = true;
            continue;
        }
        bool is_file = length == 6 && strncmp(flag, "config", 6) == 0;
        const struct setting_row *row = row_of_flag(flag, length);
        if (row == NULL && !is_file) {
            return usage_error("unknown option %s", argv[i]);
        }
        const char *value = equals != NULL ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (value == NULL) {
            return usage_error("%s needs a value", argv[i]);
        }
        if (is_file) {
            line->file = value;
            continue;
        }
        if (settings == NULL) {
            continue;
        }
        if (!cleared[row - rows]) {
            clear_list(row, settings);
            cleared[row - rows] = true;
        }
        struct origin origin;
        snprintf(origin.text, sizeof(origin.text), "ninesd: --%s", row->flag);
        if (!set_value(&origin, row, settings, text_from(value))) {
            return SETTINGS_USAGE;
        }
    }
    return SETTINGS_RUN;
}

enum settings_result settings_read(struct settings *settings, int argc, char **argv,
                                   const char *version)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help();
            return SETTINGS_DONE;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("ninesd %s\n", version);
            return SETTINGS_DONE;
        }
    }
    struct command_line line = {0};
    enum settings_result result = read_flags(NULL, &line, argc, argv);
    if (result != SETTINGS_RUN) {
        return result;
    }
    const char *file = line.file != NULL ? line.file : getenv("NINES_CONFIG");
    if (!set_defaults(settings) ||
        !read_file(file != NULL ? file : DEFAULT_FILE, file != NULL, settings) ||
        !read_environment(settings)) {
        return SETTINGS_BAD;
    }
    result = read_flags(settings, &line, argc, argv);
    if (result != SETTINGS_RUN) {
        return result;
    }
    if (settings->segment_bytes_max < settings->segment_bytes) {
        settings->segment_bytes_max = settings->segment_bytes;
    }
    if (line.print) {
        print_config(settings);
        return SETTINGS_DONE;
    }
    return line.check ? SETTINGS_CHECK : SETTINGS_RUN;
}
