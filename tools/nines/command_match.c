/* `nines match`: what the records of a log would be counted as, before anything is sent anywhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "evaluate/classify.h"
#include "nines/catalog_option.h"
#include "nines/command.h"
#include "nines/offline.h"
#include "nines/terminal.h"

/* Records of one service, as the default rule counts them. */
struct line {
    uint32_t service; /* name */
    uint64_t records;
    uint64_t good;
    uint64_t bad;
    uint64_t excluded;
    uint64_t out_of_scope;
    uint64_t other; /* incidents, states, ... */
};

struct summary {
    struct line *lines;
    uint32_t count;
};

struct examples {
    char details[REJECT_COUNT][192];
};

static struct line *line_of(struct summary *summary, uint32_t service)
{
    for (uint32_t i = 0; i < summary->count; i++) {
        if (summary->lines[i].service == service) {
            return &summary->lines[i];
        }
    }
    struct line *lines = realloc(summary->lines, (summary->count + 1) * sizeof(*lines));
    if (lines == NULL) {
        return NULL;
    }
    summary->lines = lines;
    lines[summary->count] = (struct line){.service = service};
    return &lines[summary->count++];
}

static void add_event(struct line *line, const struct event *event)
{
    line->records++;
    if (event->kind != EVENT_REQUEST) {
        line->other++;
        return;
    }
    struct class_counts counts = classify_plainly(event);
    if (counts.first == COUNTER_GOOD) {
        line->good += counts.first_count;
        line->bad += counts.second_count;
    } else if (counts.first == COUNTER_OUT_OF_SCOPE) {
        line->out_of_scope += counts.first_count;
    } else {
        line->excluded += counts.first_count;
    }
}

static bool summarize(const struct offline *offline, struct summary *summary)
{
    for (uint32_t i = 0; i < offline->batch_count; i++) {
        const struct batch *batch = offline->batches[i];
        for (uint32_t j = 0; j < batch->event_count; j++) {
            struct line *line = line_of(summary, batch->events[j].service);
            if (line == NULL) {
                return false;
            }
            add_event(line, &batch->events[j]);
        }
    }
    return true;
}

static void list_agreements(const struct agreement_set *set, struct text service,
                            struct text_buffer *out, bool json)
{
    bool first = true;
    for (uint32_t i = 0; i < set->agreement_count; i++) {
        const struct agreement *agreement = &set->agreements[i];
        for (uint32_t j = 0; j < agreement->service_count; j++) {
            if (text_is(service, agreement->services[j])) {
                text_buffer_string(out, first ? "" : json ? "," : ", ");
                if (json) {
                    text_buffer_json(out, text_from(agreement->name));
                } else {
                    text_buffer_string(out, agreement->name);
                }
                first = false;
            }
        }
    }
    if (first && !json) {
        text_buffer_string(out, "(unmatched: no agreement names it)");
    }
}

static void print_table(const struct agreement_set *set, const struct offline *offline,
                        const struct summary *summary, const struct examples *examples,
                        struct text_buffer *out)
{
    struct text_buffer shown;
    text_buffer_init(&shown);
    text_buffer_format(out, "%-28s %10s %10s %8s %8s %8s  %s\n", "SERVICE", "RECORDS", "GOOD",
                       "BAD", "EXCLUDED", "OTHER", "AGREEMENTS");
    for (uint32_t i = 0; i < summary->count; i++) {
        const struct line *line = &summary->lines[i];
        struct text service = name_text(offline->names, line->service);
        text_buffer_clear(&shown);
        text_buffer_string(&shown, "");
        terminal_escape(&shown, service);
        text_buffer_format(
            out, "%-28s %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "  ",
            shown.bytes, line->records, line->good, line->bad, line->excluded,
            line->other + line->out_of_scope);
        list_agreements(set, service, out, false);
        text_buffer_char(out, '\n');
    }
    text_buffer_fini(&shown);
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        if (offline->rejected[i] != 0) {
            text_buffer_format(out, "rejected %-20s %10" PRIu64 "  %s (first: %s)\n",
                               reject_word((enum reject)i), offline->rejected[i],
                               reject_text((enum reject)i), examples->details[i]);
        }
    }
    text_buffer_format(out, "%" PRIu64 " records read, %" PRIu64 " repeated ids\n",
                       offline->received, offline->duplicates);
}

static void print_json(const struct agreement_set *set, const struct offline *offline,
                       const struct summary *summary, const struct examples *examples,
                       struct text_buffer *out)
{
    text_buffer_format(out, "{\"received\":%" PRIu64 ",\"duplicates\":%" PRIu64 ",\"services\":[",
                       offline->received, offline->duplicates);
    for (uint32_t i = 0; i < summary->count; i++) {
        const struct line *line = &summary->lines[i];
        struct text service = name_text(offline->names, line->service);
        text_buffer_string(out, i == 0 ? "{\"service\":" : ",{\"service\":");
        text_buffer_json(out, service);
        text_buffer_format(out,
                           ",\"records\":%" PRIu64 ",\"good\":%" PRIu64 ",\"bad\":%" PRIu64
                           ",\"excluded\":%" PRIu64 ",\"out_of_scope\":%" PRIu64
                           ",\"other\":%" PRIu64 ",\"agreements\":[",
                           line->records, line->good, line->bad, line->excluded, line->out_of_scope,
                           line->other);
        list_agreements(set, service, out, true);
        text_buffer_string(out, "]}");
    }
    text_buffer_string(out, "],\"rejected\":{");
    bool first = true;
    for (uint32_t i = 0; i < REJECT_COUNT; i++) {
        if (offline->rejected[i] != 0) {
            text_buffer_format(out, "%s\"%s\":{\"count\":%" PRIu64 ",\"first\":", first ? "" : ",",
                               reject_word((enum reject)i), offline->rejected[i]);
            text_buffer_json(out, text_from(examples->details[i]));
            text_buffer_char(out, '}');
            first = false;
        }
    }
    text_buffer_string(out, "}}\n");
}

static void keep_example(void *context, const struct record *record, enum decode_result result,
                         enum reject reject, const char *detail)
{
    struct examples *examples = context;
    (void)record;
    if (result == DECODE_REJECT && examples->details[reject][0] == '\0') {
        snprintf(examples->details[reject], sizeof(examples->details[reject]), "%s", detail);
    }
}

static int match_files(const struct agreement_set *set, const struct option_list *files,
                       enum field_map map, bool json)
{
    static struct examples examples;
    struct offline offline;
    struct summary summary = {0};
    if (offline_open(&offline) != STATUS_OK) {
        terminal_complain("out of memory");
        return EXIT_FAILED;
    }
    int64_t now_ns = clock_realtime_ns(clock_system());
    int code = EXIT_OK;
    for (uint32_t i = 0; i < files->count && code == EXIT_OK; i++) {
        if (offline_read(&offline, files->values[i], map, &set->match, now_ns, keep_example,
                         &examples) != STATUS_OK) {
            terminal_complain("cannot read %s: %s", files->values[i],
                              offline.error != NULL ? offline.error : "out of memory");
            code = EXIT_FAILED;
        }
    }
    if (code == EXIT_OK && summarize(&offline, &summary)) {
        struct text_buffer out;
        text_buffer_init(&out);
        if (json) {
            print_json(set, &offline, &summary, &examples, &out);
        } else {
            print_table(set, &offline, &summary, &examples, &out);
        }
        terminal_print(&out);
        text_buffer_fini(&out);
    }
    free(summary.lines);
    offline_close(&offline);
    return code;
}

int command_match(int argc, char **argv)
{
    bool json = false;
    const char *map_word = NULL;
    struct option_list agreements = {0};
    struct option_list files = {0};
    const struct option_row rows[] = {
        {"agreements", OPTION_LIST, &agreements, "PATH", "file or folder; may be repeated"},
        {"map", OPTION_STRING, &map_word, "NAME",
         "field map: auto, nines, nginx-json, nginx-combined"},
        {"json", OPTION_FLAG, &json, NULL, "as JSON"},
    };
    struct option_table table = {
        .usage = "match [--agreements PATH]... [--map NAME] [--json] FILE...",
        .about = "Shows what the records of log files would be counted as: service by service, "
                 "with the\n"
                 "agreements they bear on, and what would be rejected and why. Nothing is sent.",
        .rows = rows,
        .count = sizeof(rows) / sizeof(rows[0]),
        .operands = files.values,
        .operand_max = sizeof(files.values) / sizeof(files.values[0]),
    };
    enum options_result result = options_read(&table, argc, argv);
    if (result != OPTIONS_OK) {
        return result == OPTIONS_HELP ? EXIT_OK : EXIT_USAGE;
    }
    files.count = table.operand_count;
    int map = map_word == NULL ? MAP_AUTO : field_map_from(text_from(map_word));
    if (files.count == 0 || map < 0) {
        terminal_complain("%s", files.count == 0 ? "match needs a file (or -)"
                                                 : "no such field map; see nines match --help");
        return EXIT_USAGE;
    }
    struct catalog *catalog = catalog_from_paths(&agreements);
    if (catalog == NULL) {
        return EXIT_FAILED;
    }
    int code = match_files(catalog_set(catalog), &files, (enum field_map)map, json);
    catalog_free(catalog);
    return code;
}
