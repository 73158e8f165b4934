/* `nines maintenance`: announces that a service will be worked on, or that it will not; lists what is
 * known, and takes it from calendars and gives it to them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "catalog/tzif.h"
#include "domain/civil.h"
#include "nines/calendar.h"
#include "nines/command.h"
#include "nines/pages.h"
#include "nines/posting.h"
#include "nines/terminal.h"
#include "nines/words.h"

/* Events a request: their text stays far below what a body may have. */
#define POST_EVENTS    1000
#define FILE_BYTES_MAX (64 << 20)
/* How far repetitions without an end are taken from a calendar. */
#define THROUGH_NS (2 * 365 * NS_PER_DAY)

struct request {
    struct endpoint_options endpoint;
    const char *operands[2]; /* what to do, and an id or a file */
    uint32_t operand_count;
    struct option_list services;
    struct option_list components;
    const char *services_text; /* with commas */
    const char *start;
    const char *end;
    const char *rrule;
    const char *reason;
    const char *author;
    const char *customer;
    const char *zone;
    const char *through;
    bool dry_run;
    bool json;
};

/* add, cancel */

/* Local times go to the engine as they are: it knows the zone. */
static bool put_span(json_t *event, const struct request *request)
{
    int64_t start_ns;
    int64_t end_ns;
    if (request->zone == NULL || request->start == NULL || request->end == NULL ||
        !civil_parse_local(text_from(request->start), &start_ns) ||
        !civil_parse_local(text_from(request->end), &end_ns)) {
        return posting_span(event, request->start, request->end);
    }
    posting_string(event, "start", request->start);
    posting_string(event, "end", request->end);
    return true;
}

/* NULL: complained. */
static json_t *build_event(const struct request *request, bool cancels)
{
    json_t *event = json_object();
    posting_string(event, "kind", "maintenance");
    posting_string(event, "id", request->operands[1]);
    posting_string(event, "state", cancels ? "cancelled" : "scheduled");
    posting_list(event, "service", &request->services);
    posting_list(event, "component", &request->components);
    posting_string(event, "rrule", request->rrule);
    posting_string(event, "zone", request->zone);
    posting_string(event, "reason", request->reason);
    posting_string(event, "author", request->author);
    posting_string(event, "customer", request->customer);
    if (!put_span(event, request)) {
        json_decref(event);
        return NULL;
    }
    return event;
}

static int announce(const struct request *request, bool cancels)
{
    char base[ENDPOINT_URL_SIZE];
    bool says_what = request->services.count != 0 || request->components.count != 0;
    if (!cancels && (!says_what || request->start == NULL || request->end == NULL)) {
        terminal_complain("maintenance add needs --service or --component, --start and --end");
        return EXIT_USAGE;
    }
    json_t *event = build_event(request, cancels);
    if (event == NULL) {
        return EXIT_USAGE;
    }
    int code = endpoint_base(&request->endpoint, base);
    if (code == EXIT_OK) {
        code = posting_send(event, base, cancels ? "cancelled" : "scheduled", request->json);
    }
    json_decref(event);
    return code;
}

static int add(const struct request *request)
{
    return announce(request, false);
}

static int cancel(const struct request *request)
{
    return announce(request, true);
}

/* list, export */

/* All that the engine knows. NULL: complained. */
static json_t *fetch(const char *base)
{
    struct query query;
    query_begin(&query, "/v1/maintenance");
    return pages_fetch(&query, base, "maintenance");
}

static void show_entry(const json_t *entry, struct text_buffer *out)
{
    static const struct {
        const char *path;
        int width;
    } columns[] = {{"id", 16}, {"state", 9}, {"start", 20}, {"end", 20}};
    struct text_buffer cell;
    text_buffer_init(&cell);
    for (uint32_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        text_buffer_clear(&cell);
        if (i < 2) {
            json_show(&cell, entry, columns[i].path, "-");
        } else {
            words_instant(&cell, entry, columns[i].path, "-");
        }
        text_buffer_format(out, "%-*s  ", columns[i].width, cell.bytes);
    }
    text_buffer_fini(&cell);
    words_list(out, json_at(entry, "service"));
    static const char *const more[] = {"rrule", "zone", "customer", "reason", "author"};
    static const char *const words[] = {"; ", " by the clocks of ", "; for ", ": ", ", says "};
    for (uint32_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        if (json_is_given(entry, more[i])) {
            text_buffer_string(out, words[i]);
            json_show(out, entry, more[i], "");
        }
    }
    text_buffer_char(out, '\n');
}

static void show_list(const json_t *entries, struct text_buffer *out)
{
    if (json_array_size(entries) == 0) {
        text_buffer_string(out, "no maintenance\n");
        return;
    }
    text_buffer_format(out, "%-16s  %-9s  %-20s  %-20s  %s\n", "ID", "STATE", "START", "END",
                       "SERVICES");
    size_t index;
    json_t *entry;
    json_array_foreach(entries, index, entry)
    {
        show_entry(entry, out);
    }
}

static int print_known(const struct request *request, pages_show *show)
{
    char base[ENDPOINT_URL_SIZE];
    int code = endpoint_base(&request->endpoint, base);
    json_t *answer = code == EXIT_OK ? fetch(base) : NULL;
    if (answer == NULL) {
        return code == EXIT_OK ? EXIT_FAILED : code;
    }
    return pages_print(answer, "maintenance", request->json && show == show_list, show);
}

static int list(const struct request *request)
{
    return print_known(request, show_list);
}

static int export_calendar(const struct request *request)
{
    return print_known(request, calendar_write);
}

/* import */

/* False: complained. */
static bool read_file(const char *path, struct text_buffer *text)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    if (file == NULL) {
        terminal_complain("cannot read %s: %s", path, strerror(errno));
        return false;
    }
    char bytes[8192];
    size_t got;
    while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0 && text->length < FILE_BYTES_MAX) {
        text_buffer_append(text, bytes, got);
    }
    bool read = ferror(file) == 0;
    if (!read) {
        terminal_complain("cannot read %s: %s", path, strerror(errno));
    }
    if (!is_stdin) {
        fclose(file);
    }
    text_buffer_char(text, '\0');
    return read;
}

static json_t *services_of(const struct request *request)
{
    json_t *services = json_array();
    for (uint32_t i = 0; i < request->services.count; i++) {
        json_array_append_new(services, json_string(request->services.values[i]));
    }
    const char *rest = request->services_text == NULL ? "" : request->services_text;
    while (*rest != '\0') {
        size_t length = strcspn(rest, ",");
        if (length != 0) {
            json_array_append_new(services, json_stringn(rest, length));
        }
        rest += length + (rest[length] == ',' ? 1 : 0);
    }
    return services;
}

/* NULL: complained. */
static json_t *read_calendar(const struct request *request, const char *text,
                             struct calendar_settings *settings)
{
    struct text_buffer errors;
    bool more;
    text_buffer_init(&errors);
    json_t *events = calendar_read(text, settings, &errors, &more);
    if (events == NULL) {
        struct text_buffer safe;
        text_buffer_init(&safe);
        terminal_escape_lines(&safe, (struct text){errors.bytes, (uint32_t)errors.length});
        fwrite(safe.bytes, 1, safe.length, stderr);
        text_buffer_fini(&safe);
    } else if (more && !request->dry_run) {
        char through[CIVIL_TEXT_SIZE];
        civil_format(settings->through_ns, through);
        fprintf(stderr, "nines: what repeats without an end was taken through %s; see --through\n",
                through);
    }
    text_buffer_fini(&errors);
    return events;
}

/* Does the engine know the maintenance as the event says it? */
static bool is_known(const json_t *event, const json_t *known)
{
    static const char *const keys[] = {"state", "service", "start",  "end",     "rrule",
                                       "zone",  "reason",  "author", "customer"};
    size_t count =
        strcmp(json_text_at(event, "state"), "cancelled") == 0 ? 1 : sizeof(keys) / sizeof(keys[0]);
    size_t index;
    json_t *entry;
    json_array_foreach(known, index, entry)
    {
        bool same = strcmp(json_text_at(entry, "id"), json_text_at(event, "id")) == 0 &&
                    !json_is_true(json_at(entry, "document"));
        for (size_t i = 0; same && i < count; i++) {
            json_t *said = json_at(event, keys[i]);
            json_t *is = json_at(entry, keys[i]);
            same = said == NULL ? !json_is_given(entry, keys[i]) : json_equal(said, is) == 1;
        }
        if (same) {
            return true;
        }
    }
    return false;
}

/* False: complained. */
static bool post(const json_t *events, const char *base)
{
    char message[HTTP_CLIENT_MESSAGE_SIZE];
    for (size_t first = 0; first < json_array_size(events); first += POST_EVENTS) {
        json_t *part = json_array();
        for (size_t i = first; i < json_array_size(events) && i < first + POST_EVENTS; i++) {
            json_array_append(part, json_array_get(events, i));
        }
        struct query query;
        json_t *answer = NULL;
        query_begin(&query, "/v1/events");
        enum status status = query_send(&query, base, "POST", part, &answer, message);
        query_end(&query);
        json_decref(part);
        const json_t *error = json_array_get(json_at(answer, "errors"), 0);
        if (status != STATUS_OK) {
            terminal_complain("%s", message);
        } else if (error != NULL) {
            const json_t *event =
                json_array_get(events, first + (size_t)json_number_at(error, "index"));
            terminal_complain("%s was not accepted: %s %s", json_text_at(event, "id"),
                              json_text_at(error, "code"), json_text_at(error, "detail"));
        }
        json_decref(answer);
        if (status != STATUS_OK || error != NULL) {
            return false;
        }
    }
    return true;
}

static bool is_occurrence_of(const char *id, const char *series)
{
    size_t length = strlen(series);
    return strncmp(id, series, length) == 0 && id[length] == '/';
}

/* A series that the calendar told as a rule and tells one by one now, or the other way round, must not
 * count both ways: the former is cancelled. */
static void retire(json_t *events, const json_t *known)
{
    size_t event_count = json_array_size(events);
    size_t index;
    json_t *entry;
    json_array_foreach(known, index, entry)
    {
        const char *id = json_text_at(entry, "id");
        bool is_retold = false;
        bool is_named = false;
        for (size_t i = 0; i < event_count; i++) {
            const json_t *event = json_array_get(events, i);
            const char *told = json_text_at(event, "id");
            is_named |= strcmp(told, id) == 0;
            is_retold |= (json_is_given(entry, "rrule") && is_occurrence_of(told, id)) ||
                         (json_is_given(event, "rrule") && is_occurrence_of(id, told));
        }
        if (is_retold && !is_named && !json_is_true(json_at(entry, "document"))) {
            json_t *event = json_object();
            posting_string(event, "kind", "maintenance");
            posting_string(event, "id", id);
            posting_string(event, "state", "cancelled");
            json_array_append_new(events, event);
        }
    }
}

/* Sends what the engine does not know yet, and says what it was. */
static int send_news(const struct request *request, json_t *events, const char *base)
{
    json_t *answer = fetch(base);
    if (answer == NULL) {
        return EXIT_FAILED;
    }
    retire(events, json_at(answer, "maintenance"));
    json_t *news = json_array();
    uint64_t counts[2] = {0, 0}; /* scheduled, cancelled */
    size_t index;
    json_t *event;
    json_array_foreach(events, index, event)
    {
        if (!is_known(event, json_at(answer, "maintenance"))) {
            json_array_append(news, event);
            counts[strcmp(json_text_at(event, "state"), "cancelled") == 0]++;
        }
    }
    uint64_t unchanged = json_array_size(events) - json_array_size(news);
    bool sent = post(news, base);
    json_decref(news);
    json_decref(answer);
    if (!sent) {
        return EXIT_FAILED;
    }
    struct text_buffer out;
    text_buffer_init(&out);
    text_buffer_format(&out,
                       request->json ? "{\"scheduled\":%" PRIu64 ",\"cancelled\":%" PRIu64
                                       ",\"unchanged\":%" PRIu64 "}\n"
                                     : "maintenance: %" PRIu64 " scheduled, %" PRIu64
                                       " cancelled, %" PRIu64 " unchanged\n",
                       counts[0], counts[1], unchanged);
    terminal_print(&out);
    text_buffer_fini(&out);
    return EXIT_OK;
}

static int print_events(const json_t *events)
{
    struct text_buffer out;
    text_buffer_init(&out);
    size_t index;
    json_t *event;
    json_array_foreach(events, index, event)
    {
        json_write(&out, event);
    }
    terminal_print(&out);
    text_buffer_fini(&out);
    return EXIT_OK;
}

static int take_calendar(const struct request *request, const char *text,
                         struct calendar_settings *settings)
{
    char base[ENDPOINT_URL_SIZE];
    json_t *events = read_calendar(request, text, settings);
    if (events == NULL) {
        return EXIT_FAILED;
    }
    int code = request->dry_run ? print_events(events) : endpoint_base(&request->endpoint, base);
    if (code == EXIT_OK && !request->dry_run) {
        code = send_news(request, events, base);
    }
    json_decref(events);
    return code;
}

static int import_calendar(const struct request *request)
{
    struct calendar_settings settings = {
        .path = request->operands[1],
        .through_ns = clock_realtime_ns(clock_system()) + THROUGH_NS,
        .customer = request->customer,
    };
    struct region region;
    region_init(&region);
    int code = EXIT_OK;
    if (request->zone != NULL &&
        tzif_load(&region, text_from(request->zone), &settings.zone) != STATUS_OK) {
        terminal_complain("--zone %s: no such time zone", request->zone);
        code = EXIT_USAGE;
    }
    if (request->through != NULL &&
        !value_instant("through", request->through, &settings.through_ns)) {
        code = EXIT_USAGE;
    }
    struct text_buffer text;
    text_buffer_init(&text);
    if (code == EXIT_OK) {
        json_t *services = services_of(request);
        settings.services = services;
        code = read_file(settings.path, &text) ? take_calendar(request, text.bytes, &settings)
                                               : EXIT_FAILED;
        json_decref(services);
    }
    text_buffer_fini(&text);
    region_fini(&region);
    return code;
}

/* What each word does, and how many words it takes. */
static const struct deed {
    const char *word;
    uint32_t operand_count;
    int (*run)(const struct request *request);
} deeds[] = {
    {"add", 2, add},
    {"cancel", 2, cancel},
    {"list", 1, list},
    {"import", 2, import_calendar},
    {"export", 1, export_calendar},
};

static const struct deed *find_deed(const struct request *request)
{
    for (uint32_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (request->operand_count == deeds[i].operand_count &&
            strcmp(deeds[i].word, request->operands[0]) == 0) {
            return &deeds[i];
        }
    }
    return NULL;
}

int command_maintenance(int argc, char **argv)
{
    struct request request = {0};
    const struct option_row rows[] = {
        ENDPOINT_ROWS(&request.endpoint),
        {"service", OPTION_LIST, &request.services, "NAME", "a service; may be repeated"},
        {"component", OPTION_LIST, &request.components, "NAME",
         "a component that services rest on; may be repeated"},
        {"services", OPTION_STRING, &request.services_text, "NAMES",
         "import: services, with commas between"},
        {"start", OPTION_STRING, &request.start, "TIME", "its start"},
        {"end", OPTION_STRING, &request.end, "TIME", "its end (exclusive)"},
        {"rrule", OPTION_STRING, &request.rrule, "RULE", "it recurs: FREQ=WEEKLY;BYDAY=SU"},
        {"reason", OPTION_STRING, &request.reason, "TEXT", "why"},
        {"author", OPTION_STRING, &request.author, "NAME", "who says so"},
        {"customer", OPTION_STRING, &request.customer, "NAME", "it concerns this customer alone"},
        {"zone", OPTION_STRING, &request.zone, "NAME",
         "of times without an offset, and of --rrule (default: UTC)"},
        {"through", OPTION_STRING, &request.through, "TIME",
         "import: how far to take what repeats with exceptions (default: two years)"},
        {"dry-run", OPTION_FLAG, &request.dry_run, NULL, "import: print the events, send nothing"},
        {"json", OPTION_FLAG, &request.json, NULL, "the answer as JSON"},
    };
    struct option_table table = {
        .usage =
            "maintenance add ID --service|--component NAME --start TIME --end TIME [--rrule RULE] "
            "[--zone NAME] [--reason TEXT] [--author NAME]\n"
            "       nines maintenance cancel ID\n"
            "       nines maintenance list [--json]\n"
            "       nines maintenance import FILE.ics|- [--services NAMES] [--zone NAME] "
            "[--dry-run]\n"
            "       nines maintenance export > FILE.ics",
        .about = "Announces maintenance windows, cancels and lists them, and takes them from "
                 "calendars and gives them\nto them (iCalendar). Answers come when they are "
                 "durable.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = request.operands,
        .operand_max = 2,
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    request.operand_count = table.operand_count;
    const struct deed *deed = find_deed(&request);
    if (deed == NULL) {
        terminal_complain("maintenance takes add or cancel and an id, list, import and a file, or "
                          "export; see nines maintenance --help");
        return EXIT_USAGE;
    }
    return deed->run(&request);
}
